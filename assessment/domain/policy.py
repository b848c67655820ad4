"""An awarding organisation sets how its qualifications are assessed (domain.md: "AO setting")."""

from datetime import datetime
from typing import Any

from assessment.policies.owners import may_set_assessment_policy
from courses.framework.api import AssessmentPolicy, Qualification, set_policy
from lms.accounts.api import User
from lms.common.errors import Refused

SETTINGS = ("attempt_limit", "decision_days", "countersigning", "working_towards_months", "occupational_competence")
MOST = {"attempt_limit": 20, "decision_days": 365, "working_towards_months": 120}


def set_assessment_policy(qualification: Qualification, *, by: User, at: datetime, **values: Any) -> AssessmentPolicy:
    """Sets some of SETTINGS for a qualification from now on; earlier rows are the history. Work that is decided
    already stays as it is. Refused for anybody but an administrator of the awarding organisation, and for a number
    below 1 or above MOST (None = no limit, where there may be none)."""
    if not may_set_assessment_policy(by, qualification.awarding_organisation_id):
        raise Refused("policy-right", "Only the awarding organisation’s administrators set this.")
    if set(values) - set(SETTINGS):
        raise TypeError(f"This sets {', '.join(SETTINGS)} only.")
    for name, most in MOST.items():
        number = values.get(name, 1)
        if (number is None and name == "decision_days") or (number is not None and not 1 <= number <= most):
            raise Refused("policy-number", f"Give a whole number from 1 to {most}.")
    return set_policy(qualification, by=by, at=at, **values)
