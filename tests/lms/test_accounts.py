"""People and their roles: email addresses in any case, and roles by date."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import authenticate
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lms.accounts.api import Membership, Organisation, Role, User, end_membership, grant_membership, is_staff_of
from lms.audit.models import AuditEvent
from lms.common.errors import Refused
from tests.factories import World, make_learner, make_organisation, make_person
from tests.helpers import nothing_changes

PASSWORD = django_settings.DEMO_PASSWORD


@pytest.fixture
def centre(db: None) -> Organisation:
    return make_organisation(Organisation.Kind.CENTRE, "Havenshire Training")


@pytest.fixture
def ann(db: None) -> User:
    return make_person("Ann Lee", email="ann.lee@people.example")


# Sign-in


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["ann.lee@people.example", "Ann.Lee@People.Example", "  ANN.LEE@PEOPLE.EXAMPLE "])
def test_an_email_address_is_kept_in_lower_case_and_signs_in_however_it_is_typed(client: Client, typed: str):
    user = User.objects.create_user(typed, PASSWORD, name="Ann Lee")
    assert user.email == "ann.lee@people.example"
    for attempt in ("ann.lee@people.example", "ANN.LEE@PEOPLE.EXAMPLE", " Ann.Lee@people.example "):
        browser = Client()
        answer = browser.post("/account/login/", {"login": attempt, "password": PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/"), attempt
        assert browser.session["_auth_user_id"] == str(user.pk)
    assert authenticate(username="ANN.lee@people.example", password=PASSWORD) == user
    wrong = client.post("/account/login/", {"login": user.email, "password": PASSWORD + "x"})
    assert wrong.status_code in (200, 422)
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_mended_with_the_address_in_any_case(ann: User, client: Client):
    client.post("/account/password/reset/", {"email": "ANN.Lee@People.example"})
    assert [message.to for message in mail.outbox] == [["ann.lee@people.example"]]


@pytest.mark.django_db
def test_a_system_administrator_made_at_the_shell_has_a_lower_case_address_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, email="Root@People.Example", name="Root", verbosity=0)
    assert User.objects.get().email == "root@people.example"


def test_nobody_signs_themselves_up(db: None, client: Client):
    form = {"email": "new@people.example", "password1": "long-enough-9", "password2": "long-enough-9"}
    with nothing_changes():
        answers = [client.get("/account/signup/"), client.post("/account/signup/", form)]
    assert {answer.status_code for answer in answers} <= {200, 302, 403, 404}
    assert "_auth_user_id" not in client.session


def test_a_person_who_is_not_active_does_not_sign_in(ann: User, client: Client):
    User.objects.filter(pk=ann.pk).update(is_active=False)
    client.post("/account/login/", {"login": ann.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


# Roles by date


@hypothesis_settings(max_examples=60)
@given(starts=st.integers(-3, 3), length=st.one_of(st.none(), st.integers(0, 4)))
def test_a_role_is_held_from_its_first_to_its_last_day_and_on_no_other(centre, ann: User, starts: int, length):
    today = timezone.localdate()
    first = today + timedelta(days=starts)
    last = None if length is None else first + timedelta(days=length)
    Membership.objects.filter(user=ann).delete()
    Membership.objects.create(user=ann, organisation=centre, role=Role.ASSESSOR, starts_on=first, ends_on=last)
    held = first <= today and (last is None or today <= last)
    user = User.objects.get(pk=ann.pk)
    assert user.has_role(Role.ASSESSOR) is held
    assert user.organisations(Role.ASSESSOR) == ({centre.pk} if held else set())
    assert is_staff_of(user, centre.pk, Role.ASSESSOR) is held
    assert [m.role for m in user.current_memberships] == (["assessor"] if held else [])
    for offset in range(-4, 9):
        day = today + timedelta(days=offset)
        inside = first <= day and (last is None or day <= last)
        assert Membership.objects.current(day).filter(user=ann).exists() is inside


def test_a_role_that_starts_tomorrow_or_ended_yesterday_opens_no_page(centre, at, client_of: Callable[..., Client]):
    today = timezone.localdate()
    opens = {}
    for name, starts, ends in (("now", 0, None), ("tomorrow", 1, None), ("gone", -9, -1), ("last day", -9, 0)):
        user = make_person(name)
        role = grant_membership(user, centre, Role.ASSESSOR, starts_on=today + timedelta(starts), by=None, at=at)
        if ends is not None:
            end_membership(role, ends_on=today + timedelta(ends), by=None, at=at)
        opens[name] = client_of(user).get("/assess/").status_code
    assert opens == {"now": 200, "tomorrow": 403, "gone": 403, "last day": 200}


def test_a_role_is_held_where_it_was_given_and_as_what(centre, ann: User, at):
    other = make_organisation(Organisation.Kind.CENTRE)
    for organisation, role in ((centre, Role.ASSESSOR), (centre, Role.IQA), (other, Role.TUTOR)):
        grant_membership(ann, organisation, role, starts_on=at.date(), by=None, at=at)
    assert ann.has_role(Role.TUTOR, Role.EQA)
    assert not ann.has_role(Role.EQA, Role.LEAD_IQA)
    assert ann.organisations(Role.ASSESSOR, Role.TUTOR) == {centre.pk, other.pk}
    assert ann.organisations(Role.IQA) == {centre.pk}
    assert not is_staff_of(ann, other.pk, Role.ASSESSOR, Role.IQA)
    assert not is_staff_of(ann, centre.pk)


def events() -> list[tuple[str, Any]]:
    found = AuditEvent.objects.filter(action__startswith="membership").order_by("pk")
    return list(found.values_list("action", "actor"))


def test_a_role_is_not_given_twice_and_not_ended_twice(centre, ann: User, at):
    root = make_person("Root")
    role = grant_membership(ann, centre, Role.ASSESSOR, starts_on=date(2026, 1, 5), by=root, at=at)
    with (
        nothing_changes(),
        pytest.raises(Refused, match="Ann Lee already has this role at Havenshire Training") as held,
    ):
        grant_membership(ann, centre, Role.ASSESSOR, starts_on=date(2026, 2, 1), by=root, at=at)
    assert held.value.code == "membership-held"
    end_membership(role, ends_on=date(2026, 3, 1), by=root, at=at)
    with nothing_changes(), pytest.raises(Refused, match="already ended") as ended:
        end_membership(role, ends_on=date(2026, 4, 1), by=root, at=at)
    assert ended.value.code == "membership-ended"
    grant_membership(ann, centre, Role.ASSESSOR, starts_on=date(2026, 3, 2), by=None, at=at)
    assert events() == [("membership.granted", root.pk), ("membership.ended", root.pk), ("membership.granted", None)]
    assert Membership.objects.filter(user=ann).count() == 2


def test_a_role_does_not_end_before_it_starts(centre, ann: User, at):
    role = grant_membership(ann, centre, Role.ASSESSOR, starts_on=date(2026, 5, 1), by=None, at=at)
    with nothing_changes(), pytest.raises(Refused) as caught:
        end_membership(role, ends_on=date(2026, 4, 30), by=None, at=at)
    assert caught.value.code == "membership-dates"
    end_membership(role, ends_on=date(2026, 5, 1), by=None, at=at)


def test_the_header_offers_the_homes_of_the_roles_held_today(world: World):
    def homes(user: User) -> set[str]:
        return {home.key for home in User.objects.get(pk=user.pk).homes}

    before = homes(world.assessor)
    Membership.objects.filter(user=world.assessor).update(ends_on=timezone.localdate() - timedelta(days=1))
    after = homes(world.assessor)
    assert after < before
    make_learner(world.cohort, learner=world.assessor)
    assert homes(world.assessor) > after


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Tara Walsh", "Tara", "Walsh"), ("Tara", "Tara", ""), ("Tara van Dyk", "Tara", "van Dyk")],
)
def test_a_person_is_greeted_by_the_first_word_of_their_name(name: str, first: str, last: str):
    user = User(name=name)
    assert (user.first_name, user.last_name, user.get_full_name(), str(user)) == (first, last, name, name)
