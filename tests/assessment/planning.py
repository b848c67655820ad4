"""Assessment plans for tests."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from assessment.domain.plan import Line, agree_plan, begin_plan, propose_plan, remove_line, save_line
from assessment.models import AssessmentPlan
from courses.delivery.api import Registration
from lms.accounts.api import User
from portfolio.kinds import Kind
from tests.factories import criterion

NOT_GIVEN: Any = object()


def line(*codes: str, what: str = "Something to show", visit: bool = False, due_on: date | None = NOT_GIVEN) -> Line:
    """A line that lacks nothing, due in two weeks; a visit, at 14:00 "Here"."""
    if due_on is NOT_GIVEN:
        due_on = timezone.localdate() + timedelta(days=14)
    criteria = frozenset(criterion(code).pk for code in codes)
    if not visit:
        return Line(what, Kind.WORK_PRODUCT, criteria, due_on)
    return Line(what, Kind.OBSERVATION, criteria, due_on, True, time(14), 45, "Here")


def drafted(registration: Registration, *lines: Line, by: User) -> AssessmentPlan:
    """A draft with exactly these lines."""
    at = timezone.now()
    plan = begin_plan(registration, by=by, at=at)
    for row in plan.lines.all():
        remove_line(plan, row.ref, by=by, at=at)
    for each in lines:
        save_line(plan, uuid4(), each, by=by, at=at)
    return plan


def proposed(registration: Registration, *lines: Line, by: User, reason: str = "") -> AssessmentPlan:
    """A plan that waits for the learner."""
    plan = drafted(registration, *lines, by=by)
    propose_plan(plan, reason=reason, by=by, at=timezone.now())
    return plan


def agreed(registration: Registration, *lines: Line, by: User, reason: str = "") -> AssessmentPlan:
    """A plan in force."""
    plan = proposed(registration, *lines, by=by, reason=reason)
    agree_plan(plan, by=registration.learner, at=timezone.now())
    return plan
