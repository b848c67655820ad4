"""Drafts that a learner sends to their tutor for comments: never a decision, never an attempt."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from courses.delivery.models import Registration, StudyAnswer, TutorDraft
from courses.delivery.queries_drafts import is_tutor_of, tutors_of
from lms.accounts.models import User
from lms.audit.api import Action, record
from lms.common.conflicts import check_bases
from lms.common.errors import Refused
from lms.notices.api import tell

from .register import lock_registration, registration_stream

MOST_LETTERS = 20_000


def send_draft(registration: Registration, page_id: int, block: UUID, *, by: User, at: datetime) -> TutorDraft:
    """Sends what the learner has written in a draft block, as it is saved, to their tutors, who are told. Sent already
    and not commented on yet, that one is given back: two presses are one.

    Refused for somebody else's registration or one that is not open, without words, without a tutor, while another
    version waits, and for the words that were commented on last.
    """
    with transaction.atomic():
        row = _own(registration, by)
        if row.state not in Registration.OPEN_STATES:
            raise Refused("draft-closed", "Your registration is not open, so that nothing can be sent to a tutor now.")
        answer = StudyAnswer.objects.filter(registration=row, page_id=page_id, block=block).first()
        text = str(answer.value.get("text", "")).strip() if answer else ""
        if answer is None or not text:
            raise Refused("draft-empty", "Write something first. A few lines are enough.")
        last = TutorDraft.objects.filter(registration=row, page_id=page_id, block=block).order_by("number").last()
        if last is not None and last.text == text and last.commented_at is None:
            return last
        _check_next(last, text)
        tutors = tutors_of(row)
        if not tutors:
            raise Refused("draft-no-tutor", "Nobody is named as your tutor yet. What you wrote is kept: ask your "
                          "centre who comments on drafts.")  # fmt: skip
        draft = TutorDraft.objects.create(
            registration=row, page_id=page_id, block=block, number=last.number + 1 if last else 1, text=text, sent_at=at
        )
        if answer.done_at is None:
            answer.done_at = at
            answer.save(update_fields=["done_at"])
        for tutor in tutors:
            tell(tutor, "draft", f"{by.name} sent you a draft for comments: {draft.page.title}",
                 url=reverse("tutor:draft", args=[draft.ref]), at=at)  # fmt: skip
        _record(Action.DRAFT_SENT, draft, by=by, role="learner", at=at)
    return draft


def _check_next(last: TutorDraft | None, text: str) -> None:
    if last is None:
        return
    if last.commented_at is None:
        raise Refused("draft-waits", "Your tutor has an earlier version. Take that one back first, or wait for the "
                      "comments. What you wrote now is kept.")  # fmt: skip
    if last.text == text:
        raise Refused("draft-same", "This is what your tutor has commented on. Change it before you send it again.")


def take_back(registration: Registration, page_id: int, block: UUID, *, by: User, at: datetime) -> bool:
    """Takes back the version that waits for comments; what it says stays in the learner's own box. False when none
    waits. Refused for somebody else's registration, and once a tutor has begun to comment."""
    with transaction.atomic():
        row = _own(registration, by)
        waiting = TutorDraft.objects.select_for_update(of=("self",)).select_related("commented_by", "page")
        draft = waiting.filter(registration=row, page_id=page_id, block=block, commented_at__isnull=True).first()
        if draft is None:
            return False
        if draft.commented_by is not None:
            raise Refused("draft-begun", f"{draft.commented_by.name} has begun to comment on it, so that it can no "
                          "longer be taken back. You can send another version after the comments.")  # fmt: skip
        _record(Action.DRAFT_TAKEN_BACK, draft, by=by, role="learner", at=at)
        draft.delete()
    return True


def mark_comments_read(registration: Registration, page_id: int, *, at: datetime) -> None:
    """The learner has the page with the comments open. The first time counts."""
    rows = TutorDraft.objects.filter(registration=registration, page_id=page_id, commented_at__isnull=False)
    rows.filter(read_at__isnull=True).update(read_at=at)


def save_comments(draft: TutorDraft, text: str, *, bases: Mapping[str, str] | None = None, by: User,
                  at: datetime) -> TutorDraft:  # fmt: skip
    """Keeps a tutor's comments as they are typed; the learner reads them once they are sent. From the first word on
    the draft can no longer be taken back. Refused as `send_comments` is, but for comments without words."""
    with transaction.atomic():
        row = _to_comment(draft, text, bases, by)
        row.save(update_fields=["comments", "commented_by"])
    return row


def send_comments(draft: TutorDraft, text: str, *, url: str, bases: Mapping[str, str] | None = None, by: User,
                  at: datetime) -> TutorDraft:  # fmt: skip
    """Sends a tutor's comments to the learner, who is told; `url` is where they stand beside the text.

    Refused for anybody but the learner's tutors, when the draft was taken back or has its comments, while a colleague
    who is still their tutor has begun, for a text over something newer (EditedElsewhere), and without words.
    """
    with transaction.atomic():
        row = _to_comment(draft, text, bases, by)
        if not row.comments:
            raise Refused("comments-empty", "Write your comments first.", fix_url="#id_comments")
        row.commented_at = at
        row.save(update_fields=["comments", "commented_by", "commented_at"])
        tell(row.registration.learner, "draft", f"{by.name} commented on your draft in “{row.page.title}”", url=url,
             at=at)  # fmt: skip
        _record(Action.DRAFT_COMMENTED, row, by=by, role="tutor", at=at)
    return row


def _to_comment(draft: TutorDraft, text: str, bases: Mapping[str, str] | None, by: User) -> TutorDraft:
    """The draft, locked, with these comments on it and not saved yet."""
    rows = TutorDraft.objects.select_for_update(of=("self",))
    row = rows.select_related("registration__learner", "page", "commented_by").filter(pk=draft.pk).first()
    if row is None:
        raise Refused("draft-gone", "The trainee has taken this draft back.")
    if not is_tutor_of(by, row.registration):
        raise Refused("draft-tutor", "Only the trainee’s tutors comment on their drafts.")
    if row.commented_at is not None:
        raise Refused("draft-commented", "The comments on this version have been sent.")
    other = row.commented_by
    if other is not None and other.pk != by.pk and is_tutor_of(other, row.registration):
        raise Refused("draft-colleague", f"{other.name} has begun to comment on this draft.")
    words = text.replace("\r\n", "\n").strip()
    if len(words) > MOST_LETTERS:
        raise Refused("comments-long", f"Comments may have up to {MOST_LETTERS:,} letters.", fix_url="#id_comments")
    check_bases({"comments": row.comments}, {"comments": words}, bases or {})
    row.comments, row.commented_by = words, by if words else None
    return row


def _own(registration: Registration, by: User) -> Registration:
    row = lock_registration(registration.pk)
    if row.learner_id != by.pk:
        raise Refused("draft-own", "Only the learner sends their drafts, and takes them back.")
    return row


def _record(action: Action, draft: TutorDraft, *, by: User, role: str, at: datetime) -> None:
    record(
        registration_stream(draft.registration_id), action, by=by, role=role, subject=f"tutor_draft:{draft.ref}", at=at,
        changes={"page": draft.page_id, "number": draft.number},
    )  # fmt: skip
