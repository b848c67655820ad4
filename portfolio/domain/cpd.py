"""The CPD log: what a learner did for their own development, how long it took and what they learned (2.5)."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.conflicts import check_bases
from lms.common.errors import Refused
from portfolio.models import CpdEntry
from portfolio.policies import check_owner
from portfolio.queries_skills import outcomes_of

MOST_MINUTES = 200 * 60  # of one entry; what took longer is several
FACTS = ("kind", "title", "done_on", "minutes", "place")


def write_entry(registration: Registration, *, kind: str, title: str, done_on: date, minutes: int, place: str = "",
                by: User, at: datetime) -> CpdEntry:  # fmt: skip
    """Adds an entry to a learner's log. Refused without a title, for no time or too much, for a day to come."""
    facts = _checked(kind=kind, title=title, done_on=done_on, minutes=minutes, place=place, at=at)
    with transaction.atomic():
        registration = lock_registration(registration.pk)
        check_owner(by, registration)
        row = CpdEntry.objects.create(registration=registration, created_at=at, saved_at=at, **facts)
        _record(row, Action.CPD_WRITTEN, by, at, kind=row.kind, minutes=row.minutes)
    return row


def change_entry(entry: CpdEntry, *, kind: str, title: str, done_on: date, minutes: int, place: str = "", by: User,
                 at: datetime) -> CpdEntry:  # fmt: skip
    """Corrects what an entry says was done. Refused as writing one is."""
    facts = _checked(kind=kind, title=title, done_on=done_on, minutes=minutes, place=place, at=at)
    with transaction.atomic():
        row = _locked(entry, by)
        if any(getattr(row, name) != value for name, value in facts.items()):
            for name, value in facts.items():
                setattr(row, name, value)
            row.saved_at = at
            row.save()
            _record(row, Action.CPD_WRITTEN, by, at, kind=row.kind, minutes=row.minutes)
    return row


def reflect(entry: CpdEntry, *, reflection: str | None = None, outcome_ids: set[int] | None = None, by: User,
            at: datetime, bases: Mapping[str, str] | None = None) -> CpdEntry:  # fmt: skip
    """Saves what the learner learned and the outcomes it helped with; what is None stays as it is. Refused for an
    outcome of another framework, and for a text that was changed elsewhere meanwhile (`bases`)."""
    with transaction.atomic():
        row = _locked(entry, by)
        check_bases({"reflection": row.reflection}, {"reflection": reflection}, bases or {})
        if reflection is not None and reflection != row.reflection:
            row.reflection, row.saved_at = reflection, at
            row.save(update_fields=["reflection", "saved_at"])
        if outcome_ids is not None and outcome_ids != set(row.outcomes.values_list("pk", flat=True)):
            known = outcomes_of(row.registration)
            if not outcome_ids <= known.keys():
                raise Refused("outcome-unknown", "One of these statements does not belong to your qualification.")
            row.outcomes.set(outcome_ids)
            CpdEntry.objects.filter(pk=row.pk).update(saved_at=at)
            _record(row, Action.CPD_WRITTEN, by, at, outcomes=sorted(known[pk].code for pk in outcome_ids))
    return row


def remove_entry(entry: CpdEntry, *, by: User, at: datetime) -> None:
    """Takes an entry out of the log for good. Evidence made from the log keeps what it said."""
    with transaction.atomic():
        row = _locked(entry, by)
        _record(row, Action.CPD_REMOVED, by, at, minutes=row.minutes)
        row.delete()


def _checked(*, kind: str, title: str, done_on: date, minutes: int, place: str, at: datetime) -> dict:
    """The facts of an entry as they are kept. Raises Refused."""
    if kind not in CpdEntry.Kind.values:
        raise Refused("cpd-kind", "Choose what kind of activity it was.")
    if not title.strip():
        raise Refused("cpd-title", "Say in a few words what you did.")
    if not 0 < minutes <= MOST_MINUTES:
        raise Refused("cpd-minutes", f"Say how long it took: more than 0 minutes, {MOST_MINUTES // 60} hours at most.")
    if done_on > timezone.localtime(at).date():
        raise Refused("cpd-future", "The date must be today or in the past. Log it when you have done it.")
    facts = (kind, title.strip()[:160], done_on, minutes, place.strip()[:160])
    return dict(zip(FACTS, facts, strict=True))


def _locked(entry: CpdEntry, by: User) -> CpdEntry:
    """The entry, locked with its registration and read afresh. Raises Refused."""
    registration = lock_registration(entry.registration_id)
    check_owner(by, registration)
    row = CpdEntry.objects.filter(pk=entry.pk).first()
    if row is None:
        raise Refused("cpd-gone", "This entry was deleted in another window.")
    row.registration = registration
    return row


def _record(entry: CpdEntry, action: Action, by: User, at: datetime, **changes: object) -> None:
    record(
        registration_stream(entry.registration_id), action, by=by, role="learner", at=at, subject=f"cpd:{entry.pk}",
        changes=dict(changes),
    )  # fmt: skip
