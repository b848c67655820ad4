"""Rule 8: nobody decides their own work, or where they have an open or undeclared personal interest."""

import pytest

from assessment.api import (
    Decision,
    InterestDeclaration,
    declare_interest,
    draft_decision,
    judge_version,
    release,
    resolve_interest,
    why_not_decide,
)
from assessment.policies import facts_of
from courses.delivery.api import allocate
from lms.accounts.api import end_membership
from portfolio.api import EvidenceVersion
from tests.factories import World, allocate_assessor, criterion, decide_all, make_person, make_submission, settle
from tests.helpers import actions_since, last_event, last_notice, nothing_changes, refused, told_since

HOLDS = {"valid": True, "authentic": True, "current": True, "reliable": True}


def acts(world: World, submission, by, at):
    version = EvidenceVersion.objects.select_related("evidence").get()
    return (
        lambda: judge_version(version, **HOLDS, by=by, at=at),
        lambda: draft_decision(submission, criterion("1.1").pk, rationale="Mine", by=by, at=at),
        lambda: release(submission, by=by, at=at),
    )


def test_the_learner_decides_nothing_of_their_own(world: World, at):
    submission = make_submission(world.registration, "1.1")
    for act in acts(world, submission, world.trainee, at):
        with refused("rule-08-own-work"):
            act()


def test_nobody_is_allocated_to_their_own_registration(world: World, at):
    with refused("rule-08-own-work"):
        allocate(world.registration, world.trainee, "assessor", starts_on=at.date(), by=None, at=at)


def test_an_open_interest_takes_the_right_to_decide(world: World, at):
    submission = make_submission(world.registration, "1.1")
    assert why_not_decide(world.assessor, world.registration) is None
    declare_interest(world.registration, "friendship", "We are friends", by=world.assessor, at=at)
    assert facts_of(world.assessor, world.registration).open_interest
    for act in acts(world, submission, world.assessor, at):
        with refused("rule-08-open-interest"):
            act()
    assert why_not_decide(world.second_assessor, world.registration) is None


def test_declaring_drops_the_persons_drafts_and_tells_the_lead_iqas(world: World, at):
    submission = make_submission(world.registration, "1.1")
    decide_all(submission, by=world.assessor)
    event, notice = last_event(), last_notice()
    declare_interest(world.registration, "family", " My cousin ", by=world.assessor, at=at)
    declared = InterestDeclaration.objects.get()
    assert (declared.kind, declared.detail, declared.declared_at) == ("family", "My cousin", at)
    assert not Decision.objects.exists()
    assert actions_since(event) == ["interest.declared"]
    assert told_since(notice) == [("Leila Haddad", "interest")]
    settle(submission, by=world.second_assessor)


def test_a_released_decision_stays_when_an_interest_is_declared_later(world: World, at):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    declare_interest(world.registration, "money", "", by=world.assessor, at=at)
    assert Decision.objects.get().state == "counts"


def test_declaring_twice_is_once(world: World, at):
    first = declare_interest(world.registration, "family", "", by=world.assessor, at=at)
    with nothing_changes():
        assert declare_interest(world.registration, "family", "Again", by=world.assessor, at=at) == first


def test_an_unknown_kind_of_interest_is_refused(world: World, at):
    with refused("rule-08-kind"):
        declare_interest(world.registration, "rumour", "", by=world.assessor, at=at)


def test_the_lead_iqa_resolves_an_interest_with_a_word_on_how(world: World, at):
    declared = declare_interest(world.registration, "employment", "", by=world.assessor, at=at)
    with refused("rule-08-resolution"):
        resolve_interest(declared, "cleared", "  ", by=world.lead_iqa, at=at)
    event, notice = last_event(), last_notice()
    resolve_interest(declared, "cleared", " Ended in May ", by=world.lead_iqa, at=at)
    declared.refresh_from_db()
    assert (declared.resolved_at, declared.resolved_by, declared.resolution) == (at, world.lead_iqa, "Ended in May")
    assert actions_since(event) == ["interest.resolved"]
    assert told_since(notice) == [("Asha Patel", "interest")]
    assert why_not_decide(world.assessor, world.registration) is None
    with refused("rule-08-resolved"):
        resolve_interest(declared, "cleared", "Again", by=world.lead_iqa, at=at)


def test_nobody_else_resolves_an_interest(world: World, at):
    declared = declare_interest(world.registration, "employment", "", by=world.assessor, at=at)
    for person in (world.assessor, world.second_assessor, world.iqa, world.centre_admin, world.other.lead_iqa):
        with refused("rule-08-right"):
            resolve_interest(declared, "cleared", "Fine", by=person, at=at)


def test_a_lead_iqa_does_not_resolve_their_own(world: World, at):
    declared = declare_interest(world.registration, "employment", "", by=world.lead_iqa, at=at)
    with refused("rule-08-right"):
        resolve_interest(declared, "cleared", "Fine", by=world.lead_iqa, at=at)


def test_each_kind_must_be_resolved(world: World, at):
    first = declare_interest(world.registration, "employment", "", by=world.assessor, at=at)
    declare_interest(world.registration, "money", "", by=world.assessor, at=at)
    resolve_interest(first, "cleared", "Ended", by=world.lead_iqa, at=at)
    assert facts_of(world.assessor, world.registration).open_interest


def test_an_interest_in_one_learner_is_none_in_another(world: World, at):
    declare_interest(world.other_registration, "family", "", by=world.assessor, at=at)
    assert why_not_decide(world.assessor, world.registration) is None


@pytest.mark.parametrize("role", ["setting_manager", "practitioner", "mentor"])
def test_somebody_who_works_at_the_learners_setting_has_an_undeclared_interest(world: World, at, role: str):
    colleague = make_person("Col League", ("assessor", world.centre), (role, world.setting))
    allocate_assessor(world.registration, colleague)
    submission = make_submission(world.registration, "1.1")
    for act in acts(world, submission, colleague, at):
        with refused("rule-08-undeclared-interest"):
            act()


def test_work_at_another_setting_or_work_that_has_ended_is_no_interest(world: World, at):
    elsewhere = make_person("Else Where", ("assessor", world.centre), ("practitioner", world.other_setting))
    allocate_assessor(world.registration, elsewhere)
    assert why_not_decide(elsewhere, world.registration) is None
    former = make_person("For Mer", ("assessor", world.centre), ("practitioner", world.setting))
    allocate_assessor(world.registration, former)
    membership = former.memberships.get(role="practitioner")
    end_membership(membership, ends_on=membership.starts_on, by=None, at=at)
    assert why_not_decide(type(former).objects.get(pk=former.pk), world.registration) is None


def test_an_area_senco_who_assesses_has_a_dual_role_and_no_personal_interest(world: World):
    assert why_not_decide(world.area_senco, world.other_registration) is None
    settle(make_submission(world.other_registration, "1.1"), by=world.area_senco)
