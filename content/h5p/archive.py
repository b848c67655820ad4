"""A ZIP file of a stranger, opened without trusting any of it: names, sizes and kinds are looked at before a byte is
unpacked, and no more is unpacked than was said."""

import hashlib
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import limits

FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
          struct.error, OverflowError, KeyError)  # fmt: skip
END, END_64 = b"PK\5\6", b"PK\6\7"
END_BYTES, COMMENT_BYTES, END_64_BYTES = 22, 65535, 20


@dataclass(frozen=True)
class Reason:
    """Why a package is not taken. `code` is stable; `message` says what its author can do about it."""

    code: str
    message: str


class Unreadable(Exception):
    """It cannot even be opened."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.reason = Reason(code, message)


@dataclass
class Archive:
    """An opened package. `names`: the files in it that count, by path; `reasons`: what is wrong with its entries."""

    file: zipfile.ZipFile
    names: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    def read(self, name: str) -> bytes:
        """A whole small file. Raises Unreadable."""
        if self.names[name].file_size > limits.JSON_BYTES:
            most = limits.JSON_BYTES // limits.MEGABYTE
            raise Unreadable("file-too-large", f"“{name}” is larger than {most} MB.")
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file piece by piece. Raises Unreadable when it is damaged or holds more than it says."""
        try:
            with self.file.open(self.names[name]) as source:
                while piece := source.read(limits.CHUNK):
                    yield piece
        except FAULTS:
            raise Unreadable("zip-damaged", f"“{name}” in the package is damaged. Export it again.") from None

    def digest(self, name: str, copy: Path | None = None) -> str:
        """The SHA-256 of a file; with `copy` it is written there on the way."""
        found = hashlib.sha256()
        if copy is None:
            for piece in self.pieces(name):
                found.update(piece)
            return found.hexdigest()
        copy.parent.mkdir(parents=True, exist_ok=True)
        with copy.open("xb") as target:
            for piece in self.pieces(name):
                found.update(piece)
                target.write(piece)
        return found.hexdigest()


def opened(source: IO[bytes]) -> Archive:
    """Opens a package. Raises Unreadable; what is wrong with single entries is in `reasons`. The caller closes
    `source`."""
    size = source.seek(0, 2)
    if size > limits.PACKAGE_BYTES:
        most = limits.PACKAGE_BYTES // limits.MEGABYTE
        raise Unreadable("package-too-large", f"The package is larger than {most} MB. Use smaller pictures and films.")
    if _length_of_list(source, size) > limits.DIRECTORY_BYTES:
        raise Unreadable("too-many-entries", f"The package holds more than {limits.ENTRIES:,} files.")
    try:
        archive = Archive(zipfile.ZipFile(source))
    except FAULTS:
        raise Unreadable("not-zip", "This is not an H5P package, or it was damaged on its way. Export it again as "
                         "“.h5p” and send the new file.") from None  # fmt: skip
    _look_at_sizes(archive, size)
    _look_at_names(archive)
    return archive


def _length_of_list(source: IO[bytes], size: int) -> int:
    """How long the list of entries at the end is, found as `zipfile` finds it: it would read all of it at once."""
    back = min(size, END_BYTES + COMMENT_BYTES + END_64_BYTES)
    source.seek(size - back)
    tail = source.read(back)
    at = len(tail) - END_BYTES
    if tail[at : at + 4] != END or tail[-2:] != b"\0\0":
        at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_BYTES:
        raise Unreadable("not-zip", "This is not an H5P package: it is no ZIP file. Send the file that ends in “.h5p”.")
    if at >= END_64_BYTES and tail[at - END_64_BYTES : at - END_64_BYTES + 4] == END_64:
        raise Unreadable("zip-kind", "The package is a ZIP64 file. Export it again as an ordinary “.h5p” file.")
    return int(struct.unpack("<L", tail[at + 12 : at + 16])[0])


def _look_at_sizes(archive: Archive, size: int) -> None:
    entries = archive.file.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.ENTRIES:
        raise Unreadable("too-many-entries", f"The package holds more than {limits.ENTRIES:,} files.")
    if total > limits.UNPACKED_BYTES:
        most = limits.UNPACKED_BYTES // limits.MEGABYTE
        raise Unreadable("unpacks-too-large", f"Unpacked, the package is larger than {most} MB.")
    if total > limits.RATIO_FROM and total > size * limits.RATIO:
        raise Unreadable("zip-bomb", "The package unpacks to far more than an activity needs. It may be made to harm.")


def _look_at_names(archive: Archive) -> None:
    """Fills `names`, and `reasons` with each entry that may not be there."""
    folders: set[str] = set()
    seen: dict[str, str] = {}
    for entry in archive.file.infolist():
        name = entry.orig_filename
        if reason := _fault_of(entry, name):
            archive.reasons.append(reason)
            continue
        parts = name.rstrip("/").split("/")
        if any(part[0] in "._" for part in parts):  # what systems leave behind: never part of a package
            continue
        if name.endswith("/"):
            continue
        same = plain(name)
        if same in seen:
            also = "." if seen[same] == name else f", also as “{shown(seen[same])}”."
            archive.reasons.append(Reason("duplicate-name", f"“{shown(name)}” is in the package twice{also}"))
            continue
        seen[same] = name
        folders.update("/".join(plain(part) for part in parts[:end]) for end in range(1, len(parts)))
        archive.names[name] = entry
    for same in sorted(folders & seen.keys()):
        archive.reasons.append(Reason("duplicate-name", f"“{shown(seen[same])}” is both a file and a folder."))
        archive.names.pop(seen[same], None)


def _fault_of(entry: zipfile.ZipInfo, name: str) -> Reason | None:
    said = shown(name)
    if "\\" in name:
        return Reason("backslash", f"“{said}” has a backslash in its name. Pack it again with “/” between folders.")
    if not name or any(unicodedata.category(one) in ("Cc", "Cs") for one in name):
        return Reason("name", f"“{said}” has characters in its name that no file may have.")
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        return Reason("traversal", f"“{said}” would lie outside the package’s own folder.")
    if len(name.encode()) > limits.NAME_BYTES or any(len(part.encode()) > limits.PART_BYTES for part in parts):
        return Reason("name", f"“{said}” has a name that is too long.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return Reason("symlink", f"“{said}” is a link to another file. Put the file itself into the package.")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return Reason("special-file", f"“{said}” is no ordinary file.")
    if entry.flag_bits & 0x1:
        return Reason("encrypted", f"“{said}” is encrypted. Export the package without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Reason("zip-kind", f"“{said}” is packed in a way that H5P does not use.")
    return None


def plain(name: str) -> str:
    """A name as file systems that know no case, or other forms of accents, would keep it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def shown(name: str) -> str:
    """A stranger's name, fit for a message."""
    clean = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name)
    return clean if len(clean) <= 80 else f"{clean[:50]}…{clean[-25:]}"
