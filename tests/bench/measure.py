"""Asking the product for pages inside this process, and counting what an answer costs."""

import cProfile
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path
from pstats import Stats
from statistics import median
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.accounts.api import User

ROUNDS = 7
ROUND_SECONDS = 0.5


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Browser:
    """Somebody signed in, whose requests go straight into the WSGI handler: signals, middleware and connection checks
    as in production, without a network."""

    handler: WSGIHandler | None = None

    def __init__(self, user: User) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        self.user, self.cookie = user, f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        if Browser.handler is None:
            Browser.handler = WSGIHandler()

    def get(self, path: str) -> Answer:
        """One GET."""
        return self._ask("GET", path, b"", self.cookie)

    def post(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        """One POST of a form, with its CSRF token."""
        token = "b" * 32
        body = urlencode([*fields, ("csrfmiddlewaretoken", token)]).encode()
        return self._ask("POST", path, body, f"{self.cookie}; {settings.CSRF_COOKIE_NAME}={token}")

    def _ask(self, method: str, path: str, body: bytes, cookie: str) -> Answer:
        address, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": address, "QUERY_STRING": query,
            "SERVER_NAME": "bench.example", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "bench.example", "HTTP_COOKIE": cookie,
            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "wsgi.input": BytesIO(body), "wsgi.errors": BytesIO(), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        started: list[Any] = []
        assert Browser.handler is not None
        response = Browser.handler(environ, lambda status, headers: started.append((status, headers)))
        content = b"".join(response)
        response.close()
        status, headers = started[0]
        return Answer(int(status.split()[0]), dict(headers), content)


class DatabaseClock:
    """Processor time of the server process behind our connection, in seconds. 0 where it cannot be read."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.pid = cursor.fetchone()[0]

    def read(self) -> float:
        """Seconds on the processor so far; the kernel counts them in nanoseconds."""
        folder = Path(f"/proc/{self.pid}")
        try:
            return int((folder / "schedstat").read_text().split()[0]) / 1e9
        except OSError:
            return 0.0


@dataclass
class Page:
    """A page to measure: its name, how it is asked for, and what was found."""

    name: str
    ask: Callable[[], Answer]
    queries: int = 0
    python_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)

    @property
    def cpu_ms(self) -> list[float]:
        """Processor time of one request in each round: application and database."""
        return [a + b for a, b in zip(self.python_ms, self.database_ms, strict=True)]

    def check(self) -> None:
        """Raises RuntimeError when the page does not answer as it should."""
        answer = self.ask()
        if answer.status != 200:
            raise RuntimeError(f"{self.name} answered {answer.status}, not 200: {answer.headers.get('Location', '')}")


def measure(pages: list[Page]) -> None:
    """Warms each page up, counts its queries, then measures all of them turn by turn for several rounds, so that
    whatever else the machine does falls on all alike."""
    clock = DatabaseClock()
    turns: dict[str, int] = {}
    for page in pages:
        page.check()
        with CaptureQueriesContext(connection) as captured:
            page.check()
        page.queries = len(captured)
        turns[page.name] = _turns(page)
    for _ in range(ROUNDS):
        for page in pages:
            gc.collect()
            python, database = time.process_time(), clock.read()
            for _ in range(turns[page.name]):
                page.ask()
            count = turns[page.name]
            page.python_ms.append((time.process_time() - python) * 1000 / count)
            page.database_ms.append((clock.read() - database) * 1000 / count)


def _turns(page: Page) -> int:
    started = time.perf_counter()
    for _ in range(5):
        page.ask()
    return max(5, int(ROUND_SECONDS / ((time.perf_counter() - started) / 5)))


@dataclass
class Posted:
    """What a number of single POSTs took."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    queries: int = 0


def measure_posts(posts: Iterator[Callable[[], Answer]], *, warm: int) -> Posted:
    """Sends each POST once, one after another; the first ones warm up. Each must redirect (302)."""
    clock, found = DatabaseClock(), Posted()
    for number, send in enumerate(posts):
        if number == warm:
            with CaptureQueriesContext(connection) as captured:
                answer = send()
            found.queries = len(captured)
        else:
            wall, cpu = time.perf_counter(), time.process_time() + clock.read()
            answer = send()
            if number > warm:
                found.wall_ms.append((time.perf_counter() - wall) * 1000)
                found.cpu_ms.append((time.process_time() + clock.read() - cpu) * 1000)
        if answer.status != 302:
            raise RuntimeError(f"Submitting answered {answer.status}, not 302.")
    return found


def profile(page: Page, *, requests: int = 100, lines: int = 25) -> str:
    """Where a page's time goes: Python's functions by the time spent in them and below, and the page's queries."""
    profiler = cProfile.Profile()
    for _ in range(requests):
        profiler.runcall(page.ask)
    out = StringIO()
    Stats(profiler, stream=out).sort_stats("cumulative").print_stats(r"/(lms|courses|portfolio|assessment)/", lines)
    Stats(profiler, stream=out).sort_stats("tottime").print_stats(lines)
    with CaptureQueriesContext(connection) as captured:
        page.ask()
    queries = [f"{number:3} {query['sql'][:200]}" for number, query in enumerate(captured, 1)]
    return "\n".join([f"=== {page.name}", out.getvalue(), *queries])


def ratio(page: Page, floor: Page) -> float:
    """How many times the floor's processor time a page takes: the median over rounds, each with its own floor."""
    return median(mine / theirs for mine, theirs in zip(page.cpu_ms, floor.cpu_ms, strict=True))
