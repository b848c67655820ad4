"""What adding, checking, combining and removing files share."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from courses.delivery.api import registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from portfolio import files
from portfolio.models import EvidenceFile, EvidenceLink, EvidenceVersion


def files_changed(version: EvidenceVersion, at: datetime) -> None:
    """A draft's files are not what they were: its declarations are taken back (rules 1 and 3)."""
    version.saved_at = at
    version.authenticity_declared_at = version.child_identity_declared_at = None
    version.save(update_fields=["saved_at", "authenticity_declared_at", "child_identity_declared_at"])


def record_file(version: EvidenceVersion, action: Action, file: EvidenceFile, at: datetime, *, by: User | None,
                role: str, **more: object) -> None:  # fmt: skip
    """Appends what happened to a file to its learner's stream (rule 39). Without `by`: the product itself."""
    record(
        registration_stream(version.evidence.registration_id), action, by=by, role=role, at=at,
        subject=f"evidence:{version.evidence_id}/{version.number}",
        changes={"file": file.pk, "sha256": file.sha256, "size": file.size, "type": file.content_type, **more},
    )  # fmt: skip


def let_go(rows: QuerySet[EvidenceFile]) -> None:
    """Deletes files of a draft; links keep their words and lose the place in the file. What no other version has is
    destroyed when the transaction is committed."""
    unused = files.kept_of(rows)
    unlink_files(rows)
    rows.delete()
    destroy_later(unused)


def unlink_files(rows: QuerySet[EvidenceFile]) -> None:
    """Links keep their words and lose the place in these files."""
    EvidenceLink.objects.filter(file__in=rows.values("pk")).update(
        file=None, page=None, start_seconds=None, end_seconds=None, region=""
    )


def destroy_later(names: Iterable[str]) -> None:
    """Destroys what is unused once the transaction is committed."""
    gone = list(names)
    transaction.on_commit(lambda: files.forget_unused(gone), robust=True)
