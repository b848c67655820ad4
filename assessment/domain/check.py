"""Countersigning and scrutinising decisions before they count (rules 9 and 10)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assessment.models import Decision, SecondCheck
from assessment.policies import CHECKED_STATES, waiting_for, why_not_check
from courses.delivery.api import lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.api import Submission

from .counting import count_all, in_the_way, record_decision
from .release import hand_on

ROLES = {SecondCheck.Kind.COUNTERSIGN: "countersigner", SecondCheck.Kind.SCRUTINY: "scrutineer"}
Verdicts = Mapping[int, tuple[bool, str]]


def to_check(submission: Submission, kind: str) -> list[Decision]:
    """The decisions of a handed-on submission that wait for a check of that kind, in the framework's order."""
    agreed = SecondCheck.objects.filter(kind=kind, agrees=True)
    rows = submission.decisions.filter(state=CHECKED_STATES[SecondCheck.Kind(kind)]).exclude(checks__in=agreed)
    return list(rows.select_related("criterion__outcome", "decider").order_by("criterion__position"))


def check_submission(submission: Submission, kind: str, verdicts: Verdicts, *, by: User, at: datetime) -> Submission:
    """A second assessor agrees to each waiting decision of a submission, or says why not (`verdicts`: by decision id,
    whether they agree, and a note).

    What they do not agree to is reopened and goes back to the assessor with the note; what they agree to stays so and
    waits. When all is agreed, the next check is asked for, or every decision counts and the learner is told. Refused
    for who may not check (`why_not_check`), when there is nothing to check, for a missing verdict or note, and while
    evidence is on hold (rule 4).
    """
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        row = Submission.objects.select_related("assessor").get(pk=submission.pk)
        row.registration = registration
        if kind not in ROLES or waiting_for(row) != kind:
            raise Refused("check-done", "These decisions do not wait for this check any more. Nothing was changed.")
        day = timezone.localtime(at).date()
        refusal = why_not_check(by, row, kind, on=day)
        if refusal:
            raise refusal
        waiting = to_check(row, kind)
        reasons = _missing(waiting, verdicts) or _in_the_way(row, waiting, verdicts, at)
        if reasons:
            raise SeveralRefused(reasons)
        for decision in waiting:
            _check(decision, SecondCheck.Kind(kind), *verdicts[decision.pk], by=by, at=at)
        _go_on(row, waiting, verdicts, kind, by, at)
    return row


def _missing(waiting: list[Decision], verdicts: Verdicts) -> list[Refused]:
    found = []
    for decision in waiting:
        agrees, note = verdicts.get(decision.pk, (None, ""))
        if agrees is None:
            found.append(Refused("check-open", f"Say whether you agree to {decision.criterion.code}."))
        elif not agrees and not note.strip():
            found.append(Refused("check-note", f"Say why you do not agree to {decision.criterion.code}."))
    if not found and len(verdicts) != len(waiting):
        found.append(Refused("check-other", "These decisions have changed since you opened them. Look at them again."))
    return found


def _in_the_way(submission: Submission, waiting: list[Decision], verdicts: Verdicts, at: datetime) -> list[Refused]:
    """Why what is agreed to cannot go on; when all is agreed to, what was agreed before goes on with it."""
    agreed = [decision for decision in waiting if verdicts[decision.pk][0]]
    if len(agreed) == len(waiting):
        before = submission.decisions.filter(state__in=CHECKED_STATES.values()).exclude(pk__in=[d.pk for d in waiting])
        agreed += before.select_related("criterion", "decider", "registration").order_by("criterion__position")
    return in_the_way(agreed, at)


def _check(decision: Decision, kind: SecondCheck.Kind, agrees: bool, note: str, *, by: User, at: datetime) -> None:
    SecondCheck.objects.create(
        decision=decision, kind=kind, agrees=agrees, note=note.strip(), checked_by=by, checked_at=at,
        checked_on=timezone.localtime(at).date(),
    )  # fmt: skip
    record_decision(decision, Action.CHECKED, by, ROLES[kind], at, kind=kind.value, agrees=agrees)
    if not agrees:
        decision.state = Decision.State.REOPENED
        record_decision(decision, Action.DECISION_REOPENED, by, ROLES[kind], at)
    elif kind == SecondCheck.Kind.COUNTERSIGN and decision.scrutiny_for:
        decision.state = Decision.State.PENDING_SCRUTINY
    decision.save(update_fields=["state"])


def _go_on(submission: Submission, waiting: list[Decision], verdicts: Verdicts, kind: str, by: User,
           at: datetime) -> None:  # fmt: skip
    """Back to the assessor, on to the next check, or out to the learner."""
    returned = [decision.criterion.code for decision in waiting if not verdicts[decision.pk][0]]
    if returned:
        submission.handed_on_at = None
        submission.save(update_fields=["handed_on_at"])
        number = "1 decision" if len(returned) == 1 else f"{len(returned)} decisions"
        tell(submission.assessor, "returned", f"{by.name} does not agree to {number}: {', '.join(returned)}", at=at,
             url=reverse("assessment:workspace", args=[submission.ref]))  # fmt: skip
        record(
            registration_stream(submission.registration_id), Action.RETURNED, by=by, at=at,
            role=ROLES[SecondCheck.Kind(kind)], subject=f"submission:{submission.pk}", changes={"criteria": returned},
        )  # fmt: skip
    elif waiting_for(submission):
        hand_on(submission, by=by, at=at)
    else:
        count_all(submission, by=by, role=ROLES[SecondCheck.Kind(kind)], at=at)
