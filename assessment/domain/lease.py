"""Who has a submission open in the workspace: said to others, so that nobody begins beside them unknowing. It keeps
nobody out, so it is no history either: rows are renewed and forgotten."""

from datetime import datetime, timedelta

from django.db import transaction

from assessment.models import DeskLease
from assessment.policies import check_may_decide
from assessment.queries_desk import LEASE
from lms.accounts.api import User
from lms.common.housekeeping import each_night
from portfolio.api import Submission

from .open import check_waiting

BACK_WITHIN = timedelta(seconds=30)  # from one criterion to the next is not leaving


def stay(submission: Submission, *, by: User, at: datetime) -> DeskLease:
    """Says that somebody is at a submission now: since they came, or since now when no sign of them is left. The same
    sign again changes nothing but when they were seen last.

    Refused for somebody who may not decide for the learner (rules 6-11), and when it was released or withdrawn.
    """
    check_may_decide(by, submission.registration, at=at)
    check_waiting(submission)
    with transaction.atomic():
        rows = DeskLease.objects.filter(submission=submission, user=by)
        if not rows.filter(seen_at__gte=at - LEASE).update(seen_at=at):
            DeskLease.objects.update_or_create(submission=submission, user=by, defaults={"since": at, "seen_at": at})
    return rows.get()


def leave(submission: Submission, *, seen_at: datetime, by: User, at: datetime) -> None:
    """Somebody leaves the page that gave its last sign at `seen_at`: their lease ends in half a minute, unless they
    come back or another page of theirs has given a sign since."""
    DeskLease.objects.filter(submission=submission, user=by, seen_at=seen_at).update(seen_at=at - LEASE + BACK_WITHIN)


@each_night
def forget_leases(at: datetime) -> None:
    """Deletes leases that have run out."""
    DeskLease.objects.filter(seen_at__lt=at - LEASE).delete()
