"""The door of the delivery room."""

from .current import current_registration, registrations_of
from .domain.absence import end_absence, record_absence
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
from .domain.safeguarding import close_concern, note_concern, raise_concern, read_concern
from .domain.status import set_counts
from .domain.study import finish_page, open_page, remember_place
from .domain.support import end_support, record_support, set_role_title
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
from .policies import (
    is_allocated_to,
    is_learner_of,
    may_allocate,
    may_grant_attempts,
    may_settle_numbers,
    works_with_learner,
)
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
    "close_concern",
    "current_registration",
    "end_absence",
    "end_access",
    "end_allocation",
    "end_support",
    "finish_page",
    "give_number",
    "grant_access",
    "in_force",
    "is_allocated_to",
    "is_learner_of",
    "lock_registration",
    "may_allocate",
    "may_grant_attempts",
    "may_settle_numbers",
    "note_concern",
    "on_allocation",
    "open_page",
    "raise_concern",
    "read_concern",
    "record_absence",
    "record_support",
    "register_learner",
    "registration_stream",
    "registrations_of",
    "remember_place",
    "set_counts",
    "set_evidence_limit",
    "set_role_title",
    "set_state",
    "settle_match",
    "statuses_of",
    "works_with_learner",
]
