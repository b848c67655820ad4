"""Each address × each role: what is answered, and whose texts are read there (rule 35)."""

import re
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client

from lms import urls
from lms.common.once import issue
from tests.helpers import OF_REQUESTS, changed_tables, contents, undone

from .addresses import is_own, methods, name_of, walk
from .scene import WORDS, Scene
from .table import ROLES, SIGN_IN, TABLE, Expected, Line, reads

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# They find the page for what is not found as it is; the others are spared drawing it, which says nothing of what was
# asked for.
FOR_REAL = {"owner", "assessor", "lead_iqa", "centre_admin", "author", "tutor"}
REFUSED = (SIGN_IN, 403, 404)


def ask(browser: Client, scene: Scene, line: Line, role: str, method: str = "") -> Any:
    """Asks for a line's address as its method says, with the line's body and a valid token of the person."""
    address = scene.at(line.address)
    if (method or line.method) == "GET":
        return browser.get(address)
    body = {name: scene.at(value) for name, value in line.body.items()}
    with undone():
        return browser.post(address, {"once": issue(scene.people[role] or AnonymousUser()), **body})


def answered(answer: Any, scene: Scene, line: Line, role: str) -> tuple[Expected, Expected]:
    """What came back and what was wanted, in the table's terms."""
    wanted = line.expected(role)
    if isinstance(wanted, str) and wanted != SIGN_IN:
        wanted = scene.at(wanted)
    # A form sent without a session gives back what was typed, with the way to sign in.
    if answer.status_code == 401 and wanted == SIGN_IN:
        assert "You have been signed out" in answer.content.decode()
        return SIGN_IN, wanted
    if answer.status_code not in (301, 302):
        return answer.status_code, wanted
    if answer.url.startswith("/account/login/?next="):
        return SIGN_IN, wanted
    path = re.split("[?#]", answer.url)[0]
    return (wanted if fnmatch(path, str(wanted)) else path), wanted


def text_of(answer: Any) -> str:
    """All that a person could read in an answer."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{body.decode(errors='replace')} {answer.headers}"


def test_every_address_has_a_line_and_every_line_an_address(scene: Scene) -> None:
    """An address that nobody has thought about fails here."""
    assert {name_of(scene.at(line.address)) for line in TABLE} == set(walk())


def test_no_line_stands_twice_and_names_only_roles_that_exist() -> None:
    assert [key for key, times in Counter(line.key for line in TABLE).items() if times > 1] == []
    assert {role for line in TABLE for role in line.others} <= set(ROLES)


def test_the_scene_has_everybody(scene: Scene) -> None:
    assert set(scene.people) == set(ROLES)


@pytest.mark.alike
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_it_may_and_reads_nobody_elses_text(
    scene: Scene, browser_of: Callable[..., Client], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """READS names what each role reads, so that a leak is seen to be possible before it is said to be absent."""
    if role not in FOR_REAL:
        monkeypatch.setattr(urls, "handler404", lambda request, exception: HttpResponse(status=404))
    browser, wrong, read = browser_of(role), {}, set()
    for line in TABLE:
        answer = ask(browser, scene, line, role)
        got, wanted = answered(answer, scene, line, role)
        if got != wanted:
            wrong[line.key] = f"{got}, not {wanted}"
        text = text_of(answer)
        read |= {name for name, word in WORDS.items() if word in text}
    assert wrong == {}
    assert read == reads(role)


def test_every_address_answers_somebody_who_may(scene: Scene, browser_of: Callable[..., Client]) -> None:
    """On PostgreSQL, too, for what it may refuse in a query: each line as the first role that it does not refuse."""
    browsers: dict[str, Client] = {}
    wrong, opened = {}, 0
    for line in TABLE:
        role = next((role for role in ROLES if line.expected(role) not in REFUSED), None)
        if role is None:
            continue
        browser = browsers.setdefault(role, browser_of(role))
        got, wanted = answered(ask(browser, scene, line, role), scene, line, role)
        if got != wanted:
            wrong[line.key] = f"{got}, not {wanted}"
        opened += 1
    assert wrong == {}
    assert opened > len(TABLE) * 0.9


@pytest.fixture(scope="module")
def posted_to(the_scene: tuple[Scene, Path]) -> list[Line]:
    """The lines asked by GET whose address takes a POST, too."""
    scene = the_scene[0]
    browser = Client()
    browser.force_login(scene.world.superuser, backend="django.contrib.auth.backends.ModelBackend")
    # What a question asks of a page (?criterion=4.8) is not asked of a form that is sent to it.
    asked = [line for line in TABLE if line.method == "GET" and "?" not in line.address]
    lines = [line for line in asked if is_own(name_of(scene.at(line.address)))]
    return [line for line in lines if "POST" in methods(browser, scene.at(line.address))]


@pytest.mark.alike
@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_read_a_page_may_not_post_to_it(
    scene: Scene, posted_to: list[Line], browser_of: Callable[..., Client], role: str
) -> None:
    browser, wrong = browser_of(role), {}
    before = contents(OF_REQUESTS)
    lines = [line for line in posted_to if line.expected(role) in REFUSED]
    for line in lines:
        answer = browser.post(scene.at(line.address), {"once": issue(scene.people[role] or AnonymousUser())})
        got, wanted = answered(answer, scene, line, role)
        if got != wanted:
            wrong[line.key] = f"{got}, not {wanted}"
    assert wrong == {}
    assert changed_tables(before, OF_REQUESTS) == set()
    assert len(lines) >= 10
