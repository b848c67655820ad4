"""Judging an evidence version once: valid, authentic, current, reliable (rule 6)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from assessment.models import Decision, VersionJudgement
from assessment.policies import CHECKED_STATES, check_may_decide, why_on_hold
from courses.delivery.api import lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from portfolio.api import EvidenceVersion, Submission

from .open import check_opened


def judge_version(version: EvidenceVersion, *, valid: bool, authentic: bool, current: bool, reliable: bool,
                  note: str = "", by: User, at: datetime) -> VersionJudgement:  # fmt: skip
    """Records the four tests for a submitted version; every decision that rests on it uses them.

    It may be mended until a released decision rests on it, or one that a second assessor checks. Refused for a draft,
    for what is only in submissions that nobody has opened (their learner may still take it back and change it), for
    somebody who may not decide (rules 6, 8-11), for what is on hold (rule 4), for a judgement already relied on, and
    for a "no" without a note that says why.
    """
    holds = {"valid": valid, "authentic": authentic, "current": current, "reliable": reliable}
    note = note.strip()
    with transaction.atomic():
        registration = lock_registration(version.evidence.registration_id)
        check_may_decide(by, registration, at=at)
        row = EvidenceVersion.objects.get(pk=version.pk)
        if row.is_draft:
            raise Refused("rule-06-draft", "This evidence has not been submitted.")
        submissions = Submission.objects.filter(items__versions=row)
        if not submissions.filter(opened_at__isnull=False).exists():
            check_opened(submissions.latest("pk"))
        on_hold = why_on_hold([row.pk])
        if on_hold:
            raise on_hold
        existing = VersionJudgement.objects.filter(version=row).first()
        if existing and all(getattr(existing, name) == value for name, value in (*holds.items(), ("note", note))):
            return existing
        if existing and fixing(Decision.objects.filter(relied_on__version=row)).exists():
            raise Refused("rule-06-judged", "This version has been judged and a released decision rests on it.")
        if not all(holds.values()) and not note:
            raise Refused("rule-06-note", "Say in the note what is wrong with this evidence.")
        judgement, _ = VersionJudgement.objects.update_or_create(
            version=row, defaults={**holds, "note": note, "judged_by": by, "judged_at": at}
        )
        record(
            registration_stream(registration.pk), Action.VERSION_JUDGED, by=by, role="assessor", at=at,
            subject=f"evidence:{row.evidence_id}/{row.number}", changes=dict(holds),
        )  # fmt: skip
    return judgement


def fixing(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Those of the decisions that fix what they rest on: released, or with a second assessor."""
    return decisions.filter(Q(released_at__isnull=False) | Q(state__in=CHECKED_STATES.values()))
