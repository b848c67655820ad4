"""A change in substance: who had finished the page is told, once; their finish, place and answers stay."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from wagtail.models import Revision

from courses.delivery.api import Registration, StudyAnswer, StudyProgress, reach_end, remember_place, see_again
from courses.pages.models import LessonPage, PageChange
from courses.pages.substance import tell_change, unseen_changes
from lms.audit.models import AuditEvent
from lms.common.models import Job
from lms.notices.models import Notice
from tests.factories import World, make_learner

from .authoring import draft_of, first_lesson, publish

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
NOTE = "The four areas of need have new examples."


def finish(registration: Registration, page: LessonPage, *, days_ago: int = 2) -> StudyProgress:
    """The learner finished the page some days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    remember_place(registration, page.pk, "", "", at=at)
    reach_end(registration, page.pk, (), at=at)
    return StudyProgress.objects.get(registration=registration, page_id=page.pk)


def change(page: LessonPage, world: World) -> PageChange:
    """The page is published with a change in substance, and the job has run."""
    publish(page, by=world.publisher, changed_in_substance=True, change_note=NOTE)
    made = PageChange.objects.get(page_id=page.pk)
    tell_change(made.pk)
    return made


def test_who_had_finished_is_told_once_and_who_had_not_is_not(world: World):
    lesson = first_lesson()
    finish(world.registration, lesson)
    remember_place(world.other_registration, lesson.pk, "", "", at=timezone.now() - timedelta(days=1))
    made = change(lesson, world)
    tell_change(made.pk)
    (notice,) = Notice.objects.filter(kind="course.page_changed")
    assert notice.user == world.trainee
    assert notice.title == f"“{lesson.title}”, which you have finished, has changed: {NOTE}"
    assert notice.url.endswith(f"{lesson.slug}/#change-{made.pk}")
    assert Job.objects.filter(key=f"page-change-{made.pk}").count() == 1
    event = AuditEvent.objects.get(action="course.page_changed")
    assert event.subject == f"page:{lesson.pk}"
    assert NOTE not in event.canonical


def test_a_withdrawn_learner_is_not_told(world: World):
    lesson = first_lesson()
    finish(world.registration, lesson)
    Registration.objects.filter(pk=world.registration.pk).update(state=Registration.State.WITHDRAWN)
    change(lesson, world)
    assert not Notice.objects.filter(kind="course.page_changed").exists()


def test_many_learners_are_told_in_batches(world: World, monkeypatch):
    monkeypatch.setattr("courses.pages.substance.BATCH", 2)
    lesson = first_lesson()
    people = [make_learner(world.cohort) for _ in range(5)]
    for registration in people:
        finish(registration, lesson)
    change(lesson, world)
    told = Notice.objects.filter(kind="course.page_changed").values_list("user", flat=True)
    assert sorted(told) == sorted(row.learner_id for row in people)


def test_the_word_is_taken_back_on_the_page_and_in_every_draft(world: World):
    lesson = first_lesson()
    first = draft_of(lesson, by=world.author, changed_in_substance=True, change_note=NOTE).get_latest_revision()
    draft_of(lesson, by=world.author, title="Newer than what is published")
    Revision.objects.get(pk=first.pk).publish(user=world.publisher)  # as it stands in the database
    page = LessonPage.objects.get(pk=lesson.pk)
    assert (page.changed_in_substance, page.change_note) == (False, "")
    draft = page.get_latest_revision_as_object()
    assert (draft.title, draft.changed_in_substance, draft.change_note) == ("Newer than what is published", False, "")
    publish(page, by=world.publisher)
    assert PageChange.objects.count() == 1


def test_publishing_without_the_word_tells_nobody(world: World):
    lesson = first_lesson()
    finish(world.registration, lesson)
    publish(lesson, by=world.publisher, title="A comma moved")
    assert not PageChange.objects.exists()
    assert unseen_changes(world.registration) == {}


def test_the_word_without_a_note_is_refused(world: World):
    draft = first_lesson()
    draft.changed_in_substance = True
    with pytest.raises(ValidationError) as refused:
        draft.full_clean()
    assert list(refused.value.message_dict) == ["change_note"]


def test_finish_place_and_answers_stay(world: World):
    lesson = first_lesson()
    before = finish(world.registration, lesson)
    block = uuid.UUID(str(lesson.body[0].id))
    StudyAnswer.objects.create(registration=world.registration, page_id=lesson.pk, block=block, kind="reflection",
                               value={"text": "Mine"}, saved_at=timezone.now(), done_at=timezone.now())  # fmt: skip
    change(lesson, world)
    after = StudyProgress.objects.get(pk=before.pk)
    assert (after.finished_at, after.anchor, after.reached_end_at) == (
        before.finished_at, before.anchor, before.reached_end_at,
    )  # fmt: skip
    page = LessonPage.objects.get(pk=lesson.pk)
    assert block in {uuid.UUID(str(part.id)) for part in page.body}
    assert StudyAnswer.objects.get(block=block).value == {"text": "Mine"}


def test_page_and_contents_say_what_changed_until_it_is_read_again(world: World, client_of):
    lesson = first_lesson()
    finish(world.registration, lesson)
    change(lesson, world)
    browser: Client = client_of(world.trainee)
    url = lesson.get_url()
    unit, course = url.rsplit("/", 2)[0] + "/", url.rsplit("/", 3)[0] + "/"
    for address in (url, unit, course):
        page = browser.get(address).content.decode()
        assert NOTE in page, address
        assert "since you finished" in page
    assert NOTE not in client_of(world.other_trainee).get(url).content.decode()
    assert NOTE not in Client().get(course).content.decode()
    answer = browser.post(f"/learn/study/{lesson.pk}/seen/", follow=True)
    assert NOTE not in answer.content.decode()
    assert NOTE not in browser.get(course).content.decode()


def test_reading_it_again_is_enough(world: World):
    lesson = first_lesson()
    finish(world.registration, lesson)
    change(lesson, world)
    assert list(unseen_changes(world.registration)) == [lesson.pk]
    remember_place(world.registration, lesson.pk, "", "", at=timezone.now() + timedelta(seconds=1))
    assert unseen_changes(world.registration) == {}


def test_the_newest_change_is_shown_and_one_query_reads_all(world: World, queries):
    lesson = first_lesson()
    finish(world.registration, lesson)
    change(lesson, world)
    publish(lesson, by=world.publisher, changed_in_substance=True, change_note="And the law.")
    with queries(1):
        assert unseen_changes(world.registration)[lesson.pk].note == "And the law."
    see_again(world.registration, lesson.pk, at=timezone.now() + timedelta(seconds=1))
    assert unseen_changes(world.registration) == {}
