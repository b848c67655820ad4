"""The course as its readers meet it: who may read, what is remembered, how few queries it takes."""

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from courses.delivery.models import StudyProgress
from courses.pages.models import CoursePage, LessonPage, PageCriterion, TaskPage, UnitPage
from courses.pages.queries import address, rendered, study_items, with_anchors
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def first_lesson() -> LessonPage:
    return LessonPage.objects.order_by("path").first()


def test_the_shipped_course_has_four_units_from_an_opening_to_its_tasks():
    course = CoursePage.objects.get()
    units = UnitPage.objects.child_of(course).select_related("section").order_by("path")
    assert [unit.section.code for unit in units] == ["1", "2", "3", "4"]
    for unit in units:
        kinds = list(LessonPage.objects.child_of(unit).order_by("path").values_list("kind", flat=True))
        assert [kinds[0], *kinds[-2:]] == ["opening", "case_study", "closing"]
        assert kinds.count("lesson") >= 4
        assert TaskPage.objects.child_of(unit).count() >= 2


def test_each_task_assesses_what_its_units_lessons_teach():
    for unit in UnitPage.objects.all():
        uses = PageCriterion.objects.filter(page__path__startswith=unit.path)
        taught = set(uses.filter(use="teaches").values_list("criterion_id", flat=True))
        assessed = set(uses.filter(use="assesses").values_list("criterion_id", flat=True))
        assert taught == assessed != set()


def test_course_and_units_are_public_and_lessons_are_not(client):
    course, unit, lesson = CoursePage.objects.get(), UnitPage.objects.first(), first_lesson()
    assert [client.get(address(page)).status_code for page in (course, unit)] == [200, 200]
    answer = client.get(address(lesson))
    assert (answer.status_code, answer.url) == (302, f"{reverse('account_login')}?next={address(lesson)}")


def test_a_lesson_opens_for_its_learner_and_staff_and_for_nobody_else(client_of):
    world, url = world_again(), address(first_lesson())
    readers = ("trainee", "assessor", "iqa", "author", "eqa", "authority_manager", "centre_admin", "lead_iqa")
    opened = {name: client_of(getattr(world, name)).get(url).status_code for name in readers}
    assert opened == dict.fromkeys(readers, 200)
    strangers = ("trainee", "assessor", "author", "authority_manager", "centre_admin")
    refused = {name: client_of(getattr(world.other, name)).get(url).status_code for name in strangers}
    assert refused == dict.fromkeys(strangers, 403)


def test_a_view_restriction_set_in_wagtail_holds_on_the_short_route(client_of):
    world, lesson = world_again(), first_lesson()
    assert client_of(world.trainee).get(address(lesson)).status_code == 200
    restriction = PageViewRestriction.objects.create(
        page=lesson.get_parent(), restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(Group.objects.create(name="Pilot readers"))
    answer = client_of(world.trainee).get(address(lesson))
    assert answer.status_code == 302, answer.content.decode()[:100]
    assert answer.url.startswith(reverse("account_login"))


def test_an_unpublished_lesson_is_not_found(client_of):
    world, lesson = world_again(), first_lesson()
    CoursePage.objects.get().unpublish()  # a published course keeps what it needs
    lesson.unpublish()
    assert client_of(world.trainee).get(address(lesson)).status_code == 404


def test_where_a_learner_stopped_is_remembered_and_shown(client_of):
    world, lesson = world_again(), first_lesson()
    browser = client_of(world.trainee)
    anchor, title = rendered(lesson).headings[1]
    answer = browser.post(reverse("study:remember", args=[lesson.pk]), {"anchor": anchor})
    assert answer.status_code == 200
    page = browser.get(address(lesson)).content.decode()
    assert f'data-resume="{anchor}"' in page
    assert f"Go on where you stopped</a>, under “{title}”" in page


def test_a_place_that_the_lesson_does_not_have_is_refused(client_of):
    world, lesson = world_again(), first_lesson()
    answer = client_of(world.trainee).post(reverse("study:remember", args=[lesson.pk]), {"anchor": "nowhere"})
    assert answer.status_code == 400
    assert not StudyProgress.objects.exists()


def test_reading_alone_writes_nothing(client_of):
    world, lesson = world_again(), first_lesson()
    client_of(world.trainee).get(address(lesson))
    assert not StudyProgress.objects.exists()


def test_finishing_opens_the_next_page_and_the_first_time_counts(client_of):
    world, lesson = world_again(), first_lesson()
    browser = client_of(world.trainee)
    items = study_items(CoursePage.objects.get())
    answer = browser.post(reverse("study:finish", args=[lesson.pk]))
    assert answer.url == items[1].url
    finished = StudyProgress.objects.get().finished_at
    browser.post(reverse("study:finish", args=[lesson.pk]))
    assert StudyProgress.objects.get().finished_at == finished


def test_an_assessor_leaves_no_study_progress(client_of):
    world, lesson = world_again(), first_lesson()
    assert client_of(world.assessor).post(reverse("study:finish", args=[lesson.pk])).status_code == 404
    assert not StudyProgress.objects.exists()


def test_a_lesson_shows_each_lettered_statement_under_its_stem(client_of):
    world, lesson = world_again(), LessonPage.objects.get(slug="who-understood")
    page = client_of(world.trainee).get(address(lesson)).content.decode()
    assert "Describe the four areas of need" in page
    assert "The numbers are ours" in page
    assert "not yet expert-reviewed" in page


def test_a_lesson_takes_at_most_twelve_queries_whatever_its_length(client_of, queries):
    world, lesson = world_again(), LessonPage.objects.get(slug="what-sen-means")
    browser = client_of(world.trainee)

    def grow() -> None:
        page = LessonPage.objects.get(pk=lesson.pk)
        page.body = [*((b.block_type, b.value) for b in page.body)] * 3
        page.save_revision().publish()
        now = timezone.now()
        for other in LessonPage.objects.exclude(pk=lesson.pk)[:2]:
            StudyProgress.objects.create(registration=world.registration, page=other, opened_at=now, seen_at=now)

    queries.pin(browser, address(lesson), grow=grow, exactly=11)  # one of them for its activity
    task = TaskPage.objects.order_by("path").first()
    assert len(queries.of(browser, address(task))) <= 12


def test_headings_get_ids_once_each():
    (html,), places = with_anchors(["<p>x</p><h2>Plan</h2><p>y</p><h2>Plan</h2><h2>!</h2>"])
    ids = [anchor for anchor, _ in places.headings]
    assert ids == ["plan", "plan-2", "part-3"]
    assert all(f'<h2 id="{anchor}">' in html for anchor in ids)


def test_loading_the_course_again_changes_nothing():
    from courses.pages.load import load_course

    before = list(LessonPage.objects.values_list("pk", "latest_revision_id"))
    lines = load_course()
    assert all("stands already" in line for line in lines)
    assert list(LessonPage.objects.values_list("pk", "latest_revision_id")) == before


def test_a_page_whose_source_changed_is_left_alone_and_said_so():
    from courses.pages.load import load_course

    lesson = first_lesson()
    LessonPage.objects.filter(pk=lesson.pk).update(source_digest="older", title="Edited by its author")
    assert any("edited in the editor, left as it is" in line for line in load_course())
    assert first_lesson().title == "Edited by its author"


def test_an_author_sees_an_unsaved_lesson_in_the_editors_preview(client_of):
    world, lesson = world_again(), first_lesson()
    lesson.title = "Not saved yet"
    original = RequestFactory().get("/cms/", HTTP_HOST="testserver")
    original.user = world.author
    answer = lesson.make_preview_request(original_request=original, preview_mode="")
    assert answer.status_code == 200
    assert "Not saved yet" in answer.content.decode()
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert LessonPage.objects.get(pk=lesson.pk).title != "Not saved yet"
