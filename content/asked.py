"""A live block as one reader sees it: what they answered, what is right in it and what it teaches them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .made import Checklist
from .marking import DoesNotFit, Marked, Question, key_of, mark, shuffled
from .scenarios import Scenario, Step, Walked, is_ended, walk

ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
Typed = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A line to choose, to place or to match. `state`: "right", "wrong" or "" (nothing to say); `feedback`: HTML."""

    key: str
    text: str
    chosen: str = ""
    state: str = ""
    feedback: str = ""


@dataclass(frozen=True)
class Asked:
    """A knowledge check with its reader's answer. `result`: "" (not answered), "right", "wrong", "done" (one's own
    words, never marked) or "changed" (the question is not the one that was answered)."""

    question: Question
    result: str = ""
    rows: Sequence[Row] = ()
    matches: Sequence[tuple[str, str]] = ()
    text: str = ""
    tries: str = ""
    in_place: int = 0
    missing: int = 0
    others: Sequence[Row] = ()

    @property
    def places(self) -> range:
        """The places that a line can be put in."""
        return range(1, len(self.rows) + 1)


def asked(question: Question, answer: Any, *, seed: str, typed: Typed | None = None) -> Asked:
    """Lays a question out. `answer`: what is kept (StudyAnswer) or None; `seed`: who is asked, so that the order of
    what is shuffled stays theirs; `typed`: what they sent and was refused, shown as they sent it."""
    value, marked, result = _standing(question, answer)
    build = {"ordering": _ordering, "matching": _matching, "short": _short}.get(question.kind, _options)
    return build(question, value, marked, result, seed, typed, ordinal(answer))


def _standing(question: Question, answer: Any) -> tuple[dict[str, Any], Marked, str]:
    """The answer, if it still fits; how it is marked; and what to say of it."""
    if answer is None or not answer.value:
        return {}, Marked(None), ""
    try:
        marked = mark(question, answer.value)
    except DoesNotFit:
        return {}, Marked(None), "changed"
    if question.kind == "short":
        return answer.value, marked, "done" if answer.done_at else ""
    if marked.is_right != answer.is_right:  # another option is right since it was answered
        return {}, Marked(None), "changed"
    return answer.value, marked, "right" if marked.is_right else "wrong"


def ordinal(answer: Any) -> str:
    """Which try it was, in words: "second"."""
    tries = answer.tries if answer else 0
    return ORDINALS[tries - 1] if 0 < tries <= len(ORDINALS) else f"{tries}th" if tries else ""


def _options(question: Question, value: dict, marked: Marked, result: str, seed: str, typed: Typed | None,
             tries: str) -> Asked:  # fmt: skip
    chosen = set(value.get("chosen", []))
    rows = [
        Row(one.key, one.text, "yes" if one.key in chosen else "",
            ("right" if one.is_right else "wrong") if one.key in chosen else "",
            one.feedback if one.key in chosen else "")
        for one in question.options
    ]  # fmt: skip
    others = [Row(one.key, one.text, feedback=one.feedback) for one in question.options if one.key not in chosen]
    return Asked(question, result, rows, tries=tries, missing=marked.missing, in_place=len(marked.right),
                 others=others if result == "right" else ())  # fmt: skip


def _ordering(question: Question, value: dict, marked: Marked, result: str, seed: str, typed: Typed | None,
              tries: str) -> Asked:  # fmt: skip
    texts = {key_of(item): item for item in question.items}
    order = value.get("order") or shuffled(list(texts), seed)
    places = {key: str(place) for place, key in enumerate(order, 1)}
    if typed:
        places |= {key: typed.get(f"place-{key}", place) for key, place in places.items()}
    rows = [Row(key, texts[key], places[key], _state(key, marked, result)) for key in order]
    return Asked(question, result, rows, tries=tries, in_place=len(marked.right), missing=marked.missing)


def _matching(question: Question, value: dict, marked: Marked, result: str, seed: str, typed: Typed | None,
              tries: str) -> Asked:  # fmt: skip
    texts = {key_of(match): match for match in question.matches}
    matches = [(key, texts[key]) for key in shuffled(list(texts), seed)]
    chosen = value.get("pairs", {})
    if typed:
        chosen = {pair.key: typed.get(f"match-{pair.key}", "") for pair in question.pairs}
    rows = [
        Row(pair.key, pair.item, chosen.get(pair.key, ""), _state(pair.key, marked, result),
            pair.feedback if pair.key in marked.right else "")
        for pair in question.pairs
    ]  # fmt: skip
    return Asked(question, result, rows, matches, tries=tries, in_place=len(marked.right), missing=marked.missing)


def _short(question: Question, value: dict, marked: Marked, result: str, seed: str, typed: Typed | None,
           tries: str) -> Asked:  # fmt: skip
    return Asked(question, result, text=(typed or {}).get("text", value.get("text", "")))


def _state(key: str, marked: Marked, result: str) -> str:
    return ("right" if key in marked.right else "wrong") if result in ("right", "wrong") else ""


@dataclass(frozen=True)
class Path:
    """A scenario as far as its reader has walked it. `before`: steps with what was chosen there; `here`: where they
    stand; `changed`: the scenario is not the one that they walked, and starts anew."""

    scenario: Scenario
    before: Sequence[Walked]
    here: Step
    is_ended: bool
    changed: bool = False
    path: Sequence[str] = ()
    choices: Sequence[tuple[str, str]] = field(default_factory=list)


def path_of(scenario: Scenario, answer: Any) -> Path:
    """Lays a scenario out for a reader. `answer`: what is kept (StudyAnswer) or None."""
    path = list(answer.value.get("path", [])) if answer else []
    changed = False
    try:
        walked = walk(scenario, path)
    except DoesNotFit:
        path, walked, changed = [], walk(scenario, []), bool(path)
    here = walked[-1].step
    choices = [(here.key(choice), choice.text) for choice in here.choices]
    return Path(scenario, walked[:-1], here, is_ended(walked), changed, path, choices)


def ticked_of(checklist: Checklist, answer: Any) -> list[Row]:
    """The lines of a checklist, with those that are ticked."""
    ticked = set(answer.value.get("ticked", [])) if answer else set()
    return [Row(key_of(item), item, "yes" if key_of(item) in ticked else "") for item in checklist.items]


def numbered(scenario: Scenario) -> list[tuple[Step, list[tuple[str, str, int]]]]:
    """Every step of a scenario for paper: its choices with what follows from each, and the number of the step that
    each leads to."""
    numbers = {step.name: place for place, step in enumerate(scenario.steps, 1)}
    return [
        (step, [(one.text, one.feedback, numbers.get(one.goes_to, 0)) for one in step.choices])
        for step in scenario.steps
    ]
