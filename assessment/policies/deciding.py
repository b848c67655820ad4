"""Who may decide for a learner, and what their decisions still need before they count (rules 6-11)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from assessment.models import Decision, DualRolePolicy, SecondCheck
from courses.delivery.api import Registration
from lms.accounts.api import User
from lms.common.errors import Refused
from portfolio.kinds import Kind
from portfolio.models import EvidenceVersion, Submission

from .competence import needs_countersigning, standing_of
from .facts import Facts, facts_of
from .interest import rule_for, scrutiny_of, why_dual_role_stops, why_interest_stops, why_objection_stops

CHECKED_STATES = {SecondCheck.Kind.COUNTERSIGN: Decision.State.PROVISIONAL,
                  SecondCheck.Kind.SCRUTINY: Decision.State.PENDING_SCRUTINY}  # fmt: skip


def why_not_allocated(facts: Facts) -> Refused | None:
    """Rules 6 and 35: a learner's work is decided by an assessor who is allocated to them and still holds the role."""
    if not facts.is_assessor:
        return Refused("rule-06-not-allocated", "You are not this learner's assessor now.")
    if not facts.has_role:
        return Refused("rule-06-no-role", "You do not hold an assessor's role now. Ask your centre.")
    return None


@dataclass(frozen=True)
class Position:
    """Somebody's position towards a learner's work at a time: why they may not decide (None when they may), and what
    their decisions need then: countersigning (rule 10), scrutiny and the rule on dual roles (rule 9)."""

    refusal: Refused | None
    facts: Facts
    countersigning: bool = False
    scrutiny_for: str = ""
    dual_role: str = ""

    @property
    def needs(self) -> list[str]:
        """The second checks that decisions need before they count, in their order."""
        kinds = SecondCheck.Kind
        found = [kinds.COUNTERSIGN] * self.countersigning + [kinds.SCRUTINY] * bool(self.scrutiny_for)
        return [kind.value for kind in found]

    def always_sampled(self, versions: list[EvidenceVersion]) -> bool:
        """Rules 9 and 24: quality assurance looks at a decision on these versions whatever else it picks."""
        is_prior = any(version.kind == Kind.CERTIFICATE for version in versions)
        return is_prior or self.dual_role == DualRolePolicy.Rule.ALWAYS_SAMPLED


def position_of(user: User, registration: Registration, *, at: datetime | None = None) -> Position:
    """Reads somebody's position towards a learner's work (rules 6, 8-11, 35)."""
    at = at or timezone.now()
    facts = facts_of(user, registration)
    refusal = (why_interest_stops(facts) if facts.is_learner else None) or why_not_allocated(facts)
    refusal = refusal or why_interest_stops(facts) or why_objection_stops(facts)
    if refusal:
        return Position(refusal, facts)
    rule = rule_for(user, facts, registration, at=at)
    standing = standing_of(user, registration.qualification, timezone.localtime(at).date())
    refusal = why_dual_role_stops(facts, rule) or standing.refusal
    return Position(refusal, facts, needs_countersigning(standing), scrutiny_of(facts, rule), rule)


def why_not_decide(user: User, registration: Registration, *, at: datetime | None = None) -> Refused | None:
    """The reason why somebody may not judge or decide for a learner; None when they may (rules 6, 8-11, 35)."""
    return position_of(user, registration, at=at).refusal


def check_may_decide(user: User, registration: Registration, *, at: datetime | None = None) -> Position:
    """Somebody's position, when they may judge and decide for the learner; raises the reason why not otherwise."""
    position = position_of(user, registration, at=at)
    if position.refusal:
        raise position.refusal
    return position


def check_no_interest(user: User, registration: Registration) -> None:
    """Rule 8: somebody with an open personal interest records and attests nothing for the learner. Raises Refused."""
    facts = facts_of(user, registration)
    if facts.open_interest or facts.stands_aside:
        raise Refused("rule-08-open-interest", "You have declared a personal interest in this trainee’s result. "
                      "Another assessor must do this.")  # fmt: skip


def waiting_for(submission: Submission) -> str:
    """Which second check a handed-on submission waits for; "" when for none. Countersigning comes first."""
    if not submission.is_being_checked:
        return ""
    rows = submission.decisions.filter(state__in=CHECKED_STATES.values()).prefetch_related("checks")
    left = {row.state for row in rows if not has_agreed(row)}
    return next((kind.value for kind, state in CHECKED_STATES.items() if state in left), "")


def has_agreed(decision: Decision) -> bool:
    """A second assessor has agreed to the decision as it stands, provisional or pending scrutiny. Needs its checks."""
    return any(c.agrees and CHECKED_STATES[SecondCheck.Kind(c.kind)] == decision.state for c in decision.checks.all())


def why_not_check(user: User, submission: Submission, kind: str, *, on: date | None = None) -> Refused | None:
    """The reason why somebody may not countersign or scrutinise a submission's decisions; None when they may.

    Both: allocated to the learner as an assessor or second assessor, holding the role, not who decided, without any
    interest in the result. Countersigning: qualified on the day (rule 10). Scrutiny: no dual role either (rule 9).
    """
    registration, day = submission.registration, on or timezone.localdate()
    facts = facts_of(user, registration)
    if facts.is_learner:
        return Refused("rule-08-own-work", "This is your own work.")
    if not (facts.is_assessor or facts.is_second) or not facts.has_role:
        return Refused("rule-09-not-allocated", "You are not a second assessor of this learner now.")
    if submission.decisions.filter(decider=user, state__in=CHECKED_STATES.values()).exists():
        return Refused("rule-10-own-decision", "You made these decisions. Another assessor must check them.")
    if facts.open_interest or facts.stands_aside or facts.unavoidable or facts.works_here:
        return Refused("rule-09-interest", "You have a personal interest in this result. Another assessor must check "
                       "these decisions.")  # fmt: skip
    objection = why_objection_stops(facts)
    if objection:
        return objection
    if kind == SecondCheck.Kind.COUNTERSIGN and not standing_of(user, registration.qualification, day).is_qualified:
        return Refused("rule-10-not-qualified", "A qualified assessor countersigns. Your centre has no proof of an "
                       "assessing qualification that you hold today.")  # fmt: skip
    if kind == SecondCheck.Kind.SCRUTINY and facts.is_dual:
        return Refused("rule-09-dual-scrutineer", "You also support, teach or manage this learner. Somebody without "
                       "such a role confirms these decisions.")  # fmt: skip
    return None
