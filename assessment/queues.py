"""The nightly proof that nothing submitted is lost: each submitted criterion stands in exactly one assessor's queue or
is decided, and whoever can mend it hears when one does not."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from assessment.domain.reassign import reassign_all
from assessment.models import Decision
from assessment.queries_checks import in_no_lane
from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import Membership, Role, User
from lms.audit.api import Action, record
from lms.audit.models import AuditEvent
from lms.common.housekeeping import each_night
from lms.notices.api import tell
from portfolio.api import Submission, SubmittedCriterion

log = logging.getLogger("senco.queues")
MENDERS = (Role.CENTRE_ADMINISTRATOR, Role.LEAD_IQA)
# What is wrong, for the log and the command; and what the people of the centre are to do.
FAULTS = {
    "in-no-queue": "is in nobody's queue",
    "in-no-lane": "waits for a second assessor, and nobody is allocated who could check it",
    "closed-undecided": "is closed without a decision",
    "open-in-closed": "is open in a submission that is closed",
}
TO_DO = {
    "in-no-queue": "{learner} has submitted work that no assessor has in their queue. Allocate an assessor to them.",
    "in-no-lane": "Decisions on work of {learner} wait for a second assessor, and none is allocated. Allocate one.",
    "closed-undecided": "Submitted work of {learner} was closed without a decision. Ask your system administrator to "
    "run check_queues.",
    "open-in-closed": "Submitted work of {learner} is still open after its submission was closed. Ask your system "
    "administrator to run check_queues.",
}


@dataclass(frozen=True)
class Fault:
    """A submitted criterion that is not where it must be."""

    kind: str
    registration_id: int
    submission_id: int
    item_id: int
    code: str

    def __str__(self) -> str:
        return (f"registration {self.registration_id}, submission {self.submission_id}, criterion {self.code}: "
                f"{FAULTS[self.kind]}")  # fmt: skip


def _astray() -> dict[str, QuerySet[SubmittedCriterion]]:
    """Submitted criteria that are not where they must be, by what is wrong with them."""
    items = SubmittedCriterion.objects.all()
    decided = Decision.objects.filter(submission=OuterRef("submission"), criterion=OuterRef("criterion")).exclude(
        state=Decision.State.DRAFT
    )
    closed = Q(submission__released_at__isnull=False) | Q(submission__withdrawn_at__isnull=False)
    return {
        "in-no-queue": items.filter(is_open=True, submission__in=Submission.objects.in_no_queue()),
        "in-no-lane": items.filter(is_open=True, submission__in=in_no_lane()),
        "closed-undecided": items.attempts().filter(~Exists(decided), is_open=False),
        "open-in-closed": items.filter(closed, is_open=True),
    }


def astray() -> dict[str, QuerySet[SubmittedCriterion, tuple[int, int, int, str]]]:
    """What each kind of `Fault` is made of, one query a kind: registration, submission, item, the criterion's code."""
    order, shown = ("registration_id", "submission_id", "criterion__position"), ("registration_id", "submission_id")
    return {
        kind: rows.order_by(*order).values_list(*shown, "pk", "criterion__code") for kind, rows in _astray().items()
    }


def faults() -> Iterator[Fault]:
    """Every submitted criterion that neither stands in exactly one queue nor is decided nor withdrawn. One query for
    each kind of fault, however much has been submitted."""
    return (Fault(kind, *row) for kind, rows in astray().items() for row in rows)


@each_night
def keep_queues(at: datetime) -> None:
    """Finds an assessor for what has been left in nobody's queue, then proves that nothing is astray. What still is,
    is told once to the centre's administrators and lead IQAs, audited, and logged each night."""
    reassign_all(at=at)
    found: dict[int, list[Fault]] = {}
    for fault in faults():
        log.error("Queue alarm: %s", fault)
        found.setdefault(fault.registration_id, []).append(fault)
    for registration_id in sorted(found.keys() | _alarmed()):
        _alarm(registration_id, found.get(registration_id, []), at)


def _alarmed() -> set[int]:
    """Registrations about which an alarm has ever been raised."""
    streams = AuditEvent.objects.filter(action=Action.QUEUE_ALARM).values_list("subject", flat=True).distinct()
    return {int(subject.removeprefix("registration:")) for subject in streams}


def _alarm(registration_id: int, found: list[Fault], at: datetime) -> None:
    """Raises the alarm unless it was raised for the same criteria before; takes it back when nothing is astray. The
    log is the memory: what an alarm was about stands in its event."""
    items: dict[str, list[int]] = {}
    for fault in found:
        items.setdefault(fault.kind, []).append(fault.item_id)
    subject = f"registration:{registration_id}"
    with transaction.atomic():
        registration = lock_registration(registration_id)
        last = AuditEvent.objects.filter(subject=subject, action=Action.QUEUE_ALARM).order_by("-sequence").first()
        if items == (json.loads(last.canonical)["changes"] if last else {}):
            return
        for kind in items:
            for user in _menders(registration):
                tell(user, "queue-alarm", TO_DO[kind].format(learner=registration.learner.name),
                     url=reverse("assessment:team_learner", args=[registration.ref]), at=at)  # fmt: skip
        record(registration_stream(registration_id), Action.QUEUE_ALARM, by=None, role="system", at=at,
               subject=subject, changes=items)  # fmt: skip


def _menders(registration: Registration) -> list[User]:
    roles = Membership.objects.current().filter(organisation=registration.centre_id, role__in=MENDERS)
    return list(User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("pk"))
