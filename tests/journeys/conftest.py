"""A real browser on the real product: each journey fails on a broken content policy, a console error or a failed
request of our own, and looks at every page with axe."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK, REFLOW = 360, 1280, 320
SECONDS = 1000
PATIENCE = 100  # times 50 ms, for what a script writes into a page after it has loaded
WATCH = """document.addEventListener('securitypolicyviolation', e =>
    console.error('content policy: ' + e.violatedDirective + ' ' + e.blockedURI))"""
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread


class Visitor:
    """Somebody at a browser. `wrong` gathers what must not happen; `looked_at` the pages that axe has seen."""

    def __init__(self, context: BrowserContext, address: str, *, javascript: bool = True) -> None:
        self.context, self.address, self.javascript = context, address, javascript
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10 * SECONDS)
        self.wrong: list[str] = []
        self.looked_at: set[str] = set()
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("console", lambda said: self._heard(said.type, said.text))
        self.page.on("response", lambda answer: self._answered(answer.status, answer.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.wrong.append(f"console: {text}")

    def _answered(self, status: int, url: str) -> None:
        # 422: a form is shown again with reasons; 400 in the editor: it saves by itself what is half written
        if status >= 400 and status != 422 and url.startswith(self.address) and not (status == 400 and "/cms/" in url):
            self.wrong.append(f"{status} {url}")

    def arrive_as(self, person: Any) -> "Visitor":
        """On their home, signed in already: for journeys that are not about the way in."""
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.address}])
        return self.go("/")

    def sign_in(self, person: Any) -> "Visitor":
        """Signs in by the form, as people do."""
        self.go("/account/login/")
        self.page.get_by_label("Email", exact=False).first.fill(person.email)
        self.page.get_by_label("Password", exact=True).fill(settings.DEMO_PASSWORD)
        self.page.locator("main form").first.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/account/login/" not in url)
        return self

    def go(self, path: str) -> "Visitor":
        """Opens an address of the product."""
        self.page.goto(f"{self.address}{path}")
        return self

    def press(self, name: str | re.Pattern[str]) -> "Visitor":
        """Presses a button, or follows a link, by what it says, and waits for the page that it opens."""
        main = self.page.locator("#main-content")
        target = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first
        with self.page.expect_navigation():
            target.click()
        return self

    def sees(self, *texts: str) -> "Visitor":
        """Each text stands in the page's main part, or comes to stand there while a script still reads what the phone
        keeps."""
        main = self.page.locator("#main-content")
        missing = list(texts)
        for _ in range(PATIENCE):
            found = main.inner_text()
            missing = [text for text in texts if text not in found]
            if not missing:
                return self
            self.page.wait_for_timeout(50)
        raise AssertionError(f"“{missing[0]}” is not on {self.page.url}:\n{found[:3000]}")

    def looks(self) -> "Visitor":
        """axe finds nothing on this page on a phone and on a desk, and nothing has to be scrolled sideways."""
        assert self.javascript, "axe needs JavaScript, and would wait for ever without"
        before = self.page.viewport_size
        for width in (PHONE, DESK, REFLOW):
            self.page.set_viewport_size({"width": width, "height": 800})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{self.page.url} is {wide} px wide on a screen of {width} px"
            if width != REFLOW:
                assert (found := self._axe()) == [], f"{self.page.url} at {width} px: {found}"
        self.page.set_viewport_size(before)
        self.looked_at.add(self.page.url.removeprefix(self.address).split("?")[0])
        return self

    def looks_if(self, wanted: bool) -> "Visitor":
        """As `looks`, where the browser can: axe itself needs JavaScript."""
        return self.looks() if wanted else self

    def _axe(self) -> list[str]:
        # evaluated, not inserted as a script: the page's own policy would refuse it, as it should
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            """async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa',
               'best-practice']})).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))"""
        )
        return list(found)


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """A new visitor: `visit()`, `visit(javascript=False)`, `visit(width=1280)`. Nothing may have gone wrong for any."""
    visitors: list[Visitor] = []

    def arrive(*, javascript: bool = True, width: int = PHONE) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=javascript, locale="en-GB"
        )
        if javascript:
            context.add_init_script(WATCH)
        visitors.append(Visitor(context, live_server.url, javascript=javascript))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    assert [wrong for visitor in visitors for wrong in visitor.wrong] == []
