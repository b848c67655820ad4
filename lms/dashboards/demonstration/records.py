"""What an assessor has recorded of the demonstration's trainee: an observation that is signed and waits for her to link
it, and a discussion whose notes are not finished."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from courses.delivery.api import Registration
from lms.accounts.api import User
from portfolio.domain.record import save_record, sign_record, start_record
from portfolio.kinds import Kind

from .clock import day, moment

OBSERVED, TALKED = 9, 4  # days ago
WATCHED = (
    "Priya led a review meeting for Child P with both parents and the key person. She asked the parents first what "
    "they had seen at home and wrote their words down as they said them. When the key person spoke of “targets”, she "
    "said in plain words what was meant. She offered two next steps and let the family choose. At the end she read "
    "back who does what, and by when. She did not hurry the father, who needed time to answer."
)
NOTES = "We talked about how Priya chooses who to involve. Still to add: what she would do if a family said no."


def records(registration: Registration, assessor: User) -> list[tuple[datetime, Callable[[], object]]]:
    """Both records, each with its own time."""
    return [
        (moment(OBSERVED, 16), partial(_observe, registration, assessor)),
        (moment(TALKED, 16), partial(_talk, registration, assessor)),
    ]


def _observe(registration: Registration, by: User) -> None:
    title = "Leading a review meeting with a family"
    version = start_record(registration, kind=Kind.OBSERVATION, title=title, by=by, at=moment(OBSERVED, 16))
    save_record(version, text=WATCHED, happened_on=day(OBSERVED), place="Quince Tree Nursery", minutes=45, by=by,
                at=moment(OBSERVED, 16, 20))  # fmt: skip
    sign_record(version, by=by, at=moment(OBSERVED, 16, 25))


def _talk(registration: Registration, by: User) -> None:
    version = start_record(
        registration, kind=Kind.PROFESSIONAL_DISCUSSION, title="Whom to involve, and when", by=by, at=moment(TALKED, 16)
    )
    save_record(version, text=NOTES, happened_on=day(TALKED), by=by, at=moment(TALKED, 16, 30))
