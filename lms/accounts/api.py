"""The door of the accounts room."""

from .homes import Home, register
from .memberships import MOST_LEARNERS, end_membership, grant_membership, set_limit
from .models import Membership, Organisation, Role, StaffCpd, StaffQualification, User
from .policies import AUTHORING_ROLES, is_staff_of, may_edit_content

__all__ = [
    "AUTHORING_ROLES",
    "MOST_LEARNERS",
    "Home",
    "Membership",
    "Organisation",
    "Role",
    "StaffCpd",
    "StaffQualification",
    "User",
    "end_membership",
    "grant_membership",
    "is_staff_of",
    "may_edit_content",
    "register",
    "set_limit",
]
