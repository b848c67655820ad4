"""The course as a list: where am I, what is next, how long."""

from datetime import timedelta

import pytest
from django.utils import timezone

from courses.delivery.api import Registration, progress_by_page, remember_place
from courses.delivery.models import StudyProgress
from courses.pages.models import CoursePage, LessonPage, UnitPage
from courses.pages.outline import outline_of
from courses.pages.queries import address, study_items, units_of
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def outline(registration: Registration | None = None):
    course = CoursePage.objects.get()
    return outline_of(units_of(course), study_items(course), progress_by_page(registration) if registration else None)


def finish(registration: Registration, *places: int) -> None:
    now = timezone.now()
    for minute, place in enumerate(places):
        item, at = outline().entries[place].item, now + timedelta(minutes=minute)
        StudyProgress.objects.update_or_create(
            registration=registration, page_id=item.pk,
            defaults={"opened_at": at, "seen_at": at, "reached_end_at": at, "finished_at": at},
        )  # fmt: skip


def test_for_a_visitor_the_first_unit_is_open_and_nothing_is_finished():
    found = outline()
    assert [part.is_open for part in found.parts] == [True, False, False, False]
    assert (found.finished, found.next.item) == (0, found.entries[0].item)
    assert found.time == found.time_left


def test_minutes_left_count_lessons_that_are_not_finished_and_no_tasks():
    world = world_again()
    before = outline().parts[0]
    finish(world.registration, 0)
    part = outline(world.registration).parts[0]
    assert (part.finished, part.minutes_left) == (1, before.minutes - before.entries[0].item.minutes)
    assert part.minutes == sum(entry.item.minutes for entry in part.entries if not entry.item.is_task)


def test_next_is_the_lesson_that_is_open_then_the_page_after_the_one_finished_last_round_to_the_first():
    world, before = world_again(), outline()
    second, all_of_them = len(before.parts[0].entries), len(before.entries)
    finish(world.registration, second)  # people begin with the unit that they need
    found = outline(world.registration)
    assert (found.next.item, [part.is_open for part in found.parts][1]) == (found.entries[second + 1].item, True)
    finish(world.registration, *range(second + 1, all_of_them))
    assert outline(world.registration).next.item == found.entries[0].item
    opened = found.entries[1].item
    remember_place(world.registration, opened.pk, "p-0123", "What it is", at=timezone.now())
    following = outline(world.registration).next
    assert (following.item, following.url, following.is_begun) == (opened, f"{opened.url}#p-0123", True)
    finish(world.registration, *range(all_of_them))
    assert outline(world.registration).next is None


def test_course_and_unit_say_how_far_one_is_in_words(client_of):
    world = world_again()
    finish(world.registration, 0)
    browser, course = client_of(world.trainee), CoursePage.objects.get()
    page = browser.get(address(course)).content.decode()
    assert f"1 of {len(outline().entries)}</strong> pages finished" in page
    assert page.count('<details class="course-unit ') == 4
    assert page.count(" open>") == 1
    unit = browser.get(address(UnitPage.objects.first())).content.decode()
    assert "Finished" in unit
    assert ">Task<" in unit
    assert "Next: Your role, and growing into it" in unit


def test_kinds_of_pages_are_named(client_of):
    world, lesson = world_again(), LessonPage.objects.order_by("path").first()
    lesson.kind = LessonPage.Kind.CASE_STUDY
    lesson.save_revision().publish()
    browser = client_of(world.trainee)
    assert "Case study" in browser.get(address(lesson.get_parent().specific)).content.decode()
    assert f"Case study · {lesson.minutes} minutes" in browser.get(address(lesson)).content.decode()


def test_course_and_unit_take_few_queries_however_much_is_finished(client_of, queries):
    world = world_again()
    finish(world.registration, 0)
    browser, course = client_of(world.trainee), CoursePage.objects.get()
    queries.pin(browser, address(course), grow=lambda: finish(world.registration, 1, 2), exactly=12)
    assert len(queries.of(browser, address(UnitPage.objects.first()))) <= 12
