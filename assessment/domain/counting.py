"""When decisions come to count, and what follows from it (rules 2, 4, 18, 19)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from assessment.models import Decision
from assessment.policies import CHECKED_STATES, position_of, why_on_hold
from assessment.progression import is_complete
from assessment.status import refresh
from courses.delivery.api import Registration, registration_stream, set_counts, set_state
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from lms.notices.api import tell
from portfolio.api import EvidenceVersion, Submission, SubmittedCriterion, refresh_open

GONE = (Decision.State.SUPERSEDED, Decision.State.REOPENED)


def in_the_way(decisions: Iterable[Decision], at: datetime) -> list[Refused]:
    """Why decisions cannot go on to count now: evidence on hold (rule 4), or a decider who may no longer decide (rules
    8 and 9)."""
    rows, found = list(decisions), []
    for decision in rows:
        held = why_on_hold(list(decision.relied_on.values_list("version_id", flat=True)), decision.criterion.code)
        found += [held] if held else []
    for decider in {decision.decider for decision in rows}:
        facts = position_of(decider, rows[0].registration, at=at).facts
        if facts.open_interest or facts.stands_aside or facts.objection:
            found.append(Refused("rule-08-decider", f"{decider.name} has since declared an interest, or the learner "
                                 "has objected to them. This waits until that is settled."))  # fmt: skip
    return found


def count_all(submission: Submission, *, by: User, role: str, at: datetime) -> None:
    """Makes every decision of a submission count: whatever second checks they needed have agreed. The learner is told.
    Called with the registration locked, in the act's transaction."""
    registration = submission.registration
    items = list(submission.items.all())
    live = submission.decisions.exclude(state__in=GONE).select_related("decider")
    decisions = {decision.criterion_id: decision for decision in live}
    for item in items:
        _count(decisions[item.criterion_id], by, role, at)
    _close(submission, items, at)
    refresh(registration.pk, set(decisions))
    refresh_state(registration, by=by, role=role, at=at)
    tell(
        registration.learner, "feedback", _message(decisions), at=at,
        url=reverse("assessment:submission", args=[submission.ref]),
    )  # fmt: skip


def refresh_state(registration: Registration, *, by: User | None, role: str, at: datetime) -> None:
    """Moves a locked registration to complete or back to active, as rule 19 has it now; what is claimed or awarded, or
    not open, stays (rule 4: an award already made is not undone)."""
    if registration.state not in Registration.OPEN_STATES:
        return
    state = Registration.State.COMPLETE if is_complete(registration, at=at) else Registration.State.ACTIVE
    set_state(registration, state, by=by, role=role, at=at)


def _count(decision: Decision, by: User, role: str, at: datetime) -> None:
    earlier = Decision.objects.filter(
        registration_id=decision.registration_id, criterion_id=decision.criterion_id, state=Decision.State.COUNTS
    ).first()
    if earlier:
        # The status lets go of the earlier decision first: the database holds that it never says more than it rests on.
        none = {"achieved_decisions": 0, "referred_decisions": 0}
        set_counts(decision.registration_id, {decision.criterion_id: none})
        earlier.state, earlier.is_held = Decision.State.SUPERSEDED, False
        earlier.save(update_fields=["state", "is_held"])
        record_decision(earlier, Action.DECISION_SUPERSEDED, by, role, at, by_decision=decision.pk)
    decision.state, decision.released_at = Decision.State.COUNTS, at
    decision.save(update_fields=["state", "released_at"])
    if decision.needs_countersigning or decision.scrutiny_for:
        record_decision(decision, Action.DECISION_COUNTS, by, role, at)


def _close(submission: Submission, items: list[SubmittedCriterion], at: datetime) -> None:
    submission.released_at = at
    submission.save(update_fields=["released_at"])
    submission.items.update(is_open=False)
    waiting = EvidenceVersion.objects.filter(submitted_for__is_open=True).values("pk")
    EvidenceVersion.objects.filter(submitted_for__in=items, state="submitted").exclude(pk__in=waiting).update(
        state=EvidenceVersion.State.DECIDED
    )
    refresh_open(submission.registration_id, {item.criterion_id for item in items})


def _message(decisions: dict[int, Decision]) -> str:
    achieved = sum(d.outcome == Decision.Outcome.ACHIEVED for d in decisions.values())
    changes = len(decisions) - achieved
    parts = [f"{achieved} achieved"] * bool(achieved) + [f"{changes} with changes needed"] * bool(changes)
    names = " and ".join(sorted({d.decider.name for d in decisions.values()}))
    return f"{names} {'have' if ' and ' in names else 'has'} assessed your work: {' and '.join(parts)}"


def record_decision(decision: Decision, action: Action, by: User | None, role: str, at: datetime,
                    **changes: object) -> None:  # fmt: skip
    """Records what happened to a decision in its learner's stream."""
    record(
        registration_stream(decision.registration_id), action, by=by, role=role, at=at,
        subject=f"decision:{decision.pk}", changes=dict(changes),
    )  # fmt: skip


def reopen(decisions: QuerySet[Decision], *, by: User, role: str, why: str, at: datetime,
           leaving: User | None = None) -> list[int]:  # fmt: skip
    """Reopens decisions, which count no more (rule 18); what a second assessor was checking goes back to its assessor,
    who reads `why` before the codes, unless they are `leaving`. Says which were reopened. Called with the registration
    locked."""
    rows = list(decisions.select_related("criterion", "submission__assessor").order_by("pk"))
    returned: dict[int, Submission] = {}
    for decision in rows:
        decision.state, decision.is_held = Decision.State.REOPENED, False
        decision.save(update_fields=["state", "is_held"])
        record_decision(decision, Action.DECISION_REOPENED, by, role, at)
        if decision.submission.is_being_checked:
            returned[decision.submission_id] = decision.submission
    for submission in returned.values():
        codes = [row.criterion.code for row in rows if row.submission_id == submission.pk]
        Submission.objects.filter(pk=submission.pk).update(handed_on_at=None)
        if submission.assessor != leaving:
            tell(submission.assessor, "returned", f"Decide again: {why} {', '.join(codes)}", at=at,
                 url=reverse("assessment:workspace", args=[submission.ref]))  # fmt: skip
        record(
            registration_stream(submission.registration_id), Action.RETURNED, by=by, role=role, at=at,
            subject=f"submission:{submission.pk}", changes={"criteria": codes},
        )  # fmt: skip
    return [row.pk for row in rows]


def reopen_waiting_of(registration: Registration, decider: User, *, by: User, at: datetime) -> None:
    """Somebody may decide for a learner no more (rules 8 and 9): what they decided and nobody has finished checking
    is reopened, so that another assessor decides it anew."""
    waiting = Decision.objects.filter(registration=registration, decider=decider, state__in=CHECKED_STATES.values())
    reopen(waiting, by=by, role="lead_iqa", why="another assessor takes over", at=at, leaving=decider)
