"""What the pages on a learner's own skills, plan and CPD read. Constant numbers of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from statistics import mean

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from courses.delivery.api import Registration
from courses.framework.api import Criterion, Outcome, Section
from lms.accounts.api import User

from .models import CpdEntry, DevelopmentGoal, SkillsCheck, SkillsRating
from .queries import OutcomeOf, by_section, criteria_of
from .visibility import OwnRecordsQuerySet

GAP = 2  # rated this low or lower, an outcome is a gap
FEWEST_GAPS = 5  # so many of the lowest are always shown, unless they are at the top already
TOP = 5
Ratings = dict[int, SkillsRating]


@dataclass
class SectionOutcomes:
    """A section of the framework with its outcomes, in order."""

    section: Section
    outcomes: list[OutcomeOf]


def outcomes_by_section(registration: Registration) -> list[SectionOutcomes]:
    """What a skills check asks about: every outcome of the qualification's framework, by section, from memory."""
    return [SectionOutcomes(part.section, part.rows) for part in by_section(criteria_of(registration))]


def outcomes_of(registration: Registration) -> dict[int, Outcome]:
    """The same outcomes by id, in order."""
    rows = chain.from_iterable(part.outcomes for part in outcomes_by_section(registration))
    return {row.outcome.pk: row.outcome for row in rows}


def own_development(registration: Registration) -> list[Criterion]:
    """The criteria that a learner's own records show (2.3-2.5 of the DfE's list; rule 21)."""
    return [row for row in criteria_of(registration) if row.outcome.about_own_development]


def checks_of(registration: Registration, user: User) -> list[SkillsCheck]:
    """A learner's skills checks, the first one first. One query."""
    return list(SkillsCheck.objects.visible_to(user).filter(registration=registration).order_by("number"))


def finished(checks: Iterable[SkillsCheck]) -> list[SkillsCheck]:
    """Those that are finished."""
    return [check for check in checks if check.finished_at]


def ratings_of(*checks: SkillsCheck) -> dict[int, Ratings]:
    """The ratings of skills checks: by check id, then by outcome id. One query."""
    found: dict[int, Ratings] = {check.pk: {} for check in checks}
    for rating in SkillsRating.objects.filter(check_of__in=found):
        found[rating.check_of_id][rating.outcome_id] = rating
    return found


def is_rated(rating: SkillsRating | None) -> bool:
    """Both questions are answered."""
    return rating is not None and rating.confidence is not None and rating.competence is not None


@dataclass
class Rated:
    """One outcome in a finished check and, when two are compared, in the earlier one."""

    outcome: Outcome
    after: SkillsRating
    before: SkillsRating | None = None

    @property
    def lowest(self) -> int:
        """The lower of the two answers."""
        return min(self.after.confidence or 1, self.after.competence or 1)

    @property
    def total(self) -> int:
        """Both answers together, by which outcomes are put in order."""
        return _total(self.after)

    @property
    def change(self) -> int:
        """By how much both answers together went up (or down) since the earlier check."""
        return _total(self.after) - _total(self.before) if self.before else 0

    @property
    def lines(self) -> list[dict]:
        """Both questions with the answers then and now: asked, before, after and their words."""
        return [
            {"asked": asked, "name": name, "before": getattr(self.before, name, None),
             "after": getattr(self.after, name), "words": str(words(getattr(self.after, name)).label),
             "words_before": str(words(getattr(self.before, name)).label) if self.before else ""}
            for name, asked, words in (("confidence", "How sure you feel", SkillsRating.Confidence),
                                       ("competence", "How well you can do it", SkillsRating.Competence))
        ]  # fmt: skip


def _total(rating: SkillsRating) -> int:
    return (rating.confidence or 0) + (rating.competence or 0)


@dataclass
class SectionRated:
    """A section with its outcomes as rated."""

    section: Section
    rows: list[Rated]

    def average(self, name: str, when: str) -> float | None:
        """The mean of one question's answers, then ("before") or now ("after"); None when there is no earlier one."""
        answers = [getattr(getattr(row, when), name) for row in self.rows if getattr(row, when) is not None]
        return round(mean(answers), 1) if answers else None


@dataclass
class Result:
    """A finished skills check, compared with an earlier one if there is one."""

    check: SkillsCheck
    earlier: SkillsCheck | None
    sections: list[SectionRated] = field(default_factory=list)

    @cached_property
    def rows(self) -> list[Rated]:
        """Every outcome, in the framework's order."""
        return list(chain.from_iterable(part.rows for part in self.sections))

    @cached_property
    def gaps(self) -> list[Rated]:
        """What to work on, the lowest first: rated 2 or lower, and in any case the five lowest that are not at the
        top already."""
        lowest = sorted(self.rows, key=lambda row: (row.lowest, row.total))
        low = [row for row in lowest if row.lowest <= GAP]
        return low if len(low) >= FEWEST_GAPS else [row for row in lowest if row.lowest < TOP][:FEWEST_GAPS]

    @cached_property
    def went_up(self) -> list[Rated]:
        """What is rated higher than in the earlier check, the largest step first."""
        return sorted((row for row in self.rows if row.change > 0), key=lambda row: -row.change)

    @cached_property
    def went_down(self) -> list[Rated]:
        """What is rated lower."""
        return sorted((row for row in self.rows if row.change < 0), key=lambda row: row.change)


def result_of(registration: Registration, checks: list[SkillsCheck], *, first: int | None = None,
              last: int | None = None) -> Result | None:  # fmt: skip
    """What the finished ones of these checks say: the latest against the first, or those whose numbers are given,
    whichever way round. None while none is finished. One query."""
    known = {check.number: check for check in finished(checks)}
    if not known:
        return None
    numbers = sorted({first if first in known else min(known), last if last in known else max(known)})
    check, earlier = known[numbers[-1]], known[numbers[0]] if len(numbers) == 2 else None
    ratings = ratings_of(*filter(None, (check, earlier)))
    now, then = ratings[check.pk], ratings[earlier.pk] if earlier else {}
    result = Result(check, earlier)
    for part in outcomes_by_section(registration):
        rows = [row.outcome for row in part.outcomes if row.outcome.pk in now]
        result.sections.append(SectionRated(part.section, [Rated(o, now[o.pk], then.get(o.pk)) for o in rows]))
    return result


def goals_of(registration: Registration, user: User) -> list[DevelopmentGoal]:
    """A learner's development plan: what is to be done, the earliest date first, then what is done, the newest first.
    One query."""
    rows = DevelopmentGoal.objects.visible_to(user).filter(registration=registration).select_related("outcome")
    return list(
        rows.order_by(F("done_on").desc(nulls_first=True), F("by_when").asc(nulls_last=True), "created_at", "pk")
    )


def suggested(result: Result | None, goals: Iterable[DevelopmentGoal]) -> list[Rated]:
    """The gaps for which no goal is open."""
    planned = {goal.outcome_id for goal in goals if not goal.done_on}
    return [row for row in result.gaps if row.outcome.pk not in planned] if result else []


def cpd_rows(registration: Registration, user: User, *, kind: str = "", year: int | None = None,
             since: date | None = None, until: date | None = None) -> OwnRecordsQuerySet:  # fmt: skip
    """Entries of a learner's CPD log, narrowed by kind, year or period (both days included). The two queries of its
    rows bring the outcomes."""
    rows = CpdEntry.objects.visible_to(user).filter(registration=registration).prefetch_related("outcomes")
    asked = Q()
    if kind:
        asked &= Q(kind=kind)
    if year:
        asked &= Q(done_on__year=year)
    if since:
        asked &= Q(done_on__gte=since)
    if until:
        asked &= Q(done_on__lte=until)
    return rows.filter(asked)


def cpd_years(registration: Registration, user: User) -> list[int]:
    """Years in which the learner did something, the newest first. One query."""
    rows = CpdEntry.objects.visible_to(user).filter(registration=registration)
    return [day.year for day in rows.dates("done_on", "year", order="DESC")]


@dataclass
class Share:
    """So much of a total: a kind or a month with its minutes and entries. `part` of the longest, in hundredths."""

    name: str
    minutes: int
    entries: int
    part: int = 0


@dataclass
class CpdTotals:
    """How long somebody spent, in all, by kind and by month."""

    minutes: int = 0
    entries: int = 0
    kinds: list[Share] = field(default_factory=list)
    months: list[Share] = field(default_factory=list)
    release: int = 0
    visits: int = 0


def cpd_totals(rows: OwnRecordsQuerySet) -> CpdTotals:
    """Adds up entries (a queryset of them). One query."""
    months = rows.prefetch_related(None).annotate(month=TruncMonth("done_on"))
    sums = list(months.values("kind", "month").annotate(spent=Sum("minutes"), entries=Count("pk")).order_by("month"))
    by_kind = {kind.value: Share(str(kind.label), 0, 0) for kind in CpdEntry.Kind}
    by_month = {row["month"]: Share(f"{row['month']:%B %Y}", 0, 0) for row in sums}
    for row in sums:
        for share in (by_kind[row["kind"]], by_month[row["month"]]):
            share.minutes += row["spent"]
            share.entries += row["entries"]
    kinds = sorted((share for share in by_kind.values() if share.entries), key=lambda share: -share.minutes)
    for shares in (kinds, list(by_month.values())):
        longest = max((share.minutes for share in shares), default=1)
        for share in shares:
            share.part = max(1, round(100 * share.minutes / longest))
    return CpdTotals(
        sum(share.minutes for share in kinds), sum(share.entries for share in kinds), kinds, list(by_month.values()),
        by_kind[CpdEntry.Kind.RELEASE].minutes, by_kind[CpdEntry.Kind.VISIT].minutes,
    )  # fmt: skip


def in_words(minutes: int) -> str:
    """A length of time as people say it: "1 hour 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    parts += [f"{rest} minute{'' if rest == 1 else 's'}"] if rest or not hours else []
    return " ".join(parts)
