"""Our own content types as packages: sound by our own intake, the same bytes each time, and with nothing that a player
could miss."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from content.h5p import own
from content.h5p.package import read_package
from courses.pages.source import SOURCE, read_pages
from courses.pages.source_activities import read_activities
from lms.common.errors import Refused
from tools.build_h5p import build
from tools.reading import lines_of, uk_year

pytestmark = pytest.mark.alike
COURSE = read_activities(SOURCE)


@pytest.mark.parametrize("name", sorted(COURSE))
def test_each_activity_of_the_course_is_a_sound_package(name: str, tmp_path: Path):
    data = COURSE[name].package()
    assert data == COURSE[name].package(), "the same bytes each time"
    path = tmp_path / f"{name}.h5p"
    path.write_bytes(data)
    package = read_package(path)
    assert package.reasons == []
    assert package.title == COURSE[name].title
    assert package.main is not None
    assert package.main[1:] == (1, 1)
    assert package.content == COURSE[name].content, "nothing of its texts was taken out"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [one for one in archive.namelist() if one.endswith("/")]


@pytest.mark.parametrize("machine_name", own.machine_names())
def test_a_type_is_one_script_and_one_style_with_every_mark_filled_in(machine_name: str):
    files = own.library_files(machine_name)
    said = json.loads(files["library.json"])
    script, style = files[said["preloadedJs"][0]["path"]], files[said["preloadedCss"][0]["path"]]
    assert (len(said["preloadedJs"]), len(said["preloadedCss"])) == (1, 1)
    assert "preloadedDependencies" not in said
    assert not re.search(r"//= |/\*= ", script + style)
    assert not re.search(r"\bclass [A-Z]|\bimport\b.*from|https?://(?!adlnet|www\.w3\.org)", script)
    used = set(re.findall(r"\bwords\.(\w+)", script))
    assert used <= set(own.words(files["semantics.json"]))
    for wanted in ("setActivityStarted", "getCurrentState", "getScore", "getMaxScore", "getAnswerGiven", "resetTask",
                   "showSolutions", "getXAPIData"):  # fmt: skip
        assert wanted in script


def _fields(semantics: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in semantics}


def _follows(value: Any, field: dict[str, Any]) -> None:
    match field["type"]:
        case "group":
            inner = _fields(field["fields"])
            assert value.keys() <= inner.keys()
            for name, one in value.items():
                _follows(one, inner[name])
        case "list":
            assert field.get("min", 0) <= len(value) <= field.get("max", 10_000)
            for one in value:
                _follows(one, field["field"])
        case "select":
            assert value in [one["value"] for one in field["options"]]
        case "number":
            assert field["min"] <= value <= field["max"]
        case "boolean":
            assert isinstance(value, bool)
        case _:
            assert len(value) <= field.get("maxLength", 100_000)
            assert set(re.findall(r"<(\w+)", value)) <= set(field.get("tags", []))


@pytest.mark.parametrize("name", sorted(COURSE))
def test_its_content_is_as_the_semantics_describe_it(name: str):
    semantics = json.loads(own.library_files(COURSE[name].machine_name)["semantics.json"])
    _follows(COURSE[name].content, {"type": "group", "fields": semantics})


def test_each_type_is_used_in_two_lessons_or_more_and_nothing_is_left_over():
    shown = [block["value"]["activity"] for page in read_pages().values() for block in page.body
             if block["type"] == "h5p"]  # fmt: skip
    assert sorted(shown) == sorted(COURSE)
    uses = [COURSE[name].machine_name for name in shown]
    assert {name: uses.count(name) >= 2 for name in own.machine_names()} == dict.fromkeys(own.machine_names(), True)


def test_their_words_read_for_year_9_and_are_nowhere_else():
    years = {name: uk_year(lines_of(one.in_words)) for name, one in COURSE.items()}
    assert {name: year for name, year in years.items() if year > 9} == {}
    elsewhere = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("*s/*.md"))
    for one in COURSE.values():
        for line in lines_of(one.in_words):
            assert len(line) < 60 or line not in elsewhere


def test_the_same_in_words_says_everything():
    for one in COURSE.values():
        texts = [o["text"] for q in one.content.get("questions", []) for o in q["options"]]
        texts += [step["text"] for step in one.content.get("steps", [])]
        said = "\n".join(lines_of(one.in_words))
        assert [text for text in texts if text not in said] == []


@pytest.mark.parametrize(("text", "why"), [
    ("type: quiz\ntitle: x", "type is"),
    ("type: order-steps\ntitle: x\ntask: y\nsteps: [{text: a, why: b}]", "two steps or more"),
    ("type: order-steps\ntitle: x\ntask: y\nsteps: [{text: a, why: b}, {text: a, why: c}]", "words of its own"),
    ("type: question-set\ntitle: x\nquestions: [{question: q, options: [{text: a, feedback: b}]}]", "0 right options"),
    ("type: question-set\ntitle: x\nquestions: [{question: q, options: [{text: a, right: true}]}]", "feedback"),
    ("- a list", "activity.yaml"),
])  # fmt: skip
def test_a_source_that_cannot_work_is_refused_with_the_name_of_its_file(text: str, why: str, tmp_path: Path):
    (tmp_path / "activities").mkdir()
    (tmp_path / "activities" / "activity.yaml").write_text(text)
    with pytest.raises(Refused) as refused:
        read_activities(tmp_path)
    assert "activity.yaml" in refused.value.message
    assert why in refused.value.message


def test_a_type_that_there_is_not():
    with pytest.raises(FileNotFoundError):
        own.package("SencoPathway.Nothing", {}, title="x")


def test_set_up_writes_what_has_changed_and_takes_away_what_is_gone(tmp_path: Path):
    (tmp_path / "older.h5p").write_bytes(b"x")
    made = build(tmp_path)
    assert sorted(path.stem for path in made) == sorted(COURSE)
    assert not (tmp_path / "older.h5p").exists()
    times = [path.stat().st_mtime_ns for path in made]
    assert [path.stat().st_mtime_ns for path in build(tmp_path)] == times
