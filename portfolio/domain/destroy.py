"""Destroying what evidence says, because a child can be recognised in it (rule 4): words, files, what is shown of them,
uploads on their way, documents made of the portfolio. What is left is a tombstone. The bytes go in a job that tries
until they are gone, and each night it is proven that they are."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from courses.delivery.api import Registration
from lms.accounts.api import User
from lms.audit.api import Action
from lms.audit.models import AuditEvent
from lms.common.housekeeping import each_night
from lms.common.jobs import TryLater, enqueue, job
from portfolio import files
from portfolio.models import EvidenceFile, EvidenceVersion, Report, Tombstone, Upload

from .held import unlink_files
from .upload import path_of

log = logging.getLogger("senco.destroyed")
DESTROY = "portfolio.destroy_bytes"
RETRY_SECONDS = 60
GONE_TITLE = "Evidence that was removed"
GONE_WORD = "Removed"


@dataclass
class Destroyed:
    """What an act of destroying took away: versions that keep a tombstone, drafts in the bin that went altogether,
    names in the store, uploads in the spool. Names are made by chance and say nothing."""

    versions: list[int] = field(default_factory=list)
    drafts: list[int] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)


def destroy_versions(versions: Iterable[EvidenceVersion], reason: str, *, by: User, at: datetime) -> Destroyed:
    """Destroys what these versions say; each keeps a tombstone with how large it was and the reason. Drafts in the bin
    go altogether. Called with the registration locked and the hold still open: the database asks for it."""
    done = Destroyed()
    for version in versions:
        rows = EvidenceFile.objects.filter(version=version)
        done.stored += files.kept_of(rows)
        done.uploads += [ref.hex for ref in version.uploads.values_list("ref", flat=True)]
        Upload.objects.filter(version=version).delete()
        if version.binned_at:
            done.drafts.append(version.pk)
            version.delete()
            continue
        _bury(version, rows, reason, by, at)
        done.versions.append(version.pk)
    return done


def _bury(version: EvidenceVersion, rows: QuerySet[EvidenceFile], reason: str, by: User, at: datetime) -> None:
    """The tombstone first: with it the database lets the words of what was submitted go."""
    Tombstone.objects.create(
        version=version, words=version.words, files=rows.count(), reason=reason, destroyed_by=by, destroyed_at=at,
        size=len(version.text.encode()) + (rows.aggregate(sum=Sum("size"))["sum"] or 0),
    )  # fmt: skip
    unlink_files(rows)
    version.links.update(where="", why="")
    rows.delete()
    version.title, version.text, version.ai_used = GONE_TITLE, "", ""
    version.place, version.source = (GONE_WORD if said else "" for said in (version.place, version.source))
    version.save(update_fields=["title", "text", "ai_used", "place", "source"])


def drop_reports(registration: Registration) -> list[str]:
    """Takes away the documents made of a portfolio, and those being made; returns their names in the store. They are
    kept for a day and can be asked for again."""
    rows = Report.objects.filter(registration=registration)
    names = [name for name in rows.values_list("stored_as", flat=True) if name]
    rows.delete()
    return names


def destroy_later(stored: Iterable[str], uploads: Iterable[str] = (), *, at: datetime) -> None:
    """Has the bytes destroyed in a job, once this transaction is committed."""
    names, refs = sorted(set(stored)), sorted(set(uploads))
    if names or refs:
        enqueue(DESTROY, at=at, stored=names, uploads=refs)


@job(DESTROY)
def destroy_bytes(stored: list[str], uploads: list[str]) -> None:
    """Destroys bytes that no version has any more. Harmless to run again. While the store does not let them go, it is
    tried again each minute, for as long as it takes."""
    try:
        for ref in uploads:
            path_of(UUID(ref)).unlink(missing_ok=True)
        files.forget_unused(stored)
        left = files.left_of(stored)
    except Exception as away:  # whatever the store's library raises
        raise TryLater(RETRY_SECONDS) from away
    if left:
        raise TryLater(RETRY_SECONDS)


def bytes_left() -> list[str]:
    """Names in the store of what was destroyed at any time and is still, or again, there: after a backup was put back,
    for instance. The memory is the audit log."""
    found: list[str] = []
    events = AuditEvent.objects.filter(action=Action.HOLD_DESTROYED).order_by("pk")
    for text in events.values_list("canonical", flat=True).iterator(chunk_size=200):
        found += files.left_of(json.loads(text)["changes"].get("stored", []))
    return found


@each_night
def prove_destroyed(at: datetime) -> None:
    """The nightly proof that no bytes of destroyed evidence are left. What is found is written to the log and
    destroyed again."""
    left = bytes_left()
    if left:
        log.error("Bytes of destroyed evidence were still in the store: %s. They are being destroyed.", len(left))
        destroy_later(left, at=at)


def same_files(versions: Iterable[EvidenceVersion]) -> Q:
    """Files that hold the same content as those of these versions, whether stored once or twice."""
    rows = EvidenceFile.objects.filter(version__in=[version.pk for version in versions])
    stored = [name for name in rows.values_list("stored_as", flat=True) if name]
    digests = [digest for digest in rows.values_list("sha256", flat=True) if digest]
    return Q(stored_as__in=stored) | Q(sha256__in=digests)
