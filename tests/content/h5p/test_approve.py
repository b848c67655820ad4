"""Who lets a library run, what follows for the activities that need it, and what the database itself refuses."""

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from content.h5p.approve import approve, describe, refuse
from content.h5p.manage import describe as describe_activity
from content.h5p.manage import retire
from content.h5p.people import approvers
from content.h5p.shown import failures_of
from content.h5p.usage import Place, register
from content.models import H5PActivity, H5PLibrary, H5PVersion
from lms.accounts.api import Organisation, Role, User
from lms.audit.models import AuditEvent
from lms.common.errors import Refused
from lms.notices.models import Notice
from tests.factories import make_organisation, make_person
from tests.factories.h5p import library, make_activity, make_administrator, make_approver, package, take

pytestmark = pytest.mark.django_db
State = H5PVersion.State
TWO = package(libraries=[library(needs=["Test.Part 1.0"]), library("Test.Part 1.0")])


@pytest.fixture
def house() -> Organisation:
    return make_organisation("awarding_organisation")


@pytest.fixture
def author(house: Organisation) -> User:
    return make_person("Ada Author", (Role.AUTHOR, house))


def now() -> Any:
    return timezone.now()


def test_a_version_is_ready_when_the_last_of_its_libraries_is_approved(house, author):
    approver = make_approver(house)
    version = take(TWO, by=author, organisation=house).version
    first, second = version.libraries.order_by("machine_name")
    assert approve([first], by=approver, at=now()) == []
    version.refresh_from_db()
    assert version.state == State.WAITING
    assert approve([second], accessibility=" Mouse only ", note="Seen it", by=approver, at=now()) == [version]
    version.refresh_from_db()
    second.refresh_from_db()
    assert (version.state, version.activity.current) == (State.READY, version)
    assert (second.decided_by, second.accessibility, second.decision_note) == (approver, "Mouse only", "Seen it")
    assert failures_of(version.activity) == "Mouse only"
    assert Notice.objects.filter(user=author, title__contains="are approved").count() == 1
    assert AuditEvent.objects.filter(action="h5p.library_approved", actor=approver).count() == 2


def test_only_the_right_of_its_own_decides(house, author):
    version = take(by=author, organisation=house).version
    publisher = make_person("Pat Publisher", (Role.PUBLISHER, house))
    for person in (author, publisher):
        for act in (approve, lambda rows, **who: refuse(rows, note="No", **who)):
            with pytest.raises(PermissionDenied):
                act(version.libraries.all(), by=person, at=now())
        with pytest.raises(PermissionDenied):
            describe(version.main_library, accessibility="x", by=person, at=now())
    assert H5PLibrary.objects.get().state == "waiting"
    publisher.groups.add(approvers())
    approve(version.libraries.all(), by=User.objects.get(pk=publisher.pk), at=now())
    assert H5PLibrary.objects.get().state == "approved"


def test_a_refusal_says_why_and_its_versions_are_refused(house, author):
    version = take(by=author, organisation=house).version
    with pytest.raises(Refused, match="Say why"):
        refuse(version.libraries.all(), note="  ", by=make_administrator(), at=now())
    refuse(version.libraries.all(), note="It calls home", by=make_administrator(), at=now())
    version.refresh_from_db()
    assert (version.state, version.activity.current) == (State.REFUSED, None)
    assert Notice.objects.filter(user=author, title__contains="cannot be used").exists()


def test_an_approval_can_be_withdrawn_and_given_again(house, author):
    activity = make_activity(by=author, organisation=house)
    rows = H5PLibrary.objects.all()
    refuse(rows, note="A hole was found", by=make_administrator(), at=now())
    activity.refresh_from_db()
    assert activity.current.state == State.REFUSED
    assert not H5PActivity.objects.usable().exists()
    approve(rows, by=make_administrator(), at=now())
    assert H5PActivity.objects.usable().get() == activity


def test_withdrawing_leads_back_to_the_newest_version_that_is_ready(house, author):
    activity = make_activity(by=author, organisation=house)
    first = activity.current
    make_activity(package(libraries=[library(patchVersion=4)]), by=author, organisation=house, activity=activity)
    refuse(H5PLibrary.objects.filter(patch=4), note="Broken", by=make_administrator(), at=now())
    activity.refresh_from_db()
    assert (activity.current, activity.current.state) == (first, State.READY)


def test_nothing_chosen_is_nothing_decided():
    with pytest.raises(Refused, match="at least one"):
        approve([], by=make_administrator(), at=now())


def test_an_activity_needs_a_text_alternative_before_a_lesson_can_show_it(house, author):
    activity = take(by=author, organisation=house).activity
    approve(H5PLibrary.objects.all(), by=make_administrator(), at=now())
    assert not H5PActivity.objects.usable().exists()
    for text in ("", "<p></p>", "<p> <br> </p>", "<script>1</script>"):
        with pytest.raises(Refused, match="text alternative"):
            describe_activity(activity, title="Meals", text_alternative=text, by=author, at=now())
    with pytest.raises(Refused, match="title"):
        describe_activity(activity, title=" ", text_alternative="<p>x</p>", by=author, at=now())
    describe_activity(activity, title="Meals", text_alternative="<p>x<script>1</script></p>", by=author, at=now())
    found = H5PActivity.objects.usable().get()
    assert (found.title, found.current.text_alternative) == ("Meals", "<p>x</p>")


def test_another_organisation_changes_and_deletes_nothing(house, author):
    activity = make_activity(by=author, organisation=house)
    foreign = make_person("Fay Foreign", (Role.AUTHOR, make_organisation("awarding_organisation")))
    with pytest.raises(PermissionDenied):
        describe_activity(activity, title="Mine", text_alternative="<p>x</p>", by=foreign, at=now())
    with pytest.raises(PermissionDenied):
        retire(activity, by=foreign, at=now())
    assert list(H5PActivity.objects.visible_to(foreign)) == []
    assert list(H5PActivity.objects.visible_to(author)) == [activity]


def test_an_activity_that_a_page_shows_is_not_deleted(house, author, monkeypatch):
    monkeypatch.setattr("content.h5p.usage._counters", [])
    activity, other = (make_activity(by=author, organisation=house, title=title) for title in ("One", "Two"))
    register(lambda ids: {activity.pk: [Place("Meals"), Place("Snacks")]} if activity.pk in ids else {})
    with pytest.raises(Refused, match="“One” is used in “Meals”, “Snacks”"):
        retire(activity, by=author, at=now())
    retire(other, by=author, at=now())
    retire(other, by=author, at=now())
    assert list(H5PActivity.objects.listed()) == [activity]
    assert AuditEvent.objects.filter(action="h5p.retired").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_leave_no_version_waiting():
    house = make_organisation("awarding_organisation")
    author, administrator = make_person("Ada Author", (Role.AUTHOR, house)), make_administrator()
    version = take(TWO, by=author, organisation=house).version
    start = threading.Barrier(2)

    def decide(row: H5PLibrary) -> None:
        start.wait(10)
        approve([row], by=administrator, at=now())
        connection.close()

    threads = [threading.Thread(target=decide, args=[row]) for row in version.libraries.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    version.refresh_from_db()
    assert version.state == State.READY
