"""What good evidence looks like: beside the statement, in the wizard, and at the assessor's desk."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from courses.delivery.api import Cohort
from courses.framework.api import Criterion
from courses.pages.models import CriterionGuidance, UnitPage
from courses.pages.queries import guidance_for
from tests.courses.coverage_course import make_course
from tests.factories import World, make_draft, make_submission, opened

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
TRAINEE, ASSESSOR = "Name the heron’s age.", "Look for the heron’s mother."


def guide(unit: UnitPage, *codes: str, trainee: str = TRAINEE) -> None:
    for criterion in Criterion.objects.filter(code__in=codes):
        CriterionGuidance.objects.create(
            unit=unit, criterion=criterion, for_trainee=f"<p>{trainee}</p>", for_assessor=f"<p>{ASSESSOR}</p>"
        )


@pytest.fixture
def unit(world: World) -> UnitPage:
    CriterionGuidance.objects.all().delete()  # the shipped course has its own for each
    return UnitPage.objects.get(path__startswith=world.cohort.course.path, section__code="1")


def page(answer: Any) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_trainee_reads_it_beside_the_statement_and_not_what_is_for_the_assessor(
    world: World, unit: UnitPage, client_of: Callable[..., Client]
):
    guide(unit, "1.1")
    html = page(client_of(world.trainee).get("/portfolio/criteria/1.1/"))
    assert TRAINEE in html
    assert ASSESSOR not in html
    assert "What good evidence looks like" not in page(client_of(world.trainee).get("/portfolio/criteria/1.3/"))


def test_a_trainee_reads_it_where_they_choose_criteria(
    world: World, unit: UnitPage, client_of: Callable[..., Client], queries: Any
):
    version = make_draft(world.registration, "1.1")
    guide(unit, "1.1")
    browser, url = client_of(world.trainee), f"/portfolio/evidence/{version.evidence.ref}/criteria/"
    one = len(queries.of(browser, url))
    guide(unit, "1.2.a", "1.3")
    html = page(browser.get(url))
    assert html.count(TRAINEE) == 3
    assert ASSESSOR not in html
    assert len(queries.of(browser, url)) == one <= 15


def test_an_assessor_reads_both_at_the_desk_for_one_query(
    world: World, unit: UnitPage, client_of: Callable[..., Client], queries: Any
):
    guide(unit, "1.1")
    submission = opened(make_submission(world.registration, "1.1"))
    browser, url = client_of(world.assessor), f"/assess/submissions/{submission.ref}/"
    found = queries.of(browser, url)
    html = page(browser.get(url))
    assert html.count(TRAINEE) == html.count(ASSESSOR) == 1
    assert sum("courses_criterionguidance" in sql for sql in found) == 1
    assert len(found) <= 20


def test_it_is_that_of_the_course_that_the_registration_follows(world: World, unit: UnitPage):
    guide(unit, "1.1")
    other = make_course(world.qualification)
    there = UnitPage.objects.get(path__startswith=other.path, slug="unit-1")
    guide(there, "1.1", "1.3", trainee="Theirs.")
    criteria = dict(Criterion.objects.values_list("code", "pk"))

    def read() -> dict[str, str]:
        found = guidance_for(world.registration, criteria.values())
        return {code: found[pk].for_trainee for code, pk in criteria.items() if pk in found}

    assert read() == {"1.1": f"<p>{TRAINEE}</p>"}
    Cohort.objects.filter(pk=world.cohort.pk).update(course=other.page_ptr)
    assert read() == {"1.1": "<p>Theirs.</p>", "1.3": "<p>Theirs.</p>"}
    UnitPage.objects.filter(pk=there.pk).update(live=False)
    assert read() == {}
    Cohort.objects.filter(pk=world.cohort.pk).update(course=None)  # the first towards the qualification, then
    assert read() == {"1.1": f"<p>{TRAINEE}</p>"}
