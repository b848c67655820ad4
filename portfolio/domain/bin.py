"""The bin: a draft that its learner deletes waits there for `BIN_DAYS` and can be taken back until then (rule 2: only
drafts are ever deleted)."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse

from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from lms.common.housekeeping import each_night
from portfolio import files
from portfolio.models import Attestation, Evidence, EvidenceFile, EvidenceVersion
from portfolio.policies import check_not_held, check_owner
from portfolio.visibility import on_hold

from .counts import refresh_evidence
from .write import locked_draft, next_number

log = logging.getLogger("senco.bin")


def discard_draft(version: EvidenceVersion, *, by: User, at: datetime) -> EvidenceVersion:
    """Puts a learner's draft into the bin; an earlier version becomes the latest again. Refused for what is submitted
    (rule 2), for an assessor's record itself, and for a document that an assessor attested to."""
    with transaction.atomic():
        row = locked_draft(version, by)
        if row.is_recorded and row.number == 1:  # a later version holds the learner's own links: those may go
            raise Refused("recorded-stays", "Your assessor recorded this, so it cannot go into the bin. Ask them if "
                          "something in it is wrong.")  # fmt: skip
        if Attestation.objects.filter(version=row).exists():
            raise Refused("attested-stays", "Your assessor has seen this document and said so, so it stays.")
        row.is_latest, row.binned_at = False, at
        row.save(update_fields=["is_latest", "binned_at"])
        before = EvidenceVersion.objects.filter(evidence_id=row.evidence_id, binned_at__isnull=True)
        previous = before.order_by("-number").first()
        if previous is not None:
            EvidenceVersion.objects.filter(pk=previous.pk).update(is_latest=True)
        _refresh(row, previous)
        _record(row, Action.EVIDENCE_DISCARDED, by, at)
    return row


def restore_draft(version: EvidenceVersion, *, by: User, at: datetime) -> EvidenceVersion:
    """Takes a draft out of the bin: it is the latest version again, under the next number when there are newer ones.
    Refused when another draft of the same piece is open."""
    with transaction.atomic():
        row = _locked_in_bin(version, by)
        latest = EvidenceVersion.objects.filter(evidence_id=row.evidence_id, is_latest=True).first()
        if latest is not None and latest.is_draft:
            raise Refused(
                "draft-open", f"Another draft of this piece is open: “{latest.title}”. Submit or delete that one "
                "first, then take this one out of the bin.",
                fix_url=reverse("portfolio:evidence", args=[row.evidence.ref]),
            )  # fmt: skip
        if latest is not None:
            EvidenceVersion.objects.filter(pk=latest.pk).update(is_latest=False)
            if latest.number > row.number:
                row.number = next_number(row.evidence)
        row.is_latest, row.binned_at = True, None
        row.save(update_fields=["number", "is_latest", "binned_at"])
        _refresh(row, latest)
        _record(row, Action.EVIDENCE_RESTORED, by, at)
    return row


def destroy_draft(version: EvidenceVersion, *, by: User, at: datetime) -> None:
    """Destroys a draft in the bin for good: its words, its files and what was shown of them. Refused for anything
    that is not in the bin."""
    with transaction.atomic():
        _destroy(_locked_in_bin(version, by), by, "learner", at)


def empty_bin(registration: Registration, *, by: User, at: datetime) -> int:
    """Destroys every draft in the learner's bin for good; returns how many."""
    with transaction.atomic():
        check_owner(by, lock_registration(registration.pk))
        rows = EvidenceVersion.objects.binned_by(by).filter(~on_hold(), evidence__registration=registration)
        found = list(rows.select_related("evidence").order_by("pk"))
        for row in found:
            _destroy(row, by, "learner", at)
    return len(found)


@each_night
def purge_bins(at: datetime) -> None:
    """Destroys what has been in a bin for `BIN_DAYS`. Each draft is a transaction of its own: one that cannot be
    destroyed is written to the log and does not keep the others."""
    over = EvidenceVersion.objects.filter(~on_hold(), binned_at__lte=at - timedelta(days=settings.BIN_DAYS))
    for pk in list(over.order_by("pk").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                registration = EvidenceVersion.objects.values_list("evidence__registration_id", flat=True).get(pk=pk)
                lock_registration(registration)
                row = over.select_related("evidence").filter(pk=pk).first()
                if row is not None:
                    _destroy(row, None, "system", at)
        except (ProtectedError, EvidenceVersion.DoesNotExist):
            log.exception("Version %s could not be taken out of the bin", pk)


def _locked_in_bin(version: EvidenceVersion, by: User) -> EvidenceVersion:
    registration_id = Evidence.objects.values_list("registration_id", flat=True).filter(pk=version.evidence_id).first()
    registration = lock_registration(registration_id) if registration_id else None
    row = EvidenceVersion.objects.select_related("evidence").filter(pk=version.pk, binned_at__isnull=False).first()
    if registration is None or row is None:
        raise Refused("not-in-bin", "This draft is not in the bin any more.")
    check_owner(by, registration)
    check_not_held(row)
    return row


def _destroy(row: EvidenceVersion, by: User | None, role: str, at: datetime) -> None:
    evidence, kept = row.evidence, files.kept_of(EvidenceFile.objects.filter(version=row))
    row.delete()
    if not evidence.versions.exists():
        evidence.delete()
    _record(row, Action.EVIDENCE_PURGED, by, at, role=role)
    transaction.on_commit(lambda: files.forget_unused(kept), robust=True)


def _refresh(row: EvidenceVersion, other: EvidenceVersion | None) -> None:
    criteria = set(row.links.values_list("criterion_id", flat=True))
    if other is not None:
        criteria |= set(other.links.values_list("criterion_id", flat=True))
    refresh_evidence(row.evidence.registration_id, criteria)


def _record(row: EvidenceVersion, action: Action, by: User | None, at: datetime, role: str = "learner") -> None:
    record(
        registration_stream(row.evidence.registration_id), action, by=by, role=role, at=at,
        subject=f"evidence:{row.evidence_id}/{row.number}", changes={"number": row.number},
    )  # fmt: skip
