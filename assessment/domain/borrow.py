"""Assessors borrowed from another authority or centre, for some days. They see only what is allocated to them."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from courses.delivery.api import Allocation, end_allocation, may_allocate
from lms.accounts.api import Membership, Organisation, Role, User, end_membership, grant_membership
from lms.common.errors import Refused
from lms.notices.api import tell

from .team import lock_team

DAY = timedelta(days=1)


def borrow(centre: Organisation, email: str, *, starts_on: date, ends_on: date, by: User,
           at: datetime) -> Membership:  # fmt: skip
    """An assessor of another centre or authority assesses at this centre for some days, both included. They and those
    who run the organisation that lends them are told.

    Refused for anybody but the centre's administrators and lead IQAs; for days that are over; and, in the same words
    whoever they are, for an address that is nobody's or belongs to somebody who assesses nowhere else."""
    _check_may(by, centre.pk)
    if starts_on < timezone.localtime(at).date():
        raise Refused("borrow-past", "The first day cannot be in the past.")
    if ends_on < starts_on:
        raise Refused("borrow-dates", "The last day cannot be before the first day.")
    home = Membership.objects.current().filter(
        user__email=email.strip().lower(), user__is_active=True, role__in=(Role.ASSESSOR, Role.AREA_SENCO),
        lent_by__isnull=True,
    ).exclude(organisation=centre).select_related("user", "organisation").order_by("role", "pk")  # fmt: skip
    with transaction.atomic():
        lender = home.filter(role=Role.ASSESSOR).first() or home.first()
        if lender is None:
            raise Refused("borrow-nobody", "Nobody with this email address assesses at another centre or authority "
                          "here. Check the address with them.")  # fmt: skip
        user = lender.user
        made = grant_membership(
            user, centre, Role.ASSESSOR, starts_on=starts_on, ends_on=ends_on, lent_by=lender.organisation, by=by,
            at=at,
        )  # fmt: skip
        days = f"from {_day(starts_on)} to {_day(ends_on)}"
        tell(user, "team", f"You may be asked to assess for {centre.name} {days}", url=reverse("assessment:queue"),
             at=at)  # fmt: skip
        for person in _who_run(lender.organisation):
            tell(person, "team", f"{user.name} assesses for {centre.name} {days}", url=reverse("home"), at=at)
    return made


def give_back(membership: Membership, *, ends_on: date, by: User, at: datetime) -> None:
    """A borrowed assessor goes back before the agreed day. Their learners at the centre are theirs until then. Refused
    for anybody but the centre's administrators and lead IQAs, and for somebody who is not borrowed."""
    _check_may(by, membership.organisation_id)
    if membership.lent_by_id is None:
        raise Refused("borrow-own", "This person is not borrowed.")
    today = timezone.localtime(at).date()
    if ends_on < max(today - DAY, membership.starts_on):
        earliest = max(today - DAY, membership.starts_on)
        raise Refused("borrow-past", f"The last day cannot be before {_day(earliest)}.")
    centre = membership.organisation_id
    with transaction.atomic():
        mine = Allocation.objects.filter(user=membership.user_id, registration__centre=centre)
        rows = list(mine.exclude(ends_on__lte=ends_on).order_by("registration_id", "pk"))
        lock_team(centre, [row.registration_id for row in rows], by=by)
        end_membership(membership, ends_on=ends_on, by=by, at=at)
        for row in rows:
            end_allocation(row, ends_on=max(ends_on, row.starts_on - DAY), because="Went back to where they come from",
                           by=by, at=at)  # fmt: skip
        tell(membership.user, "team", f"You assess for {membership.organisation.name} until {_day(ends_on)}",
             url=reverse("assessment:queue"), at=at)  # fmt: skip


def _check_may(by: User, centre_id: int) -> None:
    if not may_allocate(by, centre_id):
        raise Refused("allocation-right", "Only the centre’s administrators and lead internal quality assurers can do "
                      "this.")  # fmt: skip


def _who_run(organisation: Organisation) -> list[User]:
    roles = (Role.CENTRE_ADMINISTRATOR, Role.LEAD_IQA, Role.COHORT_MANAGER)
    rows = Membership.objects.current().filter(organisation=organisation, role__in=roles)
    return list(User.objects.filter(pk__in=rows.values("user"), is_active=True).order_by("pk"))


def _day(day: date) -> str:
    return date_format(day, "j F Y")
