"""Somebody has looked at the law and found that a reference still says it right."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from content.models import LegalReference
from content.policies import may_write
from lms.accounts.api import User
from lms.audit.api import Action, record, stream_of


def check_reference(reference: LegalReference, *, by: User, at: datetime) -> LegalReference:
    """Records that a legal reference was checked today and nothing has changed. A second time on one day changes
    nothing. Only an author of its organisation may; what comes with the product, the system administrator."""
    with transaction.atomic():
        row = LegalReference.objects.select_for_update().get(pk=reference.pk)
        if not may_write(by, row):
            raise PermissionDenied("This reference comes with the product. It is checked there.")
        today, before = timezone.localdate(at), row.checked_on
        if before == today:
            return row
        row.checked_on = today
        row.save(update_fields=["checked_on"])
        owner = row.organisation_id
        record(
            stream_of("organisation", owner) if owner else stream_of("legal", row.pk), Action.LEGAL_CHECKED, by=by,
            role="author" if owner else "administrator", subject=f"legal:{row.pk}", at=at,
            changes={"from": before.isoformat(), "to": today.isoformat()},
        )  # fmt: skip
    return row
