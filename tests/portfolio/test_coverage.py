"""What the evidence covers, and the same evidence against another framework."""

import csv
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from courses.delivery.api import Registration, set_state
from portfolio.api import discard_draft
from tests.conftest import Queries
from tests.factories import (
    World,
    fill_portfolio,
    make_draft,
    make_learner,
    make_mapped_qualification,
    make_person,
    make_ready_evidence,
    make_submission,
    settle,
)
from tests.factories.learning import FRAMEWORK

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
URL = "/portfolio/coverage/"


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    """The trainee, signed in."""
    return client_of(world.trainee)


@pytest.fixture
def ao_learner() -> Registration:
    """A learner of the awarding organisation's own units."""
    return make_learner(qualification=make_mapped_qualification(), learner=make_person("Ada Reed"))


def words(browser: Client, url: str = URL) -> str:
    """The words of a page's main part, as they are read."""
    main = browser.get(url).content.decode().split('<main id="main-content">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def part(text: str, start: str, end: str) -> str:
    return text.split(start)[1].split(end)[0]


def table(browser: Client, query: str = "?format=csv") -> list[list[str]]:
    """A report as a spreadsheet reads it."""
    response = browser.get(URL + query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_a_new_portfolio_lacks_everything_and_says_what_will_do(world: World, browser: Client):
    text = words(browser)
    assert "0 of 60 criteria have evidence." in text
    assert "Reflect on own practice. Skill, about your own development: a reflective account" in text
    assert "Knowledge: something that you write will do." in text
    assert "Skill: show practice, such as an observation" in text
    assert "Skills without evidence of practice" not in text
    assert '<a href="/portfolio/evidence/new/?criterion=2.2.e">' in browser.get(URL).content.decode()


def test_evidence_moves_a_criterion_out_of_the_list_and_into_the_spread(world: World, browser: Client):
    make_draft(world.registration, "1.1", "1.2.a")
    make_draft(world.registration, "1.1")
    text = words(browser)
    assert "2 of 60 criteria have evidence." in text
    assert "1.1 Explain what Special Educational Needs" not in part(
        text, "Criteria without evidence", "Evidence for no"
    )
    assert part(text.split("How your evidence is spread")[1], "Section 1: ", "Section 2: ").startswith(
        "SEN identification and early action Pieces of evidence for each criterion of section 1 Criterion Pieces As a "
        "bar 1.1 2 1.2.a 1 1.2.b 0"
    )


def test_skill_with_only_written_evidence_is_named(world: World, browser: Client):
    make_draft(world.registration, "4.2.a", "2.4", kind="reflective_account")
    named = part(words(browser), "Skills without evidence of practice", "Evidence for no criterion")
    assert "4.2.a" in named
    assert "2.4" not in named.replace("2.4.", "")
    make_draft(world.registration, "4.2.a", kind="work_product")
    assert "Skills without evidence of practice" not in words(browser)


def test_evidence_for_no_criterion_is_listed_and_a_draft_in_the_bin_is_not(world: World, browser: Client):
    make_draft(world.registration, title="Loose notes", kind="case_study")
    binned = make_draft(world.registration, "1.3", title="Thrown away")
    discard_draft(binned, by=world.trainee, at=timezone.now())
    text = words(browser)
    assert "Loose notes Case study" in part(text, "Evidence for no criterion yet", "How your evidence")
    assert "Thrown away" not in text
    assert "0 of 60" in text


def test_own_coverage_as_a_table(world: World, browser: Client):
    settle(make_submission(world.registration, "1.1", title="=HYPERLINK(1)"), by=world.assessor)
    rows = table(browser)
    assert len(rows) == 61
    assert rows[0] == ["Criterion", "Statement", "Kind", "Status", "Pieces of evidence", "Evidence"]
    assert rows[1] == ["1.1", "Explain what Special Educational Needs (SEN) are.", "Knowledge", "Achieved", "1",
                       "'=HYPERLINK(1)"]  # fmt: skip


def test_others_evidence_is_never_counted(world: World, browser: Client):
    make_draft(world.other_registration, "1.1", title="Hers")
    assert "0 of 60" in words(browser)
    assert "Hers" not in words(browser)


def test_closed_registration_reads_but_adds_nothing(world: World, browser: Client):
    set_state(world.registration, Registration.State.SUSPENDED, by=None, role="centre", at=timezone.now())
    assert "0 of 60" in words(browser)
    assert "evidence/new/" not in browser.get(URL).content.decode().split("<main")[1].split("</main>")[0]


# Through mappings


def test_no_mapping_offers_no_other_framework(world: World, browser: Client):
    assert "Your qualification" not in words(browser)
    assert browser.get(f"{URL}?framework={FRAMEWORK}").status_code == 404
    assert browser.get(f"{URL}?framework=nothing-such").status_code == 404


def test_units_of_an_awarding_organisation_report_against_the_specification(
    ao_learner: Registration, client_of: Callable[..., Client]
):
    make_draft(ao_learner, "U1.1", "U2.1", title="What SEN are")
    make_draft(ao_learner, "U2.2", title="A review")
    browser = client_of(ao_learner.learner)
    assert "2 of 7" not in words(browser)
    assert "3 of 7 criteria have evidence." in words(browser)
    text = words(browser, f"{URL}?framework={FRAMEWORK}")
    # 1.1, 1.7.a to 1.7.d and 1.12; the mapping reaches 13 of the 60.
    assert "6 of 60 statements have evidence" in text
    assert "47 are not mapped to any of them." in text
    assert "Your U1.1 means the same Draft 1 piece of evidence for 1.1 What SEN are" in text
    assert "Your U2.1 covers part of it Draft 1 piece of evidence for 1.7.b What SEN are" in text
    assert "Your U2.2 is related Draft 1 piece of evidence for 1.12 A review" in text
    assert "Your U3.1 means the same Not started No evidence yet." in text
    assert "nothing is decided against this list" in text


def test_the_same_mapping_reports_the_other_way(world: World, browser: Client, ao_learner: Registration):
    make_ready_evidence(world.registration, "1.7.a", "1.7.b", title="One cycle")
    text = words(browser, f"{URL}?framework=ao-units")
    assert "1 of 7 statements have evidence" in text
    assert "1 is not mapped to any of them." in text
    cycle = part(text, "U2.1 Explain", "U2.2 Review")
    assert "Your 1.7.a covers it and more Draft Your 1.7.b covers it and more Draft Your 1.7.c" in cycle
    assert "1 piece of evidence for U2.1 One cycle" in cycle


def test_mapped_report_as_a_table(ao_learner: Registration, client_of: Callable[..., Client]):
    make_draft(ao_learner, "U4.1", title="Joint visit")
    rows = table(client_of(ao_learner.learner), f"?framework={FRAMEWORK}&format=csv")
    assert len(rows) == 61
    found = {row[0]: row[2:] for row in rows}
    assert found["4.2.c"] == ["U4.1 means the same (Draft)", "1", "Joint visit"]
    assert found["2.2.d"] == ["U4.1 is related (Draft)", "1", "Joint visit"]
    assert found["4.8"] == ["", "0", ""]


# Queries


def test_coverage_takes_the_same_queries_at_one_and_three(world: World, browser: Client, queries: Queries):
    make_draft(world.registration, "2.4")
    queries.pin(browser, URL, exactly=10, grow=lambda: [make_draft(world.registration, "1.2.a"),
                                                       make_draft(world.registration)])  # fmt: skip


def test_report_takes_the_same_queries_at_one_and_three(
    ao_learner: Registration, client_of: Callable[..., Client], queries: Queries
):
    make_draft(ao_learner, "U3.1")
    queries.pin(client_of(ao_learner.learner), f"{URL}?framework={FRAMEWORK}", exactly=11,
                grow=lambda: [make_draft(ao_learner, "U1.2"), make_draft(ao_learner)])  # fmt: skip


def test_a_full_portfolio_stays_within_the_budget(world: World, browser: Client, queries: Queries):
    make_mapped_qualification()
    fill_portfolio(world.registration, pieces=300)
    for url in (URL, f"{URL}?framework=ao-units"):
        assert len(queries.of(browser, url)) <= 15
    assert "60 of 60 criteria have evidence." in words(browser)
