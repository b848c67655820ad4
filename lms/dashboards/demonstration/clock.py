"""The demonstration's time: everything counts back from today, so that it never grows old."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

SEASONS = {1: "Spring", 2: "Summer", 3: "Autumn"}


def day(ago: int) -> date:
    """The date so many days ago."""
    return timezone.localdate() - timedelta(days=ago)


def moment(ago: int, hour: int, minute: int = 0) -> datetime:
    """A time of day so many days ago. Minutes may run past the hour."""
    return timezone.make_aware(datetime.combine(day(ago), time(hour))) + timedelta(minutes=minute)


def term(on: date) -> str:
    """The school term of a date, as cohorts are named: "Autumn 2026"."""
    return f"{SEASONS[(on.month + 3) // 4]} {on.year}"
