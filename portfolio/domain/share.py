"""Sharing a piece of evidence with one's setting (rule 35)."""

from datetime import datetime

from django.db import transaction

from courses.delivery.api import (
    AccessGrant,
    end_access,
    grant_access,
    in_force,
    lock_registration,
    registration_stream,
)
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from portfolio.models import Evidence
from portfolio.policies import check_owner


def share_with_setting(evidence: Evidence, *, by: User, at: datetime) -> None:
    """Lets the managers of the settings where the learner works today read a piece, once it is submitted.
    Refused when the learner has no setting on record."""
    with transaction.atomic():
        registration = lock_registration(evidence.registration_id)
        check_owner(by, registration)
        placements = list(registration.placements.filter(in_force()).select_related("setting"))
        if not placements:
            raise Refused("share-no-setting", "No setting is on record for you. Ask your centre to add it.")
        for placement in placements:
            grant_access(registration, evidence.ref, placement.setting, AccessGrant.Reason.SHARED, by=by, at=at)
        _record(evidence, Action.EVIDENCE_SHARED, by, at, settings=[p.setting_id for p in placements])


def stop_sharing(evidence: Evidence, *, by: User, at: datetime) -> None:
    """Takes the sharing back, at once."""
    with transaction.atomic():
        registration = lock_registration(evidence.registration_id)
        check_owner(by, registration)
        end_access(evidence.ref, AccessGrant.Reason.SHARED, at=at)
        _record(evidence, Action.EVIDENCE_UNSHARED, by, at)


def _record(evidence: Evidence, action: Action, by: User, at: datetime, **changes: object) -> None:
    record(
        registration_stream(evidence.registration_id), action, by=by, role="learner", at=at,
        subject=f"evidence:{evidence.pk}", changes=dict(changes),
    )  # fmt: skip
