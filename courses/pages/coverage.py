"""What a course covers: which page teaches, practises or assesses which criterion, and what is missing.

Every criterion of the course's framework has to be taught and assessed by a page that readers can reach. The first
half is pure: facts about pages in, gaps out. The second reads the facts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q
from wagtail.models import Page

from courses.framework.models import Criterion
from courses.framework.queries import criteria_of

from .models import CoursePage, CriterionGuidance, PageCriterion

TEACHES, PRACTISES, ASSESSES = PageCriterion.Use.values
NEEDED = (TEACHES, ASSESSES)
STEP = Page.steplen
Uses = frozenset[tuple[int, str]]


@dataclass(frozen=True)
class PageFacts:
    """A page below a course. `uses`: (criterion, use) as published; `draft_uses`: as its newest draft has it, None when
    there is no draft that differs from what is published. A unit has no uses."""

    pk: int
    path: str
    is_live: bool
    uses: Uses = frozenset()
    draft_uses: Uses | None = None
    title: str = ""
    is_unit: bool = False
    is_task: bool = False

    @property
    def unit_path(self) -> str:
        """The tree path of the unit that it stands in."""
        return self.path[:-STEP]

    def if_published(self) -> "PageFacts":
        """The same page with its newest draft published."""
        return self if self.draft_uses is None else replace(self, is_live=True, uses=self.draft_uses)


@dataclass(frozen=True)
class CourseFacts:
    """A course as far as coverage goes: the criteria that it must cover, in order, and its pages in theirs."""

    course: CoursePage
    criteria: tuple[Criterion, ...]
    pages: tuple[PageFacts, ...]

    def if_published(self) -> "CourseFacts":
        """The same course with every draft published."""
        return replace(self, pages=tuple(page.if_published() for page in self.pages))

    @property
    def reachable(self) -> list[PageFacts]:
        """The pages that readers can reach: published, and so is all above them up to the course."""
        live = {page.path for page in self.pages if page.is_live}
        known = {page.path for page in self.pages}
        start = len(self.course.path) + STEP
        return [
            page for page in self.pages
            if page.is_live and all(page.path[:end] in live for end in range(start, len(page.path), STEP)
                                    if page.path[:end] in known)
        ]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What somebody is about to do to a course's pages: publish some (as they will be), take some offline (by key),
    take some out of the course with all below them (by tree path)."""

    published: tuple[PageFacts, ...] = ()
    offline: frozenset[int] = frozenset()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A criterion that a course does not teach, does not assess, or neither. `missing`: the uses it lacks."""

    criterion: Criterion
    missing: tuple[str, ...]

    @property
    def code(self) -> str:
        """The criterion's code."""
        return self.criterion.code

    @property
    def words(self) -> str:
        """What is missing and what mends it."""
        if len(self.missing) == len(NEEDED):
            return f"{self.code} is neither taught nor assessed: map it on a lesson and on a task."
        if TEACHES in self.missing:
            return f"{self.code} is assessed but never taught: map it on a lesson."
        return f"{self.code} is taught but never assessed: map it on a task."

    @property
    def words_if_opened(self) -> str:
        """The same of a gap that a change would open."""
        lost = " or ".join("taught" if use == TEACHES else "assessed" for use in self.missing)
        return f"{self.code} would no longer be {lost} on any published page: map it on another page first."


def gaps_after(course: CourseFacts, change: Change | None = None) -> list[Gap]:
    """The criteria that the course does not teach or does not assess once the change is made, in the framework's
    order; without a change, as it stands. Pure over the mappings."""
    facts = after(course, change) if change else course
    covered = {pair for page in facts.reachable for pair in page.uses}
    missing = ((c, tuple(use for use in NEEDED if (c.pk, use) not in covered)) for c in facts.criteria)
    return [Gap(criterion, uses) for criterion, uses in missing if uses]


def after(course: CourseFacts, change: Change) -> CourseFacts:
    """The course once the change is made."""
    pages = {page.pk: page for page in course.pages if not page.path.startswith(change.gone or ("?",))}
    for pk in change.offline & pages.keys():
        pages[pk] = replace(pages[pk], is_live=False)
    for page in change.published:
        pages[page.pk] = replace(page, is_live=True)
    return replace(course, pages=tuple(sorted(pages.values(), key=lambda page: page.path)))


def opened(before: Iterable[Gap], now: Iterable[Gap]) -> list[Gap]:
    """What is missing now and was there before."""
    lacked = {(gap.criterion.pk, use) for gap in before for use in gap.missing}
    found = []
    for gap in now:
        lost = tuple(use for use in gap.missing if (gap.criterion.pk, use) not in lacked)
        if lost:
            found.append(replace(gap, missing=lost))
    return found


def facts_of(course: CoursePage, *, drafts: bool = False) -> CourseFacts:
    """Reads what a course's pages cover; with `drafts` also what their newest drafts would. Two queries, or three.
    Needs `qualification` fetched."""
    return facts_of_all([course], drafts=drafts)[0]


def facts_of_all(courses: Sequence[CoursePage], *, drafts: bool = False) -> list[CourseFacts]:
    """The same of several courses, in their order and as many queries."""
    if not courses:
        return []
    inside = Q()
    for course in courses:
        inside |= Q(path__startswith=course.path, depth__gt=course.depth)
    rows = Page.objects.filter(inside).order_by("path")
    uses: dict[int, set[tuple[int, str]]] = {}
    mapped = PageCriterion.objects.filter(page__in=rows.order_by())
    for pk, criterion, use in mapped.values_list("page_id", "criterion_id", "use"):
        uses.setdefault(pk, set()).add((criterion, use))
    in_drafts = _draft_uses(rows) if drafts else {}
    pages = [
        PageFacts(pk, path, live, frozenset(uses.get(pk, ())), in_drafts.get(pk), title, unit is not None,
                  task is not None)
        for pk, path, live, title, unit, task in rows.values_list(
            "pk", "path", "live", "draft_title", "unitpage__pk", "taskpage__pk")
    ]  # fmt: skip
    return [
        CourseFacts(course, tuple(criteria_of(course.qualification.framework_id).values()),
                    tuple(page for page in pages if page.path.startswith(course.path)))
        for course in courses
    ]  # fmt: skip


def _draft_uses(rows: Any) -> dict[int, Uses]:
    """What pages with an unpublished draft would cover, by page. The database picks it out of the drafts: their
    bodies stay there."""
    picked = rows.filter(has_unpublished_changes=True, latest_revision__isnull=False)
    found = picked.values_list("pk", "latest_revision__content__criterion_uses")
    return {pk: frozenset((row["criterion"], row["use"]) for row in kept or ()) for pk, kept in found}


def with_guidance(course: CoursePage) -> set[int]:
    """The criteria for which a unit of the course says what good evidence looks like. One query."""
    rows = CriterionGuidance.objects.filter(unit__path__startswith=course.path)
    return set(rows.values_list("criterion_id", flat=True))


@dataclass(frozen=True)
class Mark:
    """A page's use of a criterion. `state`: "live"; "added" or "removed" by a draft that is not published; "hidden" on
    a page that readers cannot reach."""

    use: str
    state: str = "live"

    @property
    def words(self) -> str:
        """For whoever does not see the letter."""
        word = PageCriterion.Use(self.use).label
        more = {"added": ", when its draft is published", "removed": " now, not when its draft is published",
                "hidden": ", not published"}  # fmt: skip
        return word + more.get(self.state, "")

    @property
    def letter(self) -> str:
        """T, P or A."""
        return self.use[0].upper()

    @property
    def counts(self) -> bool:
        """The criterion is covered by it in what is being looked at."""
        return self.state in ("live", "added")


@dataclass
class Row:
    """One criterion of the matrix: its marks by page, its gap, whether it has guidance."""

    criterion: Criterion
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    gap: Gap | None = None
    has_guidance: bool = False

    def pages_that(self, use: str) -> list[int]:
        """Keys of the pages that use it so."""
        return [pk for pk, marks in self.marks.items() if any(mark.use == use and mark.counts for mark in marks)]


def rows_of(course: CourseFacts, guided: set[int], *, drafts: bool = False) -> list[Row]:
    """The matrix, a row a criterion in the framework's order: what is published, or with `drafts` what would be with
    every draft published, what that adds and takes away told apart. Pure."""
    now = {page.pk: page.uses for page in course.reachable}
    shown = course.if_published() if drafts else course
    then = {page.pk: page.uses for page in shown.reachable}
    gaps = {gap.criterion.pk: gap for gap in gaps_after(shown)}
    rows = {c.pk: Row(c, gap=gaps.get(c.pk), has_guidance=c.pk in guided) for c in course.criteria}
    for page in shown.pages:
        before, there = now.get(page.pk, frozenset()), then.get(page.pk, frozenset())
        for criterion, use in before | there | page.uses:
            if criterion not in rows:
                continue
            pair = (criterion, use)
            if pair in there:
                state = "live" if pair in before else "added"
            else:
                state = "removed" if pair in before else "hidden"
            rows[criterion].marks.setdefault(page.pk, []).append(Mark(use, state))
    order = {use: number for number, use in enumerate(PageCriterion.Use.values)}
    for row in rows.values():
        for marks in row.marks.values():
            marks.sort(key=lambda mark: order[mark.use])
    return list(rows.values())
