"""A centre's limit on one evidence file: who sets it, what it may be, and that the act is on record."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from courses.delivery.api import set_evidence_limit
from lms.accounts.api import Role, grant_membership
from lms.audit.models import AuditEvent
from tests.factories import World, make_organisation, make_person
from tests.helpers import actions_since, last_event, nothing_changes, refused

PAGE = "/cohorts/centre/"


def form(browser: Client, limit: str, centre: int) -> dict[str, str]:
    """The page's form for a centre, filled in."""
    once = re.search(r'name="once" value="([^"]+)"', browser.get(PAGE).content.decode())
    assert once
    return {"once": once.group(1), "centre": str(centre), f"centre{centre}-limit": limit}


def test_an_administrator_sets_the_limit_and_it_is_on_record(world: World, client_of: Callable[..., Client]):
    browser, before = client_of(world.centre_admin), last_event()
    assert 'href="/cohorts/centre/"' in browser.get("/cohorts/").content.decode()
    assert "Now: up to 500 MB" in browser.get(PAGE).content.decode()
    answer = browser.post(PAGE, form(browser, "250", world.centre.pk), follow=True)
    assert f"One evidence file at {world.centre.name} may now have up to 250 MB." in answer.content.decode()
    world.centre.refresh_from_db()
    assert world.centre.evidence_limit_mb == 250
    assert actions_since(before) == ["centre.limit_set"]
    assert AuditEvent.objects.latest("pk").role == "centre_administrator"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Say how many MB."),
        ("many", "Give the limit as a whole number, such as 500."),
        ("0", "The limit must be 1 MB or more."),
        ("2001", "The limit must be 2000 MB or less."),
    ],
)
def test_nonsense_is_shown_again_with_the_reason(
    world: World, client_of: Callable[..., Client], typed: str, words: str
):
    browser = client_of(world.centre_admin)
    with nothing_changes():
        answer = browser.post(PAGE, form(browser, typed, world.centre.pk))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_centre{world.centre.pk}-limit">{words}</a>' in page
    assert f'value="{typed}"' in page or not typed


def test_another_centre_is_not_there_and_others_have_no_right(world: World, client_of: Callable[..., Client]):
    browser = client_of(world.centre_admin)
    sent = form(browser, "250", world.centre.pk)
    other = world.other.registration.centre
    with nothing_changes():
        answer = browser.post(PAGE, {**sent, "centre": str(other.pk), f"centre{other.pk}-limit": "250"})
    assert answer.status_code == 404
    assert client_of(world.lead_iqa).get(PAGE).status_code == 403
    assert "/cohorts/centre/" not in client_of(world.lead_iqa).get("/cohorts/").content.decode()


def test_who_runs_two_centres_sets_each(world: World, client_of: Callable[..., Client]):
    both = make_person(
        "Bo Two",
        (Role.CENTRE_ADMINISTRATOR, world.centre),
        (Role.CENTRE_ADMINISTRATOR, world.other.registration.centre),
    )
    browser = client_of(both)
    browser.post(PAGE, form(browser, "30", world.other.registration.centre.pk))
    for one in (world.centre, world.other.registration.centre):
        one.refresh_from_db()
    limits = [one.evidence_limit_mb for one in (world.centre, world.other.registration.centre)]
    assert limits == [500, 30]


def test_the_domain_refuses_others_and_limits_out_of_range_and_records_nothing_twice(world: World):
    at = timezone.now()
    with refused("centre-right"):
        set_evidence_limit(world.centre, 250, by=world.other.centre_admin, at=at)
    setting = world.registration.placements.get().setting
    with refused("centre-right"):
        set_evidence_limit(setting, 250, by=world.centre_admin, at=at)
    for wrong in (0, 2001):
        with refused("centre-limit"):
            set_evidence_limit(world.centre, wrong, by=world.centre_admin, at=at)
    with nothing_changes():
        set_evidence_limit(world.centre, 500, by=world.centre_admin, at=at)


def test_the_page_takes_the_same_queries_for_one_centre_and_three(
    world: World, client_of: Callable[..., Client], queries
):
    def two_more() -> None:
        for _ in range(2):
            centre = make_organisation("centre")
            grant_membership(world.centre_admin, centre, Role.CENTRE_ADMINISTRATOR, starts_on=timezone.localdate(),
                             by=None, at=timezone.now())  # fmt: skip

    queries.pin(client_of(world.centre_admin), PAGE, grow=two_more, exactly=5)
