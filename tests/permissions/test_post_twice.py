"""Every address that takes a POST, twice with the same form: the second time changes nothing and ends at the same
place. Each form is read from its own page and sent with the page's own tokens, anti-forgery checks on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.helpers import OF_REQUESTS, changed_tables, contents

from .addresses import is_own, methods, name_of, walk
from .examples import EXAMPLES, Example
from .forms import Fields, form_of
from .scene import Scene
from .table import TABLE

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.alike]
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.address)


def open_form(browser: Client, scene: Scene, example: Example) -> Fields:
    """The fields that the example's page would send; for a script, the anti-forgery token only."""
    if not example.page:
        browser.get("/notices/")
        return {"csrfmiddlewaretoken": [browser.cookies["csrftoken"].value]}
    page = scene.at(example.page)
    answer = browser.get(page)
    assert answer.status_code == 200, f"{page} answered {answer.status_code}"
    return form_of(answer.content.decode(), page, scene.at(example.address))


def stamps(example: Example) -> dict[str, Any]:
    """The rows of the example's table without the columns that say when it was asked last."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, example.effect)]
        kept = ", ".join(quote(name) for name in columns if name not in example.stamps)
        cursor.execute(f"SELECT {kept} FROM {quote(example.effect)}")
        return sorted(map(repr, cursor.fetchall()))


def test_every_address_that_takes_a_post_has_an_example(scene: Scene, browser_of: Callable[..., Client]) -> None:
    browser = browser_of("owner")
    own = {name_of(scene.at(line.address)): scene.at(line.address) for line in TABLE}
    assert {name for name in walk() if is_own(name)} == {name for name in own if is_own(name)}
    takes = {name for name, address in own.items() if is_own(name) and "POST" in methods(browser, address)}
    scene.refs.setdefault("second", "")
    assert {name_of(scene.at(example.address)) for example in EXAMPLES} == takes


@every_example
def test_posted_twice_it_happens_once(scene: Scene, browser_of: Callable[..., Client], example: Example) -> None:
    example.prepare(scene)
    browser = browser_of(example.role, enforce_csrf_checks=True)
    fields = open_form(browser, scene, example)
    assert ("once" in fields) == example.once
    address = scene.at(example.address)

    before = contents(OF_REQUESTS)
    session = dict(browser.session)
    first = browser.post(address, example.filled(scene, fields), headers=example.headers)
    assert first.status_code in (200, 201, 302), first.content.decode()[:2000]
    changed = changed_tables(before, OF_REQUESTS)
    if example.cookie:
        assert first.cookies[example.cookie].value
    else:
        assert example.effect in changed if example.effect else dict(browser.session) != session

    between, rows = contents(), stamps(example) if example.stamps else None
    second = browser.post(address, example.filled(scene, fields), headers=example.headers)
    assert (second.status_code, second.headers.get("Location")) == (first.status_code, first.headers.get("Location"))
    left_out = {"django_session"} | ({example.effect} if example.stamps else set())
    assert changed_tables({name: rows for name, rows in between.items() if name not in left_out}, left_out) == set()
    assert rows == (stamps(example) if example.stamps else None)


@every_example
def test_without_the_anti_forgery_token_nothing_happens(
    scene: Scene, browser_of: Callable[..., Client], example: Example
) -> None:
    example.prepare(scene)
    browser = browser_of(example.role, enforce_csrf_checks=True)
    fields = open_form(browser, scene, example)
    before = contents(OF_REQUESTS)
    for token in (None, "x" * 64):
        sent = example.filled(scene, fields) | {"csrfmiddlewaretoken": token}
        answer = browser.post(scene.at(example.address), {k: v for k, v in sent.items() if v is not None})
        assert answer.status_code == 403
    assert changed_tables(before, OF_REQUESTS) == set()


def test_no_address_at_all_takes_a_post_without_the_anti_forgery_token(
    scene: Scene, browser_of: Callable[..., Client]
) -> None:
    """Sign-in and the editor too."""
    browsers = [browser_of(role, enforce_csrf_checks=True) for role in ("superuser", "anonymous")]
    before = contents(OF_REQUESTS)
    signed_in, stranger = (
        {line.address: browser.post(scene.at(line.address)).status_code for line in TABLE} for browser in browsers
    )
    assert {address: status for address, status in signed_in.items() if status != 403} == {}
    assert {status for address, status in stranger.items() if not address.startswith("/cms/")} == {403}
    assert changed_tables(before, OF_REQUESTS) == set()


WITH_TOKEN = [example for example in EXAMPLES if example.once]


@pytest.mark.parametrize("example", WITH_TOKEN, ids=lambda example: example.address)
def test_a_token_of_somebody_else_forged_or_missing_is_refused_in_words(
    scene: Scene, browser_of: Callable[..., Client], example: Example
) -> None:
    from lms.common.once import issue

    example.prepare(scene)
    browser = browser_of(example.role)
    fields = open_form(browser, scene, example)
    of_another = issue(scene.people["foreign_author"])
    before = contents({"django_session"})
    for token in (of_another, fields["once"][0][:-1] + "x", "x", ""):
        sent = example.filled(scene, fields) | {"once": token}
        answer = browser.post(scene.at(example.address), sent)
        assert answer.status_code in (409, 422), answer.status_code
        assert "This page was open for too long" in answer.content.decode()
        assert answer.headers["Content-Type"].startswith("text/html")
    assert changed_tables(before, {"django_session"}) == set()


def test_a_token_too_old_is_refused_and_one_used_elsewhere_acts_nowhere(
    scene: Scene, browser_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that has acted leads to what it did, whatever it is sent to; a week later it is no token."""
    browser = browser_of("owner")
    share = next(example for example in EXAMPLES if example.address.endswith("share/"))
    discard = next(example for example in EXAMPLES if example.address.endswith("delete/"))
    token = open_form(browser, scene, share)["once"]
    done = browser.post(scene.at(share.address), {"once": token})
    between = contents({"django_session"})
    again = browser.post(scene.at(discard.address), {"once": token})
    assert again.headers["Location"] == done.headers["Location"]
    fresh = open_form(browser, scene, discard)["once"]
    monkeypatch.setattr("lms.common.once.MAX_AGE_SECONDS", -1)
    assert browser.post(scene.at(discard.address), {"once": fresh}).status_code == 422
    assert changed_tables(between, {"django_session"}) == set()
