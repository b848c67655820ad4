"""The boxes of a source file as StreamField blocks. A block's id follows from page and key: answers stay with it."""

import re
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml
from django.utils.text import slugify
from markdown_it import MarkdownIt

from content import marking, scenarios
from content.made import as_written, question_of, scenario_of
from content.sanitiser import sanitise

RawBlock = dict[str, Any]  # type, value, id
OPENING = re.compile(r"^:::(\w+)[ \t]*(.*)$")
KEY = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def html_of(markdown: str) -> str:
    """Sanitised HTML of a piece of Markdown."""
    return sanitise(_markdown.render(str(markdown))).strip()


def blocks_of(markdown: str, slug: str) -> list[RawBlock]:
    """StreamField blocks of a page's body: text between boxes, and the boxes. Raises ValueError for a box left open or
    not understood, and for two boxes with one key."""
    blocks: list[RawBlock] = []
    lines: list[str] = []
    box: tuple[str, str] | None = None
    used: set[str] = set()

    def add(kind: str, name: str, value: Any) -> None:
        if name in used:
            raise ValueError(f"two boxes are called {name}")
        used.add(name)
        blocks.append({"type": kind, "value": value, "id": str(uuid5(NAMESPACE_URL, f"senco-pathway:{slug}/{name}"))})

    def close_text() -> None:
        text = "\n".join(lines).strip()
        lines.clear()
        if text:
            add("text", f"text-{len(blocks)}", html_of(text))

    for line in markdown.splitlines():
        opening = OPENING.match(line)
        if line.rstrip() == ":::" and box:
            add(*_block(*box, "\n".join(lines), len(blocks)))
            lines.clear()
            box = None
        elif opening and box is None and opening[1] == "local":
            close_text()
            slot = opening[2].strip()
            add("local", f"local-{slot}", {"slot": slot})
        elif opening and box is None and opening[1] in BOXES:
            close_text()
            box = (opening[1], opening[2].strip())
        elif line.startswith(":::"):
            raise ValueError(f"line not understood: {line!r}")
        else:
            lines.append(line)
    if box:
        raise ValueError(f"the box {box[0]} is not closed")
    close_text()
    return blocks


def _block(box: str, rest: str, inner: str, place: int) -> tuple[str, str, Any]:
    kind, make = BOXES[box]
    words = rest.split(" ", 1)
    if box in KEYED:
        if not KEY.match(words[0]):
            raise ValueError(f"the box {box} needs a key, not {words[0]!r}")
        rest = words[0] if box == "interactive" else "".join(words[1:]).strip()
        return kind, f"{kind}-{words[0]}", make(rest, inner)
    name = slugify(rest)[:60] or str(place)
    return kind, f"{kind}-{name}", make(rest, inner)


def _titled(title: str, inner: str) -> Any:
    return {"title": title, "text": html_of(inner)}


def _quote(source: str, inner: str) -> Any:
    return {"text": html_of(inner), "source": source}


def _activity(title: str, inner: str) -> Any:
    text, _, sheet = inner.partition("\nsheet:")
    return {"title": title, "text": html_of(text), "sheet": _items(sheet)}


def _items(inner: str) -> list[str]:
    return [line.strip()[2:].strip() for line in inner.splitlines() if line.strip().startswith("- ")]


def _codes(rest: str) -> list[str]:
    found = re.search(r"\[([^\]]*)\]", rest)
    return found[1].replace(",", " ").split() if found else []


def _reflection(rest: str, inner: str) -> Any:
    return {"prompt": html_of(inner), "criteria": _codes(rest)}


def _draft(rest: str, inner: str) -> Any:
    return {"title": "Try it, and ask for comments", "prompt": html_of(inner), "criteria": _codes(rest)}


def _checklist(title: str, inner: str) -> Any:
    return {"title": title, "items": _items(inner)}


def _accordion(title: str, inner: str) -> Any:
    parts = [part.partition("\n") for part in re.split(r"(?m)^### ", inner)[1:]]
    return {"title": title, "parts": [{"heading": head.strip(), "text": html_of(text)} for head, _, text in parts]}


def _table(caption: str, inner: str) -> Any:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in inner.splitlines() if line.strip().startswith("|")
    ]  # fmt: skip
    if len(rows) < 3 or not all(re.fullmatch(r":?-+:?", cell) for cell in rows[1]):
        raise ValueError(f"the table {caption!r} needs a heading row, a line of dashes and a row")
    cells = [{"cells": [html_of(cell) for cell in row]} for row in rows[2:]]
    return {"caption": caption, "headings": rows[0], "rows": cells, "first_column_is_heading": True}


def _yaml(inner: str) -> dict[str, Any]:
    found = yaml.safe_load(inner)
    if not isinstance(found, dict):
        raise ValueError("a box of names and values is empty")
    return found


def _check(rest: str, inner: str) -> Any:
    data = _yaml(inner)
    options = [
        {"text": str(one["text"]), "is_right": bool(one.get("right")), "feedback": html_of(one["feedback"])}
        for one in data.get("options", [])
    ]
    pairs = [
        {"item": str(one["item"]), "match": str(one["match"]), "feedback": html_of(one.get("feedback", ""))}
        for one in data.get("pairs", [])
    ]
    value = {
        "kind": data["kind"], "question": html_of(data["question"]), "options": options, "pairs": pairs,
        "items": [str(one) for one in data.get("items", [])], "model": html_of(data.get("model", "")),
        "look_for": [str(one) for one in data.get("look_for", [])], "feedback": html_of(data.get("feedback", "")),
        "wrong": html_of(data.get("wrong", "")),
    }  # fmt: skip
    return _sound(value, marking.faults_of(question_of(value, as_written)))


def _scenario(rest: str, inner: str) -> Any:
    data = _yaml(inner)
    steps = [
        {
            "name": step["id"], "text": html_of(step["text"]), "ending": html_of(step.get("ending", "")),
            "choices": [
                {"text": str(one["text"]), "feedback": html_of(one["feedback"]), "goes_to": one["goes_to"]}
                for one in step.get("choices", [])
            ],
        }
        for step in data["steps"]
    ]  # fmt: skip
    steps.sort(key=lambda step: step["name"] != data["start"])  # stable: the start comes first, the rest as written
    value = {"title": data["title"], "steps": steps}
    return _sound(value, scenarios.faults_of(scenario_of(value, as_written)))


def _interactive(rest: str, inner: str) -> Any:
    """Which activity, by its name, and what of it counts."""
    data = yaml.safe_load(inner) or {}
    counts, mark = data.get("counts", "completed"), data.get("mark")
    if counts not in ("opened", "completed", "passed") or (counts == "passed") != isinstance(mark, int):
        raise ValueError("an interactive activity counts when opened, completed, or passed with a mark")
    return {"activity": rest, "counts": counts, "mark": mark}


def _sound(value: Any, faults: list[str]) -> Any:
    if faults:
        raise ValueError(" ".join(faults))
    return value


def _diagram(name: str, inner: str) -> Any:
    data = _yaml(inner)
    return {"name": name, "alt": data["alt"], "long": html_of(data["long"]), "caption": data.get("caption", "")}


def _law(rest: str, inner: str) -> Any:
    lines = [line.partition(":") for line in inner.splitlines() if line.strip()]
    return {"references": [{"reference": code.strip(), "why": why.strip()} for code, _, why in lines]}


def _words(rest: str, inner: str) -> Any:
    return {"terms": _items(inner)}


KEYED = {"check", "scenario", "reflect", "draft", "checklist", "interactive"}
BOXES: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "key": ("key_point", _titled), "example": ("example", _titled), "callout": ("callout", _titled),
    "quote": ("quotation", _quote), "activity": ("activity", _activity), "reflect": ("reflection", _reflection),
    "draft": ("draft", _draft), "checklist": ("checklist", _checklist), "accordion": ("accordion", _accordion),
    "table": ("table", _table), "check": ("check", _check), "scenario": ("scenario", _scenario),
    "interactive": ("h5p", _interactive), "diagram": ("diagram", _diagram), "law": ("law", _law),
    "words": ("words", _words),
}  # fmt: skip
