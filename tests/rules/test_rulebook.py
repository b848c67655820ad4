"""The rulebook says the truth: every function imports, every test exists, and the database holds what it names."""

import ast
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from lms.dashboards.rulebook import RULES, defenders, entries

pytestmark = pytest.mark.alike

BUILT = {*range(1, 12), 18, 19, 20, 21, 22, 23, 24, 35, 37, 39, 40}


def test_there_are_forty_rules_and_those_of_later_steps_are_not_yet():
    assert [rule.number for rule in RULES] == list(range(1, 41))
    assert {rule.number for rule in RULES if rule.is_built} == BUILT
    assert {entry.number for entry in entries() if entry.status == "not yet"} == set(range(1, 41)) - BUILT
    assert all(rule.tests for rule in RULES if rule.is_built)


@pytest.mark.parametrize("path", sorted({path for rule in RULES for path in rule.functions}))
def test_each_function_imports(path: str):
    module, *names = path.split(".")
    found = __import__(module)
    for name in names:
        try:
            found = getattr(found, name)
        except AttributeError:
            module = f"{module}.{name}"
            found = __import__(module, fromlist=["_"])
            continue
        module = f"{module}.{name}"
    assert callable(found)
    assert found.__doc__
    assert len(found.__doc__) > 20


@pytest.mark.parametrize("test", sorted({test for rule in RULES for test in rule.tests}))
def test_each_test_exists(test: str):
    """That they also ran, and passed, is seen at the end of a whole run: `tests.rules_ran`."""
    file, name = test.split("::")
    tree = ast.parse((Path(settings.BASE_DIR) / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_database_defends_what_it_can():
    """Rules 11 and 19 compare dates and sums that stand in settings: the domain alone holds them; so 35, 37's reading
    rules and 40, whose trigger or constraint has a name of its own kind."""
    assert BUILT - set(defenders()) <= {11, 19, 35, 39, 40}


def test_the_command_prints_one_object_a_rule(capsys):
    call_command("rules")
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["number"] for row in printed] == list(range(1, 41))
    assert all(set(row) == {"number", "text", "status", "function", "database", "test"} for row in printed)
    assert all(row["test"] and row["function"] for row in printed if row["status"] == "built")
