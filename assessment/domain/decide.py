"""Drafting decisions, which nobody else sees until they are released (rules 6, 8)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from assessment.models import Decision, DecisionVersion
from assessment.policies import check_may_decide, why_on_hold
from courses.delivery.api import Registration, lock_registration
from lms.accounts.api import User
from lms.audit.api import Action
from lms.common.conflicts import check_bases
from lms.common.errors import Refused
from lms.notices.api import tell
from portfolio.api import Submission, SubmittedCriterion

from .counting import record_decision
from .open import check_opened


def draft_decision(submission: Submission, criterion_id: int, *, by: User, at: datetime, outcome: str | None = None,
                   sufficient: bool | None = None, rationale: str | None = None, feedback: str | None = None,
                   version_ids: set[int] | None = None,
                   bases: Mapping[str, str] | None = None) -> Decision:  # fmt: skip
    """Saves an assessor's draft decision on one submitted criterion; None leaves a part as it is. Raises
    EditedElsewhere when a text was changed since the form with these `bases` was shown (lms.common.conflicts).

    Saving is not refused for what is missing: release is. Refused when the submission has not been opened or is
    released, when the user may not decide (rules 6, 8), or when another assessor is deciding the criterion already.
    """
    if outcome and outcome not in Decision.Outcome.values:
        raise Refused("rule-06-outcome", "Choose achieved or changes needed.")
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        check_may_decide(by, registration, at=at)
        item = _open_item(submission, criterion_id)
        decision = Decision.objects.select_related("decider").filter(
            submission=submission, criterion_id=criterion_id
        ).exclude(state=Decision.State.SUPERSEDED).first()  # fmt: skip
        started = decision is None or decision.state == Decision.State.REOPENED
        if decision is None or started:
            decision = _begin(item, registration, decision, by, at)
        elif not decision.is_draft:
            raise Refused("decision-agreed", f"{item.criterion.code} has been decided, and a second assessor has "
                          "agreed.")  # fmt: skip
        elif decision.decider_id != by.pk:
            raise Refused("decision-held", f"{decision.decider.name} is deciding {item.criterion.code} already. "
                          "Ask them, or take the decision over.")  # fmt: skip
        values = {"outcome": outcome, "sufficient": sufficient, "rationale": rationale, "feedback": feedback}
        before = decision.outcome
        typed = {"rationale": rationale, "feedback": feedback}
        check_bases({name: getattr(decision, name) for name in typed}, typed, bases or {})
        for name, value in values.items():
            if value is not None:
                setattr(decision, name, value.strip() if isinstance(value, str) else value)
        decision.saved_at = at
        decision.save()
        if version_ids is not None:
            _rest_on(decision, item, version_ids)
        if started or decision.outcome != before:
            record_decision(decision, Action.DECISION_DRAFTED, by, "assessor", at, outcome=decision.outcome)
    return decision


def _begin(item: SubmittedCriterion, registration: Registration, returned: Decision | None, by: User,
           at: datetime) -> Decision:  # fmt: skip
    """A draft for a criterion; what a second assessor has returned gives way to it, and its words are gone on with."""
    decision = Decision(
        submission=item.submission, registration=registration, learner_id=registration.learner_id,
        criterion_id=item.criterion_id, decider=by, started_at=at, saved_at=at,
    )  # fmt: skip
    versions: list[int] = []
    if returned is not None:
        returned.state = Decision.State.SUPERSEDED
        returned.save(update_fields=["state"])
        if returned.decider_id == by.pk:
            versions = sorted(returned.relied_on.values_list("version_id", flat=True))
            for name in ("outcome", "sufficient", "rationale", "feedback"):
                setattr(decision, name, getattr(returned, name))
    decision.save()
    DecisionVersion.objects.bulk_create(DecisionVersion(decision=decision, version_id=pk) for pk in versions)
    return decision


def _open_item(submission: Submission, criterion_id: int) -> SubmittedCriterion:
    item = SubmittedCriterion.objects.select_related("criterion", "submission").filter(
        submission=submission, criterion_id=criterion_id
    ).first()  # fmt: skip
    if item is None:
        raise Refused("rule-06-not-submitted", "This criterion is not part of the submission.")
    check_opened(item.submission)
    return item


def _rest_on(decision: Decision, item: SubmittedCriterion, version_ids: set[int]) -> None:
    allowed = set(item.submitted_versions.values_list("version_id", flat=True))
    if not version_ids <= allowed:
        raise Refused("rule-06-other-evidence", "A decision rests on evidence submitted for its criterion.")
    on_hold = why_on_hold(version_ids, item.criterion.code)
    if on_hold:
        raise on_hold
    decision.relied_on.all().delete()
    DecisionVersion.objects.bulk_create(DecisionVersion(decision=decision, version_id=pk) for pk in sorted(version_ids))


def take_over(submission: Submission, criterion_id: int, *, by: User, at: datetime) -> None:
    """Discards another assessor's draft on a criterion, so that the user may decide it; the other is told."""
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        check_may_decide(by, registration, at=at)
        item = _open_item(submission, criterion_id)
        draft = Decision.objects.filter(submission=submission, criterion_id=criterion_id, state="draft").first()
        if draft is None or draft.decider_id == by.pk:
            return
        tell(
            draft.decider, "taken-over", f"{by.name} has taken over your draft decision on {item.criterion.code}",
            url=reverse("assessment:workspace", args=[submission.ref]), at=at,
        )  # fmt: skip
        record_decision(draft, Action.DECISION_TAKEN_OVER, by, "assessor", at, **{"from": draft.decider_id})
        draft.delete()
