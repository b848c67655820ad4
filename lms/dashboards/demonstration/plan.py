"""The assessment plans of the demonstration: agreed, revised, waiting for an answer, sent back, and a draft."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import uuid4

from assessment.domain.plan import Line, agree_plan, begin_plan, propose_plan, save_line, send_back_plan
from assessment.models import AssessmentPlan
from courses.delivery.api import Registration
from courses.framework.api import Criterion
from lms.accounts.api import User
from portfolio.kinds import Kind

from .clock import day, moment

Act = tuple[datetime, Callable[[], object]]


@dataclass(frozen=True)
class Row:
    """A line of a plan: `due` days ago (negative: to come); a visit has a time. "1.7" means all items of 1.7."""

    what: str
    method: Kind
    codes: tuple[str, ...]
    due: int
    at: time | None = None
    minutes: int | None = None


VISITED = Row("Leading a review meeting with a family", Kind.OBSERVATION, ("1.8", "1.9", "1.11"), 9, time(15, 30), 45)
START = (
    Row("Explaining what SEN are and the four areas of need", Kind.WRITTEN_ANSWER, ("1.1", "1.2", "1.3"), 52),
    Row("One child through assess, plan, do and review", Kind.CASE_STUDY, ("1.7", "1.10", "1.12", "1.13", "1.14"), 24),
    VISITED,
    Row("Progress, EAL and duties to disabled children", Kind.WRITTEN_ANSWER, ("1.4", "1.5", "1.6"), -4),
    Row("The role of the SENCO in our setting", Kind.REFLECTIVE_ACCOUNT, ("2.1", "2.2", "2.6", "2.7"), -9),
    Row("Skills check, plan and CPD log", Kind.SKILLS_CHECK, ("2.3", "2.4", "2.5"), -24),
)  # fmt: skip
LATER = (
    Row("Talking about how you support colleagues", Kind.PROFESSIONAL_DISCUSSION, ("3.1", "3.2"), -13, time(14), 60),
    Row("Working with the authority and other agencies", Kind.WORK_PRODUCT, ("4.1", "4.2", "4.4", "4.5"), -62),
    Row("Moving on to school, and funding", Kind.CASE_STUDY, ("4.3", "4.6", "4.7", "4.8"), -90),
)
AGAIN = Row("The support plan with clear outcomes, once more", Kind.WORK_PRODUCT, ("1.12",), -10)
AFTER = "After the feedback on the review meeting: 1.12 needs one more piece, and we add the visits of next term."
COMMENT = (
    "We have our fire safety visit on the day of the observation. Could we meet a week later? I would also like more "
    "time for the case study, because the family is away until the holidays end."
)
# Who has a plan at which stage; all the others have none yet.
STAGES = {
    "Priya Nair": "revised", "Hana Suzuki": "proposed", "Beth Lowry": "draft", "Dilys Parry": "sent back",
    "Chloe Rust": "agreed", "Esi Asante": "agreed", "Gwen Tate": "proposed", "Joanne Whitlock": "agreed",
}  # fmt: skip


def plans(registration: Registration, assessor: User, place: str, criteria: dict[str, Criterion]) -> list[Act]:
    """What happened around one trainee's plan, each act with its own time."""
    stage = STAGES.get(registration.learner.name)
    if stage is None:
        return []
    write = partial(_write, registration, assessor, place, criteria)
    if stage == "draft":
        return [(moment(3, 16), partial(write, START[:2], 3))]
    ago = 70 if stage in ("revised", "agreed") else 5
    rows = START if stage == "revised" else START + LATER[:1]
    acts: list[Act] = [
        (moment(ago, 16), partial(write, rows, ago)),
        (moment(ago, 17), partial(_propose, registration, assessor, moment(ago, 17), "")),
    ]
    if stage in ("revised", "agreed"):
        acts.append((moment(ago - 1, 20), partial(_agree, registration, moment(ago - 1, 20))))
    if stage == "sent back":
        acts.append((moment(ago - 2, 20), partial(_send_back, registration, moment(ago - 2, 20))))
    if stage == "revised":
        acts += [
            (moment(2, 17), partial(write, (*LATER, AGAIN), 2)),
            (moment(2, 17, 30), partial(_take_out, registration, assessor, criteria["1.12"], moment(2, 17, 30))),
            (moment(2, 18), partial(_propose, registration, assessor, moment(2, 18), AFTER)),
            (moment(1, 20), partial(_agree, registration, moment(1, 20))),
        ]
    return acts


def _write(registration: Registration, by: User, place: str, criteria: dict[str, Criterion], rows: tuple[Row, ...],
           ago: int) -> None:  # fmt: skip
    at = moment(ago, 16)
    plan = begin_plan(registration, by=by, at=at)
    for row in rows:
        chosen = frozenset(
            criterion.pk for code, criterion in criteria.items()
            if code in row.codes or code.rsplit(".", 1)[0] in row.codes
        )  # fmt: skip
        line = Line(
            row.what, row.method, chosen, _working_day(row.due), row.at is not None, row.at, row.minutes,
            place if row.at else "",
        )  # fmt: skip
        save_line(plan, uuid4(), line, by=by, at=at)


def _take_out(registration: Registration, by: User, criterion: Criterion, at: datetime) -> None:
    """A criterion that has a line of its own now leaves the line that it stood in."""
    plan = _latest(registration)
    for row in plan.lines.filter(criteria=criterion).exclude(what=AGAIN.what).prefetch_related("criteria"):
        line = Line.of(row)
        save_line(plan, row.ref, replace(line, criteria=line.criteria - {criterion.pk}), by=by, at=at)


def _working_day(ago: int) -> date:
    """The day, or the Monday after a weekend; of a day that has been, the Friday before."""
    on = day(ago)
    if on.weekday() < 5:
        return on
    return on - timedelta(days=on.weekday() - 4) if ago > 0 else on + timedelta(days=7 - on.weekday())


def _latest(registration: Registration) -> AssessmentPlan:
    return registration.plans.order_by("-number")[0]


def _propose(registration: Registration, by: User, at: datetime, reason: str) -> None:
    propose_plan(_latest(registration), reason=reason, by=by, at=at)


def _agree(registration: Registration, at: datetime) -> None:
    agree_plan(_latest(registration), by=registration.learner, at=at)


def _send_back(registration: Registration, at: datetime) -> None:
    send_back_plan(_latest(registration), COMMENT, by=registration.learner, at=at)
