"""Sees to it that a whole run has run, and passed, every test that the rulebook names (`manage.py rules`).

The suite's stage on SQLite sets SENCO_RULES_MUST_RUN; a run of some tests only is not asked.
"""

import os

import pytest

_passed: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remembers what has passed, on the controller, whichever worker ran it."""
    if report.when == "call" and report.passed:
        _passed.add(report.nodeid.split("[")[0])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test named by a rule that did not pass, or did not run, fails the run."""
    if "SENCO_RULES_MUST_RUN" not in os.environ or hasattr(session.config, "workerinput"):
        return
    from lms.dashboards.rulebook import RULES

    missing = sorted({test for rule in RULES for test in rule.tests} - _passed)
    if missing:
        print("\nTests that the rulebook names and that did not pass:", *missing, sep="\n  ")
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
