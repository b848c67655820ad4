"""Lessons that an authority adds for its own trainees: found by them as any lesson is, and by nobody else."""

from typing import Any

import pytest
from django.urls import reverse
from wagtail.models import Page

from courses.delivery.api import StudyProgress
from courses.pages.local import lessons_page
from courses.pages.models import AuthorityPage, CoursePage, LessonPage, LocalLessonPage, UnitPage
from courses.pages.queries import address, local_lessons, study_items
from lms.accounts.api import end_membership
from lms.common.once import issue
from lms.dashboards.authoring import courses_to_edit
from tests.factories import make_cohort, make_learner
from tests.factories.tutoring import TEXT, draft_block, make_author, make_local_lesson, make_tutor
from tests.helpers import database_refuses, refused, run_sql

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def author(world: Any) -> Any:
    return make_author(world.authority)


@pytest.fixture
def local(world: Any, author: Any) -> LocalLessonPage:
    return make_local_lesson(world.authority, author)


@pytest.fixture
def neighbour(world: Any) -> Any:
    """A learner of the same course whose cohort is another authority's."""
    cohort = make_cohort(world.qualification, world.centre, world.other.authority, name="Northmoor here")
    return make_learner(cohort, name="Nell Field")


def test_its_own_trainees_find_it_after_its_unit_and_go_on_from_it(client_of, world, local):
    browser, course = client_of(world.trainee), CoursePage.objects.get()
    unit = UnitPage.objects.order_by("path")[0]
    items = study_items(course, world.authority)
    place = next(n for n, item in enumerate(items) if item.pk == local.pk)
    assert [item.unit_path for item in items[: place + 1]] == [unit.path] * (place + 1)
    assert items[place + 1].unit_path != unit.path
    for page in (address(course), address(unit)):
        assert local.title in browser.get(page).content.decode()
    before = browser.get(items[place - 1].url).content.decode()
    assert f"Next: {local.title}" in before
    shown = browser.get(address(local)).content.decode()
    assert "How it meets." in shown
    assert "Havenshire Council" in shown
    assert f"Back: {items[place - 1].title}" in shown
    answer = browser.post(reverse("study:finish", args=[local.pk]))
    assert answer.url == items[place + 1].url
    assert StudyProgress.objects.get().page_id == local.pk


def test_it_counts_in_what_is_left(client_of, world, local):
    browser, url = client_of(world.trainee), reverse("wagtail_serve", args=["courses/level-3-early-years-senco/"])
    with_it = sum(item.minutes for item in study_items(CoursePage.objects.get(), world.authority) if not item.is_task)
    without = sum(item.minutes for item in study_items(CoursePage.objects.get()) if not item.is_task)
    assert with_it == without + local.minutes
    outline = browser.get(url).context["outline"]
    assert sum(part.minutes_left for part in outline.parts) == with_it


def test_nobody_else_finds_it(client_of, world, neighbour, local):
    course = CoursePage.objects.get()
    mine = study_items(course, world.other.authority)
    assert local.pk not in {item.pk for item in mine}
    assert mine == study_items(course)
    strangers = (neighbour.learner, world.other.trainee, world.author, world.eqa, world.other.authority_manager,
                 world.other.assessor, make_author(world.other.authority, "Nan Other"))  # fmt: skip
    for person in strangers:
        browser = client_of(person)
        assert browser.get(address(local)).status_code == 404, person
        assert browser.get(address(local.get_parent())).status_code == 404, person
        for act in ("remember", "finish"):
            assert browser.post(reverse(f"study:{act}", args=[local.pk]), {"anchor": ""}).status_code == 404
        for page in (address(course), address(local.unit), reverse("wagtail_serve", args=["courses/"])):
            assert local.title not in browser.get(page).content.decode()
    assert client_of(None).get(address(local)).url.startswith(reverse("account_login"))
    assert client_of(None).get(address(local.get_parent())).status_code == 404


def test_staff_who_work_with_its_trainees_read_it(client_of, world, author, local):
    tutor = make_tutor(world.centre)
    for person in (world.assessor, world.iqa, world.centre_admin, world.authority_manager, world.area_senco, author,
                   tutor):  # fmt: skip
        assert client_of(person).get(address(local)).status_code == 200, person
    assert client_of(world.setting_manager).get(address(local)).status_code == 404
    assert local.title in client_of(author).get(address(local.get_parent())).content.decode()


def test_an_unpublished_one_is_found_by_nobody(client_of, world, local):
    local.unpublish()
    assert client_of(world.trainee).get(address(local)).status_code == 404
    assert local.title not in client_of(world.trainee).get(address(local.unit)).content.decode()


def test_a_draft_for_comments_works_in_it_too(client_of, world, author):
    make_tutor(world.centre)
    local = make_local_lesson(world.authority, author, text=TEXT)
    url = reverse("study:draft_send", args=[local.pk, draft_block(local)])
    answer = client_of(world.trainee).post(url, {"text": "Mine."})
    assert answer.url == f"{address(local)}#block-{draft_block(local)}"
    assert "With Tilda Moss" in client_of(world.trainee).get(address(local)).content.decode()


def test_it_counts_for_nothing_in_the_course(world, author):
    before = [(part.taught, part.assessed) for part in courses_to_edit(world.author)[0].sections]
    local = make_local_lesson(world.authority, author)
    criterion = world.registration.criterion_statuses.order_by("-criterion__position").first().criterion
    local.criterion_uses.create(criterion=criterion, use="teaches")
    assert [(part.taught, part.assessed) for part in courses_to_edit(world.author)[0].sections] == before


def test_its_page_is_made_once_with_rights_for_its_authors_only(client_of, world, author):
    for person in (world.authority_manager, world.other.authority_manager, world.author, world.superuser):
        with refused("local-author"):
            lessons_page(world.authority, by=person)
    home = lessons_page(world.authority, by=author)
    assert lessons_page(world.authority, by=author) == home
    lesson = LessonPage.objects.order_by("path").first()
    for person, pages, rights in (
        (author, [home], {"add", "edit", "publish"}), (author, [lesson, CoursePage.objects.get()], set()),
        (world.author, [home], set()), (world.authority_manager, [home, lesson], set()),
    ):  # fmt: skip
        for page in pages:
            tester = page.permissions_for_user(person)
            found = {
                name for name, may in (("add", tester.can_add_subpage()), ("edit", tester.can_edit()),
                                       ("publish", tester.can_publish()), ("delete", tester.can_delete())) if may
            }  # fmt: skip
            assert found == rights, (person, page)
    for membership in author.memberships.all():
        end_membership(membership, ends_on=membership.starts_on, by=None, at=author.date_joined)
    assert not home.permissions_for_user(type(author).objects.get(pk=author.pk)).can_edit()


def test_an_author_begins_a_lesson_from_the_page_and_places_it_after_a_unit_of_their_courses(client_of, world, author):
    browser = client_of(author)
    page = browser.get(reverse("local:information")).content.decode()
    assert "Add a lesson" in page
    answer = browser.post(reverse("local:begin"), {"once": issue(author)})
    home = AuthorityPage.objects.get()
    assert answer.url == reverse("wagtailadmin_pages:add", args=["courses", "locallessonpage", home.pk])
    form = LocalLessonPage.get_edit_handler().get_form_class()(
        instance=LocalLessonPage(), parent_page=Page.objects.get(pk=home.pk), for_user=author
    )
    assert set(form.fields["unit"].queryset) == set(UnitPage.objects.all())
    elsewhere = lessons_page(world.other.authority, by=make_author(world.other.authority, "Nan Other"))
    form = LocalLessonPage.get_edit_handler().get_form_class()(
        instance=LocalLessonPage(), parent_page=Page.objects.get(pk=elsewhere.pk), for_user=author
    )
    assert set(form.fields["unit"].queryset) == set()
    assert client_of(world.authority_manager).post(reverse("local:begin"), {"once": "x"}).status_code == 403


def test_the_editor_shows_another_authoritys_lesson_to_nobody(client_of, world, author, local):
    strangers = (make_author(world.other.authority, "Nan Other"), world.author)
    for person in strangers:
        browser = client_of(person)
        for what in ("edit", "history", "usage", "view_draft", "delete", "unpublish", "copy", "move"):
            address_of = f"/cms/pages/{local.pk}/{what}/"
            answer = browser.get(address_of, follow=True)
            assert local.title not in answer.content.decode(), (person, what)
            answer = browser.post(address_of, {"title": "Mine now"}, follow=True)
            assert local.title not in answer.content.decode(), (person, what)
        for page in (f"/cms/pages/{local.get_parent().pk}/", "/cms/pages/search/?q=panel",
                     "/cms/choose-page/search/?q=panel",
                     f"/cms/choose-page/{local.get_parent().pk}/", "/cms/choose-page/"):  # fmt: skip
            assert local.title not in browser.get(page, follow=True).content.decode(), (person, page)
    assert "Our own panel" in client_of(author).get("/cms/choose-page/search/?q=panel").content.decode()
    assert Page.objects.get(pk=local.pk).title == "Our own panel"


def test_its_authority_never_changes(world, local):
    with database_refuses("belong to it for good"):
        run_sql("UPDATE courses_authoritypage SET authority_id = %s", world.other.authority.pk)


def test_a_local_lesson_takes_at_most_twelve_queries_and_others_none_more(client_of, world, author, local, queries):
    lesson, browser = LessonPage.objects.filter(kind="lesson").order_by("path").first(), client_of(world.trainee)

    def grow() -> None:
        for title in ("Second", "Third"):
            make_local_lesson(world.authority, author, title=title)

    queries.pin(browser, address(lesson), grow=grow, exactly=11)  # one of them for its activity
    queries.pin(browser, address(local), grow=lambda: None, exactly=10)
    assert local_lessons(world.authority).count() == 3
