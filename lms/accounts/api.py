"""The door of the accounts room."""

from .homes import Home, register
from .memberships import end_membership, grant_membership
from .models import Membership, Organisation, Role, StaffCpd, StaffQualification, User
from .policies import is_staff_of, may_edit_content

__all__ = [
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
]
