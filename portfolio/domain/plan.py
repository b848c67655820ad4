"""The development plan: goals from the gaps of a skills check, and what came of them (criteria 2.3-2.5)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.conflicts import check_bases
from lms.common.errors import Refused
from portfolio.models import DevelopmentGoal
from portfolio.policies import check_owner
from portfolio.queries_skills import outcomes_of

GOAL_LENGTH = 300
# What a learner writes in a goal, by any form.
TYPED = ("goal", "action", "by_when", "result")
TEXTS = ("goal", "action", "result")


def write_goal(registration: Registration, *, goal: str = "", outcome_id: int | None = None, by: User,
               at: datetime) -> DevelopmentGoal:  # fmt: skip
    """Adds a goal to a learner's plan. For an outcome it says the outcome's words unless `goal` says others; an open
    goal for that outcome is returned as it is, so that one gap is not planned twice."""
    with transaction.atomic():
        registration = lock_registration(registration.pk)
        check_owner(by, registration)
        outcome = outcomes_of(registration).get(outcome_id) if outcome_id is not None else None
        if outcome_id is not None and outcome is None:
            raise Refused("outcome-unknown", "This statement does not belong to your qualification.")
        if outcome is not None:
            mine = DevelopmentGoal.objects.filter(registration=registration, outcome=outcome, done_on__isnull=True)
            if already := mine.first():
                return already
        words = goal.strip() or (outcome.text.rstrip(":") if outcome else "")
        if not words:
            raise Refused("goal-empty", "Say what you want to get better at.")
        row = DevelopmentGoal.objects.create(
            registration=registration, outcome=outcome, goal=words[:GOAL_LENGTH], created_at=at, saved_at=at
        )
        _record(row, Action.GOAL_WRITTEN, by, at, outcome=outcome.code if outcome else "")
    return row


def save_goal(goal: DevelopmentGoal, /, *, by: User, at: datetime, bases: Mapping[str, str] | None = None,
              **typed: object) -> DevelopmentGoal:  # fmt: skip
    """Saves what was typed: any of TYPED; what is not named stays as it is, and so does a goal left empty. Never
    refused for what is missing, only for a text that was changed elsewhere meanwhile (`bases`)."""
    if unknown := typed.keys() - set(TYPED):
        raise TypeError(f"A goal has no {', '.join(sorted(unknown))}")
    if words := str(typed.pop("goal", "") or "").strip():
        typed["goal"] = words[:GOAL_LENGTH]
    with transaction.atomic():
        row = _locked(goal, by)
        texts = {name: str(typed[name] or "") for name in TEXTS if name in typed}
        check_bases({name: getattr(row, name) for name in TEXTS}, texts, bases or {})
        if any(getattr(row, name) != value for name, value in typed.items()):
            for name, value in typed.items():
                setattr(row, name, value)
            row.saved_at = at
            row.save()
    return row


def finish_goal(goal: DevelopmentGoal, *, by: User, at: datetime) -> DevelopmentGoal:
    """Marks a goal as done today. Refused until it says what came of it. Done again, the first day stands."""
    with transaction.atomic():
        row = _locked(goal, by)
        if row.done_on:
            return row
        if not row.result.strip():
            raise Refused("goal-result", "Say in a few words what came of it, then mark it as done.")
        return _set_done(row, by, at, done=True)


def reopen_goal(goal: DevelopmentGoal, *, by: User, at: datetime) -> DevelopmentGoal:
    """Takes back that a goal is done. What came of it stays."""
    with transaction.atomic():
        row = _locked(goal, by)
        return _set_done(row, by, at, done=False) if row.done_on else row


def remove_goal(goal: DevelopmentGoal, *, by: User, at: datetime) -> None:
    """Takes a goal out of the plan for good."""
    with transaction.atomic():
        row = _locked(goal, by)
        _record(row, Action.GOAL_REMOVED, by, at)
        row.delete()


def _set_done(row: DevelopmentGoal, by: User, at: datetime, *, done: bool) -> DevelopmentGoal:
    row.done_on = timezone.localtime(at).date() if done else None
    row.saved_at = at
    row.save(update_fields=["done_on", "saved_at"])
    _record(row, Action.GOAL_WRITTEN, by, at, done=done)
    return row


def _locked(goal: DevelopmentGoal, by: User) -> DevelopmentGoal:
    """The goal, locked with its registration and read afresh. Raises Refused."""
    check_owner(by, lock_registration(goal.registration_id))
    row = DevelopmentGoal.objects.filter(pk=goal.pk).first()
    if row is None:
        raise Refused("goal-gone", "This goal was removed in another window.")
    return row


def _record(goal: DevelopmentGoal, action: Action, by: User, at: datetime, **changes: object) -> None:
    record(
        registration_stream(goal.registration_id), action, by=by, role="learner", at=at, subject=f"goal:{goal.pk}",
        changes=dict(changes),
    )  # fmt: skip
