"""Once-tokens: a form posted twice makes one thing; a form that cannot be trusted makes none."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db import IntegrityError
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.accounts.api import Organisation, User
from lms.common import once
from lms.common.errors import Refused
from lms.common.models import OnceToken
from tests.factories import make_organisation, make_person
from tests.helpers import nothing_changes
from tests.lms.test_jobs import in_threads


@pytest.fixture
def ann(db: None) -> User:
    return make_person("Ann Lee")


def post(user: Any, token: str | None) -> HttpRequest:
    """The form as it comes back."""
    request = RequestFactory().post("/", {} if token is None else {"once": token})
    request.user = user
    return request


def names() -> list[str]:
    return list(Organisation.objects.filter(name__startswith="Made").order_by("pk").values_list("name", flat=True))


def make(name: str = "Made") -> str:
    make_organisation(name=name)
    return f"/made/{len(names())}/"


BAD = {
    "missing": lambda user: None,
    "empty": lambda user: "",
    "made up": lambda user: "abc:def:ghi",
    "another person's": lambda user: once.issue(make_person("Ben Low")),
    "a stranger's": lambda user: once.issue(AnonymousUser()),
    "signed for something else": lambda user: signing.dumps([user.pk, "x" * 16], salt="keyset"),
    "of another shape": lambda user: signing.dumps(user.pk, salt=once.SALT),
    "too short": lambda user: signing.dumps([user.pk], salt=once.SALT),
    "with nulls": lambda user: "\0\0:\0:\0",
    "very long": lambda user: "a" * 100_000,
}


@pytest.mark.parametrize("what", BAD)
def test_a_form_with_a_bad_token_is_refused_in_words_and_changes_nothing(ann: User, what: str):
    token = BAD[what](ann)
    with nothing_changes(), pytest.raises(Refused) as caught:
        once.act_once(post(ann, token), make)
    assert caught.value.code == "once-expired"
    assert "send it again" in caught.value.message


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_nobody_acts_without_signing_in(db: None, token: str | None):
    for given_token in (token, once.issue(AnonymousUser())):
        with nothing_changes(), pytest.raises(Refused):
            once.act_once(post(AnonymousUser(), given_token), make)


def test_a_form_is_good_for_a_week_and_no_longer(ann: User, monkeypatch: pytest.MonkeyPatch):
    now, week = time.time(), once.MAX_AGE_SECONDS
    assert week == 7 * 24 * 3600
    with monkeypatch.context() as then:
        then.setattr("django.core.signing.time.time", lambda: now - week - 60)
        old = once.issue(ann)
        then.setattr("django.core.signing.time.time", lambda: now - week + 60)
        young = once.issue(ann)
    with nothing_changes(), pytest.raises(Refused, match="open for too long"):
        once.act_once(post(ann, old), make)
    assert once.act_once(post(ann, young), make).url == "/made/1/"


@settings(max_examples=40)
@given(data=st.data())
def test_a_token_with_any_character_changed_is_refused(ann: User, data: st.DataObject):
    token = once.issue(ann)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[place]))
    with pytest.raises(Refused):
        once.read(post(ann, token[:place] + other + token[place + 1 :]))
    assert once.read(post(ann, token))


@settings(max_examples=6)
@given(times=st.integers(1, 6))
def test_a_form_posted_again_redirects_to_the_same_place_and_acts_once(ann: User, times: int):
    before, token = len(names()), once.issue(ann)
    addresses = {once.act_once(post(ann, token), make).url for _ in range(times)}
    assert addresses == {f"/made/{before + 1}/"}
    assert len(names()) == before + 1


def test_two_forms_make_two_things(ann: User):
    assert once.issue(ann) != once.issue(ann)
    first, second = (once.act_once(post(ann, once.issue(ann)), make).url for _ in range(2))
    assert (first, second, len(names())) == ("/made/1/", "/made/2/", 2)


@pytest.mark.parametrize("error", [Refused("rule-00-test", "Say when it was."), RuntimeError("broken")])
def test_an_action_that_raises_leaves_nothing_and_the_same_form_works_afterwards(ann: User, error: Exception):
    token = once.issue(ann)

    def fails() -> str:
        make("Made half")
        raise error

    for _ in range(2):
        with nothing_changes(), pytest.raises(type(error)) as caught:
            once.act_once(post(ann, token), fails)
        assert caught.value is error
    assert once.act_once(post(ann, token), make).url == "/made/1/"
    assert names() == ["Made"]


def test_an_integrity_error_of_the_action_itself_is_not_taken_for_a_form_posted_twice(ann: User):
    token = once.issue(ann)

    def breaks() -> str:
        make("Made half")
        User.objects.create(email=ann.email, name="A second Ann")
        return "/never/"

    with nothing_changes(), pytest.raises(IntegrityError):
        once.act_once(post(ann, token), breaks)
    assert once.act_once(post(ann, token), make).url == "/made/1/"


def test_the_token_that_acted_is_kept_with_who_used_it(ann: User):
    url = once.act_once(post(ann, once.issue(ann)), make).url
    row = OnceToken.objects.get()
    assert (row.used_by, row.result_url) == (ann, url)


@pytest.mark.django_db(transaction=True)
def test_the_same_form_posted_twice_at_once_acts_once(ann: User):
    token = once.issue(ann)

    def slowly() -> str:
        url = make()
        time.sleep(0.2)
        return url

    def send() -> str:
        return once.act_once(post(ann, token), slowly).url

    assert in_threads(send, send, send) == ["/made/1/"] * 3
    assert names() == ["Made"]
