"""The private store that keeps evidence files, and the quarantine where they wait to be checked."""

import re
from collections.abc import Iterable
from pathlib import Path, PurePath
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db.models import QuerySet

from portfolio.models import EvidenceFile, FileRendition
from portfolio.processing.words import ALLOWED  # noqa: F401  (what a form says may be added)

UNSAFE_IN_NAME = re.compile(r"[\x00-\x1f\x7f<>\"'`\u202a-\u202e\u2066-\u2069]")
QUARANTINE = "quarantine"


def store_room() -> Storage:
    """The private store of evidence files. It has no address."""
    return storages["evidence"]


def limit_text() -> str:
    """The limit on one file sent with a form, in words."""
    return f"{settings.EVIDENCE_FORM_MAX_BYTES // (1024 * 1024)} MB"


def clean_name(name: str) -> str:
    """A file's name without folders or control characters, at most 160 characters."""
    name = UNSAFE_IN_NAME.sub("", name.replace("\\", "/").split("/")[-1]).strip()
    path = PurePath(name or "file")
    suffix = path.suffix[:20]
    return f"{path.stem[: 150 - len(suffix)]}{suffix}"


def spool() -> Path:
    """The folder where files arrive. Web servers and workers share it."""
    folder = Path(settings.EVIDENCE_SPOOL)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def quarantined(ref: UUID) -> Path:
    """Where a file that is not checked yet waits. Nobody opens it but the process that checks it."""
    folder = spool() / QUARANTINE
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / ref.hex


def keep(path: Path) -> str:
    """Copies a checked file into the private store; returns the name it is kept under."""
    key = uuid4().hex
    with path.open("rb") as source:
        return store_room().save(f"{key[:2]}/{key}", File(source))


def kept_of(rows: QuerySet[EvidenceFile]) -> list[str]:
    """Everything that is kept of these files, for `forget_unused` after they are deleted: stored files, pictures of
    pages, and what waits in quarantine."""
    found = list(rows.values_list("ref", "stored_as"))
    pictures = FileRendition.objects.filter(file__in=rows.values("pk")).exclude(stored_as="")
    names = [name for _, name in found if name] + list(pictures.values_list("stored_as", flat=True))
    return names + [f"{QUARANTINE}/{ref.hex}" for ref, _ in found]


def forget_unused(names: Iterable[str]) -> None:
    """Destroys what is stored under these names and no version has any more."""
    for name in _unused(names):
        if name.startswith(f"{QUARANTINE}/"):
            quarantined(UUID(name.split("/")[1])).unlink(missing_ok=True)
        else:
            store_room().delete(name)


def left_of(names: Iterable[str]) -> list[str]:
    """Those of the names that no version has any more, and under which there is something still."""
    return [name for name in sorted(_unused(names)) if _is_there(name)]


def _is_there(name: str) -> bool:
    if name.startswith(f"{QUARANTINE}/"):
        return quarantined(UUID(name.split("/")[1])).exists()
    return bool(store_room().exists(name))


def _unused(names: Iterable[str]) -> set[str]:
    """The names that no row has. Three queries."""
    wanted = {name for name in names if name}
    waiting = {name: UUID(name.split("/")[1]) for name in wanted if name.startswith(f"{QUARANTINE}/")}
    checking = EvidenceFile.objects.filter(ref__in=waiting.values(), state=EvidenceFile.State.CHECKING)
    still = set(checking.values_list("ref", flat=True))
    kept: set[str] = {name for name, ref in waiting.items() if ref in still}
    for model in (EvidenceFile, FileRendition):
        kept |= set(model._default_manager.filter(stored_as__in=wanted).values_list("stored_as", flat=True))
    return wanted - kept
