"""Rule 19: complete if and only if every mandatory criterion is achieved; an illustrative list has a minimum."""

import pytest

from assessment.api import is_complete, progress_of
from assessment.progression import needed_of
from courses.framework.api import AssessmentPolicy, Criterion, Outcome, set_policy
from tests.factories import World, make_submission, settle
from tests.helpers import actions_since, last_event

ALL = 60
EXAMPLES = ["4.2.a", "4.2.b", "4.2.c", "4.2.d", "4.2.e", "4.2.f", "4.2.g", "4.2.h", "4.2.i"]


def codes() -> list[str]:
    return list(Criterion.objects.values_list("code", flat=True))


def achieve(world: World, *wanted: str, outcome: str = "achieved") -> None:
    settle(make_submission(world.registration, *wanted), by=world.assessor, outcome=outcome)
    world.registration.refresh_from_db()


def test_with_every_criterion_achieved_the_registration_is_complete(world: World, at):
    achieve(world, *[code for code in codes() if code != "4.8"])
    assert (world.registration.state, is_complete(world.registration, at=at)) == ("active", False)
    progress = progress_of(world.registration, at=at)
    assert (progress.achieved, progress.total, progress.still_needed) == (59, ALL, 1)
    assert [section.is_complete for section in progress.sections] == [True, True, True, False]
    event = last_event()
    achieve(world, "4.8")
    assert (world.registration.state, is_complete(world.registration, at=at)) == ("complete", True)
    assert "registration.state" in actions_since(event)


def test_it_falls_back_when_a_criterion_is_no_longer_achieved(world: World, at):
    achieve(world, *codes())
    assert world.registration.state == "complete"
    achieve(world, "1.1", outcome="referred")
    assert (world.registration.state, is_complete(world.registration, at=at)) == ("active", False)


def test_no_criterion_makes_up_for_another(world: World, at):
    achieve(world, *[code for code in codes() if code != "1.2.c"])
    assert not is_complete(world.registration, at=at)


def test_the_awarding_organisations_minimum_holds_for_the_illustrative_list(world: World, at):
    set_policy(world.qualification, by=None, at=at, list_minimums={"4.2": 3})
    achieve(world, *[code for code in codes() if code not in EXAMPLES])
    assert progress_of(world.registration, at=at).still_needed == 3
    achieve(world, "4.2.a", "4.2.i")
    assert progress_of(world.registration, at=at).still_needed == 1
    assert not is_complete(world.registration, at=at)
    achieve(world, "4.2.e")
    assert (world.registration.state, is_complete(world.registration, at=at)) == ("complete", True)


def test_without_a_minimum_all_nine_are_needed(world: World, at):
    achieve(world, *[code for code in codes() if code != "4.2.i"])
    assert progress_of(world.registration, at=at).still_needed == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "criteria", "minimums", "needed"),
    [
        ("4.2", 9, {}, 9),
        ("4.2", 9, {"4.2": 4}, 4),
        ("4.2", 9, {"4.2": 0}, 0),
        ("4.2", 9, {"4.2": 12}, 9),
        ("4.2", 9, {"4.3": 4}, 9),
        ("4.3", 6, {"4.3": 2}, 6),
        ("1.2", 4, {"1.2": 1}, 4),
        ("1.1", 1, {"1.1": 0}, 1),
    ],
    ids=str,
)
def test_only_an_illustrative_list_has_a_minimum(code, criteria, minimums, needed):
    policy = AssessmentPolicy(list_minimums=minimums)
    assert needed_of(Outcome.objects.get(code=code), criteria, policy) == needed


def test_progress_is_in_the_specifications_order_and_takes_two_queries(world: World, at, queries):
    progress_of(world.registration, at=at)  # the specification is read once and kept
    with queries(2):
        progress = progress_of(world.registration, at=at)
    assert [s.section.code for s in progress.sections] == ["1", "2", "3", "4"]
    assert [row.criterion.code for s in progress.sections for row in s.statuses] == codes()
    assert [(s.achieved, s.total) for s in progress.sections] == [(0, 20), (0, 11), (0, 8), (0, 21)]
    achieve(world, "1.1", "1.2.a", "4.8")
    with queries(2):
        progress = progress_of(world.registration, at=at)
    assert [s.achieved for s in progress.sections] == [2, 0, 0, 1]
