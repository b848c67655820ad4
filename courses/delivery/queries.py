"""What a learner, an authority and a centre read of progress. Never evidence (rule 35)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, LPad

from courses.framework.queries import criteria_beside
from lms.accounts.models import Role, User
from lms.audit.models import AuditEvent

from .models import (
    Allocation,
    Cohort,
    CriterionStatus,
    NumberMatch,
    Placement,
    Registration,
    StudyAnswer,
    StudyProgress,
)
from .visibility import in_force

Status = CriterionStatus.Status
NOT_STARTED, ON_THE_WAY, WAITING, CHANGES, ALL_ACHIEVED, STOPPED = (
    "not-started", "on-the-way", "waiting", "changes-needed", "all-achieved", "stopped"
)  # fmt: skip
HAPPENING = {
    CHANGES: "Changes needed",
    WAITING: "Waiting for the assessor",
    ON_THE_WAY: "On the way",
    NOT_STARTED: "Not started",
    ALL_ACHIEVED: "All achieved",
    STOPPED: "On a break or stopped",
}


def statuses_of(registration: Registration) -> list[CriterionStatus]:
    """How a learner stands on each criterion, in the framework's order, with criterion, outcome and section. One query:
    the framework itself is in memory."""
    rows = list(CriterionStatus.objects.filter(registration=registration))
    if not rows:
        return []
    criteria = criteria_beside(rows[0].criterion_id)
    for row in rows:
        row.criterion = criteria[row.criterion_id]
    return sorted(rows, key=lambda row: row.criterion.position)


@dataclass(frozen=True)
class StudyFigures:
    """How a learner's questions on one page stand: answered in full, of these right by the last answer, and tries."""

    answered: int
    right: int
    tries: int


def study_figures(registration: Registration) -> dict[int, StudyFigures]:
    """A learner's checks and scenarios by page. One query."""
    kinds = (StudyAnswer.Kind.CHECK, StudyAnswer.Kind.SCENARIO)
    rows = StudyAnswer.objects.filter(registration=registration, kind__in=kinds, done_at__isnull=False)
    grouped = rows.values_list("page_id").annotate(
        answered=Count("pk"), right=Count("pk", filter=Q(is_right=True)), total=Sum("tries")
    )
    return {page: StudyFigures(answered, right, tries) for page, answered, right, tries in grouped}


def cohorts_for(user: User) -> QuerySet[Any]:
    """The cohorts that the user may see, with how many trainees each has, how many criteria those have and achieved."""
    trainees = Registration.objects.filter(cohort=OuterRef("pk")).exclude(state=Registration.State.WITHDRAWN)
    number = trainees.order_by().values("cohort").annotate(n=Count("pk")).values("n")
    finished = trainees.filter(_all_achieved()).order_by().values("cohort").annotate(n=Count("pk")).values("n")
    return Cohort.objects.visible_to(user).select_related("centre", "local_authority", "qualification").annotate(
        trainees=Subquery(number), finished=Subquery(finished)
    )  # fmt: skip


def _having(*statuses: str) -> Exists:
    return Exists(CriterionStatus.objects.filter(registration=OuterRef("pk"), status__in=statuses))


def _all_achieved() -> Q:
    """Every criterion is achieved, or as many as rule 19 asks for."""
    complete = ["complete", "claimed", "awarded"]
    return Q(state__in=complete) | Q(_having(Status.ACHIEVED)) & ~Q(_having(*set(Status.values) - {Status.ACHIEVED}))


def trainees_of(cohort: Cohort) -> QuerySet[Any]:
    """The registrations of a cohort, each with `happening`: what is going on, as one of the keys of HAPPENING."""
    happening = Case(
        When(_all_achieved(), then=Value(ALL_ACHIEVED)),
        When(~Q(state__in=Registration.OPEN_STATES), then=Value(STOPPED)),
        When(_having(Status.REFERRED), then=Value(CHANGES)),
        When(_having(Status.SUBMITTED), then=Value(WAITING)),
        When(~Q(_having(*set(Status.values) - {Status.NOT_STARTED})), then=Value(NOT_STARTED)),
        default=Value(ON_THE_WAY), output_field=CharField(),
    )  # fmt: skip
    rows = Registration.objects.filter(cohort=cohort).exclude(state=Registration.State.WITHDRAWN)
    return rows.annotate(happening=happening)


def tally(rows: QuerySet[Any]) -> dict[str, int]:
    """How many trainees there are of each key of HAPPENING. One query."""
    return dict(rows.order_by().values("happening").annotate(n=Count("pk")).values_list("happening", "n"))


def with_people(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of a cohort's map: learner, settings and assessors today, and when the learner last did something."""
    # As lms.audit's stream_of names it.
    stream = Concat(Value("registration:"), LPad(Cast(OuterRef("pk"), CharField()), 12, Value("0")))
    acts = AuditEvent.objects.filter(stream__name=stream, actor=OuterRef("learner")).order_by("-sequence")
    study = StudyProgress.objects.filter(registration=OuterRef("pk")).order_by("-seen_at")
    placements = Placement.objects.filter(in_force()).select_related("setting").order_by("pk")
    assessors = Allocation.objects.filter(in_force(), role=Allocation.Role.ASSESSOR).select_related("user")
    return rows.select_related("learner").annotate(
        last_act=Subquery(acts.values("at")[:1]), last_study=Subquery(study.values("seen_at")[:1])
    ).prefetch_related(
        Prefetch("placements", placements, to_attr="settings_now"),
        Prefetch("allocations", assessors.order_by("starts_on", "pk"), to_attr="assessors_now"),
    )  # fmt: skip


@dataclass
class Cell:
    """A trainee's standing in one section."""

    code: str
    title: str
    achieved: int
    total: int

    @property
    def heat(self) -> int:
        """How dark the cell is: 0 for none, 4 for all, 1 to 3 for the thirds between."""
        if not self.achieved or not self.total:
            return 0
        return 4 if self.achieved == self.total else 1 + min(2, self.achieved * 3 // self.total)


@dataclass
class Row:
    """A trainee on the map: a registration of `with_people(trainees_of(...))` with its cells."""

    registration: Any
    cells: list[Cell]
    waiting: int
    referred: int
    drawn: str = ""

    @property
    def last_activity(self) -> datetime | None:
        """When the learner last studied or worked on their portfolio."""
        seen = [at for at in (self.registration.last_act, self.registration.last_study) if at]
        return max(seen) if seen else None

    @property
    def words(self) -> str:
        """What is happening, in words."""
        key = self.registration.happening
        if key == CHANGES:
            waits = f"; {self.waiting} with the assessor" if self.waiting else ""
            return f"Changes needed: {_criteria(self.referred)}{waits}"
        if key == WAITING:
            return f"Waiting for the assessor: {_criteria(self.waiting)}"
        if key == ALL_ACHIEVED and any(cell.achieved < cell.total for cell in self.cells):
            return "All that is needed is achieved"
        return self.registration.get_state_display() if key == STOPPED else HAPPENING[key]


def _criteria(number: int) -> str:
    return "1 criterion" if number == 1 else f"{number} criteria"


def heat_map(registrations: Iterable[Any]) -> list[Row]:
    """Trainee by section, from the kept statuses alone. One query for all of them."""
    rows = {registration.pk: Row(registration, [], 0, 0) for registration in registrations}
    found = (
        CriterionStatus.objects.filter(registration__in=rows)
        .values("registration_id", code=F("criterion__outcome__section__code"),
                title=F("criterion__outcome__section__title"), position=F("criterion__outcome__section__position"))
        .annotate(total=Count("pk"), achieved=Count("pk", filter=Q(status=Status.ACHIEVED)),
                  waiting=Count("pk", filter=Q(status=Status.SUBMITTED)),
                  referred=Count("pk", filter=Q(status=Status.REFERRED)))
        .order_by("registration_id", "position")
    )  # fmt: skip
    for one in found:
        row = rows[one["registration_id"]]
        row.cells.append(Cell(one["code"], one["title"], one["achieved"], one["total"]))
        row.waiting += one["waiting"]
        row.referred += one["referred"]
    return list(rows.values())


def open_matches(user: User, *, also_settled: bool = False) -> QuerySet[NumberMatch]:
    """The matching queue of the centres that the user administers (rule 40), oldest first. It says nothing of the
    other person who holds the number."""
    mine = Registration.objects.visible_to(user).filter(centre__in=user.organisations(Role.CENTRE_ADMINISTRATOR))
    rows = NumberMatch.objects.filter(registration__in=mine)
    if not also_settled:
        rows = rows.filter(settled_at__isnull=True)
    return rows.select_related("registration__learner", "registration__cohort").order_by("asked_at", "pk")


def filtered(rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    """The trainees that the filters leave: `q` (part of a name), `happening` (a key of HAPPENING)."""
    if "q" in chosen:
        rows = rows.filter(learner__name__icontains=chosen["q"])
    if "happening" in chosen:
        rows = rows.filter(happening=chosen["happening"])
    return rows
