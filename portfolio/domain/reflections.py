"""A reflection or a draft for the tutor, written in a lesson, made into evidence: what it says on the day, with its
criteria already linked."""

from datetime import datetime

from django.db import transaction

from courses.delivery.api import StudyAnswer, lock_registration, note_evidence
from lms.accounts.api import User
from lms.common.errors import Refused
from portfolio.kinds import Kind
from portfolio.models import Evidence
from portfolio.policies import check_owner

from .write import save_draft, start_evidence


def evidence_of(answer: StudyAnswer, by: User) -> Evidence | None:
    """The evidence that was made of an answer, unless it is in the bin or gone."""
    if answer.evidence is None:
        return None
    rows = Evidence.objects.visible_to(by).filter(registration_id=answer.registration_id)
    return rows.filter(ref=answer.evidence).first()


def reflection_evidence(answer: StudyAnswer, *, title: str, criterion_ids: tuple[int, ...] = (), by: User,
                        at: datetime) -> Evidence:  # fmt: skip
    """Makes a draft, a reflective account, of what a learner wrote in a lesson. Made already, that one is given back;
    the answer remembers it (`StudyAnswer.evidence`). Refused without words. What is written in the
    lesson later does not change the draft."""
    with transaction.atomic():
        registration = lock_registration(answer.registration_id)
        check_owner(by, registration)
        row = StudyAnswer.objects.get(pk=answer.pk)
        made = evidence_of(row, by)
        if made is not None:
            return made
        text = str(row.value.get("text", "")).strip()
        if not text:
            raise Refused("reflection-empty", "Write something first: without words there is no evidence.")
        version = start_evidence(registration, kind=Kind.REFLECTIVE_ACCOUNT, title=title, criterion_ids=criterion_ids,
                                 by=by, at=at)  # fmt: skip
        save_draft(version, text=text, by=by, at=at)
        note_evidence(row, version.evidence.ref)
    evidence: Evidence = version.evidence
    return evidence
