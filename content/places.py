"""Places in a text that can be come back to: an id for every paragraph, made of its words, so that it stays the same
when the text around it is edited."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.text import Truncator, slugify

# What a reader can stop at. A list item with a paragraph inside is that paragraph.
ELEMENTS = frozenset({"p", "li", "h2", "h3", "h4", "dt", "dd", "figcaption"})
HEADING = "h2"
OPENING_WORDS = 8
VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
NOT_TEXT = "data-not-text"  # on an element whose words are no part of the paragraph around it, such as a definition


@dataclass
class Element:
    """A paragraph-level element of some HTML. `at`: where an id can be put in; `own`: the id that it has."""

    tag: str
    at: int
    own: str = ""
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words in one line, without those of elements inside that are paragraphs themselves."""
        return " ".join("".join(self.words).split())


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []
        self._open: list[tuple[str, Element | None]] = []
        self._hidden = 0
        self._lines = [0]
        for line in html.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_data(" ")
            return
        given = dict(attrs)
        element = None
        if tag in ELEMENTS and not self._hidden:
            line, column = self.getpos()
            element = Element(tag, self._lines[line - 1] + column + 1 + len(tag), given.get("id") or "")
            self.found.append(element)
        hides = self._hidden or NOT_TEXT in given or tag in ("script", "style", "template", "svg")
        self._hidden += bool(hides)
        self._open.append((tag, element))

    def handle_endtag(self, tag: str) -> None:
        if tag not in [name for name, _ in self._open]:
            return
        while self._open:
            name, _ = self._open.pop()
            self._hidden -= bool(self._hidden)
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        holder = next((element for _, element in reversed(self._open) if element is not None), None)
        if holder is not None:
            holder.words.append(data)


def elements_of(html: str) -> list[Element]:
    """The paragraph-level elements of some HTML that have words, in order."""
    return [element for element in _Reader(html).found if element.text]


def place_of(text: str) -> str:
    """The id of a paragraph with these words."""
    return f"p-{hashlib.sha256(' '.join(text.split()).encode()).hexdigest()[:12]}"


@dataclass
class Places:
    """Gives the elements of a page their ids, piece by piece. `headings`: ids and words of the second-level headings
    that have no id of their own; `above`: for each place, the words of the heading above it ("" before the first);
    `openings`: how it begins."""

    headings: list[tuple[str, str]] = field(default_factory=list)
    above: dict[str, str] = field(default_factory=dict)
    openings: dict[str, str] = field(default_factory=dict)
    _heading: str = ""
    _times: Counter[str] = field(default_factory=Counter)

    def give(self, html: str) -> str:
        """The HTML with an id on each paragraph and heading."""
        parts, done = [], 0
        for element in elements_of(html):
            if element.own:
                self.above.setdefault(element.own, self._heading)
                continue
            parts += [html[done : element.at], f' id="{self._id(element)}"']
            done = element.at
        return "".join([*parts, html[done:]])

    def pass_block(self, block: str, label: str) -> None:
        """A live block stands here: it has an id of its own."""
        self.above[block], self.openings[block] = self._heading, label

    def _id(self, element: Element) -> str:
        if element.tag == HEADING:
            return self._heading_id(element.text)
        made = place_of(element.text)
        self._times[made] += 1
        if self._times[made] > 1:
            made = f"{made}-{self._times[made]}"
        self.above[made], self.openings[made] = self._heading, Truncator(element.text).words(OPENING_WORDS)
        return made

    def _heading_id(self, text: str) -> str:
        made = slugify(text)[:80] or f"part-{len(self.headings) + 1}"
        if made in self.above:
            made = f"{made}-{len(self.headings) + 1}"
        self.headings.append((made, text))
        self._heading = text
        self.above[made] = text
        return made
