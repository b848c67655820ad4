"""Reading a lesson's source file: each error is named, and no word is lost."""

import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from content.sanitiser import sanitise
from courses.pages.source import html_of, parse, read_pages
from courses.pages.source_boxes import BOXES, KEYED, blocks_of
from lms.common.errors import Refused

pytestmark = pytest.mark.alike

FRONT = {
    "slug": "first-steps", "unit": '"1"', "kind": "lesson", "title": "First steps", "summary": "What to do first.",
    "minutes": "9",
    "teaches": '["1.1", "1.2.a"]', "references": '[{title: "Act", url: "https://x.example"}]',
}  # fmt: skip


def file(body: str = "Hello.\n", **changes: str | None) -> str:
    """A source file; None leaves a line out."""
    lines = [f"{key}: {value}" for key, value in {**FRONT, **changes}.items() if value is not None]
    return "\n".join(["---", *lines, "---", body])


def test_a_file_is_read_as_it_stands():
    page = parse(file("Hello *you*.\n\n:::key Remember\nOne thing.\n:::\n"))
    assert (page.slug, page.unit, page.is_task, page.title) == ("first-steps", "1", False, "First steps")
    assert (page.summary, page.minutes) == ("What to do first.", 9)
    assert page.uses == {"teaches": ["1.1", "1.2.a"], "practises": [], "assesses": []}
    assert page.references == [{"title": "Act", "url": "https://x.example"}]
    assert [(block["type"], block["value"]) for block in page.body] == [
        ("text", "<p>Hello <em>you</em>.</p>"),
        ("key_point", {"title": "Remember", "text": "<p>One thing.</p>"}),
    ]
    reworded = parse(file("Hi!\n\n:::key Remember\nTwo.\n:::\n"))
    assert [block["id"] for block in page.body] == [block["id"] for block in reworded.body]
    assert parse(file(kind="task")).is_task
    assert parse(file(references=None, teaches=None)).references == []


def test_the_digest_changes_with_any_change_and_with_none_not():
    assert parse(file()).digest == parse(file()).digest
    assert len({parse(text).digest for text in (file(), file("Hello!\n"), file(title="Other"))}) == 3


def test_a_number_that_names_a_unit_or_criterion_stays_a_text():
    page = parse(file(unit="2", teaches="[2.1, 2.10]"))
    assert page.unit == "2"
    assert page.uses["teaches"][0] == "2.1"


ERRORS: dict[str, tuple[str, str]] = {
    "no front matter": ("Hello.\n", "no front matter"),
    "nothing": ("", "no front matter"),
    "front matter that does not end": ("---\nslug: x\nkind: lesson\n", "no front matter"),
    "front matter after a line": ("\n" + file(), "no front matter"),
    "empty front matter": ("---\n\n---\nHello.\n", "front matter"),
    "front matter that is a list": ("---\n- a\n- b\n---\nHello.\n", "front matter"),
    "a bad kind": (file(kind="quiz"), "kind is 'quiz', not one of lesson, opening"),
    "no kind": (file(kind=None), "kind"),
    "no slug": (file(slug=None), "slug"),
    "no title": (file(title=None), "title"),
    "no summary": (file(summary=None), "summary"),
    "no unit": (file(unit=None), "unit"),
    "no minutes": (file(minutes=None), "minutes"),
    "minutes that are no number": (file(minutes="soon"), "soon"),
    "an unknown box": (file(":::secret\nx\n:::\n"), "line not understood: ':::secret'"),
    "a box that is not closed": (file(":::key Title\nx\n"), "the box key is not closed"),
    "a box in a box": (file(":::key One\n:::example Two\n:::\n:::\n"), "line not understood: ':::example Two'"),
    "a box closed twice": (file(":::key One\nx\n:::\n:::\n"), "line not understood: ':::'"),
    "a closing without an opening": (file("x\n:::\ny\n"), "line not understood: ':::'"),
    "four colons": (file("::::key One\nx\n:::\n"), "line not understood: '::::key One'"),
    "a space after the colons": (file("::: key One\nx\n:::\n"), "line not understood: '::: key One'"),
}  # fmt: skip


@pytest.mark.parametrize("what", ERRORS)
def test_each_error_is_named(what: str):
    text, message = ERRORS[what]
    with pytest.raises((ValueError, KeyError)) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course of one's own."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "tasks").mkdir()
    return tmp_path


@pytest.mark.parametrize("what", ERRORS)
def test_reading_all_files_names_the_one_that_is_wrong(folder: Path, what: str):
    text, message = ERRORS[what]
    (folder / "lessons" / "01-good.md").write_text(file(slug="good"), encoding="utf-8")
    (folder / "lessons" / "02-bad.md").write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"02-bad\.md: ") as caught:
        read_pages(folder)
    assert message in caught.value.message


def test_front_matter_that_is_no_yaml_names_its_file(folder: Path):
    (folder / "tasks" / "01-bad.md").write_text(file(title='"unclosed'), encoding="utf-8")
    with pytest.raises(Refused, match=r"01-bad\.md: "):
        read_pages(folder)


def test_a_slug_used_twice_is_refused_with_its_file(folder: Path):
    for name in ("lessons/01-a.md", "tasks/01-b.md"):
        (folder / name).write_text(file(slug="same"), encoding="utf-8")
    with pytest.raises(Refused, match=r"01-b\.md: the slug same is used twice"):
        read_pages(folder)


def test_files_with_windows_line_ends_read_the_same(folder: Path):
    (folder / "lessons" / "a.md").write_bytes(file(":::key T\nx\n:::\n").replace("\n", "\r\n").encode())
    assert read_pages(folder)["first-steps"].body[0]["value"] == {"title": "T", "text": "<p>x</p>"}


def test_html_in_a_source_file_is_words():
    found = html_of(
        'Hello <script>alert(1)</script> <b onclick="x">you</b> [here](javascript:x) [there](https://x.example)'
    )
    assert "<script" not in found
    assert "<b" not in found
    assert BeautifulSoup(found, "html.parser").get_text() == (
        'Hello <script>alert(1)</script> <b onclick="x">you</b> [here](javascript:x) there'
    )
    assert found.count("href") == 1


# No word is lost

TITLED = ["key", "example", "callout", "activity", "quote"]  # boxes of words; the others are facts in YAML
WORD = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzéß"), min_size=1, max_size=8)
LINE = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
STYLED = st.one_of(
    LINE,
    LINE.map(lambda line: f"**{line}**"),
    LINE.map(lambda line: f"*{line}*"),
    LINE.map(lambda line: f"`{line}`"),
    LINE.map(lambda line: f"[{line}](https://a.example/)"),
    LINE.map(lambda line: f"- {line}"),
    LINE.map(lambda line: f"1. {line}"),
    LINE.map(lambda line: f"## {line}"),
    LINE.map(lambda line: f"##### {line}"),
    LINE.map(lambda line: f"> {line}"),
    LINE.map(lambda line: f"    {line}"),
    LINE.map(lambda line: f"<b>{line}</b>"),
    st.just(""),
)
PARAGRAPHS = st.lists(STYLED, max_size=6).map("\n".join)
PART = st.one_of(
    PARAGRAPHS.map(lambda text: ("text", "", text)),
    st.tuples(st.sampled_from(TITLED), st.one_of(st.just(""), LINE), PARAGRAPHS),
)


def write(parts: list[tuple[str, str, str]]) -> str:
    return "\n".join(text if kind == "text" else f":::{kind} {title}\n{text}\n:::" for kind, title, text in parts)


def words_of(blocks: list[dict[str, Any]]) -> list[str]:
    found = []
    for block in blocks:
        value = block["value"]
        parts = [value] if isinstance(value, str) else [value.get("title", ""), value["text"], value.get("source", "")]
        for part in parts:
            found += re.findall(r"[a-zéß]+", BeautifulSoup(part, "html.parser").get_text(" "))
    return found


@given(parts=st.lists(PART, max_size=6))
def test_no_word_is_lost_or_moved_between_the_boxes(parts: list[tuple[str, str, str]]):
    numbered = [(kind, f"{title} {'x' * number}".strip(), text) for number, (kind, title, text) in enumerate(parts)]
    text = write(numbered)
    blocks = blocks_of(text, "some-page")
    wanted = []
    for line in text.replace("https://a.example/", "").splitlines():
        wanted += re.findall(r"[a-zéß]+", re.sub(r"^:::\w*", "", line))
    assert sorted(words_of(blocks)) == sorted(wanted)
    boxes = [BOXES[kind][0] for kind, _, _ in parts if kind != "text"]
    assert [block["type"] for block in blocks if block["type"] != "text"] == boxes
    assert len({block["id"] for block in blocks}) == len(blocks)
    for block in blocks:
        html = block["value"] if isinstance(block["value"], str) else block["value"]["text"]
        assert sanitise(html) == html


def test_two_boxes_of_one_name_are_refused():
    """Answers are kept under a box's name: it must be its own."""
    box = ":::reflect why\nHm?\n:::\n"
    assert "reflect" in KEYED
    with pytest.raises(ValueError, match="two boxes are called reflection-why"):
        blocks_of(box + box, "some-page")
