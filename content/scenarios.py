"""Scenarios: what is wrong with one as its author wrote it, and the path that a reader has walked. Knows no tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from .marking import DoesNotFit, key_of


@dataclass(frozen=True)
class Choice:
    """A choice at a step: what follows from it (HTML), and the step it leads to."""

    text: str
    feedback: str
    goes_to: str


@dataclass(frozen=True)
class Step:
    """A step: what happens, and either choices or an ending (HTML)."""

    name: str
    text: str
    choices: tuple[Choice, ...] = ()
    ending: str = ""

    def key(self, choice: Choice) -> str:
        """How a choice of this step is known in a path."""
        return f"{self.name}/{key_of(choice.text)}"


@dataclass(frozen=True)
class Scenario:
    """Somebody's day that branches. The first step is where it starts."""

    title: str
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """The step of that name."""
        return next((step for step in self.steps if step.name == name), None)


@dataclass(frozen=True)
class Walked:
    """A step that the reader has come to, and what they chose there (None: not yet, or it is an ending)."""

    step: Step
    choice: Choice | None


def walk(scenario: Scenario, path: Sequence[str]) -> list[Walked]:
    """The steps of a path, the last one where the reader stands. Raises DoesNotFit for a path that the scenario does
    not have as it reads now."""
    here, walked = scenario.steps[0] if scenario.steps else None, []
    for chosen in path:
        choice = next((one for one in here.choices if here.key(one) == chosen), None) if here else None
        if here is None or choice is None:
            raise DoesNotFit
        walked.append(Walked(here, choice))
        here = scenario.step(choice.goes_to)
    if here is None:
        raise DoesNotFit
    return [*walked, Walked(here, None)]


def is_ended(walked: Sequence[Walked]) -> bool:
    """The reader has come to an ending."""
    return bool(walked) and not walked[-1].step.choices


def faults_of(scenario: Scenario) -> list[str]:
    """What keeps a scenario from working, a sentence each, in its author's words: each step has choices or an ending,
    is reached, and no path goes round in a circle; so every path comes to an ending."""
    if not scenario.steps:
        return ["Write at least two steps: one to start with, and one with an ending."]
    names = [step.name for step in scenario.steps]
    found = [f"Two steps are called “{name}”." for place, name in enumerate(names) if names.index(name) < place]
    for step in scenario.steps:
        found += _faults_of_step(step, set(names))
    reached = _reached(scenario)
    found += [f"No choice leads to “{step.name}”: lead one to it, or take it out."
              for step in scenario.steps if step.name not in reached]  # fmt: skip
    circle = _circle(scenario)
    if circle:
        way = "”, “".join(circle)
        found.append(f"These steps go round in a circle: “{way}”. Lead one of their choices on to an ending.")
    return found


def _faults_of_step(step: Step, names: set[str]) -> list[str]:
    found = []
    if step.choices and step.ending:
        found.append(f"“{step.name}” has choices and an ending: it can have only one of the two.")
    if not step.choices and not step.ending:
        found.append(f"“{step.name}” has neither choices nor an ending: the reader would be stuck there.")
    if len(step.choices) == 1:
        found.append(f"“{step.name}” has one choice only: give at least two.")
    keys = [step.key(choice) for choice in step.choices]
    for place, choice in enumerate(step.choices):
        if keys.index(keys[place]) < place:
            found.append(f"Two choices of “{step.name}” say the same: “{choice.text}”.")
        if choice.goes_to not in names:
            found.append(f"“{choice.text}” at “{step.name}” leads to “{choice.goes_to}”, and no step has that name.")
    return found


def _next(scenario: Scenario, name: str) -> list[str]:
    step = scenario.step(name)
    return [choice.goes_to for choice in step.choices if scenario.step(choice.goes_to)] if step else []


def _reached(scenario: Scenario) -> set[str]:
    waiting, seen = [scenario.steps[0].name], set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _next(scenario, name)
    return seen


def _circle(scenario: Scenario) -> list[str]:
    """The names of a circle that can be walked into, or nothing."""
    done: set[str] = set()
    way: list[str] = []
    left: list[list[str]] = [[scenario.steps[0].name]]
    while left:
        if not left[-1]:
            left.pop()
            if way:
                done.add(way.pop())
            continue
        name = left[-1].pop()
        if name in way:
            return way[way.index(name) :]
        if name not in done:
            way.append(name)
            left.append(_next(scenario, name))
    return []
