"""One small file that is nobody's evidence, such as a certificate: checked while its sender waits, then kept."""

import os
import uuid
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.core.files.uploadedfile import UploadedFile

from lms.common.errors import Refused
from lms.common.scanner import ScannerAway, Verdict, scan
from portfolio import files
from portfolio.processing import run
from portfolio.processing.words import TOO_LARGE_TO_SCAN, VIRUS, words_of

from .check import named

OTHER_KINDS = ("kind", "active-text")  # their words list what evidence may be


@dataclass(frozen=True)
class Kept:
    """What was put into the private store."""

    stored_as: str
    name: str
    content_type: str


def keep_single(upload: UploadedFile, *, kinds: set[str], most_bytes: int) -> Kept:
    """Scans a file that came with a form, looks into it in the limited process and keeps it (a picture: its clean
    copy) in the private store. Raises Refused when it is too large, of another kind, unsafe, or cannot be scanned
    now. Changes no row: whoever keeps nothing of it gives the stored name to `files.store_room().delete`."""
    name, size = files.clean_name(upload.name or "file"), upload.size or 0
    if not 0 < size <= most_bytes:
        most = most_bytes // (1024 * 1024)
        problem = "is empty. Choose the file again." if size == 0 else f"is larger than {most} MB. Make it smaller."
        raise Refused("file-size", named(name, problem))
    path = files.spool() / f"single-{uuid.uuid4().hex}"
    try:
        with path.open("xb") as out:
            os.chmod(path, 0o600)
            for chunk in upload.chunks():
                out.write(chunk)
        return _kept(path, name, kinds)
    finally:
        path.unlink(missing_ok=True)


def _kept(path: Path, name: str, kinds: set[str]) -> Kept:
    try:
        verdict = scan(path)
    except ScannerAway:
        raise Refused("file-scanner", "The file cannot be checked for viruses just now. Try again in a few minutes, or "
                      "save without it and add it later.") from None  # fmt: skip
    if verdict in (Verdict.FOUND, Verdict.TOO_LARGE):
        raise Refused("file-refused", named(name, VIRUS if verdict is Verdict.FOUND else TOO_LARGE_TO_SCAN))
    with run.look_into(path, PurePath(name).suffix, only_check=True) as found:
        if found.problem in OTHER_KINDS or not found.problem and found.content_type not in kinds:
            raise Refused("file-kind", named(name, "is of a kind that cannot be taken here. Add a PDF, JPEG or PNG."))
        if found.problem:
            raise Refused("file-refused", named(name, words_of(found.problem)))
        return Kept(files.keep(found.clean or path), name, found.content_type)
