"""What is read of uploads on their way."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from lms.accounts.api import User

from .models import EvidenceVersion, Upload

MEGABYTE = 1024 * 1024


def limit_of(version: EvidenceVersion) -> int:
    """How large one file may be, in bytes: the limit of the learner's centre."""
    return version.evidence.registration.centre.evidence_limit_mb * MEGABYTE


def version_for_files(user: User, ref: UUID) -> EvidenceVersion | None:
    """The latest version of a piece of evidence, if the user may see it or is recording it (rules 23 and 35)."""
    seen = EvidenceVersion.objects.visible_to(user).filter(evidence__ref=ref)
    recorded = EvidenceVersion.objects.recorded_by(user).filter(evidence__ref=ref)
    rows = EvidenceVersion.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=recorded.values("pk")))
    return rows.select_related("evidence__registration__centre").order_by("-number").first()


def upload_of(user: User, ref: UUID) -> Upload | None:
    """An upload that the user began."""
    found = Upload.objects.filter(user=user, ref=ref)
    return found.select_related("version__evidence__registration__centre", "file").first()


def open_uploads(version: EvidenceVersion, *, at: datetime) -> QuerySet[Upload]:
    """Files of a version that are on their way and can go on."""
    return Upload.objects.filter(version=version, offset__lt=F("length"), expires_at__gt=at).order_by("pk")
