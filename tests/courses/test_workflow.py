"""Author, reviewer, publisher: whose turn it is, who is told, and what is published."""

import pytest
from django.core import mail
from wagtail.models import Page, PageLogEntry, PageSubscription, Task, Workflow, WorkflowState
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from courses.pages.authors import group_of, open_course_to_authors, workflow_of
from courses.pages.models import CoursePage, LessonPage
from lms.accounts.api import Role
from lms.audit.models import AuditEvent
from lms.common.errors import Refused
from lms.notices.models import Notice
from tests.factories import World, make_person
from tests.permissions.forms import form_of

from .authoring import approve, draft_of, first_lesson, hand_in, publish

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def told(user) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


def test_each_organisation_has_one_workflow_review_then_publish_for_all_its_courses(world: World):
    course = CoursePage.objects.get()
    (workflow,) = Workflow.objects.exclude(name__startswith="Moderators")
    open_course_to_authors(course)
    assert workflow_of(world.ao) == workflow == first_lesson().get_workflow()
    assert [(task.name, list(task.specific.groups.all())) for task in workflow.tasks] == [
        ("Review", [group_of(world.ao, Role.REVIEWER)]), ("Publish", [group_of(world.ao, Role.PUBLISHER)]),
    ]  # fmt: skip
    other = workflow_of(world.other.ao)
    assert other != workflow
    assert not set(other.tasks) & set(workflow.tasks)


def test_handed_in_reviewed_published_each_told_once_and_no_mail_of_wagtails(world: World):
    lesson = first_lesson()
    draft_of(lesson, by=world.author, title="Rewritten")
    hand_in(lesson, by=world.author)
    assert told(world.reviewer) == ["“Rewritten” waits for you to review it."]
    assert told(world.publisher) == []
    approve(lesson, by=world.reviewer)
    assert LessonPage.objects.get(pk=lesson.pk).title == lesson.title, "nothing is published yet"
    assert told(world.publisher) == ["“Rewritten” waits for you to publish it."]
    approve(lesson, by=world.publisher)
    assert LessonPage.objects.get(pk=lesson.pk).title == "Rewritten"
    assert told(world.author) == ["“Rewritten” is published."]
    assert mail.outbox == []
    event = AuditEvent.objects.filter(action="course.page_published").order_by("pk").last()
    assert event.subject == f"page:{lesson.pk}"


def test_a_lesson_is_handed_in_as_it_is_made_and_its_author_hears_of_comments(world: World, client_of):
    unit, author = first_lesson().get_parent(), client_of(world.author)
    add = f"/cms/pages/add/courses/lessonpage/{unit.pk}/"
    fields = form_of(author.get(add).content.decode(), "/cms/", add)
    words = {"title": "New", "slug": "new", "summary": "What it is about.", "minutes": "5", "kind": "lesson",
             "comment_notifications": "on"}  # fmt: skip
    body = nested_form_data({"body": streamfield([("text", rich_text("<p>Words of the author.</p>"))])})
    comments = {f"comments-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    answer = author.post(add, {**fields, **comments, **body, **words, "action-submit": "1"})
    assert answer.status_code == 302
    page = Page.objects.get(title="New")
    assert page.workflow_in_progress
    assert PageSubscription.objects.get(page=page, user=world.author).comment_notifications


def test_who_asks_for_changes_says_why_and_the_author_hands_in_again(world: World):
    lesson = first_lesson()
    draft_of(lesson, by=world.author, title="Rewritten")
    state = hand_in(lesson, by=world.author)
    turn = Page.objects.get(pk=lesson.pk).current_workflow_task_state
    turn.task.specific.on_action(turn, world.reviewer, "reject", comment="Say who the key person is.")
    assert told(world.author) == ["Rhys Doyle asks for changes to “Rewritten”: Say who the key person is."]
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    state.resume(world.author)
    assert told(world.reviewer) == ["“Rewritten” waits for you to review it."] * 2


def test_a_reviewer_cannot_approve_the_publishing_and_an_author_approves_nothing(world: World):
    lesson = first_lesson()
    hand_in(lesson, by=world.author)

    def may(user) -> set[str]:
        page = Page.objects.get(pk=lesson.pk)
        return {name for name, *_ in page.current_workflow_task.get_actions(page, type(user).objects.get(pk=user.pk))}

    assert (may(world.author), may(world.reviewer), may(world.publisher)) == (set(), {"approve", "reject"}, set())
    approve(lesson, by=world.reviewer)
    assert (may(world.author), may(world.reviewer), may(world.publisher)) == (set(), set(), {"approve", "reject"})
    assert may(world.other.author) == set()


def test_approval_that_would_open_a_gap_is_refused_and_loses_nothing(world: World):
    lesson = first_lesson()
    draft = draft_of(lesson, by=world.author, title="Without its mappings", criterion_uses=[])
    hand_in(lesson, by=world.author)
    approve(lesson, by=world.reviewer)
    with pytest.raises(Refused):
        approve(lesson, by=world.publisher)
    page = Page.objects.get(pk=lesson.pk)
    assert (page.title, page.draft_title) == (lesson.title, "Without its mappings")
    assert page.current_workflow_task.name == "Publish", "it still waits for its publisher"
    assert page.latest_revision_id == draft.get_latest_revision().pk


def test_who_approves_what_they_alone_wrote_is_warned_where_somebody_else_could(world: World, client_of):
    lesson = first_lesson()
    both = make_person("Bo Quill", (Role.AUTHOR, world.ao), (Role.REVIEWER, world.ao))
    draft_of(lesson, by=both, title="Mine")
    hand_in(lesson, by=both)
    address, warning = f"/cms/pages/{lesson.pk}/edit/", "You wrote this yourself."
    page = client_of(both).get(address).content.decode()
    assert warning in page
    assert "Rhys Doyle could" in page
    assert warning not in client_of(world.reviewer).get(address).content.decode()
    draft_of(lesson, by=world.reviewer, title="Mine, mended by another")
    assert warning not in client_of(both).get(address).content.decode()


def test_nobody_to_ask_no_warning(world: World, client_of):
    world.reviewer.groups.clear()
    both = make_person("Bo Quill", (Role.AUTHOR, world.ao), (Role.REVIEWER, world.ao))
    lesson = first_lesson()
    draft_of(lesson, by=both, title="Mine")
    hand_in(lesson, by=both)
    assert "You wrote this yourself" not in client_of(both).get(f"/cms/pages/{lesson.pk}/edit/").content.decode()


def test_the_log_of_wagtail_says_who_did_what(world: World):
    lesson = first_lesson()
    hand_in(lesson, by=world.author)
    approve(lesson, by=world.reviewer)
    acts = PageLogEntry.objects.filter(page=lesson.pk, user__isnull=False).order_by("pk")
    assert list(acts.values_list("action", "user__name"))[-2:] == [
        ("wagtail.workflow.start", "Aoife Byrne"), ("wagtail.workflow.approve", "Rhys Doyle"),
    ]  # fmt: skip
    assert Task.objects.filter(name="Review").exists()
    publish(lesson, by=world.publisher)
    assert not Page.objects.get(pk=lesson.pk).workflow_in_progress, "publishing at once ends the review"
