"""The door of the delivery room."""

from .current import current_registration, registrations_of
from .domain.access import end_access, grant_access
from .domain.centre import set_evidence_limit
from .domain.number import give_number, settle_match
from .domain.register import (
    allocate,
    end_allocation,
    lock_registration,
    on_allocation,
    register_learner,
    registration_stream,
    set_state,
)
from .domain.status import set_counts
from .domain.study import finish_page, open_page, remember_place
from .models import (
    Absence,
    AccessGrant,
    Allocation,
    Cohort,
    CriterionStatus,
    Hold,
    LearnerNumber,
    NumberMatch,
    Placement,
    Registration,
    SafeguardingConcern,
    SafeguardingNote,
    SettingSupport,
    StudyProgress,
)
from .policies import is_allocated_to, is_learner_of, may_grant_attempts, may_settle_numbers, works_with_learner
from .queries import statuses_of
from .visibility import allocated, in_force

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
    "allocate",
    "allocated",
    "current_registration",
    "end_access",
    "end_allocation",
    "finish_page",
    "give_number",
    "grant_access",
    "in_force",
    "is_allocated_to",
    "is_learner_of",
    "lock_registration",
    "may_grant_attempts",
    "may_settle_numbers",
    "on_allocation",
    "open_page",
    "register_learner",
    "registration_stream",
    "registrations_of",
    "remember_place",
    "set_counts",
    "set_evidence_limit",
    "set_state",
    "settle_match",
    "statuses_of",
    "works_with_learner",
]
