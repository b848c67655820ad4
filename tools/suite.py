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
from dataclasses import dataclass, field
from pathlib import Path

from tools import clamav, pango
from tools.postgres import private_postgres
from tools.setup import PYTHON, ROOT, environment
from tools.system import Missing, install, say

STAGE_LIMIT = 900.0  # seconds; a stage that hangs is ended and has failed
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
        variables = {**environment(), "DJANGO_SETTINGS_MODULE": "lms.settings.test", "SENCO_VAR": str(scratch)}
        if "DATABASE_URL" not in self.extra:
            variables.pop("DATABASE_URL", None)
        process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**variables, **self.extra},
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


def module(*words: str) -> list[str]:
    """A command of .venv's Python: `python -m ...`."""
    return [str(PYTHON), "-m", *words]


def pytest(marks: str, *flags: str) -> list[str]:
    """pytest on the tests with these marks."""
    return module("pytest", "--color=no", "-m", marks, *flags)


def parallel() -> list[str]:
    """As many pytest workers as cores, two at least: tests often wait for the database. One that has nothing left to do
    takes over what waits for another."""
    return ["-n", str(max(2, min(os.cpu_count() or 2, 8))), "--dist", "worksteal"]


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
    """`make test`: every test on both engines, the browser journeys once."""
    return [
        *static_stages(),
        Stage(
            "Tests on SQLite",
            pytest("not journeys and not postgres and not bench", *parallel()),
            {"SENCO_RULES_MUST_RUN": "1"},
        ),
        Stage(
            "Tests on PostgreSQL",
            pytest("not journeys and not alike and not bench", *parallel()),
            {"DATABASE_URL": database_url},
        ),
        Stage("Browser journeys", pytest("journeys and not bench", *parallel()), skips=False),
    ]


def find_browser() -> None:
    """Make sure of a browser for the journeys. Raises Missing: they are never skipped."""
    if not any(shutil.which(name) for name in BROWSERS):
        install("chromium", "The browser journeys need Chromium, and this machine has none.")


def run(stages: list[Stage]) -> int:
    """Run the stages and print the summary; 0 only when each went well."""
    for stage in stages:
        with tempfile.TemporaryDirectory(prefix="senco-tests-", ignore_cleanup_errors=True) as scratch:
            stage.run(Path(scratch))
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
            return run(full_stages(url))
    except Missing as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
