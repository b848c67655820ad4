"""Reading the course's interactive activities from their source files (courses/source/README.md): what a type's content
holds, and the same in words for whoever cannot play it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.html import escape

from content.h5p import own
from lms.common.errors import Refused

from .source_boxes import html_of

TYPES = {"question-set": "SencoPathway.QuestionSet", "order-steps": "SencoPathway.OrderSteps"}


@dataclass(frozen=True)
class SourceActivity:
    """An activity as its file says it. `name`: by which lessons show it; `content`: as its type's semantics describe
    it; `in_words`: its text alternative, as HTML."""

    name: str
    machine_name: str
    title: str
    content: dict[str, Any]
    in_words: str

    def package(self) -> bytes:
        """It as a package, the same bytes each time."""
        return own.package(self.machine_name, self.content, title=self.title)


def read_activities(folder: Path) -> dict[str, SourceActivity]:
    """Every activity of the course by name. Raises Refused, naming the file, for one that cannot work."""
    found = {}
    for path in sorted(folder.glob("activities/*.yaml")):
        try:
            found[path.stem] = _activity(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))
        except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            raise Refused("source", f"{path.name}: {error}") from error
    return found


def _activity(name: str, said: dict[str, Any]) -> SourceActivity:
    if said["type"] not in TYPES:
        raise ValueError(f"type is {said['type']!r}, not one of {', '.join(TYPES)}")
    content, words = (_questions if said["type"] == "question-set" else _steps)(said)
    return SourceActivity(name, TYPES[said["type"]], str(said["title"]), content, words)


def _questions(said: dict[str, Any]) -> tuple[dict[str, Any], str]:
    content = {
        "intro": html_of(said.get("intro", "")),
        "questions": [_question(one) for one in said["questions"]],
        "passed": html_of(said.get("passed", "")), "notYet": html_of(said.get("not_yet", "")),
        "behaviour": {"showing": said.get("showing", "one"), "passPercentage": int(said.get("pass", 60))},
    }  # fmt: skip
    return content, _questions_in_words(content)


def _question(said: dict[str, Any]) -> dict[str, Any]:
    kind = said.get("kind", "single")
    options: list[dict[str, Any]] = [
        {"text": str(one["text"]), "correct": bool(one.get("right")), "feedback": html_of(one["feedback"])}
        for one in said["options"]
    ]
    right = sum(one["correct"] for one in options)
    if kind not in ("single", "multiple") or right == 0 or (kind == "single" and right > 1):
        raise ValueError(f"a {kind} question has {right} right options: {str(said['question'])[:60]}")
    return {"question": html_of(said["question"]), "kind": kind, "options": options,
            "explanation": html_of(said.get("explanation", ""))}  # fmt: skip


def _questions_in_words(content: dict[str, Any]) -> str:
    """The questions with their options, then each answer with what every option teaches: so that one can think
    first."""
    asked, answers = [], []
    for number, one in enumerate(content["questions"], 1):
        asked += [f"<h4>Question {number}</h4>", one["question"], _items(escape(o["text"]) for o in one["options"])]
        said = [f"<strong>{'Right' if o['correct'] else 'Not this one'}:</strong> {escape(o['text'])}{o['feedback']}"
                for o in one["options"]]  # fmt: skip
        answers += [f"<h4>Answers to question {number}</h4>", _items(said), one["explanation"]]
    return "\n".join(part for part in [content["intro"], *asked, *answers] if part)


def _steps(said: dict[str, Any]) -> tuple[dict[str, Any], str]:
    steps = [{"text": str(one["text"]), "why": html_of(one["why"])} for one in said["steps"]]
    if len(steps) < 2 or len({one["text"] for one in steps}) < len(steps):
        raise ValueError("an order has two steps or more, each in words of its own")
    content: dict[str, Any] = {
        "task": html_of(said["task"]), "steps": steps, "feedback": html_of(said.get("feedback", "")),
        "wrong": html_of(said.get("wrong", "")), "behaviour": {"passPercentage": int(said.get("pass", 100))},
    }  # fmt: skip
    mixed = sorted(one["text"] for one in steps)
    in_words: list[str] = [
        content["task"], _items(map(escape, mixed)), "<h4>The order, and why</h4>",
        _items((f"<strong>{escape(one['text'])}</strong>{one['why']}" for one in steps), "ol"), content["feedback"],
    ]  # fmt: skip
    return content, "\n".join(in_words)


def _items(parts: Iterable[str], tag: str = "ul") -> str:
    return f"<{tag}>" + "".join(f"<li>{part}</li>" for part in parts) + f"</{tag}>"
