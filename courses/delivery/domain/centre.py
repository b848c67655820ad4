"""What a centre sets for its learners."""

from datetime import datetime

from django.db import transaction

from courses.delivery.policies import may_run_centre
from lms.accounts.models import Organisation, User
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

LARGEST_MB = 2000


def set_evidence_limit(centre: Organisation, megabytes: int, *, by: User, at: datetime) -> None:
    """Sets how large one evidence file of the centre's learners may be. Files that are there already stay. Refused
    for anybody but an administrator of the centre, and outside 1 to 2000 MB. The same limit again changes nothing."""
    if not may_run_centre(by, centre):
        raise Refused("centre-right", "Only the centre’s administrators set its limits.")
    if not 1 <= megabytes <= LARGEST_MB:
        raise Refused("centre-limit", f"The limit must be from 1 to {LARGEST_MB} MB.")
    with transaction.atomic():
        row = Organisation.objects.select_for_update().get(pk=centre.pk)
        before = row.evidence_limit_mb
        if before == megabytes:
            return
        row.evidence_limit_mb = megabytes
        row.save(update_fields=["evidence_limit_mb"])
        record(
            stream_of("organisation", row.pk), Action.CENTRE_LIMIT_SET, by=by, role="centre_administrator", at=at,
            subject=f"organisation:{row.pk}", changes={"from_mb": before, "to_mb": megabytes},
        )  # fmt: skip
