"""The development plan: goals from gaps, done with what came of them, removed with a question first (2.3-2.5)."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from courses.delivery.api import Registration, set_state
from lms.audit.models import AuditEvent
from portfolio.domain.plan import finish_goal, remove_goal, reopen_goal, save_goal, write_goal
from portfolio.models import DevelopmentGoal
from tests.conftest import Queries
from tests.factories import World
from tests.factories.development import make_check, make_goal, outcome
from tests.helpers import refused

from .test_skills import once, page

pytestmark = pytest.mark.alike
PLAN = "/portfolio/plan/"


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    """The trainee, signed in."""
    return client_of(world.trainee)


def fresh(goal: DevelopmentGoal) -> DevelopmentGoal:
    return DevelopmentGoal.objects.get(pk=goal.pk)


def actions() -> list[tuple[str, bool | None]]:
    rows = AuditEvent.objects.filter(subject__startswith="goal:").order_by("pk")
    return [(row.action, '"done":true' in row.canonical) for row in rows]


# The acts


def test_a_goal_for_an_outcome_says_its_words_and_is_planned_once_while_open(world: World, at):
    pk = outcome(world.registration, "2.4").pk
    goal = write_goal(world.registration, outcome_id=pk, by=world.trainee, at=at)
    assert goal.goal == "Reflect on own practice."
    assert write_goal(world.registration, outcome_id=pk, by=world.trainee, at=at).pk == goal.pk
    finish_goal(save_goal(goal, result="I do", by=world.trainee, at=at), by=world.trainee, at=at)
    assert write_goal(world.registration, outcome_id=pk, by=world.trainee, at=at).pk != goal.pk


def test_a_goal_needs_words_or_an_outcome_of_the_framework(world: World, at):
    with refused("goal-empty"):
        write_goal(world.registration, goal="  ", by=world.trainee, at=at)
    with refused("outcome-unknown"):
        write_goal(world.registration, goal="x", outcome_id=10_000_000, by=world.trainee, at=at)


def test_saving_is_never_refused_for_what_is_missing_and_keeps_the_goal(world: World, at):
    goal = make_goal(world.registration, action="Read", by_when=date(2027, 1, 31))
    save_goal(goal, goal="  ", action="", by_when=None, by=world.trainee, at=at)
    assert (fresh(goal).goal, fresh(goal).action, fresh(goal).by_when) == ("Lead a review meeting", "", None)


def test_a_goal_is_done_with_what_came_of_it_and_can_be_opened_again(world: World, at):
    goal = make_goal(world.registration)
    with refused("goal-result"):
        finish_goal(goal, by=world.trainee, at=at)
    save_goal(goal, result="The parents led it", by=world.trainee, at=at)
    finish_goal(goal, by=world.trainee, at=at)
    assert finish_goal(goal, by=world.trainee, at=at + timedelta(days=3)).done_on == timezone.localtime(at).date()
    reopen_goal(goal, by=world.trainee, at=at)
    assert (fresh(goal).done_on, fresh(goal).result) == (None, "The parents led it")
    remove_goal(goal, by=world.trainee, at=at)
    assert actions() == [("skills.goal_written", False), ("skills.goal_written", True),
                         ("skills.goal_written", False), ("skills.goal_removed", False)]  # fmt: skip
    said = "".join(AuditEvent.objects.values_list("canonical", flat=True))
    assert "review meeting" not in said
    assert "parents" not in said


@pytest.mark.parametrize("who", ["assessor", "other_trainee", "setting_manager"])
def test_nobody_but_the_learner_changes_the_plan(world: World, at, who: str):
    goal, stranger = make_goal(world.registration), getattr(world, who)
    for act in (lambda: write_goal(world.registration, goal="x", by=stranger, at=at),
                lambda: save_goal(goal, goal="x", by=stranger, at=at),
                lambda: finish_goal(goal, by=stranger, at=at), lambda: reopen_goal(goal, by=stranger, at=at),
                lambda: remove_goal(goal, by=stranger, at=at)):  # fmt: skip
        with refused("rule-01-owner"):
            act()
    assert list(DevelopmentGoal.objects.visible_to(stranger)) == []


def test_a_closed_registration_shows_the_plan_and_changes_nothing(world: World, at, browser: Client):
    goal = make_goal(world.registration)
    set_state(world.registration, Registration.State.BREAK, by=None, role="centre", at=at)
    with refused("registration-closed"):
        remove_goal(goal, by=world.trainee, at=at)
    text = page(browser.get(PLAN))
    assert "Lead a review meeting" in text
    assert "Remove" not in text
    answer = browser.post(f"{PLAN}{goal.ref}/", {"goal": "Other", "action": "Typed with care", "then": "save"})
    assert "Your registration is closed" in page(answer, 422)
    assert "Typed with care</textarea>" in answer.content.decode()


def test_a_goal_removed_in_another_window_says_so(world: World, at):
    goal = make_goal(world.registration)
    remove_goal(goal, by=world.trainee, at=at)
    with refused("goal-gone"):
        save_goal(goal, goal="x", by=world.trainee, at=at)


# The pages


def test_empty_plan_explains_and_leads_to_the_skills_check(world: World, browser: Client):
    response = browser.get(PLAN)
    assert "No goals yet" in page(response)
    assert 'href="/portfolio/skills/"' in response.content.decode()


def test_a_gap_is_put_into_the_plan_with_one_press_and_is_suggested_no_more(world: World, browser: Client):
    make_check(world.registration, 5, o1_4=(1, 2), o2_6=(2, 2))
    assert re.findall(r'name="outcome" value="([\d.]+)"', browser.get(PLAN).content.decode()) == ["1.4", "2.6"]
    form = once(browser, PLAN) | {"outcome": "1.4"}
    answer = browser.post(PLAN + "add/", form)
    goal = DevelopmentGoal.objects.get()
    assert answer["Location"] == f"{PLAN}#goal-{goal.ref}"
    assert browser.post(PLAN + "add/", form)["Location"] == answer["Location"]
    assert goal.outcome.code == "1.4"
    html = browser.get(PLAN).content.decode()
    assert re.findall(r'name="outcome" value="([\d.]+)"', html) == ["2.6"]
    assert "Say what you will do" in html
    assert "In your plan" in page(browser.get("/portfolio/skills/"))


def test_an_outcome_that_does_not_exist_is_refused_in_words(world: World, browser: Client):
    make_check(world.registration, 2)
    response = browser.post(PLAN + "add/", once(browser, PLAN) | {"outcome": "9.9"})
    assert "does not belong to your qualification" in page(response, 409)
    assert not DevelopmentGoal.objects.exists()


def test_a_goal_of_ones_own_goes_on_to_what_and_when(world: World, browser: Client):
    answer = browser.post(PLAN + "new/", once(browser, PLAN + "new/") | {"goal": "Chair a meeting"})
    goal = DevelopmentGoal.objects.get()
    assert answer["Location"] == f"{PLAN}{goal.ref}/"
    typed = {"goal": "Chair a review", "action": "Watch Ruth\r\nthen try", "by_when_day": "1",
             "by_when_month": "3", "by_when_year": "2030", "result": "", "then": "save"}  # fmt: skip
    assert browser.post(answer["Location"], typed)["Location"] == f"{PLAN}#goal-{goal.ref}"
    goal = fresh(goal)
    assert (goal.goal, goal.action, goal.by_when) == ("Chair a review", "Watch Ruth\nthen try", date(2030, 3, 1))
    wrong = browser.post(PLAN + "new/", once(browser, PLAN + "new/") | {"goal": " "})
    assert "Say what you want to get better at." in page(wrong, 422)


def test_a_wrong_date_is_named_and_the_words_are_saved(world: World, browser: Client):
    goal = make_goal(world.registration)
    typed = {"goal": goal.goal, "action": "Ask Ruth", "by_when_day": "31", "by_when_month": "2",
             "by_when_year": "2030", "then": "save"}  # fmt: skip
    response = browser.post(f"{PLAN}{goal.ref}/", typed)
    assert "Enter a real date" in page(response, 422)
    assert fresh(goal).action == "Ask Ruth"


def test_done_without_a_result_leads_to_the_box_and_then_shows_the_day(world: World, browser: Client):
    goal = make_goal(world.registration)
    url = f"{PLAN}{goal.ref}/"
    response = browser.post(url, {"goal": goal.goal, "action": "Asked", "result": "", "then": "done"})
    assert "Say in a few words what came of it" in page(response, 422)
    assert 'href="#id_result"' in response.content.decode()
    assert fresh(goal).action == "Asked"
    browser.post(url, {"goal": goal.goal, "action": "Asked", "result": "It worked", "then": "done"})
    today = timezone.localdate()
    assert f"Done on {today.day} {today:%B %Y}" in page(browser.get(PLAN))
    browser.post(f"{url}not-done/", once(browser, PLAN))
    assert fresh(goal).done_on is None


def test_overdue_is_said_of_open_goals_only(world: World, browser: Client, at):
    today = timezone.localdate()
    make_goal(world.registration, "Due today", by_when=today)
    assert "Overdue" not in page(browser.get(PLAN))
    late = make_goal(world.registration, "Late", by_when=today - timedelta(days=1), result="Done")
    assert "Overdue" in page(browser.get(PLAN))
    finish_goal(late, by=world.trainee, at=at)
    assert "Overdue" not in page(browser.get(PLAN))


def test_words_are_saved_as_they_are_typed_and_a_second_tab_overwrites_nothing(world: World, browser: Client, at):
    goal = make_goal(world.registration, action="First")
    url = f"{PLAN}{goal.ref}/"
    base = re.search(r'name="base.action" value="([^"]+)"', browser.get(url).content.decode()).group(1)
    said = browser.post(url + "autosave/", {"action": "First and second", "base.action": base}).json()
    assert fresh(goal).action == "First and second"
    assert said["bases"]["base.action"] != base
    stale = browser.post(url + "autosave/", {"action": "From another tab", "base.action": base})
    assert (stale.status_code, stale.json()["conflicts"]["action"]["text"]) == (409, "First and second")
    too_long = browser.post(url + "autosave/", {"goal": "x" * 301})
    assert (too_long.status_code, too_long.json()["message"]) == (422, "Not saved: Say it in 300 characters or fewer.")
    browser.post(url + "autosave/", {"by_when_day": "1", "by_when_month": "3", "by_when_year": "2031"})
    assert (fresh(goal).by_when, fresh(goal).action) == (date(2031, 3, 1), "First and second")


def test_removing_asks_first(world: World, browser: Client):
    goal = make_goal(world.registration)
    url = f"{PLAN}{goal.ref}/remove/"
    assert "Remove this goal?" in page(browser.get(url))
    assert DevelopmentGoal.objects.exists()
    assert browser.post(url, once(browser, url))["Location"] == PLAN
    assert not DevelopmentGoal.objects.exists()


def test_another_persons_goal_is_not_found(world: World, client_of):
    goal = make_goal(world.registration)
    for who in (world.other_trainee, world.assessor):
        assert client_of(who).get(f"{PLAN}{goal.ref}/").status_code == 404
        assert client_of(who).post(f"{PLAN}{goal.ref}/autosave/", {"goal": "x"}).status_code == 404


def test_plan_takes_the_same_queries_at_one_and_three(world: World, browser: Client, queries: Queries):
    make_check(world.registration, 2)
    make_goal(world.registration, code="1.1")
    grow = lambda: [make_goal(world.registration, code=code) for code in ("1.3", "2.4")]  # noqa: E731
    queries.pin(browser, PLAN, grow=grow, exactly=8)
