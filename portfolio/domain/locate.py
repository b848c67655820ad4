"""Checking that a link's locator points at a place that its version has."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from lms.common.errors import Refused
from portfolio.models import EvidenceFile, EvidenceVersion
from portfolio.places import RECORDINGS, Region, paragraphs
from portfolio.processing.kinds import MEDIA, SUFFIXES

if TYPE_CHECKING:
    from .write import Link

PLAYED = set().union(*(SUFFIXES[kind] for kind in MEDIA))


def check_places(links: "Mapping[int, Link]", before: "Mapping[int, Link]", version: EvidenceVersion) -> None:
    """Checks the places of those of a version's links that are new or have moved. What was saved stays: a place may go
    when the text is changed, and that must not keep the rest from being saved. One query if any names a file.

    Raises Refused for a file of another version, or a paragraph, page, time or marked part that is not there.
    """
    moved = [link for pk, link in links.items() if pk not in before or _place(link) != _place(before[pk])]
    files = {file.pk: file for file in version.files.all()} if any(link.file_id for link in moved) else {}
    for link in moved:
        if link.file_id is None:
            _check_without_file(link, version)
        elif link.file_id in files:
            _check_in_file(link, files[link.file_id])
        else:
            raise Refused("file-unknown", "A file that you point to is not here any more. Choose another.")


def _place(link: "Link") -> tuple:
    return (link.file_id, link.paragraph, link.page, link.start_seconds, link.end_seconds, link.region)


def _check_without_file(link: "Link", version: EvidenceVersion) -> None:
    if link.page or link.start_seconds is not None or link.end_seconds is not None or link.region:
        raise Refused("place-no-file", "Choose the file that this page, time or marked part is in.")
    if link.paragraph is None:
        return
    number = len(paragraphs(version.text))
    if not 1 <= link.paragraph <= number:
        has = f"has {number} paragraph{'' if number == 1 else 's'}" if number else "has no text"
        raise Refused("place-paragraph", f"Your evidence {has}. There is no paragraph {link.paragraph}.")


def _check_in_file(link: "Link", file: EvidenceFile) -> None:
    if link.paragraph is not None:
        raise Refused("place-two", "Point to a paragraph or to a file, not both.")
    if file.state == EvidenceFile.State.REFUSED:
        raise Refused("place-file-refused", f"{file.name} was not taken, so nothing in it can be pointed to.")
    if link.page is not None and not 1 <= link.page <= file.pages:
        has = f"has {file.pages} page{'' if file.pages == 1 else 's'}" if file.pages else "is not shown in pages"
        raise Refused("place-page", f"{file.name} {has}. There is no page {link.page}.")
    if link.start_seconds is not None or link.end_seconds is not None:
        _check_time(link, file)
    if link.region:
        _check_region(link, file)


def _check_time(link: "Link", file: EvidenceFile) -> None:
    if not _may_play(file):
        raise Refused("place-time", f"{file.name} is not a recording, so there is no time in it.")
    if link.start_seconds is None:
        raise Refused("place-start", "Say when it starts, too.")
    if link.end_seconds is not None and link.end_seconds < link.start_seconds:
        raise Refused("place-end", "The end must come after the start.")


def _check_region(link: "Link", file: EvidenceFile) -> None:
    if file.media != "image" and not link.page:
        raise Refused("place-region", f"Only a part of a picture or of a page can be marked, not of {file.name}.")
    try:
        Region.read(link.region)
    except ValueError:
        raise Refused("place-region-shape", "The marked part must lie inside the picture.") from None


def _may_play(file: EvidenceFile) -> bool:
    """It is a recording; while it is being checked its name tells."""
    checking = file.state == EvidenceFile.State.CHECKING
    return file.media in RECORDINGS or (checking and PurePath(file.name).suffix.lower() in PLAYED)
