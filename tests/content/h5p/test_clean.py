"""Each night what nobody needs leaves the store, and never what any content uses."""

import os
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from content.h5p import store
from content.h5p.approve import approve, refuse
from content.h5p.clean import clean
from content.h5p.manage import retire
from content.h5p.usage import Place
from content.models import H5PActivity, H5PLibrary, H5PUpload, H5PVersion
from lms.accounts.api import Organisation, Role, User
from tests.factories import make_organisation, make_person
from tests.factories.h5p import library, make_activity, make_administrator, make_upload, package, take

from .test_intake import assert_whole, everything

pytestmark = pytest.mark.django_db
LATER = timedelta(days=40)


@pytest.fixture
def house() -> Organisation:
    return make_organisation("awarding_organisation")


@pytest.fixture
def author(house: Organisation) -> User:
    return make_person("Ada Author", (Role.AUTHOR, house))


def age() -> datetime:
    """Forty days from now, when all that lies in the store is forty days old."""
    return timezone.now() + LATER


def test_what_is_used_stays(house, author):
    make_activity(by=author, organisation=house)
    before = everything()
    clean(age())
    assert everything() == before
    assert_whole()


def test_a_deleted_activity_goes_with_its_files_and_the_decision_on_its_library_stays(house, author):
    activity = make_activity(by=author, organisation=house)
    retire(activity, by=author, at=timezone.now())
    clean(timezone.now() + timedelta(days=20))
    assert H5PActivity.objects.exists(), "somebody may want it back"
    clean(age())
    assert not H5PActivity.objects.exists() | H5PVersion.objects.exists()
    assert everything() == {store.LIBRARIES: [], store.CONTENTS: [], store.ORIGINALS: []}
    assert H5PLibrary.objects.get().state == "approved"
    again = take(by=author, organisation=house)
    assert again.version.state == "ready", "what was decided about the same bytes holds"
    assert_whole()


def test_a_deleted_activity_that_a_page_still_shows_stays(house, author, monkeypatch):
    activity = make_activity(by=author, organisation=house)
    retire(activity, by=author, at=timezone.now())
    monkeypatch.setattr("content.h5p.usage._counters", [lambda ids: {pk: [Place("Meals")] for pk in ids}])
    clean(age())
    assert_whole()


def test_a_library_that_another_activity_runs_stays(house, author):
    one, other = (make_activity(package(title=title, content={"label": title}), by=author, organisation=house)
                  for title in ("One", "Two"))  # fmt: skip
    retire(one, by=author, at=timezone.now())
    clean(age())
    assert list(H5PActivity.objects.all()) == [other]
    assert [len(names) for names in everything().values()] == [1, 1, 1]
    assert_whole()


def test_a_replaced_version_goes_and_the_newest_stays(house, author):
    activity = make_activity(by=author, organisation=house)
    make_activity(package(content={"label": "new"}), by=author, organisation=house, activity=activity)
    clean(timezone.now() + timedelta(days=20))
    assert H5PVersion.objects.count() == 2
    clean(age())
    assert [version.number for version in H5PVersion.objects.all()] == [2]
    assert_whole()


def test_trees_that_no_row_names_go_after_a_day(house, author):
    make_activity(by=author, organisation=house)
    for kind, name in ((store.LIBRARIES, "0" * 64), (store.CONTENTS, "1" * 64), (store.BUNDLES, f"{'2' * 64}.js.gz")):
        (store.root() / kind / name).mkdir(parents=True)
    (store.root() / store.LIBRARIES / f".{'3' * 64}.leaving").mkdir()
    clean(timezone.now())
    assert len(store.names(store.LIBRARIES)) == 3, "they may belong to an upload that is being stored"
    clean(timezone.now() + timedelta(days=2))
    assert len(store.names(store.LIBRARIES)) == 1
    assert store.names(store.BUNDLES) == []
    assert_whole()


def test_bundles_of_what_is_used_stay(house, author):
    activity = make_activity(by=author, organisation=house)
    name = f"{activity.current.content_hash}.css.gz"
    (store.root() / store.BUNDLES).mkdir(exist_ok=True)
    (store.root() / store.BUNDLES / name).write_bytes(b"x")
    clean(age())
    assert store.names(store.BUNDLES) == [name]


def test_an_upload_that_was_never_finished_is_given_up(house, author):
    upload = make_upload(by=author, organisation=house)
    clean(timezone.now() + timedelta(days=2))
    assert store.incoming(upload.ref).exists(), "its job may still come"
    clean(timezone.now() + timedelta(days=8))
    upload.refresh_from_db()
    assert (upload.state, [reason["code"] for reason in upload.reasons]) == ("refused", ["stale"])
    assert not store.incoming(upload.ref).exists()
    clean(timezone.now() + timedelta(days=100))
    assert not H5PUpload.objects.exists()


def test_a_library_that_was_never_decided_on_goes_with_the_last_that_needs_it(house, author):
    activity = take(by=author, organisation=house).activity
    clean(age())
    assert H5PLibrary.objects.count() == 1
    retire(activity, by=author, at=timezone.now())
    clean(age())
    assert not H5PLibrary.objects.exists()


ACTS = st.lists(st.sampled_from(["new", "new part", "replace", "retire", "approve", "refuse", "month", "day"]),
                max_size=12)  # fmt: skip


@settings(max_examples=12)
@given(ACTS, st.integers(0, 1000))
def test_whatever_happens_cleaning_never_removes_what_content_uses(house, author, acts: list[str], seed: int):
    from django.db import transaction

    with transaction.atomic():
        happen(house, author, acts, random.Random(seed))
        transaction.set_rollback(True)


def happen(house: Organisation, author: User, acts: list[str], chance: random.Random) -> None:
    at, administrator = timezone.now(), make_administrator()
    live = H5PActivity.objects.listed().filter(organisation=house)

    def send(parts: int, **said: Any) -> None:
        needs = [f"Test.Part 1.{number}" for number in range(parts)]
        data = package(libraries=[library(needs=needs), *map(library, needs)], content={"label": chance.random()})
        take(data, by=author, organisation=house, at=at, **said)

    send(1)
    for act in [*acts, "month"]:
        some = chance.choice([*live]) if live else None
        match act:
            case "new" | "new part":
                send(chance.randrange(3))
            case "replace" if some:
                send(chance.randrange(3), activity=some)
            case "retire" if some:
                retire(some, by=author, at=at)
            case "approve" | "refuse" if H5PLibrary.objects.exists():
                rows = [chance.choice([*H5PLibrary.objects.all()])]
                if act == "approve":
                    approve(rows, by=administrator, at=at)
                else:
                    refuse(rows, note="No", by=administrator, at=at)
            case "month" | "day":
                at += timedelta(days=31 if act == "month" else 2)
                clean(at)
        for version in H5PVersion.objects.filter(activity__retired_at__isnull=True):
            assert (store.root() / store.CONTENTS / version.content_hash / "content.json").is_file()
            assert (store.root() / version.original).is_file()
            for row in version.libraries.all():
                assert all((store.root() / store.LIBRARIES / row.tree_hash / path).is_file() for path in row.files)
        assert all(one.current or not one.versions.filter(state="ready") for one in live), "one that is ready is shown"
    assert os.listdir(store.root())
