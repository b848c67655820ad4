"""A learner's own records made into evidence: a skills check with the plan, or a period of the CPD log (2.3-2.5).

What they said on the day is written down as plain text in a new draft, so that it stays when the records change.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from courses.delivery.api import Registration
from lms.accounts.api import User
from lms.common.errors import Refused
from portfolio.kinds import Kind
from portfolio.models import EvidenceVersion
from portfolio.queries_skills import (
    checks_of,
    cpd_rows,
    cpd_totals,
    goals_of,
    own_development,
    result_of,
)

from .snapshots import long_date, text_of_log, text_of_skills
from .write import save_draft, start_evidence


def skills_evidence(registration: Registration, *, first: int | None = None, last: int | None = None, by: User,
                    at: datetime) -> EvidenceVersion:  # fmt: skip
    """Makes a draft of a finished skills check, compared with an earlier one, and the development plan. Linked at
    once to the criteria about the learner's own development. Refused while no check is finished."""
    result = result_of(registration, checks_of(registration, by), first=first, last=last)
    if result is None or result.check.finished_at is None:
        raise Refused("skills-none", "Finish a skills check first: then you can use it as evidence.")
    text = text_of_skills(result, goals_of(registration, by), at=at)
    title = f"Skills check and development plan, {long_date(timezone.localtime(at).date())}"
    done_on = timezone.localtime(result.check.finished_at).date()
    return _make(registration, Kind.SKILLS_CHECK, title, text, done_on, by, at)


def cpd_evidence(registration: Registration, *, since: date, until: date, by: User, at: datetime) -> EvidenceVersion:
    """Makes a draft of the CPD log of a period (both days included) with its totals and reflections. Linked at once to
    the criteria about the learner's own development. Refused for a period in which nothing was logged."""
    rows = cpd_rows(registration, by, since=since, until=until)
    entries = list(rows.order_by("done_on", "pk"))
    if not entries:
        raise Refused("cpd-none", "Nothing is logged between these days. Choose other days.")
    text = text_of_log(entries, cpd_totals(rows), since=since, until=until, at=at)
    title = f"CPD log, {long_date(since)} to {long_date(until)}"
    return _make(registration, Kind.CPD_LOG, title, text, entries[-1].done_on, by, at)


def _make(registration: Registration, kind: Kind, title: str, text: str, happened_on: date, by: User,
          at: datetime) -> EvidenceVersion:  # fmt: skip
    criterion_ids = tuple(row.pk for row in own_development(registration))
    with transaction.atomic():
        version = start_evidence(registration, kind=kind, title=title, criterion_ids=criterion_ids, by=by, at=at)
        return save_draft(version, text=text, happened_on=happened_on, by=by, at=at)
