"""Figures of assessment: who sees whose, what they count, and what leaves as a file."""

from collections import Counter
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from assessment.queries_figures import figures, percentile
from courses.delivery.api import Registration
from lms.audit.models import AuditEvent
from tests.factories import World, make_learner, make_opened, make_submission, settle

CENTRE, OWN = "/quality/figures/", "/assess/figures/"


@pytest.fixture
def busy(world: World) -> World:
    """One released submission with two decisions, ten days after it was sent; one open and overdue; one elsewhere."""
    sent = timezone.now() - timedelta(days=10)
    settle(make_submission(world.registration, "1.1", "1.3", at=sent), by=world.assessor, outcomes={"1.3": "referred"})
    late = make_submission(world.registration, "1.9", at=timezone.now() - timedelta(days=40))
    type(late).objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    settle(make_submission(world.other.registration, "1.1"), by=world.other.assessor)
    return world


def of(world: World, **more):
    today = timezone.localdate()
    rows = Registration.objects.filter(centre=world.centre)
    return figures(rows, today - timedelta(days=30), today, today=today, **more)


def test_they_count_what_was_decided_and_what_is_open(busy: World):
    found = of(busy)
    assert (found.all.achieved, found.all.referred, found.all.referral_rate) == (1, 1, 50.0)
    assert (found.all.median, found.all.ninth, found.all.in_time_rate) == (10, 10, 100.0)
    assert (found.all.open, found.all.overdue) == (1, 1)
    assert dict(found.ages) == {"Up to 7 days": 0, "8 to 14 days": 0, "15 to 28 days": 0, "More than 28 days": 1}
    assert {group.name: group.decisions for group in found.assessors} == {"Asha Patel": 2}
    assert {group.name: group.decisions for group in found.cohorts} == {"Spring cohort": 2}
    assert sum(group.decisions for group in found.months) == 2
    assert found.all.is_few


def test_another_assessors_work_is_not_in_an_assessors_figures(busy: World):
    assert of(busy, assessor=busy.second_assessor.pk).all.decisions == 0
    assert of(busy, assessor=busy.assessor.pk).all.decisions == 2


@given(st.lists(st.integers(min_value=0, max_value=60), min_size=1, max_size=40), st.sampled_from([1, 50, 90, 100]))
def test_a_percentile_is_the_least_number_of_days_that_so_many_took_at_most(days: list[int], share: int):
    found = percentile(Counter(days), share)
    assert found in days
    assert sum(day <= found for day in days) * 100 >= share * len(days)
    assert all(sum(day <= less for day in days) * 100 < share * len(days) for less in days if less < found)


def test_of_nothing_there_is_no_percentile():
    assert percentile(Counter(), 50) is None


def test_nobody_reads_another_centres_figures(busy: World, client_of):
    for person in (busy.lead_iqa, busy.centre_admin, busy.iqa):
        page = client_of(person).get(CENTRE)
        assert page.context["figures"].all.decisions == 2
        assert b"Nia Bell" not in page.content
    other = client_of(busy.other.lead_iqa).get(CENTRE)
    assert other.context["figures"].all.decisions == 1
    assert b"Asha Patel" not in other.content
    asked = client_of(busy.lead_iqa).get(CENTRE, {"cohort": busy.other.cohort.pk})
    assert asked.context["figures"].all.decisions == 2


def test_an_iqa_reads_the_figures_of_their_own_trainees_only(busy: World, client_of):
    settle(make_submission(busy.other_registration, "1.1"), by=busy.area_senco)
    assert client_of(busy.lead_iqa).get(CENTRE).context["figures"].all.decisions == 3
    assert client_of(busy.iqa).get(CENTRE).context["figures"].all.decisions == 2


def test_an_assessor_reads_their_own(busy: World, client_of):
    settle(make_opened(busy.registration, "1.5"), by=busy.second_assessor)
    page = client_of(busy.assessor).get(OWN)
    assert page.context["figures"].all.decisions == 2
    assert b"Ben Okoro" not in page.content


def test_a_period_between_two_dates_needs_both_in_order(busy: World, client_of):
    browser, today = client_of(busy.lead_iqa), timezone.localdate()
    page = browser.get(CENTRE, {"period": "own", "begins": today.isoformat()})
    assert page.status_code == 422
    assert b"Give both dates" in page.content
    wrong = {"period": "own", "begins": today.isoformat(), "ends": (today - timedelta(days=1)).isoformat()}
    assert b"must not be before" in browser.get(CENTRE, wrong).content
    past = {"period": "own", "begins": "2020-01-01", "ends": "2020-12-31"}
    assert browser.get(CENTRE, past).context["figures"].all.decisions == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_is_saved_as_a_file_and_that_is_on_record(busy: World, client_of, kind: str):
    answer = client_of(busy.lead_iqa).post(f"{CENTRE}export/", {"table": "assessors", "form": kind})
    content = b"".join(answer.streaming_content)
    if kind == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert lines[1].startswith("Asha Patel,2,1,1,50")
        assert lines[2].startswith("All,2,1,1,50")
    else:
        rows = list(load_workbook(BytesIO(content)).active.values)
        assert rows[1][:5] == ("Asha Patel", 2, 1, 1, 50)
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor, event.subject) == ("report.exported", busy.lead_iqa, "report:figures")
    assert "Asha" not in event.canonical


@pytest.mark.parametrize("url", [CENTRE, "/cohorts/{cohort}/figures/"])
def test_the_pages_take_as_many_queries_whatever_there_is(busy: World, client_of, queries, url: str):
    def more() -> None:
        for _ in range(2):
            registration = make_learner(busy.cohort, assessor=busy.second_assessor)
            settle(make_submission(registration, "1.1"), by=busy.second_assessor)

    address = url.format(cohort=busy.cohort.ref)
    queries.pin(
        client_of(busy.lead_iqa), address, grow=more, exactly=len(queries.of(client_of(busy.lead_iqa), address))
    )
    assert len(queries.of(client_of(busy.lead_iqa), address)) <= 15
