"""Where in a piece of evidence a criterion is met: paragraphs of its text, pages, times and marked parts of its files.

Pure rules, no queries: forms read places with them, the domain checks them, and every page says them in these words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import EvidenceFile, EvidenceLink, EvidenceVersion

WHOLE = 100  # a region is in whole percent of a picture's width and height
LONGEST = 100 * 3600 - 1  # no recording is longer: two digits of hours
TIME = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")
RECORDINGS = ("audio", "video")


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, in order. Blank lines part them; in a text without a blank line, each line is one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    parts = re.split(r"\n[^\S\n]*\n\s*", lines)
    if len(parts) == 1:
        parts = lines.split("\n")
    return [part.strip("\n") for part in parts if part.strip()]


def read_time(text: str) -> int:
    """Seconds of a time typed as m:ss or h:mm:ss. Raises ValueError for anything else."""
    found = TIME.fullmatch(text.strip().replace(".", ":"))
    if found is None:
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if found.group(1) and minutes > 59:
        raise ValueError(text)
    total = hours * 3600 + minutes * 60 + seconds
    if total > LONGEST:
        raise ValueError(text)
    return total


def say_time(seconds: int) -> str:
    """Seconds as 1:20 or 1:02:30."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@dataclass(frozen=True)
class Region:
    """A marked part of a picture: its left and top edge, width and height, in whole percent."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def read(cls, text: str) -> "Region":
        """The region that a link keeps as "left top width height". Raises ValueError when it is none, is empty or
        leaves the picture."""
        if not re.fullmatch(r"\d{1,3}( \d{1,3}){3}", text, re.ASCII):
            raise ValueError(text)
        found = cls(*(int(part) for part in text.split()))
        if not found.width or not found.height or found.right > WHOLE or found.bottom > WHOLE:
            raise ValueError(text)
        return found

    @property
    def right(self) -> int:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """Its bottom edge."""
        return self.top + self.height

    def __str__(self) -> str:
        return f"{self.left} {self.top} {self.width} {self.height}"


def region_of(link: "EvidenceLink") -> Region | None:
    """The marked part that a link points to, if it does."""
    try:
        return Region.read(link.region)
    except ValueError:
        return None


def times_of(link: "EvidenceLink") -> str:
    """The time in a recording that a link points to, in seconds: "80" or "80,125"; empty for none."""
    return ",".join(str(seconds) for seconds in (link.start_seconds, link.end_seconds) if seconds is not None)


def describe(link: "EvidenceLink") -> str:
    """Where a link points, in words: "page 3 of plan.pdf", "from 1:20 to 2:05 in call.m4a". Empty when it names no
    place by a locator. Needs the link's `file`."""
    if link.paragraph:
        return f"paragraph {link.paragraph}"
    if link.file_id is None or link.file is None:
        return ""
    name = link.file.name
    if link.start_seconds is not None:
        start = say_time(link.start_seconds)
        if link.end_seconds is None:
            return f"at {start} in {name}"
        return f"from {start} to {say_time(link.end_seconds)} in {name}"
    part = "marked part of " if link.region else ""
    return f"{part}page {link.page} of {name}" if link.page and link.file.pages > 1 else f"{part}{name}"


@dataclass(frozen=True)
class Parts:
    """The parts of one kind that no link points to: paragraphs of the text, or pages of one file, or a whole file."""

    what: str  # "paragraph", "page", or "" for a whole file
    numbers: tuple[int, ...] = ()
    file: "EvidenceFile | None" = None

    def __str__(self) -> str:
        name = self.file.name if self.file else ""
        if not self.numbers:
            return name
        words = f"{self.what}{'s' if len(self.numbers) > 1 else ''} {_runs(self.numbers)}"
        return f"{words} of {name}" if name else words


def not_pointed_at(version: "EvidenceVersion", links: Iterable["EvidenceLink"]) -> list[Parts]:
    """The parts of a version that none of these links (its own) points to. Nothing for a version without links, or
    with a single part, where there is nothing to tell apart. Information only: nothing has to be pointed at. Needs
    the version's files."""
    links = list(links)
    texts = len(paragraphs(version.text))
    ready = [file for file in version.files.all() if file.is_ready]
    if not links or texts + sum(file.pages or 1 for file in ready) < 2:
        return []
    missed = [n for n in range(1, texts + 1) if n not in {link.paragraph for link in links}]
    found = [Parts("paragraph", tuple(missed))] if missed else []
    for file in ready:
        pages = {link.page for link in links if link.file_id == file.pk}
        if None in pages or (pages and not file.pages):
            continue
        left = tuple(n for n in range(1, file.pages + 1) if n not in pages)
        if left or not file.pages:
            whole = len(left) == file.pages == 1 or not left
            found.append(Parts("", (), file) if whole else Parts("page", left, file))
    return found


def _runs(numbers: tuple[int, ...]) -> str:
    """Numbers in words, runs of three or more in short: "1, 3 to 6 and 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [word for run in runs for word in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
