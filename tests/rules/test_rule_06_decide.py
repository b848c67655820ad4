"""Rule 6: an allocated assessor judges each version once and makes one decision for each submitted criterion."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessment.api import Decision, VersionJudgement, draft_decision, judge_version, release, take_over
from courses.delivery.api import end_allocation
from lms.accounts.api import end_membership
from portfolio.api import Evidence, EvidenceVersion, Submission, new_version
from tests.factories import (
    World,
    criterion,
    decide_all,
    judge_all,
    make_draft,
    make_opened,
    make_ready_evidence,
    make_submission,
    opened,
    settle,
    submit,
)
from tests.helpers import actions_since, last_event, last_notice, nothing_changes, refused, statuses, told_since

HOLDS = {"valid": True, "authentic": True, "current": True, "reliable": True}
WORDS = {"rationale": "It shows the duty in practice.", "feedback": "Say what changed."}


def the_version() -> EvidenceVersion:
    return EvidenceVersion.objects.select_related("evidence").get()


def versions_of(submission) -> set[int]:
    return set(EvidenceVersion.objects.filter(submitted_for__submission=submission).values_list("pk", flat=True))


def draft(world: World, submission, code: str = "1.1", by=None, **values) -> Decision:
    return draft_decision(submission, criterion(code).pk, by=by or world.assessor, at=timezone.now(), **values)


# Judging


def test_the_assessor_judges_a_version_once_for_every_decision_that_rests_on_it(world: World, at):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    event = last_event()
    judgement = judge_version(the_version(), **HOLDS, note="  Clear.  ", by=world.assessor, at=at)
    assert judgement.all_hold
    assert (judgement.note, judgement.judged_by) == ("Clear.", world.assessor)
    assert actions_since(event) == ["version.judged"]
    with nothing_changes():
        judge_version(the_version(), **HOLDS, note="Clear.", by=world.assessor, at=at)
    decide_all(submission, by=world.assessor)
    assert VersionJudgement.objects.count() == 1


def test_a_judgement_can_be_mended_until_a_released_decision_rests_on_it(world: World, at):
    submission = make_opened(world.registration, "1.1")
    judge_version(the_version(), **HOLDS | {"valid": False}, note="Which child?", by=world.assessor, at=at)
    judge_version(the_version(), **HOLDS, by=world.second_assessor, at=at)
    assert VersionJudgement.objects.get().judged_by == world.second_assessor
    settle(submission, by=world.assessor)
    with refused("rule-06-judged"):
        judge_version(the_version(), **HOLDS | {"valid": False}, note="No.", by=world.assessor, at=at)
    with nothing_changes():
        judge_version(the_version(), **HOLDS, note=VersionJudgement.objects.get().note, by=world.assessor, at=at)


@pytest.mark.parametrize("test", HOLDS)
def test_a_no_needs_a_note_that_says_why(world: World, at, test: str):
    make_opened(world.registration, "1.1")
    with refused("rule-06-note"):
        judge_version(the_version(), **HOLDS | {test: False}, note="  ", by=world.assessor, at=at)
    assert not judge_version(the_version(), **HOLDS | {test: False}, note="Why", by=world.assessor, at=at).all_hold


def test_a_draft_is_not_judged(world: World, at):
    make_draft(world.registration, "1.1")
    with refused("rule-06-draft"):
        judge_version(the_version(), **HOLDS, by=world.assessor, at=at)


@pytest.mark.parametrize(
    "who", ["unallocated_assessor", "iqa", "lead_iqa", "area_senco", "eqa", "centre_admin", "authority_manager"]
)
def test_somebody_who_is_not_the_learners_assessor_neither_judges_nor_decides(world: World, at, who: str):
    submission = make_opened(world.registration, "1.1")
    decide_all(submission, by=world.assessor)
    person, pk = getattr(world, who), criterion("1.1").pk
    for act in (
        lambda: judge_version(the_version(), **HOLDS, by=person, at=at),
        lambda: draft_decision(submission, pk, rationale="Mine", by=person, at=at),
        lambda: take_over(submission, pk, by=person, at=at),
        lambda: release(submission, by=person, at=at),
    ):
        with refused("rule-06-not-allocated"):
            act()


def test_an_allocation_that_has_ended_ends_the_right_to_decide(world: World, at):
    submission = make_opened(world.registration, "1.1")
    yesterday = world.registration.allocations.get(user=world.assessor).starts_on
    for allocation in world.registration.allocations.filter(user=world.assessor):
        end_allocation(allocation, ends_on=yesterday, by=None, at=at)
    with refused("rule-06-not-allocated"):
        draft(world, submission, rationale="Mine")


# Drafting


def test_a_draft_decision_is_saved_bit_by_bit_and_counts_for_nothing(world: World, at):
    submission = make_opened(world.registration, "1.1")
    event = last_event()
    first = draft(world, submission, outcome="achieved")
    draft(world, submission, sufficient=True, rationale=" Because. ")
    second = draft(world, submission, version_ids=versions_of(submission))
    assert first.pk == second.pk
    assert (second.state, second.outcome, second.sufficient, second.rationale) == (
        "draft",
        "achieved",
        True,
        "Because.",
    )
    assert set(second.relied_on.values_list("version_id", flat=True)) == versions_of(submission)
    assert statuses(world.registration) == {"1.1": "submitted"}
    assert actions_since(event) == ["decision.drafted"]


def test_a_criterion_outside_the_submission_is_not_decided(world: World):
    submission = make_opened(world.registration, "1.1")
    with refused("rule-06-not-submitted"):
        draft(world, submission, "4.8", rationale="Why not")


def test_a_decision_rests_only_on_evidence_submitted_for_its_criterion(world: World):
    submission = make_opened(world.registration, "1.1")
    other = make_ready_evidence(world.registration, "4.8")
    with refused("rule-06-other-evidence"):
        draft(world, submission, version_ids={other.pk})


def test_an_outcome_that_does_not_exist_is_refused(world: World):
    submission = make_opened(world.registration, "1.1")
    with refused("rule-06-outcome"):
        draft(world, submission, outcome="merit")


def test_a_second_assessor_is_told_who_decides_already_and_may_take_over(world: World, at):
    submission = make_opened(world.registration, "1.1")
    draft(world, submission, rationale="Mine")
    with refused("decision-held") as caught:
        draft(world, submission, by=world.second_assessor, rationale="No, mine")
    assert "Asha Patel" in caught.value.message
    event, notice = last_event(), last_notice()
    take_over(submission, criterion("1.1").pk, by=world.second_assessor, at=at)
    assert not Decision.objects.exists()
    assert actions_since(event) == ["decision.taken_over"]
    assert told_since(notice) == [("Asha Patel", "taken-over")]
    assert draft(world, submission, by=world.second_assessor, rationale="Mine now").decider == world.second_assessor


def test_taking_over_nothing_or_ones_own_changes_nothing(world: World, at):
    submission = make_opened(world.registration, "1.1")
    with nothing_changes():
        take_over(submission, criterion("1.1").pk, by=world.assessor, at=at)
    draft(world, submission, rationale="Mine")
    with nothing_changes():
        take_over(submission, criterion("1.1").pk, by=world.assessor, at=at)


# Releasing


def test_releasing_makes_every_decision_count_and_tells_the_learner(world: World, at):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    decide_all(submission, by=world.assessor, outcomes={"1.2.a": "referred"})
    event, notice = last_event(), last_notice()
    released = release(submission, by=world.assessor, at=at)
    assert released.released_at == at
    assert statuses(world.registration) == {"1.1": "achieved", "1.2.a": "referred"}
    assert set(Decision.objects.values_list("criterion__code", "state", "outcome", "released_at")) == {
        ("1.1", "counts", "achieved", at),
        ("1.2.a", "counts", "referred", at),
    }
    assert the_version().state == "decided"
    assert set(submission.items.values_list("is_open", flat=True)) == {False}
    assert actions_since(event) == ["decision.released", "decision.released"]
    assert told_since(notice) == [("Tara Walsh", "feedback")]
    title = world.trainee.notices.latest("pk").title
    assert title == "Asha Patel has assessed your work: 1 achieved and 1 with changes needed"


def test_a_submission_is_released_once(world: World, at):
    submission = settle(make_submission(world.registration, "1.1"), by=world.assessor)
    for person in (world.assessor, world.second_assessor):
        with refused("submission-released"):
            release(submission, by=person, at=at)
    with refused("submission-released"):
        draft(world, submission, rationale="Changed my mind")
    with refused("submission-released"):
        take_over(submission, criterion("1.1").pk, by=world.second_assessor, at=at)


def test_every_reason_why_it_cannot_be_released_is_given_at_once(world: World, at):
    submission = make_opened(world.registration, "1.1", "1.2.a", "1.2.b", "1.2.c", "1.2.d")
    draft(world, submission, "1.2.a", outcome="achieved", rationale="Yes")
    draft(world, submission, "1.2.b", outcome="referred")
    draft(world, submission, "1.2.c", by=world.second_assessor, outcome="referred", **WORDS)
    draft(world, submission, "1.2.d", outcome="achieved", sufficient=True, version_ids=versions_of(submission), **WORDS)
    with refused(
        "rule-06-undecided",
        "rule-06-sufficient",
        "rule-06-rests-on",
        "rule-06-rationale",
        "rule-06-rests-on",
        "rule-07-feedback",
        "decision-held",
        "rule-06-unjudged",
    ):
        release(submission, by=world.assessor, at=at)


@pytest.mark.parametrize("outcome", ["achieved", "referred"])
def test_no_decision_rests_on_evidence_that_nobody_judged(world: World, at, outcome: str):
    submission = make_opened(world.registration, "1.1")
    sufficient = outcome == "achieved"
    draft(world, submission, outcome=outcome, sufficient=sufficient, version_ids=versions_of(submission), **WORDS)
    with refused("rule-06-unjudged"):
        release(submission, by=world.assessor, at=at)
    judge_all(submission, by=world.assessor)
    release(submission, by=world.assessor, at=at)
    assert statuses(world.registration) == {"1.1": outcome}


def test_an_allocation_left_open_does_not_let_somebody_decide_who_has_lost_the_role(world: World, at):
    submission = make_opened(world.registration, "1.1")
    membership = world.assessor.memberships.get(role="assessor")
    end_membership(membership, ends_on=timezone.localdate() - timedelta(days=1), by=None, at=at)
    gone = type(world.assessor).objects.get(pk=world.assessor.pk)
    assert not Submission.objects.visible_to(gone).exists()
    assert not Evidence.objects.visible_to(gone).exists()
    with refused("rule-06-no-role"):
        draft_decision(submission, criterion("1.1").pk, outcome="achieved", by=gone, at=at)


@pytest.mark.parametrize("test", HOLDS)
def test_achieved_only_if_each_version_relied_on_holds_all_four_tests(world: World, at, test: str):
    submission = make_opened(world.registration, "1.1")
    judge_all(submission, by=world.assessor, **{test: False})
    draft(world, submission, outcome="achieved", sufficient=True, version_ids=versions_of(submission), **WORDS)
    with refused("rule-06-unsound"):
        release(submission, by=world.assessor, at=at)
    draft(world, submission, outcome="referred", sufficient=False)
    release(submission, by=world.assessor, at=at)
    assert statuses(world.registration) == {"1.1": "referred"}


def test_partial_pieces_may_together_achieve_a_criterion(world: World, at):
    first = make_ready_evidence(world.registration, "1.1", title="Half")
    second = make_ready_evidence(world.registration, "1.1", title="The other half")
    submission = opened(submit(world.registration, "1.1"))
    decide_all(submission, by=world.assessor)
    release(submission, by=world.assessor, at=at)
    decision = Decision.objects.get()
    assert set(decision.relied_on.values_list("version_id", flat=True)) == {first.pk, second.pk}
    assert statuses(world.registration) == {"1.1": "achieved"}


def test_an_unsound_piece_that_is_not_relied_on_stands_in_no_ones_way(world: World, at):
    sound = make_ready_evidence(world.registration, "1.1", title="Sound")
    unsound = make_ready_evidence(world.registration, "1.1", title="Copied")
    submission = opened(submit(world.registration, "1.1"))
    judge_version(sound, **HOLDS, by=world.assessor, at=at)
    judge_version(unsound, **HOLDS | {"authentic": False}, note="Copied", by=world.assessor, at=at)
    draft(world, submission, outcome="achieved", sufficient=True, version_ids={sound.pk}, **WORDS)
    release(submission, by=world.assessor, at=at)
    assert statuses(world.registration) == {"1.1": "achieved"}


def test_a_later_decision_supersedes_the_earlier_one(world: World, at):
    settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    make_ready_evidence(world.registration, "1.1", title="Another piece")
    submission = opened(submit(world.registration, "1.1"))
    decide_all(submission, by=world.assessor)
    event = last_event()
    release(submission, by=world.assessor, at=at)
    assert actions_since(event) == ["decision.released", "decision.superseded"]
    assert list(Decision.objects.order_by("pk").values_list("state", "outcome")) == [
        ("superseded", "referred"),
        ("counts", "achieved"),
    ]


def test_a_version_that_waits_in_another_submission_is_not_decided_yet(world: World, at):
    version = make_ready_evidence(world.registration, "1.1", "1.2.a")
    first, second = opened(submit(world.registration, "1.1")), opened(submit(world.registration, "1.2.a"))
    settle(first, by=world.assessor)
    version.refresh_from_db()
    assert version.state == "submitted"
    settle(second, by=world.assessor)
    version.refresh_from_db()
    assert version.state == "decided"


def test_the_decision_keeps_what_it_rests_on_when_the_learner_goes_on(world: World, at):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    first = the_version()
    new_version(first.evidence, by=world.trainee, at=at)
    assert set(Decision.objects.get().relied_on.values_list("version_id", flat=True)) == {first.pk}
