"""A course of 60 statements for the tests of coverage: every one taught by one lesson and assessed by one task."""

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from courses.framework.api import Criterion
from courses.pages.authors import open_course_to_authors
from courses.pages.models import CataloguePage, CoursePage, LessonPage, PageCriterion, TaskPage, UnitPage
from tests.factories import World, make_world

from content.blocks import BodyBlock  # isort: skip

TEACHES, ASSESSES = "teaches", "assesses"


def body() -> object:
    """The shortest body."""
    return BodyBlock().to_python([{"type": "text", "value": "<p>Words.</p>"}])


def make_course(qualification: object, slug: str = "covered", *, live: bool = True) -> CoursePage:
    """A course with a unit for each section, in it one lesson that teaches all its criteria and one task that assesses
    them; published when `live`."""
    course = CoursePage(title="Covered", slug=slug, summary="All of it", introduction="<p>Hello</p>",
                        qualification=qualification, live=False)  # fmt: skip
    CataloguePage.objects.get().add_child(instance=course)
    for section in qualification.framework.sections.order_by("position"):
        unit = UnitPage(title=f"Unit {section.code}", slug=f"unit-{section.code}", summary="A unit",
                        introduction="<p>Hello</p>", section=section)  # fmt: skip
        course.add_child(instance=unit)
        unit.save_revision().publish()
        criteria = list(Criterion.objects.filter(outcome__section=section).order_by("position"))
        add_page(unit, LessonPage, f"lesson-{section.code}", [(c, TEACHES) for c in criteria])
        add_page(unit, TaskPage, f"task-{section.code}", [(c, ASSESSES) for c in criteria])
    open_course_to_authors(course)
    course = CoursePage.objects.get(pk=course.pk)
    if live:
        course.save_revision().publish()
    return CoursePage.objects.select_related("qualification").get(pk=course.pk)


def add_page(unit: UnitPage, model: type, slug: str, uses: list[tuple[Criterion, str]]) -> LessonPage | TaskPage:
    """A lesson or task in a unit, published."""
    page = model(title=slug.replace("-", " ").capitalize(), slug=slug, summary="Short", minutes=10, body=body())
    page.criterion_uses = [PageCriterion(criterion=c, use=use) for c, use in uses]
    UnitPage.objects.get(pk=unit.pk).add_child(instance=page)
    page.save_revision().publish()
    return model.objects.get(pk=page.pk)


@pytest.fixture(scope="module")
def made(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[bytes]:
    """The world and its course, made once for a module that imports these fixtures, in a transaction that is never
    committed; pickled, so that each test has objects of its own, and takes back what it does to the rows. A module
    that says LIVE = False has the course as a draft."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        course = make_course(world.qualification, live=getattr(request.module, "LIVE", True))
        yield pickle.dumps((world, course))
        transaction.set_rollback(True)


@pytest.fixture
def both(made: bytes, db: None) -> tuple[World, CoursePage]:
    return pickle.loads(made)


@pytest.fixture
def world(both: tuple[World, CoursePage]) -> World:
    """Who tries it."""
    return both[0]


@pytest.fixture
def course(both: tuple[World, CoursePage]) -> CoursePage:
    """The course as it stands in the database."""
    return CoursePage.objects.select_related("qualification").get(pk=both[1].pk)
