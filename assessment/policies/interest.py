"""Who stands too near to decide: personal interest (rule 8), dual role and objection (rule 9)."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from assessment.models import Decision, DualRolePolicy
from courses.delivery.api import Registration
from courses.framework.api import PathwayLevel
from lms.accounts.api import StaffQualification, User
from lms.common.errors import Refused

from .facts import Facts

Rule, Tier = DualRolePolicy.Rule, DualRolePolicy.Tier
# What the pathway's survey says of an Area SENCO who assesses, as a rule until an awarding organisation sets one.
DEFAULTS = {"permitted": Rule.ALLOW, "permitted_if_policy": Rule.FORBID, "not_permitted": Rule.FORBID}


def why_interest_stops(facts: Facts) -> Refused | None:
    """Rule 8: nobody decides their own work, nor with an undeclared or unresolved personal interest in the result."""
    if facts.is_learner:
        return Refused("rule-08-own-work", "This is your own work. Another assessor must decide it.")
    if facts.open_interest:
        return Refused("rule-08-open-interest", "You have declared a personal interest in this learner's result. You "
                       "cannot decide until your lead internal quality assurer has resolved it.")  # fmt: skip
    if facts.stands_aside:
        return Refused("rule-08-stands-aside", "Because of your personal interest another assessor decides for this "
                       "learner.")  # fmt: skip
    if facts.works_here and not facts.employment_settled:
        return Refused("rule-08-undeclared-interest", "Your records show that you work at this learner's setting. "
                       "Declare your interest: another assessor must decide.")  # fmt: skip
    return None


def why_objection_stops(facts: Facts) -> Refused | None:
    """Rule 9: while a learner's objection to an assessor is open, or once it is upheld, that person decides nothing."""
    if facts.objection == "open":
        return Refused("rule-09-objection", "The learner has objected to you as their assessor. Your lead internal "
                       "quality assurer decides about it; until then you cannot.")  # fmt: skip
    if facts.objection:
        return Refused("rule-09-objection", "The learner's objection to you as their assessor was upheld. Another "
                       "assessor decides.")  # fmt: skip
    return None


def strictest(rules: Iterable[str]) -> str:
    """The strictest of some rules on dual roles; forbid, if there is none."""
    return min(rules, key=DualRolePolicy.STRICTEST_FIRST.index, default=Rule.FORBID)


def dual_role_rule(registration: Registration, *, at: datetime | None = None) -> tuple[str, bool]:
    """What holds for a learner's assessor with a dual role (rule 9), and whether the National Award is asked for too:
    for each tier of the level the awarding organisation's rule, or the pathway's default; an authority may only be
    stricter. Three queries at most."""
    qualification = registration.qualification
    level = PathwayLevel.objects.filter(sector=qualification.sector, level=qualification.level).first()
    if level is None:
        return Rule.FORBID, False
    authority = registration.cohort.local_authority_id if registration.cohort else None
    rows = DualRolePolicy.objects.filter(
        organisation__in=[qualification.awarding_organisation_id, authority], tier__in=level.tiers,
        in_force_from__lte=at or timezone.now(),
    ).order_by("in_force_from", "pk")  # fmt: skip
    newest: dict[tuple[int | None, str], DualRolePolicy] = {(row.organisation_id, row.tier): row for row in rows}
    found = []
    for tier in level.tiers:
        of_ao = newest.get((qualification.awarding_organisation_id, tier))
        found.append(of_ao.rule if of_ao else DEFAULTS[level.area_senco_assessor[tier]])
        if (authority, tier) in newest:
            found.append(newest[authority, tier].rule)
    return strictest(found), any(row.national_award for row in newest.values())


def rule_for(user: User, facts: Facts, registration: Registration, *, at: datetime) -> str:
    """The rule on dual roles that holds for somebody towards a learner; "" without a dual role."""
    if not facts.is_dual:
        return ""
    rule, award = dual_role_rule(registration, at=at)
    kind = StaffQualification.Kind.NATIONAL_AWARD
    day = timezone.localtime(at).date()
    if award and not any(q.kind == kind and q.holds_on(day) for q in user.qualifications_held):
        return Rule.FORBID
    return rule


def why_dual_role_stops(facts: Facts, rule: str) -> Refused | None:
    """Rule 9: a dual role is declared first, and must not be forbidden. `rule`: what `rule_for` says."""
    if facts.must_declare:
        return Refused("rule-09-undeclared", "Declare first whether you also support, teach or manage this learner's "
                       "work. You do this once for each learner, and again every year.")  # fmt: skip
    if rule == Rule.FORBID:
        return Refused("rule-09-forbidden", "You also support, teach or manage this learner. The policy for this "
                       "qualification does not let the same person assess: another assessor must decide.")  # fmt: skip
    return None


def scrutiny_of(facts: Facts, rule: str) -> str:
    """Rule 9: why somebody else must confirm the decisions of this person; "" when nobody must."""
    if facts.unavoidable:
        return Decision.Scrutiny.INTEREST
    return Decision.Scrutiny.DUAL_ROLE if rule == Rule.SECOND_SCRUTINY else ""
