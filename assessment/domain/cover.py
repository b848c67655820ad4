"""Who covers for an assessor who is away. Cover is an allocation for those days; it ends by itself, and what is open
then goes back to whom it came from."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from assessment.policies.allocating import Part
from assessment.queries_cover import cover_of, covered_by
from courses.delivery.api import Absence, Allocation, Registration, end_allocation, in_force, lock_registration
from courses.delivery.api import end_absence as end_days_away
from lms.accounts.api import User
from lms.common.errors import Refused
from lms.common.housekeeping import each_night
from lms.notices.api import tell
from portfolio.api import Submission

from .reassign import hand_over
from .team import find_candidate, give, lock_team

DAY = timedelta(days=1)


def set_cover(absence: Absence, chosen: Mapping[int, User | None], *, by: User, at: datetime) -> int:
    """Says who covers for which learner (None = nobody), by registration id; says how many changed. The rest stays.

    What the learners send in those days goes to the cover; what waits already moves too where the absence says so, at
    once if it has begun, else on its first day. Everybody concerned is told once. Refused for anybody but the centre's
    administrators and lead IQAs, for somebody who may not assess a learner, and when the days are over."""
    today = timezone.localtime(at).date()
    if absence.ends_on < today:
        raise Refused("absence-past", "This absence is over.")
    first, changed = max(absence.starts_on, today), []
    with transaction.atomic():
        wanted = set(covered_by(absence).filter(pk__in=chosen).values_list("pk", flat=True))
        locked = {row.pk: row for row in lock_team(absence.centre_id, wanted, by=by)}
        now = cover_of(absence)
        for pk, registration in locked.items():
            user, before = chosen[pk], now.get(pk)
            if (before.user_id if before else None) == (user.pk if user else None):
                continue
            if before is not None:
                end_allocation(before, ends_on=first - DAY, because="Somebody else covers", by=by, at=at)
            if user is not None:
                changed.append(_begin(absence, registration, user, first, by=by, at=at))
            elif before is not None:
                changed.append(before)
        _tell_cover(absence, [row for row in changed if row.ends_on and row.ends_on >= first], at)
    return len(changed)


def _begin(absence: Absence, registration: Registration, user: User, first: date, *, by: User,
           at: datetime) -> Allocation:  # fmt: skip
    found = find_candidate([registration], user, Part.ASSESSOR, starts_on=first, ends_on=absence.ends_on, at=at)
    if found.load.away_until is not None:
        raise Refused("allocation-away", f"{user.name} is away on some of these days.")
    days = f"{_day(absence.starts_on)} to {_day(absence.ends_on)}"
    cover = give(registration, found, Part.ASSESSOR, starts_on=first, ends_on=absence.ends_on, covers=absence,
                 reason=f"Cover for {absence.user.name}, {days}", by=by, at=at)  # fmt: skip
    if absence.moves_work and first <= timezone.localtime(at).date():
        for submission in _waiting(absence).filter(registration=registration):
            hand_over(submission, user, by=by, at=at)
    return cover


def _waiting(absence: Absence) -> QuerySet[Submission]:
    """What waits in the absent person's queue; not what a second assessor checks now."""
    return Submission.objects.waiting().filter(
        assessor=absence.user_id, registration__centre=absence.centre_id, handed_on_at__isnull=True
    ).order_by("pk")  # fmt: skip


def come_back(absence: Absence, *, ends_on: date, by: User, at: datetime) -> Absence | None:
    """The person is back early: `ends_on` is their last day away, and every cover's last day too. A day before the
    first calls the absence off (None). What is open goes back to them. Refused as `end_absence`."""
    today = timezone.localtime(at).date()
    if ends_on < today - DAY and absence.starts_on < today:
        ends_on = today - DAY  # who covered until now did so in their role
    with transaction.atomic():
        rows = list(Allocation.objects.filter(covers=absence).select_related("user").order_by("registration_id"))
        lock_team(absence.centre_id, [row.registration_id for row in rows], by=by)
        left = end_days_away(absence, ends_on=ends_on, by=by, at=at)
        ended = [row for row in rows if row.ends_on and row.ends_on > ends_on]
        for row in ended:
            end_allocation(row, ends_on=max(ends_on, row.starts_on - DAY), because="The absence ended early", by=by,
                           at=at)  # fmt: skip
        what = f"Your cover for {absence.user.name} ends: " + ("it was called off" if left is None else _day(ends_on))
        for user in sorted({row.user for row in ended}, key=lambda user: user.pk):
            tell(user, "team", what, url=reverse("assessment:queue"), at=at)
    return left


@each_night
def begin_covers(at: datetime) -> None:
    """Moves what waits in the queue of somebody whose absence has begun to whoever covers for them, where the absence
    says so. What has moved already is in another queue, so this is harmless to run again."""
    for absence in Absence.objects.filter(in_force(), moves_work=True).select_related("user").order_by("pk"):
        cover = Allocation.objects.filter(in_force(), covers=absence, registration=OuterRef("registration"))
        for found in _waiting(absence).filter(Exists(cover)):
            with transaction.atomic():
                lock_registration(found.registration_id)
                row = _waiting(absence).select_related("assessor").filter(pk=found.pk).first()
                to = Allocation.objects.filter(in_force(), covers=absence, registration=found.registration_id)
                allocation = to.select_related("user").order_by("-pk").first()
                if row is not None and allocation is not None:
                    hand_over(row, allocation.user, by=None, at=at)


def _tell_cover(absence: Absence, made: list[Allocation], at: datetime) -> None:
    """The cover, the absent person and each learner are told once."""
    days = f"from {_day(absence.starts_on)} to {_day(absence.ends_on)}"
    away = absence.user
    people = sorted({row.user for row in made}, key=lambda user: user.pk)
    for user in people:
        number = sum(row.user_id == user.pk for row in made)
        words = f"You cover for {away.name} {days}: {number} trainee{'' if number == 1 else 's'}"
        tell(user, "team", words, url=reverse("assessment:learners"), at=at)
    if people:
        names = ", ".join(user.name for user in people)
        tell(away, "team", f"While you are away {days}, your trainees have cover: {names}"[:200],
             url=reverse("assessment:queue"), at=at)  # fmt: skip
    for row in made:
        tell(row.registration.learner, "team", f"{row.user.name} assesses your work {days}: {away.name} is away",
             url=reverse("assessment:people"), at=at)  # fmt: skip


def _day(day: date) -> str:
    return date_format(day, "j F Y")
