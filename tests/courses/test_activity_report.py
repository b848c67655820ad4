"""How an activity goes, for its authors: figures of many, of their own trainees, and nobody's name."""

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from content.models import H5PActivity
from courses.delivery.api import Registration, keep_statements, open_activity
from courses.delivery.xapi import SUB_CONTENT, VERBS, Said
from courses.pages.activities import uses_of
from tests.factories import World, make_cohort, make_learner
from tests.factories.activities import block_with, keep_activity, make_activity_lesson

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def said(raw: float, most: float, part: str = "", verb: str = "answered") -> Said:
    """What is kept of a statement: of the whole, or of a part by its name."""
    kept = {
        "verb": {"id": VERBS[verb], "display": {"en": verb}}, "context": {"library": ""},
        "object": {"definition": {"name": {"en": part}, "extensions": {SUB_CONTENT: part}}},
        "result": {"score": {"raw": raw, "max": most}},
    }  # fmt: skip
    return Said(uuid4(), verb, part, part, not part, raw, most, raw / most, raw == most, kept)


def does(registration: Registration, activity: H5PActivity, *, whole: float, first: bool, second: bool) -> None:
    """A learner does an activity of two questions."""
    now, uses = timezone.now(), uses_of(activity)
    attempt = open_activity(registration, activity, uses, at=now)
    parts = [said(first, 1, "Who asks first?"), said(second, 1, "Who pays?")]
    keep_statements(attempt, [said(whole, 2, verb="completed"), *parts], uses, at=now)


@pytest.fixture
def activity(world: World) -> H5PActivity:
    made = keep_activity(title="Who does what", organisation=world.ao)
    make_activity_lesson(block_with(made))
    return made


@pytest.fixture
def done(world: World, activity: H5PActivity) -> H5PActivity:
    """Done by three, the third of whom only opened it; the second in another cohort."""
    elsewhere = make_learner(make_cohort(world.qualification, world.centre, world.authority))
    does(world.registration, activity, whole=2, first=True, second=True)
    does(elsewhere, activity, whole=1, first=True, second=False)
    open_activity(make_learner(world.cohort), activity, [], at=timezone.now())
    return activity


def address(activity: H5PActivity, rest: str = "") -> str:
    return f"/authoring/activities/{activity.ref}/{rest}"


def figures(answer: Any) -> Any:
    return answer.context["figures"]


def test_attempts_completion_scores_and_the_hardest_question(world, client_of, done):
    answer = client_of(world.author).get(address(done))
    found = figures(answer)
    assert (found.learners, found.attempts, found.completed, found.middle) == (3, 3, 2, 75)
    assert sum(number for _, number in found.bands) == 2
    assert [(one.name, one.answered, one.right, one.rate) for one in found.questions] == [
        ("Who pays?", 2, 1, 50), ("Who asks first?", 2, 2, 100),
    ]  # fmt: skip
    page = answer.content.decode()
    assert world.trainee.name not in page
    assert page.index("Who pays?") < page.index("Who asks first?")
    assert "The same as a table" in page


def test_one_cohort_alone(world, client_of, done):
    answer = client_of(world.author).get(address(done), {"cohort": world.cohort.pk})
    assert (figures(answer).learners, figures(answer).completed, figures(answer).middle) == (2, 1, 100)
    assert len(answer.context["cohorts"]) == 2
    assert figures(client_of(world.author).get(address(done), {"cohort": "none"})).learners == 3


def test_the_questions_as_a_file(world, client_of, done):
    answer = client_of(world.author).get(address(done, "questions.csv"))
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0][0] == "Question"
    assert [row[:4] for row in rows[1:]] == [["Who pays?", "2", "1", "50"], ["Who asks first?", "2", "2", "100"]]
    assert answer["Content-Type"].startswith("text/csv")


def test_before_anybody_has_opened_it(world, client_of, activity):
    page = client_of(world.author).get(address(activity)).content.decode()
    assert "Nobody has opened it yet" in page


def test_of_the_products_own_activity_an_author_reads_only_their_own_trainees(world, client_of):
    shipped = keep_activity(title="The product’s own")
    make_activity_lesson(block_with(shipped))
    does(world.registration, shipped, whole=2, first=True, second=True)
    does(world.other.registration, shipped, whole=1, first=True, second=False)
    assert figures(client_of(world.author).get(address(shipped))).learners == 1
    assert figures(client_of(world.superuser).get(address(shipped))).learners == 2


def test_it_costs_the_same_however_many_have_done_it(world, client_of, queries, activity):
    does(world.registration, activity, whole=2, first=True, second=True)

    def grow() -> None:
        for _ in range(2):
            does(make_learner(world.cohort), activity, whole=1, first=False, second=True)

    browser = client_of(world.author)
    queries.pin(browser, address(activity), grow=grow, exactly=len(queries.of(browser, address(activity))))
