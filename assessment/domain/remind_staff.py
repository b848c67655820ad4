"""Reminders before a staff qualification, or the time to work towards one, ends (rules 10 and 11)."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from assessment.queries_competence import Ending, endings
from lms.accounts.api import Membership, Role, User
from lms.common.housekeeping import each_night
from lms.notices.api import Notice, tell

REMINDED = (7, 30, 60)  # days before the end


@each_night
def remind_staff(at: datetime) -> None:
    """Tells each person, and the lead IQAs of their centres, 60, 30 and 7 days before something on their record ends.
    Once each: a night that was missed is made up for, and a new end is a new reminder. Harmless to run again."""
    today = timezone.localdate(at)
    for ending in endings(today):
        left = next(days for days in REMINDED if (ending.day - today).days <= days)
        with transaction.atomic():
            for user, title, url in _messages(ending):
                _tell_once(user, f"staff-ends-{left}", title, url, at)


def _messages(ending: Ending) -> list[tuple[User, str, str]]:
    day = date_format(ending.day, "j F Y")
    own = f"Your time to work towards an assessing qualification ends on {day}"
    theirs = f"{_short(ending.user.name)}’s time to work towards an assessing qualification ends on {day}"
    if ending.what:
        what = ending.what if len(ending.what) <= 80 else f"{ending.what[:79]}…"
        own, theirs = f"Your “{what}” runs out on {day}", f"{_short(ending.user.name)}’s “{what}” runs out on {day}"
    page = reverse("assessment:staff_member", args=[ending.user.pk])
    leads = [(lead, theirs, page) for lead in _leads(ending.centres) if lead.pk != ending.user.pk]
    return [(ending.user, own, reverse("assessment:competence")), *leads]


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"


def _leads(centres: tuple[int, ...]) -> list[User]:
    roles = Membership.objects.current().filter(organisation__in=centres, role=Role.LEAD_IQA)
    return list(User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("pk"))


def _tell_once(user: User, kind: str, title: str, url: str, at: datetime) -> None:
    if not Notice.objects.filter(user=user, kind=kind, title=title).exists():
        tell(user, kind, title, url=url, at=at)
