"""What an assessment plan says, how far it has got, what it leaves out, and what it puts next."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, TimeField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from assessment.models import AssessmentPlan, CalendarKey, PlannedAssessment
from assessment.progression import Progress, progress_of
from assessment.queries_next_steps import open_for
from courses.delivery.api import Allocation, CriterionStatus, Registration, allocated, in_force
from courses.framework.api import Criterion, Section
from lms.accounts.api import Role, User
from lms.common.errors import Refused

State, Status = AssessmentPlan.State, CriterionStatus.Status
NEXT_SHOWN = 5
IN_TIME = ("due_on", F("starts").asc(nulls_first=True), "pk")  # what is due on a day before the visits of that day
KEPT_IN_FEED = timedelta(days=90)  # what is further back has no use in a calendar


def in_force_number(registration: Any) -> Subquery:
    """The number of the plan in force: the highest that is agreed."""
    rows = AssessmentPlan.objects.filter(registration=registration, state=State.AGREED).order_by("-number")
    return Subquery(rows.values("number")[:1])


def latest_plan(registration: Registration) -> AssessmentPlan | None:
    """The revision with the highest number, whatever its state."""
    return AssessmentPlan.objects.filter(registration=registration).order_by("-number").first()


def lacks_of(plan: AssessmentPlan) -> list[Refused]:
    """What a draft lacks before the trainee can be asked, each with the page where it is mended."""
    lines = list(plan.lines.prefetch_related("criteria"))
    if not lines:
        return [Refused("plan-empty", "The plan has no line yet. Add at least one.", fix_url="#lines")]
    reasons = [reason for line in lines for reason in _lacks_of_line(plan, line)]
    revises = AssessmentPlan.objects.filter(registration=plan.registration_id, state=State.AGREED).exists()
    if revises and not plan.reason:
        reasons.append(Refused("plan-reason", "Say why the plan is revised.", fix_url="#id_reason"))
    return reasons


def _lacks_of_line(plan: AssessmentPlan, line: PlannedAssessment) -> list[Refused]:
    url = reverse("assessment:plan_line", args=[plan.registration.ref, line.ref])
    name = f"“{line.what}”" if line.what else "A line without words"
    asked = [
        ("what", not line.what, "does not say what is assessed", "id_what"),
        ("method", not line.method, "does not say by which method", "id_method"),
        ("criteria", not line.criteria.all(), "has no criterion", "id_q"),
        ("due", line.due_on is None, "has no date", "id_due_on_0"),
        ("time", line.is_visit and line.starts is None, "is a visit without a time", "id_starts"),
        ("place", line.is_visit and not line.place, "is a visit without a place", "id_place"),
    ]
    return [
        Refused(f"plan-line-{code}", f"{name} {words}.", fix_url=f"{url}#{where}")
        for code, missing, words, where in asked if missing
    ]  # fmt: skip


@dataclass
class PlanLine:
    """A line with how its criteria stand. `change`: new or changed, against the plan in force."""

    line: PlannedAssessment
    statuses: list[CriterionStatus]
    today: date
    change: str = ""

    @property
    def achieved(self) -> int:
        """How many of its criteria are achieved."""
        return sum(row.status == Status.ACHIEVED for row in self.statuses)

    @property
    def is_done(self) -> bool:
        """All of its criteria are achieved."""
        return bool(self.statuses) and self.achieved == len(self.statuses)

    @property
    def waits(self) -> bool:
        """Something of it is with the assessor, and the rest is achieved: the trainee has done their part."""
        done = (Status.ACHIEVED, Status.SUBMITTED, Status.ON_HOLD)
        return not self.is_done and bool(self.statuses) and all(row.status in done for row in self.statuses)

    @property
    def is_past(self) -> bool:
        """Its day is over."""
        return self.line.due_on is not None and self.line.due_on < self.today

    @property
    def is_late(self) -> bool:
        """Its day is over and the trainee still has something to do for it."""
        return self.is_past and not self.is_done and not self.waits

    @property
    def said(self) -> tuple[Any, ...]:
        """All that the line says, for comparing two revisions."""
        line = self.line
        return (line.what, line.method, line.due_on, line.is_visit, line.starts, line.minutes, line.place,
                [row.criterion_id for row in self.statuses])  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """Criteria of a section that are still needed and that no line of the plan covers."""

    section: Section
    items: list[str]  # codes; of a list of examples, how many of its items
    codes: list[str]

    @property
    def query(self) -> str:
        """The codes as the page of a new line takes them."""
        return ",".join(self.codes)


@dataclass
class Shown:
    """One revision as its page shows it."""

    plan: AssessmentPlan
    lines: list[PlanLine]
    gaps: list[Gap] = field(default_factory=list)
    removed: list[PlanLine] = field(default_factory=list)

    @property
    def uncovered(self) -> int:
        """How many criteria the gaps name."""
        return sum(len(gap.codes) for gap in self.gaps)

    @property
    def ahead(self) -> list[PlanLine]:
        """The lines that are not done."""
        return [row for row in self.lines if not row.is_done]

    @property
    def done(self) -> list[PlanLine]:
        """The lines of which everything is achieved."""
        return [row for row in self.lines if row.is_done]


@dataclass
class PlanPage:
    """All revisions of a learner's plan: the one in force, and the one being written or answered."""

    registration: Registration
    progress: Progress
    revisions: list[AssessmentPlan]  # newest first
    in_force: Shown | None
    open: Shown | None

    @property
    def latest(self) -> AssessmentPlan | None:
        """The newest revision, whatever its state."""
        return self.revisions[0] if self.revisions else None

    @property
    def sent_back(self) -> AssessmentPlan | None:
        """The newest revision, when it was sent back and nobody has revised it yet."""
        return self.latest if self.latest and self.latest.state == State.SENT_BACK else None

    @property
    def earlier(self) -> list[AssessmentPlan]:
        """Revisions that are neither in force nor open, newest first."""
        shown = {part.plan.pk for part in (self.in_force, self.open) if part}
        return [plan for plan in self.revisions if plan.pk not in shown]


def plan_page(registration: Registration, *, today: date, at: datetime, drafts: bool) -> PlanPage:
    """A learner's plan with its progress, in five queries, whatever it holds. `drafts`: for an assessor, who sees what
    is being written; the learner sees a revision from when they are asked about it."""
    rows = AssessmentPlan.objects.filter(registration=registration).select_related("written_by")
    if not drafts:
        rows = rows.exclude(state=State.DRAFT)
    revisions = list(rows.order_by("-number"))
    agreed = next((plan for plan in revisions if plan.state == State.AGREED), None)
    opened = next((plan for plan in revisions if plan.state in (State.DRAFT, State.PROPOSED)), None)
    progress = progress_of(registration, at=at)
    shown = _shown([plan for plan in (agreed, opened) if plan], progress, today)
    page = PlanPage(registration, progress, revisions, shown.get(agreed), shown.get(opened))
    if page.open and page.in_force:
        _compare(page.open, page.in_force)
    return page


def revision(registration: Registration, number: int, *, today: date, at: datetime, drafts: bool) -> Shown | None:
    """One revision; None when there is none with this number for this reader."""
    rows = AssessmentPlan.objects.filter(registration=registration, number=number).select_related("written_by")
    plan = rows.first()
    if plan is None or (plan.state == State.DRAFT and not drafts):
        return None
    return _shown([plan], progress_of(registration, at=at), today)[plan]


def _shown(plans: list[AssessmentPlan], progress: Progress, today: date) -> dict[AssessmentPlan | None, Shown]:
    statuses = {row.criterion_id: row for section in progress.sections for row in section.statuses}
    found: dict[AssessmentPlan | None, Shown] = {plan: Shown(plan, []) for plan in plans}
    by_id = {plan.pk: found[plan] for plan in plans}
    ids = Prefetch("criteria", Criterion.objects.only("pk").order_by("position"))
    for line in PlannedAssessment.objects.filter(plan__in=plans).prefetch_related(ids):
        ticked = [statuses[criterion.pk] for criterion in line.criteria.all() if criterion.pk in statuses]
        by_id[line.plan_id].lines.append(PlanLine(line, ticked, today))
    for shown in by_id.values():
        shown.gaps = gaps_of(progress, {row.criterion_id for part in shown.lines for row in part.statuses})
    return found


def _compare(new: Shown, old: Shown) -> None:
    before = {row.line.ref: row for row in old.lines}
    for row in new.lines:
        same = before.pop(row.line.ref, None)
        row.change = "new" if same is None else "" if same.said == row.said else "changed"
    new.removed = list(before.values())


def gaps_of(progress: Progress, covered: Collection[int]) -> list[Gap]:
    """What is still needed and covered by no line, by section. Of a list of examples as many items as the awarding
    organisation's minimum still asks for (rule 19)."""
    gaps = []
    for section in progress.sections:
        items, codes = [], []
        for outcome in section.outcomes:
            open_ones = [row for row in outcome.statuses if row.status != Status.ACHIEVED]
            left = [row for row in open_ones if row.criterion_id not in covered]
            short = outcome.needed - (len(outcome.statuses) - len(left))
            if short <= 0:
                continue
            names = [row.criterion.code for row in left]
            codes += names
            items += names if short == len(left) else [f"{short} more of {outcome.outcome.code}"]
        if items:
            gaps.append(Gap(section.section, items, codes))
    return gaps


# -- what is next ----------------------------------------------------------------------------------------------------


def with_visitor(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Lines with the assessor whom the learner meets: the one who wrote the plan or, when they assess the learner no
    longer, the one allocated longest (`visitor_id`, `visitor`)."""
    assessors = Allocation.objects.filter(
        in_force(), registration=OuterRef("plan__registration"), role=Allocation.Role.ASSESSOR
    )
    writer, any_of_them = assessors.filter(user=OuterRef("plan__written_by")), assessors.order_by("starts_on", "pk")
    return rows.annotate(
        visitor_id=Coalesce(Subquery(writer.values("user")[:1]), Subquery(any_of_them.values("user")[:1])),
        visitor=Coalesce(Subquery(writer.values("user__name")[:1]), Subquery(any_of_them.values("user__name")[:1])),
    )


def lines_in_force() -> QuerySet[Any]:
    """The lines of the plans in force."""
    return PlannedAssessment.objects.filter(
        plan__state=State.AGREED, plan__number=in_force_number(OuterRef("plan__registration"))
    )


def next_visits(user: User, *, today: date) -> list[Any]:
    """The next visits that an assessor makes to the learners whom they assess today, soonest first. One query."""
    rows = lines_in_force().filter(
        allocated(user, Allocation.Role.ASSESSOR, registration="plan__registration"), is_visit=True, due_on__gte=today,
        plan__registration__state__in=Registration.OPEN_STATES,
    )  # fmt: skip
    rows = with_visitor(rows).filter(visitor_id=user.pk).select_related("plan__registration__learner")
    return list(rows.order_by(*IN_TIME)[:NEXT_SHOWN])


@dataclass(frozen=True)
class Coming:
    """One thing that a learner's home says of what is planned. `kind`: proposed (they are asked to agree plan
    `number`, which `who` wrote), agreed (a line of the plan in force, a visit by `who` when it has a place), or step
    (a next step after feedback on submission `number`)."""

    kind: str
    text: str
    day: date | None
    starts: time | None
    place: str
    is_visit: bool
    number: int
    who: str


@dataclass(frozen=True)
class NextPlanned:
    """What a learner's home says of their plan and of what was agreed after feedback."""

    asked: Coming | None = None
    next: Coming | None = None
    visit: Coming | None = None
    steps: list[Coming] = field(default_factory=list)


def next_planned(registration: Registration, *, today: date) -> NextPlanned:
    """What the learner is asked; what comes first in the plan in force: a visit that has not been, or a line of which
    something is still to be submitted; the next visit; and the next steps that are not done. One query: a home can
    afford no more."""
    ticks = PlannedAssessment.criteria.through.objects.filter(plannedassessment=OuterRef("pk"))
    standing = CriterionStatus.objects.filter(registration=registration, criterion=OuterRef("criterion"))
    to_do = Exists(ticks.filter(Exists(standing.exclude(status__in=(Status.ACHIEVED, Status.SUBMITTED)))))
    agreed = Q(plan__state=State.AGREED, plan__number=in_force_number(registration), due_on__isnull=False)
    agreed &= Q(is_visit=True, due_on__gte=today) | Q(to_do, is_visit=False)
    lines = PlannedAssessment.objects.filter(agreed | Q(plan__state=State.PROPOSED), plan__registration=registration)
    who = Case(When(plan__state=State.PROPOSED, then=F("plan__written_by__name")), default=F("visitor"))
    names = ("kind", "said", "day", "at", "where", "visit", "number", "who")
    planned = with_visitor(lines).annotate(
        kind=F("plan__state"), said=F("what"), day=F("due_on"), at=F("starts"), where=F("place"), visit=F("is_visit"),
        number=F("plan__number"), who=Coalesce(who, Value("")),
    )  # fmt: skip
    steps = open_for(registration).order_by().annotate(
        kind=Value("step"), said=F("text"), day=F("due_on"), at=Cast(Value(None), TimeField()), where=Value(""),
        visit=Value(False), number=F("submission__number"), who=F("written_by__name"),
    )  # fmt: skip
    union = planned.order_by().values_list(*names).union(steps.values_list(*names), all=True)
    found = sorted((Coming(*row) for row in union), key=lambda row: (row.day or date.max, row.starts or time.min))
    return NextPlanned(
        next((row for row in found if row.kind == State.PROPOSED), None),
        next((row for row in found if row.kind == State.AGREED), None),
        next((row for row in found if row.kind == State.AGREED and row.is_visit), None),
        [row for row in found if row.kind == "step"],
    )


# -- calendars -------------------------------------------------------------------------------------------------------


def planned_for_learner(registrations: Iterable[Registration]) -> QuerySet[Any]:
    """The lines of these registrations' plans in force, each with whom the learner meets. One query."""
    rows = lines_in_force().filter(plan__registration__in=registrations).select_related("plan__registration__learner")
    return with_visitor(rows).order_by(*IN_TIME)


def planned_for_calendar(user: User, *, today: date) -> list[Any]:
    """What a person's calendar holds: the plans in force of their own registrations, and of the learners whose visits
    are theirs. One query."""
    rows = lines_in_force().filter(due_on__gte=today - KEPT_IN_FEED)
    mine = Q(plan__registration__learner=user) & ~Q(plan__registration__state=Registration.State.WITHDRAWN)
    if user.has_role(Role.ASSESSOR):
        theirs = Q(allocated(user, Allocation.Role.ASSESSOR, registration="plan__registration"))
        mine |= theirs & Q(visitor_id=user.pk, plan__registration__state__in=Registration.OPEN_STATES)
    rows = with_visitor(rows).filter(mine).select_related("plan__registration__learner")
    return list(rows.order_by(*IN_TIME))


def calendar_key_of(user: User) -> CalendarKey | None:
    """The person's secret address, if they have made one."""
    return CalendarKey.objects.filter(user=user).first()


def with_plan(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Registrations with the state of the newest revision of their plan (`plan_state`) and the number of the plan in
    force (`plan_number`)."""
    plans = AssessmentPlan.objects.filter(registration=OuterRef("pk")).order_by("-number")
    return rows.annotate(plan_state=Subquery(plans.values("state")[:1]), plan_number=in_force_number(OuterRef("pk")))
