"""The publish guard: a course is published when its pages teach and assess every criterion, and stays so.

It listens where every way of changing a page comes by: before a page is saved (publishing in the editor, on approval,
on schedule and in bulk, taking offline, expiring), before it is deleted and before it is moved. What would open a gap
is refused, and the refusal names each criterion. Draft saves are never refused: only what readers have is guarded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.signals import pre_delete, pre_save
from django.urls import reverse
from wagtail.models import Page
from wagtail.signals import pre_page_move

from lms.common.errors import Refused, SeveralRefused

from .coverage import Change, CourseFacts, Gap, PageFacts, facts_of, gaps_after, opened
from .models import CoursePage, LessonPage, TaskPage, UnitPage
from .queries import COURSE_DEPTH, COURSE_PATH

_as_one: ContextVar[frozenset[str]] = ContextVar("courses changed as one", default=frozenset())


def why_not_published(course: CoursePage) -> list[Refused]:
    """Why a course cannot be published: each criterion that its pages do not both teach and assess. Empty when it
    can."""
    return [_reason(gap, course, gap.words) for gap in gaps_after(facts_of(course))]


def why_not(course: CoursePage, change: Change) -> list[Refused]:
    """The gaps that a change to a course's pages would open. What is missing already stands in nobody's way."""
    facts = facts_of(course)
    return _opened(facts, gaps_after(facts, change))


def why_not_live(page: Page) -> list[Refused]:
    """Why a page cannot be published as it is in memory: it is a course with gaps, or would open one in a course."""
    if isinstance(page, CoursePage):
        return why_not_published(page)
    course = live_course_at(page.path)
    return why_not(course, Change(published=(_facts(page),))) if course else []


def live_course_at(path: str, *, lock: bool = False) -> CoursePage | None:
    """The published course that a unit, lesson or task stands in, by its path in the tree; with `lock` nobody else
    changes its coverage until this transaction ends."""
    if len(path) <= COURSE_PATH:
        return None
    rows = CoursePage.objects.filter(path=path[:COURSE_PATH])
    if lock and connection.in_atomic_block:
        rows = rows.select_for_update(of=("self",))
    course = rows.first()
    return course if course is not None and course.live and course.path not in _as_one.get() else None


@contextmanager
def as_one_change(course: CoursePage) -> Iterator[None]:
    """Several changes to a course's pages count as one: a mapping may move from a page to another on the way. Raises
    Refused at the end when a gap has been opened; everything is then as before."""
    with transaction.atomic():
        held = CoursePage.objects.select_for_update(of=("self",)).filter(pk=course.pk, live=True).first()
        before = gaps_after(facts_of(held)) if held else []
        token = _as_one.set(_as_one.get() | {course.path})
        try:
            yield
        finally:
            _as_one.reset(token)
        now = CoursePage.objects.filter(pk=course.pk, live=True).first() if held else None
        if now is not None:
            refuse([_reason(gap, now, gap.words_if_opened) for gap in opened(before, gaps_after(facts_of(now)))])


def refuse(reasons: list[Refused]) -> None:
    """Raises SeveralRefused when there is a reason."""
    if reasons:
        raise SeveralRefused(reasons)


def _opened(facts: CourseFacts, now: list[Gap]) -> list[Refused]:
    lost = opened(gaps_after(facts), now)
    return [_reason(gap, facts.course, gap.words_if_opened) for gap in lost]


def _reason(gap: Gap, course: CoursePage, words: str) -> Refused:
    address = f"{reverse('coverage', args=[course.pk])}#criterion-{gap.criterion.code}"
    message = f"{words} The statement: “{gap.criterion.full_text.rstrip('.')}”."
    return Refused("coverage-gap", message, fix_url=address)


def _facts(page: Page) -> PageFacts:
    """A page as it is in memory."""
    uses = frozenset((row.criterion_id, row.use) for row in page.criterion_uses.all())
    return PageFacts(page.pk, page.path, page.live, uses)


def _before_save(instance: Page, raw: bool = False, update_fields: Any = None, **kwargs: Any) -> None:
    if raw or (update_fields is not None and "live" not in update_fields):
        return
    if isinstance(instance, CoursePage):
        if instance.live:
            refuse(_why_not_course(instance))
        return
    if instance._state.adding:  # a new page takes nothing away
        return
    course = live_course_at(instance.path, lock=True)
    if course is None:
        return
    stands = Page.objects.filter(pk=instance.pk, live=True).exists()
    if instance.live and (type(instance) is not Page or not stands):
        # A page of Wagtail's own class has no mapping in memory: its rows in the database are what it maps.
        refuse(why_not(course, Change(published=(_facts(instance),))))
    elif stands and not instance.live:
        refuse(why_not(course, Change(offline=frozenset({instance.pk}))))


def _why_not_course(course: CoursePage) -> list[Refused]:
    if course._state.adding:
        return [Refused("coverage-gap", "A course begins as a draft: its pages come first.")]
    if connection.in_atomic_block:  # nobody changes its pages meanwhile
        CoursePage.objects.select_for_update(of=("self",)).filter(pk=course.pk).first()
    return why_not_published(course)


def _before_delete(instance: Page, origin: Any = None, **kwargs: Any) -> None:
    """Pages that are deleted together are looked at together, with the first of them."""
    if instance.depth <= COURSE_DEPTH or getattr(origin, "gaps_were_looked_for", False):
        return
    paths = [instance.path]
    if isinstance(origin, QuerySet):
        origin.gaps_were_looked_for = True  # type: ignore[attr-defined]
        paths = list(origin.order_by("path").values_list("path", flat=True))
    whole = tuple(path for path in paths if len(path) <= COURSE_PATH)  # a course that goes has no gaps
    inside = [path for path in paths if not path.startswith(whole or ("?",))]
    for course_path in sorted({path[:COURSE_PATH] for path in inside}):
        gone = tuple(path for path in inside if path.startswith(course_path))
        course = live_course_at(gone[0], lock=True)
        if course is not None:
            refuse(why_not(course, Change(gone=gone)))


def _before_move(instance: Page, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    """To another place under the same parent changes nothing; nor to another unit of the course that readers reach."""
    if parent_page_before.pk == parent_page_after.pk:
        return
    course = live_course_at(instance.path)
    if course is None or (parent_page_after.path.startswith(course.path) and parent_page_after.live):
        return
    refuse(why_not(course, Change(gone=(instance.path,))))


for _model in (Page, CoursePage, UnitPage, LessonPage, TaskPage):
    pre_save.connect(_before_save, sender=_model, dispatch_uid=f"coverage of {_model.__name__}")
pre_delete.connect(_before_delete, sender=Page, dispatch_uid="coverage when a page is deleted")
pre_page_move.connect(_before_move, dispatch_uid="coverage when a page is moved")
