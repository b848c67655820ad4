"""Declaring and resolving a personal interest in a learner's result (rule 8)."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from assessment.models import Decision, InterestDeclaration
from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import Membership, Role, User, is_staff_of
from lms.audit.api import Action, record
from lms.common.errors import Refused
from lms.notices.api import tell

from .counting import reopen_waiting_of
from .reassign import move_from


def declare_interest(registration: Registration, kind: str, detail: str, *, by: User,
                     at: datetime) -> InterestDeclaration:  # fmt: skip
    """Declares one's own interest. From then on the person decides nothing for the learner; their unreleased drafts
    are dropped, so that another assessor can decide; the centre's lead IQAs are told. Declaring twice is once."""
    if kind not in InterestDeclaration.Kind.values:
        raise Refused("rule-08-kind", "Choose what kind of interest it is.")
    with transaction.atomic():
        row = lock_registration(registration.pk)
        declaration, created = InterestDeclaration.objects.get_or_create(
            registration=row, user=by, kind=kind, resolved_at=None,
            defaults={"detail": detail.strip(), "declared_at": at},
        )  # fmt: skip
        if not created:
            return declaration
        Decision.objects.filter(registration=row, decider=by, state=Decision.State.DRAFT).delete()
        leads = Membership.objects.current().filter(organisation_id=row.centre_id, role=Role.LEAD_IQA)
        for membership in leads.select_related("user").order_by("pk"):
            tell(
                membership.user, "interest", f"{by.name} has declared a personal interest in a learner's result",
                url=reverse("assessment:quality"), at=at,
            )  # fmt: skip
        record(
            registration_stream(row.pk), Action.INTEREST_DECLARED, by=by, role="assessor", at=at,
            subject=f"interest:{declaration.pk}", changes={"kind": kind},
        )  # fmt: skip
    return declaration


def resolve_interest(declaration: InterestDeclaration, outcome: str, resolution: str, *, by: User,
                     at: datetime) -> None:  # fmt: skip
    """The centre's lead IQA records how an interest was resolved: cleared, so that the person may decide again; stands
    aside, so that they do not and what waits moves to another assessor; or unavoidable, so that they may and somebody
    else confirms each decision (rule 9). Refused for the person themselves, for anybody else, and without a word on
    how."""
    if outcome not in InterestDeclaration.Outcome.values:
        raise Refused("rule-08-outcome", "Choose how it was resolved.")
    if not resolution.strip():
        raise Refused("rule-08-resolution", "Say how it was resolved.")
    with transaction.atomic():
        registration = lock_registration(declaration.registration_id)
        if not is_staff_of(by, registration.centre_id, Role.LEAD_IQA) or declaration.user_id == by.pk:
            raise Refused("rule-08-right", "Another lead internal quality assurer of the centre must resolve it.")
        row = InterestDeclaration.objects.select_related("user").get(pk=declaration.pk)
        if row.resolved_at is not None:
            raise Refused("rule-08-resolved", "This interest has been resolved already.")
        row.resolved_at, row.resolved_by = at, by
        row.outcome, row.resolution = outcome, resolution.strip()
        row.save(update_fields=["resolved_at", "resolved_by", "outcome", "resolution"])
        tell(row.user, "interest", "Your declared interest has been resolved", url=reverse("assessment:queue"), at=at)
        record(
            registration_stream(registration.pk), Action.INTEREST_RESOLVED, by=by, role="lead_iqa", at=at,
            subject=f"interest:{row.pk}", changes={"outcome": outcome},
        )  # fmt: skip
        if outcome == InterestDeclaration.Outcome.STANDS_ASIDE:
            reopen_waiting_of(registration, row.user, by=by, at=at)
            move_from(registration, row.user, at=at)
