"""Who supports which setting: the authority's list, what it calls the role, and other authorities."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from courses.delivery.api import SettingSupport, record_support, set_role_title
from tests.factories import World, make_organisation, make_person
from tests.helpers import actions_since, last_event, nothing_changes, refused
from tests.permissions.forms import form_of

PAGE = "/cohorts/support/"


def post(browser: Client, page: str, **typed: Any) -> Any:
    """The page's own form, filled in."""
    fields = form_of(browser.get(page).content.decode(), page, page.partition("?")[0])
    return browser.post(page, {**fields, **typed}, follow=True)


def day(name: str, value: Any) -> dict[str, str]:
    """A date as it is typed."""
    return {f"{name}_day": str(value.day), f"{name}_month": str(value.month), f"{name}_year": str(value.year)}


def test_several_settings_are_given_at_once_and_ended(world: World, client_of: Callable[..., Client]):
    browser, today = client_of(world.authority_manager), timezone.localdate()
    assert PAGE in browser.get("/cohorts/").content.decode()
    both = [world.setting.pk, world.other_setting.pk]
    answer = post(browser, PAGE, settings=both, person=world.area_senco.pk, **day("starts_on", today))
    assert f"{world.area_senco.name} supports 2 settings" in answer.content.decode()
    row = SettingSupport.objects.get(setting=world.setting)
    answer = post(browser, f"{PAGE}{row.pk}/end/", **day("ends_on", today + timedelta(days=3)))
    assert f"support of {world.setting.name} ends on" in answer.content.decode()
    row.refresh_from_db()
    assert row.ends_on == today + timedelta(days=3)


def test_what_was_ticked_comes_back_with_the_reason(world: World, client_of: Callable[..., Client]):
    browser = client_of(world.authority_manager)
    with nothing_changes():
        answer = post(browser, PAGE, settings=[world.setting.pk], person="", starts_on_day="31", starts_on_month="2",
                      starts_on_year="2026")  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_person">Choose who supports the settings.</a>' in page
    assert "Enter a real date" in page
    assert f'value="{world.setting.pk}" checked' in page
    answer = post(browser, PAGE, person=world.area_senco.pk)
    assert 'href="#id_settings_0">Tick at least one setting in the list.</a>' in answer.content.decode()


def test_the_list_is_filtered_by_name_and_by_who_supports(world: World, client_of: Callable[..., Client]):
    record_support(world.authority, [world.setting], world.area_senco, starts_on=timezone.localdate(),
                   by=world.authority_manager, at=timezone.now())  # fmt: skip
    browser = client_of(world.authority_manager)

    def shown(query: str) -> set[str]:
        page = browser.get(f"{PAGE}?{query}").content.decode()
        return {place.name for place in (world.setting, world.other_setting, world.other.setting) if place.name in page}

    both = {world.setting.name, world.other_setting.name}
    assert shown("") == both
    assert shown("q=willow") == {world.setting.name}
    assert shown("person=nobody") == {world.other_setting.name}
    assert shown(f"person={world.area_senco.pk}") == {world.setting.name}
    assert shown("person=nonsense") == both
    assert "No setting matches" in browser.get(f"{PAGE}?q=zzz").content.decode()


def test_another_authority_sees_and_ends_nothing(world: World, client_of: Callable[..., Client]):
    (row,) = record_support(
        world.authority, [world.setting], world.area_senco, starts_on=timezone.localdate(), by=world.authority_manager,
        at=timezone.now(),
    )  # fmt: skip
    stranger = client_of(world.other.authority_manager)
    assert world.setting.name not in stranger.get(PAGE).content.decode()
    assert stranger.get(f"{PAGE}{row.pk}/end/").status_code == 404
    assert stranger.get(f"{PAGE}?authority={world.authority.pk}").status_code == 404
    for person in (world.area_senco, world.centre_admin, world.lead_iqa, world.trainee):
        assert client_of(person).get(PAGE).status_code == 403


def test_the_title_of_the_role_is_the_authoritys(world: World, client_of: Callable[..., Client]):
    browser, before = client_of(world.authority_manager), last_event()
    answer = post(browser, f"{PAGE}title/", title=" Inclusion  Officer ")
    assert "now read “Inclusion Officer”" in answer.content.decode()
    assert actions_since(before) == ["organisation.title_set"]
    for person, address in (
        (world.trainee, "/help/"),
        (world.area_senco, "/help/"),
        (world.area_senco, "/assess/settings/"),
    ):
        assert "Inclusion Officer" in client_of(person).get(address).content.decode()
    assert "Inclusion Officer" not in client_of(world.other.trainee).get("/help/").content.decode()
    post(browser, f"{PAGE}title/", title="")
    world.authority.refresh_from_db()
    assert world.authority.role_title == "Area SENCO"


def test_only_its_cohort_managers_set_the_title(world: World, at):
    for by in (world.area_senco, world.other.authority_manager, world.centre_admin):
        with refused("support-right"):
            set_role_title(world.authority, "Adviser", by=by, at=at)
    with refused("title-length"):
        set_role_title(world.authority, "x" * 61, by=world.authority_manager, at=at)


@pytest.mark.parametrize("number", [3])
def test_the_list_takes_the_same_queries_however_many_settings(
    world: World, client_of: Callable[..., Client], queries, number: int
):
    def grow() -> None:
        places = [make_organisation(local_authority=world.authority) for _ in range(number)]
        person = make_person(None, ("area_senco", world.authority))
        record_support(world.authority, places, person, starts_on=timezone.localdate(), by=world.authority_manager,
                       at=timezone.now())  # fmt: skip

    grow()
    queries.pin(client_of(world.authority_manager), PAGE, grow=grow, exactly=9)
