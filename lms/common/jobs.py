"""Jobs: work outside a request that is never lost and whose effect is there once.

`enqueue` writes a row in the caller's transaction and sends its number to the worker after commit. A worker
claims the row with a conditional update, renews its lease while it works, and marks it done. `sweep` sends again
whatever was never picked up or whose lease has run out. Handlers are idempotent: they may start twice.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Exists, Expression, F, Q
from django.utils import timezone

from .models import Job

log = logging.getLogger("senco.jobs")
LEASE = timedelta(seconds=30)
HEARTBEAT_SECONDS = 8
MAX_ATTEMPTS = 8
Handler = Callable[..., None]
_handlers: dict[str, Handler] = {}
_on_failure: dict[str, Handler] = {}


class TryLater(Exception):
    """What a job needs is away for a while: it is run again in so many seconds, without using up an attempt."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} seconds")
        self.seconds = seconds


def job(kind: str, *, on_failure: Handler | None = None) -> Callable[[Handler], Handler]:
    """Registers a handler. It takes the payload as keyword arguments (ids only) and must be idempotent. `on_failure`
    is called with the same payload when the last attempt has failed, to leave things as a person can read them."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        if on_failure is not None:
            _on_failure[kind] = on_failure
        return handler

    return register


def enqueue(kind: str, *, at: datetime, key: str | None = None, **payload: Any) -> None:
    """Adds a job in the current transaction. With `key`, the same work is added once however often it is asked for."""
    if kind not in _handlers:
        raise LookupError(f"No handler for job kind {kind!r}")
    values = {"kind": kind, "payload": payload, "run_after": at, "created_at": at}
    if key is None:
        row, created = Job.objects.create(**values), True
    else:
        row, created = Job.objects.get_or_create(key=key, defaults=values)
    if created:
        transaction.on_commit(lambda: _send(row.pk), robust=True)


def still_to_do(key: str | Expression) -> Exists:
    """For a query: the work with this key is waiting or under way."""
    return Exists(Job.objects.filter(key=key, state__in=(Job.State.QUEUED, Job.State.RUNNING)))


def _send(job_id: int) -> None:
    from .tasks import run_job

    run_job.delay(job_id)
    Job.objects.filter(pk=job_id).update(sent_at=timezone.now())


def _claim(job_id: int, now: datetime) -> Job | None:
    token = secrets.token_hex(16)
    free = Q(state=Job.State.QUEUED, run_after__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id).update(
        state=Job.State.RUNNING, lease_until=now + LEASE, lease_token=token, attempts=F("attempts") + 1
    )
    return Job.objects.get(pk=job_id) if taken else None


class _Heartbeat(threading.Thread):
    """Keeps a running job's lease alive from a thread of its own, with a connection of its own."""

    def __init__(self, row: Job) -> None:
        super().__init__(daemon=True)
        self.row, self.stopped = row, threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(HEARTBEAT_SECONDS):
            try:
                self.renew()
            except DatabaseError:  # away for a moment; the lease outlasts several beats
                log.warning("Lease of job %s was not renewed", self.row.pk, exc_info=True)
            close_old_connections()
        connection.close()

    def renew(self) -> None:
        """Moves the end of the lease, if the job is still ours."""
        Job.objects.filter(pk=self.row.pk, lease_token=self.row.lease_token).update(lease_until=timezone.now() + LEASE)


def run(job_id: int) -> bool:
    """Claims and runs one job. False when somebody else has it or it is finished. Never raises for a job's failure."""
    row = _claim(job_id, timezone.now())
    if row is None:
        return False
    heartbeat = _Heartbeat(row)
    heartbeat.start()
    try:
        if row.attempts > MAX_ATTEMPTS:  # every worker that took it was killed: perhaps by the job itself
            raise RuntimeError("Its worker was lost at every attempt.")
        _handlers[row.kind](**row.payload)
    except TryLater as later:
        log.info("Job %s (%s) waits: %s", row.pk, row.kind, later.__cause__ or later)
        _put_off(row, later)
    except Exception as error:
        log.exception("Job %s (%s) failed, attempt %s", row.pk, row.kind, row.attempts)
        _finish_failed(row, error)
    else:
        Job.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
            state=Job.State.DONE, done_at=timezone.now(), lease_until=None, error=""
        )
    finally:
        heartbeat.stopped.set()
        heartbeat.join()
    return True


def _put_off(row: Job, later: TryLater) -> None:
    Job.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
        state=Job.State.QUEUED, run_after=timezone.now() + timedelta(seconds=later.seconds), lease_until=None,
        sent_at=None, attempts=F("attempts") - 1, error=str(later.__cause__ or later)[:2000],
    )  # fmt: skip


def _finish_failed(row: Job, error: Exception) -> None:
    final = row.attempts >= MAX_ATTEMPTS
    if final and row.kind in _on_failure:
        try:
            _on_failure[row.kind](**row.payload)
        except Exception:
            log.exception("What job %s (%s) leaves behind could not be tidied", row.pk, row.kind)
    Job.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
        state=Job.State.FAILED if final else Job.State.QUEUED,
        run_after=timezone.now() + timedelta(seconds=5 * 2**row.attempts),
        lease_until=None,
        sent_at=None,
        error=f"{type(error).__name__}: {error}"[:2000],
    )


def due(now: datetime) -> list[int]:
    """Jobs that should be running and are not: never sent, sent and not picked up, or with a lease that ran out."""
    unsent = Q(state=Job.State.QUEUED, run_after__lte=now) & (
        Q(sent_at__isnull=True) | Q(sent_at__lt=now - timedelta(seconds=10))
    )
    lost = Q(state=Job.State.RUNNING, lease_until__lt=now)
    return list(Job.objects.filter(unsent | lost).order_by("run_after").values_list("pk", flat=True)[:200])


def sweep(*, at: datetime) -> int:
    """Sends every due job again; returns how many. Run every few seconds by beat.

    A job that cannot be sent stays due and does not keep the others waiting.
    """
    sent = 0
    for job_id in due(at):
        try:
            _send(job_id)
        except Exception:  # whatever the broker's library raises
            log.exception("Job %s could not be sent", job_id)
        else:
            sent += 1
    return sent
