"""The home of authors, reviewers and publishers: what waits, what is planned, what happened; and copying a course."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Comment, CommentReply, Page

from courses.framework.api import Criterion
from courses.pages.copying import fill_copy
from courses.pages.models import CoursePage, LessonPage
from lms.common.models import Job
from lms.common.once import issue
from tests.courses.authoring import approve, draft_of, first_lesson, hand_in
from tests.factories import World
from tests.factories.learning import make_qualification
from tests.factories.mapping import make_mapped_qualification

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def waiting(client_of, user) -> list[tuple[str, str]]:
    desk = client_of(user).get("/authoring/").context["desk"]
    return [(one.kind, one.page.draft_title) for one in desk.waiting]


def test_each_role_sees_what_waits_for_it_and_nothing_else(world: World, client_of):
    lesson = first_lesson()
    draft_of(lesson, by=world.author, title="Rewritten")
    hand_in(lesson, by=world.author)
    people = (world.author, world.reviewer, world.publisher, world.other.author, world.superuser)
    assert [waiting(client_of, one) for one in people] == [[], [("review", "Rewritten")], [], [], []]
    approve(lesson, by=world.reviewer)
    assert [waiting(client_of, one) for one in people] == [[], [], [("publish", "Rewritten")], [], []]
    turn = Page.objects.get(pk=lesson.pk).current_workflow_task_state
    turn.task.specific.on_action(turn, world.publisher, "reject", comment="Not yet.")
    assert [waiting(client_of, one) for one in people] == [[("changes", "Rewritten")], [], [], [], []]
    assert "Petra Lang: Not yet." in client_of(world.author).get("/authoring/").content.decode()


def test_a_comment_waits_for_whoever_wrote_until_they_have_answered(world: World, client_of):
    lesson = first_lesson()
    draft_of(lesson, by=world.author, title="Rewritten")
    comment = Comment.objects.create(page=lesson, user=world.reviewer, text="Why?", contentpath="title")
    assert waiting(client_of, world.author) == [("comments", "Rewritten")]
    assert waiting(client_of, world.reviewer) == waiting(client_of, world.publisher) == []
    CommentReply.objects.create(comment=comment, user=world.author, text="Because.")
    assert waiting(client_of, world.author) == []
    assert waiting(client_of, world.reviewer) == [("comments", "Rewritten")]
    comment.resolved_at = timezone.now()
    comment.save()
    assert waiting(client_of, world.reviewer) == []


def test_plans_counts_and_what_happened(world: World, client_of):
    lesson, soon = first_lesson(), timezone.now() + timedelta(days=3)
    later = draft_of(lesson, by=world.author, title="Later", go_live_at=soon)
    later.get_latest_revision().publish(user=world.publisher)
    other = LessonPage.objects.order_by("path")[1]
    Page.objects.filter(pk=other.pk).update(expire_at=soon + timedelta(days=1))
    draft_of(LessonPage.objects.order_by("path")[2], by=world.author, title="Open draft")
    answer = client_of(world.publisher).get("/authoring/")
    desk = answer.context["desk"]
    assert [(one.page.pk, one.goes_offline) for one in desk.planned] == [(lesson.pk, False), (other.pk, True)]
    (counts,) = desk.counts.values()
    assert (counts.changed, counts.drafts, counts.in_review) == (2, 0, 0)
    assert counts.published == CoursePage.objects.get().get_descendants().live().count()
    assert ("set to be published later", "Petra Lang") in {(one.what, one.who) for one in desk.lately}
    assert "Published, with changes that are not published" in answer.content.decode()


def test_another_organisations_people_see_none_of_it(world: World, client_of):
    lesson = first_lesson()
    draft_of(lesson, by=world.author, title="Secret plans")
    hand_in(lesson, by=world.author)
    page = client_of(world.other.author).get("/authoring/").content.decode()
    assert "Secret plans" not in page
    assert "No course yet" in page
    assert "Secret plans" in client_of(world.reviewer).get("/authoring/").content.decode()


def test_its_queries_do_not_grow(world: World, client_of, queries):
    lessons = list(LessonPage.objects.order_by("path")[:4])

    def grow(some) -> None:
        for lesson in some:
            draft_of(lesson, by=world.author, title=f"New {lesson.pk}")
            hand_in(lesson, by=world.author)
            comment = Comment.objects.create(page=lesson, user=world.reviewer, text="Why?", contentpath="title")
            CommentReply.objects.create(comment=comment, user=world.author, text="Because.")
            Page.objects.filter(pk=lesson.pk).update(expire_at=timezone.now() + timedelta(days=3))

    grow(lessons[:1])
    queries.pin(client_of(world.reviewer), "/authoring/", grow=lambda: grow(lessons[1:3]), exactly=16)


class TestCopying:
    def address(self) -> str:
        return f"/authoring/courses/{CoursePage.objects.order_by('path').first().pk}/copy/"

    def post(self, browser: Client, user, **typed):
        form = {"title": "Spring edition", "slug": "spring", "once": issue(user)} | typed
        return browser.post(self.address(), form)

    def fill(self, made: CoursePage) -> None:
        fill_copy(**Job.objects.get(key=f"course-copy-{made.pk}").payload)

    def test_an_author_copies_and_reads_that_it_is_being_copied_until_it_is(self, world, client_of):
        course, author = CoursePage.objects.get(), client_of(world.author)
        answer = self.post(author, world.author, qualification=course.qualification_id)
        made = CoursePage.objects.get(slug="spring")
        assert answer.url == f"/authoring/courses/{made.pk}/coverage/?state=drafts"
        said = "Nobody can edit it before then."
        home, begun = author.get("/authoring/").content.decode(), author.get(answer.url).content.decode()
        assert said in home
        assert f"/authoring/courses/{made.pk}/copy/" not in home
        assert said in begun
        for end in ("copy/", "coverage/export.csv"):
            assert author.get(f"/authoring/courses/{made.pk}/{end}").url == f"/authoring/courses/{made.pk}/coverage/"
        self.fill(made)
        Job.objects.filter(key=f"course-copy-{made.pk}").update(state=Job.State.DONE)
        home, ready = author.get("/authoring/").content.decode(), author.get(answer.url).content.decode()
        assert said not in home + ready
        assert "Nothing is missing" in ready
        assert f"/authoring/courses/{made.pk}/copy/" in home

    def test_an_address_that_is_taken_is_said_at_its_field_and_nothing_typed_is_lost(self, world, client_of):
        course = CoursePage.objects.get()
        answer = self.post(client_of(world.author), world.author, qualification=course.qualification_id,
                           slug=course.slug)  # fmt: skip
        assert answer.status_code == 422
        assert answer.context["form"].errors["slug"] == ["Another course has this address. Choose another."]
        assert "Spring edition" in answer.content.decode()

    def test_what_cannot_go_along_is_read_before_it_is_agreed_to(self, world, client_of):
        target = make_qualification(world.ao, framework=make_mapped_qualification().framework)
        browser = client_of(world.author)
        first = self.post(browser, world.author, qualification=target.pk)
        assert first.status_code == 422
        page = first.content.decode()
        assert Criterion.objects.get(code="1.12", framework__code__startswith="early").full_text in page
        assert CoursePage.objects.count() == 1
        done = self.post(browser, world.author, qualification=target.pk, agreed=target.pk)
        made = CoursePage.objects.get(slug="spring")
        assert (made.qualification, done.status_code) == (target, 302)
        self.fill(made)
        assert "could not go along" in browser.get("/notices/").content.decode()

    def test_a_qualification_of_another_organisation_cannot_be_chosen(self, world, client_of):
        answer = self.post(client_of(world.author), world.author, qualification=world.other.qualification.pk)
        assert "qualification" in answer.context["form"].errors
        assert CoursePage.objects.count() == 1
