"""Checking a file that waits in quarantine: scanned, looked into, made safe, kept or refused."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePath

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from content.sanitiser import sanitise_document
from courses.delivery.api import lock_registration
from lms.audit.api import Action
from lms.common.jobs import TryLater, job
from lms.common.scanner import ScannerAway, Verdict, scan
from lms.notices.api import tell
from portfolio import files
from portfolio.models import EvidenceFile, EvidenceLink, EvidenceVersion, FileRendition
from portfolio.processing import run
from portfolio.processing.words import FAULT, LOST, REPEATED, TOO_LARGE_TO_SCAN, VIRUS, words_of

from .held import destroy_later, let_go, record_file

CHECK = "portfolio.check_file"
SCANNER_SECONDS = 30  # until a scanner that is away is asked again
HASH_CHUNK = 1 << 20
State = EvidenceFile.State


@dataclass
class Made:
    """What a check ended with: a problem in words, or what was stored."""

    sha256: str = ""
    size: int = 0  # of a file that was made here; otherwise it is as it was sent
    problem: str = ""
    scanned: bool = False
    content_type: str = ""
    stored_as: str = ""
    stored_size: int = 0
    count: int = 0
    renditions: list[FileRendition] = field(default_factory=list)

    def names(self) -> list[str]:
        """Everything that was stored."""
        return [self.stored_as, *(shown.stored_as for shown in self.renditions)]


def give_up(file_id: int) -> None:
    """The check itself failed at every attempt: the learner is told so and can add the file again."""
    file = _waiting(file_id)
    if file is not None:
        finish(file, Made(problem=FAULT), at=timezone.now())


@job(CHECK, on_failure=give_up)
def check_file(file_id: int) -> None:
    """Checks a file in a job. Harmless to run again: what is checked or gone is left alone."""
    check_now(file_id, at=None)


def check_now(file_id: int, *, at: datetime | None) -> None:
    """Checks a file in this process; `at` None: now. Ends with the file ready or refused, whatever is in it. Raises
    TryLater while the scanner is away: the file waits in quarantine."""
    file = _waiting(file_id)
    if file is not None:
        made = examine(files.quarantined(file.ref), file.name)
        finish(file, made, at=at or timezone.now())


def _waiting(file_id: int) -> EvidenceFile | None:
    return EvidenceFile.objects.filter(pk=file_id, state=State.CHECKING).first()


def examine(path: Path, name: str) -> Made:
    """Digest, virus scan, a look inside; what is to be kept goes into the store. Changes no row."""
    if not path.is_file():
        return Made(problem=LOST)
    made = Made(sha256=_digest(path))
    try:
        verdict = scan(path)
    except ScannerAway as away:
        raise TryLater(SCANNER_SECONDS) from away
    made.scanned = verdict is not Verdict.NOT_SCANNED
    if verdict in (Verdict.FOUND, Verdict.TOO_LARGE):
        made.problem = VIRUS if verdict is Verdict.FOUND else TOO_LARGE_TO_SCAN
        return made
    with run.look_into(path, PurePath(name).suffix) as found:
        if found.problem:
            made.problem = words_of(found.problem)
        else:
            _store(made, found, path)
    return made


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(HASH_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _store(made: Made, found: run.Findings, path: Path) -> None:
    """Keeps the file, or its clean copy, and what is shown of it. What was stored goes again if this fails."""
    kept = found.clean or path
    try:
        made.content_type, made.count = found.content_type, found.count
        made.stored_size = kept.stat().st_size
        made.stored_as = files.keep(kept)
        kinds = FileRendition.Kind
        for number, page in enumerate(found.pages, 1):
            made.renditions.append(FileRendition(
                kind=kinds.PAGE, number=number, stored_as=files.keep(page.picture), width=page.width,
                height=page.height, text=page.text,
            ))  # fmt: skip
        if found.html:
            made.renditions.append(FileRendition(kind=kinds.HTML, text=sanitise_document(found.html)))
        if found.text:
            made.renditions.append(FileRendition(kind=kinds.TEXT, text=found.text))
    except BaseException:
        files.forget_unused(made.names())
        raise


def finish(file: EvidenceFile, made: Made, *, at: datetime, replaces: list[int] | None = None) -> None:
    """Writes how a check ended, if the file still waits for it; otherwise what was stored goes again. A draft that
    has the same content under the same name already keeps one of the two; under another name it is refused.
    `replaces`: files that this one is made of, in order; they leave the draft (rule 39: with an audit record)."""
    try:
        with transaction.atomic():
            lock_registration(file.version.evidence.registration_id)
            people = ("version__evidence__registration__learner", "version__recorded_by")
            waiting = EvidenceFile.objects.filter(pk=file.pk, state=State.CHECKING)
            row = waiting.select_related(*people).first()
            if row is None:
                destroy_later(made.names())
                return
            same = None if made.problem else row.version.files.filter(sha256=made.sha256, state=State.READY).first()
            if same is not None and same.name == row.name:
                _drop_repeated(row, same, made, at)
            elif made.problem or same is not None:
                _refuse(row, made, made.problem or REPEATED.format(other=same.name if same else ""), at)
            else:
                _make_ready(row, made, at)
                if replaces:
                    _replace(row, replaces, at)
    except BaseException:
        files.forget_unused(made.names())
        raise


def _make_ready(row: EvidenceFile, made: Made, at: datetime) -> None:
    row.state, row.sha256, row.content_type = State.READY, made.sha256, made.content_type
    row.size = made.size or row.size
    row.stored_as, row.stored_size, row.pages = made.stored_as, made.stored_size, made.count
    row.checked_at, row.scanned_at = at, at if made.scanned else None
    if made.content_type == "image/jpeg" and PurePath(row.name).suffix.lower() in (".heic", ".heif"):
        row.name = f"{PurePath(row.name).stem}.jpg"
    row.save()
    for shown in made.renditions:
        shown.file = row
    FileRendition.objects.bulk_create(made.renditions)
    record_file(row.version, Action.FILE_READY, row, at, by=None, role="system")
    destroy_later([f"{files.QUARANTINE}/{row.ref.hex}"])


def _refuse(row: EvidenceFile, made: Made, problem: str, at: datetime) -> None:
    row.state, row.sha256, row.checked_at = State.REFUSED, made.sha256, at
    row.scanned_at = at if made.scanned else None
    row.problem = named(row.name, problem)
    row.save()
    record_file(row.version, Action.FILE_REFUSED, row, at, by=None, role="system")
    destroy_later([*made.names(), f"{files.QUARANTINE}/{row.ref.hex}"])
    _tell(row.version, at)


def named(name: str, problem: str) -> str:
    """A problem in words that begin with the file's name, no longer than is kept."""
    room = 300 - len(problem) - 3
    shown = name if len(name) <= room else f"{name[: room - 1]}…"
    return f"“{shown}” {problem}"


def _tell(version: EvidenceVersion, at: datetime) -> None:
    """Tells whoever adds files to this draft. The notice names no file: an email shows it too."""
    evidence = version.evidence
    if version.recorded_by is not None:
        user, url = version.recorded_by, reverse("assessment:record", args=[evidence.ref])
    else:
        user, url = evidence.registration.learner, reverse("portfolio:evidence_files", args=[evidence.ref])
    tell(user, "file-refused", "A file that you added could not be taken. Open the draft to see why.", url=url, at=at)


def _drop_repeated(row: EvidenceFile, same: EvidenceFile, made: Made, at: datetime) -> None:
    """The same file sent twice is there once; links to the second lead to the first."""
    record_file(row.version, Action.FILE_REMOVED, row, at, by=None, role="system")
    EvidenceLink.objects.filter(file=row).update(file=same)
    destroy_later(made.names())
    let_go(row.version.files.filter(pk=row.pk))


def _replace(row: EvidenceFile, replaces: list[int], at: datetime) -> None:
    """Takes the single files off the draft; places in them become the pages of this one."""
    parts = row.version.files.filter(pk__in=replaces)
    for number, part_id in enumerate(replaces, 1):
        EvidenceLink.objects.filter(file_id=part_id, version=row.version).update(
            file=row, page=number, region="", start_seconds=None, end_seconds=None
        )
    for part in parts:
        record_file(row.version, Action.FILE_REMOVED, part, at, by=None, role="system")
    let_go(parts)
