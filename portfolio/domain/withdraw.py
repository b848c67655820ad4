"""Taking a submission back before its assessor has opened it (rules 2 and 20)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from courses.delivery.api import lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from lms.notices.api import tell
from portfolio.models import Attestation, EvidenceVersion, Submission, SubmittedVersion
from portfolio.policies import check_owner
from portfolio.visibility import on_hold

from .counts import refresh_open

State = EvidenceVersion.State


def withdraw(submission: Submission, *, by: User, at: datetime) -> Submission:
    """The learner takes back what nobody has opened: it counts as no attempt (rule 20), and the versions that rest in
    no other submission are drafts again, with their declarations, which were made for the same words. A version with
    a newer draft after it becomes a draft that is not edited (policies.check_editable): the newer one goes on.

    The assessor is told. Raises Refused once it is opened, released or withdrawn, and while part of it is on hold
    (rule 4); it changes nothing then.
    """
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        check_owner(by, registration)
        row = Submission.objects.select_related("assessor").get(pk=submission.pk)
        refusal = why_not_withdraw(row)
        if refusal:
            raise refusal
        if EvidenceVersion.objects.filter(on_hold(), submitted_for__submission=row).exists():
            raise Refused("rule-04-hold", "Part of this is on hold: somebody has reported that a child may be "
                          "recognised in it. You can take it back when the hold has ended.")  # fmt: skip
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        row.items.update(is_open=False)
        held = _let_go(row)
        refresh_open(registration.pk, set(row.items.values_list("criterion_id", flat=True)))
        tell(
            row.assessor, "withdrawn", f"{by.name} has taken a submission back before it was opened",
            url=reverse("assessment:queue"), at=at,
        )  # fmt: skip
        record(
            registration_stream(registration.pk), Action.SUBMISSION_WITHDRAWN, by=by, role="learner", at=at,
            subject=f"submission:{row.pk}", changes=held,
        )  # fmt: skip
    return row


def why_not_withdraw(submission: Submission) -> Refused | None:
    """The reason why a submission can no longer be taken back, in words; None while it can."""
    if submission.withdrawn_at is not None:
        return Refused("submission-withdrawn", "You have taken this submission back already.")
    if submission.released_at is not None:
        return Refused("submission-released", "This submission has been decided, so you cannot take it back.")
    if submission.opened_at is not None:
        when = timezone.localtime(submission.opened_at)
        return Refused("submission-opened", f"Your assessor opened it on {when:%-d %B %Y, %H:%M}, so you cannot take "
                       "it back. Wait for the feedback, or start a new version of your evidence.")  # fmt: skip
    if Attestation.objects.filter(version__submitted_for__submission=submission).exists():
        return Refused("submission-attested", "An assessor has already been to see a document of this submission, so "
                       "you cannot take it back.")  # fmt: skip
    return None


def _let_go(submission: Submission) -> dict[str, Any]:
    """Frees the versions of a withdrawn submission; says by criterion code which they were. What still waits in
    another submission stays submitted, and what only a released one rests on is decided."""
    rests = SubmittedVersion.objects.filter(item__submission=submission)
    held: dict[str, Any] = {}
    for code, version_id in rests.order_by("version_id").values_list("item__criterion__code", "version_id"):
        held.setdefault(code, []).append(version_id)
    rests.delete()
    freed = EvidenceVersion.objects.filter(
        pk__in={pk for ids in held.values() for pk in ids}, state=State.SUBMITTED
    ).exclude(pk__in=SubmittedVersion.objects.filter(item__is_open=True).values("version"))
    elsewhere = SubmittedVersion.objects.values("version")
    freed.filter(pk__in=elsewhere).update(state=State.DECIDED)
    freed.exclude(pk__in=elsewhere).update(state=State.DRAFT, submitted_at=None)
    return held
