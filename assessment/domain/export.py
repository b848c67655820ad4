"""Figures and reports that leave the product as a file carry personal data out: that is put on record."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from lms.accounts.api import User
from lms.audit.api import Action, record, stream_of
from lms.audit.models import AuditEvent


def record_export(report: str, organisation_ids: Iterable[int], *, form: str, asked: dict[str, Any], by: User,
                  role: str, at: datetime) -> None:  # fmt: skip
    """Records that somebody has saved a report about these organisations' people as a file: which report, as CSV or
    Excel, narrowed by which filters (ids and codes, never a name). The same file again on the same day is the same
    act and is not recorded twice."""
    changes = {"form": form, "asked": {key: str(value) for key, value in sorted(asked.items()) if value}}
    day = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        for stream in sorted(stream_of("organisation", pk) for pk in set(organisation_ids)):
            today = AuditEvent.objects.filter(
                stream__name=stream, action=Action.EXPORTED, subject=f"report:{report}", actor=by, at__gte=day
            )
            if any(json.loads(event.canonical)["changes"] == changes for event in today):
                continue
            record(stream, Action.EXPORTED, by=by, role=role, subject=f"report:{report}", at=at, changes=changes)
