"""What is done each night: what nobody can need any more is thrown away, and rights follow dates."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.management import call_command

from .models import Job, OnceToken

Work = Callable[[datetime], None]
_works: list[Work] = []


def each_night(work: Work) -> Work:
    """Calls `work(at)` each night: rooms above add what time alone brings about there."""
    _works.append(work)
    return work


def clear(*, at: datetime) -> None:
    """Deletes form tokens past their age, jobs done a month ago and expired sessions; then the rooms' own work."""
    OnceToken.objects.filter(used_at__lt=at - timedelta(days=8)).delete()
    Job.objects.filter(state=Job.State.DONE, done_at__lt=at - timedelta(days=30)).delete()
    call_command("clearsessions")
    for work in _works:
        work(at)
