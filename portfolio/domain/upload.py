"""Files that arrive in parts: begun, added to, ended, expired (the tus protocol's views call these).

The bytes of an upload stand in one file of the spool; its row says how many of them count. What lies in the file
beyond that was never confirmed (a server died) and is cut off when the next part comes. Parts are written under a lock
on the file, never inside a database transaction.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import BinaryIO
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import F

from courses.delivery.api import lock_registration
from lms.accounts.api import User
from lms.common.errors import Refused
from lms.common.housekeeping import each_night
from portfolio import files
from portfolio.models import EvidenceFile, EvidenceVersion, Upload
from portfolio.processing.kinds import HEIC, SUFFIXES
from portfolio.queries_uploads import MEGABYTE, limit_of, open_uploads

from .addable import locked_for_files
from .attach import receive

CHUNK = 128 * 1024
PART = ".part"
PART_TRIES, END_TRIES, LOCK_PAUSE = 5, 25, 0.2  # how often the lock is asked for, and the seconds between
ENDINGS = {*set().union(*SUFFIXES.values()), *(f".{kind.split('/')[1]}" for kind in HEIC)}
Read = Callable[[int], bytes]


@dataclass(frozen=True)
class Checksum:
    """What a part must add up to: a name that hashlib knows, and the digest."""

    algorithm: str
    digest: bytes


def begin(version: EvidenceVersion, *, name: str, length: int, key: str = "", by: User, at: datetime) -> Upload:
    """Begins an upload of `length` bytes into a draft or an unsigned record. With `key`, made by the sender from the
    file, beginning again is the same upload, however far it is: so it goes on after a closed tab. A finished one whose
    file was removed or not taken begins anew.

    Raises Refused, in the sender's words, for an empty file, one over the centre's limit, one whose name says that it
    cannot be taken, one too many, and for evidence that cannot be changed.
    """
    name = files.clean_name(name)
    ref = uuid5(NAMESPACE_URL, f"upload:{by.pk}:{version.pk}:{length}:{name}:{key}") if key else uuid4()
    with transaction.atomic():
        row = locked_for_files(version, by)
        _check_size(row, name, length)
        if PurePath(name).suffix.lower() not in ENDINGS:
            raise Refused("file-kind", f"“{name}” cannot be taken. Add {files.ALLOWED}.")
        before = Upload.objects.select_related("file").filter(ref=ref).first()
        if before is not None and not _is_spent(before, at):
            return before
        if before is not None:
            before.delete()
        if row.files.count() + open_uploads(row, at=at).count() >= settings.EVIDENCE_MAX_FILES:
            most = settings.EVIDENCE_MAX_FILES
            raise Refused("file-count", f"A piece of evidence can have {most} files, and files on their way count. "
                          "Remove one first.")  # fmt: skip
        return Upload.objects.create(
            ref=ref, user=by, version=row, name=name, length=length, created_at=at, expires_at=_expiry(at)
        )


def _check_size(version: EvidenceVersion, name: str, length: int) -> None:
    if length == 0:
        raise Refused("file-empty", f"“{name}” is empty. Choose the file again.")
    limit = limit_of(version)
    if length > limit:
        most = f"{limit // MEGABYTE} MB, which is your centre’s limit for one file"
        raise Refused("file-too-large", f"“{name}” is larger than {most}. Make it smaller, or cut it into parts.")


def _is_spent(upload: Upload, at: datetime) -> bool:
    if upload.offset < upload.length:
        return upload.expires_at <= at
    return upload.file is None or upload.file.state == upload.file.State.REFUSED


def _expiry(at: datetime) -> datetime:
    return at + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)


def append(upload: Upload, *, offset: int, size: int, read: Read, checksum: Checksum | None = None, by: User,
           at: datetime) -> Upload:  # fmt: skip
    """Adds a part of `size` bytes, taken from `read`, that begins at `offset`. The last one makes the upload a file of
    its version, in quarantine. Returns the upload as it is now.

    When the sender is lost half way, what has come counts, unless a checksum was to prove it; either way Refused
    ("upload-cut") is raised. Refused also when somebody else is adding to it, when it does not begin where the upload
    stands, when it would be too long, when its time is over, and when the checksum is another.
    """
    with _held(upload, tries=PART_TRIES) as (row, spooled):
        _check_part(row, offset, size, at)
        written, digest, cut = _write(spooled, offset, size, read, checksum)
        if checksum and (cut or digest != checksum.digest):
            spooled.truncate(offset)
            written = 0
        if written:
            os.fsync(spooled.fileno())
            row = _advance(row, offset + written, by, at)
    if cut:
        raise Refused("upload-cut", f"The connection was lost while “{row.name}” was on its way. It can go on.")
    if checksum and digest != checksum.digest:
        raise Refused("upload-checksum", f"A part of “{row.name}” was damaged on its way. It is sent again.")
    return row


def _check_part(upload: Upload, offset: int, size: int, at: datetime) -> None:
    if upload.offset == upload.length:
        raise Refused("upload-offset", f"“{upload.name}” has arrived already.")
    if upload.expires_at <= at:
        raise Refused("upload-expired", f"“{upload.name}” waited too long to be finished. Choose it again.")
    if offset != upload.offset:
        raise Refused("upload-offset", f"“{upload.name}” goes on at byte {upload.offset}, not {offset}.")
    if offset + size > upload.length:
        raise Refused("upload-too-long", f"“{upload.name}” is longer than was said when it began.")


def _write(spooled: BinaryIO, offset: int, size: int, read: Read,
           checksum: Checksum | None) -> tuple[int, bytes, bool]:  # fmt: skip
    """Copies a part into the spool in small pieces: how much came, its digest, whether it broke off."""
    seen = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    spooled.truncate(offset)
    spooled.seek(offset)
    written = 0
    while written < size:
        try:
            chunk = read(min(CHUNK, size - written))
        except OSError:  # the connection broke, or nothing came for too long
            chunk = b""
        if not chunk:
            break
        spooled.write(chunk)
        if seen:
            seen.update(chunk)
        written += len(chunk)
    spooled.flush()
    return written, seen.digest() if seen else b"", written < size


def _advance(upload: Upload, offset: int, by: User, at: datetime) -> Upload:
    """Confirms what is on the disk; with the last byte the file is its version's."""
    with transaction.atomic():
        lock_registration(upload.version.evidence.registration_id)
        here = Upload.objects.filter(pk=upload.pk, offset=upload.offset)
        if not here.update(offset=offset, expires_at=_expiry(at)):  # deleted meanwhile, with its evidence
            raise Refused("upload-gone", f"“{upload.name}” was stopped, so it is not added.")
        file = None
        if offset == upload.length:
            file = receive(upload.version, path_of(upload.ref), upload.name, size=upload.length, by=by, at=at)
            Upload.objects.filter(pk=upload.pk).update(file=file)
    upload.offset, upload.file, upload.expires_at = offset, file, _expiry(at)
    return upload


def path_of(ref: UUID) -> Path:
    """Where the bytes of an upload stand."""
    return files.spool() / f"{ref.hex}{PART}"


@contextmanager
def _held(upload: Upload, *, tries: int) -> Iterator[tuple[Upload, BinaryIO]]:
    """The upload, read afresh, and its file, which nobody else writes to meanwhile, in this process or another.
    `tries`: how often it asks for the lock. Raises Refused when the upload is in use or is there no more."""
    path = path_of(upload.ref)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b") as spooled:
        if not _locked(spooled, path, tries):
            raise Refused("upload-busy", f"“{upload.name}” is being sent from somewhere else. It is tried again.")
        row = Upload.objects.select_related("version__evidence", "file").filter(pk=upload.pk).first()
        if row is None or row.offset == row.length:
            path.unlink(missing_ok=True)
        if row is None:
            raise Refused("upload-gone", f"“{upload.name}” was stopped, so it is not added.")
        on_disk = os.fstat(spooled.fileno()).st_size
        if on_disk < row.offset < row.length:  # the spool lost bytes: what is left counts
            Upload.objects.filter(pk=row.pk).update(offset=on_disk)
            row.offset = on_disk
        yield row, spooled


def _locked(spooled: BinaryIO, path: Path, tries: int) -> bool:
    for attempt in range(tries):
        if attempt:
            time.sleep(LOCK_PAUSE)
        try:
            fcntl.flock(spooled, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        # Whoever had the lock may have taken the file away: a lock on that is none.
        return path.exists() and path.stat().st_ino == os.fstat(spooled.fileno()).st_ino
    return False


def end(upload: Upload, *, by: User, at: datetime) -> None:
    """Its sender does not want an unfinished upload any more: its bytes are destroyed. Waits some seconds for a part
    that is being written. Refused when it has become a file, which is removed from the list of files."""
    with _held(upload, tries=END_TRIES) as (row, _):
        if row.offset == row.length:
            raise Refused("upload-finished", f"“{row.name}” has arrived already. You can remove it from your files.")
        with transaction.atomic():
            lock_registration(row.version.evidence.registration_id)
            Upload.objects.filter(pk=row.pk, offset__lt=F("length")).delete()
        path_of(row.ref).unlink(missing_ok=True)


@each_night
def expire(at: datetime) -> None:
    """Forgets uploads whose time is over, and destroys bytes in the spool that belong to no upload: those, and the
    ones whose evidence was deleted while they were on their way."""
    Upload.objects.filter(expires_at__lte=at).delete()
    going_on = set(Upload.objects.filter(offset__lt=F("length")).values_list("ref", flat=True))
    for path in files.spool().glob(f"*{PART}"):
        if UUID(path.stem) not in going_on:
            path.unlink(missing_ok=True)


@each_night
def clear_quarantine(at: datetime) -> None:
    """Destroys what has waited in quarantine for a day without a file row that waits for its check: left over when a
    process was killed between the bytes and the row."""
    waiting = set(EvidenceFile.objects.filter(state=EvidenceFile.State.CHECKING).values_list("ref", flat=True))
    for path in (files.spool() / files.QUARANTINE).glob("*"):
        is_old = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC) < at - timedelta(days=1)
        if is_old and UUID(path.stem) not in waiting:
            path.unlink(missing_ok=True)
