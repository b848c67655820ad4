"""The editor's screens: uploading, deciding, lists, the chooser, deleting."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.h5p.intake import take_in
from content.h5p.usage import Place
from content.models import H5PActivity, H5PLibrary, H5PUpload, H5PVersion
from courses.pages.authors import follow_membership
from lms.accounts.api import Organisation, Role, User
from tests.factories import make_organisation, make_person
from tests.factories.h5p import library, make_activity, make_approver, package, take

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
LIST, CHOOSE = "/cms/snippets/content/h5pactivity/", "/cms/snippets/choose/content/h5pactivity/"
WAIT = "/cms/h5p/libraries/"


@pytest.fixture
def house() -> Organisation:
    return make_organisation("awarding_organisation")


@pytest.fixture
def author(house: Organisation) -> User:
    person = make_person("Ada Author", (Role.AUTHOR, house))
    for membership in person.memberships.all():
        follow_membership(membership)
    return person


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def once(answer: Any) -> str:
    return answer.context["once"]


def test_an_author_uploads_and_an_approver_approves(house, author):
    client = browser(author)
    token = once(client.get(reverse("h5p_admin:new")))
    sent = {"once": token, "purpose": "Meals", "title": ""}
    answer = client.post(reverse("h5p_admin:new"), sent | {"package": SimpleUploadedFile("a.h5p", package())})
    upload = H5PUpload.objects.get()
    assert answer.url == reverse("h5p_admin:upload", args=[upload.ref])
    again = client.post(reverse("h5p_admin:new"), sent | {"package": SimpleUploadedFile("a.h5p", package())})
    assert (again.url, H5PUpload.objects.count()) == (answer.url, 1)
    assert "Waiting to be checked" in client.get(answer.url).content.decode()
    assert client.get(answer.url, headers={"Accept": "application/json"}).json()["over"] is False
    take_in(upload.pk, at=None)
    assert "Libraries that wait for approval" in client.get(answer.url).content.decode()

    approver = browser(make_approver(house))
    page = approver.get(reverse("h5p_admin:waiting"))
    assert "Ada Author" in page.content.decode()
    row = H5PLibrary.objects.get()
    said = {"once": once(page), "library": row.pk, "decision": "approve", "accessibility": "Mouse only", "note": ""}
    approver.post(reverse("h5p_admin:decide"), said)
    row.refresh_from_db()
    assert (row.state, row.accessibility) == ("approved", "Mouse only")


def test_a_refused_package_says_every_reason(house, author):
    upload = take(package(title="", files={"content/a.exe": b""}), by=author, organisation=house)
    page = browser(author).get(reverse("h5p_admin:upload", args=[upload.ref])).content.decode()
    assert "This file was not taken" in page
    for reason in upload.reasons:
        assert reason["message"] in page


def test_a_form_that_lacks_something_keeps_what_was_typed(author):
    client = browser(author)
    token = once(client.get(reverse("h5p_admin:new")))
    answer = client.post(reverse("h5p_admin:new"), {"once": token, "purpose": "Meals with Pip"})
    assert (answer.status_code, "Choose the H5P file." in answer.content.decode()) == (422, True)
    assert "Meals with Pip" in answer.content.decode()


def test_a_refusal_without_a_reason_is_asked_for_again(house, author):
    take(by=author, organisation=house)
    client = browser(make_approver(house))
    row = H5PLibrary.objects.get()
    for where in (reverse("h5p_admin:waiting"), reverse("h5p_admin:library", args=[row.pk])):
        page = client.get(where)
        said = {"once": once(page), "library": row.pk, "decision": "refuse", "note": "", "next": page.context["next"]}
        answer = client.post(reverse("h5p_admin:decide"), said)
        assert (answer.status_code, "Say why." in answer.content.decode()) == (422, True)
    assert H5PLibrary.objects.get().state == "waiting"


def test_a_forged_library_is_pointed_out(house, author):
    make_activity(by=author, organisation=house)
    forged = take(package(libraries=[library(js={"a.js": "x"})]), by=author, organisation=house).version.main_library
    client = browser(make_approver(house))
    for page in (reverse("h5p_admin:waiting"), reverse("h5p_admin:library", args=[forged.pk])):
        assert "Somebody may have changed it." in client.get(page).content.decode()


def test_only_what_is_ready_and_described_is_offered_with_what_is_known_against_it(house, author):
    ready = make_activity(by=author, organisation=house, title="Ready one")
    H5PLibrary.objects.update(accessibility="Cards need a mouse")
    waits = package(libraries=[library("Test.Other 1.0")], main="Test.Other 1.0")
    take(waits, by=author, organisation=house, title="Waiting one")
    bare = take(by=author, organisation=house, title="Undescribed one")
    foreign = make_organisation("awarding_organisation")
    make_activity(by=make_person("Fay", (Role.AUTHOR, foreign)), organisation=foreign, title="Foreign one")
    assert bare.version.state == "ready"
    page = browser(author).get(CHOOSE).json()["html"]
    found = [title for title in ("Ready one", "Waiting one", "Undescribed one", "Foreign one") if title in page]
    assert found == [ready.title]
    assert "Cards need a mouse" in page
    assert "Ready one" in browser(author).get(f"{CHOOSE}results/?q=ready").content.decode()


def test_an_activity_is_described_in_the_editor(house, author):
    activity = make_activity(by=author, organisation=house)
    page = browser(author).get(f"{LIST}edit/{activity.pk}/").content.decode()
    assert "Version 1" in page
    for rest in ("", "preview/"):
        assert f"/authoring/activities/{activity.ref}/{rest}" in page
        assert browser(author).get(f"/authoring/activities/{activity.ref}/{rest}").status_code == 200
    raw = '{"blocks":[{"key":"a","text":"On paper, too.","type":"unstyled","depth":0,"inlineStyleRanges":[],'
    raw += '"entityRanges":[]}],"entityMap":{}}'
    answer = browser(author).post(f"{LIST}edit/{activity.pk}/", {"title": "New title", "text_alternative": raw})
    assert answer.status_code == 302
    activity.refresh_from_db()
    assert activity.title == "New title"
    assert "On paper, too." in activity.current.text_alternative


@pytest.mark.parametrize("where", ["one", "bulk"])
def test_what_is_used_is_not_deleted_and_the_rest_leaves_the_list(house, author, monkeypatch, where: str):
    used, free = (make_activity(by=author, organisation=house, title=title) for title in ("Used", "Free"))
    monkeypatch.setattr("content.h5p.usage._counters", [lambda ids: {used.pk: [Place("Meals")]}])
    client = browser(author)
    for row in (used, free):
        one = f"{LIST}delete/{row.pk}/"
        client.post(one if where == "one" else f"/cms/bulk/content/h5pactivity/delete/?id={row.pk}&next=/cms/")
    assert list(H5PActivity.objects.listed()) == [used]
    assert H5PVersion.objects.count() == 2, "files and rows go in time"


def test_a_library_is_never_deleted_by_hand(house, author):
    take(by=author, organisation=house)
    row = H5PLibrary.objects.get()
    client = browser(make_approver(house))
    client.post(f"/cms/snippets/content/h5plibrary/delete/{row.pk}/")
    client.post(f"/cms/bulk/content/h5plibrary/delete/?id={row.pk}&next=/cms/")
    assert H5PLibrary.objects.get() == row


@pytest.mark.parametrize("address", [LIST, CHOOSE, "/cms/snippets/content/h5plibrary/", WAIT])
def test_lists_ask_the_same_however_long_they_are(house, author, address: str):
    client = browser(make_approver(house) if address == WAIT else author)

    def upload(name: str, take_in: Callable[..., Any]) -> None:
        take_in(package(libraries=[library(f"{name} 1.0")], main=f"{name} 1.0"), by=author, organisation=house)

    def asked() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    upload("Test.Ready", make_activity)
    upload("Test.Waits", take)
    one = asked()
    for number in range(2):
        upload(f"Test.More{number}", make_activity)
        upload(f"Test.Other{number}", take)
    assert asked() == one
