"""The private store of packages: what lies in it is put there whole, or not at all.

Below its folder: `incoming/<upload>/` (a package that is being taken in, and what it was unpacked to), `originals/`,
`libraries/<tree hash>/`, `contents/<content hash>/` and `bundles/` (made again when missing). A tree is unpacked
elsewhere and renamed into place, so a name that is there is complete, whenever a process was killed.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

from django.core.files.storage import storages

from . import limits

INCOMING, ORIGINALS, LIBRARIES, CONTENTS, BUNDLES = "incoming", "originals", "libraries", "contents", "bundles"
PACKAGE, WORK = "package.h5p", "unpacked"
ENDING = ".h5p"


def root() -> Path:
    """Its folder."""
    folder = Path(storages["h5p"].path(""))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def held() -> Iterator[None]:
    """One at a time, in whichever process: putting trees into place with their rows, and clearing what has no row."""
    with (root() / ".lock").open("a+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def incoming(ref: UUID) -> Path:
    """Where an upload is taken in."""
    return root() / INCOMING / ref.hex


def receive(ref: UUID, file: Any) -> None:
    """Keeps the package of an upload in quarantine; `file` as Django hands it over."""
    folder = incoming(ref)
    folder.mkdir(parents=True, mode=0o700)
    with (folder / PACKAGE).open("xb") as target:
        for piece in file.chunks(limits.CHUNK):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())


def emptied(ref: UUID) -> Path:
    """An empty folder to unpack an upload into, whatever an earlier attempt left there."""
    folder = incoming(ref) / WORK
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def place(source: Path, kind: str, name: str) -> Path:
    """Puts a whole tree, or file, into place; one that is there already stays, for its name says what is in it."""
    target = root() / kind / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not target.exists():
        source.rename(target)
    return target


def put(kind: str, name: str, data: bytes) -> None:
    """Puts a file into place whole: whoever asks for it meanwhile finds none, or all of it."""
    target = root() / kind / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = target.with_name(f".{uuid4().hex}")  # the nightly clearing takes one that a killed process left
    half.write_bytes(data)
    half.replace(target)


def keep_original(ref: UUID, sha256: str) -> None:
    """Keeps the package of an upload as it was sent. It stays in quarantine too, until the upload is over: an attempt
    that fails after this finds it there."""
    target = root() / ORIGINALS / f"{sha256}{ENDING}"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not target.exists():
        os.link(incoming(ref) / PACKAGE, target)


def has(kind: str, name: str) -> bool:
    """Whether it is there."""
    return (root() / kind / name).exists()


def names(kind: str) -> list[str]:
    """Everything of a kind."""
    folder = root() / kind
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def changed_at(kind: str, name: str, zone: Any) -> datetime:
    """When it was put there, or unpacked."""
    return datetime.fromtimestamp((root() / kind / name).stat().st_mtime, tz=zone)


def remove(kind: str, name: str) -> None:
    """Takes it away. A tree is renamed first, so that no half of it is ever found under its name."""
    target = root() / kind / name
    if not target.is_dir():
        target.unlink(missing_ok=True)
        return
    leaving = root() / kind / f".{name}.leaving"
    shutil.rmtree(leaving, ignore_errors=True)
    target.rename(leaving)
    shutil.rmtree(leaving, ignore_errors=True)


def forget(ref: UUID) -> None:
    """Destroys what an upload left in quarantine."""
    shutil.rmtree(incoming(ref), ignore_errors=True)


def opened(key: str) -> IO[bytes]:
    """A file of the store. Raises FileNotFoundError."""
    return storages["h5p"].open(key)
