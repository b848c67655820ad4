"""The coverage page: gaps in words, the matrix, what drafts would change, whom it is for, how few queries it takes."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from courses.framework.api import Criterion
from courses.pages.models import CoursePage, CriterionGuidance, LessonPage, PageCriterion, TaskPage, UnitPage
from lms.accounts.api import Role
from tests.courses.coverage_course import add_page, body
from tests.courses.coverage_course import both as both
from tests.courses.coverage_course import course as course
from tests.courses.coverage_course import made as made
from tests.courses.coverage_course import world as world
from tests.factories import World, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
LIVE = False  # what is missing is looked at before publishing


@pytest.fixture
def author(world: World, course: CoursePage, client_of: Callable[..., Client]) -> Client:
    return client_of(world.author)


def address(course: CoursePage, query: str = "") -> str:
    return f"/authoring/courses/{course.pk}/coverage/{query}"


def unmap(course: CoursePage, code: str, use: str) -> None:
    PageCriterion.objects.filter(page__path__startswith=course.path, criterion__code=code, use=use).delete()


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def codes(html: str) -> list[str]:
    """The statements in the matrix."""
    return [part.split('"')[0] for part in html.split('id="criterion-')[1:]]


def test_a_course_without_a_gap_says_so(author: Client, course: CoursePage):
    html = text(author.get(address(course)))
    assert "Nothing is missing" in html
    assert len(codes(html)) == 60


def test_gaps_come_first_and_in_words(author: Client, course: CoursePage):
    unmap(course, "1.7.c", "assesses")
    unmap(course, "2.1", "teaches")
    unmap(course, "4.5", "teaches")
    unmap(course, "4.5", "assesses")
    html = text(author.get(address(course)))
    before_the_matrix = html.split("<table")[0]
    assert "3 of 60 statements are not covered" in before_the_matrix
    for words in ("1.7.c is taught but never assessed: map it on a task.",
                  "2.1 is assessed but never taught: map it on a lesson.",
                  "4.5 is neither taught nor assessed: map it on a lesson and on a task."):  # fmt: skip
        assert words in before_the_matrix
    task = TaskPage.objects.get(path__startswith=course.path, slug="task-1")
    assert f"/cms/pages/{task.pk}/edit/" in before_the_matrix


def test_filters_leave_out_what_was_not_asked_for(author: Client, course: CoursePage):
    unmap(course, "1.7.c", "assesses")
    unmap(course, "2.1", "teaches")
    lesson = LessonPage.objects.get(path__startswith=course.path, slug="lesson-3")

    def asked(query: str) -> list[str]:
        return codes(text(author.get(address(course, query))))

    assert asked("?show=gaps") == ["1.7.c", "2.1"]
    assert asked("?show=gaps&section=2") == ["2.1"]
    third = Criterion.objects.filter(outcome__section__code="3").order_by("position").values_list("code", flat=True)
    assert asked("?section=3") == asked(f"?page={lesson.pk}") == list(third)
    assert asked(f"?page={lesson.pk}&use=assesses") == []
    assert len(asked("?use=assesses")) == 59
    assert len(asked("?section=9")) == 0
    assert len(asked("?page=x&use=x&state=x&show=x")) == 60


def test_what_a_draft_adds_and_takes_away_is_told_apart(author: Client, course: CoursePage):
    course.save_revision().publish()
    lesson = LessonPage.objects.get(path__startswith=course.path, slug="lesson-1")
    gone = next(row for row in lesson.criterion_uses.all() if row.criterion.code == "1.1")
    lesson.criterion_uses.remove(gone)
    lesson.criterion_uses.add(PageCriterion(criterion=Criterion.objects.get(code="2.1"), use="practises"))
    lesson.save_revision()
    live = text(author.get(address(course)))
    assert "Nothing is missing" in live
    assert "draft differs" in live
    drafts = text(author.get(address(course, "?state=drafts")))
    assert "1.1 is assessed but never taught" in drafts
    assert "Teaches now, not when its draft is published" in drafts
    assert "Practises, when its draft is published" in drafts
    # What nobody can read yet does not count, and is shown all the same.
    unit = UnitPage.objects.get(path__startswith=course.path, slug="unit-1")
    begun = LessonPage(title="Begun", slug="begun", summary="x", minutes=5, body=body(), live=False)
    begun.criterion_uses = [PageCriterion(criterion=Criterion.objects.get(code="1.1"), use="teaches")]
    unit.add_child(instance=begun)
    begun.save_revision()
    assert "Teaches, not published" in text(author.get(address(course)))
    assert "Nothing is missing" in text(author.get(address(course, "?state=drafts")))


def test_the_table_to_save_has_every_mapping_and_every_statement(author: Client, course: CoursePage):
    unmap(course, "4.5", "teaches")
    unmap(course, "4.5", "assesses")
    unit = UnitPage.objects.get(path__startswith=course.path, slug="unit-1")
    CriterionGuidance.objects.create(unit=unit, criterion=Criterion.objects.get(code="1.1"), for_trainee="<p>It.</p>")
    answer = author.get(address(course, "export.csv?section=1"))
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 119
    assert {row["Criterion"] for row in rows} == set(Criterion.objects.values_list("code", flat=True))
    first = rows[0]
    assert (first["Criterion"], first["Unit"], first["Page"], first["Kind"], first["Use"], first["State"]) == (
        "1.1", "Unit 1", "Lesson 1", "Lesson", "Teaches", "Published")  # fmt: skip
    assert first["Guidance"] == "Yes"
    (lone,) = [row for row in rows if row["Criterion"] == "4.5"]
    assert lone["Page"] == ""
    assert lone["What is missing"].startswith("4.5 is neither")


def test_the_page_is_for_authors_reviewers_and_publishers_of_its_organisation(
    world: World, course: CoursePage, client_of: Callable[..., Client]
):
    for role in (Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER):
        own, other = make_person(None, (role, world.ao)), make_person(None, (role, world.other.ao))
        for end in ("", "export.csv"):
            assert client_of(own).get(address(course, end)).status_code == 200
            assert client_of(other).get(address(course, end)).status_code == 404
    for somebody in (world.trainee, world.assessor, world.eqa, world.authority_manager, world.other.author):
        assert client_of(somebody).get(address(course)).status_code == 404


def test_sixty_criteria_by_two_hundred_pages_take_as_few_queries_as_a_small_course(
    author: Client, course: CoursePage, queries: Any
):
    small = len(queries.of(author, address(course)))
    criteria = list(Criterion.objects.order_by("position"))
    unit = UnitPage.objects.get(path__startswith=course.path, slug="unit-1")
    template = LessonPage.objects.get(path__startswith=course.path, slug="lesson-1")
    add_page(unit, LessonPage, "first", [(criteria[0], "teaches")])
    last = LessonPage.objects.child_of(unit).order_by("path").last()
    _many(unit, template, last, 191)
    pages = LessonPage.objects.filter(path__startswith=course.path) | LessonPage.objects.filter(pk=last.pk)
    assert pages.count() + TaskPage.objects.filter(path__startswith=course.path).count() == 200
    PageCriterion.objects.bulk_create(
        PageCriterion(page_id=pk, criterion=criteria[(number + step) % 60], use="practises")
        for number, pk in enumerate(pages.values_list("pk", flat=True)) for step in range(10)
    )  # fmt: skip
    for state in ("", "?state=drafts"):
        found = queries.of(author, address(course, state))
        assert len(found) == small == 11, "\n".join(found)


def _many(unit: UnitPage, template: LessonPage, last: LessonPage, count: int) -> None:
    """More lessons, written with no ceremony."""
    from uuid import uuid4

    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Page

    kind = ContentType.objects.get_for_model(LessonPage)
    pages, start = [], int(last.path[-Page.steplen :], 36)
    for number in range(count):
        path = unit.path + Page._int2str(start + number + 1).rjust(Page.steplen, "0")
        pages.append(Page(path=path, depth=last.depth, title=f"Lesson {number}", draft_title=f"Lesson {number}",
                          slug=f"many-{number}", content_type=kind, url_path=f"{unit.url_path}many-{number}/",
                          locale_id=unit.locale_id, translation_key=uuid4()))  # fmt: skip
    Page.objects.bulk_create(pages)
    for page in pages:
        lesson = LessonPage(page_ptr=page, summary="x", minutes=5, body=template.body)
        lesson.__dict__.update({key: value for key, value in page.__dict__.items() if key != "_state"})
        lesson.save_base(raw=True)
