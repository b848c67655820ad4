"""Adding files to a draft and taking them away."""

from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from courses.delivery.api import registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from portfolio import files
from portfolio.models import EvidenceFile, EvidenceLink, EvidenceVersion

from .write import locked_draft


def add_file(version: EvidenceVersion, upload: UploadedFile, *, by: User, at: datetime) -> EvidenceFile:
    """Checks a file by its content, stores it privately and adds it to a draft. The same file (name and content)
    added again changes nothing, so that a form posted twice adds it once.

    Raises Refused, with the reason and the limit, for a file that is empty, too large, not what it says it is, or
    that could run something. The file is stored before the transaction; a refusal afterwards takes it away again.
    """
    checked = files.check(upload)
    stored_as = files.store(upload, checked)
    try:
        with transaction.atomic():
            row = locked_draft(version, by)
            same = row.files.filter(name=checked.name, sha256=checked.sha256).first()
            if same is not None:
                transaction.on_commit(lambda: files.forget_unused([stored_as]), robust=True)
                return same
            if row.files.count() >= settings.EVIDENCE_MAX_FILES:
                raise Refused(
                    "file-count", f"A piece of evidence can have {settings.EVIDENCE_MAX_FILES} files. Remove one first."
                )
            added = EvidenceFile.objects.create(
                version=row, name=checked.name, stored_as=stored_as, content_type=checked.content_type,
                size=checked.size, stored_size=checked.size, sha256=checked.sha256, added_at=at,
                state=EvidenceFile.State.READY, checked_at=at,
            )  # fmt: skip
            _changed(row, at)
            _record(row, Action.FILE_ADDED, added, by, at)
    except BaseException:
        files.forget_unused([stored_as])
        raise
    return added


def remove_file(file: EvidenceFile, *, by: User, at: datetime) -> None:
    """Takes a file off a draft; it is destroyed unless an earlier version has it too."""
    with transaction.atomic():
        row = locked_draft(file.version, by)
        _record(row, Action.FILE_REMOVED, file, by, at)
        stored_as = file.stored_as
        EvidenceLink.objects.filter(file=file).update(
            file=None, page=None, start_seconds=None, end_seconds=None, region=""
        )
        row.files.filter(pk=file.pk).delete()
        _changed(row, at)
        transaction.on_commit(lambda: files.forget_unused([stored_as]), robust=True)


def _changed(version: EvidenceVersion, at: datetime) -> None:
    version.saved_at = at
    version.authenticity_declared_at = version.child_identity_declared_at = None
    version.save(update_fields=["saved_at", "authenticity_declared_at", "child_identity_declared_at"])


def _record(version: EvidenceVersion, action: Action, file: EvidenceFile, by: User, at: datetime) -> None:
    record(
        registration_stream(version.evidence.registration_id), action, by=by, role="learner", at=at,
        subject=f"evidence:{version.evidence_id}/{version.number}",
        changes={"sha256": file.sha256, "size": file.size, "type": file.content_type},
    )  # fmt: skip
