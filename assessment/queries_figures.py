"""Figures of assessment: how long it takes, what is overdue, how much is sent back. Always seven queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate, TruncMonth

from assessment.models import Decision, DualRolePolicy, SecondCheck
from courses.delivery.api import Cohort, Registration
from lms.accounts.api import User
from portfolio.api import Submission

FEW = 10  # decisions below which a rate says little
AGES = ((7, "Up to 7 days"), (14, "8 to 14 days"), (28, "15 to 28 days"), (None, "More than 28 days"))


@dataclass
class Group:
    """The figures of one assessor, cohort or month. `days`: how many submissions took how many days."""

    name: str
    achieved: int = 0
    referred: int = 0
    in_time: int = 0
    open: int = 0
    overdue: int = 0
    days: Counter[int] = field(default_factory=Counter)

    @property
    def decisions(self) -> int:
        """Decisions that came to count in the period."""
        return self.achieved + self.referred

    @property
    def submissions(self) -> int:
        """Submissions released in the period."""
        return self.days.total()

    @property
    def referral_rate(self) -> float | None:
        """The share of decisions that ask for changes, in percent; None without decisions."""
        return 100 * self.referred / self.decisions if self.decisions else None

    @property
    def is_few(self) -> bool:
        """Too few decisions to compare with others."""
        return self.decisions < FEW

    @property
    def median(self) -> int | None:
        """Days from submitting to release that half of the submissions took at most."""
        return percentile(self.days, 50)

    @property
    def ninth(self) -> int | None:
        """Days that nine in ten took at most."""
        return percentile(self.days, 90)

    @property
    def in_time_rate(self) -> float | None:
        """The share of submissions released by their due date, in percent."""
        return 100 * self.in_time / self.submissions if self.submissions else None


def percentile(days: Counter[int], share: int) -> int | None:
    """The smallest number of days that at least `share` percent of the counted took at most; None for none."""
    wanted, seen = days.total() * share, 0
    for value in sorted(days):
        seen += days[value] * 100
        if seen >= wanted:
            return value
    return None


@dataclass
class Figures:
    """What the dashboard shows of a period."""

    all: Group
    assessors: list[Group]
    cohorts: list[Group]
    months: list[Group]
    ages: list[tuple[str, int]]
    being_checked: int
    checks: list[tuple[str, int, int]]  # kind, agreed, not agreed
    dual_roles: list[tuple[str, int]]


def figures(registrations: QuerySet[Registration], begins: date, ends: date, *, today: date,
            assessor: int | None = None) -> Figures:  # fmt: skip
    """The figures of some learners between two days, both counted in; of one assessor's work only, if named."""
    scope = {"registration__in": registrations.order_by().values("pk")}
    decisions = Decision.objects.filter(**scope, released_at__date__gte=begins, released_at__date__lte=ends)
    submissions = Submission.objects.filter(**scope)
    checks = SecondCheck.objects.filter(
        decision__registration__in=scope["registration__in"], checked_on__gte=begins, checked_on__lte=ends
    )
    if assessor is not None:
        decisions = decisions.filter(decider=assessor)
        submissions = submissions.filter(assessor=assessor)
        checks = checks.filter(decision__decider=assessor)
    tally = _Tally()
    tally.decisions(decisions)
    tally.releases(submissions.filter(released_at__date__gte=begins, released_at__date__lte=ends))
    ages, being_checked = tally.waiting(submissions.waiting(), today)
    return Figures(
        tally.all, tally.named(tally.assessors, User.objects.all()), tally.named(tally.cohorts, Cohort.objects.all()),
        tally.by_month(begins, ends), ages, being_checked, _checks(checks), _dual_roles(decisions),
    )  # fmt: skip


class _Tally:
    """Adds rows up by assessor, cohort and month."""

    def __init__(self) -> None:
        self.all = Group("All")
        self.assessors: defaultdict[Any, Group] = defaultdict(lambda: Group(""))
        self.cohorts: defaultdict[Any, Group] = defaultdict(lambda: Group(""))
        self.months: defaultdict[Any, Group] = defaultdict(lambda: Group(""))

    def groups(self, assessor: int, cohort: int | None, month: date | None = None) -> list[Group]:
        """Where a row is counted."""
        return [self.all, self.assessors[assessor], self.cohorts[cohort]] + ([self.months[month]] if month else [])

    def decisions(self, rows: QuerySet[Decision]) -> None:
        """Counts decisions by outcome."""
        found = rows.order_by().values_list(
            "decider", "registration__cohort", TruncMonth("released_at"), "outcome"
        ).annotate(n=Count("pk"))  # fmt: skip
        for decider, cohort, month, outcome, n in found:
            for group in self.groups(decider, cohort, month.date().replace(day=1)):
                setattr(group, outcome, getattr(group, outcome) + n)

    def releases(self, rows: QuerySet[Submission]) -> None:
        """Counts released submissions by how many days they took, and whether they were in time."""
        found = rows.order_by().values_list(
            "assessor", "registration__cohort", TruncDate("submitted_at"), TruncDate("released_at"), "due_on"
        ).annotate(n=Count("pk"))  # fmt: skip
        for assessor, cohort, submitted, released, due, n in found:
            for group in self.groups(assessor, cohort, released.replace(day=1)):
                group.days[(released - submitted).days] += n
                group.in_time += n * (released <= due)

    def waiting(self, rows: QuerySet[Submission], today: date) -> tuple[list[tuple[str, int]], int]:
        """Counts what is open now; returns it by age, and how much of it waits for a second assessor."""
        ages, being_checked = Counter[str](), 0
        found = rows.order_by().annotate(sent_on=TruncDate("submitted_at")).values_list(
            "assessor", "registration__cohort", "sent_on", "due_on"
        ).annotate(n=Count("pk"), handed_on=Count("handed_on_at"))  # fmt: skip
        for assessor, cohort, submitted, due, n, handed_on in found:
            for group in self.groups(assessor, cohort):
                group.open += n
                group.overdue += n * (due < today)
            old = (today - submitted).days
            ages[next(words for most, words in AGES if most is None or old <= most)] += n
            being_checked += handed_on
        return [(words, ages[words]) for _, words in AGES], being_checked

    @staticmethod
    def named(groups: dict[Any, Group], rows: QuerySet[Any]) -> list[Group]:
        """The groups with their names, by name; without a cohort last."""
        names = dict(rows.filter(pk__in=[pk for pk in groups if pk is not None]).values_list("pk", "name"))
        for pk, group in groups.items():
            group.name = names.get(pk, "No cohort")
        return sorted(groups.values(), key=lambda group: (group.name == "No cohort", group.name))

    def by_month(self, begins: date, ends: date) -> list[Group]:
        """A group for each month of the period, also where nothing happened; the last twelve."""
        found: list[Group] = []
        month = ends.replace(day=1)
        while month >= begins.replace(day=1) and len(found) < 12:
            self.months[month].name = f"{month:%b} {month:%Y}" if month.month == 1 or not found else f"{month:%b}"
            found.append(self.months[month])
            month = (month - timedelta(days=1)).replace(day=1)
        return found[::-1]


def _checks(rows: QuerySet[SecondCheck]) -> list[tuple[str, int, int]]:
    found = Counter[tuple[str, bool]]()
    for kind, agrees, n in rows.order_by().values_list("kind", "agrees").annotate(n=Count("pk")):
        found[kind, agrees] = n
    return [(str(kind.label), found[kind, True], found[kind, False]) for kind in SecondCheck.Kind]


def _dual_roles(rows: QuerySet[Decision]) -> list[tuple[str, int]]:
    found = Counter[str]()
    for rule, n in rows.exclude(dual_role="").order_by().values_list("dual_role").annotate(n=Count("pk")):
        found[rule] = n
    return [(str(rule.label), found[rule.value]) for rule in DualRolePolicy.Rule if found[rule.value]]


HEADER = ("Name", "Decisions", "Achieved", "Changes needed", "Changes needed, %", "Submissions released",
          "Median days", "Nine in ten within, days", "Released in time, %", "Open now", "Overdue now")  # fmt: skip


def cells(groups: Iterable[Group]) -> list[list[Any]]:
    """The groups as rows of a file."""
    return [
        [group.name, group.decisions, group.achieved, group.referred, _rounded(group.referral_rate), group.submissions,
         group.median, group.ninth, _rounded(group.in_time_rate), group.open, group.overdue]
        for group in groups
    ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
