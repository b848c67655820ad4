"""Notes in evidence and phrases, as those read them who may."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from assessment.models import Annotation, Phrase
from lms.accounts.api import Role, User
from portfolio.api import EvidenceVersion, Submission

LIBRARIES = (Role.ASSESSOR, Role.IQA, Role.LEAD_IQA)  # who uses, reads and keeps phrases


def notes_for(user: User) -> QuerySet[Annotation]:
    """Notes that the user may read: the learner those of released submissions; allocated staff also those that are
    still being written, as they read judgements. Never on evidence that is hidden from the user (rules 4 and 35)."""
    mine = Q(submission__registration__learner=user)
    rows = Annotation.objects.filter(
        Q(submission__released_at__isnull=False) | ~mine,
        submission__in=Submission.objects.visible_to(user),
        version__in=EvidenceVersion.objects.visible_to(user),
    )
    return _in_order(rows)


def _in_order(rows: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """By where they are in the evidence: its text, its files, the whole piece last written."""
    rows = rows.select_related("criterion", "written_by", "file", "submission")
    return rows.order_by("version_id", "paragraph", "file_id", "page", "start_seconds", "pk")


def notes_at_desk(submission: Submission, version_ids: Collection[int]) -> dict[int, list[Annotation]]:
    """The notes on these versions for whoever may see the submission as its staff, by version: its own, and those of
    submissions released before. One query."""
    own_or_released = Q(submission=submission) | Q(submission__released_at__isnull=False)
    found: dict[int, list[Annotation]] = {}
    for note in _in_order(Annotation.objects.filter(own_or_released, version__in=version_ids)):
        found.setdefault(note.version_id, []).append(note)
    return found


def notes_on(version: EvidenceVersion, user: User) -> list[Annotation]:
    """What assessors noted on a version, in submissions that have been released. One query."""
    return list(notes_for(user).filter(version=version, submission__released_at__isnull=False))


def notes_in(submission: Submission, user: User) -> list[Annotation]:
    """What the assessor noted with a released submission, with the versions' evidence. One query; none before."""
    if submission.released_at is None:
        return []
    return list(notes_for(user).filter(submission=submission).select_related("version__evidence"))


def phrases_for(user: User) -> QuerySet[Phrase]:
    """The user's own phrases, and those of the centres whose assessor or quality assurer they are."""
    return Phrase.objects.filter(Q(owner=user) | Q(centre__in=user.organisations(*LIBRARIES)))


def found_phrases(user: User, *, words: str = "", use: str = "") -> QuerySet[Phrase]:
    """Those with all of these words in their name or text, for this use."""
    rows = phrases_for(user).select_related("centre")
    for word in words.split():
        rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
    return rows.filter(use=use) if use else rows
