"""Homes that delivery opens, for the header."""

from content.models.local import authorities_of
from lms.accounts.api import Role, register

from .visibility import AUTHORITY_ROLES

register(10, "learn", "My learning", "learn", lambda user: user.is_learner)
register(20, "portfolio", "Portfolio", "portfolio:grid", lambda user: user.is_learner)
register(30, "pathway", "Pathway", "assessment:pathway", lambda user: user.is_learner)
register(40, "assess", "Queue", "assessment:queue", lambda user: user.has_role(Role.ASSESSOR))
register(45, "learners", "Trainees", "assessment:learners", lambda user: user.has_role(Role.ASSESSOR))
register(47, "drafts", "Drafts", "tutor:drafts", lambda user: user.has_role(Role.TUTOR))
register(50, "quality", "Quality", "assessment:quality", lambda user: user.has_role(Role.IQA, Role.LEAD_IQA))
register(60, "reviews", "Reviews", "assessment:reviews", lambda user: user.has_role(Role.EQA))
register(70, "cohorts", "Cohorts", "delivery:cohorts",
         lambda user: user.has_role(*AUTHORITY_ROLES, Role.CENTRE_ADMINISTRATOR, Role.LEAD_IQA))  # fmt: skip
register(72, "local", "Local information", "local:information",
         lambda user: bool(authorities_of(user)) and not user.has_role(*AUTHORITY_ROLES))  # fmt: skip
register(80, "holds", "On hold", "assessment:holds", lambda user: user.has_role(Role.DATA_PROTECTION))
register(85, "safeguarding", "Safeguarding", "safeguarding:concerns",
         lambda user: user.has_role(Role.SAFEGUARDING_LEAD))  # fmt: skip
