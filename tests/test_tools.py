"""The tools behind `make`, and the settings that production refuses to start with."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.template import Template
from tools import run, setup, suite, system
from tools.postgres import free_port

pytestmark = pytest.mark.alike

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "DJANGO_SETTINGS_MODULE": "lms.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "DATABASE_URL": "postgres://pathway:pathway@127.0.0.1:5432/pathway",
    "ALLOWED_HOSTS": "pathway.example",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/1",
    "EVIDENCE_SCANNER": "none",
}


def manage(var: Path, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py in a process of its own, with only this environment; an empty value is left out."""
    given = {"PATH": os.environ["PATH"], "SENCO_VAR": str(var), **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={name: value for name, value in given.items() if value},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_production_settings_pass_every_deployment_check(tmp_path: Path):
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"SECRET_KEY": "demo"}, "SECRET_KEY must be a secret of your own"),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be a secret of your own"),
        ({"DEBUG": "1"}, "DEBUG is set"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"EVIDENCE_SCANNER": ""}, "EVIDENCE_SCANNER must be set"),
        ({"EVIDENCE_SCANNER": "clamd"}, "EVIDENCE_SCANNER must be set"),
        ({"REDIS_URL": ""}, "REDIS_URL and CELERY_BROKER_URL are not set"),
        ({"CELERY_BROKER_URL": ""}, "REDIS_URL and CELERY_BROKER_URL are not set"),
    ],
    ids=lambda value: "-".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else "",
)
def test_production_refuses_to_start_and_says_why(tmp_path: Path, changes: dict[str, str], message: str):
    if changes.get("SECRET_KEY") == "demo":
        from lms.settings import demo

        changes = {"SECRET_KEY": demo.SECRET_KEY}
    done = manage(tmp_path, "check", **changes)
    assert done.returncode != 0
    assert message in done.stderr


def test_set_up_sees_a_changed_a_new_and_a_missing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    folder, single = tmp_path / "assets", tmp_path / "package.json"
    folder.mkdir()
    seen = []
    for change in (
        lambda: single.write_text("one"),
        lambda: single.write_text("two"),
        lambda: (folder / "a.scss").write_text("a"),
        lambda: (folder / "a.scss").rename(folder / "b.scss"),
        single.unlink,
    ):
        change()
        seen.append(setup.digest([folder, single]))
    assert len(set(seen)) == 5
    assert setup.digest([folder, single]) == seen[-1]


def test_a_step_is_done_again_only_when_its_state_or_result_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    state, result, times = ["one"], tmp_path / "result", []

    def do() -> None:
        times.append(state[0])
        result.touch()

    def step() -> setup.Step:
        return setup.Step("A step", do, lambda: state[0], result)

    for prepare, expected in (
        (lambda: None, ["one"]),
        (lambda: None, ["one"]),
        (lambda: state.__setitem__(0, "two"), ["one", "two"]),
        (result.unlink, ["one", "two", "two"]),
    ):
        prepare()
        if not step().is_done():
            step().run()
        assert times == expected


def test_a_failing_command_is_reported_with_its_own_words():
    with pytest.raises(setup.Failed, match="no such package"):
        setup.work([sys.executable, "-c", "print('no such package'); raise SystemExit(1)"])


def test_set_up_says_what_to_install_where_venv_is_a_package_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(setup, "environment_works", lambda: False)
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(system, "administrator", lambda: None)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    with pytest.raises(system.Missing, match=f"sudo apt-get install {package}"):
        setup.make_environment()


def test_run_says_plainly_that_the_port_is_in_use(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        assert run.main() == 1
    assert "is in use by another program" in capsys.readouterr().out


PYTEST_SAYS = "print('=== 1 passed, 1 skipped in 0.10s ===')"


@pytest.mark.parametrize(
    ("script", "skips", "code"),
    [
        (PYTEST_SAYS, True, 0),
        (PYTEST_SAYS, False, 1),
        (f"{PYTEST_SAYS}; raise SystemExit(1)", True, 1),
        ("raise SystemExit(5)", True, 1),
    ],
    ids=["well", "skipped where none may be", "failed", "nothing collected"],
)
def test_the_run_goes_on_after_a_failure_and_ends_with_pytests_words(
    capsys: pytest.CaptureFixture[str], script: str, skips: bool, code: int
):
    stages = [
        suite.Stage("Journeys", [sys.executable, "-c", script], skips=skips),
        suite.Stage("Lint", [sys.executable, "-c", "print('looked')"]),
    ]
    assert suite.run(stages) == code
    said = capsys.readouterr().out
    assert "looked" in said
    assert ("FAILED  Journeys" in said) == bool(code)
    if "print" in script:
        assert said.strip().endswith("=== 1 passed, 1 skipped in 0.10s ===")


@pytest.mark.parametrize("port", ["eighty", "0", "65536"])
def test_run_refuses_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch, port: str):
    monkeypatch.setenv("PORT", port)
    assert run.main() == 1


def test_a_child_that_dies_is_started_again_later_each_time(capsys: pytest.CaptureFixture[str]):
    child = run.Child("worker", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))
    child.start()
    waits: list[int] = []
    for falls in (1, 2, 3):
        assert child.process is not None
        child.process.wait(20)
        child.look()
        assert child.falls == falls
        assert child.process is None
        waits.append(round(child.again_at - time.monotonic()))
        child.again_at = 0.0
        child.look()
    run.end([child])
    assert waits == [1, 2, 4]
    assert "The worker ended with code 3. Starting it again in 4 s." in capsys.readouterr().out


def test_ending_a_child_that_will_not_listen_kills_its_whole_group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(run, "GRACE", 0.5)
    pids = tmp_path / "pids"
    stubborn = (
        "import os, signal, time, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "other = os.fork()\n"
        f"if other: pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{other}}')\n"
        "time.sleep(60)\n"
    )
    child = run.Child("worker", [sys.executable, "-c", stubborn], dict(os.environ))
    child.start()
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 2, 20, "the child never started")
    run.end([child])
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
    for pid in map(int, pids.read_text().split()):
        wait_for(lambda pid=pid: not running(pid), 5, f"{pid} still runs")


@pytest.mark.postgres
def test_a_private_cluster_lives_as_long_as_its_command_and_keeps_the_exit_code(tmp_path: Path):
    script = (
        "import os, psycopg\n"
        "place, = psycopg.connect(os.environ['DATABASE_URL']).execute('SHOW data_directory').fetchone()\n"
        "print(place); raise SystemExit(7)\n"
    )
    command = [sys.executable, "tools/postgres.py", "--", sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 7, done.stderr
    place = Path(done.stdout.strip())
    assert place.name == "data"
    assert not place.parent.exists()


def wait_for(true: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Waits until something is true; fails with a sentence when it does not come."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, otherwise
        time.sleep(0.1)


def running(pid: int) -> bool:
    """Whether a process runs: one that has ended and waits for its parent to notice does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def descendants(pid: int) -> set[int]:
    """Every process below this one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


class Demonstration:
    """`make run`'s supervisor in a process of its own, and what it has said so far."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SENCO_TEST_BASE"}}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.run"],
            cwd=ROOT,
            env={**kept, "SENCO_VAR": str(var), "PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        assert self.process.stdout
        threading.Thread(target=self.lines.extend, args=(self.process.stdout,), daemon=True).start()

    def wait_for_line(self, words: str, seconds: float) -> None:
        wait_for(
            lambda: any(words in line for line in list(self.lines)) or self.process.poll() is not None,
            seconds,
            f"never said {words!r}:\n{''.join(self.lines)}",
        )
        assert self.process.poll() is None, "".join(self.lines)

    def child(self, words: str) -> int:
        """The process number of the child whose command line has these words."""
        for pid in sorted(descendants(self.process.pid)):
            with contextlib.suppress(OSError):
                if words in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                    return pid
        return 0


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Callable[[], Demonstration]]:
    started: list[Demonstration] = []

    def start() -> Demonstration:
        started.append(Demonstration(tmp_path / "var"))
        return started[-1]

    yield start
    for one in started:
        left = descendants(one.process.pid)
        for pid in {one.process.pid, *left} if one.process.poll() is None else left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        one.process.wait(10)


@pytest.mark.journeys
def test_run_is_ready_survives_a_killed_worker_and_leaves_no_child(
    demonstration: Callable[[], Demonstration], tmp_path: Path, db: None
):
    (tmp_path / "var").mkdir()
    Template().copy_to(tmp_path / "var" / "senco.sqlite3")  # has the course, and no people yet
    first = demonstration()
    first.wait_for_line("is ready: http://127.0.0.1:", 240)
    with urllib.request.urlopen(f"http://127.0.0.1:{first.port}/health/ready", timeout=10) as answer:
        assert answer.status == 200

    worker = first.child("lms.celery worker")
    assert worker
    os.kill(worker, signal.SIGKILL)
    first.wait_for_line("The worker was killed by signal 9. Starting it again", 20)
    wait_for(lambda: first.child("lms.celery worker") not in {0, worker}, 20, "no new worker")

    left = descendants(first.process.pid)
    assert len(left) >= 5  # gunicorn with its workers, the worker with its pool, beat
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(30) == 0
    assert [pid for pid in left if running(pid)] == []

    second = demonstration()
    began = time.monotonic()
    second.wait_for_line("is ready: http://127.0.0.1:", 60)
    print(f"second start: {time.monotonic() - began:.1f} s")
    assert any("People and their work: done" in line for line in first.lines)
    assert not any("People and their work" in line for line in second.lines)
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(30) == 0


def test_a_make_started_in_the_background_of_a_script_is_not_taken_for_interrupted(tmp_path: Path) -> None:
    """Such a shell lets its background jobs ignore SIGINT: make then catches none, and nobody has sent one."""
    (tmp_path / "Makefile").write_text("wait:\n\t@sleep 30 && true\n")
    script = "trap '' INT; exec make wait"
    make = subprocess.Popen(["sh", "-c", script], cwd=tmp_path, start_new_session=True)
    try:
        for _ in range(100):
            if Path(f"/proc/{make.pid}/comm").read_text().strip() == "make":
                break
            time.sleep(0.05)
        time.sleep(0.2)
        assert Path(f"/proc/{make.pid}/comm").read_text().strip() == "make"
        assert not run.interrupted(make.pid)
    finally:
        os.killpg(make.pid, signal.SIGKILL)
        make.wait()
