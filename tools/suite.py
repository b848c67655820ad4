"""`make check` and `make test`: lint, types, import contracts, migrations, then the tests, engine by engine.

Every stage is run even when an earlier one failed; the summary at the end says which did, and pytest's own closing
lines come last.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools import clamav, pango
from tools.postgres import private_postgres
from tools.setup import PYTHON, ROOT, environment
from tools.system import Missing, install, say

STAGE_LIMIT = 1200.0  # seconds; a stage that hangs is ended and has failed
CLOSING = re.compile(r"^=+ .*\bin [\d.]+s.*=+$")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Stage:
    """One part of the run: its name, its command, its variables, whether a test may be skipped, and how it went."""

    name: str
    command: list[str]
    extra: dict[str, str] = field(default_factory=dict)
    skips: bool = True
    ok: bool = False
    seconds: float = 0.0
    closing: str = ""

    def run(self, scratch: Path) -> None:
        """Run the command, pass its output on, and remember pytest's closing line."""
        say(f"\n--- {self.name}")
        started = time.monotonic()
        process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**variables(scratch), **self.extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        limit = threading.Timer(STAGE_LIMIT, process.kill)
        limit.start()
        try:
            assert process.stdout
            for line in process.stdout:
                say(line.rstrip("\n"))
                if CLOSING.match(line.strip()):
                    self.closing = line.strip()
            self.ok = process.wait() == 0
            if not self.skips and " skipped" in self.closing:
                say(f"{self.name}: a skipped test is a failure here. What it needs can be installed.")
                self.ok = False
        finally:
            limit.cancel()
            if process.poll() is None:
                process.kill()
        self.seconds = time.monotonic() - started
        if self.seconds >= STAGE_LIMIT:
            say(f"{self.name}: ended after {STAGE_LIMIT:.0f} s.")


def variables(scratch: Path, database_url: str = "") -> dict[str, str]:
    """What a command of the tests finds in its environment."""
    found = {**environment(), "DJANGO_SETTINGS_MODULE": "lms.settings.test", "SENCO_VAR": str(scratch)}
    found.pop("DATABASE_URL", None)
    return {**found, "DATABASE_URL": database_url} if database_url else found


def module(*words: str) -> list[str]:
    """A command of .venv's Python: `python -m ...`."""
    return [str(PYTHON), "-m", *words]


def pytest(marks: str, *flags: str) -> list[str]:
    """pytest on the tests with these marks."""
    return module("pytest", "--color=no", "-m", marks, *flags)


def parallel(more: int = 0) -> list[str]:
    """As many pytest workers as cores, two at least, and `more`: many tests wait for a process that they started,
    journeys for a browser. One that has nothing left to do takes over what waits for another."""
    return ["-n", str(max(2, min(os.cpu_count() or 2, 8)) + more), "--dist", "worksteal"]


def static_stages() -> list[Stage]:
    """What needs no test to run: style, types, import direction, migrations that match the models."""
    return [
        Stage("Lint", module("ruff", "check")),
        Stage("Format", module("ruff", "format", "--check")),
        Stage("Types", module("mypy")),
        Stage("Import contracts", [str(PYTHON.parent / "lint-imports")]),
        Stage("Migrations", [str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"]),
    ]


def quick_stages() -> list[Stage]:
    """`make check`: under two minutes."""
    quick = pytest("not journeys and not postgres and not slow and not bench", *parallel())
    return [*static_stages(), Stage("Quick tests on SQLite", quick)]


def full_stages(database_url: str) -> list[Stage]:
    """`make test`: every test on SQLite, all for which the engine may matter on PostgreSQL too, the browser journeys
    once."""
    return [
        *static_stages(),
        Stage(
            "Tests on SQLite",
            pytest("not journeys and not postgres and not bench", *parallel(more=1)),
            {"SENCO_RULES_MUST_RUN": "1"},
        ),
        Stage(
            "Tests on PostgreSQL",
            pytest("not journeys and not alike and not bench", *parallel()),
            {"DATABASE_URL": database_url},
        ),
        Stage("Browser journeys", pytest("journeys and not bench", *parallel(more=1)), skips=False),
    ]


def find_browser() -> None:
    """Make sure of a browser for the journeys. Raises Missing: they are never skipped."""
    if not any(shutil.which(name) for name in BROWSERS):
        install("chromium", "The browser journeys need Chromium, and this machine has none.")


@contextmanager
def made_ready(scratch: Path, engines: Iterable[str]) -> Iterator[None]:
    """Meanwhile makes the databases that tests copy (tests.template), one for each address in `engines` ("" is SQLite):
    lint and types leave a core idle. A stage that comes too early waits for it, or makes it itself."""
    command = module("pytest", "-q", "-p", "no:cacheprovider", "tests/test_ground.py")
    null = subprocess.DEVNULL
    makers = [
        subprocess.Popen(command, cwd=ROOT, env=variables(scratch, url), stdin=null, stdout=null, stderr=null)
        for url in engines
    ]
    try:
        yield
    finally:
        for maker in makers:
            maker.kill()
            maker.wait()


def run(stages: list[Stage], engines: Iterable[str] = ()) -> int:
    """Run the stages and print the summary; 0 only when each went well. `engines`: see `made_ready`."""
    folder = tempfile.TemporaryDirectory(prefix="senco-tests-", ignore_cleanup_errors=True)
    with folder as name, made_ready(Path(name), engines):
        for stage in stages:
            stage.run(Path(name))
    say("\nSummary")
    for stage in stages:
        say(f"  {'ok    ' if stage.ok else 'FAILED'}  {stage.name:<24}{stage.seconds:6.0f} s")
    say(f"          {'in all':<24}{sum(stage.seconds for stage in stages):6.0f} s\n")
    for stage in stages:
        if stage.closing:
            say(f"{stage.name}:\n{stage.closing}")
    return 0 if all(stage.ok for stage in stages) else 1


def main(arguments: list[str]) -> int:
    """`check` for the quick part, anything else for all."""
    try:
        if arguments == ["check"]:
            return run(quick_stages())
        find_browser()
        clamav.fetch()
        pango.fetch()
        with private_postgres() as url:
            return run(full_stages(url), engines=("", url))
    except Missing as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
