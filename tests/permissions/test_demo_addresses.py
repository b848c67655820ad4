"""The demonstration's sign-in without a password exists in the demonstration only, and knows its own people only."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import clear_url_caches

import lms.urls
from lms.accounts.api import User
from lms.common.context import DEMO_PEOPLE
from tests.factories import make_person

pytestmark = pytest.mark.alike
NAMES = {"demo_sign_in", "demo_mailbox"}
LIST = """
import django
django.setup()
from tests.permissions.addresses import walk
print(*sorted(name for name in walk() if "demo" in name))
"""
PRODUCTION = {
    "SECRET_KEY": "k" * 60, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "ALLOWED_HOSTS": "pathway.example",
    "REDIS_URL": "redis://127.0.0.1:1/0", "CELERY_BROKER_URL": "redis://127.0.0.1:1/1",
    "EVIDENCE_SCANNER": "none",
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings_name", "environment", "found"),
    [("production", PRODUCTION, set()), ("test", {}, set()), ("demo", {}, NAMES)],
)
def test_only_the_demonstration_has_addresses_of_its_own(
    settings_name: str, environment: dict[str, str], found: set[str], tmp_path: Path
) -> None:
    own = {"DJANGO_SETTINGS_MODULE": f"lms.settings.{settings_name}", "SENCO_VAR": str(tmp_path)}
    inherited = {name: value for name, value in os.environ.items() if name not in PRODUCTION}
    ran = subprocess.run(
        [sys.executable, "-c", LIST], env=inherited | environment | own, cwd=Path(lms.urls.__file__).parent.parent,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert set(ran.stdout.split()) == found


@pytest.fixture
def in_demo(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The product's URLconf as the demonstration has it."""
    settings.DEMO = True
    spec = importlib.util.spec_from_file_location("lms_urls_of_the_demonstration", lms.urls.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    settings.ROOT_URLCONF = spec.name
    yield
    clear_url_caches()


def signed_in(browser: Client) -> str | None:
    """The id of who is signed in."""
    return browser.session.get("_auth_user_id")


@pytest.mark.django_db
def test_the_demonstration_signs_in_its_own_people_and_nobody_else(in_demo: None) -> None:
    people = {person["email"]: make_person(email=person["email"]) for person in DEMO_PEOPLE}
    for email, user in people.items():
        browser = Client()
        assert browser.post("/demo/sign-in/", {"person": email}).status_code == 302
        assert signed_in(browser) == str(user.pk)
    strangers = [
        make_person(email="somebody@people.example"),
        make_person(email="root@people.example", is_superuser=True, is_staff=True),
        make_person(email="trainee@demo.example.org"),
    ]
    asked = [user.email for user in strangers] + ["", "TRAINEE@demo.example", str(strangers[1].pk)]
    for email in asked:
        browser = Client()
        assert browser.post("/demo/sign-in/", {"person": email}).status_code == 404
        assert signed_in(browser) is None


@pytest.mark.django_db
def test_the_demonstration_signs_in_nobody_who_has_left_and_takes_no_forged_post(in_demo: None) -> None:
    left = make_person(email=DEMO_PEOPLE[0]["email"], is_active=False)
    browser = Client()
    assert browser.post("/demo/sign-in/", {"person": left.email}).url == "/account/login/"
    assert signed_in(browser) is None
    User.objects.filter(pk=left.pk).update(is_active=True)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/sign-in/", {"person": left.email}).status_code == 403
    assert signed_in(strict) is None


@pytest.mark.django_db
def test_the_mailbox_of_the_demonstration_is_only_read(in_demo: None) -> None:
    assert Client().get("/demo/mailbox/").status_code == 200
    assert Client().post("/demo/mailbox/").status_code == 405
