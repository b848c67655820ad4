"""The hash chain of the audit log (rule 39). What each act records: `tests/rules/test_rule_39_log.py`."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.api import declare_interest
from courses.delivery.api import give_number
from lms.accounts.api import Organisation, Role, end_membership, grant_membership
from lms.audit.api import Action, Fault, digest, record, stream_of, verify
from lms.audit.chain import canonical_text
from lms.audit.models import AuditEvent, AuditStream
from portfolio.api import Evidence, Link, declare, new_version, save_draft, set_links
from portfolio.domain.share import share_with_setting
from tests import ground
from tests.factories import (
    World,
    criterion,
    make_draft,
    make_file,
    make_learner,
    make_organisation,
    make_person,
    opened,
    settle,
    submit,
)
from tests.helpers import lifted, nothing_changes

A, B, C = "person:000000000001", "person:000000000002", "registration:000000000001"


def write(stream: str, at: Any, **fields: Any) -> AuditEvent:
    values = {"by": None, "role": "system", "subject": "x:1", **fields}
    return record(stream, values.pop("action", Action.POLICY_SET), at=at, **values)


# Writing


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused_and_writes_nothing(at):
    with nothing_changes(), pytest.raises(RuntimeError, match="in the transaction of the change"):
        write(A, at)


@pytest.mark.parametrize("action", ["lunch.eaten", "", "POLICY_SET", None])
def test_an_act_outside_the_closed_list_is_refused_and_writes_nothing(db: None, at, action: Any):
    with nothing_changes(), pytest.raises(ValueError, match="is not a valid Action"):
        write(A, at, action=action)


def test_streams_of_a_kind_sort_by_number():
    assert sorted(stream_of("person", pk) for pk in (100, 9, 10)) == [stream_of("person", pk) for pk in (9, 10, 100)]


def test_a_digest_says_whether_a_value_is_the_same_and_not_what_it_is(settings: Any):
    assert digest("9276308686", salt="a") == digest("9276308686", salt="a")
    different = {digest("9276308686", salt="a"), digest("9276308686", salt="b"), digest("9276308687", salt="a")}
    settings.SECRET_KEY = "of another installation"
    assert len(different | {digest("9276308686", salt="a")}) == 4
    assert not [found for found in different if "9276" in found]


# Checking

ANYTHING = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
VALUES = st.dictionaries(ANYTHING, st.one_of(ANYTHING, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none(),
                                             st.lists(st.integers(0, 99), max_size=3)), max_size=3)  # fmt: skip
EVENT = st.fixed_dictionaries(
    {
        "stream": st.sampled_from([A, B, C]), "action": st.sampled_from(Action), "role": ANYTHING,
        "acting_as": ANYTHING, "subject": ANYTHING, "changes": VALUES,
        "after": st.timedeltas(timedelta(0), timedelta(days=400)), "actor": st.booleans(),
    }
)  # fmt: skip


@settings(max_examples=40)
@given(events=st.lists(EVENT, max_size=12))
def test_any_sequence_of_events_over_several_streams_verifies(db: None, at, events: list[dict[str, Any]]):
    person = make_person()
    before = dict(AuditStream.objects.values_list("name", "last_sequence"))
    for event in events:
        actor = person if event.pop("actor") else None
        written = record(event.pop("stream"), event.pop("action"), by=actor, at=at + event.pop("after"), **event)
        assert hashlib.sha256(written.canonical.encode()).hexdigest() == written.hash
    assert list(verify()) == []
    added = sum(stream.last_sequence - before.get(stream.name, 0) for stream in AuditStream.objects.all())
    assert added == len(events)


@pytest.fixture
def chains(db: None, at) -> list[AuditEvent]:
    """Three streams of five events; those of the middle one."""
    for number in range(5):
        for stream in (A, B, C):
            write(stream, at + timedelta(minutes=number), changes={"number": number})
    assert list(verify()) == []
    return list(AuditEvent.objects.filter(stream__name=B).order_by("sequence"))


def update(event: AuditEvent, **fields: Any) -> None:
    assert AuditEvent.objects.filter(pk=event.pk).update(**fields) == 1


def head(events: list[AuditEvent], **fields: Any) -> None:
    assert AuditStream.objects.filter(pk=events[0].stream_id).update(**fields) == 1


def rewrite(event: AuditEvent, text: str) -> None:
    """Another text with a hash that fits it."""
    update(event, canonical=text, hash=hashlib.sha256(text.encode()).hexdigest())


def swap(events: list[AuditEvent]) -> None:
    """The second and third event change places, with all that they say."""
    second, third = events[1], events[2]
    update(second, sequence=99)
    update(third, sequence=2)
    update(second, sequence=3)


def swap_and_relink(events: list[AuditEvent]) -> None:
    """The same by a forger who mends the links too, but not the texts."""
    swap(events)
    update(events[2], previous_hash=events[0].hash)
    update(events[1], previous_hash=events[2].hash)
    update(events[3], previous_hash=events[1].hash)


def forge_last(events: list[AuditEvent], text: str) -> None:
    """A last event of the forger's own, and a head that fits it."""
    rewrite(events[4], text)
    head(events, last_hash=hashlib.sha256(text.encode()).hexdigest())


def resealed(event: AuditEvent, changes: dict[str, Any]) -> str:
    return canonical_text(event.stream.name, event.sequence, event.at, event.actor_id, event.role, event.acting_as,
                          event.action, event.subject, changes, event.previous_hash)  # fmt: skip


TAMPERING = {
    "a text": (lambda e: update(e[2], canonical=e[2].canonical.replace(":2", ":7")), 3, "hash does not match"),
    "a text and its hash": (lambda e: rewrite(e[2], resealed(e[2], {"number": 7})), 4, "does not follow"),
    "the role": (lambda e: update(e[2], role="learner"), 3, "columns do not match"),
    "the subject": (lambda e: update(e[2], subject="x:2"), 3, "columns do not match"),
    "the action": (lambda e: update(e[2], action="attempt.granted"), 3, "columns do not match"),
    "the organisation acted for": (lambda e: update(e[2], acting_as="organisation:1"), 3, "columns do not match"),
    "the time, by a microsecond": (
        lambda e: update(e[2], at=e[2].at + timedelta(microseconds=1)), 3, "columns do not match"),
    "an event moved to another stream": (
        lambda e: update(e[4], stream=AuditStream.objects.get(name=C), sequence=6), 5, "head does not match"),
    "an event taken out": (lambda e: e[2].delete(), 3, "event is missing"),
    "the first event taken out": (lambda e: e[0].delete(), 1, "event is missing"),
    "two events in each other's place": (swap, 2, "does not follow"),
    "two events in each other's place, linked": (swap_and_relink, 2, "columns do not match"),
    "the tail cut off": (lambda e: [event.delete() for event in e[3:]], 5, "head does not match"),
    "the head set back": (lambda e: head(e, last_sequence=4, last_hash=e[3].hash), 4, "head does not match"),
    "the head's hash": (lambda e: head(e, last_hash="0" * 64), 5, "head does not match"),
    "a last event that is no record": (lambda e: forge_last(e, "nothing"), 5, "columns do not match"),
    "a last event that is another thing": (lambda e: forge_last(e, "[1, 2]"), 5, "columns do not match"),
    "a last event without its facts": (lambda e: forge_last(e, '{"stream":"x"}'), 5, "columns do not match"),
    "a last event at a time that is none": (
        lambda e: forge_last(e, e[4].canonical.replace('"at":"', '"at":"soon ')), 5, "columns do not match"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
def test_each_kind_of_tampering_is_found_and_named(chains: list[AuditEvent], what: str, capsys):
    tamper, sequence, reason = TAMPERING[what]
    with lifted():
        tamper(chains)
    faults = [fault for fault in verify() if fault.stream != C]
    assert [(fault.stream, fault.sequence) for fault in faults] == [(B, sequence)]
    assert faults[0].reason.startswith(reason)
    with pytest.raises(CommandError, match="audit streams are broken"):
        call_command("verify_audit")
    assert f"{B} event {sequence}: {reason}" in capsys.readouterr().err


def test_every_broken_stream_is_named_with_its_first_fault(chains: list[AuditEvent], capsys):
    with lifted():
        AuditEvent.objects.filter(stream__name=A, sequence__gte=2).update(role="other")
        AuditEvent.objects.filter(stream__name=C, sequence=4).delete()
    assert list(verify()) == [
        Fault(A, 2, "columns do not match its text"),
        Fault(C, 4, "event is missing"),
    ]
    with pytest.raises(CommandError, match="2 audit streams are broken"):
        call_command("verify_audit")
    assert capsys.readouterr().err.splitlines() == [
        f"{A} event 2: columns do not match its text", f"{C} event 4: event is missing",
    ]  # fmt: skip


# What the log must not hold

WORDS = {
    "text": "Zebedee would not put on his coat", "better text": "Zebedee put on his coat by Easter",
    "title": "Coats and Zebedee", "where": "paragraph quokka", "why": "quokkas are patient",
    "ai": "wombat for spelling",
    "note": "narwhal says so", "rationale": "ocelot shows it well", "feedback": "lemur would like dates",
    "interest": "we keep axolotls together", "file": "pangolin-notes.txt", "inside the file": "pangolins at snack time",
}  # fmt: skip
ULN = "9276308686"


def journey(world: World, at: Any) -> None:
    """A learner's way through all that step 1 has, in words that stand nowhere else."""
    registration, trainee, assessor = world.registration, world.trainee, world.assessor
    give_number(registration, ULN, by=trainee, at=at)
    give_number(world.other_registration, ULN, by=world.other_trainee, at=at)
    draft = make_draft(registration, title=WORDS["title"], text=WORDS["text"])
    set_links(draft, [Link(criterion("1.1").pk, where=WORDS["where"], why=WORDS["why"])], by=trainee, at=at)
    make_file(draft, WORDS["file"], WORDS["inside the file"].encode(), at=at)
    declare(draft, authentic=True, no_child_identified=True, ai_used=WORDS["ai"], by=trainee, at=at)
    first = submit(registration, "1.1")
    _decide(first, "referred", by=assessor, at=at)
    share_with_setting(Evidence.objects.get(), by=trainee, at=at)
    version = new_version(Evidence.objects.get(), by=trainee, at=at)
    save_draft(version, text=WORDS["better text"], by=trainee, at=at)
    declare(version, authentic=True, no_child_identified=True, ai_used=WORDS["ai"], by=trainee, at=at)
    settle(submit(registration, "1.1"), by=assessor)
    declare_interest(registration, "friendship", WORDS["interest"], by=world.second_assessor, at=at)
    role = grant_membership(trainee, world.ao, Role.AUTHOR, starts_on=at.date(), by=world.superuser, at=at)
    end_membership(role, ends_on=at.date(), by=world.superuser, at=at)


def _decide(submission: Any, outcome: str, *, by: Any, at: Any) -> None:
    from assessment.api import draft_decision, judge_version, release
    from portfolio.api import EvidenceVersion

    opened(submission, by=by, at=at)
    version = EvidenceVersion.objects.get(submitted_for__submission=submission)
    judge_version(version, valid=True, authentic=True, current=False, reliable=True, note=WORDS["note"], by=by, at=at)
    draft_decision(submission, criterion("1.1").pk, outcome=outcome, sufficient=False, rationale=WORDS["rationale"],
                   feedback=WORDS["feedback"], version_ids={version.pk}, by=by, at=at)  # fmt: skip
    release(submission, by=by, at=at)


def everything_but_the_log() -> str:
    """All that the other tables hold."""
    found = []
    with connection.cursor() as cursor:
        for table in set(ground.tables()) - ground.DERIVED - {"lms_auditevent", "lms_auditstream"}:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_no_words_names_addresses_or_numbers_of_people_get_into_the_log(world: World, at):
    journey(world, at)
    childminder = make_organisation(name="Perpetua Finch, childminder")
    make_learner(world.cohort, setting=childminder, assessor=world.assessor, name="Perpetua Finch")
    people = type(world.trainee).objects.all()
    secrets = {*WORDS.values(), ULN} - {WORDS["inside the file"]}
    secrets |= {person.name for person in people} | {person.email for person in people}
    secrets |= set(Organisation.objects.values_list("name", flat=True)) | {world.cohort.name}
    elsewhere = everything_but_the_log()
    assert [secret for secret in secrets if secret not in elsewhere] == [], (
        "a leak was not possible: the words are gone"
    )
    log = "\n".join(
        "\n".join(map(str, row))
        for row in AuditEvent.objects.values_list("canonical", "role", "acting_as", "action", "subject", "stream__name")
    )
    assert [secret for secret in secrets if secret in log] == []
    single = {word for text in WORDS.values() for word in text.split() if len(word) > 6}
    assert [word for word in single if word in log] == []
    wanted = {"evidence.file_added", "evidence.shared", "interest.declared", "learner.uln_queued", "membership.ended",
              "decision.superseded", "decision.released", "version.judged"}  # fmt: skip
    assert wanted <= set(AuditEvent.objects.values_list("action", flat=True))
    assert list(verify()) == []
