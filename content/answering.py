"""What was posted to a live block, as it is kept. Refuses, in plain words, what the block does not have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from lms.common.errors import Refused

from .made import Checklist, Draft, Interactive, Reflection
from .marking import DoesNotFit, Question, key_of, mark
from .scenarios import Scenario, is_ended, walk

MOST_LETTERS = 20_000
CHANGED = "This has changed since you opened the page. It is shown as it is now: please answer it again."


@dataclass(frozen=True)
class Given:
    """An answer to keep. `is_try`: it counts as a try; `is_right`: None where nothing is marked; `is_done`: the block
    is answered in full."""

    value: dict[str, Any]
    is_try: bool = False
    is_right: bool | None = None
    is_done: bool = False


def given(kind: str, made: Any, posted: QueryDict, saved: Mapping[str, Any]) -> Given:
    """An answer of what was posted to a block and what is kept of it. Raises Refused. `act=answer` says that the
    reader has pressed the button; without it, words are only kept."""
    return _GIVEN[kind](made, posted, saved)


def _check(question: Question, posted: QueryDict, saved: Mapping[str, Any]) -> Given:
    value = _VALUE[question.kind](question, posted)
    try:
        is_right = mark(question, value).is_right
    except DoesNotFit:
        raise Refused("answer-unknown", CHANGED) from None
    if question.kind == "short" and posted.get("act") != "answer":
        return Given(value)
    return Given(value, is_try=True, is_right=is_right, is_done=True)


def _chosen(question: Question, posted: QueryDict) -> dict[str, Any]:
    chosen = list(dict.fromkeys(posted.getlist("choice")))
    if not chosen:
        several = question.kind == "multiple"
        raise Refused("answer-missing", "Choose at least one answer." if several else "Choose an answer.")
    return {"chosen": sorted(chosen)}


def _order(question: Question, posted: QueryDict) -> dict[str, Any]:
    keys = [key_of(item) for item in question.items]
    places = {key: posted.get(f"place-{key}", "") for key in keys}
    if any(name.startswith("place-") and name.removeprefix("place-") not in places for name in posted):
        raise Refused("answer-unknown", CHANGED)
    wanted = [str(number) for number in range(1, len(keys) + 1)]
    if not set(places.values()) <= set(wanted):
        raise Refused("answer-missing", "Give each line a place.")
    twice = [number for number in wanted if list(places.values()).count(number) > 1]
    if twice:
        raise Refused("answer-missing", f"Give each line a place of its own: {' and '.join(twice)} is used twice.")
    return {"order": sorted(keys, key=lambda key: int(places[key]))}


def _pairs(question: Question, posted: QueryDict) -> dict[str, Any]:
    pairs = {pair.key: posted.get(f"match-{pair.key}", "") for pair in question.pairs}
    if any(name.startswith("match-") and name.removeprefix("match-") not in pairs for name in posted):
        raise Refused("answer-unknown", CHANGED)
    missing = sum(not match for match in pairs.values())
    if missing:
        raise Refused("answer-missing", f"Choose a match for each line: {missing} still to choose.")
    return {"pairs": pairs}


def _own_words(question: Question, posted: QueryDict) -> dict[str, Any]:
    text = _text(posted)
    if posted.get("act") == "answer" and not text.strip():
        raise Refused("answer-missing", "Write your answer first. A few words are enough.")
    return {"text": text}


_VALUE: dict[str, Callable[[Question, QueryDict], dict[str, Any]]] = {
    "single": _chosen, "multiple": _chosen, "ordering": _order, "matching": _pairs, "short": _own_words,
}  # fmt: skip


def _scenario(scenario: Scenario, posted: QueryDict, saved: Mapping[str, Any]) -> Given:
    """`choice`: at the step where the reader stands, or at an earlier one, from which the path then goes on.
    `act`: "restart", or "back" by one choice."""
    path = [one for one in saved.get("path", []) if isinstance(one, str)]
    act, choice = posted.get("act"), posted.get("choice", "")
    if act == "restart":
        return Given({"path": []})
    if act == "back":
        return Given({"path": path[:-1]})
    if not choice:
        raise Refused("answer-missing", "Choose what to do.")
    step = choice.partition("/")[0]
    earlier = [one.partition("/")[0] for one in path]
    if step in earlier:
        path = path[: earlier.index(step)]
    try:
        walked = walk(scenario, [*path, choice])
    except DoesNotFit:
        raise Refused("answer-unknown", CHANGED) from None
    ended = is_ended(walked)
    return Given({"path": [*path, choice]}, is_try=ended, is_done=ended)


def _reflection(reflection: Reflection, posted: QueryDict, saved: Mapping[str, Any]) -> Given:
    text = _text(posted)
    if posted.get("then") and not text.strip():
        raise Refused("reflection-empty", "Write something first: an empty reflection is no evidence.")
    return Given({"text": text}, is_done=bool(text.strip()))


def _draft(draft: Draft, posted: QueryDict, saved: Mapping[str, Any]) -> Given:
    # Done once it is sent to the tutor: an act of its own.
    return Given({"text": _text(posted)})


def _checklist(checklist: Checklist, posted: QueryDict, saved: Mapping[str, Any]) -> Given:
    """What was ticked and unticked since the list was shown (`was`) is done to what is kept: two open pages do not
    undo each other's ticks."""
    keys = [key_of(item) for item in checklist.items]
    now, was = set(posted.getlist("tick")), set(posted.getlist("was"))
    if not now | was <= set(keys):
        raise Refused("answer-unknown", CHANGED)
    kept = set(saved.get("ticked", []))
    ticked = [key for key in keys if key in (kept - (was - now)) | (now - was)]
    return Given({"ticked": ticked}, is_done=len(ticked) == len(keys))


def _text(posted: QueryDict) -> str:
    text = posted.get("text", "").replace("\r\n", "\n")
    if "\x00" in text:
        raise Refused("text-character", "Not saved: this text holds a character that cannot be kept.")
    if len(text) > MOST_LETTERS:
        raise Refused("text-long", f"Not saved: this text has {len(text):,} letters, and at most {MOST_LETTERS:,} can "
                      "be kept. Make it shorter, or keep a part of it elsewhere.")  # fmt: skip
    return text


def _interactive(activity: Interactive, posted: QueryDict, saved: Mapping[str, Any]) -> Given:
    """The learner says that they have done it another way. What they do in the activity itself comes by itself."""
    if posted.get("act") != "other":
        raise Refused("answer-missing", "Say that you have done it another way.")
    return Given({**saved, "other": True}, is_done=True)


_GIVEN: dict[str, Callable[[Any, QueryDict, Mapping[str, Any]], Given]] = {
    "check": _check, "scenario": _scenario, "reflection": _reflection, "draft": _draft,
    "checklist": _checklist, "h5p": _interactive,
}  # fmt: skip
