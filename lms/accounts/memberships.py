"""Giving and ending roles: one audited act each."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

from .models import Membership, Organisation, Role, User

MOST_LEARNERS = 500  # of one assessor at one centre
Listener = Callable[[Membership], None]
_listeners: list[Listener] = []


def on_change(listener: Listener) -> Listener:
    """Calls `listener` in the transaction of each role given or ended: rooms above keep their own rights in step."""
    _listeners.append(listener)
    return listener


def _announce(membership: Membership) -> None:
    for listener in _listeners:
        listener(membership)


def grant_membership(
    user: User, organisation: Organisation, role: Role, *, starts_on: date, ends_on: date | None = None,
    lent_by: Organisation | None = None, by: User | None, at: datetime,
) -> Membership:  # fmt: skip
    """Gives a role from a day, until a day if one is given. `lent_by`: the organisation that lends the person. Refused
    when they hold it there already beyond the first day, or the last day lies before the first."""
    if ends_on is not None and ends_on < starts_on:
        raise Refused("membership-dates", "The last day cannot be before the first day.")
    with transaction.atomic():
        held = Membership.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on), user=user, organisation=organisation, role=role
        )
        if (held.filter(starts_on__lte=ends_on) if ends_on else held).exists():
            raise Refused("membership-held", f"{user.name} already has this role at {organisation.name}.")
        membership = Membership.objects.create(
            user=user, organisation=organisation, role=role, starts_on=starts_on, ends_on=ends_on, lent_by=lent_by
        )
        _announce(membership)
        changes = {"role": role, "starts_on": starts_on.isoformat()}
        if ends_on is not None:
            changes["ends_on"] = ends_on.isoformat()
        if lent_by is not None:
            changes["lent_by"] = str(lent_by.pk)
        record(
            stream_of("organisation", organisation.pk), Action.MEMBERSHIP_GRANTED, by=by, role="administrator",
            subject=f"user:{user.pk}", at=at, changes=changes,
        )  # fmt: skip
    return membership


def end_membership(membership: Membership, *, ends_on: date, by: User | None, at: datetime) -> None:
    """Ends a role on a day. Refused when it ends by then already, or would end before it starts."""
    with transaction.atomic():
        row = Membership.objects.select_for_update().get(pk=membership.pk)
        if row.ends_on is not None and row.ends_on <= ends_on:
            raise Refused("membership-ended", "This role has already ended.")
        if ends_on < row.starts_on:
            raise Refused("membership-dates", f"This role starts on {row.starts_on:%-d %B %Y}. It cannot end before.")
        row.ends_on = ends_on
        row.save(update_fields=["ends_on"])
        _announce(row)
        record(
            stream_of("organisation", row.organisation_id), Action.MEMBERSHIP_ENDED, by=by, role="administrator",
            subject=f"user:{row.user_id}", at=at, changes={"role": row.role, "ends_on": ends_on.isoformat()},
        )  # fmt: skip


def set_limit(membership: Membership, learners: int | None, *, by: User, at: datetime) -> Membership:
    """Says how many learners an assessor may be allocated at an organisation (None = no limit). Who is theirs already
    stays theirs. Refused for somebody who is no assessor there, and below 1. The same limit again changes nothing."""
    with transaction.atomic():
        row = Membership.objects.select_for_update().get(pk=membership.pk)
        if row.role != Role.ASSESSOR:
            raise Refused("limit-role", "A limit is for assessors only.")
        if learners is not None and not 1 <= learners <= MOST_LEARNERS:
            raise Refused("limit-range", f"The limit must be from 1 to {MOST_LEARNERS}, or empty for no limit.")
        before = row.max_learners
        if before == learners:
            return row
        row.max_learners = learners
        row.save(update_fields=["max_learners"])
        record(
            stream_of("organisation", row.organisation_id), Action.WORKLOAD_SET, by=by, role="centre", at=at,
            subject=f"user:{row.user_id}", changes={"from": before, "to": learners},
        )  # fmt: skip
    return row
