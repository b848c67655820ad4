"""All that a learner answered, wrote and decided in the course, laid out by unit and page. The learner's alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page

from content.asked import asked, path_of, ticked_of
from content.pieces import Live
from courses.delivery.api import Registration, StudyAnswer

from .models import LessonPage, StudyPage, TaskPage, UnitPage
from .queries import address, rendered

UNIT = 5 * Page.steplen
KIND_NAMES = {"check": "Question", "scenario": "Scenario", "reflection": "Reflection", "checklist": "Checklist",
              "draft": "Draft", "h5p": "Interactive activity"}  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """One answer as its learner reads it again. `prompt`: the author's HTML; `lines`: what was chosen, in order;
    `text`: what they wrote; `state`: "right", "wrong" or "" with `said` in words; `url`: its place on the page;
    `evidence`: it was made into evidence."""

    kind: str
    name: str
    when: datetime
    prompt: SafeString = mark_safe("")
    lines: Sequence[str] = ()
    text: str = ""
    state: str = ""
    said: str = ""
    url: str = ""
    block: str = ""
    page_id: int = 0
    evidence: bool = False


@dataclass(frozen=True)
class OnPage:
    """The answers on one page, in its order. `url`: "" when it is no longer published."""

    title: str
    url: str
    answers: list[Answered]


@dataclass(frozen=True)
class Mine:
    """A learner's answers in one unit. `units`: those with answers: number, title, how many, whether shown."""

    units: list[tuple[str, str, int, bool]] = field(default_factory=list)
    title: str = ""
    pages: list[OnPage] = field(default_factory=list)


def answers_of(registration: Registration, unit: str = "") -> Mine:
    """A learner's answers in a unit (its number), else in the one in which they answered last. Five queries."""
    rows = [row for row in StudyAnswer.objects.filter(registration=registration).order_by("-saved_at") if row.value]
    pages = {page.pk: page for page in Page.objects.filter(pk__in={row.page_id for row in rows}).order_by("path")}
    if not rows:
        return Mine()
    counts: dict[str, int] = {}
    for row in rows:
        path = pages[row.page_id].path[:UNIT]
        counts[path] = counts.get(path, 0) + 1
    found = {one.path: one for one in UnitPage.objects.filter(path__in=counts).order_by("path")}
    known = {str(one.pk): path for path, one in found.items()}
    shown = known.get(unit) or pages[rows[0].page_id].path[:UNIT]
    units = [(str(one.pk), one.title, counts[path], path == shown) for path, one in found.items()]
    here = {pk: page for pk, page in pages.items() if page.path.startswith(shown)}
    live = _live_pages(here)
    of_page: dict[int, list[StudyAnswer]] = {}
    for row in rows:
        if row.page_id in here:
            of_page.setdefault(row.page_id, []).append(row)
    on_pages = [on_page(page, live.get(pk), of_page[pk]) for pk, page in here.items()]
    return Mine(units, found[shown].title if shown in found else "", on_pages)


def _live_pages(pages: dict[int, Page]) -> dict[int, StudyPage]:
    return {page.pk: page for model in (LessonPage, TaskPage) for page in model.objects.filter(pk__in=pages, live=True)}


def on_page(page: Page, live: StudyPage | None, rows: list[StudyAnswer]) -> OnPage:
    """A learner's answers on one page, in the order in which the page asks."""
    blocks = {one.block: (place, one) for place, one in enumerate(rendered(live).live)} if live is not None else {}
    end = len(blocks)
    rows = sorted(rows, key=lambda row: blocks[str(row.block)][0] if str(row.block) in blocks else end)
    url = address(page) if live is not None else ""
    return OnPage(page.title, url, [_answered(row, blocks.get(str(row.block), (0, None))[1], url) for row in rows])


def _answered(row: StudyAnswer, live: Live | None, url: str) -> Answered:
    facts: dict[str, Any] = {
        "kind": row.kind, "name": KIND_NAMES.get(row.kind, ""), "when": row.saved_at, "page_id": row.page_id,
        "block": str(row.block), "text": str(row.value.get("text", "")), "evidence": row.evidence is not None,
    }  # fmt: skip
    if live is None or live.made is None:
        facts["said"] = "" if live is not None else "The lesson no longer has this question."
    else:
        facts |= {"url": f"{url}#block-{row.block}", "name": live.label or facts["name"]}
        facts |= _FACTS[row.kind](row, live.made) if row.kind in _FACTS else {}
    return Answered(**facts)


def _check(row: StudyAnswer, made: Any) -> dict[str, Any]:
    seen = asked(made, row, seed=str(row.registration_id))
    facts: dict[str, Any] = {"prompt": made.prompt, "lines": _lines(row, made, seen)}
    if seen.result == "right":
        first = seen.tries in ("", "first")
        return facts | {"state": "right", "said": "Right the first time" if first else f"Right on the {seen.tries} try"}
    if seen.result == "wrong":
        return facts | {"state": "wrong", "said": "Not right yet"}
    if seen.result == "changed":
        return facts | {"lines": (), "said": "The question has changed since you answered it. Your answer counts."}
    return facts


def _lines(row: StudyAnswer, made: Any, seen: Any) -> list[str]:
    if seen.result == "changed" or made.kind == "short":
        return []
    if made.kind == "matching":
        texts = dict(seen.matches)
        return [f"{one.text}: {texts.get(one.chosen, '')}" for one in seen.rows]
    if made.kind == "ordering":
        return [f"{place}. {one.text}" for place, one in enumerate(seen.rows, 1)]
    return [one.text for one in seen.rows if one.chosen]


def _scenario(row: StudyAnswer, made: Any) -> dict[str, Any]:
    path = path_of(made, row)
    if path.changed:
        return {"said": "The scenario has changed since you walked it."}
    lines = [one.choice.text for one in path.before if one.choice]
    said = "Walked to an end" if path.is_ended else "Not at an end yet"
    return {"lines": lines, "state": "right" if path.is_ended else "", "said": said}


def _checklist(row: StudyAnswer, made: Any) -> dict[str, Any]:
    ticked = [one.text for one in ticked_of(made, row) if one.chosen]
    return {"lines": ticked, "said": f"{len(ticked)} of {len(made.items)} ticked"}


def _reflection(row: StudyAnswer, made: Any) -> dict[str, Any]:
    return {"prompt": made.prompt}


def _interactive(row: StudyAnswer, made: Any) -> dict[str, Any]:
    said = "Done another way" if row.value.get("other") else "Done"
    return {"lines": [made.title], "state": "right", "said": said}


_FACTS = {
    "h5p": _interactive,
    "check": _check,
    "scenario": _scenario,
    "checklist": _checklist,
    "reflection": _reflection,
}
