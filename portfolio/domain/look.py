"""Looking into files that are no evidence: those that authors add to lessons."""

from pathlib import Path

from content.uploads import looks_into
from lms.common.scanner import ScannerAway, Verdict, scan
from portfolio.processing import run
from portfolio.processing.words import TOO_LARGE_TO_SCAN, VIRUS, words_of

AWAY = "cannot be checked for viruses now. Try again in a few minutes."


@looks_into
def look_into_lesson_file(path: Path, ending: str) -> str:
    """Scanned for viruses and looked into in the process with limits, as evidence is. Why it is not taken, in words."""
    try:
        verdict = scan(path)
    except ScannerAway:
        return AWAY
    if verdict in (Verdict.FOUND, Verdict.TOO_LARGE):
        return VIRUS if verdict == Verdict.FOUND else TOO_LARGE_TO_SCAN
    with run.look_into(path, ending, only_check=True) as found:
        return words_of(found.problem) if found.problem else ""
