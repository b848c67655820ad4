"""The course as a list: its units and pages in order, and how far its reader is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from courses.delivery.api import StudyProgress

from .models import UnitPage
from .queries import StudyItem, address


def words_for_minutes(minutes: int) -> str:
    """Minutes as people say them: "about 12 minutes", "about 1½ hours"."""
    if minutes < 60:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    halves = round(minutes / 30)
    whole = f"{halves // 2}{'½' if halves % 2 else ''}"
    return f"about {whole} hour{'' if whole == '1' else 's'}"


@dataclass(frozen=True)
class Entry:
    """A lesson or task in a reader's list. `progress` is None when they have not opened it."""

    item: StudyItem
    progress: StudyProgress | None = None

    @property
    def is_finished(self) -> bool:
        """Its reader has finished it."""
        return self.progress is not None and self.progress.finished_at is not None

    @property
    def is_begun(self) -> bool:
        """Its reader has opened it and not finished."""
        return self.progress is not None and self.progress.finished_at is None

    @property
    def url(self) -> str:
        """Where its reader goes on: the paragraph at which they stopped."""
        anchor = self.progress.anchor if self.progress is not None and self.is_begun else ""
        return f"{self.item.url}#{anchor}" if anchor else self.item.url

    @property
    def time(self) -> str:
        """How long it takes. A task is work beside the reading."""
        if self.item.is_task:
            return words_for_minutes(self.item.minutes) + " of work"
        return f"{self.item.minutes} minutes"


@dataclass(frozen=True)
class Part:
    """A unit with its pages. `is_open`: the one in which the reader goes on."""

    unit: UnitPage
    entries: Sequence[Entry]
    is_open: bool = False

    @property
    def url(self) -> str:
        """The unit's page."""
        return address(self.unit)

    @property
    def finished(self) -> int:
        """How many of its pages are finished."""
        return sum(entry.is_finished for entry in self.entries)

    @property
    def is_finished(self) -> bool:
        """Nothing of it is left."""
        return bool(self.entries) and self.finished == len(self.entries)

    @property
    def minutes(self) -> int:
        """Minutes of its lessons. Tasks are work beside them and are not counted."""
        return sum(entry.item.minutes for entry in self.entries if not entry.item.is_task)

    @property
    def minutes_left(self) -> int:
        """Minutes of its lessons that are not finished."""
        return sum(e.item.minutes for e in self.entries if not e.item.is_task and not e.is_finished)

    @property
    def time(self) -> str:
        """What its lessons take."""
        return words_for_minutes(self.minutes)

    @property
    def time_left(self) -> str:
        """What is left of its lessons."""
        return words_for_minutes(self.minutes_left) if self.minutes_left else ""


@dataclass(frozen=True)
class Outline:
    """A whole course. `next`: where its reader goes on, None when all is finished or nothing is published."""

    parts: Sequence[Part]
    next: Entry | None

    @property
    def entries(self) -> list[Entry]:
        """Every page in order."""
        return [entry for part in self.parts for entry in part.entries]

    @property
    def finished(self) -> int:
        """How many pages are finished."""
        return sum(part.finished for part in self.parts)

    @property
    def time(self) -> str:
        """What all lessons take."""
        return words_for_minutes(sum(part.minutes for part in self.parts))

    @property
    def time_left(self) -> str:
        """What is left of the lessons."""
        minutes = sum(part.minutes_left for part in self.parts)
        return words_for_minutes(minutes) if minutes else ""

    def part_of(self, unit: UnitPage) -> Part:
        """The part of one of the course's units; without pages for a unit that is not published."""
        return next((part for part in self.parts if part.unit.pk == unit.pk), Part(unit, ()))


def outline_of(units: Sequence[UnitPage], items: Sequence[StudyItem],
               progress: Mapping[int, StudyProgress] | None = None) -> Outline:  # fmt: skip
    """Lays a course out for a reader: `progress` by page, None for somebody who is not registered. No query."""
    known = progress or {}
    by_unit: dict[str, list[Entry]] = {}
    for item in items:
        by_unit.setdefault(item.unit_path, []).append(Entry(item, known.get(item.pk)))
    entries = [entry for unit in units for entry in by_unit.get(unit.path, [])]
    following = _next(entries)
    here = following.item.unit_path if following else ""
    parts = [Part(unit, by_unit.get(unit.path, []), unit.path == here) for unit in units]
    return Outline(parts, following)


def _next(entries: Sequence[Entry]) -> Entry | None:
    """The lesson that was open last and is not finished; else the first unfinished page after the one finished last,
    as people may begin with the unit that they need."""
    begun = [entry for entry in entries if entry.is_begun and not entry.item.is_task]
    if begun:
        return max(begun, key=lambda entry: entry.progress.seen_at)  # type: ignore[union-attr]  # begun: there is one
    done = [(entry.progress.finished_at, place) for place, entry in enumerate(entries)
            if entry.progress and entry.progress.finished_at]  # fmt: skip
    place = max(done)[1] + 1 if done else 0
    return next((entry for entry in [*entries[place:], *entries[:place]] if not entry.is_finished), None)
