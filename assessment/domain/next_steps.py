"""Next steps: written by the assessor with a submission, agreed with the learner once it is released."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assessment.models import NextStep
from courses.delivery.api import (
    Allocation,
    Registration,
    in_force,
    is_allocated_to,
    lock_registration,
    registration_stream,
)
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from lms.notices.api import tell
from portfolio.api import Submission

from .annotate import begin_writing

LONGEST, LONGEST_COMMENT = 300, 2000  # letters


def write_next_step(submission: Submission, *, text: str, criterion_id: int | None = None, due_on: date | None = None,
                    by: User, at: datetime) -> NextStep:  # fmt: skip
    """Writes a next step with an open submission, for one of its criteria or for the learner's work in general. The
    learner sees it on release.

    Refused for somebody who may not decide (rules 6, 8), before opening, during a second check and after release;
    without words, for a criterion that is not submitted, and for a day that has passed.
    """
    with transaction.atomic():
        registration, row = begin_writing(submission, by=by, at=at)
        step = NextStep(submission=row, written_by=by)
        _write(step, text, criterion_id, due_on, at)
        _record(step, registration, Action.NEXT_STEP_WRITTEN, "assessor", by, at)
    return step


def change_next_step(step: NextStep, *, text: str, criterion_id: int | None, due_on: date | None, by: User,
                     at: datetime) -> NextStep:  # fmt: skip
    """Changes a next step while its submission is open: whoever decides; they then stand for its words."""
    with transaction.atomic():
        registration, _ = begin_writing(step.submission, by=by, at=at)
        fresh = NextStep.objects.select_related("submission").get(pk=step.pk)
        fresh.written_by = by
        _write(fresh, text, criterion_id, due_on, at)
        _record(fresh, registration, Action.NEXT_STEP_WRITTEN, "assessor", by, at)
    return fresh


def remove_next_step(step: NextStep, *, by: User, at: datetime) -> None:
    """Takes a next step away while its submission is open. Removing twice is once."""
    with transaction.atomic():
        registration, _ = begin_writing(step.submission, by=by, at=at)
        fresh = NextStep.objects.filter(pk=step.pk).first()
        if fresh is None:
            return
        _record(fresh, registration, Action.NEXT_STEP_REMOVED, "assessor", by, at)
        fresh.delete()


def agree(step: NextStep, *, by: User, at: datetime) -> NextStep:
    """The learner agrees to a next step. Agreeing twice is once."""
    with transaction.atomic():
        registration, row = _answering(step, by)
        if row.agreed_at is None:
            row.agreed_at = at
            row.save(update_fields=["agreed_at"])
            _record(row, registration, Action.NEXT_STEP_ANSWERED, "learner", by, at, agreed=True)
    return row


def ask_about(step: NextStep, comment: str, *, by: User, at: datetime) -> NextStep:
    """The learner asks about a next step, once; the assessor who decides for them now is told. Refused without words,
    for one that is done, and for a second question: what was asked stays as it was."""
    comment = comment.strip()
    with transaction.atomic():
        registration, row = _answering(step, by)
        if row.done_at is not None:
            raise Refused("next-step-done", "You have marked this as done. Say that it is not done first.")
        if row.commented_at is not None:
            raise Refused("next-step-asked", f"You have asked about this already. {row.written_by.name} has been told.")
        if not comment:
            raise Refused("next-step-comment", "Write what you want to ask.", fix_url=f"#id_comment-{row.ref}")
        if len(comment) > LONGEST_COMMENT:
            raise Refused("next-step-comment", f"Ask in {LONGEST_COMMENT} characters or fewer.",
                          fix_url=f"#id_comment-{row.ref}")  # fmt: skip
        row.comment, row.commented_at = comment, at
        row.save(update_fields=["comment", "commented_at"])
        _record(row, registration, Action.NEXT_STEP_ANSWERED, "learner", by, at, agreed=False)
        for user in _who_answers(row, registration):
            tell(
                user, "next-step", f"{by.name} asks about a next step",
                url=f"{reverse('assessment:workspace', args=[row.submission.ref])}#next-steps", at=at,
            )  # fmt: skip
    return row


def mark_done(step: NextStep, *, done: bool, by: User, at: datetime) -> NextStep:
    """The learner says that a next step is done, or takes that back. Saying it twice is once."""
    with transaction.atomic():
        registration, row = _answering(step, by)
        if (row.done_at is not None) != done:
            row.done_at = at if done else None
            row.save(update_fields=["done_at"])
            _record(row, registration, Action.NEXT_STEP_DONE, "learner", by, at, done=done)
    return row


def _answering(step: NextStep, by: User) -> tuple[Registration, NextStep]:
    """The registration, locked, and the next step, for its learner to answer. Raises Refused."""
    registration = lock_registration(step.submission.registration_id)
    row = NextStep.objects.select_related("submission", "written_by").get(pk=step.pk)
    if registration.learner_id != by.pk:
        raise Refused("next-step-right", "Only the learner answers a next step.")
    if row.submission.released_at is None:
        raise Refused("next-step-unreleased", "This next step has not been released to you.")
    return registration, row


def _who_answers(step: NextStep, registration: Registration) -> list[User]:
    """Who wrote it, while they are the learner's assessor; the learner's assessors after them."""
    if is_allocated_to(step.written_by, registration, Allocation.Role.ASSESSOR):
        return [step.written_by]
    rows = Allocation.objects.filter(in_force(), registration=registration, role=Allocation.Role.ASSESSOR)
    return [row.user for row in rows.select_related("user").order_by("pk")]


def _write(step: NextStep, text: str, criterion_id: int | None, due_on: date | None, at: datetime) -> None:
    text = " ".join(text.split())
    if not text:
        raise Refused("next-step-empty", "Say what the learner does next.", fix_url="#id_text")
    if len(text) > LONGEST:
        raise Refused("next-step-long", f"Say it in {LONGEST} characters or fewer.", fix_url="#id_text")
    if criterion_id is not None and not step.submission.items.filter(criterion_id=criterion_id).exists():
        raise Refused("next-step-criterion", "This criterion is not part of the submission.")
    if due_on is not None and due_on < timezone.localtime(at).date() and due_on != step.due_on:
        raise Refused("next-step-past", "Give a day that is still to come, or none.", fix_url="#id_due_on_0")
    step.text, step.criterion_id, step.due_on, step.written_at = text, criterion_id, due_on, at
    step.save()


def _record(step: NextStep, registration: Registration, action: Action, role: str, by: User, at: datetime,
            **changes: object) -> None:  # fmt: skip
    record(
        registration_stream(registration.pk), action, by=by, role=role, at=at, subject=f"next_step:{step.pk}",
        changes={"criterion": step.criterion_id, **changes},
    )  # fmt: skip
