"""Jobs: never lost, and their effect is there once, whatever happens to workers and broker."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction
from django.test import Client
from django.utils import timezone

from lms.common import jobs
from lms.common.models import Job
from lms.common.once import issue
from portfolio.api import Submission
from tests.factories import World, make_ready_evidence

KIND = "test.work"
State = Job.State


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[[jobs.Handler], None]:
    """`handle(function)` makes it the handler of the test's kind of job."""
    return lambda handler: monkeypatch.setitem(jobs._handlers, KIND, handler)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the broker was given."""
    numbers: list[int] = []
    monkeypatch.setattr("lms.common.tasks.run_job", SimpleNamespace(delay=numbers.append))
    return numbers


@pytest.fixture
def broker_is_down(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every sending raises; the numbers that it was tried with."""
    tried: list[int] = []

    def raises(number: int) -> None:
        tried.append(number)
        raise ConnectionError("no broker")

    monkeypatch.setattr("lms.common.tasks.run_job", SimpleNamespace(delay=raises))
    return tried


def add(**fields: Any) -> Job:
    """A row as `enqueue` leaves it."""
    now = timezone.now()
    return Job.objects.create(**{"kind": KIND, "run_after": now, "created_at": now, **fields})


# Adding


@pytest.mark.django_db
def test_a_job_is_sent_after_the_commit_and_not_before(handle, sent, at, django_capture_on_commit_callbacks):
    handle(lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue(KIND, at=at)
        assert sent == []
        assert Job.objects.get().sent_at is None
    job = Job.objects.get()
    assert (sent, job.state, job.payload) == ([job.pk], State.QUEUED, {})
    assert job.sent_at is not None


@pytest.mark.django_db
def test_nothing_is_sent_when_the_transaction_rolls_back(handle, sent, at, django_capture_on_commit_callbacks):
    handle(lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            jobs.enqueue(KIND, at=at)
            transaction.set_rollback(True)
        jobs.enqueue(KIND, at=at, number=2)
    assert [job.payload for job in Job.objects.all()] == [{"number": 2}]
    assert sent == [Job.objects.get().pk]


@pytest.mark.django_db
def test_the_same_key_adds_and_sends_once_and_no_key_each_time(handle, sent, at, django_capture_on_commit_callbacks):
    handle(lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            jobs.enqueue(KIND, at=at, key="the same")
    assert sent == [Job.objects.get().pk]
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue(KIND, at=at)
        jobs.enqueue(KIND, at=at)
    assert len(sent) == len(set(sent)) == Job.objects.count() == 3


@pytest.mark.django_db
def test_an_unknown_kind_is_refused_and_writes_nothing(at):
    with pytest.raises(LookupError, match="test.unheard-of"):
        jobs.enqueue("test.unheard-of", at=at)
    assert not Job.objects.exists()


# Broker


@pytest.mark.django_db
def test_a_broker_that_is_down_loses_nothing(handle, broker_is_down, at, monkeypatch,
                                             django_capture_on_commit_callbacks):  # fmt: skip
    done = []
    handle(lambda number: done.append(number))
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue(KIND, at=at, number=7)
    job = Job.objects.get()
    assert (broker_is_down, job.state) == ([job.pk], State.QUEUED)
    up: list[int] = []
    monkeypatch.setattr("lms.common.tasks.run_job", SimpleNamespace(delay=up.append))
    assert jobs.sweep(at=timezone.now() + timedelta(seconds=11)) == 1
    assert up == [job.pk]
    assert jobs.run(job.pk)
    assert done == [7]


@pytest.mark.django_db
def test_a_sweep_that_meets_a_dead_broker_tries_every_job_and_leaves_them_due(handle, broker_is_down):
    handle(lambda: None)
    both = sorted(add().pk for _ in range(2))
    now = timezone.now()
    assert jobs.sweep(at=now) == 0
    assert sorted(broker_is_down) == both
    assert sorted(jobs.due(now)) == both


@pytest.mark.django_db(transaction=True)
def test_a_request_does_not_fail_when_the_broker_is_down(broker_is_down, client_of, world: World):
    make_ready_evidence(world.registration, "1.1")
    before = set(Job.objects.values_list("pk", flat=True))
    browser: Client = client_of(world.trainee)
    form = {"criterion": "1.1", "checked": "on", "once": issue(world.trainee)}
    answer = browser.post("/portfolio/submit/check/", form)
    assert answer.status_code == 302
    assert answer["Location"] == f"/portfolio/submissions/{Submission.objects.get().ref}/"
    waiting = set(Job.objects.filter(state=State.QUEUED).values_list("pk", flat=True)) - before
    assert waiting
    assert waiting <= set(broker_is_down)
    assert waiting <= set(jobs.due(timezone.now() + timedelta(seconds=11)))


# Sweep


@pytest.mark.django_db
def test_sweep_sends_what_was_never_sent_or_never_picked_up_and_nothing_else(handle, sent):
    handle(lambda: None)
    now = timezone.now()

    def ago(seconds: float) -> Any:
        return now - timedelta(seconds=seconds)

    wanted = [
        add(run_after=ago(50)),
        add(run_after=ago(40), sent_at=ago(11)),
        add(run_after=ago(30), state=State.RUNNING, sent_at=ago(31), lease_until=ago(1)),
        add(run_after=now),
    ]
    add(run_after=ago(40), sent_at=ago(9))
    add(run_after=ago(-1))
    add(run_after=ago(-60), sent_at=ago(60))
    add(run_after=ago(40), state=State.RUNNING, sent_at=ago(40), lease_until=ago(-1))
    add(run_after=ago(40), state=State.DONE, done_at=ago(1))
    add(run_after=ago(40), state=State.FAILED)
    before = {job.pk: job.sent_at for job in Job.objects.all()}
    assert jobs.sweep(at=now) == 4
    assert sent == [job.pk for job in wanted]
    renewed = {job.pk for job in Job.objects.all() if job.sent_at != before[job.pk]}
    assert renewed == set(sent)


# Running


@pytest.mark.django_db
def test_a_job_runs_with_what_it_was_given_and_is_done_once(handle):
    calls = []
    handle(lambda **payload: calls.append(payload))
    job = add(payload={"notice_id": 3})
    assert [jobs.run(job.pk), jobs.run(job.pk)] == [True, False]
    job.refresh_from_db()
    assert (calls, job.state, job.attempts, job.error) == ([{"notice_id": 3}], State.DONE, 1, "")
    assert job.done_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    [
        {"run_after": timezone.now() + timedelta(days=1)},
        {"state": State.DONE},
        {"state": State.FAILED},
        {"state": State.RUNNING, "lease_until": timezone.now() + timedelta(days=1)},
    ],
    ids=["later", "done", "failed", "taken"],
)
def test_a_job_that_is_not_free_is_not_run(handle, row: dict[str, Any]):
    calls = []
    handle(lambda: calls.append(1))
    job = add(**row)
    assert jobs.run(job.pk) is False
    assert (calls, Job.objects.get(pk=job.pk).attempts) == ([], 0)
    assert jobs.run(job.pk + 1) is False


@pytest.mark.django_db
def test_a_failing_job_waits_longer_each_time_and_ends_failed_with_its_error(handle, sent):
    def fails() -> None:
        raise ValueError("the post office is closed")

    handle(fails)
    job, waits = add(), []
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        assert jobs.run(job.pk) is True
        job.refresh_from_db()
        assert (job.attempts, job.error) == (attempt, "ValueError: the post office is closed")
        if attempt < jobs.MAX_ATTEMPTS:
            assert (job.state, job.sent_at, job.lease_until) == (State.QUEUED, None, None)
            waits.append((job.run_after - timezone.now()).total_seconds())
            assert jobs.due(timezone.now()) == []
            assert jobs.due(job.run_after) == [job.pk]
            assert jobs.run(job.pk) is False
            Job.objects.update(run_after=timezone.now())
    assert waits[0] > 5
    assert all(later > 1.8 * earlier for earlier, later in zip(waits, waits[1:], strict=False))
    assert job.state == State.FAILED
    assert jobs.due(timezone.now() + timedelta(days=365)) == []
    assert jobs.run(job.pk) is False


@pytest.mark.django_db
def test_a_job_that_fails_and_then_succeeds_keeps_no_error(handle):
    results = iter([OSError("once"), None])

    def fails_once() -> None:
        result = next(results)
        if result:
            raise result

    handle(fails_once)
    job = add()
    jobs.run(job.pk)
    Job.objects.update(run_after=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (State.DONE, 2, "")


@pytest.mark.django_db
def test_a_job_that_waits_for_something_is_run_again_without_using_up_attempts(handle, sent):
    answers = iter([OSError("once"), *[jobs.TryLater(30)] * (jobs.MAX_ATTEMPTS + 2), None])

    def waits() -> None:
        answer = next(answers)
        if answer:
            raise answer

    handle(waits)
    job = add()
    for _ in range(jobs.MAX_ATTEMPTS + 3):
        Job.objects.update(run_after=timezone.now())
        assert jobs.run(job.pk) is True
        job.refresh_from_db()
        assert (job.state, job.attempts, job.sent_at, job.lease_until) == (State.QUEUED, 1, None, None)
    assert 25 < (job.run_after - timezone.now()).total_seconds() <= 30
    assert (jobs.due(timezone.now()), jobs.due(job.run_after)) == ([], [job.pk])
    Job.objects.update(run_after=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (State.DONE, 2, "")


@pytest.mark.django_db
@pytest.mark.parametrize("tidying_fails", [False, True])
def test_what_a_failed_job_leaves_behind_is_tidied_once_after_its_last_attempt(handle, monkeypatch, tidying_fails):
    tidied = []

    def tidy(**payload: Any) -> None:
        tidied.append(payload)
        if tidying_fails:
            raise ValueError("not now")

    def fails(**payload: Any) -> None:
        raise OSError("broken")

    handle(fails)
    job = add(payload={"file_id": 7})
    monkeypatch.setitem(jobs._on_failure, job.kind, tidy)
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        assert tidied == [], attempt
        Job.objects.update(run_after=timezone.now())
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (tidied, job.state, job.error) == ([{"file_id": 7}], State.FAILED, "OSError: broken")


def test_a_handler_says_with_its_kind_what_tidies_up_after_it(monkeypatch):
    monkeypatch.setattr(jobs, "_handlers", {})
    monkeypatch.setattr(jobs, "_on_failure", {})
    jobs.job("one", on_failure=print)(repr)
    jobs.job("two")(repr)
    assert (jobs._handlers, jobs._on_failure) == ({"one": repr, "two": repr}, {"one": print})


@pytest.mark.django_db
def test_a_job_that_kills_every_worker_ends_failed_too(handle):
    """Killed as often as a job may be tried: it is not taken for ever."""
    calls = []
    handle(lambda: calls.append(1))
    gone = timezone.now() - timedelta(seconds=1)
    job = add(state=State.RUNNING, attempts=jobs.MAX_ATTEMPTS, lease_until=gone)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (calls, job.state) == ([], State.FAILED)
    assert "worker" in job.error
    assert jobs.due(timezone.now() + timedelta(days=1)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("fails", [False, True])
def test_a_worker_that_has_lost_its_job_to_another_changes_nothing_of_it(handle, fails: bool):
    later = timezone.now() + timedelta(seconds=30)

    def taken_over_meanwhile() -> None:
        Job.objects.update(lease_token="another worker", lease_until=later, attempts=2)
        if fails:
            raise ValueError("too late")

    handle(taken_over_meanwhile)
    job = add()
    assert jobs.run(job.pk) is True
    job.refresh_from_db()
    assert (job.state, job.lease_token, job.lease_until, job.error) == (State.RUNNING, "another worker", later, "")


def in_threads(*functions: Callable[[], Any]) -> list[Any]:
    """What each returned, all started at once; each has a connection of its own."""
    start, results = threading.Barrier(len(functions)), [None] * len(functions)

    def run(place: int, function: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results[place] = function()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_runs_the_job(handle):
    calls: list[int] = []

    def slow(number: int) -> None:
        calls.append(number)
        time.sleep(0.1)

    handle(slow)
    for number in range(5):
        job = add(payload={"number": number})
        assert sorted(in_threads(*[lambda pk=job.pk: jobs.run(pk)] * 3)) == [False, False, True]
    assert calls == [0, 1, 2, 3, 4]
    assert set(Job.objects.values_list("state", "attempts")) == {(State.DONE, 1)}


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_keeps_a_long_job_from_a_second_worker_even_when_one_beat_fails(handle, monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.6))
    monkeypatch.setattr(jobs, "HEARTBEAT_SECONDS", 0.1)
    renew, beats, calls = jobs._Heartbeat.renew, [], []

    def sometimes(self: jobs._Heartbeat) -> None:
        beats.append(1)
        if len(beats) == 2:
            raise OperationalError("the database is away for a moment")
        renew(self)

    monkeypatch.setattr(jobs._Heartbeat, "renew", sometimes)

    def long(number: int) -> None:
        calls.append(number)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert jobs.run(job.pk) is False
            time.sleep(0.05)

    handle(long)
    job = add(payload={"number": 1})
    assert jobs.run(job.pk) is True
    job.refresh_from_db()
    assert (calls, job.state, job.attempts) == ([1], State.DONE, 1)
    assert len(beats) > 4


@pytest.mark.django_db(transaction=True)
def test_without_a_heartbeat_the_lease_runs_out_and_a_second_worker_takes_over(handle, monkeypatch):
    """The proof that it is the heartbeat which keeps the job in the test above."""
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.3))
    calls: list[int] = []

    def long() -> None:
        calls.append(1)
        if len(calls) == 1:
            time.sleep(0.5)
            assert jobs.run(job.pk) is True

    handle(long)
    job = add()
    jobs.run(job.pk)
    assert (calls, Job.objects.get().attempts) == ([1, 1], 2)
    close_old_connections()
