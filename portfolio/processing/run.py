"""Starting the limited process that looks into a file, and checking what it answers."""

import json
import logging
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .kinds import (
    IMAGES,
    MAX_HTML,
    MAX_PAGE_TEXT,
    MAX_PAGES,
    MAX_TEXT,
    MEDIA,
    OPEN_DOCUMENTS,
    PDF,
    SHEET,
    SLIDES,
    SUFFIXES,
    TEXT,
    WORD,
)

log = logging.getLogger("senco.processing")
HOME = Path(__file__).resolve().parent.parent.parent
CHILD = "portfolio.processing.child"
SECONDS = 150  # by the clock, for everything
LIMITS = {"memory": 1536 * 1024 * 1024, "office_memory": 4096 * 1024 * 1024, "cpu": 60, "largest": 200 * 1024 * 1024}
MAX_ANSWER = 24 * 1024 * 1024
MAX_PICTURE = 60 * 1024 * 1024
KNOWN = {*IMAGES, *MEDIA, PDF, TEXT, WORD, SHEET, SLIDES, *OPEN_DOCUMENTS}
MAGIC = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
    PDF: b"%PDF-",
}
UNSAFE = "unsafe"


@dataclass
class Page:
    """A picture of a page, and what it says."""

    picture: Path
    width: int
    height: int
    text: str


@dataclass
class Findings:
    """What the process found. `problem` is a code, "" when the file can be taken; `clean` is the copy to keep instead
    of the original; `is_shown` is False when the process was stopped before it had made what is shown."""

    problem: str = ""
    content_type: str = ""
    clean: Path | None = None
    is_shown: bool = False
    pages: list[Page] = field(default_factory=list)
    count: int = 0
    html: str = ""
    text: str = ""


@contextmanager
def look_into(path: Path, suffix: str, *, only_check: bool = False) -> Iterator[Findings]:
    """What a file is and, unless it is `only_check`ed, what is shown of it. The findings' files are there until the
    block ends. Never raises for what the file does to the process: that is a finding."""
    known = {kind: sorted(endings) for kind, endings in SUFFIXES.items()}
    order = {"task": "file", "suffix": suffix.lower(), "suffixes": known, "office": shutil.which("soffice") or "",
             "only_check": only_check}  # fmt: skip
    with _answers(order, [path]) as out:
        yield _findings(out)


@contextmanager
def combine(pictures: list[Path], content_types: list[str]) -> Iterator[Findings]:
    """One PDF of several pictures, in their order."""
    with _answers({"task": "combine", "types": content_types}, pictures) as out:
        yield _findings(out)


@contextmanager
def _answers(order: dict, inputs: list[Path]) -> Iterator[Path]:
    """Runs the process; gives the folder that it wrote into."""
    user = _nobody()
    with ExitStack() as stack:
        out = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="senco-file-", ignore_cleanup_errors=True)))
        if user:
            os.chown(out, *user)
        handles = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in inputs]
        for handle in handles:
            stack.callback(os.close, handle)
        _start({**LIMITS, **order, "out": str(out), "inputs": handles, "user": user}, handles)
        yield out


def _nobody() -> tuple[int, int] | None:
    """Whom the process becomes when the worker is root."""
    if os.geteuid() != 0:
        return None
    try:
        row = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return row.pw_uid, row.pw_gid


def _start(order: dict, handles: list[int]) -> None:
    """Runs the process in a group of its own and ends the whole group after it, or when its time is over."""
    out = order["out"]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": out, "TMPDIR": out}
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", CHILD, json.dumps(order)], cwd=HOME, env=environment, pass_fds=handles,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    over = time.monotonic() + SECONDS
    # It is left unreaped until its group has been ended: until then no other group can have its number.
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None and time.monotonic() < over:
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    if code:
        log.warning("Looking into a file ended with %s", code)


def _findings(out: Path) -> Findings:
    check = _answer(out / "check.json")
    if check is None:
        return Findings(problem=UNSAFE)
    if "problem" in check:
        return Findings(problem=str(check["problem"])[:40] or UNSAFE)
    content_type = check.get("type")
    if content_type not in KNOWN:
        return Findings(problem=UNSAFE)
    found = Findings(content_type=content_type)
    if check.get("clean"):
        found.clean = _picture(out / "clean", content_type)
    if (content_type in IMAGES) != (found.clean is not None) and content_type != PDF:
        return Findings(problem=UNSAFE)  # a picture is never kept as it came
    try:
        _add_shown(found, out)
    except (TypeError, ValueError, AttributeError, KeyError):  # not what the process was told to answer
        found.pages, found.count, found.html, found.text, found.is_shown = [], 0, "", "", False
    return found


def _add_shown(found: Findings, out: Path) -> None:
    shown = _answer(out / "show.json")
    if shown is None:
        return
    html, text = shown.get("html", ""), shown.get("text", "")
    pages = [_page(out / f"page-{number}", row) for number, row in enumerate(shown.get("pages", [])[:MAX_PAGES], 1)]
    if not (isinstance(html, str) and isinstance(text, str)):
        raise TypeError("words must be text")
    found.html, found.text, found.pages = html[:MAX_HTML], text[:MAX_TEXT], pages
    found.count = min(max(int(shown.get("count", 0)), 0), 32_000)
    found.is_shown = True


def _page(picture: Path, row: dict) -> Page:
    width, height, text = row["width"], row["height"], row["text"]
    if not (isinstance(text, str) and 0 < int(width) < 32_000 and 0 < int(height) < 32_000):
        raise ValueError("not a page")
    if _picture(picture, "image/webp") is None:
        raise ValueError("not a picture")
    return Page(picture, int(width), int(height), text[:MAX_PAGE_TEXT])


def _picture(path: Path, content_type: str) -> Path | None:
    """The file, if it is a plain one of a believable size that begins as its type does."""
    if not _is_plain(path, MAX_PICTURE if content_type != PDF else LIMITS["largest"]):
        return None
    with path.open("rb") as source:
        return path if source.read(5).startswith(MAGIC[content_type][:4]) else None


def _answer(path: Path) -> dict[str, Any] | None:
    if not _is_plain(path, MAX_ANSWER):
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_plain(path: Path, most: int) -> bool:
    """A regular file, not a link to one of ours."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= most
