"""Which files lessons may have, and who looks into them before they are taken.

The room that reads evidence files in a process with limits lies above this one: it says here that it will look.
"""

from collections.abc import Callable
from pathlib import Path

# The limited process knows captions as what they are, text; that they are captions is seen by their first word.
CAPTIONS, TEXT_ENDING = ".vtt", ".txt"
SOUND = ("mp3", "m4a", "ogg", "wav")
FILM = ("mp4", "webm")
Looks = Callable[[Path, str], str]
_lookers: list[Looks] = []


def looks_into(look: Looks) -> Looks:
    """Calls `look(path, ending)` for each file that an author adds; it says in words why the file is not taken ("" =
    it is)."""
    _lookers.append(look)
    return look


def problem_of(path: Path, ending: str) -> str:
    """Why a file is not taken, in words that go on after its name; "" when nothing speaks against it. Nobody to ask is
    a reason too: a file is never taken unseen."""
    if not _lookers:
        return "cannot be checked now. Try again later."
    return next((why for look in _lookers if (why := look(path, ending))), "")
