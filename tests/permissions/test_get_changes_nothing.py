"""Reading never changes state: GET and HEAD of every address, by somebody who may read it, change no row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.helpers import changed_tables, contents

from .addresses import is_own, name_of, walk
from .scene import Scene
from .table import ROLES, SIGN_IN, TABLE, Line

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.alike]
SESSIONS = {"django_session"}
# Packages keep notes of their own on whoever looks at their pages: the editor, whom to tell of comments and how it is
# liked; sign-in, a copy of the email address. Nothing of ours is in these, and none of our pages writes them.
OF_PACKAGES = {
    "wagtailusers_userprofile", "wagtailcore_pagesubscription", "wagtailadmin_editingsession", "account_emailaddress",
}  # fmt: skip
READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


def readers(line: Line) -> list[str]:
    """The roles for which an address opens; a POST address is asked by those who may post to it."""
    return [role for role in ROLES if line.expected(role) not in (SIGN_IN, 403, 404)] or ["owner"]


@contextmanager
def written(tables_left_out: set[str]) -> Iterator[list[str]]:
    """Every statement that writes, while the block runs."""
    found: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip("( \n").upper().startswith(READING) and not any(name in sql for name in tables_left_out):
            found.append(sql[:120])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_changes_no_row(scene: Scene, browser_of: Callable[..., Client], method: str) -> None:
    browsers = {role: browser_of(role) for role in ROLES}
    before, wrote, odd, asked = contents(SESSIONS | OF_PACKAGES), {}, {}, set()
    for line in TABLE:
        address = scene.at(line.address)
        name = name_of(address)
        role = readers(line)[0]
        with written(SESSIONS | (set() if is_own(name) else OF_PACKAGES)) as statements:
            answer = getattr(browsers[role], method)(address)
        asked.add(name)
        if statements:
            wrote[f"{method} {line.address} as {role}"] = statements
        status = answer.status_code
        if line.method == "POST" and status != 405 and name not in ALSO_READ:
            odd[line.address] = status
        if line.method == "GET" and isinstance(line.expected(role), int) and status != line.expected(role):
            odd[line.address] = status
    assert wrote == {}
    assert odd == {}
    assert changed_tables(before, SESSIONS | OF_PACKAGES) == set()
    assert asked == set(walk())


# Addresses of the table's POST lines that one may read, too.
ALSO_READ = {
    "assessment:decide", "assessment:take_over", "assessment:release", "assessment:take", "assessment:open",
    "assessment:location_sheet", "portfolio:combine", "portfolio:bin_delete", "portfolio:withdraw",
    "assessment:check", "assessment:plan_discard", "assessment:plan_line", "assessment:plan_line_remove",
    "assessment:record_marks", "assessment:undo", "assessment:together",
}  # fmt: skip


def test_the_watch_sees_a_write(scene: Scene, browser_of: Callable[..., Client]) -> None:
    """What the test above counts on: a write is noticed both ways."""
    browser = browser_of("owner")
    before = contents(SESSIONS)
    with written(SESSIONS) as statements:
        browser.post("/notices/")
    assert any("lms_notice" in sql for sql in statements)
    assert changed_tables(before, SESSIONS) == {"lms_notice"}


def test_reading_sign_out_signs_nobody_out(browser_of: Callable[..., Client]) -> None:
    browser = browser_of("owner")
    for _ in range(2):
        assert browser.get("/account/logout/").status_code == 200
    assert browser.get("/learn/").status_code == 200


def test_every_own_address_says_which_methods_it_takes(scene: Scene, browser_of: Callable[..., Client]) -> None:
    """A view without a method list would act on whatever comes."""
    browser = browser_of("owner")
    silent = {}
    for line in TABLE:
        address = scene.at(line.address)
        if is_own(name_of(address)):
            answer = browser.put(address)
            if answer.status_code != 405 or "PUT" in answer.headers["Allow"]:
                silent[line.address] = answer.status_code
    assert silent == {}
