"""Deciding criteria: drafts that nobody else sees, then one release (rules 2, 6, 7, 8, 18, 19)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from assessment.models import Decision, DecisionVersion, VersionJudgement
from assessment.policies import check_may_decide, why_not_achieved
from assessment.progression import is_complete
from courses.delivery.api import Registration, lock_registration, registration_stream, set_counts, set_state
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.conflicts import check_bases
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.api import EvidenceVersion, Submission, SubmittedCriterion, refresh_open

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
        check_may_decide(by, registration)
        item = _open_item(submission, criterion_id)
        decision = Decision.objects.select_related("decider").filter(
            submission=submission, criterion_id=criterion_id
        ).exclude(state=Decision.State.SUPERSEDED).first()  # fmt: skip
        started = decision is None
        if decision is None:
            decision = Decision.objects.create(
                submission=submission, registration=registration, learner_id=registration.learner_id,
                criterion_id=criterion_id, decider=by, started_at=at, saved_at=at,
            )  # fmt: skip
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
            _record(decision, Action.DECISION_DRAFTED, by, at, outcome=decision.outcome)
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
    decision.relied_on.all().delete()
    DecisionVersion.objects.bulk_create(DecisionVersion(decision=decision, version_id=pk) for pk in sorted(version_ids))


def take_over(submission: Submission, criterion_id: int, *, by: User, at: datetime) -> None:
    """Discards another assessor's draft on a criterion, so that the user may decide it; the other is told."""
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        check_may_decide(by, registration)
        item = _open_item(submission, criterion_id)
        draft = Decision.objects.filter(submission=submission, criterion_id=criterion_id, state="draft").first()
        if draft is None or draft.decider_id == by.pk:
            return
        tell(
            draft.decider, "taken-over", f"{by.name} has taken over your draft decision on {item.criterion.code}",
            url=reverse("assessment:workspace", args=[submission.ref]), at=at,
        )  # fmt: skip
        _record(draft, Action.DECISION_TAKEN_OVER, by, at, **{"from": draft.decider_id})
        draft.delete()


def release(submission: Submission, *, by: User, at: datetime) -> Submission:
    """Releases the decisions of a submission together: they count, earlier ones are superseded, the learner is told.

    One transaction. Raises SeveralRefused with every reason at once when a decision is missing or breaks rule 6 or 7,
    and Refused when the user may not decide or somebody has released it already. Nothing changes then.
    """
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        check_may_decide(by, registration)
        row = Submission.objects.get(pk=submission.pk)
        check_opened(row)
        items = list(row.items.select_related("criterion__outcome").order_by("criterion__position"))
        decisions = {d.criterion_id: d for d in row.decisions.filter(state="draft").select_related("decider")}
        reasons = unfinished(items, decisions, by)
        if reasons:
            raise SeveralRefused(reasons)
        for item in items:
            _count(decisions[item.criterion_id], by, at)
        _close(row, items, at)
        _refresh(registration, decisions)
        complete = is_complete(registration, at=at)
        state = Registration.State.COMPLETE if complete else Registration.State.ACTIVE
        if registration.state in Registration.OPEN_STATES:
            set_state(registration, state, by=by, role="assessor", at=at)
        tell(
            registration.learner, "feedback", _message(by, decisions),
            url=reverse("assessment:submission", args=[row.ref]), at=at,
        )  # fmt: skip
    return row


def unfinished(items: list[SubmittedCriterion], decisions: dict[int, Decision], by: User) -> list[Refused]:
    """Every reason why a submission cannot be released yet, in the order of its criteria (rules 6, 7, 21), each with
    the address of the criterion where it is mended. `items` need their criterion, its outcome and submission."""
    judgements = VersionJudgement.objects.filter(version__submitted_for__in=items)
    sound = {j.version_id: j.all_hold for j in judgements}
    relied: dict[int, list[EvidenceVersion]] = {}
    rows = DecisionVersion.objects.filter(decision__in=decisions.values()).order_by("version_id")
    rows = rows.select_related("version__witness", "version__attestation").defer("version__text", "version__ai_used")
    for row in rows:
        relied.setdefault(row.decision_id, []).append(row.version)
    reasons: list[Refused] = []
    for item in items:
        code, decision = item.criterion.code, decisions.get(item.criterion_id)
        if decision is not None and decision.decider_id != by.pk:
            found = [Refused("decision-held", f"{code} is being decided by {decision.decider.name}.")]
        elif decision is None or not decision.outcome:
            found = [Refused("rule-06-undecided", f"{code} has no decision yet.")]
        else:
            versions = relied.get(decision.pk, [])
            found = _faults(code, decision, [sound.get(version.pk) for version in versions])
            if versions and decision.outcome == Decision.Outcome.ACHIEVED:
                found += why_not_achieved(item.criterion, versions)
        for reason in found:
            reason.fix_url = f"{reverse('assessment:workspace', args=[item.submission.ref])}?criterion={code}"
        reasons += found
    return reasons


def _faults(code: str, decision: Decision, soundness: list[bool | None]) -> list[Refused]:
    faults = []
    if not decision.rationale:
        faults.append(Refused("rule-06-rationale", f"{code} needs a rationale: say what led you to the decision."))
    if decision.outcome == Decision.Outcome.REFERRED and not decision.feedback:
        faults.append(Refused("rule-07-feedback", f"{code} needs feedback: say what to change."))
    achieved = decision.outcome == Decision.Outcome.ACHIEVED
    if achieved and not decision.sufficient:
        faults.append(Refused("rule-06-sufficient", f"{code} is achieved only if the evidence is sufficient."))
    if not soundness:
        faults.append(Refused("rule-06-rests-on", f"{code}: tick the evidence that the decision rests on."))
    if None in soundness:
        faults.append(Refused("rule-06-unjudged", f"{code} rests on evidence that has not been judged yet."))
    if achieved and False in soundness:
        faults.append(Refused("rule-06-unsound", f"{code} rests on evidence that is not valid, authentic, current "
                              "and reliable."))  # fmt: skip
    return faults


def _count(decision: Decision, by: User, at: datetime) -> None:
    earlier = Decision.objects.filter(
        registration_id=decision.registration_id, criterion_id=decision.criterion_id, state=Decision.State.COUNTS
    ).first()
    if earlier:
        # The status lets go of the earlier decision first: the database holds that it never says more than it rests on.
        none = {"achieved_decisions": 0, "referred_decisions": 0}
        set_counts(decision.registration_id, {decision.criterion_id: none})
        earlier.state = Decision.State.SUPERSEDED
        earlier.save(update_fields=["state"])
        _record(earlier, Action.DECISION_SUPERSEDED, by, at, by_decision=decision.pk)
    decision.state, decision.released_at = Decision.State.COUNTS, at
    decision.save(update_fields=["state", "released_at"])
    versions = sorted(decision.relied_on.values_list("version_id", flat=True))
    _record(decision, Action.DECISION_RELEASED, by, at, outcome=decision.outcome, versions=versions,
            criterion=decision.criterion_id)  # fmt: skip


def _close(submission: Submission, items: list[SubmittedCriterion], at: datetime) -> None:
    submission.released_at = at
    submission.save(update_fields=["released_at"])
    submission.items.update(is_open=False)
    waiting = EvidenceVersion.objects.filter(submitted_for__is_open=True).values("pk")
    EvidenceVersion.objects.filter(submitted_for__in=items, state="submitted").exclude(pk__in=waiting).update(
        state=EvidenceVersion.State.DECIDED
    )
    refresh_open(submission.registration_id, {item.criterion_id for item in items})


def _refresh(registration: Registration, decisions: dict[int, Decision]) -> None:
    set_counts(
        registration.pk,
        {
            pk: {
                "achieved_decisions": int(decision.outcome == Decision.Outcome.ACHIEVED),
                "referred_decisions": int(decision.outcome == Decision.Outcome.REFERRED),
            }
            for pk, decision in decisions.items()
        },
    )


def _message(by: User, decisions: dict[int, Decision]) -> str:
    achieved = sum(d.outcome == Decision.Outcome.ACHIEVED for d in decisions.values())
    changes = len(decisions) - achieved
    parts = [f"{achieved} achieved"] * bool(achieved) + [f"{changes} with changes needed"] * bool(changes)
    return f"{by.name} has assessed your work: {' and '.join(parts)}"


def _record(decision: Decision, action: Action, by: User, at: datetime, **changes: object) -> None:
    record(
        registration_stream(decision.registration_id), action, by=by, role="assessor", at=at,
        subject=f"decision:{decision.pk}", changes=dict(changes),
    )  # fmt: skip
