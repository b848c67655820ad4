"""On a phone at a quarter past nine: a learner goes on where they stopped, marks a place, writes a note, makes the text
larger, searches and prints."""

import pytest

from courses.delivery.models import Bookmark, StudyNote, StudyProgress
from courses.pages.models import CoursePage, UnitPage
from courses.pages.queries import address, rendered
from tests.factories import make_world
from tests.factories.lessons import LESSON, make_lesson

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
LONG = LESSON + "\n\n## The next morning\n\n" + "\n\n".join(
    f"On day {number} Ola watched again, and wrote down what she saw before she said what she thought."
    for number in range(1, 25)
)  # fmt: skip


def top_of(page, place: str) -> float:
    return page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", place)


def test_studying_on_a_phone_and_coming_back(visit):
    world, lesson = make_world(), make_lesson(LONG)
    places = list(rendered(lesson).places)
    stop = places[-8]
    learner = visit().arrive_as(world.trainee).go(address(CoursePage.objects.get()))
    page = learner.page
    there = CoursePage.objects.get().get_descendants().not_exact_type(UnitPage).count()
    learner.sees(f"0 of {there} pages finished", lesson.title, "Next").looks()
    assert page.locator("details.course-unit[open]").count() == 1
    learner.press("Start").looks().go(address(lesson)).looks()

    # Reading: the place is remembered, and gone back to.
    with page.expect_response(lambda answer: answer.url.endswith("/place/")):
        page.evaluate("id => document.getElementById(id).scrollIntoView()", stop)
    progress = StudyProgress.objects.get(page_id=lesson.pk)
    assert (progress.anchor in places, progress.anchor_title) == (True, "The next morning")
    assert float(page.locator(".study-line").get_attribute("value") or 0) > 500
    learner.go("/learn/").sees("You stopped at “The next morning”.").press("Carry on")
    page.wait_for_function("() => window.scrollY > 500")
    assert -5 < top_of(page, progress.anchor) < 120
    learner.go(address(lesson)).sees("Go on where you stopped")
    page.get_by_role("link", name="Go on where you stopped").click()
    assert -5 < top_of(page, progress.anchor) < 120

    # A bookmark at the paragraph that is being read, by keyboard.
    page.locator("summary", has_text="Bookmark").focus()
    page.keyboard.press("Enter")
    page.locator("[data-bookmark-place] option", has_text="Here:").wait_for(state="attached")
    learner.looks()
    learner.press("Add").sees("Bookmarked: The next morning · On day")
    assert Bookmark.objects.get().anchor.startswith("p-")
    learner.go("/learn/bookmarks/").looks().press("The next morning")
    assert page.url.endswith(f"#{Bookmark.objects.get().anchor}")
    learner.go("/learn/bookmarks/").press("Remove").sees("Bookmark removed").looks().press("Undo")
    assert Bookmark.objects.count() == 1

    # A note that is saved as it is typed; Escape closes what was opened.
    learner.go(address(lesson))
    page.locator("summary", has_text="Note").click()
    page.get_by_label("My note on this page").fill("Ask Ola what she saw on Thursday.")
    page.locator(".note-form [data-saved]", has_text="Saved").wait_for()
    learner.looks()
    page.keyboard.press("Escape")
    assert not page.locator("#note").get_attribute("open")
    assert StudyNote.objects.get().text == "Ask Ola what she saw on Thursday."
    learner.go("/learn/notes/?q=thursday").sees("Ask Ola what she saw").looks()

    # Larger text at once and on the next page.
    learner.go(address(lesson))
    before = page.locator(".study__body p").first.evaluate("p => parseFloat(getComputedStyle(p).fontSize)")
    page.locator("summary", has_text="Text").click()
    with page.expect_response(lambda answer: answer.url.endswith("/courses/reading/")):
        page.get_by_label("Largest").check()
    page.get_by_label("Wide").check()
    page.get_by_text("Kept in this browser.").wait_for()
    learner.go(address(lesson)).looks()
    after = page.locator(".study__body p").first.evaluate("p => parseFloat(getComputedStyle(p).fontSize)")
    assert after > before * 1.3

    # Search from the course, by keyboard.
    learner.go(address(CoursePage.objects.get()))
    page.get_by_label("Search the course").fill("wrote down before she thought")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    learner.sees("Lessons", lesson.title).looks().press(lesson.title)
    assert "#p-" in page.url
    learner.go("/courses/search/?q=edukational").sees("Did you mean educational").looks()
    learner.press("the statements of the specification").sees("1.7.a").looks()

    # Paper.
    learner.go(address(lesson)).press("Print, or save as PDF").sees("Statements covered").looks()
    page.get_by_label("With my own answers").check()
    learner.press("Show it like that").looks()
    page.emulate_media(media="print")
    assert page.locator(".print-choose").is_hidden()
    assert page.locator(".paper .quiz__paper").first.is_visible()
    assert page.locator(".paper .quiz__screen").first.is_hidden()
    page.emulate_media(media="screen")
    learner.go("/learn/answers/").sees("No answers yet").looks()


def test_without_javascript_the_same_can_be_done(visit):
    world, lesson = make_world(), make_lesson(LONG)
    learner = visit(javascript=False).arrive_as(world.trainee).go(address(lesson))
    page = learner.page
    page.locator("summary", has_text="Bookmark").click()
    page.get_by_label("Bookmark a place").select_option(label="The next morning")
    learner.press("Add").sees("Bookmarked: The next morning.")
    page.locator("summary", has_text="Note").click()
    page.get_by_label("My note on this page").fill("Without a script.")
    learner.press("Save the note").sees("Your note is saved.")
    page.locator("summary", has_text="Text").click()
    page.get_by_label("Large", exact=True).check()
    learner.press("Use this")
    assert "reading--large" in page.locator("article.study").get_attribute("class")
    assert StudyNote.objects.get().text == "Without a script."
