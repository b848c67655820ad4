"""The course that comes with the product, read once for the tests of its sources. No database."""

import functools
import re
from collections.abc import Iterator
from typing import Any

from courses.pages.source import SourcePage, read_course, read_list, read_pages
from tools.reading import Part, lines_of, pieces_of


@functools.cache
def pages() -> list[SourcePage]:
    """Every page of the course, in its order."""
    known = read_pages()
    return [known[slug] for unit in read_course()["units"] for slug in unit["pages"]]


def lessons() -> list[SourcePage]:
    """The lessons: not openings, closings, long stories and tasks."""
    return [page for page in pages() if page.kind == "lesson"]


@functools.cache
def law() -> dict[str, dict[str, Any]]:
    """Acts, codes, frameworks and paragraphs, by code."""
    return {row["code"]: row for row in read_list("law/*.yaml")}


def said_by(page: SourcePage) -> str:
    """All that a page says, a line for each paragraph."""
    return "\n".join(lines(page))


def lines(page: SourcePage, *parts: Part) -> list[str]:
    """A page's paragraphs, items and cells, of some parts or all."""
    return [
        line for part, text in pieces_of(page.body) if not parts or part in parts for line in lines_of(text)
    ] + ([page.title, page.summary] if not parts else [])  # fmt: skip


def blocks(page: SourcePage, kind: str) -> Iterator[Any]:
    """The values of a page's blocks of a kind."""
    return (block["value"] for block in page.body if block["type"] == kind)


def plain(html: str) -> str:
    """Words alone, for comparing."""
    return re.sub(r"\W+", " ", re.sub(r"<[^>]+>", " ", html)).strip().lower()
