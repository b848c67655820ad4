"""Several people at once, with real transactions and real row locks, on PostgreSQL."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessment.api import Decision, draft_decision, open_submission, release, take
from assessment.queues import faults
from assessment.status import differences
from courses.delivery.api import NumberMatch, give_number, register_learner
from lms.audit.api import Action, record, verify
from lms.audit.models import AuditStream
from lms.common import once
from lms.common.errors import Refused, reasons_of
from lms.common.models import OnceToken
from lms.notices.api import Notice
from portfolio.api import Evidence, EvidenceVersion, Submission, SubmittedCriterion, submit_criteria, withdraw
from tests.factories import (
    World,
    allocate_assessor,
    criterion,
    decide_all,
    make_opened,
    make_person,
    make_ready_evidence,
    make_submission,
    make_world,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time and no row locks"),
]


@pytest.fixture
def people(transactional_db: None) -> World:
    """A committed world."""
    return make_world()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Runs the acts at the same moment, each in a thread with a connection of its own; gives what each returned or
    the error it raised."""
    gate, results = Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            results[place] = act()
        except Exception as error:
            results[place] = error  # type: ignore[call-overload]
        finally:
            connections["default"].close()

    threads = [Thread(target=run, args=(place, act), daemon=True) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a thread hangs: two acts wait for each other"
    return results


def codes(results: list[Any]) -> list[str]:
    """Reasons of those that were refused; any other error fails the test."""
    errors = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(error, Refused) for error in errors), errors
    return sorted(reason.code for error in errors for reason in reasons_of(error))


def all_is_well(world: World) -> None:
    assert list(verify()) == []
    for registration in (world.registration, world.other_registration):
        assert list(differences(registration)) == []


@pytest.mark.parametrize("time", range(5))
def test_two_assessors_decide_the_same_criterion_at_once_and_one_is_told_why(people: World, time: int):
    submission, pk = make_opened(people.registration, "1.1"), criterion("1.1").pk

    def decide(by: Any) -> Decision:
        return draft_decision(submission, pk, outcome="achieved", rationale=f"{by.name}", by=by, at=timezone.now())

    results = at_once(lambda: decide(people.assessor), lambda: decide(people.second_assessor))
    assert codes(results) == ["decision-held"]
    decision = Decision.objects.get()
    refusal = next(result for result in results if isinstance(result, Refused))
    assert decision.rationale == decision.decider.name
    assert decision.decider.name in refusal.message
    all_is_well(people)


@pytest.mark.parametrize("time", range(5))
def test_the_same_submission_released_twice_at_once_is_released_once(people: World, time: int):
    submission = make_submission(people.registration, "1.1", "1.2.a")
    decide_all(submission, by=people.assessor)
    told = people.trainee.notices.count()

    def act() -> Submission:
        return release(submission, by=people.assessor, at=timezone.now())

    assert codes(at_once(act, act, act)) == ["submission-released", "submission-released"]
    assert people.trainee.notices.count() == told + 1
    assert set(Decision.objects.values_list("state", flat=True)) == {"counts"}
    all_is_well(people)


@pytest.mark.parametrize("time", range(10))
def test_opened_and_withdrawn_at_once_one_wins_and_the_other_reads_why(people: World, time: int):
    submission = make_submission(people.registration, "1.1")
    results = at_once(
        lambda: open_submission(submission, by=people.assessor, at=timezone.now()),
        lambda: withdraw(submission, by=people.trainee, at=timezone.now()),
    )
    submission.refresh_from_db()
    version = EvidenceVersion.objects.get()
    if submission.opened_at:
        assert codes(results) == ["submission-opened"]
        assert (submission.withdrawn_at, version.state) == (None, "submitted")
    else:
        assert codes(results) == ["submission-withdrawn"]
        assert (submission.is_open, version.state) == (False, "draft")
    assert list(faults()) == []
    all_is_well(people)


def test_two_assessors_take_the_same_submission_at_once_and_it_stands_in_one_queue(people: World):
    submission = make_submission(people.registration, "1.1")
    allocate_assessor(people.registration, people.unallocated_assessor)
    others = (people.second_assessor, people.unallocated_assessor)
    assert codes(at_once(*(lambda by=by: take(submission, by=by, at=timezone.now()) for by in others))) == []
    everybody = (people.assessor, *others)
    assert sum(Submission.objects.in_queue_of(person).count() for person in everybody) == 1
    all_is_well(people)


def test_two_assessors_release_at_once_what_one_of_them_decided(people: World):
    submission = make_submission(people.registration, "1.1")
    decide_all(submission, by=people.assessor)
    results = at_once(
        lambda: release(submission, by=people.assessor, at=timezone.now()),
        lambda: release(submission, by=people.second_assessor, at=timezone.now()),
    )
    assert codes(results) in (["decision-held"], ["submission-released"])
    assert Decision.objects.get().state == "counts"


@pytest.mark.parametrize("time", range(5))
def test_two_submissions_of_the_same_criterion_at_once_make_one(people: World, time: int):
    make_ready_evidence(people.registration, "1.1")
    pk = criterion("1.1").pk

    def act() -> Submission:
        return submit_criteria(people.registration, {pk}, by=people.trainee, at=timezone.now())

    assert codes(at_once(act, act)) == ["already-submitted"]
    assert (Submission.objects.count(), SubmittedCriterion.objects.count()) == (1, 1)
    assert EvidenceVersion.objects.get().state == "submitted"
    all_is_well(people)


def test_two_submissions_of_different_criteria_at_once_are_numbered_one_after_the_other(people: World):
    make_ready_evidence(people.registration, "1.1")
    make_ready_evidence(people.registration, "4.8")

    def act(code: str) -> Callable[[], Submission]:
        pk = criterion(code).pk
        return lambda: submit_criteria(people.registration, {pk}, by=people.trainee, at=timezone.now())

    assert codes(at_once(act("1.1"), act("4.8"))) == []
    assert sorted(Submission.objects.values_list("number", flat=True)) == [1, 2]
    all_is_well(people)


def test_a_version_is_either_edited_or_submitted(people: World):
    from portfolio.api import save_draft

    version = make_ready_evidence(people.registration, "1.1")
    pk = criterion("1.1").pk
    results = at_once(
        lambda: save_draft(version, text="Changed at the last moment", by=people.trainee, at=timezone.now()),
        lambda: submit_criteria(people.registration, {pk}, by=people.trainee, at=timezone.now()),
    )
    version.refresh_from_db()
    if version.state == "submitted":
        assert codes(results) == ["rule-02-frozen"]
        assert version.text != "Changed at the last moment"
    else:
        assert codes(results) == ["rule-01-authenticity", "rule-03-child-identity"]
        assert version.text == "Changed at the last moment"
    all_is_well(people)


def test_eight_writers_leave_no_gap_in_the_audit_streams(people: World):
    each, streams = 25, ("person:000000000001", "person:000000000002")

    def write(writer: int) -> Callable[[], None]:
        def act() -> None:
            for number in range(each):
                with transaction.atomic():
                    record(streams[(writer + number) % 2], Action.POLICY_SET, by=None, role="system",
                           subject=f"writer:{writer}", at=timezone.now(), changes={"number": number})  # fmt: skip

        return act

    assert codes(at_once(*(write(writer) for writer in range(8)))) == []
    rows = AuditStream.objects.filter(name__in=streams)
    assert sum(stream.last_sequence for stream in rows) == 8 * each
    for stream in rows:
        found = list(stream.events.order_by("sequence").values_list("sequence", flat=True))
        assert found == list(range(1, stream.last_sequence + 1))
    assert list(verify()) == []


def test_the_same_form_posted_four_times_at_once_makes_one_thing(people: World):
    token = once.issue(people.trainee)
    body = {"once": token, "kind": "reflective_account", "title": "Posted together", "criterion": "1.1"}

    def post() -> str:
        browser = Client()
        browser.force_login(people.trainee, backend="django.contrib.auth.backends.ModelBackend")
        answer = browser.post(reverse("portfolio:evidence_new"), body)
        assert answer.status_code == 302, answer.content[:500]
        return answer["Location"]

    results = at_once(post, post, post, post)
    assert codes(results) == []
    assert len(set(results)) == 1
    assert Evidence.objects.count() == 1
    assert OnceToken.objects.filter(used_by=people.trainee).count() == 1


def test_a_learner_is_registered_once_for_a_qualification(people: World):
    learner = make_person("New Comer")

    def act() -> Any:
        return register_learner(learner, people.qualification, centre=people.centre,
                                registered_on=timezone.localdate(), by=None, at=timezone.now())  # fmt: skip

    assert codes(at_once(act, act)) == ["rule-37-registered"]
    assert learner.registrations.count() == 1


def test_one_number_given_by_two_people_at_once_is_kept_by_one(people: World):
    def give(registration: Any) -> Callable[[], bool]:
        return lambda: give_number(registration, "9276308686", by=registration.learner, at=timezone.now())

    results = at_once(give(people.registration), give(people.other.registration))
    assert sorted(results) == [False, True]
    assert NumberMatch.objects.count() == 1


def test_nothing_above_passes_because_threads_share_a_transaction(people: World):
    """Each thread has a connection of its own, and sees only what is committed."""
    with transaction.atomic():
        Notice.objects.create(user=people.trainee, kind="x", title="x", url="/", created_at=timezone.now())
        seen = at_once(lambda: (Notice.objects.filter(kind="x").count(), id(connection.connection)))[0]
    assert seen[0] == 0
    assert seen[1] != id(connection.connection)
