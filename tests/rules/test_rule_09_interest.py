"""Rule 9: a personal interest that cannot be avoided; somebody else confirms each decision before it counts."""

import pytest

from assessment.api import (
    Decision,
    check_submission,
    declare_interest,
    place_hold,
    reassign_all,
    release,
    resolve_interest,
    why_not_decide,
)
from assessment.domain.check import to_check
from assessment.domain.object import decide_objection, object_to
from assessment.models import SecondCheck
from assessment.policies import facts_of, waiting_for
from assessment.queries_checks import in_no_lane
from courses.delivery.api import Allocation, end_allocation
from portfolio.api import Submission
from tests.factories import (
    World,
    allocate_assessor,
    decide_all,
    make_opened,
    make_ready_evidence,
    make_unqualified,
    opened,
    submit,
)
from tests.helpers import actions_since, last_event, last_notice, refused, statuses, told_since


@pytest.fixture
def waiting(world: World, at) -> Submission:
    """Decided by an assessor with an unavoidable interest, and handed on. The second assessor is allocated too."""
    declared = declare_interest(world.registration, "friendship", "We sing together", by=world.assessor, at=at)
    resolve_interest(declared, "unavoidable", "The only assessor who signs", by=world.lead_iqa, at=at)
    submission = make_opened(world.registration, "1.1", "1.2.a")
    decide_all(submission, by=world.assessor)
    return release(submission, by=world.assessor, at=at)


def verdicts(submission: Submission, **returned: str) -> dict[int, tuple[bool, str]]:
    """Agreement to each decision but those returned, by code, with a note."""
    notes = {code.replace("_", "."): note for code, note in returned.items()}
    return {
        decision.pk: (decision.criterion.code not in notes, notes.get(decision.criterion.code, ""))
        for decision in to_check(submission, "scrutiny")
    }


def test_an_unavoidable_interest_waits_for_somebody_without_one(world: World, waiting: Submission, at):
    assert waiting.is_being_checked
    assert set(Decision.objects.values_list("state", "scrutiny_for")) == {("pending_scrutiny", "interest")}
    assert statuses(world.registration) == {"1.1": "submitted", "1.2.a": "submitted"}
    event, notice = last_event(), last_notice()
    done = check_submission(waiting, "scrutiny", verdicts(waiting), by=world.second_assessor, at=at)
    assert done.released_at == at
    assert statuses(world.registration) == {"1.1": "achieved", "1.2.a": "achieved"}
    assert actions_since(event) == ["decision.checked", "decision.checked", "decision.counts", "decision.counts"]
    assert told_since(notice) == [("Tara Walsh", "feedback")]


def test_the_learner_is_told_nothing_and_the_second_assessor_is(world: World, at):
    declared = declare_interest(world.registration, "money", "", by=world.assessor, at=at)
    resolve_interest(declared, "unavoidable", "Nobody else", by=world.lead_iqa, at=at)
    submission = make_opened(world.registration, "1.1")
    decide_all(submission, by=world.assessor)
    notice = last_notice()
    release(submission, by=world.assessor, at=at)
    assert told_since(notice) == [("Ben Okoro", "second-check")]


def test_without_a_second_assessor_those_who_can_allocate_one_are_told(world: World, at):
    allocation = Allocation.objects.get(registration=world.registration, user=world.second_assessor)
    end_allocation(allocation, ends_on=allocation.starts_on, by=None, at=at)
    declared = declare_interest(world.registration, "money", "", by=world.assessor, at=at)
    resolve_interest(declared, "unavoidable", "Nobody else", by=world.lead_iqa, at=at)
    submission = make_opened(world.registration, "1.1")
    decide_all(submission, by=world.assessor)
    notice = last_notice()
    release(submission, by=world.assessor, at=at)
    assert set(told_since(notice)) == {("Cleo Marsh", "second-check"), ("Leila Haddad", "second-check")}
    assert list(in_no_lane()) == [submission]
    with refused("rule-09-not-allocated"):
        check_submission(submission, "scrutiny", {}, by=world.second_assessor, at=at)


def test_what_the_second_assessor_does_not_agree_to_goes_back_and_the_rest_waits(world: World, waiting: Submission, at):
    notice = last_notice()
    back = check_submission(waiting, "scrutiny", verdicts(waiting, **{"1_1": "Which meeting?"}),
                            by=world.second_assessor, at=at)  # fmt: skip
    assert back.handed_on_at is None
    states = dict(Decision.objects.values_list("criterion__code", "state"))
    assert states == {"1.1": "reopened", "1.2.a": "pending_scrutiny"}
    assert told_since(notice) == [("Asha Patel", "returned")]
    decide_again(back, world)
    again = release(back, by=world.assessor, at=at)
    assert [decision.criterion.code for decision in to_check(again, "scrutiny")] == ["1.1"]
    done = check_submission(again, "scrutiny", verdicts(again), by=world.second_assessor, at=at)
    assert done.released_at == at
    assert statuses(world.registration) == {"1.1": "achieved", "1.2.a": "achieved"}
    assert SecondCheck.objects.count() == 3


def decide_again(submission: Submission, world: World) -> None:
    """The assessor goes on with the words of the decision that came back."""
    from assessment.api import draft_decision

    item = submission.items.get(criterion__code="1.1")
    draft = draft_decision(submission, item.criterion_id, rationale="The meeting of 3 May", by=world.assessor,
                           at=submission.submitted_at)  # fmt: skip
    assert draft.outcome == "achieved"
    assert draft.versions.count() == 1
    assert Decision.objects.filter(state="superseded").count() == 1


@pytest.mark.parametrize(
    ("who", "code"),
    [("assessor", "rule-10-own-decision"), ("trainee", "rule-08-own-work"),
     ("unallocated_assessor", "rule-09-not-allocated"), ("iqa", "rule-09-not-allocated")],
)  # fmt: skip
def test_nobody_else_scrutinises(world: World, waiting: Submission, at, who: str, code: str):
    with refused(code):
        check_submission(waiting, "scrutiny", verdicts(waiting), by=getattr(world, who), at=at)


def test_a_scrutineer_has_neither_interest_nor_dual_role(world: World, waiting: Submission, at):
    declared = declare_interest(world.registration, "family", "", by=world.second_assessor, at=at)
    with refused("rule-09-interest"):
        check_submission(waiting, "scrutiny", verdicts(waiting), by=world.second_assessor, at=at)
    resolve_interest(declared, "cleared", "A misunderstanding", by=world.lead_iqa, at=at)
    allocate_assessor(world.registration, world.second_assessor, Allocation.Role.SUPPORTER)
    with refused("rule-09-dual-scrutineer"):
        check_submission(waiting, "scrutiny", verdicts(waiting), by=world.second_assessor, at=at)


def test_every_decision_is_answered_and_a_no_says_why(world: World, waiting: Submission, at):
    first, second = to_check(waiting, "scrutiny")
    with refused("check-open", "check-note"):
        check_submission(waiting, "scrutiny", {second.pk: (False, " ")}, by=world.second_assessor, at=at)
    with refused("check-other"):
        check_submission(waiting, "scrutiny", {first.pk: (True, ""), second.pk: (True, ""), 0: (True, "")},
                         by=world.second_assessor, at=at)  # fmt: skip
    with refused("check-done"):
        check_submission(waiting, "countersign", verdicts(waiting), by=world.second_assessor, at=at)


def test_a_decider_who_has_declared_an_interest_since_cannot_be_agreed_to(world: World, waiting: Submission, at):
    declare_interest(world.registration, "money", "", by=world.assessor, at=at)
    with refused("rule-08-decider"):
        check_submission(waiting, "scrutiny", verdicts(waiting), by=world.second_assessor, at=at)
    back = check_submission(waiting, "scrutiny", verdicts(waiting, **{"1_1": "An interest", "1_2_a": "An interest"}),
                            by=world.second_assessor, at=at)  # fmt: skip
    assert waiting_for(back) == ""


def test_standing_aside_keeps_somebody_from_deciding_and_clearing_does_not(world: World, at):
    for outcome, code in (("cleared", None), ("stands_aside", "rule-08-stands-aside")):
        declared = declare_interest(world.registration, "family", "", by=world.assessor, at=at)
        resolve_interest(declared, outcome, "Looked at", by=world.lead_iqa, at=at)
        refusal = why_not_decide(world.assessor, world.registration)
        assert (refusal and refusal.code) == code
    assert facts_of(world.assessor, world.registration).stands_aside


def test_what_waits_moves_to_another_assessor_when_somebody_stands_aside(world: World, at):
    submission = make_opened(world.registration, "1.1")
    declared = declare_interest(world.registration, "family", "", by=world.assessor, at=at)
    notice = last_notice()
    resolve_interest(declared, "stands_aside", "Her sister", by=world.lead_iqa, at=at)
    submission.refresh_from_db()
    assert submission.assessor == world.second_assessor
    assert set(told_since(notice)) == {
        ("Asha Patel", "interest"), ("Asha Patel", "reassigned"), ("Ben Okoro", "reassigned")
    }  # fmt: skip


def test_what_was_agreed_before_is_not_counted_while_its_evidence_is_on_hold(world: World, at):
    """The second assessor agrees to one and returns the other; then somebody reports the first one's evidence."""
    declared = declare_interest(world.registration, "friendship", "We sing together", by=world.assessor, at=at)
    resolve_interest(declared, "unavoidable", "The only assessor who signs", by=world.lead_iqa, at=at)
    make_ready_evidence(world.registration, "1.1", title="One")
    held = make_ready_evidence(world.registration, "1.2.a", title="Another")
    submission = opened(submit(world.registration, "1.1", "1.2.a"))
    decide_all(submission, by=world.assessor)
    waiting = release(submission, by=world.assessor, at=at)
    back = check_submission(waiting, "scrutiny", verdicts(waiting, **{"1_1": "Which meeting?"}),
                            by=world.second_assessor, at=at)  # fmt: skip
    decide_again(back, world)
    again = release(back, by=world.assessor, at=at)
    place_hold(held.evidence, "A name", by=world.second_assessor, at=at)
    with refused("rule-04-hold"):
        check_submission(again, "scrutiny", verdicts(again), by=world.second_assessor, at=at)


@pytest.mark.parametrize("how", ["stands aside", "objection upheld"])
def test_what_waits_of_somebody_who_may_decide_no_more_is_decided_anew(world: World, at, how: str):
    make_unqualified(world.assessor)
    submission = make_opened(world.registration, "1.1", "1.2.a")
    decide_all(submission, by=world.assessor)
    release(submission, by=world.assessor, at=at)
    if how == "stands aside":
        declared = declare_interest(world.registration, "family", "", by=world.assessor, at=at)
        with refused("rule-08-decider"):
            check_submission(
                submission,
                "countersign",
                {one.pk: (True, "") for one in to_check(submission, "countersign")},
                by=world.second_assessor,
                at=at,
            )
        resolve_interest(declared, "stands_aside", "Her cousin", by=world.lead_iqa, at=at)
    else:
        objection = object_to(world.registration, world.assessor, "She is my neighbour", by=world.trainee, at=at)
        decide_objection(objection, "upheld", "Agreed", by=world.lead_iqa, at=at)
    assert set(Decision.objects.values_list("state", flat=True)) == {"reopened"}
    fresh = Submission.objects.get(pk=submission.pk)
    assert fresh.handed_on_at is None
    reassign_all(at=at)
    taken = Submission.objects.get(pk=submission.pk)
    assert taken.assessor == world.second_assessor
    decide_all(taken, by=world.second_assessor)
    assert release(taken, by=world.second_assessor, at=at).released_at is not None
