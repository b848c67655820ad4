"""`make setup`: Python packages in .venv, the interface's assets, static files. Only what has changed is done."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tools import pango
from tools.system import Missing, install, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".stamps"
# One list for running and for developing: after `make run`, `make check` has nothing left to install, and the
# demonstration runs on the very packages that were tested.
REQUIREMENTS = ROOT / "requirements-dev.txt"
NODE_REQUIREMENTS = ROOT / "requirements-node.txt"
NODE_OLDEST = 18
BEAT = 10.0  # seconds without a word before saying that work goes on
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}


class Failed(Exception):
    """A step that did not work. The message is for a person."""


def environment() -> dict[str, str]:
    """The environment of every command: programs of .venv first, quiet pip, the demonstration's settings."""
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, **QUIET, "DJANGO_SETTINGS_MODULE": "lms.settings.demo", "PATH": path}


def work(command: Iterable[str | Path]) -> None:
    """Run one command, saying every ten seconds what it is at. Raises Failed with the end of its output."""
    words = [str(word) for word in command]
    lines: list[str] = []
    started = time.monotonic()
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout
        reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        while True:
            reader.join(BEAT)
            if not reader.is_alive():
                break
            latest = lines[-1].strip()[:90] if lines else "starting"
            say(f"      {time.monotonic() - started:3.0f} s  {latest}")
    if process.returncode:
        raise Failed(f"{' '.join(words[:4])} failed:\n{''.join(lines[-40:])}")


def digest(paths: Iterable[Path], *extra: str) -> str:
    """One value for the content of these files and folders, so that a change in any is seen."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            content = file.read_bytes() if file.is_file() else b"absent"
            total.update(f"{file.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def make_environment() -> None:
    """Create .venv, with the words to type when Debian has split venv from Python."""
    if environment_works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        install(package, "Python's venv module is not complete on this machine.")
    work([sys.executable, "-m", "venv", "--clear", VENV])


def environment_works() -> bool:
    """Whether .venv has a Python that starts and is new enough (it does not after the system's Python went away)."""
    if not PYTHON.exists():
        return False
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", test], capture_output=True, check=False).returncode == 0


def pip_install(requirements: Path) -> None:
    """Install a lock file: each package by its hash, none built here."""
    flags = ["--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"]
    work([PYTHON, "-m", "pip", "install", *flags, "-r", requirements])


def node_works() -> bool:
    """Whether a new enough node, with its npm, is in .venv or on the system."""
    path = environment()["PATH"]
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not node or not npm:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", version)
    return found is not None and int(found[1]) >= NODE_OLDEST


def find_node() -> None:
    """Make sure of node: the system's, else the one that PyPI carries, put into .venv."""
    if not node_works():
        pip_install(NODE_REQUIREMENTS)
        if not node_works():
            raise Missing("Node was installed into .venv but does not start. Install Node 18 or newer yourself.")


def build_assets() -> None:
    """Build the style sheets, scripts and fonts into static_build/."""
    work(["npm", "run", "build", "--silent"])
    if not (ROOT / "static_build").is_dir():
        raise Failed("npm run build ended well but made no static_build folder.")


def build_activities() -> None:
    """Make the course's interactive activities into packages, and look at each as the upload would."""
    work([PYTHON, "-m", "tools.build_h5p"])


def collect_static() -> None:
    """Gather every static file, ours and Wagtail's, under hashed names in static_root/."""
    shutil.rmtree(ROOT / "static_root", ignore_errors=True)
    work([PYTHON, "manage.py", "collectstatic", "--noinput", "--verbosity", "1"])


class Step:
    """One step of set-up: a name, the state it was last done for, and what it does."""

    def __init__(self, name: str, do: Callable[[], None], state: Callable[[], str], *makes: Path) -> None:
        self.name, self.do, self.state, self.makes = name, do, state, makes
        self.stamp = STAMPS / re.sub(r"\W+", "-", name.lower())

    def is_done(self) -> bool:
        """Whether its result is there and was made from what is there now."""
        if not all(path.exists() for path in self.makes) or not self.stamp.exists():
            return False
        return self.stamp.read_text() == self.state()

    def run(self) -> None:
        """Do it, and remember for which state."""
        self.do()
        STAMPS.mkdir(exist_ok=True)
        self.stamp.write_text(self.state())


def steps() -> list[Step]:
    """The seven steps, in order. Each state names everything its result depends on."""
    npm = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]
    sources = [*npm, ROOT / "assets", *sorted((ROOT / "tools").glob("build_assets*"))]
    packages = [ROOT / "content" / "h5p", ROOT / "courses" / "source" / "activities", ROOT / "tools" / "build_h5p.py"]
    modules, built, static = ROOT / "node_modules", ROOT / "static_build", ROOT / "static_root"
    return [
        Step("Python environment", make_environment, lambda: str(environment_works()), PYTHON),
        Step("Python packages", lambda: pip_install(REQUIREMENTS), lambda: digest([REQUIREMENTS, VENV / "pyvenv.cfg"])),
        Step("Node", find_node, lambda: str(node_works())),
        Step(
            "Interface packages",
            lambda: work(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
            lambda: digest(npm),
            modules / ".package-lock.json",
        ),
        Step("Interface assets", build_assets, lambda: digest([*sources, built]), built),
        Step("Activities", build_activities, lambda: digest(packages), ROOT / "var" / "h5p-packages"),
        Step("Static files", collect_static, lambda: digest([built, REQUIREMENTS]), static),
    ]


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two set-ups at once take turns."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Do every step that is not done for the present state of its inputs."""
    plan = steps()
    try:
        with alone():
            if all(step.is_done() for step in plan):
                say("Set-up: nothing has changed.")
                pango.note()
                return 0
            for number, step in enumerate(plan, 1):
                title = f"{number}/{len(plan)} {step.name}"
                if step.is_done():
                    say(f"{title}: ready")
                    continue
                say(f"{title} ...")
                started = time.monotonic()
                step.run()
                say(f"{title}: done, {time.monotonic() - started:.0f} s")
            pango.note()
    except (Missing, Failed) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped. Run it again to go on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
