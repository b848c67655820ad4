"""Publishing and taking offline at a set time."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page, Revision

from courses.framework.api import Criterion
from courses.pages import schedule
from courses.pages.models import LessonPage, PageCriterion
from lms.common import housekeeping, jobs
from lms.common.models import Job
from lms.notices.models import Notice
from tests.courses.coverage_course import both as both
from tests.courses.coverage_course import course as course
from tests.courses.coverage_course import made as made
from tests.courses.coverage_course import world as world
from tests.factories import World

from .authoring import draft_of

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def lesson(number: int) -> LessonPage:
    return LessonPage.objects.get(slug=f"lesson-{number}", path__startswith=_course_path())


def _course_path() -> str:
    return Page.objects.get(slug="covered").path


def set_for(page: Page, when, *, by, **changes) -> Revision:
    """A draft, approved to be published at a time."""
    draft = draft_of(page, by=by, go_live_at=when + timedelta(days=1), **changes)
    revision = draft.get_latest_revision()
    revision.publish()  # approved by somebody who may
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=when)
    content = Revision.objects.get(pk=revision.pk)
    content.content["go_live_at"] = when.isoformat()
    content.save(update_fields=["content"])
    return content


def tick(at) -> None:
    housekeeping.tick(at=at)


def test_what_is_due_is_published_and_the_rest_waits(world: World, course, at):
    set_for(lesson(1), at - timedelta(minutes=1), by=world.publisher, title="Due")
    set_for(lesson(2), at + timedelta(hours=1), by=world.publisher, title="Later")
    tick(at)
    tick(at)
    assert lesson(1).title == "Due"
    assert lesson(2).title == "Lesson 2"
    assert Revision.objects.filter(approved_go_live_at__isnull=False).count() == 1


def test_one_that_is_refused_is_left_and_told_once_and_the_rest_goes_on(world: World, course, at):
    bad = set_for(lesson(1), at - timedelta(minutes=2), by=world.author, title="Bad", criterion_uses=[])
    set_for(lesson(2), at - timedelta(minutes=1), by=world.author, title="Good")
    for minute in range(3):
        tick(at + timedelta(minutes=minute))
    assert (lesson(1).title, lesson(2).title) == ("Lesson 1", "Good")
    bad.refresh_from_db()
    assert bad.approved_go_live_at is None, "it can be edited again"
    assert lesson(1).get_latest_revision_as_object().title == "Bad"
    told = Notice.objects.filter(kind="authoring.not_published")
    assert {notice.user for notice in told} == {world.author, world.publisher}
    assert told.count() == 2
    (title,) = {notice.title for notice in told}
    assert title.startswith("“Bad” was not published on ")
    assert len(title) <= 200
    framework = course.qualification.framework
    code = Criterion.objects.filter(outcome__section__code="1", framework=framework).order_by("position")[0].code
    assert code in title


def test_pages_that_only_fit_together_go_together(world: World, course, at):
    first, second = lesson(1), lesson(2)
    uses = {page.pk: [(row.criterion, row.use) for row in page.criterion_uses.all()] for page in (first, second)}

    def rows(pk: int) -> list[PageCriterion]:
        return [PageCriterion(criterion=criterion, use=use) for criterion, use in uses[pk]]

    due = at - timedelta(minutes=1)
    set_for(first, due, by=world.publisher, title="Takes the second's", criterion_uses=rows(second.pk))
    set_for(second, due, by=world.publisher, title="Takes the first's", criterion_uses=rows(first.pk))
    tick(at)
    assert (lesson(1).title, lesson(2).title) == ("Takes the second's", "Takes the first's")
    assert not Notice.objects.filter(kind="authoring.not_published").exists()


def test_what_one_page_needs_another_that_is_due_later_in_the_row_brings(world: World, course, at):
    first, second = lesson(1), lesson(2)
    rows = [PageCriterion(criterion=row.criterion, use=row.use)
            for page in (first, second) for row in page.criterion_uses.all()]  # fmt: skip
    set_for(first, at - timedelta(minutes=2), by=world.publisher, title="Gives", criterion_uses=[])
    set_for(second, at - timedelta(minutes=1), by=world.publisher, title="Takes all", criterion_uses=rows)
    tick(at)
    assert (lesson(1).title, lesson(2).title) == ("Gives", "Takes all")


def test_a_fault_in_one_page_keeps_no_other_waiting(world: World, course, at, monkeypatch):
    broken = set_for(lesson(1), at - timedelta(minutes=2), by=world.publisher, title="Broken")
    set_for(lesson(2), at - timedelta(minutes=1), by=world.publisher, title="Whole")
    publish = Revision.publish

    def fail(self, *args, **kwargs):
        if self.pk == broken.pk:
            raise RuntimeError("a fault")
        return publish(self, *args, **kwargs)

    monkeypatch.setattr(Revision, "publish", fail)
    tick(at)
    assert lesson(2).title == "Whole"
    monkeypatch.undo()
    tick(at + timedelta(minutes=1))
    assert lesson(1).title == "Broken", "it is tried again"


def test_a_page_whose_time_is_over_goes_offline_unless_that_opens_a_gap_which_is_told_once(world: World, course, at):
    over = at - timedelta(minutes=1)
    free = lesson(1).get_parent().add_child(instance=LessonPage(
        title="Extra", slug="extra", summary="More", minutes=5, body=lesson(1).body, live=False))  # fmt: skip
    free.save_revision().publish()
    Page.objects.filter(pk__in=[free.pk, lesson(1).pk]).update(expire_at=over)
    for minute in range(3):
        tick(at + timedelta(minutes=minute))
    assert not Page.objects.get(pk=free.pk).live
    assert lesson(1).live
    assert Job.objects.filter(kind="courses.tell_not_expired").count() == 1
    jobs.run(Job.objects.get(kind="courses.tell_not_expired").pk)
    (notice,) = Notice.objects.filter(kind="authoring.not_published")
    assert notice.user == world.publisher
    assert notice.title.startswith("“Lesson 1” was not taken offline: ")


def test_nothing_due_costs_two_queries(world: World, course, at, queries):
    ContentType.objects.get_for_model(Page)  # which a process remembers
    with queries(2):
        schedule.publish_due(at)
