"""Loading the course that comes with the product: once, again, and when somebody has added to its files."""

import shutil
from pathlib import Path

import pytest
from wagtail.models import Revision

from content.models import LegalReference
from courses.framework.models import Criterion
from courses.pages.load import load_course
from courses.pages.models import CoursePage, LessonPage, PageChange, UnitPage
from courses.pages.source import SOURCE
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
NEW = """---
slug: one-more
unit: "1"
kind: lesson
title: One more
summary: Comes after the banana.
minutes: 5
teaches: ["1.1"]
---
A child waits by the door.
"""


def test_loading_it_again_changes_nothing():
    before = list(Revision.objects.order_by("pk").values_list("pk", flat=True))
    lines = load_course()
    assert [line for line in lines if "stands already" not in line] == []
    assert list(Revision.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert CoursePage.objects.get().live


def test_what_is_added_to_the_files_comes_to_its_place(tmp_path: Path):
    folder = tmp_path / "source"
    shutil.copytree(SOURCE, folder)
    (folder / "lessons" / "117-one-more.md").write_text(NEW, encoding="utf-8")
    course, law = folder / "course.yaml", folder / "law" / "common.yaml"
    course.write_text(course.read_text().replace("- what-sen-means\n", "- what-sen-means\n      - one-more\n"))
    law.write_text(law.read_text().replace("Chapter 5 is about", "Its chapter 5 is about"))
    lines = load_course(folder)
    told = [line for line in lines if "stands already" not in line]
    assert [line.split(": ", 1)[1] for line in told] == ["1 brought up to date.", "created."]
    unit = UnitPage.objects.order_by("path").first()
    slugs = list(LessonPage.objects.child_of(unit).order_by("path").values_list("slug", flat=True))
    assert slugs[1:4] == ["what-sen-means", "one-more", "who-understood"]
    assert LessonPage.objects.get(slug="one-more").url_path.endswith(f"/{unit.slug}/one-more/")
    assert "Its chapter 5" in LegalReference.objects.get(organisation=None, code="send-code").says
    assert not PageChange.objects.exists()


def test_words_of_a_unit_and_its_guidance_follow_their_source_until_somebody_edits_them(tmp_path: Path):
    folder = tmp_path / "source"
    shutil.copytree(SOURCE, folder)
    unit = UnitPage.objects.order_by("path").first()
    course = folder / "course.yaml"
    course.write_text(course.read_text().replace(unit.summary, "In other words."))
    assert [line for line in load_course(folder) if "stands already" not in line] == [f"{unit.title}: updated."]
    unit = UnitPage.objects.get(pk=unit.pk)
    assert unit.summary == "In other words."
    assert unit.guidance.count() == Criterion.objects.filter(outcome__section=unit.section_id).count()
    author = make_person("Somebody")
    unit.summary = "In an author’s words."
    unit.save_revision(user=author).publish()
    assert any("edited in the editor" in line for line in load_course(folder))
    assert UnitPage.objects.get(pk=unit.pk).summary == "In an author’s words."


def test_a_page_that_comes_no_more_stays_and_is_named(tmp_path: Path):
    folder = tmp_path / "source"
    shutil.copytree(SOURCE, folder)
    course = folder / "course.yaml"
    course.write_text(course.read_text().replace("      - who-understood\n", ""))
    page = LessonPage.objects.get(slug="who-understood")
    told = [line for line in load_course(folder) if "stands already" not in line]
    assert told == [
        f"{page.title}: comes with the product no more. Take it offline in the editor when nobody needs it."
    ]
    assert LessonPage.objects.get(pk=page.pk).live
