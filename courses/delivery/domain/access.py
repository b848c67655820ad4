"""Opening evidence to people whom no allocation lets in."""

from datetime import datetime
from uuid import UUID

from courses.delivery.models import AccessGrant, Registration
from lms.accounts.models import Organisation, User


def grant_access(registration: Registration, subject: UUID, organisation: Organisation, reason: AccessGrant.Reason, *,
                 by: User, at: datetime) -> AccessGrant:  # fmt: skip
    """Opens a piece of evidence to an organisation. Opening it twice changes nothing. Called by the act that opens
    it, in that act's transaction, which records it."""
    grant, _ = AccessGrant.objects.get_or_create(
        subject=subject, organisation=organisation, reason=reason, ended_at=None,
        defaults={"registration": registration, "granted_by": by, "granted_at": at},
    )  # fmt: skip
    return grant


def end_access(subject: UUID, reason: AccessGrant.Reason, *, at: datetime) -> int:
    """Closes every grant of that reason on a piece of evidence; returns how many there were."""
    return AccessGrant.objects.filter(subject=subject, reason=reason, ended_at__isnull=True).update(ended_at=at)
