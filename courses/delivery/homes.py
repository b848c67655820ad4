"""Homes that delivery opens, for the header."""

from lms.accounts.api import Role, User, register

from .current import IS_LEARNER
from .visibility import AUTHORITY_ROLES


def is_learner(user: User) -> bool:
    """Has a registration. Remembered for the request: the header asks several times."""
    if not hasattr(user, IS_LEARNER):
        setattr(user, IS_LEARNER, user.registrations.exclude(state="withdrawn").exists())
    return getattr(user, IS_LEARNER)


register(10, "learn", "My learning", "learn", is_learner)
register(20, "portfolio", "Portfolio", "portfolio:grid", is_learner)
register(30, "pathway", "Pathway", "assessment:pathway", is_learner)
register(40, "assess", "Queue", "assessment:queue", lambda user: user.has_role(Role.ASSESSOR))
register(50, "quality", "Quality", "assessment:quality", lambda user: user.has_role(Role.IQA, Role.LEAD_IQA))
register(60, "reviews", "Reviews", "assessment:reviews", lambda user: user.has_role(Role.EQA))
register(70, "cohorts", "Cohorts", "delivery:cohorts",
         lambda user: user.has_role(*AUTHORITY_ROLES, Role.CENTRE_ADMINISTRATOR, Role.LEAD_IQA))  # fmt: skip
