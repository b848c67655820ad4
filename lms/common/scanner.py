"""Asking clamd whether a file holds a virus. The file is streamed: the scanner needs no right to our folders."""

import socket
import struct
from enum import Enum
from pathlib import Path

from django.conf import settings

NONE = "none"
CHUNK = 1 << 18
CONNECT_SECONDS = 5
ANSWER_SECONDS = 300  # a large archive takes a while
# clamd's own words for "larger, or more tangled, than I am set to look through" (AlertExceedsMax).
LIMIT_SIGNATURE = "Heuristics.Limits.Exceeded"
LIMIT_ERROR = "size limit exceeded"


class Verdict(Enum):
    """What the scanner says of a file. NOT_SCANNED: no scanner is configured."""

    CLEAN = "clean"
    FOUND = "found"
    TOO_LARGE = "too large"
    NOT_SCANNED = "not scanned"


class ScannerAway(Exception):
    """The scanner did not answer, or answered with an error of its own. Ask again later."""


def scan(path: Path) -> Verdict:
    """Has a file looked through. Raises ScannerAway."""
    if settings.EVIDENCE_SCANNER == NONE:
        return Verdict.NOT_SCANNED
    answer = _ask(b"zINSTREAM\0", path)
    if answer.endswith("OK"):
        return Verdict.CLEAN
    if LIMIT_SIGNATURE in answer or LIMIT_ERROR in answer:
        return Verdict.TOO_LARGE
    if answer.endswith("FOUND"):
        return Verdict.FOUND
    raise ScannerAway(answer[:200] or "no answer")


def state() -> str:
    """ "none" (not configured), "ok" or "away"."""
    if settings.EVIDENCE_SCANNER == NONE:
        return NONE
    try:
        return "ok" if _ask(b"zPING\0") == "PONG" else "away"
    except ScannerAway:
        return "away"


def is_address(value: str) -> bool:
    """The setting says "none", or where a scanner is."""
    kind, _, rest = value.partition(":")
    if kind == "tcp":
        host, _, port = rest.rpartition(":")
        return bool(host) and port.isdigit()
    return value == NONE or (kind == "unix" and rest.startswith("/"))


def _ask(command: bytes, path: Path | None = None) -> str:
    try:
        with _connect() as connection:
            connection.sendall(command)
            if path is not None:
                _stream(connection, path)
            return _answer(connection)
    except OSError as error:
        raise ScannerAway(type(error).__name__) from error


def _connect() -> socket.socket:
    kind, _, rest = settings.EVIDENCE_SCANNER.partition(":")
    if kind == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(rest)
        except OSError:
            connection.close()
            raise
    else:
        host, _, port = rest.rpartition(":")
        connection = socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
    connection.settimeout(ANSWER_SECONDS)
    return connection


def _stream(connection: socket.socket, path: Path) -> None:
    """Sends the file in parts. A scanner that has read enough hangs up in the middle: its answer says why."""
    with path.open("rb") as source:
        try:
            while chunk := source.read(CHUNK):
                connection.sendall(struct.pack("!L", len(chunk)) + chunk)
            connection.sendall(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            return


def _answer(connection: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\0") and len(found) < 4096:
        part = connection.recv(1024)
        if not part:
            break
        found += part
    return found.rstrip(b"\0\n").decode("utf-8", "replace")
