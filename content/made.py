"""Live blocks made ready once for every reader: plain values with their rich text as HTML, ready to mark and show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from .marking import Option, Pair, Question
from .scenarios import Choice, Scenario, Step

Html = Callable[[Any], str]


@dataclass(frozen=True)
class Reflection:
    """A question to think about, and the codes of criteria that an answer may be evidence for."""

    prompt: str
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """Something short to write and send to the tutor, and the codes of criteria that it may be evidence for."""

    title: str
    prompt: str
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class Checklist:
    """A list to tick off."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Interactive:
    """An interactive activity as a page shows it. `alternative`: its text alternative; `counts` and `mark`: what its
    author said counts; `language`: what it is written in, "" when that is not known."""

    activity: int
    version: int
    ref: str
    title: str
    alternative: str
    counts: str
    mark: int
    language: str

    @property
    def asks(self) -> str:
        """What has to be done for it to count, to its reader."""
        if self.counts == "passed":
            return f"It counts when you reach {self.mark}%. You can try as often as you like."
        return "It counts when you have done it to its end." if self.counts == "completed" else ""


def shown(rich: Any) -> SafeString:
    """Rich text as HTML with its links resolved. It was sanitised when it was stored."""
    return mark_safe(expand_db_html(as_written(rich)).strip())


def as_written(rich: Any) -> str:
    """Rich text as it is stored."""
    return getattr(rich, "source", rich) or ""


def question_of(value: Mapping[str, Any], html: Html = shown) -> Question:
    """A knowledge check of its block's value."""
    return Question(
        kind=value["kind"], prompt=html(value["question"]), model=html(value["model"]), wrong=html(value["wrong"]),
        options=tuple(Option(one["text"], bool(one["is_right"]), html(one["feedback"])) for one in value["options"]),
        items=tuple(value["items"]), look_for=tuple(value["look_for"]), feedback=html(value["feedback"]),
        pairs=tuple(Pair(one["item"], one["match"], html(one["feedback"])) for one in value["pairs"]),
    )  # fmt: skip


def scenario_of(value: Mapping[str, Any], html: Html = shown) -> Scenario:
    """A scenario of its block's value."""
    steps = (
        Step(
            step["name"], html(step["text"]),
            tuple(Choice(one["text"], html(one["feedback"]), one["goes_to"]) for one in step["choices"]),
            html(step["ending"]),
        )
        for step in value["steps"]
    )  # fmt: skip
    return Scenario(value["title"], tuple(steps))


def reflection_of(value: Mapping[str, Any], html: Html = shown) -> Reflection:
    """A reflection of its block's value."""
    return Reflection(html(value["prompt"]), tuple(value["criteria"]))


def draft_of(value: Mapping[str, Any], html: Html = shown) -> Draft:
    """A draft for comments of its block's value."""
    return Draft(value["title"], html(value["prompt"]), tuple(value["criteria"]))


def checklist_of(value: Mapping[str, Any], html: Html = shown) -> Checklist:
    """A checklist of its block's value."""
    return Checklist(value["title"], tuple(value["items"]))


def interactive_of(value: Mapping[str, Any], html: Html = shown) -> Interactive | None:
    """An interactive activity of its block's value; None while there is nothing that a page may show."""
    activity = value["activity"]
    version = activity.current if activity is not None and activity.retired_at is None else None
    if version is None or version.state != "ready" or not as_written(version.text_alternative).strip():
        return None
    return Interactive(
        activity.pk, version.pk, str(activity.ref), activity.title, html(version.text_alternative), value["counts"],
        value["mark"] or 0, "" if version.language == "und" else version.language,
    )  # fmt: skip


MAKERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "check": question_of, "scenario": scenario_of, "reflection": reflection_of, "draft": draft_of,
    "checklist": checklist_of, "h5p": interactive_of,
}  # fmt: skip


def made_of(kind: str, value: Mapping[str, Any]) -> Any:
    """What the templates of a live block show and its answers are marked by; None for kinds that need nothing."""
    return MAKERS[kind](value) if kind in MAKERS else None
