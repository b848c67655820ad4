"""Cohorts for an authority and a centre, and the centre's matching queue."""

import re
from typing import Any

import pytest
from django.urls import reverse

from courses.delivery.api import NumberMatch, give_number
from tests.factories import (
    World,
    make_cohort,
    make_draft,
    make_learner,
    make_submission,
    settle,
)
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def world() -> World:
    return world_again()


def map_of(cohort: Any) -> str:
    return reverse("delivery:cohort", args=[cohort.ref])


def once(page: Any) -> str:
    """The once-token of a page's form."""
    return re.search(r'name="once" value="([^"]+)"', page.content.decode())[1]


@pytest.mark.parametrize(
    ("who", "listed", "shown"),
    [("authority_manager", 200, 200), ("area_senco", 200, 200), ("centre_admin", 200, 200), ("lead_iqa", 200, 200),
     ("assessor", 403, 404), ("iqa", 403, 404), ("trainee", 403, 404), ("setting_manager", 403, 404),
     ("eqa", 403, 404), ("superuser", 403, 404)],
)  # fmt: skip
def test_rule_35_cohorts_open_for_their_authority_and_centre(world, client_of, who, listed, shown):
    browser = client_of(getattr(world, who))
    assert browser.get("/cohorts/").status_code == listed
    assert browser.get(map_of(world.cohort)).status_code == shown


def test_rule_35_another_authoritys_cohort_is_404_and_not_listed(world, client_of):
    for person in (world.other.authority_manager, world.other.centre_admin, world.other.lead_iqa):
        browser = client_of(person)
        assert browser.get(map_of(world.cohort)).status_code == 404
        assert [row.pk for row in browser.get("/cohorts/").context["page"]] == [world.other.cohort.pk]


def test_map_shows_progress_by_section_and_no_way_to_evidence(world, client_of):
    settle(make_submission(world.registration, "1.1", "1.2.a"), by=world.assessor)
    page = client_of(world.authority_manager).get(map_of(world.cohort))
    tara = next(row for row in page.context["rows"] if row.registration.learner == world.trainee)
    assert [(cell.code, cell.achieved, cell.heat) for cell in tara.cells] == [
        ("1", 2, 1), ("2", 0, 0), ("3", 0, 0), ("4", 0, 0)
    ]  # fmt: skip
    text = page.content.decode()
    main = text[text.index("<main") : text.index("</main>")]
    assert "Willow Tree Nursery" in main
    assert "Asha Patel, Ben Okoro" in main
    assert "/assess/" not in main
    assert "/portfolio/" not in main


def test_map_says_in_words_what_is_happening_and_filters_by_it(world, client_of):
    def learner(name: str) -> Any:
        return make_learner(world.cohort, setting=world.setting, assessor=world.assessor, name=name)

    make_draft(learner("On Theway"), "1.1")
    make_submission(learner("Wait Ing"), "1.1", "1.2.a")
    changed = learner("Change Needed")
    settle(make_submission(changed, "1.1"), by=world.assessor, outcome="referred")
    make_submission(changed, "1.2.a")
    codes = [criterion.code for criterion in world.qualification.framework.criteria.all()]
    settle(make_submission(learner("All Done"), *codes), by=world.assessor)
    browser = client_of(world.centre_admin)
    words = {row.registration.learner.name: row.words for row in browser.get(map_of(world.cohort)).context["rows"]}
    assert words == {
        "Tara Walsh": "Not started",
        "Una Brown": "Not started",
        "On Theway": "On the way",
        "Wait Ing": "Waiting for the assessor: 2 criteria",
        "Change Needed": "Changes needed: 1 criterion; 1 with the assessor",
        "All Done": "All achieved",
    }
    for key, names in (("waiting", {"Wait Ing"}), ("changes-needed", {"Change Needed"}),
                       ("all-achieved", {"All Done"}), ("on-the-way", {"On Theway"}),
                       ("not-started", {"Tara Walsh", "Una Brown"})):  # fmt: skip
        rows = browser.get(f"{map_of(world.cohort)}?happening={key}").context["rows"]
        assert {row.registration.learner.name for row in rows} == names, key
    found = browser.get(f"{map_of(world.cohort)}?q=una").context["rows"]
    assert [row.registration.learner.name for row in found] == ["Una Brown"]


def test_last_activity_is_the_learners_own(world, client_of):
    browser = client_of(world.authority_manager)
    rows = {row.registration.pk: row for row in browser.get(map_of(world.cohort)).context["rows"]}
    assert rows[world.registration.pk].last_activity is None
    submission = make_submission(world.registration, "1.1")
    rows = {row.registration.pk: row for row in browser.get(map_of(world.cohort)).context["rows"]}
    before = rows[world.registration.pk].last_activity
    assert before is not None
    settle(submission, by=world.assessor)
    rows = {row.registration.pk: row for row in browser.get(map_of(world.cohort)).context["rows"]}
    assert rows[world.registration.pk].last_activity == before


def test_map_goes_on_after_50_trainees(world, client_of):
    for number in range(51):
        make_learner(world.cohort, setting=world.setting, assessor=world.assessor, name=f"Learner {number:02}")
    browser = client_of(world.centre_admin)
    first = browser.get(map_of(world.cohort)).context["page"]
    assert (len(first), len(browser.get(first.next_url).context["page"])) == (50, 3)


def test_map_takes_12_queries_however_many_trainees(world, client_of, queries):
    cohort = make_cohort(world.qualification, world.centre, world.authority, name="Small")
    make_learner(cohort, setting=world.setting, assessor=world.assessor, name="One")

    def grow() -> None:
        for name in ("Two", "Three"):
            more = make_learner(cohort, setting=world.setting, assessor=world.assessor, name=name)
            make_submission(more, "1.1")

    queries.pin(client_of(world.centre_admin), map_of(cohort), grow=grow, exactly=12)


def test_list_takes_the_same_queries_however_many_cohorts(world, client_of, queries):
    def grow() -> None:
        for name in ("Second", "Third"):
            make_cohort(world.qualification, world.centre, world.authority, name=name)

    queries.pin(client_of(world.centre_admin), "/cohorts/", grow=grow, exactly=7)


def test_rule_40_centre_settles_a_number_and_is_told_nothing_of_the_other(world, client_of, at):
    give_number(world.other.registration, "1234567899", by=world.other.trainee, at=at)
    assert give_number(world.registration, "1234567899", by=world.trainee, at=at) is False
    match = NumberMatch.objects.get()
    address = reverse("delivery:settle_match", args=[match.pk])
    for person, status in ((world.lead_iqa, 403), (world.authority_manager, 403), (world.other.centre_admin, 404)):
        assert client_of(person).get(address).status_code == status
    browser = client_of(world.centre_admin)
    assert "1 learner number to settle" in browser.get(map_of(world.cohort)).content.decode()
    queue = browser.get("/cohorts/numbers/").content.decode()
    assert "Tara Walsh" in queue
    assert "1234567899" in queue
    assert "Tess North" not in queue + browser.get(address).content.decode()
    token = once(browser.get(address))
    assert browser.post(address, {"once": token, "outcome": ""}).status_code == 422
    answer = browser.post(address, {"once": token, "outcome": "A digit was wrong"})
    assert answer.url == "/cohorts/numbers/"
    match.refresh_from_db()
    assert (match.outcome, match.settled_by) == ("A digit was wrong", world.centre_admin)
    assert browser.post(address, {"once": token, "outcome": "Again"}).url == "/cohorts/numbers/"
    assert "No number to settle" in browser.get("/cohorts/numbers/").content.decode()
