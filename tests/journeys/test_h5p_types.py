"""Our own content types, done in a real browser in the player: by keyboard and by pointer, left and resumed, with their
scores and the answers to their parts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Frame, expect

from courses.delivery.api import ActivityAttempt, ActivityStatement, StudyAnswer
from courses.pages.models import LessonPage
from courses.pages.queries import address
from courses.pages.source import SOURCE
from courses.pages.source_activities import read_activities
from tests.factories import make_world

from .conftest import AXE

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
COURSE = read_activities(SOURCE)


def open_in(visit: Any, slug: str, **how: Any) -> tuple[Any, Frame]:
    """A trainee at a lesson of the course, and the frame of its activity."""
    visitor = visit(**how).arrive_as(make_world().trainee)
    visitor.go(address(LessonPage.objects.get(slug=slug)))
    return visitor, frame_of(visitor)


def frame_of(visitor: Any) -> Frame:
    visitor.page.locator("[data-play]").scroll_into_view_if_needed()
    visitor.page.frame_locator(".play__frame").locator(".sp").wait_for()
    return next(one for one in visitor.page.frames if "/h5p/play/" in one.url)


def is_clean(frame: Frame) -> None:
    """axe finds nothing, nothing is cut off at the side, and whatever is pressed is large enough."""
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    found = frame.evaluate(f"axe.run({{runOnly: {RULES}}}).then(r => r.violations.map(v => v.id + v.nodes[0].target))")
    assert found == []
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = "[...document.querySelectorAll('button')].filter(b => b.offsetHeight < 44 || b.offsetWidth < 44).length"
    assert frame.evaluate(small) == 0


def until_kept(visitor: Any, act: Any) -> None:
    """Waits until the place that follows from an act is kept."""
    with visitor.page.expect_response(lambda one: "/state/" in one.url):
        act()


def keys(visitor: Any, *names: str) -> None:
    for name in names:
        visitor.page.keyboard.press(name)


def test_questions_by_keyboard_left_resumed_and_done(visit):
    visitor, frame = open_in(visit, "what-sen-means", width=320)
    is_clean(frame)
    frame.get_by_role("button", name="Check my answer").focus()
    keys(visitor, "Enter")
    expect(frame.get_by_role("alert")).to_have_text("Choose an answer first.")
    for right in (o["text"] for o in COURSE["two-halves"].content["questions"][0]["options"] if o["correct"]):
        frame.get_by_label(right).focus()
        keys(visitor, "Space")
    frame.get_by_role("button", name="Check my answer").focus()
    until_kept(visitor, lambda: keys(visitor, "Enter"))
    expect(frame.locator(":focus")).to_have_text("That’s right")
    is_clean(frame)
    keys(visitor, "Tab", "Enter")
    expect(frame.locator(":focus")).to_contain_text("Question 2 of 3")
    visitor.page.wait_for_timeout(800)

    visitor.page.reload()
    frame = frame_of(visitor)
    expect(frame.get_by_text("Question 2 of 3")).to_be_visible()
    frame.get_by_label("No. She has caught up").focus()
    keys(visitor, "Space")
    frame.get_by_role("button", name="Check my answer").press("Enter")
    expect(frame.locator(":focus")).to_have_text("Not quite")
    frame.get_by_role("button", name="Next question").press("Enter")
    frame.get_by_label("It may well be").check()
    frame.get_by_role("button", name="Check my answer").press("Enter")
    frame.get_by_role("button", name="See how I did").press("Enter")
    expect(frame.locator(":focus")).to_have_text("You got 2 of 3")
    visitor.sees("67%")
    is_clean(frame)
    frame.get_by_role("button", name="Show the answers").press("Enter")
    expect(frame.get_by_text("Right, and not chosen")).to_have_count(1)
    is_clean(frame)

    attempt = ActivityAttempt.objects.get()
    assert (attempt.score_raw, attempt.score_max, attempt.success) == (2, 3, True)
    parts = ActivityStatement.objects.filter(attempt=attempt).exclude(part="")
    assert sorted(parts.values_list("verb", "raw", "maximum")) == [
        ("answered", 0, 1),
        ("answered", 1, 1),
        ("answered", 1, 1),
    ]
    assert len(set(parts.values_list("part", flat=True))) == 3
    assert all("Theo" in one.name or "Mabli" in one.name or "Hana" in one.name for one in parts)
    page = LessonPage.objects.get(slug="what-sen-means")
    assert StudyAnswer.objects.get(page_id=page.pk).done_at is not None


def test_steps_by_keyboard_wrong_first_then_right(visit):
    visitor, frame = open_in(visit, "reviews-that-change-something")
    is_clean(frame)
    wanted = [one["text"] for one in COURSE["bilals-six-weeks"].content["steps"]]
    put_in_order(visitor, frame, [*wanted[1:], wanted[0]])
    expect(frame.get_by_role("status")).to_contain_text("now step")
    frame.get_by_role("button", name="Check my order").press("Enter")
    expect(frame.locator(":focus")).to_have_text("0 of 5 in their place")
    expect(frame.get_by_text("Comes earlier")).to_have_count(1)
    expect(frame.get_by_text("Comes later")).to_have_count(4)
    is_clean(frame)
    visitor.sees("0%")

    frame.get_by_role("button", name="Go on with my order").press("Enter")
    until_kept(visitor, lambda: put_in_order(visitor, frame, wanted))
    visitor.page.wait_for_timeout(800)
    visitor.page.reload()
    frame = frame_of(visitor)
    assert shown(frame) == wanted, "the order that they left"
    frame.get_by_role("button", name="Check my order").press("Enter")
    expect(frame.locator(":focus")).to_have_text("5 of 5 in their place")
    visitor.sees("100%")
    is_clean(frame)
    attempt = ActivityAttempt.objects.get()
    assert (attempt.score_raw, attempt.score_max, attempt.success) == (5, 5, True)
    root = attempt.statements.filter(is_root=True, verb="answered").order_by("pk").last()
    assert root.statement["result"]["response"] == "0[,]1[,]2[,]3[,]4"
    assert root.statement["object"]["definition"]["interactionType"] == "sequencing"
    assert attempt.statements.exclude(part="").count() == 10, "five steps, twice"


def shown(frame: Frame) -> list[str]:
    return frame.locator(".sp-step__text").all_inner_texts()


def put_in_order(visitor: Any, frame: Frame, wanted: list[str]) -> None:
    """By the buttons alone. The focus stays on the button that was pressed."""
    for place, text in reversed(list(enumerate(wanted))):
        button = frame.get_by_role("button", name=f"Move down: {text}", exact=True)
        button.focus()
        while shown(frame).index(text) < place:
            keys(visitor, "Enter")
            expect(button).to_be_focused()


def test_steps_by_pointer(visit):
    visitor, frame = open_in(visit, "learning-that-reaches-a-child", width=1280)
    before = shown(frame)
    grips = frame.locator(".sp-grip")
    grips.first.scroll_into_view_if_needed()
    start, end = grips.first.bounding_box(), frame.locator(".sp-step").nth(2).bounding_box()
    mouse = visitor.page.mouse
    mouse.move(start["x"] + 8, start["y"] + 20)
    mouse.down()
    mouse.move(start["x"] + 8, end["y"] + end["height"] - 4, steps=12)
    mouse.up()
    assert shown(frame) == [before[1], before[2], before[0], *before[3:]]
    expect(frame.get_by_role("status")).to_have_text(re.compile("now step 3 of 6"))
    first = frame.get_by_role("button", name=f"Move up: {before[1]}", exact=True)
    first.click(force=True)  # it can be pressed, and says why nothing moves
    expect(frame.get_by_role("status")).to_contain_text("is the first step already")
    frame.get_by_role("button", name="Check my order").click()
    frame.get_by_role("button", name="Show the order").click()
    assert shown(frame) == [one["text"] for one in COURSE["from-gap-to-child"].content["steps"]]
    frame.get_by_role("button", name="Start again").click()
    expect(frame.get_by_role("button", name="Check my order")).to_be_visible()


def test_a_mark_that_is_missed_and_then_reached(visit):
    visitor, frame = open_in(visit, "linking-families-with-help")
    questions = COURSE["what-is-missing"].content["questions"]
    page = LessonPage.objects.get(slug="linking-families-with-help")
    answer(frame, questions, right=False)
    visitor.sees("0%")
    assert not StudyAnswer.objects.filter(page_id=page.pk, done_at__isnull=False).exists()
    frame.get_by_role("button", name="Try again").click()
    answer(frame, questions, right=True)
    expect(frame.get_by_role("heading", name="You got 4 of 4")).to_be_visible()
    visitor.sees("100%")
    assert StudyAnswer.objects.get(page_id=page.pk).done_at is not None


def answer(frame: Frame, questions: list[Any], *, right: bool) -> None:
    for number, one in enumerate(questions, 1):
        for option in (o["text"] for o in one["options"] if o["correct"] is right):
            frame.get_by_label(option, exact=True).check()
        frame.get_by_role("button", name="Check my answer").click()
        frame.get_by_role("button", name="See how I did" if number == len(questions) else "Next question").click()
