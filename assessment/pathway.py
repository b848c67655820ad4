"""The pathway from Level 3 to Level 7, in words: where somebody is, what a level needs, and why it is not open to them
yet. Pure: what is known of the person comes in as a `Standing`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from courses.framework.api import PathwayLevel

FURTHER_EDUCATION_FLOOR = 5
TEACHER_STATUSES = {
    "QTS": "QTS (qualified teacher status)",
    "QTLS": "QTLS (qualified teacher learning and skills)",
    "EYTS": "EYTS (early years teacher status, for work with children from birth to five)",
}
ENTRY = {
    "in pathway; level appropriate to prior qualifications":
        "You hold a qualification at the level below, or higher.",
    "blocked by default: below FE floor 5":
        "In further education the pathway starts at Level 5. The awarding organisation may make an exception.",
    "FE entry floor": "The pathway in further education starts here.",
    "in pathway; experience considered":
        "You hold a qualification at the level below, or higher. Your experience is considered too.",
    "teacher status; SENCO role or significant inclusive work":
        "You have teacher status, and you are a SENCO or do a good deal of inclusive work.",
}  # fmt: skip
MODES = {"part_time": "part-time", "full_time": "full-time"}


@dataclass(frozen=True)
class Standing:
    """What is known of a learner: their sector, the level that they work on, what they hold, and which levels have a
    qualification that takes new entrants."""

    sector: str
    working_on: int
    held: int | None = None
    still_needed: int = 0
    is_awarded: bool = False
    teacher_statuses: frozenset[str] = frozenset()
    open_levels: frozenset[int] = frozenset()

    @property
    def is_complete(self) -> bool:
        """Everything that the present level needs is achieved, whether or not it is awarded yet."""
        return self.still_needed == 0


@dataclass(frozen=True)
class Reason:
    """Why a level is not open yet; `code` is stable, for tests. Shown by the `why_not` component."""

    code: str
    message: str
    fix_url: str = ""


@dataclass
class Step:
    """One level as a step: its place for this person and everything about it in words."""

    level: int
    place: str
    tier: str
    entry: str
    duration: str
    teacher_status: str
    reasons: list[Reason] = field(default_factory=list)

    @property
    def is_open_to_them(self) -> bool:
        """They could ask to join today."""
        return self.place in ("next", "later") and not self.reasons


def statuses_needed(text: str) -> list[str]:
    """The teacher statuses of which one is needed: "QTS|QTLS|EYTS(0-5 only)" is QTS, QTLS, EYTS; "none" is none."""
    return re.findall(r"\b(QTS|QTLS|EYTS)\b", text.replace("|", " ").replace("(", " "))


def statuses_named(titles: Iterable[str]) -> frozenset[str]:
    """The teacher statuses that the titles of somebody's qualifications name."""
    return frozenset(name for title in titles for name in statuses_needed(title.upper()))


def why_not_yet(level: PathwayLevel, standing: Standing) -> list[Reason]:
    """Every reason why a level is not open to somebody; none means that they could ask to join.

    The level below must be held (what the pathway's note A8 makes the default), teacher status where the level asks
    for it, the further education floor, and a qualification that takes new entrants. Duration, mode and support are
    advice and never a reason.
    """
    reasons = [_level_below(level.level, standing)]
    if standing.sector == "further_education" and level.level < FURTHER_EDUCATION_FLOOR:
        reasons = [Reason("further-education-floor", ENTRY["blocked by default: below FE floor 5"])]
    needed = statuses_needed(level.teacher_status)
    if needed and not standing.teacher_statuses & set(needed):
        reasons.append(
            Reason("teacher-status", f"It needs teacher status: {_or(needed, TEACHER_STATUSES)}. None is on record "
                   "for you.")
        )  # fmt: skip
    if level.level not in standing.open_levels:
        reasons.append(Reason("nothing-open", NOTHING_OPEN))
    return [reason for reason in reasons if reason]


NOTHING_OPEN = "No qualification is open to new entrants at this level at present."


def _level_below(level: int, standing: Standing) -> Reason | None:
    """What stands between the person and holding the level below."""
    if standing.held is not None and standing.held >= level - 1:
        return None
    if level - 1 != standing.working_on:
        return Reason("level-below", f"You need a qualification at Level {level - 1} first.")
    if not standing.is_complete:
        count = standing.still_needed
        criteria = "1 more criterion" if count == 1 else f"{count} more criteria"
        return Reason("level-below", f"You need your Level {level - 1} first. It still needs {criteria}.")
    return Reason(
        "level-below",
        f"You need your Level {level - 1} to be awarded. You have achieved everything; the award is not confirmed yet.",
    )


def steps(levels: Iterable[PathwayLevel], standing: Standing) -> list[Step]:
    """The levels of a sector as steps: what lies behind, where the person is, the one that is next, and the rest."""
    found = []
    for level in sorted(levels, key=lambda row: row.level):
        place = _place(level.level, standing)
        needed = statuses_needed(level.teacher_status)
        found.append(
            Step(
                level.level, place, tier_in_words(level.tiers), ENTRY.get(level.entry, level.entry),
                duration_in_words(level.duration_months, level.mode),
                f"{_or(needed, TEACHER_STATUSES)}." if needed else "Not needed.",
                why_not_yet(level, standing) if place in ("next", "later") else [],
            )
        )  # fmt: skip
    return found


def _place(level: int, standing: Standing) -> str:
    if level == standing.working_on:
        return "here"
    if level < standing.working_on:
        return "behind"
    return "next" if level == standing.working_on + 1 else "later"


def tier_in_words(tiers: list[str]) -> str:
    """The tier; of a level in two tiers the programme decides (Level 4)."""
    words = " or ".join(tiers).capitalize()
    return f"{words}: your programme decides" if len(tiers) > 1 else words


def duration_in_words(months: list[int], mode: str) -> str:
    """How long people advise. Advice, never a block."""
    span = " to ".join(str(number) for number in months)
    return f"about {span} months {MODES.get(mode, mode.replace('_', '-'))}"


def _or(names: list[str], words: dict[str, str]) -> str:
    shown = [words[name] for name in names]
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0]
