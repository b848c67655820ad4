"""Every page that sign-in can show stands in our frame, in plain words."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User

PASSWORD = "a-long-quiet-river-7"
pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def person():
    cache.clear()
    user = User.objects.create_user("priya@centre.example", PASSWORD, name="Priya Nair")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def signed_in(person):
    client = Client()
    response = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert response.status_code == 302
    return client


def page(response, status=200) -> BeautifulSoup:
    """The page of a response, which must stand in our frame with one heading and no code left over."""
    assert response.status_code == status, (response.status_code, getattr(response, "url", ""))
    soup = BeautifulSoup(response.content, "html.parser")
    assert len(soup.select("header.top .logo")) == 1
    assert len(soup.select("main h1")) == 1
    assert soup.select_one("main h1").get_text(strip=True) in soup.title.get_text()
    assert not soup.select("[style], script:not([src]), style")
    assert not re.search(r"\{[{%]", soup.get_text())
    for label in soup.select("label[for]"):
        assert len(soup.select(f'[id="{label["for"]}"]')) == 1
    return soup


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def confirm_it_is_me(client) -> None:
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def turn_on_two_steps(client) -> None:
    form = client.get(reverse("mfa_activate_totp")).context["form"]
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(form.secret)})
    assert response.status_code == 302


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_signup", "account_inactive", "account_reset_password", "account_reset_password_done",
     "account_reset_password_from_key_done", "account_email_verification_sent"],
)  # fmt: skip
def test_pages_before_sign_in(client, name):
    page(client.get(reverse(name)))


@pytest.mark.parametrize(
    "name",
    ["account_logout", "account_email", "account_change_password", "account_reset_password", "account_reauthenticate",
     "mfa_index", "mfa_activate_totp"],
)  # fmt: skip
def test_pages_after_sign_in(signed_in, name):
    confirm_it_is_me(signed_in)
    page(signed_in.get(reverse(name)))


def test_sign_in_that_fails_says_so_and_leads_to_the_field(client, person):
    soup = page(client.post(reverse("account_login"), {"login": person.email, "password": ""}))

    assert [a["href"] for a in soup.select(".govuk-error-summary a")] == ["#id_password"]
    assert soup.title.get_text().startswith("Error: ")
    assert soup.select_one("#id_login")["value"] == person.email


def test_a_wrong_password_is_told_without_saying_whether_the_address_is_known(client, person):
    answers = [
        page(client.post(reverse("account_login"), {"login": email, "password": "wrong"}))
        .select_one(".govuk-error-summary li").get_text()
        for email in (person.email, "nobody@centre.example")
    ]  # fmt: skip

    assert answers[0] == answers[1] != ""


def test_nobody_makes_their_own_account(client):
    soup = page(client.post(reverse("account_signup"), {"email": "x@y.example", "password1": PASSWORD}))

    assert "You cannot make your own account" in soup.get_text()
    assert not User.objects.exists()


def test_demo_people_are_offered_only_in_the_demonstration(client):
    assert not page(client.get(reverse("account_login"))).select("button.person")


def test_a_forgotten_password_is_replaced_by_the_link_in_the_email(client, person, mailoutbox):
    page(client.post(reverse("account_reset_password"), {"email": person.email}, follow=True))
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    link = reverse("account_reset_password_from_key", kwargs={"uidb36": key.split("-")[0], "key": key.split("-", 1)[1]})
    response = client.get(link, follow=True)
    page(response)

    done = client.post(
        response.request["PATH_INFO"], {"password1": PASSWORD + "x", "password2": PASSWORD + "x"}, follow=True
    )

    page(done)
    person.refresh_from_db()
    assert person.check_password(PASSWORD + "x")


def test_a_link_that_was_used_says_how_to_get_another(client):
    soup = page(client.get(reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "set-x"})))

    assert soup.select_one("main a")["href"] == reverse("account_reset_password")


def test_a_person_without_a_password_chooses_one(signed_in, person):
    person.set_unusable_password()
    person.save()
    signed_in.force_login(person)

    page(signed_in.get(reverse("account_set_password")))


def test_an_address_is_confirmed_by_its_link(signed_in, person):
    address = EmailAddress.objects.create(user=person, email="new@centre.example", primary=False, verified=False)
    assert "Not confirmed yet." in page(signed_in.get(reverse("account_email"))).get_text()
    link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    page(signed_in.get(link))
    page(signed_in.get(reverse("account_confirm_email", args=["nonsense"])))

    signed_in.post(link)

    address.refresh_from_db()
    assert address.verified


def test_two_step_sign_in_from_turning_on_to_turning_off(signed_in, person):
    confirm_it_is_me(signed_in)
    turn_on_two_steps(signed_in)
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp",
                 "mfa_reauthenticate"):  # fmt: skip
        page(signed_in.get(reverse(name)))

    other = Client()
    step = other.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert step.url == reverse("mfa_authenticate")
    page(other.get(step.url))
    assert page(other.post(step.url, {"code": "000000"})).select(".govuk-error-summary a[href='#id_code']")

    signed_in.post(reverse("mfa_deactivate_totp"))
    assert "It is off" in page(signed_in.get(reverse("mfa_index"))).get_text()
