"""Scenarios: every path comes to an ending, and a path that is kept is found again or said to be gone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.marking import DoesNotFit
from content.scenarios import Choice, Scenario, Step, faults_of, is_ended, walk

from .test_marking import errors

pytestmark = pytest.mark.alike

NAMES = ["a", "b", "c", "d", "e"]


@st.composite
def scenarios(draw: Any) -> Scenario:
    """Any graph at all: circles, steps that nothing leads to, choices that lead nowhere, dead ends."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    steps = []
    for name in names:
        targets = draw(st.lists(st.sampled_from([*names, "nowhere"]), max_size=3))
        targets = targets if len(targets) != 1 else targets * 2
        ending = "" if draw(st.integers(0, 5)) and targets else "<p>The end</p>"
        choices = tuple(Choice(f"{place}", "<p>So</p>", target) for place, target in enumerate(targets))
        steps.append(Step(name, "<p>x</p>", choices, ending))
    return Scenario("Pip", tuple(steps))


def works(scenario: Scenario) -> bool:
    """By walking every path: it comes to an ending in as many steps as there are, and every step is met."""
    met: set[str] = set()
    ways: list[list[str]] = [[]]
    while ways:
        way = ways.pop()
        try:
            here = walk(scenario, way)[-1].step
        except DoesNotFit:
            return False
        met.add(here.name)
        if bool(here.choices) == bool(here.ending) or len(way) > len(scenario.steps):
            return False
        ways += [[*way, here.key(choice)] for choice in here.choices]
    return met == {step.name for step in scenario.steps}


@given(scenarios())
def test_a_scenario_has_no_fault_exactly_when_every_path_ends(scenario: Scenario):
    assert (faults_of(scenario) == []) == works(scenario), faults_of(scenario)


@given(scenarios(), st.lists(st.text("abcde/0123", max_size=14), max_size=6))
def test_any_path_at_all_is_walked_or_does_not_fit(scenario: Scenario, path: list[str]):
    try:
        walked = walk(scenario, path)
    except DoesNotFit:
        return
    assert len(walked) == len(path) + 1
    assert [one.step.key(one.choice) for one in walked[:-1] if one.choice] == path
    assert is_ended(walked) == (not walked[-1].step.choices)


def step(name: str, *targets: str, ending: str = "") -> Step:
    return Step(name, "<p>x</p>", tuple(Choice(f"go {target}", "<p>y</p>", target) for target in targets), ending)


FAULTS = {
    "a circle": ([step("a", "b", "c"), step("b", "a", "c"), step("c", ending="x")], "round in a circle: “a”, “b”"),
    "nothing leads there": ([step("a", "b", "c"), step("b", ending="x"), step("c", ending="x"), step("d", ending="x")],
                            "No choice leads to “d”"),
    "leads nowhere": ([step("a", "b", "z"), step("b", ending="x")], "leads to “z”, and no step has that name"),
    "stuck": ([step("a", "b", "c"), step("b", ending="x"), step("c")], "“c” has neither choices nor an ending"),
    "both": ([step("a", "b", "c", ending="x"), step("b", ending="x"), step("c", ending="x")], "only one of the two"),
    "one choice": ([step("a", "b"), step("b", ending="x")], "“a” has one choice only"),
    "a name twice": ([step("a", "b", "b"), step("b", ending="x"), step("b", ending="x")], "Two steps are called “b”"),
    "a choice twice": ([step("a", "b", "b"), step("b", ending="x")], "Two choices of “a” say the same"),
    "nothing": ([], "at least two steps"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_named_in_the_authors_words(what: str):
    steps, said = FAULTS[what]
    found = faults_of(Scenario("Pip", tuple(steps)))
    assert [fault for fault in found if said in fault], found


def test_the_editor_names_a_circle():
    choices = [{"text": text, "feedback": "<p>x</p>", "goes_to": to} for text, to in (("One", "b"), ("Two", "a"))]
    steps = [{"name": "a", "text": "<p>x</p>", "choices": choices, "ending": ""},
             {"name": "b", "text": "<p>x</p>", "choices": [], "ending": "<p>x</p>"}]  # fmt: skip
    assert "round in a circle: “a”" in errors("scenario", {"title": "Pip", "steps": steps})
    steps[0]["choices"][1]["goes_to"] = "b"
    assert errors("scenario", {"title": "Pip", "steps": steps}) == ""
