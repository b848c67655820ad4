"""Rule 39: every act stands in an append-only, hash-chained log, written in the transaction of the act."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from assessment.api import declare_interest
from lms.audit.api import Action, Fault, record, stream_of, verify
from lms.audit.models import AuditEvent, AuditStream
from portfolio.api import Evidence, declare, new_version, save_draft
from tests.factories import World, decide_all, make_draft, make_submission, settle, submit
from tests.factories.work import FEEDBACK, RATIONALE, TEXT
from tests.helpers import actions_since, last_event, lifted


@pytest.fixture
def history(world: World, at) -> World:
    """A learner's work through submission, changes needed and achievement."""
    settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    version = new_version(Evidence.objects.get(), by=world.trainee, at=at)
    save_draft(version, text="Better, with dates", by=world.trainee, at=at)
    declare(version, authentic=True, no_child_identified=True, ai_used="Spelling", by=world.trainee, at=at)
    settle(submit(world.registration, "1.1"), by=world.assessor)
    return world


def test_each_transition_says_who_in_which_role_when_and_what(history: World):
    stream = stream_of("registration", history.registration.pk)
    events = AuditEvent.objects.filter(stream__name=stream).order_by("sequence")
    assert [(e.sequence, e.action, e.role, e.actor and e.actor.name) for e in events] == [
        (1, "registration.registered", "centre", None),
        (2, "registration.allocated", "centre", None),
        (3, "registration.allocated", "centre", None),
        (4, "registration.allocated", "centre", None),
        (5, "evidence.created", "learner", "Tara Walsh"),
        (6, "evidence.declared", "learner", "Tara Walsh"),
        (7, "submission.submitted", "learner", "Tara Walsh"),
        (8, "version.judged", "assessor", "Asha Patel"),
        (9, "decision.drafted", "assessor", "Asha Patel"),
        (10, "decision.released", "assessor", "Asha Patel"),
        (11, "evidence.version", "learner", "Tara Walsh"),
        (12, "evidence.declared", "learner", "Tara Walsh"),
        (13, "submission.submitted", "learner", "Tara Walsh"),
        (14, "version.judged", "assessor", "Asha Patel"),
        (15, "decision.drafted", "assessor", "Asha Patel"),
        (16, "decision.superseded", "assessor", "Asha Patel"),
        (17, "decision.released", "assessor", "Asha Patel"),
    ]
    assert list(verify()) == []


def test_the_log_holds_no_words_and_no_names(history: World, at):
    declare_interest(history.registration, "friendship", "We go running together", by=history.assessor, at=at)
    words = [TEXT, RATIONALE, FEEDBACK, "Better, with dates", "Working with a family", "We go running together",
             "Spelling", "Second paragraph", "It shows what I did"]  # fmt: skip
    names = [history.trainee.name, history.trainee.email, history.assessor.name, history.setting.name]
    for event in AuditEvent.objects.all():
        for secret in (*words, *names):
            assert secret not in event.canonical, event
        assert set(json.loads(event.canonical)) == {
            "stream", "sequence", "at", "actor", "role", "acting_as", "action", "subject", "changes", "previous",
        }  # fmt: skip


def test_an_act_that_fails_leaves_no_event(world: World, at):
    event = last_event()
    with pytest.raises(RuntimeError, match="half way"), transaction.atomic():
        make_draft(world.registration, "1.1")
        raise RuntimeError("half way")
    assert actions_since(event) == []
    assert not Evidence.objects.exists()
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(at):
    with pytest.raises(RuntimeError, match="in the transaction"):
        record("person:1", Action.POLICY_SET, by=None, role="system", subject="x:1", at=at)


@pytest.mark.django_db
def test_an_act_outside_the_closed_list_is_refused(at):
    with pytest.raises(ValueError, match="lunch"):
        record("person:1", "lunch", by=None, role="system", subject="x:1", at=at)  # type: ignore[arg-type]
    assert not AuditStream.objects.filter(name="person:1").exists()


@pytest.mark.django_db
def test_every_act_can_be_recorded_and_the_list_only_grows(at):
    for number, action in enumerate(Action, 1):
        assert record("closed-list", action, by=None, role="system", subject="x:1", at=at).sequence == number
    assert list(verify()) == []


def test_the_streams_of_two_learners_do_not_touch(history: World):
    decide_all(make_submission(history.other_registration, "1.1"), by=history.area_senco)
    names = set(AuditStream.objects.filter(name__startswith="registration:").values_list("name", flat=True))
    assert names == {
        stream_of("registration", pk)
        for pk in (history.registration.pk, history.other_registration.pk, history.other.registration.pk)
    }
    for stream in AuditStream.objects.all():
        assert list(stream.events.order_by("sequence").values_list("sequence", flat=True)) == list(
            range(1, stream.last_sequence + 1)
        )


# Tampering, which needs the triggers out of the way


def middle(world: World) -> AuditEvent:
    return AuditEvent.objects.get(stream__name=stream_of("registration", world.registration.pk), sequence=6)


def reseal(event: AuditEvent) -> None:
    """Rewrites an event's text and hash to fit its columns, as a careful forger would."""
    import hashlib

    from lms.audit.chain import canonical_text

    text = canonical_text(event.stream.name, event.sequence, event.at, event.actor_id, event.role, event.acting_as,
                          event.action, event.subject, {}, event.previous_hash)  # fmt: skip
    AuditEvent.objects.filter(pk=event.pk).update(canonical=text, hash=hashlib.sha256(text.encode()).hexdigest())


TAMPERING = {
    "a column": (lambda e: AuditEvent.objects.filter(pk=e.pk).update(action="policy.set"), 6, "columns do not match"),
    "the actor": (lambda e: AuditEvent.objects.filter(pk=e.pk).update(actor=None), 6, "columns do not match"),
    "the time": (lambda e: AuditEvent.objects.filter(pk=e.pk).update(at="2020-01-01T00:00Z"), 6, "columns do not"),
    "the text": (lambda e: AuditEvent.objects.filter(pk=e.pk).update(canonical=e.canonical + " "), 6, "hash does not"),
    "the hash": (lambda e: AuditEvent.objects.filter(pk=e.pk).update(hash="0" * 64), 6, "hash does not match"),
    "the link": (lambda e: AuditEvent.objects.filter(pk=e.pk).update(previous_hash=""), 6, "does not follow"),
    "an event, resealed": (reseal, 7, "does not follow"),
    "an event taken out": (lambda e: e.delete(), 6, "event is missing"),
    "the last event cut off": (
        lambda e: AuditEvent.objects.filter(stream=e.stream, sequence=17).delete(), 17, "head does not match",
    ),
    "the head": (lambda e: AuditStream.objects.filter(pk=e.stream_id).update(last_sequence=16), 16, "head does not"),
    "the head's hash": (lambda e: AuditStream.objects.filter(pk=e.stream_id).update(last_hash="f"), 17, "head does"),
    "everything": (lambda e: e.stream.events.all().delete(), 17, "head does not match"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found_and_named(history: World, what: str, capsys):
    tamper, sequence, reason = TAMPERING[what]
    event = middle(history)
    with lifted():
        tamper(event)
    stream = stream_of("registration", history.registration.pk)
    faults = list(verify())
    assert [(fault.stream, fault.sequence) for fault in faults] == [(stream, sequence)]
    assert isinstance(faults[0], Fault)
    assert faults[0].reason.startswith(reason)
    with pytest.raises(CommandError, match="1 audit streams are broken"):
        call_command("verify_audit")
    assert f"{stream} event {sequence}: {reason}" in capsys.readouterr().err


def test_verify_audit_says_when_the_chains_hold(history: World, capsys):
    call_command("verify_audit")
    assert capsys.readouterr().out == "Audit chains hold.\n"
