"""A learner's own development on a phone: a skills check, a goal, the CPD log, evidence of them, and the check again.

The first check is done with JavaScript and a keyboard (the third section by keys alone), the second one without.
"""

import pytest

from portfolio.api import EvidenceVersion
from portfolio.models import CpdEntry, DevelopmentGoal, SkillsCheck, SkillsRating
from tests.factories import make_world
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
SKILLS = "/portfolio/skills/"


def keys(visitor: Visitor, *pressed: str) -> Visitor:
    """Presses keys one after the other."""
    for key in pressed:
        visitor.page.keyboard.press(key)
    return visitor


def tab_to(visitor: Visitor, selector: str) -> Visitor:
    """Tabs on until an element that matches has the focus."""
    for _ in range(80):
        keys(visitor, "Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return visitor
    raise AssertionError(f"No Tab leads to {selector} on {visitor.page.url}")


def answer_all(visitor: Visitor, answer: int) -> Visitor:
    """Chooses the same answer to every question of the page."""
    scales = visitor.page.locator("fieldset.scale")
    for place in range(scales.count()):
        scales.nth(place).locator("input").nth(answer - 1).check()
    return visitor


def saved(visitor: Visitor) -> Visitor:
    """Waits until what was typed is saved and says so."""
    visitor.page.locator("form[data-autosave] [data-saved]", has_text="Saved").wait_for()
    visitor.page.wait_for_function("() => !document.querySelector('form[data-dirty]')")
    return visitor


def first_check(learner: Visitor, elsewhere: Visitor) -> None:
    learner.go("/portfolio/").press("My skills, plan and CPD").sees("See where you stand").looks()
    learner.press("Start your skills check").sees("section 1 of 4")
    answer_all(learner, 2)
    learner.page.locator(".rating summary", has_text="A note to yourself").first.click()
    learner.page.locator("textarea").first.fill("I could say it to a parent.")
    saved(learner).looks()
    assert SkillsRating.objects.filter(confidence=2, competence=2).count() == 14
    elsewhere.go(SKILLS).sees("You have rated 14 of 31 statements").press("Carry on").sees(
        "The role of the Early Years"
    )
    elsewhere.go(f"{SKILLS}1/1/rate/")
    assert elsewhere.page.locator("fieldset.scale input:checked").count() == 28
    assert elsewhere.page.locator("textarea").first.input_value() == "I could say it to a parent."

    learner.press("Save and continue").sees("section 2 of 4")
    answer_all(learner, 3).press("Save and continue").sees("section 3 of 4")
    learner.page.locator("h1").click()
    for _ in range(4):
        tab_to(learner, "fieldset.scale input[type=radio]")
        keys(learner, "Space", "ArrowRight", "ArrowRight")
    tab_to(learner, "button[value=next]")
    with learner.page.expect_navigation():
        keys(learner, "Enter")
    learner.sees("section 4 of 4")
    assert set(SkillsRating.objects.filter(outcome__code__startswith="3").values_list("confidence", "competence")) == {
        (3, 3)
    }
    learner.go(f"{SKILLS}1/finish/").sees("You cannot finish yet: 8 reasons").looks()
    learner.press("Go to the first one").sees("section 4 of 4")
    assert learner.page.url.endswith("#rating-4.1")
    answer_all(learner, 5).press("Save and continue").sees("You have rated all 31 statements").looks()
    learner.press("Finish and see what it shows").sees("What skills check 1 shows", "What to work on next").looks()


def plan_a_goal(learner: Visitor) -> None:
    learner.press("Add to my plan").sees("Say what you will do").looks()
    learner.press("Say what you will do")
    tab_to(learner, "textarea[name=action]")
    learner.page.keyboard.type("Read chapter 5 with Ruth")
    saved(learner).looks()
    assert DevelopmentGoal.objects.get().action == "Read chapter 5 with Ruth"
    for part, text in (("day", "1"), ("month", "3"), ("year", "2030")):
        learner.page.locator(f"input[name=by_when_{part}]").fill(text)
    learner.press("Save and mark as done").sees("Say in a few words what came of it").looks()
    assert learner.page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    learner.page.locator(".govuk-error-summary a").click()
    learner.page.keyboard.type("I know whom to ask")
    learner.press("Save").sees("1 March 2030", "What you are working on")


def log_a_visit(learner: Visitor) -> None:
    learner.go("/portfolio/cpd/").sees("Nothing in your log yet").looks()
    learner.press("Add to your log").looks()
    learner.page.locator("h1").click()
    tab_to(learner, "input[name=kind]")
    keys(learner, "Space", "ArrowDown", "ArrowDown", "Tab")
    learner.page.keyboard.type("A morning at Old Forge")
    for text in ("3", "3", "2026", "2", "30", "Old Forge Pre-school"):
        keys(learner, "Tab")
        learner.page.keyboard.type(text)
    with learner.page.expect_navigation():
        keys(learner, "Enter")
    learner.sees("What did you learn?", "2 hours 30 minutes")
    entry = CpdEntry.objects.get()
    assert (entry.kind, entry.minutes, entry.place) == ("visit", 150, "Old Forge Pre-school")
    learner.page.locator("textarea[name=reflection]").fill("They wait before they help.")
    saved(learner).looks()
    assert CpdEntry.objects.get().reflection == "They wait before they help."
    tab_to(learner, "summary")
    keys(learner, "Enter")
    tab_to(learner, "input[name=outcome]")
    keys(learner, "Space")
    learner.press("Save").sees("Visits to other settings", "They wait before they help.", "1.1").looks()


def make_evidence(learner: Visitor, url: str, kind: str) -> None:
    learner.go(url).press("Use as evidence").sees("What it will say").looks()
    learner.press("Make the evidence").sees("Your declarations")
    learner.page.locator("input[name=no_child_identified]").check()
    learner.page.locator("input[name=authentic]").check()
    learner.press("Save and finish")
    version = EvidenceVersion.objects.get(kind=kind)
    assert sorted(version.links.values_list("criterion__code", flat=True)) == ["2.3", "2.4", "2.5"]
    learner.sees(version.title).looks()


def check_again(learner: Visitor, plain: Visitor) -> None:
    """The second check without JavaScript; then its picture with it."""
    plain.go(SKILLS).press("Do it again")
    for number in range(1, 5):
        plain.sees(f"section {number} of 4")
        answer_all(plain, 4).press("Save and continue")
    plain.press("Finish and see what it shows").sees("What skills check 2 shows", "What went up: 23", "went down: 8")
    learner.go(SKILLS).sees("compared with check 1").looks()
    page = learner.page
    assert page.locator(".skills-sections svg.chart").count() == 4
    assert page.locator(".skills-sections svg.chart .chart__line").count() == 62
    page.locator(".skills-table summary").first.click()
    learner.sees("2 →").looks()
    page.locator(".skills-table summary").first.click()
    page.emulate_media(media="print")
    assert page.locator(".skills-table table").first.bounding_box()["height"] > 200
    page.emulate_media(media="screen")


def test_skills_plan_and_cpd_on_a_phone(visit):
    world = make_world()
    learner, elsewhere = visit().arrive_as(world.trainee), visit(width=1280).arrive_as(world.trainee)
    plain = visit(javascript=False).arrive_as(world.trainee)
    first_check(learner, elsewhere)
    plan_a_goal(learner)
    log_a_visit(learner)
    make_evidence(learner, SKILLS, "skills_check")
    make_evidence(learner, "/portfolio/cpd/", "cpd_log")
    check_again(learner, plain)
    assert SkillsCheck.objects.filter(finished_at__isnull=False).count() == 2
    assert "with some help" in EvidenceVersion.objects.get(kind="skills_check").text
