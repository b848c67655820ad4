"""What stands beside a page of the course for its learner, and where their answers, bookmarks and notes are."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from .models import Bookmark, Registration, StudyNote, StudyProgress

PROGRESS = ("pk", "anchor", "anchor_title", "seen_at", "reached_end_at", "finished_at")


@dataclass(frozen=True)
class Beside:
    """A learner's progress on a page, None before they have opened it; their note; their bookmarks, as they made
    them."""

    progress: StudyProgress | None = None
    note: StudyNote | None = None
    bookmarks: list[Bookmark] = field(default_factory=list)


def beside_page(rows: QuerySet[Any], page_id: int) -> tuple[Registration | None, Beside]:
    """The first of some registrations (a learner's own, on the page's course) with all that it has beside the page.
    One query, as every page of the course asks it."""
    here = {
        name: FilteredRelation(relation, condition=Q(**{f"{relation}__page_id": page_id}))
        for name, relation in (("here", "study_progress"), ("noted", "study_notes"), ("marked", "bookmarks"))
    }
    facts = [*(f"here__{name}" for name in PROGRESS), "noted__text", "noted__saved_at", "marked__pk", "marked__anchor",
             "marked__title"]  # fmt: skip
    found = list(
        rows.annotate(**here).annotate(**{name.replace("__", "_of_"): F(name) for name in facts})
        .order_by("pk", "marked__made_at", "marked__pk")
    )  # fmt: skip
    if not found:
        return None, Beside()
    first = found[0]
    progress = note = None
    if first.here_of_pk:
        known = {name: getattr(first, f"here_of_{name}") for name in PROGRESS}
        progress = StudyProgress(registration=first, page_id=page_id, **known)
    if first.noted_of_saved_at:
        note = StudyNote(registration=first, page_id=page_id, text=first.noted_of_text,
                         saved_at=first.noted_of_saved_at)  # fmt: skip
    marked = [Bookmark(registration=first, page_id=page_id, anchor=row.marked_of_anchor, title=row.marked_of_title)
              for row in found if row.pk == first.pk and row.marked_of_pk]  # fmt: skip
    return first, Beside(progress, note, marked)


def progress_by_page(registration: Registration) -> dict[int, StudyProgress]:
    """A learner's progress on every page that they have opened. One query."""
    return {row.page_id: row for row in StudyProgress.objects.filter(registration=registration)}


def bookmarks_of(registration: Registration, words: str = "") -> QuerySet[Bookmark]:
    """A learner's own bookmarks with their pages; with words, those whose place or page has them."""
    rows = Bookmark.objects.filter(registration=registration).select_related("page")
    return rows.filter(Q(title__icontains=words) | Q(page__title__icontains=words)) if words else rows


def notes_of(registration: Registration, words: str = "") -> QuerySet[StudyNote]:
    """A learner's own notes with their pages; with words, those that have them in the note or the page's title."""
    rows = StudyNote.objects.filter(registration=registration).exclude(text="").select_related("page")
    return rows.filter(Q(text__icontains=words) | Q(page__title__icontains=words)) if words else rows
