"""Releasing the decisions of a submission together, or handing them on for a second check (rules 2, 4, 6-11, 18)."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assessment.models import Decision, DecisionVersion, DraftStep
from assessment.policies import (
    Position,
    check_may_decide,
    has_agreed,
    is_on_hold,
    on_hold,
    waiting_for,
    why_no_feedback,
    why_not_achieved,
    why_not_check,
    why_unsound,
)
from courses.delivery.api import Allocation, in_force, lock_registration, registration_stream
from lms.accounts.api import Membership, Role, User
from lms.audit.api import Action, record
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.api import EvidenceVersion, Submission, SubmittedCriterion

from .counting import GONE, count_all, in_the_way, record_decision
from .open import check_opened

CHECKERS = (Allocation.Role.ASSESSOR, Allocation.Role.SECOND_ASSESSOR)


def release(submission: Submission, *, by: User, at: datetime) -> Submission:
    """Releases the decisions of a submission together. They count, earlier ones are superseded, and the learner is
    told; unless rule 9 or 10 asks for a second check: then they are handed on, and count when it has agreed.

    One transaction. Raises SeveralRefused with every reason at once when a decision is missing or breaks rule 6 or 7,
    and Refused when the user may not decide or somebody has released it already. Nothing changes then.
    """
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        position = check_may_decide(by, registration, at=at)
        row = Submission.objects.get(pk=submission.pk)
        check_opened(row)
        live = list(row.decisions.exclude(state__in=GONE).select_related("decider", "criterion", "registration")
                    .prefetch_related("checks"))  # fmt: skip
        drafts = {d.criterion_id: d for d in live if d.is_draft}
        agreed = [d for d in live if not d.is_draft]
        items = row.items.select_related("criterion__outcome").order_by("criterion__position")
        todo = [item for item in items if item.criterion_id not in {d.criterion_id for d in agreed}]
        reasons = unfinished(todo, drafts, by) or in_the_way(agreed, at)
        if reasons:
            raise SeveralRefused(reasons)
        DraftStep.objects.filter(decision__in=drafts.values()).delete()
        # What was agreed before waits for these: they are scrutinised with it, and released with it.
        waiting = next((d.scrutiny_for for d in agreed if d.state == Decision.State.PENDING_SCRUTINY), "")
        for item in todo:
            _leave_draft(drafts[item.criterion_id], position, waiting, by, at)
        # A hold may have sent some decisions back while others wait for their first check.
        if position.needs or not all(has_agreed(decision) for decision in agreed) or waiting:
            hand_on(row, by=by, at=at)
        else:
            count_all(row, by=by, role="assessor", at=at)
    return row


def _leave_draft(decision: Decision, position: Position, waiting: str, by: User, at: datetime) -> None:
    """Writes on a decision what it needs before it counts. One that needs nothing goes on to count at once."""
    relied = list(EvidenceVersion.objects.filter(decisions=decision).only("pk", "kind").order_by("pk"))
    decision.needs_countersigning = position.countersigning
    decision.scrutiny_for = position.scrutiny_for or waiting
    decision.dual_role = position.dual_role
    decision.always_sample = position.always_sampled(relied)
    decision.decided_on = timezone.localtime(at).date()
    if decision.needs_countersigning or decision.scrutiny_for:
        kinds = Decision.State
        decision.state = kinds.PROVISIONAL if decision.needs_countersigning else kinds.PENDING_SCRUTINY
    decision.save()
    needs = ["countersign"] * decision.needs_countersigning + ["scrutiny"] * bool(decision.scrutiny_for)
    record_decision(
        decision, Action.DECISION_RELEASED, by, "assessor", at, outcome=decision.outcome, needs=needs,
        criterion=decision.criterion_id, submission=decision.submission_id, dual_role=decision.dual_role,
        versions=[version.pk for version in relied],
    )  # fmt: skip


def hand_on(submission: Submission, *, by: User, at: datetime) -> None:
    """Hands a submission's decisions on for their next second check; whoever may do it is told, or, where nobody is
    allocated who may, the people of the centre who can allocate somebody. Called with the registration locked."""
    if submission.handed_on_at is None:
        submission.handed_on_at = at
        submission.save(update_fields=["handed_on_at"])
    kind = waiting_for(submission)
    record(
        registration_stream(submission.registration_id), Action.HANDED_ON, by=by, role="assessor", at=at,
        subject=f"submission:{submission.pk}", changes={"for": kind},
    )  # fmt: skip
    found = who_may_check(submission, kind)
    learner = submission.registration.learner.name
    word = "countersign" if kind == "countersign" else "confirm"
    for user in found:
        tell(user, "second-check", f"There are decisions on {learner}’s work for you to {word}", at=at,
             url=reverse("assessment:checks"))  # fmt: skip
    for user in [] if found else _menders(submission):
        tell(user, "second-check", f"Decisions on {learner}’s work wait for a second assessor, and none is allocated",
             url=reverse("assessment:checks_waiting"), at=at)  # fmt: skip


def who_may_check(submission: Submission, kind: str) -> list[User]:
    """Everybody allocated to the learner who may do a second check of the submission's decisions today."""
    return [user for user in _second_assessors(submission) if why_not_check(user, submission, kind) is None]


def _second_assessors(submission: Submission) -> list[User]:
    rows = Allocation.objects.filter(in_force(), registration=submission.registration_id, role__in=CHECKERS)
    return list(User.objects.filter(pk__in=rows.values("user"), is_active=True).order_by("pk"))


def _menders(submission: Submission) -> list[User]:
    roles = Membership.objects.current().filter(
        organisation=submission.registration.centre_id, role__in=[Role.LEAD_IQA, Role.CENTRE_ADMINISTRATOR]
    )
    return list(User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("pk"))


def unfinished(items: list[SubmittedCriterion], decisions: dict[int, Decision], by: User) -> list[Refused]:
    """Every reason why a submission cannot be released yet, in the order of its criteria (rules 4, 6, 7, 21), each
    with the address of the criterion where it is mended. `items` need their criterion, its outcome and submission."""
    relied: dict[int, list[EvidenceVersion]] = {}
    rows = DecisionVersion.objects.filter(decision__in=decisions.values()).annotate(is_held=is_on_hold("version__"))
    rows = rows.select_related("version__judgement", "version__witness", "version__attestation", "version__tombstone")
    sound: dict[int, bool] = {}
    held: set[int] = set()
    for row in rows.defer("version__text", "version__ai_used").order_by("version_id"):
        relied.setdefault(row.decision_id, []).append(row.version)
        if hasattr(row.version, "judgement"):
            sound[row.version_id] = row.version.judgement.all_hold
        if row.is_held:
            held.add(row.version_id)
    reasons: list[Refused] = []
    for item in items:
        code, decision = item.criterion.code, decisions.get(item.criterion_id)
        if decision is not None and decision.decider_id != by.pk:
            found = [Refused("decision-held", f"{code} is being decided by {decision.decider.name}.")]
        elif decision is None or not decision.outcome:
            found = [Refused("rule-06-undecided", f"{code} has no decision yet.")]
        else:
            found = _faults(item, decision, relied.get(decision.pk, []), sound, held)
        for reason in found:
            reason.fix_url = f"{reverse('assessment:workspace', args=[item.submission.ref])}?criterion={code}"
        reasons += found
    return reasons


def _faults(item: SubmittedCriterion, decision: Decision, versions: list[EvidenceVersion], sound: dict[int, bool],
            held: set[int]) -> list[Refused]:  # fmt: skip
    code = item.criterion.code
    if any(version.pk in held for version in versions):
        return [on_hold(code)]
    found = why_unsound(code, decision, [sound.get(version.pk) for version in versions])
    no_feedback = why_no_feedback(code, decision)
    found += [no_feedback] if no_feedback else []
    if versions and decision.outcome == Decision.Outcome.ACHIEVED:
        found += why_not_achieved(item.criterion, versions)
    return found
