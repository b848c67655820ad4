"""Rule 9: who also supports, teaches or manages a learner declares it; policy says what follows; the learner sees it
and may object."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessment.api import Decision, check_submission, why_not_decide
from assessment.domain.dual_role import declare_dual_role, remind_to_declare, set_dual_role_policy
from assessment.domain.object import decide_objection, object_to
from assessment.domain.reassign import find_assessors
from assessment.models import DualRoleDeclaration, DualRolePolicy, Objection
from assessment.policies import dual_role_rule, facts_of, strictest
from courses.delivery.api import Allocation, allocate, end_allocation, end_support, record_support
from lms.accounts.api import Membership, Role, StaffQualification
from lms.accounts.models import Organisation
from portfolio.api import Submission
from tests.factories import World, allocate_assessor, make_person, make_qualified, make_submission, settle
from tests.helpers import actions_since, last_event, last_notice, refused, statuses, told_since

FORBID, SCRUTINY, SAMPLED, ALLOW = DualRolePolicy.STRICTEST_FIRST


def policy(world: World, rule: str, *, tier: str = "foundation", award: bool = False, authority: bool = False,
           at: Any = None) -> DualRolePolicy:  # fmt: skip
    """Set by the awarding organisation, or by the authority."""
    owner = world.authority if authority else world.ao
    by = world.authority_manager if authority else make_person(None, (Role.CENTRE_ADMINISTRATOR, world.ao))
    return set_dual_role_policy(owner, tier, rule, national_award=award, by=by, at=at or timezone.now())


def supporting(world: World, at: Any) -> None:
    """The authority records that its Area SENCO supports the setting of the trainee whom she assesses."""
    record_support(world.authority, [world.other_setting], world.area_senco, starts_on=at.date(),
                   by=world.authority_manager, at=at)  # fmt: skip


# Declaring


def test_support_on_record_makes_a_dual_role_and_must_be_declared(world: World, at):
    colleague = world.assessor
    assert why_not_decide(colleague, world.registration) is None
    Membership.objects.create(user=colleague, organisation=world.authority, role=Role.AREA_SENCO, starts_on=at.date())
    vars(colleague).pop("current_memberships", None)
    record_support(world.authority, [world.setting], colleague, starts_on=at.date(), by=world.authority_manager, at=at)
    assert facts_of(colleague, world.registration).supports
    assert why_not_decide(colleague, world.registration).code == "rule-09-undeclared"
    made = declare_dual_role(world.registration, [], "", by=colleague, at=at)
    assert (made.supports, made.teaches, made.manages) == (True, False, False)  # the records are declared with it
    assert why_not_decide(colleague, world.registration) is None


def test_a_declaration_holds_for_a_year_and_for_one_allocation(world: World, at):
    senco, mine = world.area_senco, world.other_registration
    made = declare_dual_role(mine, ["teaches"], "I ran your first lesson.", by=senco, at=at)
    assert made.valid_until == at.date().replace(year=at.year + 1)
    old = allocate_assessor(world.registration, senco)  # the factory declares for her
    DualRoleDeclaration.objects.get(allocation=old)
    end_allocation(old, ends_on=at.date() - timedelta(days=1), by=None, at=at)
    senco.notices.update(read_at=at)  # she was asked for the first one, too
    notice = last_notice()
    allocate(world.registration, senco, Allocation.Role.ASSESSOR, starts_on=at.date(), by=None, at=at)
    assert (senco.name, "declare") in told_since(notice)
    assert why_not_decide(senco, world.registration).code == "rule-09-undeclared"


def test_the_learner_is_told_of_what_is_new_and_only_of_that(world: World, at):
    before, notice = last_event(), last_notice()
    declare_dual_role(world.other_registration, ["supports"], "I visit you.", by=world.area_senco, at=at)
    assert told_since(notice) == [(world.other_trainee.name, "dual-role")]
    assert actions_since(before) == ["dual_role.declared"]
    notice = last_notice()
    declare_dual_role(world.other_registration, ["supports"], "I visit you often.", by=world.area_senco, at=at)
    declare_dual_role(world.other_registration, [], "", by=world.area_senco, at=at)
    assert told_since(notice) == []


def test_only_the_assessor_of_today_declares(world: World, at):
    for person in (world.unallocated_assessor, world.iqa, world.other_trainee, world.lead_iqa):
        with refused("rule-06-not-allocated"):
            declare_dual_role(world.other_registration, [], "", by=person, at=at)
    with refused("rule-09-role"):
        declare_dual_role(world.other_registration, ["owns"], "", by=world.area_senco, at=at)
    with refused("rule-09-detail"):
        declare_dual_role(world.other_registration, [], "x" * 1001, by=world.area_senco, at=at)


@pytest.mark.parametrize(("left", "kinds"), [(31, []), (30, ["declare-30"]), (12, ["declare-30"]), (7, ["declare-7"])])
def test_reminders_come_30_and_7_days_before_it_ends_once_each(world: World, at, left: int, kinds: list[str]):
    at = at.replace(hour=12)  # so that an hour later is the same day, summer time or not
    made = declare_dual_role(world.other_registration, [], "", by=world.area_senco, at=at)
    night = at + (made.valid_until - at.date()) - timedelta(days=left)
    notice = last_notice()
    remind_to_declare(night)
    remind_to_declare(night + timedelta(hours=1))
    assert told_since(notice) == [(world.area_senco.name, kind) for kind in kinds]


def test_no_reminder_once_declared_anew_nor_after_the_allocation(world: World, at):
    declare_dual_role(world.other_registration, [], "", by=world.area_senco, at=at)
    later = at + timedelta(days=350)
    declare_dual_role(world.other_registration, [], "", by=world.area_senco, at=later)
    notice = last_notice()
    remind_to_declare(later)
    Allocation.objects.filter(user=world.area_senco).update(ends_on=at.date() - timedelta(days=1))
    remind_to_declare(later + timedelta(days=340))
    assert told_since(notice) == []


# The policy: each of the four rules


def decided(world: World, at) -> Submission:
    """The Area SENCO, who supports the trainee's setting and has declared it, decides and releases."""
    declare_dual_role(world.other_registration, ["supports"], "", by=world.area_senco, at=at)
    submission = make_submission(world.other_registration, "1.1")
    settle(submission, by=world.area_senco)
    return submission


def test_allowed_it_counts_at_once_and_is_marked(world: World, at):
    decided(world, at)
    decision = Decision.objects.get()
    assert (decision.state, decision.dual_role, decision.always_sample) == ("counts", ALLOW, False)
    assert statuses(world.other_registration) == {"1.1": "achieved"}


def test_always_sampled_counts_at_once_and_quality_assurance_will_look(world: World, at):
    policy(world, SAMPLED)
    decided(world, at)
    decision = Decision.objects.get()
    assert (decision.state, decision.dual_role, decision.always_sample) == ("counts", SAMPLED, True)


def test_second_scrutiny_waits_for_somebody_else_without_such_a_role(world: World, at):
    policy(world, SCRUTINY)
    submission = decided(world, at)
    decision = Decision.objects.get()
    assert (decision.state, decision.dual_role, decision.released_at) == ("pending_scrutiny", SCRUTINY, None)
    assert statuses(world.other_registration) == {"1.1": "submitted"}
    verdicts = {decision.pk: (True, "")}
    with refused("rule-10-own-decision"):
        check_submission(submission, "scrutiny", verdicts, by=world.area_senco, at=at)
    allocate_assessor(world.other_registration, world.second_assessor, "second_assessor")
    allocate_assessor(world.other_registration, world.second_assessor, "tutor")
    with refused("rule-09-dual-scrutineer"):
        check_submission(submission, "scrutiny", verdicts, by=world.second_assessor, at=at)
    allocate_assessor(world.other_registration, world.assessor, "second_assessor")
    check_submission(submission, "scrutiny", verdicts, by=world.assessor, at=at)
    assert statuses(world.other_registration) == {"1.1": "achieved"}


def test_forbidden_somebody_else_decides(world: World, at):
    policy(world, FORBID)
    assert why_not_decide(world.area_senco, world.other_registration) is None  # she has no other role
    declare_dual_role(world.other_registration, ["manages"], "", by=world.area_senco, at=at)
    assert why_not_decide(world.area_senco, world.other_registration).code == "rule-09-forbidden"


def test_the_national_award_may_be_a_condition(world: World, at):
    policy(world, ALLOW, award=True)
    declare_dual_role(world.other_registration, ["supports"], "", by=world.area_senco, at=at)
    assert why_not_decide(world.area_senco, world.other_registration).code == "rule-09-forbidden"
    make_qualified(world.area_senco, StaffQualification.Kind.NATIONAL_AWARD)
    assert why_not_decide(world.area_senco, world.other_registration) is None


def test_an_authority_may_only_be_stricter_and_only_for_its_cohorts(world: World, at):
    assert dual_role_rule(world.registration) == (ALLOW, False)  # the pathway's default for the foundation tier
    policy(world, SAMPLED)
    policy(world, ALLOW, authority=True)
    assert dual_role_rule(world.registration) == (SAMPLED, False)
    policy(world, FORBID, authority=True)
    assert dual_role_rule(world.registration) == (FORBID, False)
    assert dual_role_rule(world.other.registration) == (ALLOW, False)


def test_what_was_set_stays_as_history_and_what_was_decided_stays_decided(world: World, at):
    decided(world, at)
    policy(world, SCRUTINY)
    policy(world, FORBID, at=timezone.now() + timedelta(seconds=1))
    assert list(DualRolePolicy.objects.order_by("pk").values_list("rule", flat=True)) == [SCRUTINY, FORBID]
    assert Decision.objects.get().state == "counts"


def test_each_sets_its_own_policy_and_nobody_elses(world: World, at):
    of_ao = make_person(None, (Role.CENTRE_ADMINISTRATOR, world.ao))
    for owner, by in ((world.ao, world.author), (world.ao, world.centre_admin), (world.ao, world.eqa),
                      (world.ao, world.authority_manager), (world.authority, world.area_senco),
                      (world.authority, of_ao), (world.other.ao, of_ao),
                      (world.centre, world.centre_admin)):  # fmt: skip
        with refused("rule-09-right"):
            set_dual_role_policy(owner, "foundation", FORBID, national_award=False, by=by, at=at)
    set_dual_role_policy(world.ao, "foundation", FORBID, national_award=False, by=of_ao, at=at)
    with refused("rule-09-same"):
        set_dual_role_policy(world.ao, "foundation", FORBID, national_award=False, by=of_ao, at=at)
    for tier, rule in (("beginner", FORBID), ("foundation", "perhaps")):
        with refused("rule-09-choice"):
            set_dual_role_policy(world.ao, tier, rule, national_award=False, by=of_ao, at=at)


@given(st.lists(st.sampled_from(DualRolePolicy.STRICTEST_FIRST)))
def test_the_strictest_of_any_rules_is_never_laxer_than_one_of_them(rules):
    order = DualRolePolicy.STRICTEST_FIRST
    assert all(order.index(strictest(rules)) <= order.index(rule) for rule in rules)
    assert strictest(rules) in (rules or [FORBID])


# Support


def test_support_is_recorded_for_several_settings_at_once_and_told(world: World, at):
    before, notice = last_event(), last_notice()
    places = [world.setting, world.other_setting]
    made = record_support(world.authority, places, world.area_senco, starts_on=at.date(), by=world.authority_manager,
                          at=at)  # fmt: skip
    assert {row.setting for row in made} == set(places)
    assert actions_since(before) == ["support.recorded"]
    assert told_since(notice) == [(world.area_senco.name, "support")]
    with refused("support-held"):
        record_support(world.authority, places, world.area_senco, starts_on=at.date(), by=world.authority_manager,
                       at=at)  # fmt: skip


def test_support_is_the_authoritys_to_record(world: World, at):
    third = Organisation.objects.create(kind="setting", name="Third", local_authority=world.authority)

    def record(by, person=world.area_senco, setting=third):
        record_support(world.authority, [setting], person, starts_on=at.date(), by=by, at=at)

    for by in (world.area_senco, world.centre_admin, world.lead_iqa, world.other.authority_manager):
        with refused("support-right"):
            record(by)
    with refused("support-role"):
        record(world.authority_manager, person=world.assessor)
    for setting in (world.other.setting, world.centre):
        with refused("support-setting"):
            record(world.authority_manager, setting=setting)


def test_ended_support_is_no_dual_role_from_the_next_day(world: World, at):
    supporting(world, at - timedelta(days=5))
    row = world.area_senco.settings_supported.get()
    assert facts_of(world.area_senco, world.other_registration).supports
    with refused("support-dates"):
        end_support(row, ends_on=at.date() - timedelta(days=6), by=world.authority_manager, at=at)
    end_support(row, ends_on=at.date() - timedelta(days=1), by=world.authority_manager, at=at)
    assert not facts_of(world.area_senco, world.other_registration).supports
    with refused("support-ended"):
        end_support(row, ends_on=at.date(), by=world.authority_manager, at=at)


# Objecting


def objected(world: World, at) -> Objection:
    return object_to(world.registration, world.assessor, "He is my neighbour.", by=world.trainee, at=at)


def test_while_an_objection_is_open_that_person_decides_nothing(world: World, at):
    before, notice = last_event(), last_notice()
    objected(world, at)
    assert why_not_decide(world.assessor, world.registration).code == "rule-09-objection"
    assert why_not_decide(world.second_assessor, world.registration) is None
    assert told_since(notice) == [(world.lead_iqa.name, "objection"), (world.assessor.name, "objection")]
    assert actions_since(before) == ["objection.raised"]
    with refused("objection-open"):
        objected(world, at)


def test_only_the_learner_objects_with_a_reason_to_who_assesses_them(world: World, at):
    with refused("objection-reason"):
        object_to(world.registration, world.assessor, "  ", by=world.trainee, at=at)
    with refused("objection-long"):
        object_to(world.registration, world.assessor, "x" * 2001, by=world.trainee, at=at)
    with refused("objection-right"):
        object_to(world.registration, world.assessor, "Why", by=world.other_trainee, at=at)
    for about in (world.iqa, world.unallocated_assessor, world.area_senco):
        with refused("objection-nobody"):
            object_to(world.registration, about, "Why", by=world.trainee, at=at)


def test_upheld_ends_the_allocation_and_another_assessor_gets_the_work(world: World, at):
    submission = make_submission(world.registration, "1.1")
    assert submission.assessor == world.assessor
    row, notice = objected(world, at), last_notice()
    decide_objection(row, "upheld", "You know each other too well.", by=world.lead_iqa, at=at)
    assert told_since(notice)[-2:] == [(world.trainee.name, "objection"), (world.assessor.name, "objection")]
    assert why_not_decide(world.assessor, world.registration).code in ("rule-06-not-allocated", "rule-09-objection")
    find_assessors()
    assert Submission.objects.get(pk=submission.pk).assessor == world.second_assessor
    # Even allocated again they decide nothing.
    Allocation.objects.create(registration=world.registration, user=world.assessor, role="assessor",
                              starts_on=at.date())  # fmt: skip
    assert why_not_decide(world.assessor, world.registration).code == "rule-09-objection"


def test_not_upheld_they_go_on_and_the_learner_reads_why(world: World, at):
    row = objected(world, at)
    made = decide_objection(row, "not_upheld", "Neighbours may assess.", by=world.lead_iqa, at=at)
    assert (made.outcome, made.answer, made.decided_by) == ("not_upheld", "Neighbours may assess.", world.lead_iqa)
    assert why_not_decide(world.assessor, world.registration) is None
    with refused("objection-decided"):
        decide_objection(row, "upheld", "Yes", by=world.lead_iqa, at=at)
    object_to(world.registration, world.assessor, "He shouted.", by=world.trainee, at=at)  # something new may be said


def test_the_lead_iqa_decides_and_nobody_about_themselves(world: World, at):
    row = objected(world, at)
    for by in (world.iqa, world.centre_admin, world.assessor, world.other.lead_iqa, world.trainee):
        with refused("objection-decider"):
            decide_objection(row, "upheld", "Yes", by=by, at=at)
    with refused("objection-outcome"):
        decide_objection(row, "perhaps", "Yes", by=world.lead_iqa, at=at)
    with refused("objection-answer"):
        decide_objection(row, "upheld", " ", by=world.lead_iqa, at=at)
    allocate_assessor(world.registration, world.lead_iqa)
    about = object_to(world.registration, world.lead_iqa, "She, too.", by=world.trainee, at=at)
    with refused("objection-own"):
        decide_objection(about, "not_upheld", "No", by=world.lead_iqa, at=at)
