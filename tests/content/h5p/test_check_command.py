"""`manage.py h5p_check FILE…`: what is in packages, and whether they would be taken. Without the database: it writes
nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories.h5p import library, package

pytestmark = pytest.mark.alike
FACTS = {"file", "valid", "reasons", "main_library", "libraries"}


def check(capsys: Any, *files: Path) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and the object that is printed for each file."""
    code = 0
    try:
        call_command("h5p_check", *map(str, files))
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.h5p"
    path.write_bytes(package(libraries=[library(needs=["Test.Part 1.0"]), library("Test.Part 1.0", patchVersion=7)]))
    return path


def test_a_sound_package_is_described_and_ends_well(capsys, sound):
    code, (found,) = check(capsys, sound)
    assert (code, set(found)) == (0, FACTS)
    assert (found["file"], found["valid"], found["reasons"]) == (str(sound), True, [])
    assert found["main_library"] == "Test.Widget 1.0"
    assert "Test.Part 1.0.7" in json.dumps(found["libraries"])


def test_each_file_is_said_and_one_that_is_wrong_fails_the_whole(capsys, sound, tmp_path):
    broken, none = tmp_path / "broken.h5p", tmp_path / "none.h5p"
    broken.write_bytes(package(without=["content/content.json"]))
    code, found = check(capsys, sound, broken, none)
    assert code == 1
    assert [(one["file"], one["valid"]) for one in found] == [
        (str(sound), True), (str(broken), False), (str(none), False),
    ]  # fmt: skip
    assert all(set(one) == FACTS for one in found)
    assert found[1]["reasons"][0]["code"] == "no-content-json"
    assert found[2]["reasons"]


def test_it_writes_nothing(capsys, sound, tmp_path):
    before = {path: path.read_bytes() for path in tmp_path.rglob("*")}
    check(capsys, sound)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*")} == before
