"""What is planned, as an iCalendar file (RFC 5545) that calendar programs read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

LONDON = ZoneInfo("Europe/London")
VISIT_MINUTES = 60  # of a visit that does not say how long it takes
# The United Kingdom's rule since 1996. The package can make one from the system's list of changes, but puts the change
# in spring an hour late.
SUMMER_AND_WINTER = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:BST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
END:STANDARD
END:VTIMEZONE
"""


@dataclass(frozen=True)
class Entry:
    """One planned assessment. A visit has `starts_at`; what is due some day fills that day. `revision` and `agreed_at`
    are its plan's: a calendar program keeps the newest of what it has read under one `ref`."""

    ref: UUID
    revision: int
    agreed_at: datetime
    title: str
    day: date
    starts_at: datetime | None = None
    minutes: int | None = None
    place: str = ""
    url: str = ""


def calendar_of(entries: Iterable[Entry], *, name: str, host: str) -> bytes:
    """The entries as a calendar that is called `name`; `host` makes their identifiers ours."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{host}//SENCO Pathway//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)  # what programs read that do not know the newer word
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    calendar.add_component(Timezone.from_ical(SUMMER_AND_WINTER))
    for entry in entries:
        calendar.add_component(_event(entry, host))
    return calendar.to_ical()


def _event(entry: Entry, host: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.ref}@{host}")
    event.add("sequence", entry.revision)
    event.add("dtstamp", entry.agreed_at)
    event.add("summary", entry.title)
    if entry.starts_at is not None:
        begins = entry.starts_at.astimezone(LONDON)
        event.add("dtstart", begins)
        # Added in real time: across the hour that is skipped or repeated in March and October too.
        ends = entry.starts_at.astimezone(UTC) + timedelta(minutes=entry.minutes or VISIT_MINUTES)
        event.add("dtend", ends.astimezone(LONDON))
    else:
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")  # a date by which something is due keeps nobody busy
    if entry.place:
        event.add("location", entry.place)
    if entry.url:
        event.add("url", entry.url)
    return event
