"""The secret address under which a person's calendar program reads what is planned."""

import uuid
from datetime import datetime

from django.db import transaction

from assessment.models import CalendarKey
from lms.accounts.api import User


def make_calendar_key(user: User, *, at: datetime) -> CalendarKey:
    """A new secret address for a person's own calendar; the one before, if there is one, ends at once."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        key, _ = CalendarKey.objects.update_or_create(user=user, defaults={"key": uuid.uuid4(), "made_at": at})
    return key


def end_calendar_key(user: User) -> None:
    """Ends the person's secret address: whoever still asks for it gets nothing. Nothing happens without one."""
    CalendarKey.objects.filter(user=user).delete()
