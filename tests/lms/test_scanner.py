"""Asking the virus scanner: a real clamd with one signature of our own, and one that is away (tests/clamd.py)."""

import socket
import threading
from pathlib import Path

import pytest
from django.test import Client

from lms.common import scanner
from lms.common.scanner import ScannerAway, Verdict
from tests.clamd import MOST_IN_A_FILE, MOST_IN_A_STREAM, VIRUS

pytestmark = pytest.mark.alike


def put(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"Notes of the meeting", Verdict.CLEAN),
        (b"", Verdict.CLEAN),
        (b"a" * 3000 + VIRUS + b"b" * 3000, Verdict.FOUND),
        (b"a" * (MOST_IN_A_FILE + 1000), Verdict.TOO_LARGE),
        (b"a" * (MOST_IN_A_STREAM + 3_000_000), Verdict.TOO_LARGE),
    ],
    ids=["clean", "empty", "virus", "over the limit of a file", "over the limit of a stream"],
)
def test_a_scanner_says_what_it_found(settings, clamd: str, tmp_path: Path, content: bytes, verdict: Verdict):
    settings.EVIDENCE_SCANNER = clamd
    assert scanner.scan(put(tmp_path, content)) is verdict
    assert scanner.state() == "ok"


def test_without_a_scanner_nothing_is_called_clean(settings, tmp_path: Path):
    settings.EVIDENCE_SCANNER = "none"
    assert scanner.scan(put(tmp_path, VIRUS)) is Verdict.NOT_SCANNED


def answering(words: bytes) -> tuple[str, threading.Thread]:
    """A scanner that answers one question with these words, whatever it is asked."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(words)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return f"tcp:127.0.0.1:{server.getsockname()[1]}", thread


@pytest.mark.parametrize("words", [b"", b"stream: Can't allocate memory ERROR\0", b"nonsense\0"])
def test_an_answer_that_is_none_never_means_clean(settings, tmp_path: Path, words: bytes):
    settings.EVIDENCE_SCANNER, thread = answering(words)
    with pytest.raises(ScannerAway):
        scanner.scan(put(tmp_path, b"Notes"))
    thread.join(5)


@pytest.mark.parametrize("address", ["unix:/nowhere/clamd.sock", "tcp:127.0.0.1:9"])
def test_a_scanner_that_is_away_is_said_to_be(settings, tmp_path: Path, address: str):
    settings.EVIDENCE_SCANNER = address
    assert scanner.state() == "away"
    with pytest.raises(ScannerAway):
        scanner.scan(put(tmp_path, b"Notes"))


@pytest.mark.parametrize(
    ("value", "holds"),
    [("none", True), ("unix:/run/clamd.sock", True), ("tcp:clam:3310", True), ("tcp:[::1]:3310", True), ("", False),
     ("unix:clamd.sock", False), ("tcp:clam", False), ("tcp::3310", False), ("clamd", False)],
)  # fmt: skip
def test_what_the_setting_may_say(value: str, holds: bool):
    assert scanner.is_address(value) is holds


@pytest.mark.parametrize(("address", "state"), [("none", "none"), ("tcp:127.0.0.1:9", "away")])
def test_health_says_how_the_scanner_is_and_stays_healthy(db: None, client: Client, settings, address, state):
    settings.EVIDENCE_SCANNER = address
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "scanner": state})
