"""A package that tries everything: nothing of what it does reaches the application, and nothing of it is believed."""

import json
import re
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.signals import request_started
from django.test import Client

from courses.delivery.api import ActivityAttempt, ActivityState, ActivityStatement
from courses.pages.queries import address
from tests.factories import make_world
from tests.factories.activities import block_with, keep_activity, make_activity_lesson
from tests.factories.h5p import library

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

HARMS = (Path(__file__).parent / "hostile_activity.js").read_text(encoding="utf-8")
ACTIVE = (
    "document.title='ran';fetch('/learn/?opened');var i=new Image();i.src='/learn/?image';"
    "try{top.location='/learn/?top'}catch(e){}"
)
SVG = f"<svg xmlns='http://www.w3.org/2000/svg'><script>{ACTIVE}</script><image href='/learn/?svg'/></svg>"
PAGE = f"<!doctype html><script>{ACTIVE}</script><img src='/learn/?html'><form action='/learn/' method=post></form>"


class Elsewhere:
    """A server of somebody else that counts what reaches it."""

    def __init__(self) -> None:
        asked = self.asked = []

        class Counting(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()

            do_POST = do_HEAD = do_OPTIONS = do_GET

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def elsewhere():
    server = Elsewhere()
    yield server
    server.server.shutdown()


@pytest.fixture
def counted(live_server):
    """Every request that reaches the application, by method and path."""
    asked: list[tuple[str, str]] = []

    def count(environ: dict[str, Any], **kwargs: Any) -> None:
        asked.append((environ["REQUEST_METHOD"], f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}".removesuffix("?")))

    request_started.connect(count)
    yield asked
    request_started.disconnect(count)


def forget(visitor: Any, counted: list[tuple[str, str]]) -> None:
    """Forgets what was asked so far, once nothing more is: the phone keeps pages after they were read."""
    visitor.page.wait_for_load_state("networkidle")
    seen = -1
    while seen != len(counted):
        seen = len(counted)
        visitor.page.wait_for_timeout(1000)
    del counted[:]


OURS = re.compile(r"/(h5p/(play|files|libraries|core|bundles)/|static/|learn/activities/|learn/study/|courses/|"
                  r"device/hello/|study-sw\.js|offline/|manifest|media/|account/|favicon)")  # fmt: skip


def test_a_hostile_package_reaches_the_application_zero_times(visit, counted, elsewhere, live_server):
    world = make_world()
    hostile = library("H5P.Hostile 1.0", js={"harm.js": f"{HARMS}\nparams.elsewhere = '{elsewhere.url}';"},
                      others={"own.svg": SVG, "own.html": PAGE})  # fmt: skip
    activity = keep_activity([hostile], files={"images/own.svg": SVG})
    lesson = make_activity_lesson(block_with(activity, counts="completed"))
    visitor = visit().arrive_as(world.trainee)
    visitor.go(address(lesson))
    forget(visitor, counted)
    before = visitor.page.url
    page = visitor.page
    for away in (False, True):
        page.reload()
        page.wait_for_function("() => document.querySelector('.play__frame')")
        inside = next(one for one in page.frames if "/h5p/play/" in one.url or one != page.main_frame)
        inside.wait_for_function("() => window.done", timeout=10000)
        tried = inside.evaluate("tried")
        assert {"fetch", "form", "image"} <= {one.partition(":")[0] for one in tried}
        assert [one for one in tried if "reached" in one] == []
        assert not inside.evaluate("window.cookies || window.seen")
        inside.evaluate("away => window.leave(away)", away)
        page.wait_for_timeout(1500)

    assert page.url == before
    assert len(page.context.pages) == 1
    assert page.evaluate("window.harmed") is None
    assert elsewhere.asked == []
    reached = [one for one in counted if not OURS.match(one[1])]
    assert reached == []
    frame_asked = [path for _, path in counted if path.startswith("/h5p/")]
    assert frame_asked, "the frame did not even start"
    posted = Counter(path.split("?")[0] for method, path in counted if method == "POST")
    # What the package said by message arrives as what it is: refused, and nothing of it is kept.
    assert {re.sub(r"[0-9a-f-]{36}", "*", path) for path in posted} <= {
        f"/learn/activities/{lesson.pk}/*/start/", "/learn/activities/attempts/*/statements/",
        "/learn/activities/attempts/*/state/", f"/learn/study/{lesson.pk}/place/", f"/learn/study/{lesson.pk}/finish/",
    }  # fmt: skip
    assert not ActivityStatement.objects.exists()
    assert not ActivityState.objects.exists()
    assert ActivityAttempt.objects.filter(completed_at__isnull=False).count() == 0
    height = page.evaluate("document.querySelector('.play__frame').getBoundingClientRect().height")
    assert height <= 20_000
    visitor.wrong.clear()  # it was refused as loudly as could be


@pytest.mark.parametrize("name", ["own.svg", "own.html"])
def test_its_own_files_opened_by_their_address_do_nothing(visit, counted, live_server, name):
    world = make_world()
    own = {"own.svg": SVG, "own.html": PAGE}
    activity = keep_activity([library("H5P.Hostile 1.0", js={"a.js": HARMS}, others=own)])
    tree = activity.current.main_library.tree_hash
    visitor = visit().arrive_as(world.trainee)
    forget(visitor, counted)
    visitor.go(f"/h5p/libraries/{tree}/{name}")
    visitor.page.wait_for_timeout(800)
    assert f"/h5p/libraries/{tree}/{name}" in [path for _, path in counted]
    assert [path for _, path in counted if path.startswith("/learn/")] == []
    assert visitor.page.url.endswith(name)
    assert visitor.page.title() != "ran"
    visitor.wrong.clear()  # its own policy says what it refused


def test_a_message_from_another_frame_is_nobodys(visit):
    world = make_world()
    activity = keep_activity()
    lesson = make_activity_lesson(block_with(activity))
    visitor = visit().arrive_as(world.trainee)
    visitor.go(address(lesson))
    visitor.page.frame_locator(".play__frame").get_by_role("button", name="Press here").wait_for()
    visitor.page.wait_for_timeout(500)
    before = ActivityStatement.objects.count()
    visitor.page.evaluate("""() => {
        const said = {context: 'pathway', action: 'statement', statement:
            {verb: {id: 'http://adlnet.gov/expapi/verbs/completed'}, result: {score: {raw: 9, max: 9}}}};
        window.postMessage(said, '*');
        window.dispatchEvent(new MessageEvent('message', {data: said, origin: 'null', source: window}));
        const other = document.createElement('iframe');
        other.sandbox = 'allow-scripts';
        other.src = document.querySelector('.play__frame').src;
        document.body.append(other);
        window.dispatchEvent(new MessageEvent('message', {data: said, origin: 'null', source: other.contentWindow}));
    }""")
    visitor.page.wait_for_timeout(1000)
    assert ActivityStatement.objects.count() == before
    assert not ActivityAttempt.objects.filter(completed_at__isnull=False).exists()


def test_the_policies_say_what_the_design_says(client_of, world):
    activity = keep_activity(files={"a.svg": SVG})
    lesson = make_activity_lesson(block_with(activity))
    answer = client_of(world.trainee).get(address(lesson))
    assert "frame-src http://testserver/h5p/play/" in answer.headers["Content-Security-Policy"]
    block = json.loads(json.dumps(block_with(activity)))["id"]
    src = client_of(world.trainee).post(f"/learn/activities/{lesson.pk}/{block}/start/").json()["src"]
    page = Client().get(src.removeprefix("http://testserver"))
    policy = page.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "'self'" not in policy
    assert world.trainee.name not in page.content.decode()
    assert world.trainee.email not in page.content.decode()
