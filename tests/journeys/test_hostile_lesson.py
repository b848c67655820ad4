"""A lesson into which somebody has put every harm there is, by the editor's own form and by an import: it is shown, and
nothing of it runs, asks elsewhere or breaks the content policy."""

import re

import pytest
from django.test import Client

from content.blocks import LIVE, BodyBlock
from courses.pages.models import LessonPage
from courses.pages.queries import address
from tests.content.filling import every_block, posted, typed
from tests.content.test_sanitiser import ADDRESSES, HOSTILE
from tests.factories import make_world
from tests.permissions.forms import form_of

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
ALL_AT_ONCE = "".join(HOSTILE.values()).replace("alert(1)", "window.ran=1;alert(1)")
WORDS = "<img src=x onerror=alert(1)>"
NAMED = ("h5p", "words", "law", "picture", "audio", "video", "download")  # they choose rows


def hostile_body() -> list[dict]:
    return [one for one in every_block(rich=ALL_AT_ONCE, words=WORDS) if one["type"] not in NAMED]


def accepted_body() -> list[dict]:
    """The same so that the form accepts it: with questions of each kind, and a scenario that comes to an end."""
    found: list[dict] = []
    for one in hostile_body():
        value = one["value"]
        if "criteria" in one["value"]:
            value = {**value, "criteria": ["1.7.a"]}
        if one["type"] == "table":
            value = {**value, "rows": [{**row, "cells": [WORDS] * len(value["headings"])} for row in value["rows"]]}
        if one["type"] == "scenario":
            value = {**value, "steps": steps_of(value["steps"][0])}
        if one["type"] == "check":
            found += [{"type": "check", "value": check, "id": f"11111111-0000-4000-8000-{number:012d}"}
                      for number, check in enumerate(questions_of(value))]  # fmt: skip
        else:
            found.append({**one, "value": value})
    return found


def steps_of(step: dict) -> list[dict]:
    ways = [{**step["choices"][0], "text": f"{WORDS} {way}", "goes_to": "an-end"} for way in (1, 2)]
    return [{**step, "name": "a-start", "choices": ways, "ending": ""}, {**step, "name": "an-end", "choices": []}]


def questions_of(check: dict) -> list[dict]:
    empty = {**check, "options": [], "items": [], "pairs": [], "model": "", "look_for": [], "wrong": ""}
    options = [{**check["options"][0], "text": f"{WORDS} {way}", "is_right": way == 1} for way in (1, 2)]
    pairs = [{**check["pairs"][0], "item": f"{WORDS} {way}", "match": f"{WORDS} {way}"} for way in (1, 2)]
    items = [f"{WORDS} {way}" for way in (1, 2)]
    return [
        {**empty, "kind": "single", "options": options},
        {**empty, "kind": "ordering", "items": items, "wrong": check["wrong"]},
        {**empty, "kind": "matching", "pairs": pairs, "wrong": check["wrong"]},
        {**empty, "kind": "short", "model": check["model"], "look_for": check["look_for"]},
    ]


@pytest.mark.parametrize("way", ["the editor's form", "an import"])
def test_nothing_in_a_hostile_lesson_runs(visit, live_server, way: str):
    world = make_world()
    page = LessonPage.objects.order_by("path").first()
    body = hostile_body() if way == "an import" else accepted_body()
    if way == "an import":
        page.body = body
        page.save_revision().publish()
    else:
        send_form(world.superuser, page, body)
    page.refresh_from_db()
    assert len(page.body) == len(body)

    reader = visit().arrive_as(world.trainee)
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.page.on("dialog", lambda dialog: (reader.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    reader.go(address(page))
    text = reader.page.locator(".study__body")
    assert WORDS in text.inner_text()
    for link in text.locator("a").all()[:40]:
        link.dispatch_event("mouseover")
        link.focus()
    reader.page.wait_for_timeout(300)
    assert reader.page.evaluate("window.ran") is None
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
    bad = [
        tag for tag in ("script", "iframe", "svg", "math", "style", "form[action^='//']", "object", "base", "[onclick]")
        if text.locator(tag).count()
    ]  # fmt: skip
    assert bad == []
    links = text.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href') || '')")
    assert [href for href in links if href and not re.match(r"(https|mailto):|[/#](?!/)", href)] == []


def send_form(author, page: LessonPage, body: list[dict]) -> None:
    """The form of the editor with the hostile body in place of the page's, published."""
    browser = Client()
    browser.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    edit = f"/cms/pages/{page.pk}/edit/"
    fields = {
        name: value for name, value in form_of(browser.get(edit).content.decode(), "/cms/", edit).items()
        if not name.startswith("body-") and name != "comments-TOTAL_FORMS"
    }  # fmt: skip
    addresses = iter([one for one in ADDRESSES if "\0" not in one] * 9)

    def rich(text: str) -> str:
        if not text:
            return "null"
        return typed(text.replace("\0", ""), *[next(addresses) for _ in range(3)])  # a form takes no null at all

    sent = posted(BodyBlock(), body, rich, "body")
    comments = {f"comments-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    answer = browser.post(edit, {**fields, **comments, **sent, "action-publish": "1"})
    assert answer.status_code == 302, answer.content.decode()[:200]
    assert LIVE  # live blocks are among them
