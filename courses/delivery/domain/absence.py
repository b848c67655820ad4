"""When a member of a centre's staff is away. Who covers for them is `assessment.domain.cover`'s."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from courses.delivery.models import Absence, Allocation
from courses.delivery.policies import may_allocate
from lms.accounts.models import Membership, Organisation, Role, User
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

AWAY_ROLES = (Role.ASSESSOR, Role.IQA, Role.LEAD_IQA)


def record_absence(centre: Organisation, user: User, *, starts_on: date, ends_on: date, note: str = "",
                   moves_work: bool = False, by: User, at: datetime) -> Absence:  # fmt: skip
    """Writes down that an assessor or quality assurer of a centre is away from a day to a day.

    Refused for anybody but the centre's administrators and lead IQAs; for somebody who is not on its staff; for days
    that are over, in the wrong order, or recorded already."""
    _check_may(by, centre.pk)
    if ends_on < starts_on:
        raise Refused("absence-dates", "The last day away cannot be before the first day away.")
    if ends_on < timezone.localtime(at).date():
        raise Refused("absence-past", "These days are over. Record an absence that is still to come or has begun.")
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=centre.pk)
        if not Membership.objects.current().filter(user=user, organisation=centre, role__in=AWAY_ROLES).exists():
            raise Refused("absence-staff", f"{user.name} does not assess or assure at {centre.name} now.")
        other = Absence.objects.filter(centre=centre, user=user, starts_on__lte=ends_on, ends_on__gte=starts_on)
        clash = other.order_by("starts_on").first()
        if clash is not None:
            days = f"{date_format(clash.starts_on, 'j F Y')} to {date_format(clash.ends_on, 'j F Y')}"
            raise Refused("absence-recorded", f"An absence of {user.name} is recorded already: {days}.")
        absence = Absence.objects.create(
            centre=centre, user=user, starts_on=starts_on, ends_on=ends_on, note=note, moves_work=moves_work,
            recorded_by=by, recorded_at=at,
        )  # fmt: skip
        changes = {"absence": absence.pk, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat(),
                   "moves_work": moves_work}  # fmt: skip
        _record(absence, Action.ABSENCE_RECORDED, changes, by, at)
    return absence


def end_absence(absence: Absence, *, ends_on: date, by: User, at: datetime) -> Absence | None:
    """The person is back early: `ends_on` is their last day away. A day before the first calls the absence off, and
    then there is none any more (None).

    Refused for anybody but the centre's administrators and lead IQAs, and for a day after the recorded end."""
    _check_may(by, absence.centre_id)
    with transaction.atomic():
        row = Absence.objects.select_for_update().get(pk=absence.pk)
        if ends_on >= row.ends_on:
            raise Refused("absence-later", f"This absence ends on {date_format(row.ends_on, 'j F Y')} already. Choose "
                          "an earlier last day.")  # fmt: skip
        changes = {"absence": row.pk, "from": row.ends_on.isoformat(), "to": ends_on.isoformat()}
        _record(row, Action.ABSENCE_ENDED, changes, by, at)
        if ends_on < row.starts_on:
            Allocation.objects.filter(covers=row).update(covers=None)
            row.delete()
            return None
        row.ends_on = ends_on
        row.save(update_fields=["ends_on"])
    return row


def _check_may(by: User, centre_id: int) -> None:
    if not may_allocate(by, centre_id):
        raise Refused("allocation-right", "Only the centre’s administrators and lead internal quality assurers can do "
                      "this.")  # fmt: skip


def _record(absence: Absence, action: Action, changes: dict, by: User, at: datetime) -> None:
    record(
        stream_of("organisation", absence.centre_id), action, by=by, role="centre", at=at,
        subject=f"user:{absence.user_id}", changes=changes,
    )  # fmt: skip
