"""Rule 39: every act stands in an append-only, hash-chained log, written in the transaction of the act.

The chain itself and what tampering does to it: `tests/lms/test_audit.py`.
"""

import json

import pytest
from django.core.management import call_command
from django.db import transaction

from assessment.api import declare_interest
from lms.audit.api import Action, record, stream_of, verify
from lms.audit.models import AuditEvent, AuditStream
from portfolio.api import Evidence, declare, new_version, save_draft
from tests.factories import World, decide_all, make_draft, make_submission, settle, submit
from tests.factories.work import FEEDBACK, RATIONALE, TEXT
from tests.helpers import actions_since, last_event


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
        (8, "submission.opened", "assessor", "Asha Patel"),
        (9, "version.judged", "assessor", "Asha Patel"),
        (10, "decision.drafted", "assessor", "Asha Patel"),
        (11, "decision.released", "assessor", "Asha Patel"),
        (12, "evidence.version", "learner", "Tara Walsh"),
        (13, "evidence.declared", "learner", "Tara Walsh"),
        (14, "submission.submitted", "learner", "Tara Walsh"),
        (15, "submission.opened", "assessor", "Asha Patel"),
        (16, "version.judged", "assessor", "Asha Patel"),
        (17, "decision.drafted", "assessor", "Asha Patel"),
        (18, "decision.released", "assessor", "Asha Patel"),
        (19, "decision.superseded", "assessor", "Asha Patel"),
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

    def half_way() -> None:
        with transaction.atomic():
            make_draft(world.registration, "1.1")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_way()
    assert actions_since(event) == []
    assert not Evidence.objects.exists()
    assert list(verify()) == []


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


def test_verify_audit_says_when_the_chains_hold(history: World, capsys):
    call_command("verify_audit")
    assert capsys.readouterr().out == "Audit chains hold.\n"
