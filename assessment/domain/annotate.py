"""Notes that an assessor writes at a place in the evidence, for one criterion or for all (rules 6 and 8)."""

from datetime import datetime

from django.db import transaction

from assessment.models import Annotation
from assessment.policies import check_may_decide, held_versions
from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from portfolio.api import EvidenceVersion, Link, Submission
from portfolio.domain.locate import check_places

from .open import check_opened

LONGEST = 4000  # letters of one note
ANYWHERE = Link(0)  # about the whole piece


def annotate(submission: Submission, version: EvidenceVersion, *, text: str, criterion_id: int | None = None,
             place: Link = ANYWHERE, by: User, at: datetime) -> Annotation:  # fmt: skip
    """Writes a note on a version that a submission rests on, at `place` (its `where` and locator; the rest of the Link
    is not used), about one of its criteria or, with None, about all of them.

    The learner reads it once the submission is released. Refused for somebody who may not decide (rules 6, 8), before
    the submission is opened, while a second assessor checks it, and once it is released; for evidence that is not part
    of it or is on hold (rule 4); for a note without words, and for a place that the evidence does not have.
    """
    with transaction.atomic():
        registration, row = begin_writing(submission, by=by, at=at)
        _check_part(row, version, criterion_id)
        note = Annotation(submission=row, version=version, written_by=by)
        _write(note, text, criterion_id, place, at)
        _record(note, registration, Action.ANNOTATED, by, at)
    return note


def change_annotation(note: Annotation, *, text: str, criterion_id: int | None, place: Link, by: User,
                      at: datetime) -> Annotation:  # fmt: skip
    """Changes one's own note while its submission is open. Refused as writing is, and for another's note."""
    with transaction.atomic():
        registration, row = begin_writing(note.submission, by=by, at=at)
        fresh = Annotation.objects.select_related("version", "file").get(pk=note.pk)
        if fresh.written_by_id != by.pk:
            raise Refused("note-of-another", "Somebody else wrote this note. You can remove it and write your own.")
        _check_part(row, fresh.version, criterion_id)
        _write(fresh, text, criterion_id, place, at)
        _record(fresh, registration, Action.ANNOTATED, by, at)
    return fresh


def remove_annotation(note: Annotation, *, by: User, at: datetime) -> None:
    """Takes a note away while its submission is open: its writer, or the assessor who decides after them. Removing
    twice is once."""
    with transaction.atomic():
        registration, _ = begin_writing(note.submission, by=by, at=at)
        fresh = Annotation.objects.select_related("version").filter(pk=note.pk).first()
        if fresh is None:
            return
        _record(fresh, registration, Action.ANNOTATION_REMOVED, by, at)
        fresh.delete()


def begin_writing(submission: Submission, *, by: User, at: datetime) -> tuple[Registration, Submission]:
    """Locks the registration and finds the submission fit to write in, beside decisions: the user may decide, it is
    opened, not released, and not with a second assessor. Raises Refused."""
    registration = lock_registration(submission.registration_id)
    check_may_decide(by, registration, at=at)
    row = Submission.objects.get(pk=submission.pk)
    check_opened(row)
    if row.is_being_checked:
        raise Refused("submission-handed-on", "A second assessor is checking this submission. You can write in it "
                      "again if it comes back to you.")  # fmt: skip
    return registration, row


def _check_part(submission: Submission, version: EvidenceVersion, criterion_id: int | None) -> None:
    items = submission.items.filter(versions=version)
    if not items.exists():
        raise Refused("note-other-evidence", "This evidence is not part of the submission.")
    if criterion_id is not None and not items.filter(criterion_id=criterion_id).exists():
        raise Refused("note-other-criterion", "This evidence was not submitted for that criterion.")
    if held_versions({version.pk}):
        raise Refused("rule-04-on-hold", "This evidence is on hold. Nothing can be written on it now.")


def _write(note: Annotation, text: str, criterion_id: int | None, place: Link, at: datetime) -> None:
    text, place = text.strip(), place.cleaned()
    if not text:
        raise Refused("note-empty", "Write your note.")
    if len(text) > LONGEST:
        raise Refused("note-long", f"A note has {LONGEST} characters at most. Shorten it.")
    before = {} if note.pk is None else {0: _place_of(note)}
    check_places({0: place}, before, note.version)
    note.text, note.criterion_id, note.written_at, note.where = text, criterion_id, at, place.where
    note.file_id, note.paragraph, note.page = place.file_id, place.paragraph, place.page
    note.start_seconds, note.end_seconds, note.region = place.start_seconds, place.end_seconds, place.region
    note.save()


def _place_of(note: Annotation) -> Link:
    return Link(0, note.where, "", note.file_id, note.paragraph, note.page, note.start_seconds, note.end_seconds,
                note.region)  # fmt: skip


def _record(note: Annotation, registration: Registration, action: Action, by: User, at: datetime) -> None:
    record(
        registration_stream(registration.pk), action, by=by, role="assessor", at=at,
        subject=f"evidence:{note.version.evidence_id}/{note.version.number}",
        changes={"note": note.pk, "criterion": note.criterion_id},
    )  # fmt: skip
