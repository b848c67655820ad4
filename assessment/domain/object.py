"""A learner objects to who assesses them, and the lead IQA decides (rule 9)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from assessment.models import Objection
from courses.delivery.api import (
    Allocation,
    Registration,
    end_allocation,
    in_force,
    is_learner_of,
    lock_registration,
    registration_stream,
)
from lms.accounts.api import Membership, Role, User, is_staff_of
from lms.audit.api import Action, record
from lms.common.errors import Refused
from lms.notices.api import tell

from .counting import reopen_waiting_of

LONGEST = 2000
ASSESSES = (Allocation.Role.ASSESSOR, Allocation.Role.SECOND_ASSESSOR)


def object_to(registration: Registration, about: User, reason: str, *, by: User, at: datetime) -> Objection:
    """A learner objects to somebody who assesses them, in their own words. From then on that person decides nothing
    for them, until the lead IQA has decided; who decides is told, and so is the person, without the reason.

    Refused for anybody but the learner, without a reason, about somebody who does not assess them, and while an
    earlier objection to the same person is open.
    """
    words = reason.strip()
    if not words:
        raise Refused("objection-reason", "Say why you object. Only your lead internal quality assurer reads it.")
    if len(words) > LONGEST:
        raise Refused("objection-long", f"Your reason may have up to {LONGEST} characters.")
    with transaction.atomic():
        row = lock_registration(registration.pk)
        if not is_learner_of(by, row):
            raise Refused("objection-right", "Only the learner objects to who assesses them.")
        if not _assesses(row, about):
            raise Refused("objection-nobody", f"{about.name} does not assess you.")
        if Objection.objects.filter(registration=row, about=about, decided_at__isnull=True).exists():
            raise Refused("objection-open", f"You have objected to {about.name} already. Your lead internal quality "
                          "assurer will answer.")  # fmt: skip
        objection = Objection.objects.create(registration=row, about=about, reason=words, raised_at=at)
        for user in _who_decide(row, about):
            tell(user, "objection", f"{by.name} objects to who assesses them: please decide",
                 url=reverse("assessment:objection", args=[objection.pk]), at=at)  # fmt: skip
        tell(about, "objection", f"{by.name} has asked for another assessor: for now you decide nothing for them",
             url=reverse("assessment:queue"), at=at)  # fmt: skip
        record(
            registration_stream(row.pk), Action.OBJECTED, by=by, role="learner", at=at,
            subject=f"objection:{objection.pk}", changes={"about": about.pk},
        )  # fmt: skip
    return objection


def decide_objection(objection: Objection, outcome: str, answer: str, *, by: User, at: datetime) -> Objection:
    """The centre's lead IQA upholds an objection, which ends the person's allocation as this learner's assessor, or
    does not uphold it, and they go on. The learner reads the answer; both are told.

    Refused for anybody but a lead IQA of the centre, about oneself, without an answer, and when it is decided.
    """
    words = answer.strip()
    if outcome not in Objection.Outcome.values:
        raise Refused("objection-outcome", "Choose whether you uphold the objection.")
    if not words:
        raise Refused("objection-answer", "Write your answer. The learner reads it.")
    with transaction.atomic():
        registration = lock_registration(objection.registration_id)
        row = Objection.objects.select_related("about").get(pk=objection.pk)
        if not is_staff_of(by, registration.centre_id, Role.LEAD_IQA):
            raise Refused("objection-decider", "Only a lead internal quality assurer of the centre decides this.")
        if row.about_id == by.pk:
            raise Refused("objection-own", "It is about you. Another lead internal quality assurer must decide.")
        if row.decided_at is not None:
            raise Refused("objection-decided", "This objection has been decided already.")
        row.outcome, row.answer, row.decided_by, row.decided_at = outcome, words, by, at
        row.save(update_fields=["outcome", "answer", "decided_by", "decided_at"])
        learner, upheld = registration.learner, outcome == Objection.Outcome.UPHELD
        if upheld:
            reopen_waiting_of(registration, row.about, by=by, at=at)
            _end_allocations(registration, row.about, by=by, at=at)
        tell(learner, "objection", f"Your objection to {row.about.name} has been "
             + ("upheld: another assessor decides" if upheld else "answered"),
             url=reverse("assessment:people"), at=at)  # fmt: skip
        tell(row.about, "objection", f"You no longer assess {learner.name}" if upheld
             else f"You go on assessing {learner.name}", url=reverse("assessment:queue"), at=at)  # fmt: skip
        record(
            registration_stream(registration.pk), Action.OBJECTION_DECIDED, by=by, role="lead_iqa", at=at,
            subject=f"objection:{row.pk}", changes={"outcome": outcome},
        )  # fmt: skip
    return row


def _assesses(registration: Registration, user: User) -> bool:
    return Allocation.objects.filter(in_force(), registration=registration, user=user, role__in=ASSESSES).exists()


def _end_allocations(registration: Registration, about: User, *, by: User, at: datetime) -> None:
    """Ends whatever makes them the learner's assessor, now or later: yesterday was the last day."""
    yesterday = timezone.localtime(at).date() - timedelta(days=1)
    left = Q(ends_on__isnull=True) | Q(ends_on__gt=yesterday)
    rows = Allocation.objects.filter(left, registration=registration, user=about, role__in=ASSESSES)
    for allocation in rows.order_by("pk"):
        end_allocation(allocation, ends_on=yesterday, by=by, at=at)


def _who_decide(registration: Registration, about: User) -> list[User]:
    """The centre's lead IQAs; where there is no other than the person, its administrators, who find one."""
    for role in (Role.LEAD_IQA, Role.CENTRE_ADMINISTRATOR):
        held = Membership.objects.current().filter(organisation=registration.centre_id, role=role)
        people = User.objects.filter(pk__in=held.values("user"), is_active=True).exclude(pk=about.pk)
        if found := list(people.order_by("pk")):
            return found
    return []
