"""Adding files to a draft and taking them away."""

import filecmp
import hashlib
import os
import shutil
import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from lms.accounts.api import User
from lms.audit.api import Action
from lms.common.errors import Refused
from lms.common.jobs import enqueue
from portfolio import files
from portfolio.models import EvidenceFile, EvidenceVersion

from .addable import acting_as, locked_for_files
from .check import CHECK
from .held import files_changed, let_go, record_file


def add_file(version: EvidenceVersion, upload: UploadedFile, *, by: User, at: datetime) -> EvidenceFile:
    """Takes a file that came with a form into a draft: see `receive`. A form posted twice adds its file once. Raises
    Refused when it is larger than a form may carry; larger files come in parts."""
    name, size = files.clean_name(upload.name or "file"), upload.size or 0
    if size > settings.EVIDENCE_FORM_MAX_BYTES:
        raise Refused(
            "file-too-large", f"“{name}” is larger than {files.limit_text()}, which is the limit for one file."
        )
    path = files.spool() / f"form-{uuid.uuid4().hex}"
    try:
        with path.open("xb") as out:
            os.chmod(path, 0o600)
            for chunk in upload.chunks():
                out.write(chunk)
        with transaction.atomic():
            there = _same(locked_for_files(version, by), path, name, size)
            return there or receive(version, path, name, size=size, by=by, at=at)
    finally:
        path.unlink(missing_ok=True)


def _same(version: EvidenceVersion, path: Path, name: str, size: int) -> EvidenceFile | None:
    """The same file under the same name that the version has already, checked or not."""
    for file in version.files.filter(name=name, size=size):
        waiting = files.quarantined(file.ref)
        if file.is_ready and file.sha256 == _digest(path):
            return file
        if file.state == EvidenceFile.State.CHECKING and waiting.exists() and filecmp.cmp(path, waiting, shallow=False):
            return file
    return None


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def receive(version: EvidenceVersion, path: Path, name: str, *, size: int, by: User, at: datetime) -> EvidenceFile:
    """Takes a complete file that stands in the spool at `path` into a draft: it goes into quarantine, where nobody
    opens it, until the job that checks it has made it ready or refused it.

    The file at `path` is linked into quarantine and goes from the spool when the transaction is committed; when it is
    rolled back, it stays where it was. Raises Refused for an empty file and for one too many (EVIDENCE_MAX_FILES).
    """
    name = files.clean_name(name)
    if size == 0:
        raise Refused("file-empty", f"“{name}” is empty. Choose the file again.")
    ref = uuid.uuid4()
    kept = files.quarantined(ref)
    try:
        with transaction.atomic():
            row = locked_for_files(version, by)
            if row.files.count() >= settings.EVIDENCE_MAX_FILES:
                most = settings.EVIDENCE_MAX_FILES
                raise Refused("file-count", f"A piece of evidence can have {most} files. Remove one first.")
            _link(path, kept)
            added = EvidenceFile.objects.create(version=row, ref=ref, name=name, size=size, added_at=at)
            files_changed(row, at)
            record_file(row, Action.FILE_ADDED, added, at, by=by, role=acting_as(row))
            enqueue(CHECK, at=at, key=f"check-file-{added.pk}", file_id=added.pk)
            transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    return added


def _link(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, kept)


def remove_file(file: EvidenceFile, *, by: User, at: datetime) -> None:
    """Takes a file off a draft; it is destroyed unless an earlier version has it too."""
    with transaction.atomic():
        row = locked_for_files(file.version, by)
        record_file(row, Action.FILE_REMOVED, file, at, by=by, role=acting_as(row))
        let_go(row.files.filter(pk=file.pk))
        files_changed(row, at)
