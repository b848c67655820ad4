"""Rule 22: who is an expert witness follows from facts that the assessor verified; only an assessor or an expert
observes; nobody verifies or records for themselves."""

from itertools import product

import pytest
from django.utils import timezone

from assessment.api import declare_interest
from courses.delivery.api import Placement, end_allocation
from lms.accounts.api import Role, end_membership, grant_membership
from portfolio.api import EvidenceVersion
from portfolio.domain.record import save_record, sign_record, start_record
from portfolio.domain.witness import add_witness
from portfolio.models import Witness
from tests.factories import World, make_record, make_witness
from tests.helpers import actions_since, database_refuses, last_event, nothing_changes, refused, run_sql

pytestmark = pytest.mark.django_db
Kind = EvidenceVersion.Kind
FACTS = ("knows_unit", "is_competent", "has_assessing_qualification", "evaluates_staff")
WHO = {"name": "Wanda Fox", "job": "Manager", "workplace": "Willow Tree Nursery"}


@pytest.mark.parametrize("facts", list(product((True, False), repeat=4)))
def test_an_expert_is_who_meets_every_condition(world: World, at, facts: tuple[bool, ...]):
    said = dict(zip(FACTS, facts, strict=True))
    knows, competent, qualified, evaluates = facts
    made = add_witness(world.registration, **WHO, **said, verified_how="Met there.", by=world.assessor, at=at)
    assert made.is_expert is (knows and competent and (qualified or evaluates))
    unverified = add_witness(world.registration, **WHO, **said, verified_how="  ", by=world.assessor, at=at)
    assert unverified.is_expert is False


def test_a_witness_is_audited_without_a_name(world: World):
    event = last_event()
    make_witness(world.registration, by=world.assessor)
    assert actions_since(event) == ["witness.added"]


def test_a_witness_without_name_job_or_workplace_is_refused(world: World, at):
    with refused("witness-name", "witness-job", "witness-workplace"):
        add_witness(world.registration, name=" ", job="", workplace=" ", by=world.assessor, at=at)


@pytest.mark.parametrize(
    ("who", "code"),
    [("trainee", "rule-22-own-work"), ("unallocated_assessor", "rule-22-not-allocated"),
     ("iqa", "rule-22-not-allocated"), ("lead_iqa", "rule-22-not-allocated"),
     ("setting_manager", "rule-22-not-allocated"), ("other_trainee", "rule-22-not-allocated")],
)  # fmt: skip
def test_only_the_learners_assessor_records_and_verifies(world: World, at, who: str, code: str):
    person = getattr(world, who)
    with refused(code):
        make_witness(world.registration, by=person)
    for kind in (Kind.OBSERVATION, Kind.WITNESS_TESTIMONY, Kind.PROFESSIONAL_DISCUSSION):
        with refused(code):
            start_record(world.registration, kind=kind, title="Seen", by=person, at=at)


def test_an_assessor_whose_allocation_or_role_has_ended_signs_nothing(world: World, at):
    first = make_record(world.registration, by=world.assessor, sign=False)
    second = make_record(world.registration, by=world.second_assessor, sign=False)
    allocation = world.registration.allocations.get(user=world.assessor)
    end_allocation(allocation, ends_on=allocation.starts_on, by=None, at=at)
    membership = world.second_assessor.memberships.get(role=Role.ASSESSOR)
    end_membership(membership, ends_on=membership.starts_on, by=None, at=at)
    for version, user in ((first, world.assessor), (second, world.second_assessor)):
        user.__dict__.pop("current_memberships", None)
        with refused("rule-22-not-allocated"):
            sign_record(version, by=user, at=at)


def test_an_assessor_who_works_at_the_learners_setting_records_nothing(world: World, at):
    placement = Placement.objects.filter(registration=world.registration).first()
    grant_membership(world.assessor, placement.setting, Role.SETTING_MANAGER, starts_on=timezone.localdate(), by=None,
                     at=at)  # fmt: skip
    world.assessor.__dict__.pop("current_memberships", None)
    with refused("rule-08-undeclared-interest"):
        start_record(world.registration, kind=Kind.OBSERVATION, title="Seen", by=world.assessor, at=at)


def test_an_open_interest_keeps_a_signature_out_of_the_database(world: World, at):
    version = make_record(world.registration, by=world.assessor, sign=False)
    declare_interest(world.registration, "family", "", by=world.assessor, at=at)
    with database_refuses("Rule 8"):
        run_sql("UPDATE portfolio_evidenceversion SET signed_at = %s WHERE id = %s", at, version.pk)


def test_an_observation_is_by_the_assessor_or_an_expert(world: World, at):
    other = make_witness(world.registration, by=world.assessor, expert=False)
    version = make_record(world.registration, by=world.assessor, sign=False, witness=other)
    with refused("rule-22-observer"):
        sign_record(version, by=world.assessor, at=at)
    with database_refuses("Rule 22"):
        run_sql("UPDATE portfolio_evidenceversion SET signed_at = %s WHERE id = %s", at, version.pk)
    save_record(version, witness=make_witness(world.registration, by=world.assessor), by=world.assessor, at=at)
    assert sign_record(version, by=world.assessor, at=at).signed_at == at


def test_a_testimony_has_a_witness(world: World, at):
    version = make_record(world.registration, Kind.WITNESS_TESTIMONY, by=world.assessor, sign=False)
    with refused("rule-22-witness"):
        sign_record(version, by=world.assessor, at=at)
    with database_refuses("rule_22_testimony_has_a_witness"):
        run_sql("UPDATE portfolio_evidenceversion SET signed_at = %s WHERE id = %s", at, version.pk)


def test_a_witness_of_another_learner_testifies_for_nobody_else(world: World, at):
    stranger = make_witness(world.other_registration, by=world.area_senco)
    version = make_record(world.registration, Kind.WITNESS_TESTIMONY, by=world.assessor, sign=False)
    with database_refuses("Rule 22"):
        save_record(version, witness=stranger, by=world.assessor, at=at)


def test_a_witness_stays_as_recorded(world: World):
    witness = make_witness(world.registration, by=world.assessor, expert=False)
    with database_refuses("Rule 22"):
        Witness.objects.filter(pk=witness.pk).update(knows_unit=True)
    with nothing_changes(), database_refuses("Rule 22"):
        Witness.objects.filter(pk=witness.pk).delete()
