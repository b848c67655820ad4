"""What a file is, from its content alone (runs in the limited process)."""

import codecs
import re
import zipfile
import zlib
from typing import BinaryIO

import filetype

from .kinds import HEIC, IMAGES, MAX_ENTRIES, MAX_UNPACKED, MEDIA, OFFICE, OPEN_DOCUMENTS, PDF, TEXT

HEAD_BYTES = 8192
# Keys and kinds of action or annotation in a PDF that run something or carry another file.
ACTIVE_PDF = {"/JavaScript", "/JS", "/Launch", "/EF", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA"}
ACTIVE_OFFICE = ("vbaproject", "activex", "oleobject")
ACTIVE_TEXT = (b"#!", b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script", b"<?php")
PICTURES_IN_WEBM = re.compile(rb"V_(VP8|VP9|AV1|MPEG)")  # a track with pictures; a browser's recorder may have none
ALIASES = {"audio/m4a": "audio/mp4", "audio/wav": "audio/x-wav", "video/x-m4v": "video/mp4"}


class Problem(Exception):
    """The file cannot be taken; the argument is a code that the worker has words for."""


def kind_of(source: BinaryIO) -> str:
    """The content type, or "package" for a zip that must be opened to know. Reads only the start, and of a text all.
    Raises Problem."""
    head = source.read(HEAD_BYTES)
    source.seek(0)
    if not head:
        raise Problem("empty")
    found = filetype.guess_mime(head)
    if found in IMAGES or found in HEIC:
        return found
    if head.lstrip().startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return "package"
    found = ALIASES.get(found or "", found)
    if found == "video/webm" and b"A_" in head and not PICTURES_IN_WEBM.search(head):
        return "audio/webm"
    if found in MEDIA:
        return found
    if found is None and _is_text(source):
        if head.lower().lstrip(b"\xef\xbb\xbf \t\r\n").startswith(ACTIVE_TEXT):
            raise Problem("active-text")
        return TEXT
    raise Problem("kind")


def _is_text(source: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while chunk := source.read(1 << 20):
            if b"\x00" in chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        source.seek(0)
    return True


def check_pdf(source: BinaryIO) -> None:
    """Raises Problem for a PDF that is broken, locked, or holds a script or another file."""
    import pikepdf

    try:
        with pikepdf.open(source) as document:
            if _has_active_content(document):
                raise Problem("active-pdf")
            if not len(document.pages):
                raise Problem("broken-pdf")
    except pikepdf.PasswordError as error:
        raise Problem("locked") from error
    except pikepdf.PdfError as error:
        raise Problem("broken-pdf") from error
    finally:
        source.seek(0)


def _has_active_content(document) -> bool:  # type: ignore[no-untyped-def]
    """Looks into every object, and into what is written inside it instead of beside it."""
    import pikepdf

    waiting = list(document.objects)
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            parts = dict(item.items())
            kinds = {str(parts[key]) for key in ("/S", "/Type", "/Subtype") if key in parts}
            if (parts.keys() | kinds) & ACTIVE_PDF:
                return True
            inside = list(parts.values())
        else:
            inside = list(item) if isinstance(item, pikepdf.Array) else []
        waiting += [
            part for part in inside if isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect
        ]
    return False


def check_package(source: BinaryIO) -> str:
    """Which document a zip package is. Raises Problem for one that is broken, unpacks to too much (also when its
    directory lies about it), carries macros or programs, or is no document."""
    try:
        with zipfile.ZipFile(source) as package:
            entries = package.infolist()
            names = [entry.filename for entry in entries]
            if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise Problem("bomb")
            if any(_is_active_part(name.lower()) for name in names):
                raise Problem("active-package")
            kind = _package_kind(package, names)
            _unpack_all(package)
            return kind
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        raise Problem("broken") from error
    finally:
        source.seek(0)


def _package_kind(package: zipfile.ZipFile, names: list[str]) -> str:
    if "[Content_Types].xml" in names:
        for folder, content_type in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return content_type
    if "mimetype" in names:
        with package.open("mimetype") as entry:
            kind = entry.read(200).decode("ascii", "replace").strip()
        if kind in OPEN_DOCUMENTS:
            return kind
    raise Problem("kind")


def _unpack_all(package: zipfile.ZipFile) -> None:
    """Reads every part through, so that a directory that lies about sizes or holds one part twice is found here and
    not by whoever opens the document."""
    total = 0
    for entry in package.infolist():
        if entry.flag_bits & 1:
            raise Problem("locked")
        with package.open(entry) as part:
            while chunk := part.read(1 << 20):
                total += len(chunk)
                if total > MAX_UNPACKED:
                    raise Problem("bomb")


def _is_active_part(name: str) -> bool:
    return any(word in name for word in ACTIVE_OFFICE) or name.startswith(("basic/", "scripts/"))
