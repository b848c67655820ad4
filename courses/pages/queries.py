"""Reading the course's pages with few queries, however long they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left, Length, Substr
from wagtail.models import Page, Site

from content import freshness
from content.blocks import TO_FINISH
from content.pieces import Live, pieces_of
from content.places import Places
from courses.delivery.api import Cohort, Registration
from courses.framework.models import Criterion, Outcome
from lms.accounts.api import Organisation

from .models import (
    AuthorityPage,
    CoursePage,
    CriterionGuidance,
    LessonPage,
    LocalLessonPage,
    PageCriterion,
    StudyPage,
    TaskPage,
    UnitPage,
)

COURSE_DEPTH = 4  # root, site, catalogue, course are the first four steps of the tree
COURSE_PATH = COURSE_DEPTH * Page.steplen
UNIT_PATH = COURSE_PATH + Page.steplen


def root_path() -> str:
    """The url_path of the site's root page, from Wagtail's cache."""
    paths = Site.get_site_root_paths()
    return paths[0].root_path if paths else "/"


def course_of(page: Page) -> CoursePage:
    """The course that a unit, lesson or task belongs to, with its qualification and, as `unit_title` and `unit_code`,
    the unit in which the page lies; of an authority's own lesson, the course and unit in which it stands."""
    if isinstance(page, LocalLessonPage):
        page = page.unit
    unit = UnitPage.objects.filter(path=page.path[:UNIT_PATH])
    return CoursePage.objects.select_related("qualification").annotate(
        unit_title=Subquery(unit.values("title")), unit_code=Subquery(unit.values("section__code"))
    ).get(path=page.path[:COURSE_PATH])  # fmt: skip


def course_for(registration: Registration) -> CoursePage | None:
    """The live course that a registration follows: its cohort's, else one towards its qualification. One query."""
    chosen = registration.cohort.course_id if registration.cohort else None
    rows = CoursePage.objects.live()
    rows = rows.filter(pk=chosen) if chosen else rows.filter(qualification_id=registration.qualification_id)
    return rows.order_by("path").first()


def _path_of_course(registration: Registration) -> Subquery:
    """The path of the live course that a registration follows, to be read inside another query."""
    chosen = Cohort.objects.filter(pk=registration.cohort_id or 0, course__isnull=False)
    courses = CoursePage.objects.live().filter(
        Q(pk=Subquery(chosen.values("course_id")[:1]))
        | Q(~Exists(chosen), qualification_id=registration.qualification_id)
    )
    return Subquery(courses.order_by("path").values("path")[:1])


def taught_in(registration: Registration, criterion: Criterion) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where the learner's course teaches, practises and assesses a criterion: (use, [(title, address)]). One query."""
    rows = PageCriterion.objects.annotate(course_path=Left("page__path", COURSE_PATH)).filter(
        course_path=_path_of_course(registration), page__live=True, criterion=criterion
    )
    found: dict[str, list[tuple[str, str]]] = {str(use): [] for use in PageCriterion.Use}
    for row in rows.select_related("page").order_by("page__path"):
        found[row.use].append((row.page.title, address(row.page)))
    return [(use, pages) for use, pages in found.items() if pages]


def guidance_for(registration: Registration, criteria: Iterable[int]) -> dict[int, CriterionGuidance]:
    """What good evidence looks like for criteria (by id), as the units of the course that a registration follows say
    it. One query."""
    rows = CriterionGuidance.objects.annotate(course_path=Left("unit__path", COURSE_PATH)).filter(
        course_path=_path_of_course(registration), unit__live=True, criterion__in=criteria
    )
    found: dict[int, CriterionGuidance] = {}
    for row in rows.order_by("unit__path", "sort_order"):
        found.setdefault(row.criterion_id, row)
    return found


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
    kind: str = "lesson"
    is_local: bool = False

    @property
    def kind_word(self) -> str:
        """What it is, when it is not an ordinary lesson."""
        return KIND_WORDS.get(self.kind, "")


KIND_WORDS = {"opening": "Opening page", "closing": "Closing page", "case_study": "Case study", "task": "Task"}
STUDY_FIELDS = ("pk", "title", "url_path", "path", "lessonpage__kind", "lessonpage__minutes", "lessonpage__summary",
                "taskpage__minutes", "taskpage__summary", "locallessonpage__minutes", "locallessonpage__summary",
                "locallessonpage__unit__path")  # fmt: skip


def study_items(course: CoursePage, authority: Organisation | int | None = None) -> list[StudyItem]:
    """Every live lesson and task of a course in its order, and after each unit's own those that `authority` adds for
    its own trainees. One query, of what a list shows and nothing else."""
    wanted = Q(path__startswith=course.path, depth__gt=course.depth)
    if authority is not None:
        wanted |= Q(pk__in=local_lessons(authority).filter(unit__live=True, unit__path__startswith=course.path))
    rows = Page.objects.filter(wanted, live=True).exclude(lessonpage=None, taskpage=None, locallessonpage=None)
    found = []
    for pk, title, url_path, path, kind, *facts in rows.values_list(*STUDY_FIELDS):
        lesson, task, (*local, unit) = facts[:2], facts[2:4], facts[4:]
        minutes, summary = next(pair for pair in (lesson, task, local) if pair[0] is not None)
        is_task = task[0] is not None
        item = StudyItem(pk, title, address_at(url_path), minutes, summary, is_task, unit or path[: -Page.steplen],
                         path, kind or ("task" if is_task else "lesson"), is_local=unit is not None)  # fmt: skip
        found.append(item)
    return sorted(found, key=lambda item: (item.unit_path, item.is_local, item.path))


def local_lessons(authority: Organisation | int) -> QuerySet[LocalLessonPage]:
    """The lessons that an authority adds, live or not, each with `of_authority`."""
    return _with_authority().filter(of_authority=getattr(authority, "pk", authority))


def _with_authority() -> QuerySet[LocalLessonPage]:
    above = Substr(OuterRef("path"), 1, Length(OuterRef("path")) - Page.steplen)
    homes = AuthorityPage.objects.filter(path=above).values("authority_id")
    return LocalLessonPage.objects.annotate(of_authority=Subquery(homes[:1]))


def one_page(model: type[Page], **asked: Any) -> Page | None:
    """A live page of a type; an authority's own lesson with its unit and its authority, a unit with its
    section. One query."""
    rows = _with_authority().select_related("unit") if model is LocalLessonPage else model.objects.all()
    if model is UnitPage:
        rows = rows.select_related("section")
    return rows.filter(live=True, **asked).first()


def address(page: Page) -> str:
    """The page's address on this site, without a query."""
    return address_at(page.url_path)


def address_at(url_path: str) -> str:
    """The address on this site of a page with this url_path."""
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
    """What is the same for every reader of a page at one revision: its body in pieces (HTML, and live blocks with room
    for what is the reader's), its headings, the statements that it covers."""

    pieces: tuple[str | Live, ...]
    headings: tuple[tuple[str, str], ...]
    statements: tuple["Statements", ...]
    # For each place that a reader can stop at: the words of the heading above it, and how it begins.
    places: dict[str, str] = field(default_factory=dict)
    openings: dict[str, str] = field(default_factory=dict)

    def name_of(self, anchor: str) -> str:
        """What a place is called in a list of bookmarks: the heading above it, and how it begins."""
        parts = (self.places.get(anchor, ""), self.openings.get(anchor, ""))
        return " · ".join(filter(None, parts)) or "The beginning"

    def nearest(self, anchor: str, heading: str) -> str:
        """Where somebody goes on who stopped at a place under a heading: there, or at the heading when the paragraph
        is gone since, or "" when that is gone, too."""
        if anchor in self.places:
            return anchor
        named = ((known, words) for known, words in self.headings if words)
        return next((known for known, words in named if heading.partition(" · ")[0] == words), "")

    @property
    def live(self) -> list[Live]:
        """The live blocks in order."""
        return [piece for piece in self.pieces if isinstance(piece, Live)]

    @property
    def to_finish(self) -> list[UUID]:
        """The blocks that the page is not finished without."""
        return [UUID(live.block) for live in self.live if live.kind in TO_FINISH]


def rendered(page: StudyPage, *, preview: bool = False) -> Rendered:
    """The body and statements of a page, kept in process memory by its revision, until words, law or files that it
    shows change. A preview is never kept."""
    if preview or page.live_revision_id is None:
        return _render(page)
    return _kept(page.pk, page.live_revision_id, type(page).__name__, freshness.version())


@lru_cache(maxsize=512)
def _kept(pk: int, revision_id: int, model: str, shown: str) -> Rendered:
    return _render(apps.get_model("courses", model).objects.get(pk=pk))


def _render(page: StudyPage) -> Rendered:
    pieces, places = with_anchors(pieces_of(page.body, page.pk, owner=owner_of(page)))
    uses: dict[int, list[str]] = {}
    for row in page.criterion_uses.all():
        uses.setdefault(row.criterion_id, []).append(row.use)
    criteria = Criterion.objects.filter(pk__in=uses).select_related("outcome").order_by("position")
    statements = tuple(
        Statements(outcome, tuple((criterion, _how(uses[criterion.pk])) for criterion in group))
        for outcome, group in groupby(criteria, key=lambda criterion: criterion.outcome)
    )
    return Rendered(tuple(pieces), tuple(places.headings), statements, places.above, places.openings)


def live_study_page(page_id: int) -> StudyPage | None:
    """The live lesson or task of that number, or an authority's own lesson."""
    models = (LessonPage, TaskPage, LocalLessonPage)
    return next(filter(None, (one_page(model, pk=page_id) for model in models)), None)


def live_block(page: StudyPage, block_id: UUID) -> Live | None:
    """A live block of a page by its id."""
    return next((live for live in rendered(page).live if live.block == str(block_id)), None)


def covered_by(page: StudyPage) -> QuerySet[Criterion]:
    """The criteria that a page teaches, practises or assesses."""
    return Criterion.objects.filter(page_uses__page_id=page.pk).distinct()


def owner_of(page: Page) -> int | None:
    """The awarding organisation whose course a page belongs to; None for an authority's own lesson."""
    rows = CoursePage.objects.filter(path=(page.path or "")[:COURSE_PATH])
    return rows.values_list("qualification__awarding_organisation", flat=True).first()


def _how(uses: list[str]) -> str:
    return ", ".join(use for use in PageCriterion.Use.values if use in uses).capitalize()


def with_anchors(pieces: Sequence[str | Live]) -> tuple[list[str | Live], Places]:
    """Gives each paragraph and heading an id, so that a reader can come back to it; returns the ids with them."""
    places = Places()
    out: list[str | Live] = []
    for piece in pieces:
        if isinstance(piece, Live):
            places.pass_block(f"block-{piece.block}", piece.label)
        out.append(piece if isinstance(piece, Live) else places.give(piece))
    return out, places
