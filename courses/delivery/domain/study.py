"""Remembering where a learner is in the course."""

from datetime import datetime

from courses.delivery.models import Registration, StudyProgress


def open_page(registration: Registration, page_id: int, *, at: datetime) -> StudyProgress:
    """The learner has opened a lesson or task; returns where they were."""
    progress, created = StudyProgress.objects.get_or_create(
        registration=registration, page_id=page_id, defaults={"opened_at": at, "seen_at": at}
    )
    return progress


def remember_place(registration: Registration, page_id: int, anchor: str, title: str, *, at: datetime) -> None:
    """The learner has read as far as a heading. Quiet, frequent and idempotent; not an audited act."""
    StudyProgress.objects.update_or_create(
        registration=registration,
        page_id=page_id,
        defaults={"anchor": anchor[:120], "anchor_title": title[:200], "seen_at": at},
        create_defaults={"anchor": anchor[:120], "anchor_title": title[:200], "seen_at": at, "opened_at": at},
    )


def finish_page(registration: Registration, page_id: int, *, at: datetime) -> None:
    """The learner says that they have finished a page. The first time counts."""
    progress = open_page(registration, page_id, at=at)
    if progress.finished_at is None:
        progress.finished_at = progress.seen_at = at
        progress.save(update_fields=["finished_at", "seen_at"])
