"""Reading the course's pages with few queries, however long they are."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.utils.html import strip_tags
from django.utils.text import slugify
from wagtail.models import Page, Site

from courses.delivery.api import Registration
from courses.framework.models import Criterion, Outcome

from .models import CoursePage, LessonPage, PageCriterion, TaskPage, UnitPage


def root_path() -> str:
    """The url_path of the site's root page, from Wagtail's cache."""
    paths = Site.get_site_root_paths()
    return paths[0].root_path if paths else "/"


def course_of(page: Page) -> CoursePage:
    """The course that a unit, lesson or task belongs to, with its qualification."""
    # Root, site, catalogue and course are the first four steps of the tree's path.
    return CoursePage.objects.select_related("qualification").get(path=page.path[: 4 * page.steplen])


def course_for(registration: Registration) -> CoursePage | None:
    """The live course that a registration follows: its cohort's, else one towards its qualification. One query."""
    chosen = registration.cohort.course_id if registration.cohort else None
    rows = CoursePage.objects.live()
    rows = rows.filter(pk=chosen) if chosen else rows.filter(qualification_id=registration.qualification_id)
    return rows.order_by("path").first()


@dataclass(frozen=True)
class StudyItem:
    """A lesson or task as an entry of a list."""

    pk: int
    title: str
    url: str
    minutes: int
    summary: str
    is_task: bool
    unit_path: str
    path: str


STUDY_FIELDS = ("pk", "title", "url_path", "path", "lessonpage__minutes", "lessonpage__summary", "taskpage__minutes",
                "taskpage__summary")  # fmt: skip


def study_items(course: CoursePage) -> list[StudyItem]:
    """Every live lesson and task of a course in its order. One query, of what a list shows and nothing else."""
    rows = Page.objects.filter(path__startswith=course.path, depth__gt=course.depth, live=True)
    rows = rows.exclude(lessonpage=None, taskpage=None).order_by("path").values_list(*STUDY_FIELDS)
    found = []
    for pk, title, url_path, path, minutes, summary, task_minutes, task_summary in rows:
        is_task = task_minutes is not None
        shown = (task_minutes, task_summary) if is_task else (minutes, summary)
        found.append(StudyItem(pk, title, _address(url_path), *shown, is_task, path[: -Page.steplen], path))
    return found


def address(page: Page) -> str:
    """The page's address on this site, without a query."""
    return _address(page.url_path)


def _address(url_path: str) -> str:
    return "/" + url_path.removeprefix(root_path())


def units_of(course: CoursePage) -> list[UnitPage]:
    """The live units of a course with their sections. One query."""
    return list(UnitPage.objects.child_of(course).live().select_related("section").order_by("path"))


@dataclass(frozen=True)
class Statements:
    """An outcome with those of its criteria that a page covers, each with how ("Teaches, practises")."""

    outcome: Outcome
    criteria: tuple[tuple[Criterion, str], ...]


@dataclass(frozen=True)
class Rendered:
    """What is the same for every reader of a page at one revision."""

    body: str
    headings: tuple[tuple[str, str], ...]
    statements: tuple["Statements", ...]


def rendered(page: LessonPage | TaskPage, *, preview: bool = False) -> Rendered:
    """The body and statements of a page, kept in process memory by its revision. A preview is never kept."""
    if preview or page.live_revision_id is None:
        return _render(page)
    return _kept(page.pk, page.live_revision_id, isinstance(page, TaskPage))


@lru_cache(maxsize=512)
def _kept(pk: int, revision_id: int, is_task: bool) -> Rendered:
    return _render((TaskPage if is_task else LessonPage).objects.get(pk=pk))


def _render(page: LessonPage | TaskPage) -> Rendered:
    body, headings = with_anchors(page.body.render_as_block())
    uses: dict[int, list[str]] = {}
    for row in page.criterion_uses.all():
        uses.setdefault(row.criterion_id, []).append(row.use)
    criteria = Criterion.objects.filter(pk__in=uses).select_related("outcome").order_by("position")
    statements = tuple(
        Statements(outcome, tuple((criterion, _how(uses[criterion.pk])) for criterion in group))
        for outcome, group in groupby(criteria, key=lambda criterion: criterion.outcome)
    )
    return Rendered(body, tuple(headings), statements)


def _how(uses: list[str]) -> str:
    return ", ".join(use for use in PageCriterion.Use.values if use in uses).capitalize()


def with_anchors(html: Any) -> tuple[str, list[tuple[str, str]]]:
    """Gives each second-level heading an id, so that a reader can come back to it; returns ids and their texts."""
    headings: list[tuple[str, str]] = []
    parts = str(html).split("<h2")
    out = [parts[0]]
    for part in parts[1:]:
        _, inner = part.split(">", 1)
        text = strip_tags(inner.split("</h2>", 1)[0]).strip()
        anchor = slugify(text)[:80] or f"part-{len(headings) + 1}"
        if anchor in {known for known, _ in headings}:
            anchor = f"{anchor}-{len(headings) + 1}"
        headings.append((anchor, text))
        out.append(f'<h2 id="{anchor}">{inner}')
    return "".join(out), headings
