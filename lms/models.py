"""Every table of the `lms` app, gathered for Django. The rooms own them."""

from lms.accounts.models import Membership, Organisation, StaffCpd, StaffQualification, User
from lms.audit.models import AuditEvent, AuditStream
from lms.common.models import Job, OnceToken
from lms.notices.models import Delivery, Notice

__all__ = [
    "AuditEvent",
    "AuditStream",
    "Delivery",
    "Job",
    "Membership",
    "Notice",
    "OnceToken",
    "Organisation",
    "StaffCpd",
    "StaffQualification",
    "User",
]
