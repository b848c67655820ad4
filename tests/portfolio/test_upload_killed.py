"""A 500 MB upload by real clients to a real server, killed three times: the client, the network, the server.

At the end the stored bytes are those that were sent, and the server's memory has not grown with them.
"""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client

from portfolio import files
from portfolio.api import EvidenceFile
from portfolio.domain import upload as uploads
from portfolio.domain.check import check_now
from portfolio.models import Upload
from tests.factories import make_draft, make_world
from tools.postgres import free_port

pytestmark = [pytest.mark.slow, pytest.mark.alike, pytest.mark.django_db(transaction=True)]
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MB = 1024 * 1024
SIZE = 500 * MB
HEAD = struct.pack(">I", 24) + b"ftypisom" + struct.pack(">I", 512) + b"isommp41"  # how an MP4 begins
SENDERS = {
    "tuspy": [sys.executable, str(HERE / "tus_sender.py")],
    "tus-js-client": ["node", str(HERE / "tus_sender.mjs")],
}
TOKEN = "a" * 32


class Server:
    """gunicorn as in production, one worker, on the test's database; killed and started again on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.most = 0

    def start(self) -> None:
        command = ["-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "8", "--bind",
                   f"127.0.0.1:{self.port}", "--log-level", "warning", "lms.wsgi"]  # fmt: skip
        given = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.test", "DATABASE_URL": database_url()}
        self.process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=given, start_new_session=True)
        wait_for(self.answers, seconds=60)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/help/", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def workers(self) -> list[int]:
        assert self.process
        try:
            found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except OSError:  # it was killed
            found = ""
        return [int(pid) for pid in found.split()]

    def memory(self) -> int:
        """Resident memory of the worker now, in bytes; the most of it is remembered."""
        now = 0
        for pid in self.workers():
            with contextlib.suppress(OSError, StopIteration):
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                now += int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024
        self.most = max(self.most, now)
        return now

    def kill(self) -> None:
        """As a power cut does: no process gets to finish anything."""
        if self.process and self.process.poll() is None:
            for pid in (*self.workers(), self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()


class Network(threading.Thread):
    """A cable between client and server that can be cut. It carries no more than a fast line does, so that what is
    killed is killed half way."""

    def __init__(self, to: int) -> None:
        super().__init__(daemon=True)
        self.to = to
        self.ear = socket.create_server(("127.0.0.1", 0))
        self.port = self.ear.getsockname()[1]
        self.ends: set[socket.socket] = set()
        self.broken = False

    def run(self) -> None:
        while True:
            try:
                near, _ = self.ear.accept()
                far = socket.create_connection(("127.0.0.1", self.to), timeout=5)
            except OSError:
                if self.ear.fileno() < 0:
                    return
                near.close()
                continue
            far.settimeout(None)
            self.ends |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()
            if self.broken:
                self.cut()

    def carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(256 * 1024):
                other.sendall(data)
        for end in (one, other):
            self.ends.discard(end)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # a close alone would not wake the thread that reads from it
            end.close()

    def cut(self) -> None:
        """Every connection is lost at once."""
        for end in list(self.ends):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)


class Person:
    """Somebody who sends a file, and sends it again whenever the program gives up."""

    def __init__(self, command: list[str], file: Path, where: str, headers: dict[str, str]) -> None:
        self.command, self.file, self.where, self.headers = command, file, where, headers
        self.process: subprocess.Popen[str] | None = None
        self.address, self.starts = "", 0

    def start(self) -> None:
        self.starts += 1
        words = [*self.command, str(self.file), self.where, self.address, json.dumps(self.headers)]
        quiet = subprocess.DEVNULL  # what it says when it is lost is of no interest: it is started again
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=quiet, text=True)
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip() or self.address

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def is_done(self) -> bool:
        """Whether the file is there; a program that gave up is started again."""
        assert self.process
        ended = self.process.poll()
        if ended:
            assert self.starts < 12, "It never arrives."
            self.start()
        return ended == 0


def database_url() -> str:
    """The test's own database, for another process."""
    about = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{about['NAME']}"
    who = ":".join(quote(part, safe="") for part in (about["USER"], about["PASSWORD"]) if part)
    return f"postgres://{who}@{quote(about['HOST'], safe='')}:{about['PORT']}/{about['NAME']}"


def wait_for(condition: Callable[[], bool], *, seconds: float, every: float = 0.02) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It took too long."
        time.sleep(every)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A file of 500 MB in which no two parts are alike, and its SHA-256."""
    path, seen, source = tmp_path_factory.mktemp("sent") / "recording.mp4", hashlib.sha256(), random.Random(8)
    with path.open("wb") as out:
        for number in range(SIZE // MB):
            block = source.randbytes(MB)
            block = block if number else HEAD + block[len(HEAD) :]
            seen.update(block)
            out.write(block)
    yield path, seen.hexdigest()
    path.unlink()


@pytest.fixture
def server() -> Iterator[Server]:
    """The server, warm: everything that a first upload loads is loaded."""
    made = Server()
    made.start()
    yield made
    made.kill()
    shutil.rmtree(files.spool(), ignore_errors=True)


@pytest.fixture
def network(server: Server) -> Iterator[Network]:
    """The cable to the server."""
    made = Network(server.port)
    made.start()
    yield made
    made.ear.close()
    made.cut()


@pytest.mark.parametrize("client", SENDERS)
def test_an_upload_survives_client_network_and_server(
    client: str, server: Server, network: Network, video: tuple[Path, str], request: pytest.FixtureRequest,
    tmp_path: Path,
):  # fmt: skip
    path, digest = video
    world = make_world()
    browser = Client()
    browser.force_login(world.trainee, backend="django.contrib.auth.backends.ModelBackend")
    cookies = f"{browser.cookies.output(attrs=[], header='', sep=';').strip()}; csrftoken={TOKEN}"
    headers = {"Cookie": cookies, "X-CSRFToken": TOKEN}
    version = make_draft(world.registration, "1.1")
    where = f"http://127.0.0.1:{network.port}/portfolio/evidence/{version.evidence.ref}/uploads/"

    small = tmp_path / "small.mp4"
    small.write_bytes(path.open("rb").read(9 * MB))
    warm = Person(SENDERS[client], small, where, headers)
    warm.start()
    wait_for(warm.is_done, seconds=30)
    version.files.all().delete()
    Upload.objects.all().delete()
    before = server.memory()

    began = time.monotonic()
    person = Person(SENDERS[client], path, where, headers)
    request.addfinalizer(person.kill)
    person.start()
    upload = Upload.objects.get()

    def came() -> int:
        """Bytes in the spool, confirmed or not."""
        server.memory()
        with contextlib.suppress(FileNotFoundError):
            return uploads.path_of(upload.ref).stat().st_size
        return 0

    said = []
    for name, at, act in (
        ("client", 120 * MB, person.kill), ("network", 240 * MB, network.cut), ("server", 370 * MB, server.kill)
    ):  # fmt: skip
        wait_for(lambda: came() > at and came() % (8 * MB) > MB, seconds=60, every=0.002)  # noqa: B023
        killed_at = came()
        act()
        upload.refresh_from_db()
        said.append(f"{name} at {killed_at / MB:.1f} MB ({upload.offset / MB:.1f} confirmed)")
        if name == "client":
            person.start()
        if name == "server":
            server.start()
    wait_for(lambda: bool(came() or True) and person.is_done(), seconds=120)
    took = time.monotonic() - began

    upload.refresh_from_db()
    file = upload.file
    assert file is not None
    assert (upload.offset, file.size, file.state) == (SIZE, SIZE, EvidenceFile.State.CHECKING)
    assert sha256(files.quarantined(file.ref)) == digest
    check_now(file.pk, at=None)
    file.refresh_from_db()
    assert (file.state, file.sha256) == (EvidenceFile.State.READY, digest), file.problem
    with files.store_room().open(file.stored_as) as stored:
        assert hashlib.file_digest(stored, "sha256").hexdigest() == digest  # type: ignore[arg-type]
    grew = (server.most - before) / MB
    print(f"\n{client}: 500 MB in {took:.1f} s; killed: {', '.join(said)}; started {person.starts} times; "
          f"server {before / MB:.1f} MB before, {server.most / MB:.1f} MB at most: {grew:+.1f} MB")  # fmt: skip
    assert grew < 20


def sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
