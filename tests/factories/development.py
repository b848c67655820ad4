"""A learner's own development: skills checks, goals, CPD entries."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from courses.delivery.api import Registration
from courses.framework.api import Outcome
from portfolio.domain.cpd import reflect, write_entry
from portfolio.domain.plan import save_goal, write_goal
from portfolio.domain.skills import finish_check, rate, start_check
from portfolio.models import CpdEntry, DevelopmentGoal, SkillsCheck
from portfolio.queries_skills import outcomes_of


def outcome(registration: Registration, code: str) -> Outcome:
    """An outcome of the learner's framework by its code."""
    return next(row for row in outcomes_of(registration).values() if row.code == code)


def rate_all(check: SkillsCheck, registration: Registration, rating: int = 3, at: datetime | None = None,
             **codes: tuple[int, int]) -> SkillsCheck:  # fmt: skip
    """Rates every outcome alike, and those named otherwise: `rate_all(check, r, 3, o2_4=(1, 2))`."""
    named = {name.removeprefix("o").replace("_", "."): answers for name, answers in codes.items()}
    said = {}
    for pk, row in outcomes_of(registration).items():
        sure, can = named.get(row.code, (rating, rating))
        said[pk] = {"confidence": sure, "competence": can}
    return rate(check, said, by=registration.learner, at=at or timezone.now())


def make_check(registration: Registration, rating: int = 3, *, at: datetime | None = None,
               **codes: tuple[int, int]) -> SkillsCheck:  # fmt: skip
    """A finished skills check."""
    when = at or timezone.now()
    check = start_check(registration, by=registration.learner, at=when)
    rate_all(check, registration, rating, when, **codes)
    return finish_check(check, by=registration.learner, at=when)


def note(check: SkillsCheck, code: str, text: str) -> SkillsCheck:
    """Writes a note on an outcome of an open check."""
    registration = check.registration
    said = {outcome(registration, code).pk: {"note": text}}
    return rate(check, said, by=registration.learner, at=timezone.now())


def make_goal(registration: Registration, goal: str = "Lead a review meeting", *, code: str = "",
              at: datetime | None = None, **typed: Any) -> DevelopmentGoal:  # fmt: skip
    """A goal of the learner's plan, for an outcome if one is named."""
    by, at = registration.learner, at or timezone.now()
    pk = outcome(registration, code).pk if code else None
    return save_goal(write_goal(registration, goal=goal, outcome_id=pk, by=by, at=at), by=by, at=at, **typed)


def make_entry(registration: Registration, title: str = "Autism awareness", *, kind: str = "course", minutes: int = 90,
               done_on: date | None = None, place: str = "", reflection: str = "", codes: tuple[str, ...] = (),
               at: datetime | None = None) -> CpdEntry:  # fmt: skip
    """An entry of the CPD log."""
    by, at = registration.learner, at or timezone.now()
    entry = write_entry(
        registration, kind=kind, title=title, done_on=done_on or timezone.localtime(at).date(), minutes=minutes,
        place=place, by=by, at=at,
    )  # fmt: skip
    helped = {outcome(registration, code).pk for code in codes}
    return reflect(entry, reflection=reflection, outcome_ids=helped, by=by, at=at)
