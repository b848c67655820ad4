"""Raw statements against what a trainee was asked to agree: assessment plans, their lines and criteria."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils import timezone

from assessment.domain.plan import Line
from assessment.models import AssessmentPlan
from lms.common import triggers
from tests.assessment.planning import agreed, drafted, line, proposed
from tests.factories import criterion
from tests.helpers import lifted, run_sql

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]
NOW = timezone.now()
PLAN, LINE, TICKS = "assessment_assessmentplan", "assessment_plannedassessment", "assessment_plannedassessment_criteria"


def _agreed(s: "State") -> AssessmentPlan:
    return agreed(s.world.registration, line("1.1"), by=s.world.assessor)


def _proposed(s: "State") -> AssessmentPlan:
    return proposed(s.world.registration, line("1.1"), by=s.world.assessor)


def _proposing(s: "State", *lines: Line) -> Sql:
    plan = drafted(s.world.registration, *lines, by=s.world.assessor)
    return (f"UPDATE {PLAN} SET state = 'proposed', proposed_at = %s WHERE id = %s", NOW, plan.pk)


def _inserted(s: "State", state: str) -> Sql:
    return (f"INSERT INTO {PLAN} (ref, registration_id, number, state, reason, written_by_id, written_at, answered_at, "
            "comment) VALUES (%s, %s, 9, %s, '', %s, %s, %s, '')", uuid4().hex, s.world.registration.pk, state,
            s.world.assessor.pk, NOW, NOW)  # fmt: skip


def _line_added(s: "State", plan: AssessmentPlan) -> Sql:
    return (f"INSERT INTO {LINE} (plan_id, ref, method, what, is_visit, place) VALUES (%s, %s, '', 'x', FALSE, '')",
            plan.pk, uuid4().hex)  # fmt: skip


def _ticks(sql: str, plan: AssessmentPlan, *values: Any) -> Sql:
    return (sql, *values, plan.lines.get().pk)


PLANS: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "plan: one that begins as agreed": ("begins as a draft", lambda s: _inserted(s, "agreed")),
    "plan: agreed without asking": (
        "after the trainee was asked",
        lambda s: (f"UPDATE {PLAN} SET state = 'agreed', answered_at = %s WHERE id = %s", NOW,
                   drafted(s.world.registration, line("1.1"), by=s.world.assessor).pk)),
    "plan: proposed without a line": ("Each line", lambda s: _proposing(s)),
    "plan: proposed without a date": ("Each line", lambda s: _proposing(s, line("1.1", due_on=None))),
    "plan: proposed without criteria": ("Each line", lambda s: _proposing(s, line())),
    "plan: proposed with a visit without a time": (
        "Each line", lambda s: _proposing(s, Line(**{**vars(line("1.1", visit=True)), "starts": None}))),
    "plan: proposed with a visit without a place": (
        "Each line", lambda s: _proposing(s, Line(**{**vars(line("1.1", visit=True)), "place": ""}))),
    "plan: an agreed one changed": (
        "stays as it is", lambda s: (f"UPDATE {PLAN} SET reason = 'x' WHERE id = %s", _agreed(s).pk)),
    "plan: an agreed one made a draft again": (
        "stays as it is", lambda s: (f"UPDATE {PLAN} SET state = 'draft' WHERE id = %s", _agreed(s).pk)),
    "plan: a proposed one changed": (
        "stays as it is", lambda s: (f"UPDATE {PLAN} SET reason = 'x' WHERE id = %s", _proposed(s).pk)),
    "plan: a proposed one changed as it is agreed": (
        "stays as it is",
        lambda s: (f"UPDATE {PLAN} SET state = 'agreed', answered_at = %s, written_by_id = %s WHERE id = %s", NOW,
                   s.world.second_assessor.pk, _proposed(s).pk)),
    "plan: a line of an agreed one changed": (
        "stays as it is", lambda s: (f"UPDATE {LINE} SET what = 'x' WHERE plan_id = %s", _agreed(s).pk)),
    "plan: a line of a draft put into an agreed one": (
        "stays as it is",
        lambda s: (f"UPDATE {LINE} SET plan_id = %s WHERE plan_id = %s", _agreed(s).pk,
                   drafted(s.world.registration, line("1.3"), by=s.world.assessor).pk)),
    "plan: a line added to a proposed one": ("stays as it is", lambda s: _line_added(s, _proposed(s))),
    "plan: a criterion taken out of an agreed one": (
        "stays as it is", lambda s: _ticks(f"DELETE FROM {TICKS} WHERE plannedassessment_id = %s", _agreed(s))),
    "plan: a criterion of an agreed one changed": (
        "stays as it is",
        lambda s: _ticks(f"UPDATE {TICKS} SET criterion_id = %s WHERE plannedassessment_id = %s", _agreed(s),
                         criterion("1.3").pk)),
    "plan: a criterion added to an agreed one": (
        "stays as it is",
        lambda s: _ticks(f"INSERT INTO {TICKS} (criterion_id, plannedassessment_id) VALUES (%s, %s)", _agreed(s),
                         criterion("1.3").pk)),
    "plan: an agreed one without lines deleted": (
        "stays as it is", lambda s: (f"DELETE FROM {PLAN} WHERE id = %s", _emptied(s).pk)),
    "plan: a line of an agreed one deleted": (
        "stays as it is", lambda s: (f"DELETE FROM {LINE} WHERE plan_id = %s", _emptied(s, line_stays=True).pk)),
}  # fmt: skip


def _emptied(s: "State", *, line_stays: bool = False) -> AssessmentPlan:
    """An agreed plan that nothing points at any more, which only lifted triggers make."""
    plan = _agreed(s)
    with lifted() if triggers.installed() else nullcontext():
        run_sql(f"DELETE FROM {TICKS} WHERE plannedassessment_id = %s", plan.lines.get().pk)
        if not line_stays:
            run_sql(f"DELETE FROM {LINE} WHERE plan_id = %s", plan.pk)
    return plan
