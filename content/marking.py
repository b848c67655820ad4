"""Questions: what is wrong with one as its author wrote it, and what is right in an answer. Knows no tables.

What one chooses from is known by a key made of its words, so that an answer never turns into another one when options
are moved, added or reworded: an answer whose words are gone does not fit any more (`DoesNotFit`) and is shown so.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


class DoesNotFit(ValueError):
    """This is no answer to the question, or path of the scenario, as it reads now."""


@lru_cache(maxsize=4096)
def key_of(text: str) -> str:
    """The key of what one can choose: of its words, whatever the spaces."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Option:
    """An answer to choose, and what it teaches (HTML)."""

    text: str
    is_right: bool
    feedback: str = ""

    @property
    def key(self) -> str:
        return key_of(self.text)


@dataclass(frozen=True)
class Pair:
    """Two things that belong together, and why (HTML)."""

    item: str
    match: str
    feedback: str = ""

    @property
    def key(self) -> str:
        return key_of(self.item)


@dataclass(frozen=True)
class Question:
    """A knowledge check. `prompt`, `model`, `feedback` and `wrong` are HTML; `items` stand in the right order."""

    kind: str
    prompt: str = ""
    options: tuple[Option, ...] = ()
    items: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    model: str = ""
    look_for: tuple[str, ...] = ()
    feedback: str = ""
    wrong: str = ""

    @property
    def matches(self) -> list[str]:
        """What one chooses from when matching, each once, in the order of the pairs."""
        return list(dict.fromkeys(pair.match for pair in self.pairs))


@dataclass(frozen=True)
class Marked:
    """`is_right`: the whole answer (None: one's own words are never marked). `right`: the keys of what is right in it:
    options chosen, items in their place, items matched. `missing`: how many right ones were not found."""

    is_right: bool | None
    right: frozenset[str] = frozenset()
    missing: int = 0


# What belongs to which kind of question, in the words of the editor.
PARTS = {
    "options": ("single", "multiple"), "items": ("ordering",), "pairs": ("matching",), "model": ("short",),
    "look_for": ("short",), "wrong": ("ordering", "matching"),
}  # fmt: skip
NAMES = {"options": "Options", "items": "Items", "pairs": "Pairs", "model": "A model answer",
         "look_for": "“What a good answer has”", "wrong": "“Wrong”"}  # fmt: skip
KIND_NAMES = {
    "single": "one right answer", "multiple": "several right answers", "ordering": "putting in order",
    "matching": "matching pairs", "short": "one's own words",
}  # fmt: skip


def faults_of(question: Question) -> list[str]:
    """What keeps a question from working, a sentence each, in its author's words."""
    found = _EACH_KIND[question.kind](question) if question.kind in _EACH_KIND else ["Choose what kind of question."]
    for part, kinds in PARTS.items():
        if getattr(question, part) and question.kind not in kinds:
            others = " or ".join(KIND_NAMES[kind] for kind in kinds)
            kind = KIND_NAMES.get(question.kind, "this kind")
            found.append(f"{NAMES[part]}: only for a question with {others}. Take it out, or choose another kind "
                         f"than {kind}.")  # fmt: skip
    return found


def _faults_of_options(question: Question) -> list[str]:
    options, right = question.options, sum(option.is_right for option in question.options)
    found = [] if len(options) >= 2 else ["Give at least two options to choose from."]
    found += _said_twice("options", [option.text for option in options])
    found += [f"“{option.text}” has no feedback. Say what is tempting or right about it."
              for option in options if not _has_words(option.feedback)]  # fmt: skip
    if question.kind == "single" and right != 1:
        found.append(f"Mark exactly one option as right: now it is {right}.")
    if question.kind == "multiple" and not right:
        found.append("Mark the options that are right: now it is none.")
    return found


def _faults_of_items(question: Question) -> list[str]:
    found = [] if len(question.items) >= 2 else ["Give at least two items to put in order."]
    return found + _said_twice("items", question.items)


def _faults_of_pairs(question: Question) -> list[str]:
    found = [] if len(question.pairs) >= 2 else ["Give at least two pairs."]
    found += _said_twice("pairs", [pair.item for pair in question.pairs])
    if len(question.pairs) >= 2 and len(question.matches) < 2:
        found.append("Every pair has the same match: there is nothing to choose.")
    return found


def _faults_of_short(question: Question) -> list[str]:
    return [] if _has_words(question.model) else ["Write a model answer to put beside the reader's own."]


_EACH_KIND: dict[str, Callable[[Question], list[str]]] = {
    "single": _faults_of_options, "multiple": _faults_of_options, "ordering": _faults_of_items,
    "matching": _faults_of_pairs, "short": _faults_of_short,
}  # fmt: skip


def _said_twice(what: str, texts: Sequence[str]) -> list[str]:
    keys = [key_of(text) for text in texts]
    twice = [text for place, text in enumerate(texts) if keys.index(keys[place]) < place]
    return [f"Two {what} say the same: “{text}”." for text in twice]


def _has_words(html: str) -> bool:
    return any(part.partition(">")[2].strip() for part in f">{html}".split("<"))


def mark(question: Question, value: Mapping[str, Any]) -> Marked:
    """Marks an answer as it is kept. Raises DoesNotFit for one that is not to this question as it reads now."""
    try:
        return _MARK[question.kind](question, value)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DoesNotFit from error


def _mark_options(question: Question, value: Mapping[str, Any]) -> Marked:
    known = {option.key: option.is_right for option in question.options}
    chosen = set(value["chosen"])
    if not chosen or not chosen <= known.keys() or (question.kind == "single" and len(chosen) > 1):
        raise DoesNotFit
    right = {key for key, is_right in known.items() if is_right}
    return Marked(chosen == right, frozenset(chosen & right), len(right - chosen))


def _mark_order(question: Question, value: Mapping[str, Any]) -> Marked:
    wanted, order = [key_of(item) for item in question.items], list(value["order"])
    if sorted(order) != sorted(wanted):
        raise DoesNotFit
    in_place = frozenset(here for here, there in zip(order, wanted, strict=True) if here == there)
    return Marked(order == wanted, in_place, len(wanted) - len(in_place))


def _mark_pairs(question: Question, value: Mapping[str, Any]) -> Marked:
    wanted = {pair.key: key_of(pair.match) for pair in question.pairs}
    pairs = dict(value["pairs"])
    if pairs.keys() != wanted.keys() or not set(pairs.values()) <= set(wanted.values()):
        raise DoesNotFit
    right = frozenset(item for item, match in pairs.items() if wanted[item] == match)
    return Marked(pairs == wanted, right, len(wanted) - len(right))


def _mark_short(question: Question, value: Mapping[str, Any]) -> Marked:
    if not isinstance(value["text"], str):
        raise DoesNotFit
    return Marked(None)


_MARK: dict[str, Callable[[Question, Mapping[str, Any]], Marked]] = {
    "single": _mark_options, "multiple": _mark_options, "ordering": _mark_order, "matching": _mark_pairs,
    "short": _mark_short,
}  # fmt: skip


def shuffled(keys: Sequence[str], seed: str) -> list[str]:
    """The keys in another order than given, always the same one for a seed: who comes back finds it as it was."""
    found = sorted(keys, key=lambda key: hashlib.sha256(f"{seed} {key}".encode()).digest())
    return found[1:] + found[:1] if found == list(keys) else found
