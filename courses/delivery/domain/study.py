"""Remembering where a learner is in the course, and what they answered. Frequent and private: not audited acts."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from content.answering import Given
from courses.delivery.models import Registration, StudyAnswer, StudyProgress
from lms.common.conflicts import check_bases
from lms.common.errors import Refused


def open_page(registration: Registration, page_id: int, *, at: datetime) -> StudyProgress:
    """The learner has opened a lesson or task; returns where they were."""
    progress, created = StudyProgress.objects.get_or_create(
        registration=registration, page_id=page_id, defaults={"opened_at": at, "seen_at": at}
    )
    return progress


def remember_place(registration: Registration, page_id: int, anchor: str, title: str, *, at: datetime) -> None:
    """The learner has read as far as a place. Idempotent: the last place stays."""
    StudyProgress.objects.update_or_create(
        registration=registration,
        page_id=page_id,
        defaults={"anchor": anchor[:120], "anchor_title": title[:200], "seen_at": at},
        create_defaults={"anchor": anchor[:120], "anchor_title": title[:200], "seen_at": at, "opened_at": at},
    )


def see_again(registration: Registration, page_id: int, *, at: datetime) -> None:
    """The learner has been at a page again and knows what changed in it. Idempotent: the last time stays."""
    StudyProgress.objects.filter(registration=registration, page_id=page_id).update(seen_at=at)


def save_answer(registration: Registration, page_id: int, block: UUID, kind: str, value: dict[str, Any], *,
                at: datetime, is_try: bool = False, is_right: bool | None = None, is_done: bool = False,
                bases: Mapping[str, str] | None = None, to_finish: Collection[UUID] = ()) -> StudyAnswer:  # fmt: skip
    """Keeps a learner's answer to a block of a page, as `answer_block` does, when it does not depend on what is kept
    already. `is_try`: it counts as a try."""
    given = Given(value, is_try, is_right, is_done)
    return answer_block(registration, page_id, block, kind, lambda saved: given, at=at, bases=bases,
                        to_finish=to_finish)  # fmt: skip


def answer_block(registration: Registration, page_id: int, block: UUID, kind: str,
                 give: Callable[[dict[str, Any]], Given], *, at: datetime, bases: Mapping[str, str] | None = None,
                 to_finish: Collection[UUID] = (), late_over: str | None = None) -> StudyAnswer:  # fmt: skip
    """Keeps a learner's answer to a block of a page; the last one stays, and `done_at` says when it was first answered
    in full. `give` makes the answer of what is kept so far, read under a lock. The same answer sent again is not
    another try. A text (`value["text"]`) with a base that is not what is saved raises EditedElsewhere
    (lms.common.conflicts): nothing is overwritten unseen. `to_finish`: the blocks that the page is not finished
    without; the page is finished when the last of them is done after its end was reached. `late_over`: it was given
    without a signal, over an answer saved at that time ("" for none): another answer since is not overwritten."""
    with transaction.atomic():
        answer, _ = StudyAnswer.objects.select_for_update().get_or_create(
            registration=registration, page_id=page_id, block=block, defaults={"kind": kind, "saved_at": at}
        )
        given = give(answer.value)
        if "text" in given.value:
            check_bases({"text": answer.value.get("text", "")}, {"text": given.value["text"]}, bases or {})
        elif late_over is not None and answer.value not in ({}, given.value) and kind != StudyAnswer.Kind.CHECKLIST:
            _check_not_answered_since(answer, late_over)
        answer.tries += given.is_try and (given.value != answer.value or not answer.tries)
        answer.kind, answer.value, answer.is_right, answer.saved_at = kind, given.value, given.is_right, at
        if given.is_done and answer.done_at is None:
            answer.done_at = at
        answer.save()
        if block in to_finish and answer.done_at:
            finish_if_done(registration, page_id, to_finish, at=at)
    return answer


def _check_not_answered_since(answer: StudyAnswer, late_over: str) -> None:
    if answer.saved_at.isoformat() != late_over:
        raise Refused("answered-since", "You have answered this in another place since. That answer stays.")


def note_evidence(answer: StudyAnswer, evidence: UUID) -> None:
    """The learner has made evidence of an answer: its page leads there from now on."""
    StudyAnswer.objects.filter(pk=answer.pk).update(evidence=evidence)


def reach_end(registration: Registration, page_id: int, to_finish: Collection[UUID], *, at: datetime) -> bool:
    """The learner has read a page to its end; says whether it is finished: at its end, with its questions answered."""
    with transaction.atomic():
        progress = open_page(registration, page_id, at=at)
        if progress.reached_end_at is None:
            progress.reached_end_at = progress.seen_at = at
            progress.save(update_fields=["reached_end_at", "seen_at"])
        return finish_if_done(registration, page_id, to_finish, at=at)


def finish_if_done(registration: Registration, page_id: int, to_finish: Collection[UUID], *, at: datetime) -> bool:
    """Finishes a page whose end was reached and whose questions are answered. The first time counts."""
    progress = StudyProgress.objects.filter(registration=registration, page_id=page_id).first()
    if progress is None or progress.reached_end_at is None:
        return False
    if progress.finished_at is None and not unanswered(registration, page_id, to_finish):
        progress.finished_at = at
        progress.save(update_fields=["finished_at"])
    return progress.finished_at is not None


def unanswered(registration: Registration, page_id: int, to_finish: Collection[UUID]) -> set[UUID]:
    """Which of a page's questions a learner has not answered in full yet."""
    done = StudyAnswer.objects.filter(registration=registration, page_id=page_id, done_at__isnull=False)
    return set(to_finish) - set(done.values_list("block", flat=True))
