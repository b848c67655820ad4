"""Finding words in what authors write: the passages of a body, the stems by which they are found, and excerpts.

Never found and never shown: what an answer teaches (feedback, model answers, endings, which answer is right, which
order, what belongs together). It is left out of the passages, so that neither the index nor an excerpt can tell it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .places import elements_of, place_of

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
MOST_WORDS = 8
AROUND = 90  # letters shown before and after the first word found
IRREGULAR = {"children": "child", "men": "man", "women": "woman", "people": "person", "babies": "baby"}
# Words that say nothing by themselves.
SMALL_WORDS = (
    "a an and are as at be by can do does for from how i if in is it me my of on or so that the their them there this "
    "to was we what when which who why will with you your"
)
SMALL = frozenset(SMALL_WORDS.split())
# Of a block's value: keys of other things, switches and numbers, which are no words of the author's.
NOT_WORDS = frozenset(
    {"criteria", "slot", "counts", "activity", "mark", "name", "kind", "goes_to", "image", "file", "captions",
     "reference", "terms"}
)  # fmt: skip
TAUGHT = frozenset({"feedback", "wrong", "model", "look_for", "ending", "is_right"})  # what an answer teaches


@dataclass(frozen=True)
class Passage:
    """A paragraph, a line or a question of a body. `place`: its id on the page. `hidden`: found, but not shown in an
    excerpt, as a reader comes to it by an earlier choice."""

    text: str
    place: str
    hidden: bool = False


def passages_of(raw: Iterable[Any]) -> list[Passage]:
    """The passages of a body, given as raw StreamField data, in order. No query."""
    found: list[Passage] = []
    for block in raw:
        kind, value, place = block["type"], block["value"], f"block-{block.get('id') or ''}"
        if kind == "check":
            found += _check(value, place)
        elif kind == "scenario":
            found += _scenario(value, place)
        elif kind in ("reflection", "draft", "checklist"):
            found += [Passage(text, place) for text in _texts(value)]
        else:
            found += [Passage(text, place_of(text)) for text in _texts(value)]
    return [passage for passage in found if passage.text]


def _check(value: dict[str, Any], place: str) -> Iterator[Passage]:
    """Options, lines to order and halves of pairs stand in the order of the alphabet: it tells nothing."""
    pairs = list(_items(value.get("pairs")))
    lines = [
        *_texts(value.get("question", "")),
        *sorted(str(one["text"]) for one in _items(value.get("options"))),
        *sorted(str(one) for one in _items(value.get("items"))),
        *sorted(str(pair["item"]) for pair in pairs),
        *sorted(str(pair["match"]) for pair in pairs),
    ]
    return (Passage(text, place) for text in lines)


def _scenario(value: dict[str, Any], place: str) -> Iterator[Passage]:
    yield Passage(str(value.get("title", "")), place)
    for number, step in enumerate(_items(value.get("steps"))):
        for text in [*_texts(step.get("text", "")), *(str(one["text"]) for one in _items(step.get("choices")))]:
            yield Passage(text, place, hidden=number > 0)


def _items(value: Any) -> Iterator[Any]:
    """The values of a list as StreamField stores it, with or without keys."""
    for one in value or []:
        yield one["value"] if isinstance(one, dict) and one.get("type") == "item" else one


def _texts(value: Any) -> Iterator[str]:
    """Every text in a block's value, paragraph by paragraph."""
    if isinstance(value, str):
        yield from (element.text for element in elements_of(value)) if "<" in value else [" ".join(value.split())]
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in NOT_WORDS and name not in TAUGHT:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in _items(value):
            yield from _texts(inner)


@lru_cache(maxsize=20_000)  # a whole course has some 5,000 words
def stem(word: str) -> str:
    """A word without its usual endings and accents, so that "assessing" finds "assesses". Of one word, always the same.
    Rough on purpose: both what is looked for and what is found pass through it."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    plain = plain.replace("’", "'").removesuffix("'s").replace("'", "")
    plain = IRREGULAR.get(plain, plain)
    if len(plain) > 4 and plain.endswith("ies"):
        plain = f"{plain[:-3]}y"
    elif len(plain) > 3 and plain.endswith("s") and not plain.endswith(("ss", "us", "is")):
        plain = plain[:-2] if plain.endswith(("sses", "shes", "ches", "xes")) else plain[:-1]
    for ending in ("ing", "ed"):
        if len(plain) > len(ending) + 3 and plain.endswith(ending):
            plain = plain.removesuffix(ending)
            break
    if len(plain) > 4 and plain[-1] == plain[-2] and plain[-1] not in "aeiouls":
        plain = plain[:-1]
    return plain[:-1] if len(plain) > 4 and plain.endswith("e") else plain


def stems_in(text: str) -> list[str]:
    """The stems of a text's words, in order, as the index keeps them."""
    return [stem(word) for word in WORD.findall(text)]


@lru_cache(maxsize=8)  # the index asks for the same page several times in a row
def found_by(*texts: str) -> str:
    """What the index keeps of some texts: their words as they are, for the editor's own search, and their stems."""
    whole = " ".join(texts)
    return f"{whole} {' '.join(stems_in(whole))}"


def stems_asked(text: str) -> tuple[str, ...]:
    """The stems of what somebody typed: small words are left out unless there is nothing else."""
    words = WORD.findall(text)[:40]
    telling = [word for word in words if word.casefold() not in SMALL] or words
    return tuple(dict.fromkeys(filter(None, map(stem, telling))))[:MOST_WORDS]


Parts = tuple[tuple[str, bool], ...]


def marked(text: str, stems: Sequence[str]) -> Parts:
    """A text in pieces: (words, whether they are what was looked for)."""
    parts: list[tuple[str, bool]] = []
    done = 0
    for match in WORD.finditer(text):
        if stem(match[0]) in stems:
            parts += [(text[done : match.start()], False), (match[0], True)]
            done = match.end()
    return tuple((piece, hit) for piece, hit in [*parts, (text[done:], False)] if piece)


def excerpt(text: str, stems: Sequence[str]) -> Parts:
    """A line or two of a text around the first word that was looked for, whole words only, with the words marked."""
    first = next((match.start() for match in WORD.finditer(text) if stem(match[0]) in stems), 0)
    begin, end = max(0, first - AROUND), min(len(text), first + 2 * AROUND)
    if begin:
        begin = text.find(" ", begin) + 1 or begin
    if end < len(text):
        end = max(text.rfind(" ", begin, end), first + 1)
    cut = f"{'… ' if begin else ''}{text[begin:end]}{' …' if end < len(text) else ''}"
    return marked(cut, stems)


def best(passages: Iterable[Passage], stems: Sequence[str]) -> Passage | None:
    """The passage with most of the words, the first of several; None when no passage that may be shown has any."""
    wanted = set(stems)
    scored = [(len(wanted & set(stems_in(one.text))), one) for one in passages if not one.hidden]
    most = max((score for score, _ in scored), default=0)
    return next((one for score, one in scored if score == most), None) if most else None
