"""Checking files by their content, and the private store that keeps them."""

import codecs
import hashlib
import re
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, cast

import filetype
import pikepdf
from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, UnidentifiedImageError

from lms.common.errors import Refused

IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
MEDIA = {"audio/mpeg", "audio/mp4", "audio/x-wav", "audio/ogg", "video/mp4", "video/webm", "video/quicktime"}
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
SUFFIXES = {
    "image/jpeg": {".jpg", ".jpeg"}, "image/png": {".png"}, "image/gif": {".gif"}, "image/webp": {".webp"},
    "application/pdf": {".pdf"}, "text/plain": {".txt", ".md", ".csv"}, "audio/mpeg": {".mp3"},
    "audio/mp4": {".m4a", ".mp4"}, "audio/x-wav": {".wav"}, "audio/ogg": {".ogg", ".oga"},
    "video/mp4": {".mp4", ".m4v", ".m4a"}, "video/webm": {".webm"}, "video/quicktime": {".mov"},
    OFFICE["word/"]: {".docx"}, OFFICE["xl/"]: {".xlsx"}, OFFICE["ppt/"]: {".pptx"},
    f"{OPEN_DOCUMENT}text": {".odt"}, f"{OPEN_DOCUMENT}spreadsheet": {".ods"}, f"{OPEN_DOCUMENT}presentation": {".odp"},
}  # fmt: skip
INLINE = {*IMAGES, "application/pdf", "text/plain", *MEDIA}
ALLOWED = "a photograph (JPEG, PNG, GIF, WebP), PDF, Word, Excel, PowerPoint, OpenDocument, text, sound or video"
MAX_PIXELS = 60_000_000
UNSAFE_IN_NAME = re.compile(r"[\x00-\x1f\x7f<>\"'`\u202a-\u202e\u2066-\u2069]")
MAX_UNPACKED = 200 * 1024 * 1024
# Keys and kinds of action or annotation in a PDF that run something or carry another file.
ACTIVE_PDF = {"/JavaScript", "/JS", "/Launch", "/EF", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA"}
ACTIVE_OFFICE = ("vbaproject", "activex", "oleobject")


@dataclass(frozen=True)
class CheckedFile:
    """What a file turned out to be."""

    name: str
    content_type: str
    size: int
    sha256: str


def store_room() -> Storage:
    """The private store of evidence files. It has no address."""
    return storages["evidence"]


def limit_text() -> str:
    """The limit on one file, in words."""
    return f"{settings.EVIDENCE_FORM_MAX_BYTES // (1024 * 1024)} MB"


def check(upload: UploadedFile) -> CheckedFile:
    """Says what an uploaded file is, from its content. Raises Refused, in the learner's words, for one that is
    empty, too large, of a kind that is not taken, not what its name says, or that could run something."""
    name = clean_name(upload.name or "file")
    size = upload.size or 0
    if size == 0:
        raise Refused("file-empty", f"“{name}” is empty. Choose the file again.")
    if size > settings.EVIDENCE_FORM_MAX_BYTES:
        raise Refused("file-too-large", f"“{name}” is larger than {limit_text()}, which is the limit for one file.")
    head = upload.read(8192)
    upload.seek(0)
    content_type = _sniff(upload, head, name)
    if PurePath(name).suffix.lower() not in SUFFIXES[content_type]:
        raise Refused("file-mistyped", f"“{name}” is not what its name says. Save it again with the right ending.")
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return CheckedFile(name, content_type, size, digest.hexdigest())


def clean_name(name: str) -> str:
    """A file's name without folders or control characters, at most 160 characters."""
    name = UNSAFE_IN_NAME.sub("", name.replace("\\", "/").split("/")[-1]).strip()
    path = PurePath(name or "file")
    return f"{path.stem[: 150 - len(path.suffix)]}{path.suffix}"


def _not_taken(name: str) -> Refused:
    return Refused("file-kind", f"“{name}” cannot be taken. Add {ALLOWED}, up to {limit_text()} each.")


def _sniff(upload: UploadedFile, head: bytes, name: str) -> str:
    found = filetype.guess_mime(head)
    if found in IMAGES:
        return _image(upload, found, name)
    if head.lstrip().startswith(b"%PDF-"):
        return _pdf(upload, name)
    if head.startswith(b"PK\x03\x04"):
        return _package(upload, name)
    found = {"audio/m4a": "audio/mp4", "audio/wav": "audio/x-wav"}.get(found or "", found)
    if found in MEDIA:
        return found
    if found is None and _is_text(upload):
        return _text(head, name)
    raise _not_taken(name)


def _image(upload: UploadedFile, content_type: str, name: str) -> str:
    try:
        with Image.open(upload, formats=[IMAGES[content_type]]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            picture.verify()
    except Image.DecompressionBombError as error:
        too_many = f"“{name}” has too many pixels. Make the picture smaller and try again."
        raise Refused("file-pixels", too_many) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refused("file-broken", f"“{name}” cannot be opened as a picture. It may be damaged.") from error
    finally:
        upload.seek(0)
    return content_type


def _pdf(upload: UploadedFile, name: str) -> str:
    try:
        with pikepdf.open(cast(BinaryIO, upload)) as document:
            if _has_active_content(document):
                raise Refused("file-active", f"“{name}” holds a script or another file inside, so it cannot be taken. "
                              "Print it to a new PDF and add that.")  # fmt: skip
    except pikepdf.PasswordError as error:
        raise Refused("file-locked", f"“{name}” is locked with a password. Save it without one.") from error
    except pikepdf.PdfError as error:
        raise Refused("file-broken", f"“{name}” cannot be opened as a PDF. It may be damaged.") from error
    finally:
        upload.seek(0)
    return "application/pdf"


def _has_active_content(document: pikepdf.Pdf) -> bool:
    """Looks into every object, and into what is written inside it instead of beside it."""
    waiting = list(document.objects)
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            parts = dict(item.items())
            kinds = {str(parts[key]) for key in ("/S", "/Type", "/Subtype") if key in parts}
            if (parts.keys() | kinds) & ACTIVE_PDF:
                return True
            waiting += [part for part in parts.values() if _is_inside(part)]
        elif isinstance(item, pikepdf.Array):
            waiting += [part for part in item if _is_inside(part)]
    return False


def _is_inside(part: object) -> bool:
    return isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect


def _package(upload: UploadedFile, name: str) -> str:
    try:
        with zipfile.ZipFile(upload) as package:
            entries = package.infolist()
            if len(entries) > 5000 or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise Refused("file-bomb", f"“{name}” unpacks to far more than a document should. It cannot be taken.")
            names = [entry.filename for entry in entries]
            if any(_is_active_part(n.lower()) for n in names):
                raise Refused("file-active", f"“{name}” holds macros or programs, so it cannot be taken. Save it "
                              "without them.")  # fmt: skip
            if "[Content_Types].xml" in names:
                for folder, content_type in OFFICE.items():
                    if any(n.startswith(folder) for n in names):
                        return content_type
            if "mimetype" in names:
                with package.open("mimetype") as entry:
                    kind = entry.read(200).decode("ascii", "replace").strip()
                if kind in SUFFIXES:
                    return kind
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise Refused("file-broken", f"“{name}” cannot be opened. It may be damaged.") from error
    finally:
        upload.seek(0)
    raise _not_taken(name)


def _is_active_part(name: str) -> bool:
    return any(word in name for word in ACTIVE_OFFICE) or name.startswith(("basic/", "scripts/"))


def _is_text(upload: UploadedFile) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for chunk in upload.chunks():
            if b"\x00" in chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        upload.seek(0)
    return True


def _text(head: bytes, name: str) -> str:
    start = head.lower().lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"#!", b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script", b"<?php")):
        raise Refused("file-active", f"“{name}” is a web page, picture code or script, so it cannot be taken. "
                      f"Add {ALLOWED}.")  # fmt: skip
    if PurePath(name).suffix.lower() not in SUFFIXES["text/plain"]:
        raise _not_taken(name)
    return "text/plain"


def store(upload: UploadedFile, checked: CheckedFile) -> str:
    """Writes a checked file to the private store; returns the name it is kept under."""
    key = uuid.uuid4().hex
    return store_room().save(f"{key[:2]}/{key}", upload)


def forget_unused(stored: list[str]) -> None:
    """Destroys stored files that no version has any more."""
    from .models import EvidenceFile

    kept = set(EvidenceFile.objects.filter(stored_as__in=stored).values_list("stored_as", flat=True))
    for name in set(stored) - kept:
        store_room().delete(name)
