"""How long a course page is, and for which school year it reads. Pure: a page's blocks in, figures out.

The measure is Flesch and Kincaid's grade, plus one for the school year in England. It counts words in a sentence and
syllables in a word, so it says how a page is built, not whether it is clear: that takes a reader.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

RawBlock = dict[str, Any]
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
SENTENCE = re.compile(r"(?<=[.!?…])[\"”’')*]*\s+")
HEADING = re.compile(r"<(h[1-6])>.*?</\1>", re.S)
BLOCK = re.compile(r"</(?:p|li|td|th)>|<br\s*/?>|</?(?:ul|ol|table|tr|blockquote|h\d)[^>]*>")
TAG = re.compile(r"<[^>]+>")


class Part(Enum):
    """What a piece of a page is: running text; a fragment beside it (a title, a cell, a line of a sheet); a question
    and its answers; what is said after an answer, or in a story that one walks through; somebody else's words."""

    TEXT = "text"
    LABEL = "label"
    QUESTION = "question"
    REPLY = "reply"
    QUOTED = "quoted"


@dataclass(frozen=True)
class Figures:
    """A page's words that everybody reads once (text, labels, questions), all its words, and its school year."""

    words: int
    all_words: int
    year: float


def figures(body: Iterable[RawBlock]) -> Figures:
    """The figures of a page. Labels and quoted words do not count towards its year."""
    pieces = [(part, line) for part, text in pieces_of(body) for line in lines_of(text)]
    count = {part: sum(len(words_of(line)) for kind, line in pieces if kind is part) for part in Part}
    prose = [line for part, line in pieces if part not in (Part.LABEL, Part.QUOTED)]
    once = count[Part.TEXT] + count[Part.LABEL]
    return Figures(once, sum(count.values()), uk_year(prose))


def pieces_of(body: Iterable[RawBlock]) -> Iterator[tuple[Part, str]]:
    """Everything that a page says, in order, as plain text or HTML. Names of law and words are not the page's own."""
    for block in body:
        yield from _PIECES.get(block["type"], _nothing)(block["value"])


def lines_of(text: str) -> list[str]:
    """Paragraphs, list items and cells of a piece, without marks; headings are left out."""
    plain = TAG.sub("", BLOCK.sub("\n", HEADING.sub("\n", str(text))))
    return [line.strip() for line in html.unescape(plain).splitlines() if line.strip()]


def words_of(line: str) -> list[str]:
    """The words of a line. A figure is no word: "5.40" has no syllables."""
    return WORD.findall(line)


def uk_year(lines: Iterable[str]) -> float:
    """The school year in England, to a tenth, for which lines of prose read; each line ends its sentence."""
    sentences = [words for line in lines for part in SENTENCE.split(line) if (words := words_of(part))]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return 0.0
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return round(grade + 1, 1)


def syllables(word: str) -> int:
    """About how many syllables a word has: its groups of vowels, less a silent e."""
    plain = re.sub(r"[’'](?:s|t|d|ll|re|ve|m)$", "", word.lower())
    if "-" in plain:
        return sum(syllables(part) for part in plain.split("-") if part) or 1
    plain = re.sub(r"^some(?=\w)", "som", plain)
    silent = re.search(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouydt]ed$|[^aeiouyszxcgh]es$", plain)
    groups = re.findall(r"[aeiouyéèêôïö]+", plain)
    apart = re.findall(r"(?<![cstxg])i[ao]|eo(?!u|pl)|ea$|[aeiouy]ing$", plain)  # two sounds in one group
    return max(1, len(groups) + len(apart) - bool(silent))


def _nothing(value: Any) -> Iterator[tuple[Part, str]]:
    yield from ()


def _titled(value: Any) -> Iterator[tuple[Part, str]]:
    yield Part.LABEL, value["title"]
    yield Part.TEXT, value["text"]


def _activity(value: Any) -> Iterator[tuple[Part, str]]:
    yield from _titled(value)
    yield from ((Part.LABEL, line) for line in value["sheet"])


def _checklist(value: Any) -> Iterator[tuple[Part, str]]:
    yield Part.LABEL, value["title"]
    yield from ((Part.TEXT, line) for line in value["items"])


def _accordion(value: Any) -> Iterator[tuple[Part, str]]:
    for part in value["parts"]:
        yield Part.LABEL, part["heading"]
        yield Part.TEXT, part["text"]


def _table(value: Any) -> Iterator[tuple[Part, str]]:
    yield Part.LABEL, value["caption"]
    yield from ((Part.LABEL, heading) for heading in value["headings"])
    yield from ((Part.LABEL, cell) for row in value["rows"] for cell in row["cells"])


def _check(value: Any) -> Iterator[tuple[Part, str]]:
    yield Part.QUESTION, value["question"]
    for one in value["options"]:
        yield Part.QUESTION, one["text"]
        yield Part.REPLY, one["feedback"]
    for one in value["pairs"]:
        yield Part.QUESTION, f"{one['item']}: {one['match']}"
        yield Part.REPLY, one["feedback"]
    yield from ((Part.QUESTION, item) for item in value["items"])
    yield from ((Part.REPLY, value[name]) for name in ("model", "feedback", "wrong"))
    yield from ((Part.REPLY, line) for line in value["look_for"])


def _scenario(value: Any) -> Iterator[tuple[Part, str]]:
    yield Part.LABEL, value["title"]
    for step in value["steps"]:
        yield from ((Part.REPLY, step[name]) for name in ("text", "ending"))
        for choice in step["choices"]:
            yield Part.REPLY, choice["text"]
            yield Part.REPLY, choice["feedback"]


_PIECES = {
    "text": lambda value: iter([(Part.TEXT, value)]),
    "quotation": lambda value: iter([(Part.QUOTED, value["text"])]),
    "reflection": lambda value: iter([(Part.TEXT, value["prompt"])]),
    "draft": lambda value: iter([(Part.TEXT, value["prompt"])]),
    "diagram": lambda value: iter([(Part.REPLY, value["long"]), (Part.LABEL, value["caption"])]),
    "key_point": _titled, "example": _titled, "callout": _titled, "activity": _activity, "checklist": _checklist,
    "accordion": _accordion, "table": _table, "check": _check, "scenario": _scenario,
}  # fmt: skip
