"""Blocks: rich text passes the sanitiser whenever it is saved, and each block is readable without JavaScript."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.utils.html import escape
from wagtail.blocks import StreamValue
from wagtail.rich_text import RichText

from content.blocks import BodyBlock, SafeRichTextBlock, TitledBlock
from courses.pages.models import CoursePage, UnitPage

HOSTILE = '<p onclick="x()">Hello <script>x()</script><a href="javascript:x()">you</a> <iframe src="/x"></iframe></p>'
HARMLESS = "<p>Hello <a>you</a> </p>"


def test_cleaning_rich_text_sanitises_it():
    found = SafeRichTextBlock().clean(RichText(HOSTILE))
    assert isinstance(found, RichText)
    assert found.source == HARMLESS


def test_cleaning_leaves_harmless_text_as_it_is():
    html = '<p>See <a linktype="page" id="3">the lesson</a> and <b>try</b> it.</p>'
    assert SafeRichTextBlock().clean(RichText(html)).source == html


def test_an_empty_text_is_still_asked_for():
    with pytest.raises(ValidationError):
        SafeRichTextBlock().clean(RichText(""))


def test_a_draft_is_sanitised_too_though_nothing_is_asked_for_yet():
    """Wagtail saves a draft with what is required put off: the sanitiser is not."""
    block = SafeRichTextBlock()
    block.defer_required_validation()
    assert block.clean(RichText(HOSTILE)).source == HARMLESS
    assert block.clean(RichText("")).source == ""


def body(*blocks: tuple[str, Any]) -> StreamValue:
    """A lesson's body as an import would hand it over."""
    return BodyBlock().to_python([{"type": kind, "value": value} for kind, value in blocks])


EVERY_BLOCK = {
    "text": HOSTILE,
    "key_point": {"title": "Title", "text": HOSTILE},
    "example": {"title": "Title", "text": HOSTILE},
    "activity": {"title": "Title", "text": HOSTILE},
    "reflection": HOSTILE,
    "quotation": {"text": HOSTILE, "source": "Ann"},
}


def test_this_file_knows_every_block():
    assert list(BodyBlock().child_blocks) == list(EVERY_BLOCK)


@pytest.mark.parametrize("kind", EVERY_BLOCK)
def test_the_rich_text_of_every_block_is_sanitised_when_a_page_is_saved(kind: str):
    (child,) = BodyBlock().clean(body((kind, EVERY_BLOCK[kind])))
    rich = child.value if isinstance(child.value, RichText) else child.value["text"]
    assert rich.source == HARMLESS


@pytest.mark.parametrize("kind", EVERY_BLOCK)
def test_every_rich_text_field_of_a_block_is_the_safe_kind(kind: str):
    def leaves(block: Any) -> list[Any]:
        inner = getattr(block, "child_blocks", {})
        return [leaf for child in inner.values() for leaf in leaves(child)] if inner else [block]

    rich = [leaf for leaf in leaves(BodyBlock().child_blocks[kind]) if "RichText" in type(leaf).__name__]
    assert rich
    assert {type(leaf) for leaf in rich} == {SafeRichTextBlock}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", EVERY_BLOCK)
def test_every_block_is_shown_with_its_words_and_nothing_inline(kind: str):
    words = '<b>"it" & they</b>'
    value = EVERY_BLOCK[kind]
    if isinstance(value, dict):
        value = {name: words if name in ("title", "source") else "<p>A text.</p>" for name in value}
    else:
        value = "<p>A text.</p>"
    (child,) = body((kind, value))
    html = child.render({})
    tree = BeautifulSoup(html, "html.parser")
    assert "A text." in tree.get_text()
    assert (words in tree.get_text()) == isinstance(value, dict)
    assert (escape(words) in html) == isinstance(value, dict)
    assert not tree(["script", "style", "iframe"])
    assert not [name for tag in tree(True) for name in tag.attrs if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("length", [120, 121])
def test_the_title_of_a_box_has_its_limit(length: int):
    value = TitledBlock().to_python({"title": "x" * length, "text": "<p>x</p>"})
    if length <= 120:
        TitledBlock().clean(value)
    else:
        with pytest.raises(ValidationError):
            TitledBlock().clean(value)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [CoursePage, UnitPage])
def test_the_introduction_of_a_course_and_a_unit_is_sanitised_too(model: Any):
    page = model(title="T", slug="t", introduction=HOSTILE)
    page.clean()
    assert page.introduction == HARMLESS
