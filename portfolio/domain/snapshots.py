"""What a learner's own records say on a day, as plain text that reads well on its own."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from portfolio.models import CpdEntry, DevelopmentGoal, SkillsCheck, SkillsRating
from portfolio.queries_skills import CpdTotals, Rated, Result, in_words

CONFIDENCE, COMPETENCE = SkillsRating.Confidence, SkillsRating.Competence


def long_date(day: date) -> str:
    """A date as it is written everywhere: 12 November 2026."""
    return f"{day.day} {day:%B %Y}"


def text_of_skills(result: Result, goals: Iterable[DevelopmentGoal], *, at: datetime) -> str:
    """A finished check, what changed since the earlier one, the gaps, and the development plan."""
    parts = [_taken("my skills check and development plan", at), _about(result)]
    for section in result.sections:
        lines = [f"{section.section.code} {section.section.title}".upper()]
        parts.append("\n\n".join([*lines, *(_rated(row) for row in section.rows)]))
    if result.earlier:
        parts.append(_listed("WHAT WENT UP", result.went_up, "Nothing is rated higher than before."))
    parts.append(_listed("MY GAPS, THE LOWEST FIRST", result.gaps, "Nothing is rated below the top."))
    parts.append(_plan(goals))
    return "\n\n".join(parts)


def text_of_log(entries: list[CpdEntry], totals: CpdTotals, *, since: date, until: date, at: datetime) -> str:
    """A period of the CPD log: totals, then each entry with what the learner learned."""
    sums = [f"In all: {in_words(totals.minutes)}, {totals.entries} {'entry' if totals.entries == 1 else 'entries'}"]
    sums += [f"Release time: {in_words(totals.release)}", f"Visits to other settings: {in_words(totals.visits)}"]
    sums += [f"{share.name}: {in_words(share.minutes)}" for share in totals.kinds
             if share.name not in (CpdEntry.Kind.RELEASE.label, CpdEntry.Kind.VISIT.label)]  # fmt: skip
    parts = [_taken(f"my CPD log, {long_date(since)} to {long_date(until)}", at), "TIME SPENT\n" + "\n".join(sums)]
    return "\n\n".join([*parts, *(_entry(entry) for entry in entries)])


def _taken(what: str, at: datetime) -> str:
    return (f"Taken from {what}, on {long_date(timezone.localtime(at).date())}. It stays as it is when the record "
            "changes later.")  # fmt: skip


def _day_of(check: SkillsCheck) -> str:
    return long_date(timezone.localtime(check.finished_at).date()) if check.finished_at else ""


def _about(result: Result) -> str:
    said = f"Skills check {result.check.number}, finished on {_day_of(result.check)}"
    if result.earlier:
        said += f", compared with skills check {result.earlier.number}, finished on {_day_of(result.earlier)}"
    sure, can = ("; ".join(f"{step.value} {str(step.label).lower()}" for step in scale)
                 for scale in (CONFIDENCE, COMPETENCE))  # fmt: skip
    return f"{said}.\nHow sure I feel: {sure}.\nHow well I can do it: {can}."


def _rated(row: Rated) -> str:
    lines = [f"{row.outcome.code} {row.outcome.text}"]
    for line, asked in zip(row.lines, ("How sure I feel", "How well I can do it"), strict=True):
        now = f"{line['after']} ({line['words'].lower()})"
        then = f"{line['before']} ({line['words_before'].lower()}), now " if line["before"] else ""
        lines.append(f"{asked}: {then}{now}")
    if row.after.note.strip():
        lines.append(f"My note: {row.after.note.strip()}")
    return "\n".join(lines)


def _listed(heading: str, rows: list[Rated], otherwise: str) -> str:
    return "\n".join([heading, *(f"{row.outcome.code} {row.outcome.text}" for row in rows)] if rows
                     else [heading, otherwise])  # fmt: skip


def _plan(goals: Iterable[DevelopmentGoal]) -> str:
    found = [_goal(number, goal) for number, goal in enumerate(goals, 1)]
    return "\n\n".join(["MY DEVELOPMENT PLAN", *(found or ["I have no goals in my plan yet."])])


def _goal(number: int, goal: DevelopmentGoal) -> str:
    about = f" (for {goal.outcome.code})" if goal.outcome else ""
    lines = [f"Goal {number}{about}: {goal.goal}"]
    if goal.action.strip():
        lines.append(f"What I will do: {goal.action.strip()}")
    if goal.by_when:
        lines.append(f"By: {long_date(goal.by_when)}")
    if goal.done_on:
        lines.append(f"Done on {long_date(goal.done_on)}")
    if goal.result.strip():
        lines.append(f"What came of it: {goal.result.strip()}")
    return "\n".join(lines)


def _entry(entry: CpdEntry) -> str:
    place = f", {entry.place}" if entry.place else ""
    helped = sorted(entry.outcomes.all(), key=lambda outcome: outcome.position)
    lines = [f"{long_date(entry.done_on)}: {entry.title}",
             f"{entry.get_kind_display()}, {in_words(entry.minutes)}{place}"]  # fmt: skip
    if helped:
        lines.append("It helped me with: " + ", ".join(outcome.code for outcome in helped))
    if entry.reflection.strip():
        lines.append(f"What I learned: {entry.reflection.strip()}")
    return "\n".join(lines)
