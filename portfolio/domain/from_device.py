"""Records made on a phone: sent later than they were written, perhaps more than once (rules 6, 21-23)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from courses.delivery.api import Registration, lock_registration
from lms.accounts.api import User
from lms.common.errors import Refused
from portfolio.models import Attestation, EvidenceFile, EvidenceVersion, FileRendition

from .attest import attest
from .record import locked_record, save_record, start_record
from .write import Link

LONGEST = 100 * 3600 - 1  # seconds of a recording, as portfolio.places has it


@dataclass(frozen=True)
class Mark:
    """Where in a recording a criterion is met, in seconds."""

    start: int
    end: int | None = None


def receive_record(registration: Registration, *, key: UUID, kind: str, title: str, links: list[Link], by: User,
                   at: datetime, **typed: Any) -> EvidenceVersion:  # fmt: skip
    """A record that was written on a device, which named it by `key`. Sent again, it is the record that there is,
    however it has been changed since: nothing is written twice. Refused as start_record and save_record refuse."""
    ref = uuid5(NAMESPACE_URL, f"record:{by.pk}:{registration.pk}:{key}")
    with transaction.atomic():
        lock_registration(registration.pk)
        before = EvidenceVersion.objects.select_related("evidence").filter(evidence__ref=ref).first()
        if before is not None:
            return before
        version = start_record(registration, kind=kind, title=title, ref=ref, by=by, at=at)
        return save_record(version, links=links, by=by, at=at, **typed)


def receive_attestation(version: EvidenceVersion, *, seen_on: date | None, place: str, note: str, by: User,
                        at: datetime) -> None:  # fmt: skip
    """That the assessor has seen a document in its setting, written down there. Sent again after it is on record as
    theirs, it changes nothing. Refused as attest refuses."""
    try:
        attest(version, seen_on=seen_on, place=place, note=note, by=by, at=at)
    except Refused as refusal:
        mine = Attestation.objects.filter(version=version, seen_by=by).first()
        if refusal.code != "attest-once" or mine is None or mine.seen_on != seen_on:
            raise


def mark_recording(version: EvidenceVersion, file: EvidenceFile, marks: Mapping[int, Mark], *, by: User,
                   at: datetime) -> EvidenceVersion:  # fmt: skip
    """Points criteria (by id) at times in a recording of a record that is not signed (rule 23). A criterion that the
    record does not name yet is added; what is said of it in words stays. Refused for a file that is no recording or
    belongs to another record, and for a time that no recording has."""
    if any(not 0 <= mark.start <= LONGEST or (mark.end or 0) > LONGEST for mark in marks.values()):
        raise Refused("place-long", "A time is longer than a recording can be.")
    with transaction.atomic():
        row = locked_record(version, by)
        links = {link.criterion_id: Link.of(link) for link in row.links.all()}
        for pk, mark in marks.items():
            links[pk] = replace(
                links.get(pk, Link(pk)), file_id=file.pk, start_seconds=mark.start, end_seconds=mark.end,
                paragraph=None, page=None, region="",
            )  # fmt: skip
        return save_record(row, links=list(links.values()), by=by, at=at)


def take_transcript(version: EvidenceVersion, file: EvidenceFile, *, by: User, at: datetime) -> EvidenceVersion:
    """The words of a checked document become the text of the record, after what is written there already. The file
    stays. Refused for a file without words, and when the record is signed."""
    kinds = FileRendition.Kind
    shown = list(file.renditions.exclude(kind=kinds.HTML).order_by("kind", "number")) if file.is_ready else []
    words = "\n\n".join(part.text.strip() for part in shown if part.text.strip())
    if not words:
        raise Refused("transcript-empty", f"No words could be read in “{file.name}”. Copy them into the notes.",
                      fix_url="#id_text")  # fmt: skip
    with transaction.atomic():
        row = locked_record(version, by)
        if words in row.text:
            return row
        return save_record(row, text=f"{row.text.rstrip()}\n\n{words}".strip(), by=by, at=at)
