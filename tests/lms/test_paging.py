"""Keyset pages: the whole list, once, in order, whichever way one walks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.accounts.api import User
from lms.common.paging import KeysetPage, keyset
from lms.notices.api import Notice
from tests.factories import make_person

DAY = datetime(2026, 3, 1, tzinfo=UTC)
ORDERS = [
    ["pk"], ["-pk"], ["-created_at", "-pk"], ["created_at", "-pk"], ["title", "pk"], ["-title", "created_at", "-pk"],
    ["user__name", "pk"],
]  # fmt: skip
# Few days and few titles, so that many rows are equal in all but their number.
FACTS = st.tuples(st.integers(0, 3), st.sampled_from(["Beech", "Ash", "Éclair", "ash", ""]))


@pytest.fixture
def ann(db: None) -> User:
    return make_person("Ann Lee")


def make(user: User, facts: list[tuple[int, str]]) -> None:
    """Exactly these notices are there."""
    Notice.objects.all().delete()
    Notice.objects.bulk_create(
        Notice(user=user, kind="test", title=title, url="/", created_at=DAY + timedelta(seconds=day, microseconds=day))
        for day, title in facts
    )


def page_at(url: str, order: list[str], size: int) -> KeysetPage:
    return keyset(RequestFactory().get(url), Notice.objects.all(), order, size=size)


def numbers(page: KeysetPage) -> list[int]:
    return [row.pk for row in page]


def whole(order: list[str]) -> list[int]:
    return list(Notice.objects.order_by(*order).values_list("pk", flat=True))


@settings(max_examples=60)
@given(facts=st.lists(FACTS, max_size=25), size=st.integers(1, 8), order=st.sampled_from(ORDERS))
def test_walking_forwards_gives_the_whole_list_once_and_back_gives_the_same_pages(
    ann: User, facts: list[tuple[int, str]], size: int, order: list[str]
):
    make(ann, facts)
    page = page_at("/list/", order, size)
    assert (page.previous_url, page.first_url) == (None, None)
    forwards = [numbers(page)]
    while page.next_url:
        page = page_at(page.next_url, order, size)
        assert page.previous_url
        assert page.first_url
        forwards.append(numbers(page))
        assert len(forwards) <= len(facts), "it goes round in circles"
    assert [number for found in forwards for number in found] == whole(order)
    assert [len(found) for found in forwards[:-1]] == [size] * (len(forwards) - 1)
    assert len(forwards[-1]) <= size
    backwards = [numbers(page)]
    while page.previous_url:
        page = page_at(page.previous_url, order, size)
        assert page.next_url
        backwards.insert(0, numbers(page))
        assert len(backwards) <= len(facts), "it goes round in circles"
    assert backwards == forwards
    assert page.first_url is None


@settings(max_examples=60)
@given(facts=st.lists(FACTS, min_size=1, max_size=20), size=st.integers(1, 6), order=st.sampled_from(ORDERS),
       data=st.data())  # fmt: skip
def test_rows_deleted_or_added_between_pages_neither_repeat_nor_skip_the_others(
    ann: User, facts: list[tuple[int, str]], size: int, order: list[str], data: st.DataObject
):
    make(ann, facts)
    expected, seen, url, added = whole(order), [], "/list/", 0
    while url:
        page = page_at(url, order, size)
        seen += numbers(page)
        assert len(seen) == len(set(seen))
        url = page.next_url
        gone = data.draw(st.sets(st.sampled_from(expected), max_size=4))
        Notice.objects.filter(pk__in=gone).delete()
        expected = [number for number in expected if number in seen or number not in gone] or [0]
        if added < 3:  # without an end to them, a list read one by one would never end either
            Notice.objects.create(user=ann, kind="test", title="New", url="/", created_at=DAY + timedelta(days=9))
            added += 1
    assert [number for number in seen if number in expected] == [n for n in expected if n]


@pytest.fixture
def forty(ann: User) -> list[int]:
    make(ann, [(number % 3, "Ash") for number in range(40)])
    return whole(["-created_at", "-pk"])


def positions(order: list[str]) -> dict[str, Any]:
    good = parse_qs(urlsplit(page_at("/list/", order, 5).next_url or "").query)["after"][0]
    elsewhere = parse_qs(urlsplit(page_at("/list/", ["title", "pk"], 5).next_url or "").query)["after"][0]
    return {
        "empty": "", "made up": "abc", "shortened": good[:-1], "lengthened": good + "x", "null": "\0",
        "turned": good[::-1], "of another list": elsewhere, "a bare number": "17",
        "signed for something else": signing.dumps([DAY.isoformat(), 3], salt="once"),
        "too short": signing.dumps([3], salt="keyset"), "not a list": signing.dumps(3, salt="keyset"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["after", "before"])
def test_a_position_that_was_tampered_with_shows_the_first_page(forty: list[int], name: str):
    order = ["-created_at", "-pk"]
    for what, position in positions(order).items():
        page = keyset(RequestFactory().get("/list/", {name: position}), Notice.objects.all(), order, size=5)
        assert numbers(page) == forty[:5], what
        assert page.previous_url is None, what


def test_other_parameters_are_kept_with_all_their_values(forty: list[int]):
    order = ["-created_at", "-pk"]
    others = {"state": ["late", "open"], "q": ["a&b=c é +"], "empty": [""]}
    first = keyset(RequestFactory().get("/list/", others), Notice.objects.all(), order, size=5)
    second = page_at(first.next_url or "", order, 5)
    third = page_at(second.next_url or "", order, 5)
    for page, links in ((first, ["next_url"]), (second, ["next_url", "previous_url", "first_url"]),
                        (third, ["next_url", "previous_url", "first_url"])):  # fmt: skip
        for link in links:
            address = urlsplit(getattr(page, link))
            query = parse_qs(address.query, keep_blank_values=True)
            position = query.keys() - others.keys()
            assert address.path == "/list/"
            assert {name: query[name] for name in others} == others
            assert position == {"next_url": {"after"}, "previous_url": {"before"}, "first_url": set()}[link]
    assert numbers(second) == forty[5:10]
    assert numbers(page_at(third.previous_url or "", order, 5)) == forty[5:10]
    assert numbers(page_at(third.first_url or "", order, 5)) == forty[:5]


def test_a_page_far_down_takes_one_query(forty: list[int], queries):
    page = page_at("/list/", ["-pk"], 5)
    for _ in range(6):
        page = page_at(page.next_url or "", ["-pk"], 5)
    with queries(1):
        page_at(page.next_url or "", ["-pk"], 5)
