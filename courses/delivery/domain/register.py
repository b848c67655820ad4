"""Registering learners and moving their registrations on."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format

from courses.delivery.models import Absence, Allocation, Cohort, CriterionStatus, Placement, Registration
from courses.framework.models import Criterion, Qualification
from lms.accounts.models import Organisation, User
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

Listener = Callable[[Allocation], None]
_listeners: list[Listener] = []


def on_allocation(listener: Listener) -> Listener:
    """Calls `listener` in the transaction of each allocation made or ended: rooms above move the work along."""
    _listeners.append(listener)
    return listener


def _announce(allocation: Allocation) -> None:
    for listener in _listeners:
        listener(allocation)


def register_learner(
    learner: User,
    qualification: Qualification,
    *,
    centre: Organisation,
    cohort: Cohort | None = None,
    setting: Organisation | None = None,
    registered_on: date,
    by: User | None,
    at: datetime,
) -> Registration:
    """Registers a learner for one qualification edition, to which the registration stays pinned (rule 37).

    Refused when the learner already has a registration for it that is not withdrawn, or the cohort takes another one.
    Another level is another registration.
    """
    if cohort is not None and cohort.qualification_id != qualification.pk:
        raise Refused("rule-37-cohort", "This cohort works towards another qualification.")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=learner.pk)
        same = Registration.objects.filter(learner=learner, qualification=qualification)
        if same.exclude(state=Registration.State.WITHDRAWN).exists():
            raise Refused("rule-37-registered", f"{learner.name} is already registered for {qualification.title}.")
        registration = Registration.objects.create(
            learner=learner, qualification=qualification, centre=centre, cohort=cohort, registered_on=registered_on,
            target_on=cohort.ends_on if cohort else None, state=Registration.State.ACTIVE,
        )  # fmt: skip
        if setting is not None:
            Placement.objects.create(registration=registration, setting=setting, starts_on=registered_on)
        CriterionStatus.objects.bulk_create(
            CriterionStatus(registration=registration, criterion=criterion)
            for criterion in Criterion.objects.filter(framework_id=qualification.framework_id)
        )
        record(
            registration_stream(registration.pk), Action.REGISTERED, by=by, role="centre",
            acting_as=f"centre:{centre.pk}", subject=f"registration:{registration.pk}", at=at,
            changes={"qualification": qualification.pk, "learner": learner.pk, "cohort": cohort.pk if cohort else None},
        )  # fmt: skip
    return registration


def registration_stream(registration_id: int) -> str:
    """The audit stream of a registration."""
    return stream_of("registration", registration_id)


def lock_registration(registration_id: int) -> Registration:
    """Locks a registration for the rest of the transaction and reads it afresh. Whatever changes a learner's
    evidence, submissions or decisions begins here, so that two such acts never overlap."""
    return Registration.objects.select_for_update().get(pk=registration_id)


def set_state(registration: Registration, state: Registration.State, *, by: User | None, role: str,
              at: datetime) -> None:  # fmt: skip
    """Moves a locked registration to a state and records it; nothing happens when it is there already."""
    if registration.state == state:
        return
    before, registration.state = registration.state, state
    registration.save(update_fields=["state"])
    record(
        registration_stream(registration.pk), Action.REGISTRATION_STATE, by=by, role=role,
        subject=f"registration:{registration.pk}", at=at, changes={"from": before, "to": state.value},
    )  # fmt: skip


def allocate(registration: Registration, user: User, role: Allocation.Role, *, starts_on: date,
             ends_on: date | None = None, covers: Absence | None = None, reason: str = "", by: User | None,
             at: datetime) -> Allocation:  # fmt: skip
    """Allocates somebody to a learner, from a day, until a day if one is given. `covers`: whose absence is bridged.

    Refused when it is the learner, when the last day lies before the first, or when they hold that role towards the
    learner on one of those days already. What more an assessor must be, `assessment.domain.team` knows.
    """
    if ends_on is not None and ends_on < starts_on:
        raise Refused("allocation-dates", "The last day cannot be before the first day.")
    with transaction.atomic():
        row = lock_registration(registration.pk)
        if row.learner_id == user.pk:
            raise Refused("rule-08-own-work", "Nobody can be allocated to their own registration.")
        held = Allocation.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on), registration=row, user=user, role=role
        ).exclude(ends_on__lt=F("starts_on"))  # called off before it began
        if (held.filter(starts_on__lte=ends_on) if ends_on else held).exists():
            raise Refused("allocation-held", f"{user.name} is allocated to this learner already.")
        allocation = Allocation.objects.create(
            registration=row, user=user, role=role, starts_on=starts_on, ends_on=ends_on, covers=covers, reason=reason
        )
        _announce(allocation)
        changes = {"role": role, "starts_on": starts_on.isoformat()}
        if ends_on is not None:
            changes["ends_on"] = ends_on.isoformat()
        if covers is not None:
            changes["absence"] = str(covers.pk)
        record(
            registration_stream(row.pk), Action.ALLOCATED, by=by, role="centre", subject=f"user:{user.pk}", at=at,
            changes=changes,
        )  # fmt: skip
    return allocation


def end_allocation(allocation: Allocation, *, ends_on: date, because: str = "", by: User | None,
                   at: datetime) -> None:  # fmt: skip
    """Ends an allocation on a day, its last: the person's access ends with it (rule 35). A day before it starts calls
    it off. Refused when it has ended before that day."""
    with transaction.atomic():
        lock_registration(allocation.registration_id)
        row = Allocation.objects.get(pk=allocation.pk)
        if row.ends_on is not None and row.ends_on < ends_on:
            raise Refused("allocation-ended", f"This allocation ends on {date_format(row.ends_on, 'j F Y')} already.")
        row.ends_on, row.ended_because = ends_on, because
        row.save(update_fields=["ends_on", "ended_because"])
        _announce(row)
        record(
            registration_stream(row.registration_id), Action.ALLOCATION_ENDED, by=by, role="centre",
            subject=f"user:{row.user_id}", at=at, changes={"role": row.role, "ends_on": ends_on.isoformat()},
        )  # fmt: skip
