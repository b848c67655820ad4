"""Who may be given to a learner in which role (rules 8, 9, 10, 11, 35), told to whoever allocates."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format

from assessment.models import DualRolePolicy
from courses.delivery.api import Allocation
from lms.accounts.api import Role
from lms.common.errors import Refused

from .competence import Standing

Part = Allocation.Role
Rule = DualRolePolicy.Rule
JUDGING = (Part.ASSESSOR, Part.SECOND_ASSESSOR, Part.IQA)
HELPING = (Part.SUPPORTER, Part.TUTOR, Part.MENTOR)
# Which roles somebody must hold to be allocated, and where: at the centre, the cohort's authority, a learner's setting.
HELD: dict[Part, dict[str, tuple[Role, ...]]] = {
    Part.ASSESSOR: {"centre": (Role.ASSESSOR,)},
    Part.SECOND_ASSESSOR: {"centre": (Role.ASSESSOR,)},
    Part.IQA: {"centre": (Role.IQA, Role.LEAD_IQA)},
    Part.SUPPORTER: {"centre": (Role.MENTOR,), "authority": (Role.AREA_SENCO, Role.MENTOR)},
    Part.TUTOR: {"centre": (Role.TUTOR,), "authority": (Role.AREA_SENCO,)},
    Part.MENTOR: {"centre": (Role.MENTOR,), "authority": (Role.MENTOR,), "setting": (Role.MENTOR,)},
}  # fmt: skip
# What somebody already is to a learner keeps them from these parts: nobody checks or assures their own decisions.
NOT_BESIDE = {
    Part.ASSESSOR: {Part.SECOND_ASSESSOR: "is this learner’s second assessor", Part.IQA: "quality-assures this "
                    "learner’s assessment"},
    Part.SECOND_ASSESSOR: {Part.ASSESSOR: "assesses this learner", Part.IQA: "quality-assures this learner’s "
                           "assessment"},
    Part.IQA: {Part.ASSESSOR: "assesses this learner", Part.SECOND_ASSESSOR: "is this learner’s second assessor"},
}  # fmt: skip


@dataclass(frozen=True)
class Ties:
    """How somebody stands to a learner in the days for which they might be allocated.

    `parts`: the roles they have towards the learner already; `dual_role`: the rule for them because they support or
    teach, "" when they do neither; `objection`: "" | open | upheld.
    """

    name: str
    is_learner: bool = False
    parts: frozenset[str] = frozenset()
    open_interest: bool = False
    stands_aside: bool = False
    unavoidable: bool = False
    works_here: bool = False
    employment_settled: bool = False
    supports: bool = False
    teaches: bool = False
    objection: str = ""
    dual_role: str = ""
    standing: Standing = field(default=Standing(True))

    @property
    def is_dual(self) -> bool:
        """Also supports or teaches the learner, by the records."""
        return self.supports or self.teaches


@dataclass(frozen=True)
class Load:
    """How much somebody has to do at the centre: learners in the role, open submissions, their limit, until when they
    are away, until when they are lent (None = no limit, not away, not lent)."""

    learners: int = 0
    waiting: int = 0
    limit: int | None = None
    away_until: date | None = None
    lent_until: date | None = None


def why_not_part(ties: Ties, part: str, *, needs: frozenset[str] = frozenset(), rule: str = "") -> Refused | None:
    """The plain reason why somebody cannot be given to a learner in a role; None when they can. `needs`: the second
    checks that the learner's decisions need; `rule`: what holds for an assessor with a dual role, whoever it is."""
    return _tie(ties, part) or _competence(ties, part, needs) or _dual(ties, part, needs, rule)


def _tie(ties: Ties, part: str) -> Refused | None:
    """Rule 8: the learner, somebody with an interest, somebody objected to; and nobody checks themselves."""
    name = ties.name
    if ties.is_learner:
        return Refused("rule-08-own-work", f"{name} is the learner.")
    if part in ties.parts:
        return Refused("allocation-held", f"{name} has this role for this learner already.")
    if part not in JUDGING:
        return None
    for other, words in NOT_BESIDE[Part(part)].items():
        if other in ties.parts:
            return Refused("rule-12-two-parts", f"{name} {words}.")
    if ties.open_interest:
        return Refused("rule-08-open-interest", f"{name} has declared a personal interest that is not resolved yet.")
    if ties.stands_aside:
        return Refused("rule-08-stands-aside", f"{name} stands aside because of a personal interest.")
    if ties.works_here and not (ties.employment_settled and part == Part.ASSESSOR):
        return Refused("rule-08-undeclared-interest", f"{name} works at a setting of this learner.")
    if ties.unavoidable and part != Part.ASSESSOR:
        return Refused("rule-09-interest", f"{name} has a personal interest in this result.")
    if ties.objection:
        state = "not decided yet" if ties.objection == "open" else "upheld"
        return Refused("rule-09-objection", f"The learner has objected to {name}: {state}.")
    return None


def _competence(ties: Ties, part: str, needs: frozenset[str]) -> Refused | None:
    """Rules 10 and 11: what an assessor may do on the day follows from their qualifications."""
    standing, name = ties.standing, ties.name
    if part == Part.ASSESSOR and standing.refusal is not None:
        until = standing.until
        reasons = {
            "rule-10-occupational": f"{name} has no proof of occupational competence for this level on record.",
            "rule-11-expired": f"The time of {name} to work towards an assessing qualification "
            f"{'ended on ' + date_format(until, 'j F Y') if until else 'has ended'}.",
        }
        other = f"{name} has no assessing qualification on record, neither held nor worked towards."
        return Refused(standing.refusal.code, reasons.get(standing.refusal.code, other))
    if part == Part.SECOND_ASSESSOR and "countersign" in needs and not standing.is_qualified:
        return Refused("rule-10-not-qualified", f"{name} holds no assessing qualification, and who countersigns must.")
    return None


def _dual(ties: Ties, part: str, needs: frozenset[str], rule: str) -> Refused | None:
    """Rule 9: nobody is brought into a dual role that the policy forbids, from either side."""
    name, does = ties.name, "supports" if ties.supports else "teaches"
    if part == Part.ASSESSOR and ties.is_dual and ties.dual_role == Rule.FORBID:
        return Refused("rule-09-forbidden", f"{name} {does} this learner, and the policy does not let the same person "
                       "assess.")  # fmt: skip
    if part == Part.SECOND_ASSESSOR and "scrutiny" in needs and ties.is_dual:
        return Refused("rule-09-dual-scrutineer", f"{name} {does} this learner, and who confirms the decisions must "
                       "not.")  # fmt: skip
    if part in HELPING and Part.ASSESSOR in ties.parts and rule == Rule.FORBID:
        return Refused("rule-09-forbidden", f"{name} assesses this learner, and the policy does not let the same "
                       "person support or teach.")  # fmt: skip
    return None


def why_no_room(name: str, load: Load, part: str) -> Refused | None:
    """An assessor is given no more learners than their limit at the centre."""
    if part != Part.ASSESSOR or load.limit is None or load.learners < load.limit:
        return None
    return Refused("allocation-limit", f"{name} has {load.learners} learner{'' if load.learners == 1 else 's'}, and "
                   f"the limit is {load.limit}.")  # fmt: skip


def what_follows(ties: Ties, part: str) -> list[str]:
    """What comes with somebody who may be allocated: a declaration, a second check, sampling."""
    if part != Part.ASSESSOR:
        return []
    found = []
    if not ties.standing.is_qualified:
        found.append("Not qualified yet: a second assessor countersigns." if ties.standing.is_countersigned
                     else "Not qualified yet.")  # fmt: skip
    if ties.is_dual:
        does = "Supports" if ties.supports else "Teaches"
        then = {Rule.SECOND_SCRUTINY: "a second assessor confirms each decision", Rule.ALWAYS_SAMPLED: "each decision "
                "is sampled", Rule.ALLOW: "the policy allows it"}.get(Rule(ties.dual_role))  # fmt: skip
        found.append(f"{does} this learner: {then}." if then else f"{does} this learner.")
    if ties.unavoidable:
        found.append("Has a personal interest that cannot be avoided: a second assessor confirms each decision.")
    return found


def checks_needed(ties: Ties) -> frozenset[str]:
    """Which second checks the decisions of an assessor need (rules 9 and 10), by the records."""
    found = set()
    if not ties.standing.is_qualified and ties.standing.is_countersigned:
        found.add("countersign")
    if ties.unavoidable or (ties.is_dual and ties.dual_role == Rule.SECOND_SCRUTINY):
        found.add("scrutiny")
    return frozenset(found)
