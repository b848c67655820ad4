"""Rule 7: changes needed without feedback is refused."""

import pytest

from assessment.api import Decision, draft_decision, release
from tests.factories import World, criterion, decide_all, make_submission
from tests.helpers import refused, statuses


@pytest.mark.parametrize("feedback", ["", "   ", "\n\t"])
def test_a_referral_without_feedback_is_not_released(world: World, at, feedback: str):
    submission = make_submission(world.registration, "1.1")
    decide_all(submission, by=world.assessor, outcome="referred")
    draft_decision(submission, criterion("1.1").pk, feedback=feedback, by=world.assessor, at=at)
    with refused("rule-07-feedback"):
        release(submission, by=world.assessor, at=at)
    assert statuses(world.registration) == {"1.1": "submitted"}


def test_with_feedback_it_is_released_and_kept(world: World, at):
    submission = make_submission(world.registration, "1.1")
    decide_all(submission, by=world.assessor, outcome="referred")
    draft_decision(submission, criterion("1.1").pk, feedback="  Add dates. ", by=world.assessor, at=at)
    release(submission, by=world.assessor, at=at)
    assert Decision.objects.get().feedback == "Add dates."
    assert statuses(world.registration) == {"1.1": "referred"}


def test_an_achievement_needs_no_feedback(world: World, at):
    submission = make_submission(world.registration, "1.1")
    decide_all(submission, by=world.assessor)
    release(submission, by=world.assessor, at=at)
    assert Decision.objects.get().feedback == ""
