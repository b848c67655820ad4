"""Pictures of ratings, drawn on the server. A table with the same facts always stands beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, LEFT, RIGHT, TOP = 340, 64, 322, 30
ROW, APART = 44, 18  # the height of a row; from its first line to its second
STEPS = range(1, 6)


@dataclass(frozen=True)
class Bar:
    """One row of a picture: a name, and for each question the answer then (None without one) and now."""

    name: str
    sure: tuple[float | None, float]
    can: tuple[float | None, float]


def bars(rows: Iterable[Any]) -> list[Bar]:
    """A row for each outcome (queries_skills.Rated)."""
    return [Bar(row.outcome.code, *((line["before"], line["after"]) for line in row.lines)) for row in rows]


def average_bars(sections: Iterable[Any]) -> list[Bar]:
    """A row for each section (queries_skills.SectionRated): the mean of its answers."""
    pairs = [
        (part.section.code,
         *((part.average(name, "before"), part.average(name, "after")) for name in ("confidence", "competence")))
        for part in sections if part.rows
    ]  # fmt: skip
    return [Bar(*pair) for pair in pairs]


def picture(rows: list[Bar], label: str) -> SafeString:
    """Ratings from 1 to 5, one row each: a circle for how sure somebody feels, a square for how well they can do it;
    hollow then, filled now, with a line between. `label` says in words what it shows."""
    height = TOP + ROW * len(rows) + 6
    lines = format_html_join("", "{}", ((_row(row, place),) for place, row in enumerate(rows)))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        WIDTH, height, label, _scale(height), lines,
    )  # fmt: skip


def marks() -> Mapping[str, SafeString]:
    """The four marks of a picture, for its key."""
    return {
        f"{name}_{when}": format_html(
            '<svg class="chart__key" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{}</svg>',
            _mark(name, 10, 10, then=when == "then"),
        )
        for name in ("sure", "can")
        for when in ("then", "now")
    }


def _x(value: float) -> float:
    return round(LEFT + 10 + (value - 1) * (RIGHT - LEFT - 20) / 4, 1)


def _scale(height: int) -> SafeString:
    return format_html_join(
        "",
        '<line class="chart__grid" x1="{}" y1="{}" x2="{}" y2="{}"/><text class="chart__step" x="{}" y="18">{}</text>',
        ((_x(step), TOP - 4, _x(step), height - 4, _x(step), step) for step in STEPS),
    )


def _row(row: Bar, place: int) -> SafeString:
    top = TOP + ROW * place
    first = top + (ROW - APART) / 2
    return format_html(
        '<line class="chart__rule" x1="0" y1="{}" x2="{}" y2="{}"/>'
        '<text class="chart__name" x="2" y="{}">{}</text>{}{}',
        top, WIDTH, top, top + ROW / 2 + 5, row.name, _line("sure", row.sure, first),
        _line("can", row.can, first + APART),
    )  # fmt: skip


def _line(name: str, answers: tuple[float | None, float], y: float) -> SafeString:
    """Then and now with a line between; now alone when nothing changed or there was no then."""
    then, now = answers
    drawn = SafeString("")
    if then is not None and then != now:
        drawn = format_html(
            '<line class="chart__line chart__line--{}" x1="{}" y1="{}" x2="{}" y2="{}"/>{}',
            name, _x(then), y, _x(now), y, _mark(name, _x(then), y, then=True),
        )  # fmt: skip
    return format_html("{}{}", drawn, _mark(name, _x(now), y, then=False))


def _mark(name: str, x: float, y: float, *, then: bool) -> SafeString:
    kind = f"chart__{name} chart__{name}--{'then' if then else 'now'}"
    if name == "sure":
        return format_html('<circle class="{}" cx="{}" cy="{}" r="6"/>', kind, x, y)
    return format_html('<rect class="{}" x="{}" y="{}" width="11" height="11"/>', kind, x - 5.5, y - 5.5)
