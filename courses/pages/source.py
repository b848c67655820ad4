"""Reading the course from its source files (courses/source/README.md): front matter in YAML, Markdown with boxes."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from content.sanitiser import is_safe_address
from lms.common.errors import Refused

from .source_boxes import RawBlock, blocks_of, html_of

SOURCE = Path(__file__).resolve().parent.parent / "source"
KINDS = ("lesson", "opening", "closing", "case_study", "task")
USES = ("teaches", "practises", "assesses")
__all__ = ["SOURCE", "SourcePage", "html_of", "parse", "read_course", "read_list", "read_guidance", "read_pages"]


@dataclass(frozen=True)
class SourcePage:
    """A lesson or task as its file says it. `body`: raw StreamField blocks, in which snippets stand by code."""

    slug: str
    unit: str
    kind: str
    title: str
    summary: str
    minutes: int
    uses: dict[str, list[str]]
    references: list[dict[str, Any]]
    checked_by: str
    checked_on: Any
    body: list[RawBlock]
    digest: str

    @property
    def is_task(self) -> bool:
        """An assessment task, not a lesson of any kind."""
        return self.kind == "task"


def read_course(folder: Path = SOURCE) -> dict[str, Any]:
    """The course and its units, from course.yaml."""
    return yaml.safe_load((folder / "course.yaml").read_text(encoding="utf-8"))


def read_list(pattern: str, folder: Path = SOURCE) -> list[dict[str, Any]]:
    """Every entry of the YAML lists that match, in the order of the files (legal references, glossary terms)."""
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob(pattern)):
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(entries, list):
            raise Refused("source", f"{path.name} is not a list.")
        found += entries
    return found


def read_guidance(folder: Path = SOURCE) -> dict[str, dict[str, str]]:
    """What good evidence looks like, by criterion: `trainee` and `assessor`. Raises Refused for one said twice."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("guidance*.yaml")):
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        twice = sorted(entries.keys() & found.keys())
        if twice:
            raise Refused("source", f"{path.name}: guidance stands already for {', '.join(twice)}.")
        found |= entries
    return found


def read_pages(folder: Path = SOURCE) -> dict[str, SourcePage]:
    """Every lesson and task by slug. Raises Refused, naming the file, for one that is not understood."""
    pages: dict[str, SourcePage] = {}
    for path in sorted([*folder.glob("lessons/*.md"), *folder.glob("tasks/*.md")]):
        try:
            page = parse(path.read_text(encoding="utf-8"))
        except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            raise Refused("source", f"{path.name}: {error}") from error
        if page.slug in pages:
            raise Refused("source", f"{path.name}: the slug {page.slug} is used twice.")
        pages[page.slug] = page
    return pages


def parse(text: str) -> SourcePage:
    """One source file. Raises ValueError, KeyError or TypeError for what is missing or not understood."""
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise ValueError("no front matter between two lines of ---")
    head, body = text[4:].split("\n---\n", 1)
    front = yaml.safe_load(head)
    if not isinstance(front, dict):
        raise ValueError("the front matter is not a list of names and values")
    if front["kind"] not in KINDS:
        raise ValueError(f"kind is {front['kind']!r}, not one of {', '.join(KINDS)}")
    return SourcePage(
        slug=front["slug"], unit=str(front["unit"]), kind=front["kind"], title=front["title"],
        summary=front["summary"], minutes=int(front["minutes"]), references=_sources(front.get("references") or []),
        uses={use: [str(code) for code in front.get(use) or []] for use in USES},
        checked_by=front.get("checked_by") or "", checked_on=front.get("checked_on"),
        body=blocks_of(body, front["slug"]), digest=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def _sources(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        if row.get("url") and not is_safe_address(str(row["url"])):
            raise ValueError(f"{row['url']!r} is no address to lead readers to: use https")
    return rows
