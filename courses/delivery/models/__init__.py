"""Delivering a qualification: cohorts, registrations, who is allocated to whom, and how far each learner is."""

from .people import Absence, Allocation, Placement, SettingSupport
from .progress import CriterionStatus, StudyProgress
from .protection import AccessGrant, Hold, SafeguardingConcern, SafeguardingNote
from .registering import Cohort, LearnerNumber, NumberMatch, Registration

__all__ = [
    "Absence",
    "AccessGrant",
    "Allocation",
    "Cohort",
    "CriterionStatus",
    "Hold",
    "LearnerNumber",
    "NumberMatch",
    "Placement",
    "Registration",
    "SafeguardingConcern",
    "SafeguardingNote",
    "SettingSupport",
    "StudyProgress",
]
