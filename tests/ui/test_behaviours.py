"""What JavaScript adds, in a real browser: text that is never lost, focus that goes where it helps, one sending.

The pages are made here and served by a small server of the test's own, so that a lost connection or session can be
staged exactly.
"""

import json
import mimetypes
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django import forms
from django.template import Context, Template
from playwright.sync_api import Browser, Page, expect

from lms.common.forms import FilesField, FilesInput, GovDateField, Radios

BUILT = Path(__file__).resolve().parents[2] / "static_build"
SECONDS = 1000
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'"
PAGE = """<!doctype html><html lang="en-GB"><head><title>Test</title><link rel="stylesheet" href="/static/app.css">
<meta name="htmx-config" content='{"allowEval":false,"includeIndicatorStyles":false}'>
<script src="/static/boot.js"></script><script src="/static/app.js" defer></script></head>
<body data-user="%s" data-login="/account/login/"><main id="main-content">%s</main></body></html>"""
FORM = """<form method="post" action="/submit/" data-autosave="/save/" data-dirty-guard>
<input type="hidden" name="csrfmiddlewaretoken" value="t0ken"><input type="hidden" name="once" value="0nce">
<input type="hidden" name="criterion" value="12"><label for="a">Account</label>
<textarea id="a" name="account">{server}</textarea><label for="b">Other</label><input id="b" name="other" value="same">
<input type="checkbox" name="own" id="c"><label for="c">Mine</label>{saved}<button>Send</button></form>"""

SCALE = """<form method="post" action="/submit/" data-autosave="/save/" data-dirty-guard>
<fieldset><legend>Sure?</legend><input type="radio" name="sure" value="1" id="s1"{one}><label for="s1">No</label>
<input type="radio" name="sure" value="2" id="s2"{two}><label for="s2">Yes</label></fieldset><fieldset>
<legend>Can?</legend><input type="radio" name="can" value="1" id="c1"><label for="c1">No</label>
<input type="radio" name="can" value="2" id="c2"><label for="c2">Yes</label></fieldset>{saved}</form>"""


class Site:
    """A server of a few pages by path: remembers what came in, and answers the next save as it is told."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.posts: list[tuple[str, dict[str, list[str]]]] = []
        self.tokens: list[str | None] = []
        self.answer = 200
        self.conflicts: dict[str, dict[str, str]] = {}
        self.user = "7"
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.show(self)

            def do_POST(self) -> None:
                site.take(self)

            def log_message(self, *_: object) -> None:
                """The test speaks, not the server."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def show(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.split("?")[0]
        if path.startswith("/static/"):
            file = BUILT / path.removeprefix("/static/")
            send(request, 200, file.read_bytes(), mimetypes.guess_type(file.name)[0] or "font/woff2")
        else:
            body = self.pages.get(path, "<p>Another page</p>")
            send(request, 200, (PAGE % (self.user, body)).encode(), "text/html", {"Content-Security-Policy": POLICY})

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        self.posts.append((request.path, parse_qs(body, keep_blank_values=True)))
        self.tokens.append(request.headers["X-CSRFToken"])
        if request.path != "/save/":
            send(request, 204)
        elif self.answer == 200:
            send(request, 200, b'{"saved_at": "14:02"}', "application/json")
        elif self.answer == 302:
            send(request, 302, headers={"Location": "/account/login/"})
        elif self.answer == 500:
            send(request, 500, b"<h1>Oops</h1>", "text/html")
        else:
            answer = {"message": "This is submitted already.", "conflicts": self.conflicts}
            send(request, self.answer, json.dumps(answer).encode(), "application/json")

    def saves(self) -> list[dict[str, list[str]]]:
        return [fields for path, fields in self.posts if path == "/save/"]


def send(
    request: BaseHTTPRequestHandler, status: int, body: bytes = b"", kind: str = "", headers: dict | None = None
) -> None:
    request.send_response(status)
    for name, value in ({"Content-Type": kind} | (headers or {})).items():
        if value:
            request.send_header(name, value)
    if status != 204:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def tab(chromium: Browser, site: Site) -> Iterator[Page]:
    # The little server has no worker for pages without a signal
    context = chromium.new_context(viewport={"width": 360, "height": 700}, service_workers="block")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if said.type == "error" and "resource" not in said.text else None,
    )
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()
    assert wrong == []


def draft(site: Site, tab: Page, server: str = "") -> None:
    """Opens the form as the server would show it."""
    saved = Template("{% saved_at %}").render(Context())
    site.pages["/draft/"] = FORM.format(server=server, saved=saved)
    tab.goto(f"{site.url}/draft/")


def said(tab: Page, text: str) -> None:
    """Waits until the autosave line says this."""
    tab.wait_for_function(
        "text => document.querySelector('[data-saved]').textContent.includes(text)", arg=text, timeout=8 * SECONDS
    )


KEPT = """async () => {
    if (!(await indexedDB.databases()).length) return [];
    const database = await new Promise((done, fail) => {
        const request = indexedDB.open("senco-on-site");
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
    });
    const rows = await new Promise((done) => {
        const request = database.transaction("outbox").objectStore("outbox").getAll();
        request.onsuccess = () => done(request.result);
    });
    database.close();
    return rows.flatMap((row) => Object.values(row.fields).map((field) => field.value));
}"""


def kept(tab: Page, expected: list[str]) -> None:
    """Waits until this is what the browser keeps: it does so while one goes on typing."""
    deadline = time.monotonic() + 3
    while (found := tab.evaluate(KEPT)) != expected and time.monotonic() < deadline:
        tab.wait_for_timeout(50)
    assert found == expected


pytestmark = pytest.mark.journeys


def test_text_is_saved_as_it_is_typed_and_only_what_changed_is_sent(site, tab):
    draft(site, tab)
    tab.fill("#a", "Child A chose a book.")
    said(tab, "Saved 14:02")

    assert site.saves() == [{"criterion": ["12"], "account": ["Child A chose a book."]}]
    assert site.tokens == ["t0ken"]
    kept(tab, [])


def test_offline_the_text_is_kept_here_and_saved_when_the_line_is_back(site, tab):
    draft(site, tab)
    tab.context.set_offline(True)
    tab.fill("#a", "Typed on the bus.")
    said(tab, "Not saved: you are offline. Your text is kept on this device.")
    kept(tab, ["Typed on the bus."])

    tab.context.set_offline(False)
    said(tab, "Saved 14:02")
    kept(tab, [])


def test_in_a_network_that_leads_nowhere_the_page_looks_by_itself_whether_it_still_does(site, tab):
    draft(site, tab)
    tab.route("**/*", lambda route: route.abort())
    tab.fill("#a", "Typed in the nursery.")
    said(tab, "Not saved: you are offline. Your text is kept on this device.")
    assert tab.evaluate("navigator.onLine")

    tab.unroute("**/*")
    said(tab, "Saved 14:02")  # sooner than it would try again by the clock, and the browser says nothing
    kept(tab, [])


@pytest.mark.parametrize("answer", [302, 401, 403])
def test_when_the_session_has_ended_the_text_waits_until_one_is_back(site, tab, answer):
    draft(site, tab, server="First words")
    site.answer = answer
    tab.fill("#a", "First words and more")
    said(tab, "you have been signed out")
    assert tab.get_attribute("[data-saved] a", "href") == "/account/login/?next=%2Fdraft%2F"

    tab.click("[data-saved] a")
    site.answer = 200
    draft(site, tab, server="First words\r\n")

    expect(tab.locator("#a")).to_have_value("First words and more")  # put back a moment after the page has come
    said(tab, "Saved 14:02")
    assert site.saves()[-1]["account"] == ["First words and more"]
    kept(tab, [])


def scale(site: Site, tab: Page, *, chosen: int = 0) -> None:
    """Opens two questions as the server would show them: `chosen` is the saved answer to the first."""
    saved = Template("{% saved_at %}").render(Context())
    one, two = (" checked" if chosen == answer else "" for answer in (1, 2))
    site.pages["/draft/"] = SCALE.format(one=one, two=two, saved=saved)
    tab.goto(f"{site.url}/draft/")


def test_a_chosen_answer_is_saved_and_the_other_question_is_left_alone(site, tab):
    scale(site, tab, chosen=1)
    tab.check("#s2")
    said(tab, "Saved 14:02")
    assert site.saves() == [{"sure": ["2"]}]
    kept(tab, [])


def test_an_answer_that_could_not_be_saved_is_chosen_again_and_saved(site, tab):
    scale(site, tab)
    site.answer = 403
    tab.check("#c1")
    said(tab, "you have been signed out")
    tab.check("#c2")
    tab.wait_for_timeout(1000)  # the words stand there already: until the second answer is kept, too
    site.answer = 200
    scale(site, tab)
    expect(tab.locator("#c2")).to_be_checked()
    assert [tab.get_attribute(f"#{name}", "value") for name in ("s1", "s2", "c1", "c2")] == ["1", "2", "1", "2"]
    assert not tab.is_checked("#s1")
    said(tab, "Saved 14:02")
    assert site.saves()[-1] == {"can": ["2"]}
    kept(tab, [])


def test_a_newer_answer_of_the_server_stays_and_the_kept_one_is_offered(site, tab):
    scale(site, tab)
    site.answer = 500
    tab.check("#s1")
    said(tab, "something went wrong")
    site.answer = 200
    scale(site, tab, chosen=2)
    assert tab.is_checked("#s2")
    tab.get_by_role("button", name="Use the answer from this device").click()
    assert tab.is_checked("#s1")
    said(tab, "Saved 14:02")
    assert site.saves()[-1] == {"sure": ["1"]}


def test_a_newer_text_of_the_server_is_not_overwritten_and_the_kept_one_is_offered(site, tab):
    draft(site, tab)
    site.answer = 500
    tab.fill("#a", "From my phone")
    said(tab, "something went wrong")
    site.answer = 200
    draft(site, tab, server="From the laptop, later")

    assert tab.input_value("#a") == "From the laptop, later"
    tab.get_by_role("button", name="Use the text from this device").click()
    assert tab.input_value("#a") == "From my phone"
    said(tab, "Saved 14:02")


def test_another_person_on_the_same_device_does_not_get_the_kept_text(site, tab):
    draft(site, tab)
    site.answer = 500
    tab.fill("#a", "Mine")
    said(tab, "something went wrong")
    site.user = "8"
    draft(site, tab)

    told = "One text that somebody else had written on this device, and not sent, was deleted"
    expect(tab.locator("main")).to_contain_text(told)
    assert tab.input_value("#a") == ""
    kept(tab, [])


def test_a_refusal_is_told_in_its_own_words(site, tab):
    draft(site, tab)
    site.answer = 409
    tab.fill("#a", "Too late")
    said(tab, "This is submitted already.")

    kept(tab, ["Too late"])


def test_a_form_is_sent_once_however_often_it_is_pressed(site, tab):
    draft(site, tab)
    tab.evaluate("document.querySelector('form button').click(); document.querySelector('form button').click()")
    tab.wait_for_timeout(300)

    assert [path for path, _ in site.posts] == ["/submit/"]


class Evidence(forms.Form):
    title = forms.CharField()
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=Radios())
    happened = GovDateField()
    setting = forms.ChoiceField(choices=[("", "Choose")])
    files = FilesField(widget=FilesInput(max_bytes=1024, max_files=1))
    own = forms.BooleanField()


def test_the_summary_takes_focus_and_each_of_its_links_gives_it_to_the_field(site, tab):
    source = Template("{% error_summary form %}<form method='post'>{{ form }}</form>")
    site.pages["/bad/"] = source.render(Context({"form": Evidence({})}))
    tab.goto(f"{site.url}/bad/")

    assert tab.evaluate("document.activeElement.className") == "govuk-error-summary"
    focused = []
    for link in tab.locator(".govuk-error-summary a").all():
        link.click()
        focused.append(tab.evaluate("document.activeElement.id"))
    assert focused == ["id_title", "id_kind_0", "id_happened_0", "id_setting", "id_files", "id_own"]


def test_a_file_that_is_too_big_is_told_before_it_is_sent(site, tab):
    source = Template("<form method='post' enctype='multipart/form-data'>{{ form }}<button>Send</button></form>")
    site.pages["/files/"] = source.render(Context({"form": Evidence()}))
    tab.goto(f"{site.url}/files/")
    tab.set_input_files("#id_files", {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"x" * 2048})

    assert "“plan.pdf”" in tab.inner_text("#id_files_size")
    assert "id_files_size" in tab.get_attribute("#id_files", "aria-describedby")
    tab.evaluate("document.querySelector('form').noValidate = true")
    tab.click("form button:has-text('Send')")
    assert site.posts == []

    tab.set_input_files("#id_files", {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    assert tab.locator("#id_files_size").count() == 0


def test_the_place_in_a_lesson_is_remembered_and_found_again(site, tab):
    parts = "".join(f"<h2 id='part-{i}'>Part {i}</h2>" + "<p>Text</p>" * 20 for i in range(1, 7))
    about = "class='study' data-progress-url='/seen/' data-resume='part-3'"
    site.pages["/lesson/"] = f"<article {about}><div class='study__body'>{parts}</div></article>"
    tab.goto(f"{site.url}/lesson/#p-edited-since")
    assert abs(tab.evaluate("document.getElementById('part-3').getBoundingClientRect().top")) < 60

    with tab.expect_response("**/seen/"):
        tab.evaluate("document.getElementById('part-5').scrollIntoView()")
    assert site.posts[-1] == ("/seen/", {"anchor": ["part-5"]})


def test_shortcuts_choose_but_never_while_somebody_types_and_can_be_turned_off(site, tab):
    site.pages["/judge/"] = (
        "<input type='radio' name='v' id='yes' data-shortcut='v'><label for='yes'>Valid</label>"
        "<input type='radio' name='v' id='no'><label for='no'>Not valid</label><textarea id='t'></textarea>"
        "<button type='button' data-shortcuts-toggle hidden></button>"
    )
    tab.goto(f"{site.url}/judge/")
    tab.focus("#t")
    tab.keyboard.press("v")
    assert (tab.input_value("#t"), tab.is_checked("#yes")) == ("v", False)

    tab.click("#no")
    tab.keyboard.press("v")
    assert tab.is_checked("#yes")

    tab.click("text=Turn keyboard shortcuts off")
    tab.click("#no")
    tab.keyboard.press("v")
    assert tab.is_checked("#no")


def test_a_text_changed_elsewhere_is_shown_beside_mine_and_the_choice_is_saved(site, tab):
    draft(site, tab, server="As it was")
    tab.evaluate(
        "document.querySelector('form').insertAdjacentHTML('beforeend', "
        '\'<input type="hidden" name="base.account" value="b0">\')'
    )
    site.answer = 409
    site.conflicts = {"account": {"text": "From the phone", "base": "b1"}}
    tab.fill("#a", "From the laptop")
    said(tab, "This is submitted already.")
    assert tab.input_value("[id='other-account'] textarea") == "From the phone"
    assert tab.input_value("#a") == "From the laptop"

    site.answer = 200
    tab.get_by_role("button", name="Keep both").click()
    said(tab, "Saved 14:02")
    assert site.saves()[-1]["account"] == ["From the laptop\n\nFrom the phone"]
    assert [fields["base.account"] for fields in site.saves()] == [["b0"], ["b1"]]
    assert tab.locator("[id='other-account']").count() == 0
