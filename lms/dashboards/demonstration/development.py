"""One trainee's own development in the demonstration: two skills checks, a plan, a CPD log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from courses.delivery.api import Registration
from courses.framework.api import Outcome
from portfolio.domain.cpd import reflect, write_entry
from portfolio.domain.plan import finish_goal, save_goal, write_goal
from portfolio.domain.skills import finish_check, rate, start_check
from portfolio.models import CpdEntry
from portfolio.queries_skills import outcomes_of

from .clock import day, moment

FIRST_CHECK, SECOND_CHECK = 71, 1  # days ago: ten weeks apart
# By outcome: how sure and how well, then and now.
RATINGS = {
    "1.1": "33 44", "1.2": "23 44", "1.3": "22 33", "1.4": "11 22", "1.5": "11 22", "1.6": "21 32", "1.7": "23 44",
    "1.8": "22 34", "1.9": "33 44", "1.10": "33 44", "1.11": "22 33", "1.12": "12 33", "1.13": "22 33", "1.14": "33 33",
    "2.1": "21 33", "2.2": "22 33", "2.3": "22 44", "2.4": "33 43", "2.5": "22 34", "2.6": "11 22", "2.7": "33 34",
    "3.1": "22 33", "3.2": "12 23",
    "4.1": "11 33", "4.2": "22 23", "4.3": "22 32", "4.4": "22 33", "4.5": "11 21", "4.6": "11 21", "4.7": "33 33",
    "4.8": "22 22",
}  # fmt: skip
NOTES = {
    "1.4": "I have worked with two children who were learning English. I did not know what to ask the parents.",
    "4.6": "I have never seen the budget. Ask Anita how our inclusion money is asked for.",
}


@dataclass(frozen=True)
class Goal:
    """A goal for an outcome: begun and due so many days ago (due in future when negative)."""

    outcome: str
    begun: int
    action: str
    due: int
    result: str = ""
    done: int = 0


GOALS = [
    Goal("4.1", 70, "Read our council’s Local Offer. Make a one-page list of who helps with what, for the staff room.",
         30, "The list hangs by the kettle. Two colleagues have rung a service themselves since.", 34),
    Goal("1.4", 69, "Ask for the course on children who learn English as an additional language. Then watch how our "
         "interpreter talks with one family.", 6),
    Goal("4.6", 3, "Sit with Anita when she fills in the next claim for inclusion funding, and write down each step.",
         -25),
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """An entry of the CPD log, so many days ago."""

    kind: str
    title: str
    ago: int
    minutes: int
    place: str = ""
    reflection: str = ""
    outcomes: tuple[str, ...] = ()


Kind = CpdEntry.Kind
ENTRIES = [
    Entry(Kind.COURSE, "The graduated approach, half-day course", 61, 210, "Ashcombe Vale Early Years Training Centre",
          "I had thought that “review” was a form. It is a question: did it help, and how do we know? I now put the "
          "review date in the diary on the day we plan.", ("1.7", "1.11")),
    Entry(Kind.READING, "Chapter 5 of the SEND code of practice", 52, 90, "At home",
          "What we must do and what we should do are two lists. I made a card with the “must” list.", ("2.1",)),
    Entry(Kind.VISIT, "A morning at Cobblers Green Pre-school", 38, 180, "Cobblers Green Pre-school",
          "They start the day with a picture of each adult who is in. Child A looks for me in the morning, so I made "
          "one for our door. Their SENCO meets each key person for ten minutes a week; we could do every second week.",
          ("1.13", "3.2")),
    Entry(Kind.RELEASE, "Release time: support plans", 24, 150, "Quince Tree Nursery",
          "Two plans rewritten with outcomes that a parent can see at home. It took an hour each, not twenty minutes. "
          "I have asked for two hours a fortnight.", ("1.12", "2.7")),
    Entry(Kind.SHADOWING, "Sat in on a review meeting with Ruth Mensah", 16, 75, "Quince Tree Nursery",
          "She asked the parents first, and waited. I talk too soon.", ("1.8", "1.9", "4.2")),
    Entry(Kind.NETWORK, "SENCO network, online", 2, 60, "Online"),
]  # fmt: skip


def development(registration: Registration) -> list[tuple[datetime, Callable[[], object]]]:
    """Everything, each with its own time: early in the morning or after work, when nothing else happens."""
    outcomes = {outcome.code: outcome for outcome in outcomes_of(registration).values()}
    acts: list[tuple[datetime, Callable[[], object]]] = []
    for place, ago in enumerate((FIRST_CHECK, SECOND_CHECK)):
        acts.append((moment(ago, 7), partial(_check, registration, outcomes, ago, place)))
    acts += [(moment(goal.begun, 7), partial(_plan, registration, outcomes, goal)) for goal in GOALS]
    acts += [(moment(goal.done, 7), partial(_reach, registration, goal)) for goal in GOALS if goal.result]
    acts += [(moment(entry.ago, 17), partial(_log, registration, outcomes, entry)) for entry in ENTRIES]
    return acts


def _check(registration: Registration, outcomes: dict[str, Outcome], ago: int, place: int) -> None:
    by = registration.learner
    check = start_check(registration, by=by, at=moment(ago, 7))
    said: dict[int, dict[str, int | str | None]] = {}
    for code, ratings in RATINGS.items():
        answers = ratings.split()[place]
        said[outcomes[code].pk] = {"confidence": int(answers[0]), "competence": int(answers[1])}
        if place == 0 and code in NOTES:
            said[outcomes[code].pk]["note"] = NOTES[code]
    rate(check, said, by=by, at=moment(ago, 7, 25))
    finish_check(check, by=by, at=moment(ago, 7, 28))


def _plan(registration: Registration, outcomes: dict[str, Outcome], goal: Goal) -> None:
    by = registration.learner
    row = write_goal(registration, outcome_id=outcomes[goal.outcome].pk, by=by, at=moment(goal.begun, 7))
    save_goal(row, action=goal.action, by_when=day(goal.due), by=by, at=moment(goal.begun, 7, 5))


def _reach(registration: Registration, goal: Goal) -> None:
    by = registration.learner
    row = registration.development_goals.get(outcome__code=goal.outcome)
    save_goal(row, result=goal.result, by=by, at=moment(goal.done, 7, 10))
    finish_goal(row, by=by, at=moment(goal.done, 7, 11))


def _log(registration: Registration, outcomes: dict[str, Outcome], entry: Entry) -> None:
    by, at = registration.learner, moment(entry.ago, 17)
    row = write_entry(
        registration, kind=entry.kind, title=entry.title, done_on=day(entry.ago), minutes=entry.minutes,
        place=entry.place, by=by, at=at,
    )  # fmt: skip
    if entry.reflection:
        reflect(row, reflection=entry.reflection, outcome_ids={outcomes[code].pk for code in entry.outcomes}, by=by,
                at=at + timedelta(minutes=12))  # fmt: skip
