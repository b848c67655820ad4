"""Reading lessons from their source files: front matter in YAML, then Markdown with five kinds of box."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from content.sanitiser import sanitise
from lms.common.errors import Refused

SOURCE = Path(__file__).resolve().parent.parent / "source"
BOXES = {"key": "key_point", "example": "example", "activity": "activity", "quote": "quotation",
         "reflect": "reflection"}  # fmt: skip
OPENING = re.compile(r"^:::(\w+)[ \t]*(.*)$")
_markdown = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class SourcePage:
    """A lesson or task as its file says it."""

    slug: str
    unit: str
    is_task: bool
    title: str
    summary: str
    minutes: int
    uses: dict[str, list[str]]
    references: list[dict[str, Any]]
    body: list[tuple[str, Any]]
    digest: str


def html_of(markdown: str) -> str:
    """Sanitised HTML of a piece of Markdown."""
    return sanitise(_markdown.render(markdown)).strip()


def read_course() -> dict[str, Any]:
    """The course and its units, from course.yaml."""
    return yaml.safe_load((SOURCE / "course.yaml").read_text(encoding="utf-8"))


def read_pages() -> dict[str, SourcePage]:
    """Every lesson and task by slug. Raises Refused, naming the file, for one that is not understood."""
    pages: dict[str, SourcePage] = {}
    for path in sorted([*SOURCE.glob("lessons/*.md"), *SOURCE.glob("tasks/*.md")]):
        try:
            page = parse(path.read_text(encoding="utf-8"))
        except (KeyError, ValueError, yaml.YAMLError) as error:
            raise Refused("source", f"{path.name}: {error}") from error
        if page.slug in pages:
            raise Refused("source", f"{path.name}: the slug {page.slug} is used twice.")
        pages[page.slug] = page
    return pages


def parse(text: str) -> SourcePage:
    """One source file. Raises ValueError or KeyError for what is missing or not understood."""
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise ValueError("no front matter between two lines of ---")
    head, body = text[4:].split("\n---\n", 1)
    front = yaml.safe_load(head)
    if not isinstance(front, dict):
        raise ValueError("the front matter is not a list of names and values")
    if front["kind"] not in ("lesson", "task"):
        raise ValueError(f"kind is {front['kind']!r}, not lesson or task")
    return SourcePage(
        slug=front["slug"], unit=str(front["unit"]), is_task=front["kind"] == "task", title=front["title"],
        summary=front["summary"], minutes=int(front["minutes"]), references=front.get("references") or [],
        uses={use: [str(code) for code in front.get(use) or []] for use in ("teaches", "practises", "assesses")},
        body=blocks_of(body), digest=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def blocks_of(markdown: str) -> list[tuple[str, Any]]:
    """StreamField blocks of a body: text between boxes, and the boxes. Raises ValueError for a box left open."""
    blocks: list[tuple[str, Any]] = []
    lines: list[str] = []
    box: tuple[str, str] | None = None

    def close_text() -> None:
        text = "\n".join(lines).strip()
        lines.clear()
        if text:
            blocks.append(("text", html_of(text)))

    for line in markdown.splitlines():
        opening = OPENING.match(line)
        if line.rstrip() == ":::" and box:
            blocks.append(_box(*box, html_of("\n".join(lines))))
            lines.clear()
            box = None
        elif opening and opening[1] in BOXES and box is None:
            close_text()
            box = (BOXES[opening[1]], opening[2].strip())
        elif line.startswith(":::"):
            raise ValueError(f"line not understood: {line!r}")
        else:
            lines.append(line)
    if box:
        raise ValueError(f"the box {box[0]} is not closed")
    close_text()
    return blocks


def _box(kind: str, title: str, html: str) -> tuple[str, Any]:
    if kind == "reflection":
        return kind, html
    if kind == "quotation":
        return kind, {"text": html, "source": title}
    return kind, {"title": title, "text": html}
