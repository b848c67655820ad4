"""Figures beside their goals: a table for people, `bench.json` for programs."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from .measure import Page, Posted, ratio

FLOOR = "plain Wagtail page"
# By figure: processor time in ms, times the plain page, queries (design: speed and size).
GOALS: dict[str, tuple[float | None, float | None, int | None]] = {
    FLOOR: (None, None, None),
    "lesson": (14, 1.0, 12),
    "trainee home": (18, 1.3, 15),
    "criteria grid": (18, 1.3, 12),
    "queue": (30, 2.0, 12),
    "workspace": (None, None, 20),
}
SUBMIT = "submit"
SUBMIT_WALL_GOAL = 25.0
GROWTH_GOAL = 1.3  # ten times the registrations: about the same work


@dataclass(frozen=True)
class Figure:
    """One measured value. `ratio` is to the plain page of the same run and size."""

    figure: str
    unit: str
    value: float
    size: int
    ratio: float | None
    goal: float | None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        return None if self.goal is None else self.value <= self.goal


def figures(size: int, pages: list[Page], posted: Posted) -> list[Figure]:
    """The figures of one size."""
    floor = next(page for page in pages if page.name == FLOOR)
    found = []
    for page in pages:
        cpu, times, queries = GOALS[page.name]
        factor = round(ratio(page, floor), 2)
        found += [
            Figure(page.name, "ms CPU", round(median(page.cpu_ms), 2), size, factor, cpu),
            Figure(page.name, "ms CPU in the database", round(median(page.database_ms), 2), size, None, None),
            Figure(page.name, "times the plain page", factor, size, factor, times),
            Figure(page.name, "queries", page.queries, size, None, queries),
        ]
    found += [
        Figure(SUBMIT, "ms wall, median", round(median(posted.wall_ms), 2), size, None, SUBMIT_WALL_GOAL),
        Figure(SUBMIT, "ms CPU", round(median(posted.cpu_ms), 2), size,
               round(median(posted.cpu_ms) / median(floor.cpu_ms), 2), None),
        Figure(SUBMIT, "queries", posted.queries, size, None, None),
    ]  # fmt: skip
    return found


def growth(small: list[Figure], large: list[Figure]) -> list[Figure]:
    """How each page's processor time grows from the small size to the large one, apart from what the machine did:
    the plain page's own change is divided out. The submit's wall time grows as it is."""
    before = {(f.figure, f.unit): f.value for f in small}
    drift = next(f.value / before[(FLOOR, f.unit)] for f in large if (f.figure, f.unit) == (FLOOR, "ms CPU"))
    found = []
    for now in large:
        if now.unit not in ("ms CPU", "ms wall, median") or now.figure == FLOOR:
            continue
        if now.figure == SUBMIT and now.unit == "ms CPU":
            continue
        apart = drift if now.unit == "ms CPU" else 1.0
        value = round(now.value / before[(now.figure, now.unit)] / apart, 2)
        found.append(Figure(now.figure, "growth", value, now.size, None, GROWTH_GOAL))
    return found


def table(found: list[Figure]) -> str:
    """The figures as a table of text."""
    lines = [f"{'figure':<20}{'unit':<26}{'size':>7}{'value':>10}{'goal':>8}  "]
    for row in found:
        goal = "" if row.goal is None else f"{row.goal:g}"
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        lines.append(f"{row.figure:<20}{row.unit:<26}{row.size:>7}{row.value:>10g}{goal:>8}  {verdict}".rstrip())
    return "\n".join(lines)


def write(found: list[Figure], path: Path) -> None:
    """Writes bench.json: one object a figure."""
    path.write_text(json.dumps([asdict(row) for row in found], indent=1) + "\n")
