"""Whichever way rich text comes in, it passes the sanitiser: every field and every block that holds any."""

from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import models
from hypothesis import given, settings
from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField

from content.blocks import BodyBlock
from content.checks import OUR_APPS, unsafe_parts, walk
from content.fields import SafeRichTextBlock, SafeRichTextField, SafeStreamBlock
from courses.pages.load import _Names, _study_page
from courses.pages.models import CoursePage, LessonPage, UnitPage
from courses.pages.source import SourcePage, parse
from courses.pages.source_boxes import BOXES, blocks_of
from tests.content.filling import every_block, filled, rich_texts
from tests.content.test_sanitiser import HOSTILE, MARKUP, check_harmless

pytestmark = pytest.mark.alike
ALL_AT_ONCE = "".join(HOSTILE.values())
FIELDS = [
    field
    for label in OUR_APPS
    for model in apps.get_app_config(label).get_models()
    for field in model._meta.local_fields
    if isinstance(field, RichTextField)
]
STREAMS = [
    field
    for label in OUR_APPS
    for model in apps.get_app_config(label).get_models()
    for field in model._meta.local_fields
    if isinstance(field, StreamField)
]


def harmless(texts: Any) -> int:
    """Checks all; says how many there were."""
    found = list(texts)
    for text in found:
        check_harmless(text)
    return len(found)


# Fields


def test_there_are_fields_and_streams_to_look_at():
    assert len(FIELDS) >= 5
    assert len(STREAMS) >= 3
    assert all(isinstance(field, SafeRichTextField) for field in FIELDS)


@pytest.mark.django_db
@settings(max_examples=40)
@given(html=MARKUP)
def test_a_field_is_harmless_however_it_is_written(html: str):
    """Cleaned by a form, saved, written in bulk or by an update, kept in a revision: every field of every model."""
    for field in FIELDS:
        row = field.model(**{field.attname: html})
        written = [field.get_prep_value(html), field.value_from_object(row), field.pre_save(row, True)]
        written.append(getattr(row, field.attname))
        if html.strip():
            written.append(field.clean(html, row))
        assert harmless(written) >= 4


@pytest.mark.django_db
def test_a_row_is_harmless_in_the_database_whichever_way_it_was_written():
    course = CoursePage.objects.get()

    def stored() -> str:
        return str(CoursePage.objects.values_list("introduction", flat=True).get(pk=course.pk))

    course.introduction = ALL_AT_ONCE
    assert check_harmless(course.save_revision().content["introduction"]) is None
    course.save()
    check_harmless(stored())
    assert course.introduction == stored()
    UnitPage.objects.update(introduction=ALL_AT_ONCE)
    assert harmless(UnitPage.objects.values_list("introduction", flat=True)) >= 4
    course.introduction = ALL_AT_ONCE
    CoursePage.objects.bulk_update([course], ["introduction"])
    check_harmless(stored())


# Blocks


@pytest.mark.django_db
@settings(max_examples=20)
@given(html=MARKUP)
def test_every_block_is_harmless_when_it_is_stored_and_when_it_is_shown(html: str):
    for stream in {type(field.stream_block): field.stream_block for field in STREAMS}.values():
        raw = [one for one in every_block(rich=html) if one["type"] in stream.child_blocks]
        assert harmless(rich_texts(stream, stream.get_prep_value(stream.to_python(raw)))) > 20
        for child in stream.to_python(raw):  # read and never stored again
            harmless(rich_texts(child.block, child.block.get_prep_value(child.value)))


@settings(max_examples=40)
@given(html=MARKUP)
def test_a_rich_text_block_is_harmless_when_a_form_is_cleaned(html: str):
    block, html = SafeRichTextBlock(required=False), html.replace("\0", "")  # a form takes no null at all
    check_harmless(block.clean(block.value_from_form(html)).source)
    check_harmless(block.to_python(html).source)


@pytest.mark.django_db
def test_a_body_written_as_raw_data_is_read_before_it_is_stored():
    """Wagtail stores raw data that nobody looked at as it came."""
    page = LessonPage.objects.first()
    page.body = every_block(rich=ALL_AT_ONCE)
    page.save()
    stored = LessonPage.objects.get(pk=page.pk).body.raw_data
    assert harmless(rich_texts(BodyBlock(), list(stored))) > 20
    page.save_revision()
    assert harmless(rich_texts(BodyBlock(), list(page.get_latest_revision_as_object().body.raw_data))) > 20


# Imports


@pytest.mark.django_db
def test_an_import_is_harmless():
    unit = UnitPage.objects.first()
    course = CoursePage.objects.get()
    codes = ("words", "law", "reflection", "draft", "h5p")  # they name rows, criteria and files
    body = [one for one in every_block(rich=ALL_AT_ONCE) if one["type"] not in codes]
    source = SourcePage(
        slug="hostile", unit="1", kind="lesson", title="<script>x()</script>", summary="<b>x</b>", minutes=3, uses={},
        references=[], checked_by="", checked_on=None, digest="0", body=body,
    )  # fmt: skip
    _study_page(unit, source, _Names(course.qualification), after="")
    page = LessonPage.objects.get(slug="hostile")
    assert page.live
    assert harmless(rich_texts(BodyBlock(), list(page.body.raw_data))) > 15


@settings(max_examples=40)
@given(html=MARKUP)
def test_a_source_file_is_harmless(html: str):
    line = " ".join(html.split())
    for box in ("key", "example", "callout", "quote", "activity", "reflect", "draft", "accordion"):
        assert box in BOXES
        inner = f"### Part\n{line}" if box == "accordion" else line
        opening = f":::{box} a-key" if box in ("reflect", "draft") else f":::{box} Title"
        harmless(rich_texts(BodyBlock(), blocks_of(f"{line}\n\n{opening}\n{inner}\n:::", "page")))


@pytest.mark.parametrize("address", ["javascript:x()", "data:text/html,x", "http://a.example", "//a.example"])
def test_a_source_that_leads_somewhere_bad_is_named(address: str):
    head = "slug: a\nunit: '1'\nkind: lesson\ntitle: T\nsummary: S\nminutes: 3"
    with pytest.raises(ValueError, match="no address to lead readers to"):
        parse(f"---\n{head}\nreferences: [{{title: T, url: '{address}'}}]\n---\nHello.\n")


# The system check

STRUCT = blocks.StructBlock([("b", blocks.ListBlock(blocks.RichTextBlock()))])


def test_nothing_of_ours_escapes_the_check():
    assert [error for error in run_checks() if error.id == "content.E001"] == []


@pytest.mark.parametrize(
    ("block", "path"),
    [
        (SafeStreamBlock([("a", blocks.RichTextBlock())]), "body.a"),
        (SafeStreamBlock([("a", blocks.RawHTMLBlock())]), "body.a"),
        (SafeStreamBlock([("a", EmbedBlock())]), "body.a"),
        (SafeStreamBlock([("a", STRUCT)]), "body.a.b.item"),
        (SafeStreamBlock([("a", blocks.StreamBlock([("b", SafeRichTextBlock())]))]), "body.a"),
        (blocks.StreamBlock([("a", SafeRichTextBlock())]), "body"),
    ],
)  # fmt: skip
def test_a_block_that_escapes_the_sanitiser_fails_the_check(block: Any, path: str):
    field = StreamField(block)
    field.name = "body"
    assert [found for found, _ in unsafe_parts(field)] == [path]


def test_a_field_that_escapes_the_sanitiser_fails_the_check():
    field: models.Field = RichTextField()
    field.name = "text"
    assert [path for path, _ in unsafe_parts(field)] == ["text"]
    safe = SafeRichTextField()
    safe.name = "text"
    assert list(unsafe_parts(safe)) == []


def test_the_walk_goes_into_every_block():
    paths = [path for path, _ in walk(BodyBlock(), "body")]
    assert "body.table.rows.item.cells.item" in paths
    assert "body.scenario.steps.item.choices.item.feedback" in paths
    assert filled(BodyBlock().child_blocks["table"], rich="x", words="y")["rows"] == [{"cells": ["x"]}]
