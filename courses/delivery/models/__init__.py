"""Delivering a qualification: cohorts, registrations, who is allocated to whom, and how far each learner is."""

from .activities import ActivityAttempt, ActivityState, ActivityStatement
from .people import Absence, Allocation, Placement, SettingSupport
from .progress import CriterionStatus, StudyProgress
from .protection import AccessGrant, Hold, SafeguardingConcern, SafeguardingNote
from .registering import Cohort, LearnerNumber, NumberMatch, Registration
from .studying import Bookmark, StudyAnswer, StudyNote, TutorDraft

__all__ = [
    "Absence",
    "AccessGrant",
    "ActivityAttempt",
    "ActivityState",
    "ActivityStatement",
    "Allocation",
    "Bookmark",
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
    "StudyAnswer",
    "StudyNote",
    "StudyProgress",
    "TutorDraft",
]
