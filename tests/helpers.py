"""Looking at the database as a whole: what a refusal must leave alone and what an act may change."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from courses.delivery.api import CriterionStatus, Registration
from lms.audit.models import AuditEvent
from lms.common import jobs, triggers
from lms.common.errors import Refused, reasons_of
from lms.common.models import Job
from lms.notices.api import Notice
from tests import ground

# What a request may always write: the session and the form's token.
OF_REQUESTS = {"django_session", "lms_oncetoken"}

# A raw write that makes a decision count; a WHERE follows.
COUNT = "UPDATE assessment_decision SET state = 'counts', decided_on = CURRENT_DATE, released_at = %s"


def contents(leaving_out: Iterable[str] = ()) -> dict[str, tuple[int, int]]:
    """How many rows each table has, and the sum of their hashes, for comparing within a process. Each test of a refusal
    asks twice: so no text is made of the rows."""
    found = {}
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in sorted(set(ground.tables()) - ground.DERIVED - set(leaving_out)):
            cursor.execute(f"SELECT * FROM {quote(table)}")
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
            found[table] = (len(rows), sum(_hashes(names, rows)))
    return found


def _hashes(names: list[str], rows: list[tuple]) -> Iterator[int]:
    """One for each row, whatever the order of its columns: a table that was made anew may have another."""
    places = itemgetter(*sorted(range(len(names)), key=names.__getitem__))
    for row in map(places, rows):
        try:
            yield hash(row)
        except TypeError:  # PostgreSQL gives lists and dictionaries
            yield hash(repr(row))


def changed_tables(before: dict[str, tuple[int, int]], leaving_out: Iterable[str] = ()) -> set[str]:
    """Tables whose rows are not what they were."""
    return {table for table, rows in contents(leaving_out).items() if before.get(table) != rows}


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Fails when the block leaves any row of any table other than it was."""
    before = contents()
    yield
    assert changed_tables(before) == set()


@contextmanager
def refused(*codes: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """The block is refused with exactly these reasons, in their order, and changes nothing."""
    with nothing_changes(), pytest.raises(Refused) as caught:
        yield caught
    assert [reason.code for reason in reasons_of(caught.value)] == list(codes)
    assert all(len(reason.message) > 15 and reason.message.endswith(".") for reason in reasons_of(caught.value))


@contextmanager
def database_refuses(rule: str = "") -> Iterator[None]:
    """The block's raw write is refused by the database itself; `rule` is a part of what it says."""
    said = None
    try:
        with transaction.atomic():
            yield
            connection.check_constraints()
    except IntegrityError as error:
        said = str(error)
    assert said is not None, "the database took it"
    assert rule in said


@contextmanager
def lifted() -> Iterator[None]:
    """Without the triggers for a moment, inside a test's transaction.

    PostgreSQL is told to leave them out, which is far quicker than making them again; it first wants whatever it
    put off to the end of the transaction.
    """
    if connection.vendor == "sqlite":
        with triggers.lifted():
            yield
        return
    tables = sorted({trigger.table for trigger in triggers.all_triggers()})
    connection.check_constraints()
    run_sql("; ".join(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables))
    yield
    connection.check_constraints()
    run_sql("; ".join(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables))


@contextmanager
def undone() -> Iterator[None]:
    """What the block did to the database is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run_sql(sql: str, *values: Any) -> int:
    """One raw statement; returns how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [value.isoformat() if isinstance(value, datetime) else value for value in values])
        return cursor.rowcount


def statuses(registration: Registration) -> dict[str, str]:
    """Every criterion that has been started, by code."""
    rows = CriterionStatus.objects.filter(registration=registration).exclude(status="not_started")
    return dict(rows.values_list("criterion__code", "status"))


def actions_since(event_id: int) -> list[str]:
    """Audited acts after an event, in order."""
    return list(AuditEvent.objects.filter(pk__gt=event_id).order_by("pk").values_list("action", flat=True))


def last_event() -> int:
    """The number of the latest audit event."""
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def last_notice() -> int:
    """The number of the latest notice."""
    return Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def told_since(notice_id: int) -> list[tuple[str, str]]:
    """Who was told what kind of thing after a notice. Each has an email waiting in a job of its own."""
    notices = list(Notice.objects.filter(pk__gt=notice_id).select_related("user").order_by("pk"))
    keys = {f"notice-email-{notice.pk}" for notice in notices}
    assert set(Job.objects.filter(key__in=keys, kind="notices.send_email").values_list("key", flat=True)) == keys
    return [(notice.user.name, notice.kind) for notice in notices]


def check_files() -> None:
    """Checks the files that wait, as a worker would."""
    kinds = ["portfolio.check_file", "portfolio.combine"]
    for row in Job.objects.filter(kind__in=kinds, state=Job.State.QUEUED).order_by("pk"):
        jobs._handlers[row.kind](**row.payload)
        Job.objects.filter(pk=row.pk).update(state=Job.State.DONE, done_at=timezone.now())
