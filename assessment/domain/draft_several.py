"""Drafting decisions as the workspace does: one or several criteria in one act, each with one step back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from assessment.models import Decision, DraftStep
from assessment.policies import check_may_decide
from courses.delivery.api import lock_registration
from lms.accounts.api import User
from lms.common.errors import Refused, SeveralRefused
from portfolio.api import Submission

from .decide import draft_decision


@dataclass(frozen=True)
class Draft:
    """What is to be saved of one criterion's decision; None leaves a part as it is (see `draft_decision`)."""

    criterion_id: int
    outcome: str | None = None
    sufficient: bool | None = None
    rationale: str | None = None
    feedback: str | None = None
    version_ids: set[int] | None = None
    bases: Mapping[str, str] = field(default_factory=dict)


class DraftsRefused(SeveralRefused):
    """Some of the drafts were refused, so that none was saved. `by_criterion`: each reason by its criterion's id."""

    def __init__(self, by_criterion: dict[int, Refused]) -> None:
        super().__init__(list(by_criterion.values()))
        self.by_criterion = by_criterion


def draft_several(submission: Submission, drafts: Sequence[Draft], *, by: User, at: datetime) -> list[Decision]:
    """Saves an assessor's draft decisions on several submitted criteria in one transaction; where an outcome is saved,
    `undo` brings back what stood before. Raises DraftsRefused with every reason at once when one of them is refused;
    nothing is saved then."""
    saved: list[Decision] = []
    refused: dict[int, Refused] = {}
    with transaction.atomic():
        check_may_decide(by, lock_registration(submission.registration_id), at=at)
        for draft in drafts:
            try:
                saved.append(_draft(submission, draft, by, at))
            except Refused as refusal:
                refused[draft.criterion_id] = refusal
        if refused:
            raise DraftsRefused(refused)
    return saved


def undo(submission: Submission, criterion_ids: Collection[int], *, by: User, at: datetime) -> list[Decision]:
    """Takes the last step back in the user's draft decisions on these criteria: outcome and words are again what they
    were before it was saved. Once more, and they are what they are now: nothing is lost. All or none.

    Refused when there is no step to take back, because it was released, discarded or never saved; or as drafting is.
    """
    with transaction.atomic():
        lock_registration(submission.registration_id)
        rows = DraftStep.objects.filter(
            decision__submission=submission, decision__criterion__in=criterion_ids, decision__decider=by,
            decision__state=Decision.State.DRAFT,
        ).select_related("decision")  # fmt: skip
        steps = list(rows.order_by("decision__criterion__position"))
        if not steps or len(steps) != len(set(criterion_ids)):
            raise Refused("nothing-to-undo", "There is nothing to undo: the decision was released, or nothing was "
                          "saved over what it said before.")  # fmt: skip
        return [_back(submission, step, by, at) for step in steps]


def _back(submission: Submission, step: DraftStep, by: User, at: datetime) -> Decision:
    now, before = _said(step.decision), step.before
    versions = before.pop("versions")
    decision = draft_decision(submission, step.decision.criterion_id, by=by, at=at, version_ids=set(versions), **before)
    step.now, step.before = {**before, "versions": versions}, now
    step.save()
    return decision


def _draft(submission: Submission, draft: Draft, by: User, at: datetime) -> Decision:
    rows = Decision.objects.filter(submission=submission, criterion=draft.criterion_id, decider=by)
    earlier = rows.exclude(state=Decision.State.SUPERSEDED).first()
    said = _said(earlier) if earlier else {"outcome": "", "sufficient": False, "rationale": "", "feedback": ""}
    decision = draft_decision(
        submission, draft.criterion_id, by=by, at=at, outcome=draft.outcome, sufficient=draft.sufficient,
        rationale=draft.rationale, feedback=draft.feedback, version_ids=draft.version_ids, bases=draft.bases,
    )  # fmt: skip
    if draft.outcome is not None:
        _keep(decision, said)
    return decision


def _said(decision: Decision) -> dict[str, Any]:
    """All that a draft decision says."""
    versions = sorted(decision.relied_on.values_list("version_id", flat=True))
    return {"outcome": decision.outcome, "sufficient": decision.sufficient, "rationale": decision.rationale,
            "feedback": decision.feedback, "versions": versions}  # fmt: skip


def _keep(decision: Decision, said: dict[str, Any]) -> None:
    """Keeps what stood before an outcome was saved. What was typed and saved by itself since the last outcome belongs
    to the step that ends here; words that there were none of before stay: a wrong key is no reason to lose them."""
    now = _said(decision)
    step = DraftStep.objects.filter(decision=decision).first() or DraftStep(decision=decision, now=said)
    if step.now == now:
        return
    words = {name: step.now[name] or now[name] for name in ("rationale", "feedback")}
    before = {**now, **step.now, **words}
    step.now, step.before = now, before
    step.save()
