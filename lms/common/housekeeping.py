"""What is done when its time comes: each night what nobody can need any more is thrown away and rights follow dates;
each minute, what was set for a time of day."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.management import call_command

from .models import Job, OnceToken

Work = Callable[[datetime], None]
_works: list[Work] = []
_minutes: list[Work] = []
log = logging.getLogger("senco.housekeeping")


def each_night(work: Work) -> Work:
    """Calls `work(at)` each night: rooms above add what time alone brings about there."""
    _works.append(work)
    return work


def each_minute(work: Work) -> Work:
    """Calls `work(at)` each minute: for what people set for a time. It looks first whether anything is due."""
    _minutes.append(work)
    return work


def tick(*, at: datetime) -> None:
    """What is due this minute. One work that fails keeps none of the others waiting: it is tried again."""
    for work in _minutes:
        try:
            work(at)
        except Exception:  # whatever a room's own work raises
            log.exception("%s failed", work.__qualname__)


def clear(*, at: datetime) -> None:
    """Deletes form tokens past their age, jobs done a month ago and expired sessions; then the rooms' own work."""
    OnceToken.objects.filter(used_at__lt=at - timedelta(days=8)).delete()
    Job.objects.filter(state=Job.State.DONE, done_at__lt=at - timedelta(days=30)).delete()
    call_command("clearsessions")
    for work in _works:
        work(at)
