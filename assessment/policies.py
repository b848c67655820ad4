"""Who may decide what (rules 6-8), each a business fact with its plain reason."""

from courses.delivery.api import Allocation, Registration, is_allocated_to, works_with_learner
from courses.framework.api import Criterion
from lms.accounts.api import Role, User
from lms.common.errors import Refused
from portfolio.api import EvidenceVersion
from portfolio.kinds import Kind
from portfolio.policies import practice_needed, shows_practice

from .models import InterestDeclaration


def has_open_interest(user: User, registration: Registration) -> bool:
    """Rule 8: has declared a personal interest that nobody has resolved."""
    return InterestDeclaration.objects.filter(user=user, registration=registration, resolved_at__isnull=True).exists()


def why_not_decide(user: User, registration: Registration) -> Refused | None:
    """The reason why somebody may not judge or decide for a learner today; None when they may (rules 6, 8, 35)."""
    if registration.learner_id == user.pk:
        return Refused("rule-08-own-work", "This is your own work. Another assessor must decide it.")
    if not is_allocated_to(user, registration, Allocation.Role.ASSESSOR):
        return Refused("rule-06-not-allocated", "You are not this learner's assessor now.")
    if not user.has_role(Role.ASSESSOR):
        return Refused("rule-06-no-role", "You do not hold an assessor's role now. Ask your centre.")
    if has_open_interest(user, registration):
        return Refused("rule-08-open-interest", "You have declared a personal interest in this learner's result. You "
                       "cannot decide until your lead internal quality assurer has resolved it.")  # fmt: skip
    if works_with_learner(user, registration):
        return Refused("rule-08-undeclared-interest", "Your records show that you work at this learner's setting. "
                       "Declare your interest: another assessor must decide.")  # fmt: skip
    return None


def check_no_interest(user: User, registration: Registration) -> None:
    """Rule 8: somebody with an open personal interest records and attests nothing for the learner. Raises Refused."""
    if has_open_interest(user, registration):
        raise Refused("rule-08-open-interest", "You have declared a personal interest in this trainee’s result. "
                      "Another assessor must do this.")  # fmt: skip


def check_may_decide(user: User, registration: Registration) -> None:
    """Raises the reason why the user may not judge or decide for the learner (rules 6, 8, 35)."""
    refusal = why_not_decide(user, registration)
    if refusal:
        raise refusal


def why_not_achieved(criterion: Criterion, versions: list[EvidenceVersion]) -> list[Refused]:
    """Why a criterion cannot be achieved on these versions, whatever they say: a document in the setting that no
    assessor has seen, or a skill without evidence of practice (rules 6, 21, 22). Needs the criterion's outcome, and
    the versions' witness and attestation."""
    code, outcome = criterion.code, criterion.outcome
    reasons = [
        Refused("rule-06-not-seen", f"{code} rests on “{version.title}”, which is held in the setting. Record that you "
                "have seen it there first.")
        for version in versions if version.kind == Kind.HELD_IN_SETTING and not version.is_seen
    ]  # fmt: skip
    if outcome.kind == "skill" and not any(shows_practice(version, outcome, as_if_seen=True) for version in versions):
        also = ""
        if any(version.kind == Kind.WITNESS_TESTIMONY for version in versions):
            also = " The testimony here is not by an expert witness, so it is not enough alone."
        reasons.append(Refused("rule-21-practice", f"{code} is a skill. {practice_needed(outcome)}{also}"))
    return reasons
