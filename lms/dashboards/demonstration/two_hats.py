"""The Area SENCO's two hats: whom Ruth Mensah supports, what she declares, what the policy says, who objects."""

from assessment.domain.dual_role import ASKED, declare_dual_role, set_dual_role_policy
from assessment.domain.object import object_to
from assessment.models import DualRolePolicy
from courses.delivery.api import Allocation, Registration, allocate, record_support
from lms.accounts.api import Organisation, User
from lms.notices.api import Notice

from .clock import day, moment
from .people import TRAINEES
from .stories import COHORT_BEGAN

SUPPORTED = ("quince", "tannery", "harebell", "cobblers", "forge", "marlpit", "hall")
# What she tells those whom she also supports, and who has yet to hear from her.
DETAILS = {
    "Chloe Rust": "I visit Cobblers Green once a term. On those visits I do not talk about your portfolio.",
    "Imelda Cruz": "I run the drop-in that your nursery comes to.",
    "Magda Nowak": "I helped your nursery with two referrals this year. I will not use what I know of them when I "
    "assess you.",
    "Sunita Patel": "I visit Quince Tree twice a year and know your manager from that.",
}
UNDECLARED = "Siobhan Dunne"
OBJECTS, REASON = "Zoe Hartley", (
    "Marcus was my room leader at another nursery and we did not part well. I would feel better with somebody who does "
    "not know me."
)  # fmt: skip


def support(organisations: dict[str, Organisation], people: dict[str, User]) -> None:
    """The authority records which settings Ruth supports."""
    record_support(
        organisations["authority"], [organisations[key] for key in SUPPORTED], people["ruth"],
        starts_on=day(COHORT_BEGAN + 20), by=people["authority"], at=moment(COHORT_BEGAN + 20, 15),
    )  # fmt: skip


def declare(registration: Registration, ruth: User) -> None:
    """She declares for a trainee of hers, on the day she is allocated; for one she has not done it yet."""
    name, at = registration.learner.name, moment(COHORT_BEGAN, 10)
    if name != UNDECLARED:
        declare_dual_role(registration, [], DETAILS.get(name, ""), by=ruth, at=at)
        Notice.objects.filter(user=ruth, kind=ASKED).update(created_at=at)  # she was asked, and did it


def two_hats(registrations: dict[str, Registration], organisations: dict[str, Organisation],
             people: dict[str, User]) -> None:  # fmt: skip
    """The awarding organisation's policy, the authority's stricter one since some days, who confirms Ruth's decisions,
    and a trainee who objects to her assessor."""
    rules, tiers = DualRolePolicy.Rule, DualRolePolicy.Tier
    for tier, rule, award in (
        (tiers.INTERMEDIATE, rules.SECOND_SCRUTINY, True),
        (tiers.FOUNDATION, rules.ALLOW, False),
    ):
        set_dual_role_policy(organisations["awarding"], tier, rule, national_award=award, by=people["awarding"],
                             at=moment(COHORT_BEGAN + 60, 11))  # fmt: skip
    set_dual_role_policy(organisations["authority"], tiers.FOUNDATION, rules.SECOND_SCRUTINY, national_award=False,
                         by=people["authority"], at=moment(1, 16))  # fmt: skip
    for trainee in TRAINEES:
        if trainee.assessor == "ruth" and trainee.name in DETAILS:
            allocate(registrations[trainee.name], people["dana"], Allocation.Role.SECOND_ASSESSOR, starts_on=day(1),
                     by=people["admin"], at=moment(1, 17))  # fmt: skip
    about = registrations[OBJECTS]
    assessor = next(trainee.assessor for trainee in TRAINEES if trainee.name == OBJECTS)
    object_to(about, people[assessor], REASON, by=about.learner, at=moment(2, 20))
