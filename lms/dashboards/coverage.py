"""The coverage of a course laid out for its authors: a matrix by section, filtered as they ask."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from courses.framework.api import Section
from courses.pages.coverage import CourseFacts, Gap, Mark, PageFacts, Row, facts_of, rows_of, with_guidance
from courses.pages.models import CoursePage, PageCriterion, UnitPage

USES = [(str(use.value), str(use.label)) for use in PageCriterion.Use]
DONE = {"teaches": "Taught", "practises": "Practised", "assesses": "Assessed"}
STATES = {"live": "Published", "added": "Added by a draft", "removed": "Removed by a draft",
          "hidden": "Not published"}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What an author wants to see. `page` is a page's key, 0 for all; `drafts`: as if every draft were published."""

    section: str = ""
    gaps: bool = False
    use: str = ""
    page: int = 0
    drafts: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> "Asked":
        """Read from an address; what is not understood is left out."""
        page = query.get("page", "")
        return cls(
            query.get("section", ""), query.get("show") == "gaps",
            query.get("use", "") if query.get("use") in dict(USES) else "",
            int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 0, query.get("state") == "drafts",
        )  # fmt: skip

    @property
    def is_filtered(self) -> bool:
        """Something is left out of the matrix."""
        return bool(self.section or self.gaps or self.use or self.page)


@dataclass(frozen=True)
class Column:
    """A page as a column."""

    facts: PageFacts
    is_reachable: bool

    @property
    def edit_url(self) -> str:
        """Its place in the editor."""
        return reverse("wagtailadmin_pages:edit", args=[self.facts.pk])

    @property
    def has_other_draft(self) -> bool:
        """A draft of it covers other statements than what is published."""
        return self.facts.draft_uses is not None and self.facts.draft_uses != self.facts.uses


@dataclass
class Line:
    """A statement as a row: its cells in the order of the columns, each with its marks."""

    row: Row
    cells: list[tuple[Column, list[Mark]]]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """On how many pages it is taught, practised, assessed."""
        return [(DONE[use], len(self.row.pages_that(use))) for use, _ in USES]


@dataclass
class SectionMatrix:
    """The statements of a section by the pages that cover them, and the pages of its units."""

    section: Section
    units: list[tuple[Column, list[Column]]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    own: list[Column] = field(default_factory=list)  # pages of its own units, to map a gap on

    @property
    def columns(self) -> list[Column]:
        """The pages, in the course's order."""
        return [column for _, columns in self.units for column in columns]


@dataclass
class CoveragePage:
    """All that the page shows."""

    course: CoursePage
    asked: Asked
    sections: list[SectionMatrix]
    pages: list[Column]  # every lesson and task, for the filter
    total: int
    covered: dict[str, int]
    guided: int
    in_draft: int

    @property
    def gaps(self) -> int:
        """How many statements are not both taught and assessed, in the whole course."""
        return sum(len(part.gaps) for part in self.sections)

    @property
    def shown(self) -> list[SectionMatrix]:
        """The sections with a statement to show."""
        return [part for part in self.sections if part.lines]


def coverage_page(course: CoursePage, asked: Asked) -> CoveragePage:
    """Reads the coverage of a course as it was asked for. Four queries. Needs `qualification` fetched."""
    facts = facts_of(course, drafts=True)
    rows = rows_of(facts, with_guidance(course), drafts=asked.drafts)
    reachable = {page.pk for page in (facts.if_published() if asked.drafts else facts).reachable}
    columns = {page.pk: Column(page, page.pk in reachable) for page in facts.pages}
    sections = {row.criterion.outcome.section_id: row.criterion.outcome.section for row in rows}
    section_of = _sections_of_units(course)
    matrices = []
    for section in sections.values():
        here = [row for row in rows if row.criterion.outcome.section_id == section.pk]
        own = {page.path for page in facts.pages if section_of.get(page.path) == section.pk}
        matrices.append(_matrix(section, here, columns, own, asked))
    return CoveragePage(
        course, asked, matrices, [column for column in columns.values() if not column.facts.is_unit], len(rows),
        {DONE[use]: sum(bool(row.pages_that(use)) for row in rows) for use, _ in USES},
        sum(row.has_guidance for row in rows), sum(column.has_other_draft for column in columns.values()),
    )  # fmt: skip


def _sections_of_units(course: CoursePage) -> dict[str, int]:
    return dict(UnitPage.objects.descendant_of(course).values_list("path", "section_id"))


def _matrix(section: Section, rows: list[Row], columns: dict[int, Column], units: set[str],
            asked: Asked) -> SectionMatrix:  # fmt: skip
    own = [c for c in columns.values() if c.facts.unit_path in units and not c.facts.is_unit]
    matrix = SectionMatrix(section, gaps=[row.gap for row in rows if row.gap], own=own)
    if asked.section and asked.section != section.code:
        return matrix
    wanted = [row for row in rows if _is_wanted(row, asked)]
    used = {pk for row in wanted for pk, marks in row.marks.items() if _marks(marks, asked)}
    if not asked.page and not asked.use:
        used |= {column.facts.pk for column in own}
    if asked.page:
        used &= {asked.page}
    shown = [column for pk, column in columns.items() if pk in used]
    by_path = {column.facts.path: column for column in columns.values()}
    for column in shown:
        unit = by_path[column.facts.unit_path]
        if not matrix.units or matrix.units[-1][0] is not unit:
            matrix.units.append((unit, []))
        matrix.units[-1][1].append(column)
    matrix.lines = [
        Line(row, [(column, _marks(row.marks.get(column.facts.pk, []), asked)) for column in shown]) for row in wanted
    ]
    return matrix


def _is_wanted(row: Row, asked: Asked) -> bool:
    if asked.gaps and row.gap is None:
        return False
    if asked.page and not _marks(row.marks.get(asked.page, []), asked):
        return False
    return not asked.use or asked.gaps or any(_marks(marks, asked) for marks in row.marks.values())


def _marks(marks: list[Mark], asked: Asked) -> list[Mark]:
    return [mark for mark in marks if not asked.use or mark.use == asked.use]


HEADER = ("Section", "Criterion", "Statement", "Unit", "Page", "Kind", "Use", "State", "What is missing", "Guidance")


def export_rows(course: CoursePage, *, drafts: bool) -> Iterator[tuple[Any, ...]]:
    """Every statement with every page that covers it, a row each; a statement that no page covers has one row."""
    facts: CourseFacts = facts_of(course, drafts=True)
    pages = {page.pk: page for page in facts.pages}
    units = {page.path: page.title for page in facts.pages if page.is_unit}
    for row in rows_of(facts, with_guidance(course), drafts=drafts):
        criterion = row.criterion
        start = (criterion.outcome.section.code, criterion.code, criterion.full_text)
        end = (row.gap.words if row.gap else "", row.has_guidance)
        marks = [(pages[pk], mark) for pk in pages if pk in row.marks for mark in row.marks[pk]]
        for page, mark in marks:
            kind = "Task" if page.is_task else "Lesson"
            use = str(PageCriterion.Use(mark.use).label)
            yield (*start, units.get(page.unit_path, ""), page.title, kind, use, STATES[mark.state], *end)
        if not marks:
            yield (*start, "", "", "", "", "", *end)
