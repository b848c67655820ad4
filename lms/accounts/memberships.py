"""Giving and ending roles: one audited act each."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

from .models import Membership, Organisation, Role, User

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
    user: User, organisation: Organisation, role: Role, *, starts_on: date, by: User | None, at: datetime
) -> Membership:
    """Gives a role from a day on. Refused when the person already holds it there."""
    with transaction.atomic():
        if Membership.objects.filter(user=user, organisation=organisation, role=role, ends_on__isnull=True).exists():
            raise Refused("membership-held", f"{user.name} already has this role at {organisation.name}.")
        membership = Membership.objects.create(user=user, organisation=organisation, role=role, starts_on=starts_on)
        _announce(membership)
        record(
            stream_of("organisation", organisation.pk), Action.MEMBERSHIP_GRANTED, by=by, role="administrator",
            subject=f"user:{user.pk}", at=at, changes={"role": role, "starts_on": starts_on.isoformat()},
        )  # fmt: skip
    return membership


def end_membership(membership: Membership, *, ends_on: date, by: User | None, at: datetime) -> None:
    """Ends a role on a day. Refused when it has an end already, or would end before it starts."""
    with transaction.atomic():
        row = Membership.objects.select_for_update().get(pk=membership.pk)
        if row.ends_on is not None:
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
