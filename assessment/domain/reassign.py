"""Moving a submission to the queue of another assessor, so that it always stands in exactly one."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assessment.policies import check_may_decide, why_not_decide
from courses.delivery.api import (
    Allocation,
    Registration,
    lock_registration,
    on_allocation,
    registration_stream,
)
from lms.accounts.api import Membership, Role, User
from lms.accounts.memberships import on_change
from lms.audit.api import Action, record
from lms.common.jobs import enqueue, job
from lms.notices.api import tell
from portfolio.api import Submission
from portfolio.queries import assessors_of
from portfolio.visibility import SubmissionQuerySet

from .open import check_waiting


def take(submission: Submission, *, by: User, at: datetime) -> Submission:
    """Another assessor of the learner takes a submission into their own queue; whose it was is told. Draft decisions
    stay with whoever wrote them until they are taken over one by one.

    Refused for somebody who may not decide for the learner (rules 6, 8), and when it was released or withdrawn."""
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        check_may_decide(by, registration, at=at)
        row = Submission.objects.select_related("assessor").get(pk=submission.pk)
        check_waiting(row)
        if row.assessor_id != by.pk:
            before = row.assessor
            _move(row, by, by=by, at=at)
            _tell(row, before, f"{by.name} has taken over a submission from your queue", at)
    return row


def reassign(submission: Submission, *, at: datetime) -> Submission | None:
    """Moves a submission that stands in nobody's queue to the learner's assessor who has been allocated longest and
    may decide; both assessors are told. None when it stands in a queue after all, or when there is nobody."""
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        row = Submission.objects.in_no_queue().select_related("assessor").filter(pk=submission.pk).first()
        to = _next_assessor(registration, at) if row else None
        if row is None or to is None:
            return None
        _hand(row, to, at)
    return row


def _hand(submission: Submission, to: User, at: datetime) -> None:
    before, learner = submission.assessor, submission.registration.learner.name
    _move(submission, to, by=None, at=at)
    _tell(submission, before, f"A submission of {learner} has moved from your queue to {to.name}", at)
    _tell(submission, to, f"A submission of {learner} is now yours to assess", at)


def move_from(registration: Registration, user: User, *, at: datetime) -> None:
    """Moves what waits in somebody's queue for a locked registration to another assessor who may decide; where there is
    none, it stays where it is seen. Both are told."""
    rows = Submission.objects.waiting().filter(
        registration=registration, assessor=user, handed_on_at__isnull=True
    ).select_related("assessor", "registration__learner")  # fmt: skip
    found = list(rows.order_by("pk"))
    to = _next_assessor(registration, at) if found else None
    if to is not None:
        for row in found:
            _hand(row, to, at)


def hand_over(submission: Submission, to: User, *, by: User | None, at: datetime) -> None:
    """Moves an open submission of a locked registration into the queue of somebody who covers for its assessor. Draft
    decisions stay with whoever wrote them. Whoever calls this tells both."""
    _move(submission, to, by=by, at=at)


def _next_assessor(registration: Registration, at: datetime) -> User | None:
    """Who has been allocated longest and may decide; an undeclared dual role does not stand in the way, since it is
    declared on first opening the work."""
    refusals = ((user, why_not_decide(user, registration, at=at)) for user in assessors_of(registration))
    return next((user for user, no in refusals if no is None or no.code == "rule-09-undeclared"), None)


def _move(submission: Submission, to: User, *, by: User | None, at: datetime) -> None:
    changes = {"from": submission.assessor_id, "to": to.pk}
    submission.assessor = to
    submission.save(update_fields=["assessor"])
    record(
        registration_stream(submission.registration_id), Action.SUBMISSION_REASSIGNED, by=by,
        role="assessor" if by else "system", at=at, subject=f"submission:{submission.pk}", changes=changes,
    )  # fmt: skip


def _tell(submission: Submission, user: User, title: str, at: datetime) -> None:
    """Tells somebody about a submission: whoever still sees it, where it stands; whoever does not, their queue."""
    mine = submission.assessor_id == user.pk
    url = reverse("assessment:workspace", args=[submission.ref]) if mine else reverse("assessment:queue")
    tell(user, "reassigned", title, url=url, at=at)


def reassign_all(*, at: datetime) -> int:
    """Finds an assessor for every submission that stands in nobody's queue; says how many were found one."""
    return sum(reassign(row, at=at) is not None for row in Submission.objects.in_no_queue().order_by("pk"))


@job("submissions.find_assessors")
def find_assessors() -> None:
    """Moves what the end of a role or an allocation has left in nobody's queue. Harmless to run again."""
    reassign_all(at=timezone.now())


def _find_later(left: SubmissionQuerySet) -> None:
    """Asks for an assessor for what stands in nobody's queue, in a job of its own: each move locks another learner."""
    if left.exists():
        enqueue("submissions.find_assessors", at=timezone.now())


@on_change
def follow_membership(membership: Membership) -> None:
    """When an assessor's role ends, their submissions move to others."""
    if membership.role == Role.ASSESSOR:
        _find_later(Submission.objects.in_no_queue().filter(assessor=membership.user_id))


@on_allocation
def follow_allocation(allocation: Allocation) -> None:
    """When an assessor's allocation ends, their submissions move to others; to a new one moves what has nobody."""
    if allocation.role == Allocation.Role.ASSESSOR:
        _find_later(Submission.objects.in_no_queue().filter(registration=allocation.registration_id))
