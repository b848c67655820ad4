"""Rule 23: an observation names observer, date, setting and duration; a discussion is dated, recorded and refers to
each criterion; what is signed stays, and is its learner's to submit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portfolio.api import Evidence, EvidenceLink, EvidenceVersion, Link, candidates, new_version, save_draft, set_links
from portfolio.domain.record import (
    discard_record,
    save_record,
    sign_record,
    start_record,
    take_back_signature,
)
from tests.factories import World, criterion, link_and_declare, make_draft, make_file, make_record, make_witness, submit
from tests.helpers import (
    actions_since,
    database_refuses,
    last_event,
    last_notice,
    nothing_changes,
    refused,
    run_sql,
    statuses,
    told_since,
)

pytestmark = pytest.mark.django_db
Kind = EvidenceVersion.Kind
RECORDED = (Kind.OBSERVATION, Kind.WITNESS_TESTIMONY, Kind.PROFESSIONAL_DISCUSSION)


def signed(world: World, kind: str = Kind.OBSERVATION, **fields) -> EvidenceVersion:
    if kind == Kind.WITNESS_TESTIMONY:
        fields["witness"] = make_witness(world.registration, by=world.assessor)
    return make_record(world.registration, kind, by=world.assessor, **fields)


def sign_raw(version: EvidenceVersion) -> int:
    return run_sql("UPDATE portfolio_evidenceversion SET signed_at = %s WHERE id = %s", timezone.now(), version.pk)


MISSING = [
    (Kind.OBSERVATION, {"happened_on": None}, "rule-23-date", "rule_23_observation"),
    (Kind.OBSERVATION, {"place": ""}, "rule-23-setting", "rule_23_observation"),
    (Kind.OBSERVATION, {"minutes": None}, "rule-23-duration", "rule_23_observation"),
    (Kind.OBSERVATION, {"text": ""}, "rule-23-content", "Rule 23"),
    (Kind.PROFESSIONAL_DISCUSSION, {"happened_on": None}, "rule-23-date", "rule_23_discussion_is_dated"),
    (Kind.PROFESSIONAL_DISCUSSION, {"text": ""}, "rule-23-content", "Rule 23"),
]


@pytest.mark.parametrize(("kind", "fields", "code", "rule"), MISSING)
def test_a_record_is_not_signed_without_what_makes_it_one(world: World, at, kind, fields, code, rule):
    version = signed(world, kind, sign=False, **fields)
    with refused(code) as caught:
        sign_record(version, by=world.assessor, at=at)
    assert str(version.evidence.ref) in caught.value.reasons[0].fix_url
    with database_refuses(rule):
        sign_raw(version)


def test_every_lack_is_named_at_once(world: World, at):
    version = start_record(world.registration, kind=Kind.OBSERVATION, title="Seen", by=world.assessor, at=at)
    with refused("rule-23-date", "rule-23-setting", "rule-23-duration", "rule-23-content"):
        sign_record(version, by=world.assessor, at=at)


def test_a_day_that_has_not_come_is_no_date(world: World, at):
    version = signed(world, sign=False, happened_on=timezone.localdate() + timedelta(days=1))
    with refused("rule-23-date"):
        sign_record(version, by=world.assessor, at=at)


def test_a_recording_is_a_record_once_it_is_checked(world: World, at):
    version = signed(world, Kind.PROFESSIONAL_DISCUSSION, sign=False, text="")
    make_file(version, by=world.assessor)
    assert sign_record(version, by=world.assessor, at=at).signed_at == at


@pytest.mark.parametrize("kind", RECORDED)
def test_signing_tells_the_learner_whose_it_is_then(world: World, at, kind: str):
    version = signed(world, kind, sign=False)
    assert not Evidence.objects.visible_to(world.trainee).exists()
    event, notice = last_event(), last_notice()
    sign_record(version, by=world.assessor, at=at)
    assert actions_since(event) == ["evidence.signed"]
    assert told_since(notice) == [("Tara Walsh", "record")]
    assert EvidenceVersion.objects.visible_to(world.trainee).get() == version
    submission = submit_linked(world, version)
    assert statuses(world.registration) == {"4.5": "submitted"}
    assert submission.assessor == world.assessor


def submit_linked(world: World, version: EvidenceVersion):
    link_and_declare(version, "4.5")
    return submit(world.registration, "4.5")


def test_an_unsigned_record_is_nobodys_but_its_recorders(world: World, at):
    version = signed(world, sign=False)
    save_record(version, links=[Link(criterion("4.5").pk)], by=world.assessor, at=at)
    for person in (world.trainee, world.second_assessor, world.iqa, world.setting_manager, world.lead_iqa):
        assert not EvidenceVersion.objects.visible_to(person).exists()
        assert not EvidenceVersion.objects.recorded_by(person).exists()
    assert EvidenceVersion.objects.recorded_by(world.assessor).get() == version
    assert statuses(world.registration) == {}
    assert candidates(world.registration, at=at) == []
    sign_record(version, by=world.assessor, at=at)
    assert statuses(world.registration) == {"4.5": "in_progress"}


def test_criteria_that_the_assessor_linked_wait_for_the_learners_declarations(world: World, at):
    version = signed(world, sign=False)
    save_record(version, links=[Link(criterion("4.5").pk, where="Minute 3")], by=world.assessor, at=at)
    sign_record(version, by=world.assessor, at=at)
    with refused("rule-03-child-identity", "rule-01-true-record"):
        submit(world.registration, "4.5")


@pytest.mark.parametrize("kind", RECORDED)
def test_what_a_record_says_is_not_the_learners_to_change(world: World, at, kind: str):
    version = signed(world, kind)
    for change in ({"text": "Better"}, {"title": "Other"}, {"kind": Kind.CASE_STUDY}, {"minutes": 90}):
        with refused("rule-23-recorded"):
            save_draft(version, **change, by=world.trainee, at=at)
    with database_refuses("Rule 23"):
        run_sql("UPDATE portfolio_evidenceversion SET text = 'Better' WHERE id = %s", version.pk)
    set_links(version, [Link(criterion("4.5").pk, where="Minute 3")], by=world.trainee, at=at)
    assert EvidenceLink.objects.get(version=version).where == "Minute 3"


def test_a_learner_makes_no_record_of_their_own(world: World, at):
    version = make_draft(world.registration)
    for kind in RECORDED:
        with refused("evidence-kind"):
            make_draft(world.registration, kind=kind)
        with refused("evidence-kind"):
            save_draft(version, kind=kind, by=world.trainee, at=at)


def test_a_signed_record_is_changed_after_its_signature_is_taken_back(world: World, at):
    version = link_and_declare(signed(world), "4.5")
    with refused("rule-23-signed"):
        save_record(version, text="Better", by=world.assessor, at=at)
    with refused("record-recorder"):
        take_back_signature(version, by=world.second_assessor, at=at)
    event, notice = last_event(), last_notice()
    take_back_signature(version, by=world.assessor, at=at)
    assert actions_since(event) == ["evidence.unsigned"]
    assert told_since(notice) == [("Tara Walsh", "record")]
    assert not Evidence.objects.visible_to(world.trainee).exists()
    assert statuses(world.registration) == {}
    save_record(version, text="Better", by=world.assessor, at=at)
    row = sign_record(version, by=world.assessor, at=at)
    assert (row.text, row.is_declared, statuses(world.registration)) == ("Better", False, {"4.5": "in_progress"})


def test_a_submitted_record_stays(world: World, at):
    version = signed(world)
    submit_linked(world, version)
    for act in (lambda: take_back_signature(version, by=world.assessor, at=at),
                lambda: save_record(version, text="x", by=world.assessor, at=at),
                lambda: discard_record(version, by=world.assessor, at=at)):  # fmt: skip
        with refused("rule-02-frozen"):
            act()


def test_a_new_version_of_a_record_keeps_what_it_says_and_lets_links_change(world: World, at):
    version = signed(world)
    submit_linked(world, version)
    second = new_version(version.evidence, by=world.trainee, at=at)
    assert (second.text, second.recorded_by, second.signed_at) == (version.text, world.assessor, version.signed_at)
    with refused("rule-23-recorded"):
        save_draft(second, text="Better", by=world.trainee, at=at)
    with refused("rule-02-frozen"):
        take_back_signature(second, by=world.assessor, at=at)
    link_and_declare(second, "4.2.a")
    submit(world.registration, "4.2.a")
    assert statuses(world.registration) == {"4.5": "submitted", "4.2.a": "submitted"}


def test_a_record_that_is_not_signed_is_deleted_with_its_files(world: World, at):
    version = signed(world, sign=False)
    make_file(version, by=world.assessor)
    with refused("record-recorder"):
        discard_record(version, by=world.second_assessor, at=at)
    discard_record(version, by=world.assessor, at=at)
    assert not Evidence.objects.exists()


def test_saving_the_same_again_changes_nothing(world: World, at):
    version = signed(world, sign=False)
    with nothing_changes():
        save_record(version, text=version.text, minutes=45, title="", by=world.assessor, at=at)


# A discussion refers to each criterion


def test_a_discussion_says_for_each_criterion_where_it_is_met(world: World, at):
    version = link_and_declare(signed(world, Kind.PROFESSIONAL_DISCUSSION), "4.5", "1.1", where="")
    with refused("rule-23-reference"):
        submit(world.registration, "4.5")
    raw = ("UPDATE portfolio_evidenceversion SET state = 'submitted', submitted_at = %s WHERE id = %s", at, version.pk)
    with database_refuses("Rule 23"):
        run_sql(*raw)
    link_and_declare(version, "4.5", "1.1", where="Minute 3")
    submit(world.registration, "4.5")
    assert statuses(world.registration) == {"4.5": "submitted", "1.1": "in_progress"}
