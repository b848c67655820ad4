"""What happened month by month: evidence, submissions and feedback, as far as the reader may see it."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from portfolio.api import Submission, discard_draft, new_version
from tests.conftest import Queries
from tests.factories import World, decide_all, make_draft, make_submission, settle

pytestmark = pytest.mark.alike
LONDON = ZoneInfo("Europe/London")
URL = "/portfolio/timeline/"


def on(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=LONDON)


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    return client_of(world.trainee)


def text_of(browser: Client, query: str = "") -> str:
    response = browser.get(f"{URL}?{query}")
    assert response.status_code == 200
    main = response.content.decode().split('<main id="main-content">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def entries(browser: Client, query: str = "") -> list[str]:
    """The titles of what happened, in the order shown."""
    html = browser.get(f"{URL}?{query}").content.decode()
    return [unescape(title) for title in re.findall(r"timeline__entry[^>]*>\s*<h3>(.+?)</h3>", html)]


def history(world: World) -> Submission:
    """Evidence in March, submitted in April, feedback in June; a draft of a new version in June."""
    submission = make_submission(world.registration, "1.1", "1.2.a", title="My plan", at=on(3, 31, 23))
    settle(submission, by=world.assessor, outcomes={"1.2.a": "referred"}, at=on(6, 10))
    version = submission.items.first().versions.get()
    new_version(version.evidence, by=world.trainee, at=on(6, 12))
    make_draft(world.registration, "4.8", title="Later", at=on(6, 20))
    return submission


def test_the_last_month_comes_first_and_the_newest_on_top(world: World, browser: Client):
    history(world)
    assert entries(browser) == ["Work product started: “Later”", "New version of “My plan”",
                                "Feedback on submission 1"]  # fmt: skip
    shown = text_of(browser)
    feedback = "Changes needed Achieved: 1.1. Changes needed: 1.2.a Read the feedback"
    assert f"Asha Patel, 10 June 2026, 12:00 {feedback}" in shown
    assert "Earlier: March 2026" in shown
    assert entries(browser, "month=2026-03") == ["Submission 1 sent", "Work product started: “My plan”"]
    assert "Criteria 1.1, 1.2.a" in text_of(browser, "month=2026-03")
    assert "Later: June 2026" in text_of(browser, "month=2026-03")


def test_a_month_begins_at_midnight_here(world: World, browser: Client):
    make_draft(world.registration, "1.1", title="Before", at=datetime(2026, 3, 31, 23, 59, tzinfo=LONDON))
    make_draft(world.registration, "1.1", title="After", at=datetime(2026, 4, 1, 0, 0, tzinfo=LONDON))
    assert entries(browser) == ["Work product started: “After”"]
    assert entries(browser, "month=2026-03") == ["Work product started: “Before”"]


def test_one_criterion_alone(world: World, browser: Client):
    history(world)
    assert entries(browser, "criterion=4.8") == ["Work product started: “Later”"]
    shown = text_of(browser, "criterion=1.1&month=2026-06")
    assert "Achieved: 1.1 Read" in shown
    assert "1.2.a Read" not in shown
    assert "Nothing has happened for criterion 4.7 yet." in text_of(browser, "criterion=4.7")


def test_what_is_in_the_bin_is_not_told(world: World, browser: Client, at):
    version = make_draft(world.registration, "1.1", title="Gone")
    assert len(entries(browser)) == 1
    discard_draft(version, by=world.trainee, at=at)
    assert "Nothing has happened yet" in text_of(browser)


@pytest.mark.parametrize("query", ["month=nonsense", "month=2031-01", "criterion=9.9", "month=%00&criterion=%00"])
def test_what_is_not_known_shows_the_last_month(world: World, browser: Client, query: str):
    history(world)
    assert entries(browser, query) == entries(browser)


def test_allocated_staff_read_what_was_submitted_and_others_nothing(world: World, client_of: Callable[..., Client]):
    history(world)
    query = f"registration={world.registration.ref}"
    for person in (world.assessor, world.iqa):
        reader = client_of(person)
        assert entries(reader, query) == ["Feedback on submission 1"]
        assert entries(reader, f"{query}&month=2026-03") == ["Submission 1 sent", "Work product started: “My plan”"]
        assert f"{query}&amp;month=2026-03" in reader.get(f"{URL}?{query}").content.decode()
    for person in (world.other_trainee, world.lead_iqa, world.setting_manager, world.other.assessor):
        assert client_of(person).get(f"{URL}?{query}").status_code == 404


def test_a_draft_decision_is_not_told(world: World, browser: Client):
    decide_all(make_submission(world.registration, "1.1"), by=world.assessor)
    assert "Feedback" not in text_of(browser)


def test_the_same_queries_at_one_and_three(world: World, browser: Client, queries: Queries):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)

    def grow() -> None:
        settle(make_submission(world.registration, "1.2.a", "1.2.b"), by=world.assessor)
        settle(make_submission(world.registration, "1.3"), by=world.assessor, outcome="referred")

    queries.pin(browser, URL, grow=grow, exactly=15)
