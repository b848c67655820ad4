"""What a learner marks and notes beside a page. Theirs alone, nobody else's reading: not audited acts."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from courses.delivery.models import Bookmark, Registration, StudyNote
from lms.common.conflicts import check_bases
from lms.common.errors import Refused

MOST_LETTERS = 20_000


def add_bookmark(registration: Registration, page_id: int, anchor: str, title: str, *, at: datetime) -> Bookmark:
    """Marks a place of a page to be found again. `title`: the words of the heading above it. Marking it twice changes
    nothing."""
    bookmark, _ = Bookmark.objects.get_or_create(
        registration=registration, page_id=page_id, anchor=anchor[:120],
        defaults={"title": title[:200], "made_at": at},
    )  # fmt: skip
    return bookmark


def remove_bookmark(registration: Registration, page_id: int, anchor: str) -> Bookmark | None:
    """Takes a learner's own bookmark away and returns it; None when there is none (any more)."""
    with transaction.atomic():
        rows = Bookmark.objects.select_for_update().filter(registration=registration, page_id=page_id, anchor=anchor)
        bookmark = rows.first()
        if bookmark is not None:
            rows.delete()
    return bookmark


def save_note(registration: Registration, page_id: int, text: str, *, at: datetime,
              bases: Mapping[str, str] | None = None) -> StudyNote:  # fmt: skip
    """Keeps a learner's note on a page; an empty one is no note any more. Raises EditedElsewhere when it was changed
    in another tab (`bases`, lms.common.conflicts) and Refused when it is too long or cannot be kept; nothing is
    changed then."""
    text = text.replace("\r\n", "\n").strip()
    if "\x00" in text:
        raise Refused("text-character", "Not saved: this text holds a character that cannot be kept.", fix_url="#note")
    if len(text) > MOST_LETTERS:
        raise Refused("text-long", f"Not saved: this note has {len(text):,} letters, and at most {MOST_LETTERS:,} can "
                      "be kept. Make it shorter, or keep a part of it elsewhere.", fix_url="#note")  # fmt: skip
    with transaction.atomic():
        # Both of two tabs that write a first note wait here for one another.
        Registration.objects.select_for_update().get(pk=registration.pk)
        kept = StudyNote.objects.filter(registration=registration, page_id=page_id).first()
        note = kept or StudyNote(registration=registration, page_id=page_id)
        check_bases({"text": note.text}, {"text": text}, bases or {})
        if text != note.text:
            note.text, note.saved_at = text, at
            if text:
                note.save()
            elif kept:
                StudyNote.objects.filter(pk=kept.pk).delete()
    return note
