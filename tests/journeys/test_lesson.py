"""On a phone in the evening: a trainee answers every kind of question, walks a scenario, ticks, reflects and makes
evidence of it; by script without leaving the lesson, and without any script."""

import re

import pytest

from courses.delivery.api import StudyAnswer, StudyProgress
from courses.pages.queries import address
from portfolio.api import EvidenceVersion
from tests.factories import make_world
from tests.factories.lessons import make_lesson

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
CHECK = "Check my answer"
FINISHED = re.compile("I have finished: go on|Next page")  # by script it may be finished already


def answer_everything(trainee, *, script: bool) -> None:
    page = trainee.page

    def press(name: str) -> None:
        button = page.get_by_role("button", name=name).first
        if not script:
            with page.expect_navigation():
                button.click()
            return
        with page.expect_response(lambda answer: "/answers/" in answer.url):
            button.click()
        page.wait_for_timeout(150)

    def focused() -> str:
        return page.evaluate("document.activeElement.textContent").strip() if script else ""

    page.get_by_label("The SENCO alone").check()
    press(CHECK)
    trainee.sees("leaves out those who know the child best")
    assert not script or focused().startswith("Not quite")
    page.get_by_label("The SENCO and key person").check()
    press("Check again")
    trainee.sees("You got this right on the second try.")
    page.get_by_label("Watching at different").check()
    page.get_by_label("Asking the parents").check()
    press(CHECK)
    if script:
        # By keyboard: the first line up or down until the order is right, the buttons keep the focus.
        for place, text in enumerate(("Assess", "Plan", "Do", "Review")):
            up = page.get_by_role("button", name=f"Move up: {text}")
            for _ in range(4):
                lines = page.locator(".order__line .order__text").all_inner_texts()
                if lines.index(text) == place:
                    break
                up.focus()
                page.keyboard.press("Enter")
                assert focused() == f"↑Move up: {text}"
    else:
        for place, text in enumerate(("Assess", "Plan", "Do", "Review"), 1):
            page.get_by_label(f"Place of: {text}").select_option(str(place))
    press(CHECK)
    trainee.sees("Then round again, knowing more.")
    press(CHECK)
    trainee.sees("Choose a match for each line: 3 still to choose.")
    for item, match in (("Works with", "The key person"), ("Makes sure", "The SENCO"), ("Owns", "The provider")):
        page.get_by_label(item).select_option(label=match)
    press(CHECK)
    page.get_by_label("In your own words").fill("It grows when it has to.")
    press("Compare with a model answer")
    trainee.sees("Support grows or shrinks", "Does yours have this?")
    assert page.get_by_label("In your own words").input_value() == "It grows when it has to."
    press("Ask the key person")
    trainee.sees("She has a guess.")
    press("Move the trolley")
    trainee.sees("That is assessing.")


@pytest.mark.parametrize("script", [True, False])
def test_answering_a_lesson_and_making_evidence_of_a_reflection(visit, script):
    world, lesson = make_world(), make_lesson()
    trainee = visit(javascript=script).arrive_as(world.trainee).go(address(lesson)).looks_if(script)
    page = trainee.page
    answer_everything(trainee, script=script)
    page.get_by_label("You have asked when").check()
    if script:
        page.get_by_text("Saved").first.wait_for()
    else:
        trainee.press("Save my ticks")
    assert len(StudyAnswer.objects.get(kind="checklist").value["ticked"]) == 1
    page.get_by_label("Whose voice").fill("Mine, mostly. Next week I ask Child A’s mum first.")
    trainee.looks_if(script)
    if script:
        page.locator(".study__next").scroll_into_view_if_needed()
        page.get_by_text("You have finished this lesson.").wait_for()
        assert StudyProgress.objects.get().finished_at
    trainee.press("Add this reflection to my portfolio")
    trainee.sees("Mine, mostly.", "1.7.a", "No child or family may be named").looks_if(script)
    trainee.press("Make the draft").sees("It is a draft in your portfolio.").looks_if(script)
    version = EvidenceVersion.objects.get()
    assert version.text.startswith("Mine, mostly.")
    assert version.links.count() == 2
    trainee.go(address(lesson)).press("See it in my portfolio").sees("This reflection is in your portfolio")
    trainee.looks_if(script).press("Open it in my portfolio")
    trainee.go(address(lesson)).press("Print a sheet for this").sees("Watch one snack", "No child’s name.")
    trainee.looks_if(script)
    trainee.go(address(lesson)).press(FINISHED)
    assert StudyProgress.objects.get(page_id=lesson.pk).finished_at
    assert "still open" not in page.locator("#main-content").inner_text()
    assert StudyAnswer.objects.filter(done_at__isnull=False).count() == 7  # the checklist has two lines left


def test_an_answer_without_a_signal_is_kept_and_marked_when_it_is_back(visit):
    world, lesson = make_world(), make_lesson()
    trainee = visit().arrive_as(world.trainee).go(address(lesson))
    page = trainee.page
    page.get_by_label("The SENCO alone").check()
    trainee.context.set_offline(True)
    page.get_by_role("button", name=CHECK).first.click()
    page.get_by_text("Kept on this phone. Your answer will be marked").wait_for()
    assert page.get_by_label("The SENCO alone").is_checked()
    trainee.context.set_offline(False)
    page.get_by_text("leaves out those who know").first.wait_for()
    # htmx writes down the request that the lost signal cost; nothing else went wrong.
    trainee.wrong = [wrong for wrong in trainee.wrong if not wrong.startswith("console: htmx:")]
