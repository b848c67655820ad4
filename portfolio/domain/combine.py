"""Several photographs made into one document."""

import shutil
import tempfile
import uuid
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from lms.accounts.api import User
from lms.audit.api import Action
from lms.common.errors import Refused
from lms.common.jobs import enqueue, job
from portfolio import files
from portfolio.models import EvidenceFile, EvidenceVersion
from portfolio.processing import run
from portfolio.processing.words import PARTS_GONE, words_of

from .addable import acting_as, locked_for_files
from .check import Made, examine, finish, give_up
from .held import files_changed, record_file

COMBINE = "portfolio.combine"
State = EvidenceFile.State


def combine_photos(version: EvidenceVersion, file_ids: list[int], *, name: str = "", by: User,
                   at: datetime) -> EvidenceFile:  # fmt: skip
    """Has one document made of a draft's photographs, a page each in the order given. It is checked as any file is;
    when it is ready the photographs leave the draft, and places in them become its pages. Raises Refused for fewer
    than two photographs, and for files that are not checked photographs of this draft."""
    if len(set(file_ids)) < 2:
        raise Refused("combine-two", "Choose two photographs or more to make into one document.")
    with transaction.atomic():
        row = locked_for_files(version, by)
        photos = {file.pk: file for file in row.files.filter(state=State.READY, content_type__startswith="image/")}
        if len(set(file_ids)) != len(file_ids) or not set(file_ids) <= photos.keys():
            raise Refused("combine-gone", "One of these photographs is not in the draft any more. Choose again.")
        if row.files.count() - len(file_ids) + 1 > settings.EVIDENCE_MAX_FILES:
            raise Refused("file-count", f"A piece of evidence can have {settings.EVIDENCE_MAX_FILES} files.")
        size = sum(photos[pk].stored_size for pk in file_ids)
        made = EvidenceFile.objects.create(version=row, name=_name(name, row), size=size, added_at=at)
        files_changed(row, at)
        record_file(row, Action.FILES_COMBINED, made, at, by=by, role=acting_as(row), parts=file_ids)
        enqueue(COMBINE, at=at, key=f"combine-{made.pk}", file_id=made.pk, part_ids=file_ids)
    return made


def _name(name: str, version: EvidenceVersion) -> str:
    """The document's name: as typed, or "Photographs"; never that of a file that is there already."""
    wanted = files.clean_name(name).removesuffix(".pdf") if name.strip() else "Photographs"
    taken, shown, number = set(version.files.values_list("name", flat=True)), f"{wanted[:140]}.pdf", 1
    while shown in taken:
        number += 1
        shown = f"{wanted[:140]} {number}.pdf"
    return shown


def give_up_combining(file_id: int, part_ids: list[int]) -> None:
    """The document could not be made at any attempt: the learner is told, and the photographs are still there."""
    give_up(file_id)


@job(COMBINE, on_failure=give_up_combining)
def combine(file_id: int, part_ids: list[int]) -> None:
    """Makes the document and checks it. Harmless to run again."""
    combine_now(file_id, part_ids, at=None)


def combine_now(file_id: int, part_ids: list[int], *, at: datetime | None) -> None:
    """As `combine`, in this process; `at` None: now."""
    file = EvidenceFile.objects.filter(pk=file_id, state=State.CHECKING).first()
    if file is None:
        return
    parts = {part.pk: part for part in file.version.files.filter(pk__in=part_ids, state=State.READY)}
    whole = len(parts) == len(part_ids)
    made = _make(file, [parts[pk] for pk in part_ids]) if whole else Made(problem=PARTS_GONE)
    finish(file, made, at=at or timezone.now(), replaces=part_ids)


def _make(file: EvidenceFile, parts: list[EvidenceFile]) -> Made:
    """Has the document made of copies of the stored pictures, and examines it as if it had been sent."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="senco-combine-")))
        paths = [_copied(part, folder) for part in parts]
        found = stack.enter_context(run.combine(paths, [part.content_type for part in parts]))
        if found.problem or found.clean is None:
            return Made(problem=words_of(found.problem))
        waiting = files.quarantined(file.ref)
        shutil.copyfile(found.clean, waiting)
    made = examine(waiting, file.name)
    made.size = made.stored_size
    return made


def _copied(part: EvidenceFile, folder: Path) -> Path:
    path = folder / uuid.uuid4().hex
    with files.store_room().open(part.stored_as) as source, path.open("xb") as copy:
        shutil.copyfileobj(source, copy)
    return path
