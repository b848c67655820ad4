"""The assessment plan as pages: writing it, answering it, seeing it at home, following it in a calendar."""

import re
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from assessment.domain.calendar import end_calendar_key, make_calendar_key
from assessment.domain.plan import begin_plan, propose_plan, save_line
from assessment.ics import LONDON, VISIT_MINUTES, Entry, calendar_of
from assessment.models import AssessmentPlan, PlannedAssessment
from lms.common.once import issue
from tests.assessment.planning import agreed, drafted, line, proposed
from tests.factories import World, make_learner, make_submission, settle

pytestmark = pytest.mark.alike
db = pytest.mark.django_db
TODAY = timezone.localdate()
MINE, ANSWER, LEARN = "/portfolio/assessment-plan/", "/portfolio/assessment-plan/answer/", "/learn/"


def plan_url(registration, name: str = "plan", *more) -> str:
    return reverse(f"assessment:{name}", args=[registration.ref, *more])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def once(browser: Client, url: str) -> str:
    return re.search(r'name="once" value="([^"]+)"', browser.get(url).content.decode()).group(1)


@pytest.fixture
def desk(world: World, client_of) -> Client:
    return client_of(world.assessor)


@pytest.fixture
def home(world: World, client_of) -> Client:
    return client_of(world.trainee)


@db
class TestWriting:
    def test_from_nothing_to_a_plan_that_waits(self, world, desk):
        here = plan_url(world.registration)
        assert "There is no plan yet" in text_of(desk.get(here))
        desk.post(plan_url(world.registration, "plan_begin"), {"once": once(desk, here)})
        ref = uuid4()
        where = plan_url(world.registration, "plan_line", ref)
        typed = {
            "what": "Leading a meeting", "method": "observation", "criterion": ["1.1", "1.2.a"], "due_on_0": "3",
            "due_on_1": "12", "due_on_2": str(TODAY.year + 1), "is_visit": "on", "starts": "2.30pm", "minutes": "45",
            "place": "Willow Tree",
        }  # fmt: skip
        fields = re.findall(r'name="(due_on_\w+)"', desk.get(where).content.decode())
        typed |= dict(zip(fields, ("3", "12", str(TODAY.year + 1)), strict=True))
        assert desk.post(where, typed).url == f"{here}#line-{ref}"
        row = PlannedAssessment.objects.get(ref=ref)
        assert (row.starts, row.minutes, row.due_on) == (time(14, 30), 45, date(TODAY.year + 1, 12, 3))
        assert {each.code for each in row.criteria.all()} == {"1.1", "1.2.a"}
        desk.post(plan_url(world.registration, "plan_propose"), {"once": once(desk, here), "then": "propose"})
        page = text_of(desk.get(here))
        assert "waiting for Tara" in page
        assert "Leading a meeting" in page

    def test_what_is_typed_wrongly_comes_back_with_everything_else(self, world, desk, at):
        begin_plan(world.registration, by=world.assessor, at=at)
        where = plan_url(world.registration, "plan_line", uuid4())
        names = re.findall(r'name="(due_on_\w+)"', desk.get(where).content.decode())
        typed = {"what": "Keep these words", "criterion": ["1.3"], "starts": "later", "minutes": "some",
                 names[0]: "31", names[1]: "2", names[2]: "2027"}  # fmt: skip
        response = desk.post(where, typed)
        assert response.status_code == 422
        page = response.content.decode()
        for words in ("Keep these words", 'value="later"', 'value="some"', 'value="31"', "Enter a real date",
                      "Enter a time", "Give whole minutes"):  # fmt: skip
            assert words in page
        assert re.search(r'value="1.3" checked', page)
        assert not PlannedAssessment.objects.exists()

    def test_a_slip_in_the_year_is_asked_about(self, world, desk, at):
        begin_plan(world.registration, by=world.assessor, at=at)
        where = plan_url(world.registration, "plan_line", uuid4())
        names = re.findall(r'name="(due_on_\w+)"', desk.get(where).content.decode())
        response = desk.post(where, dict(zip(names, ("3", "12", "2206"), strict=True)))
        assert "Check the year" in text_of(response)

    def test_a_colleagues_change_is_shown_beside_what_was_typed(self, world, desk, at):
        plan = drafted(world.registration, line("1.1", what="As it was"), by=world.assessor)
        row = plan.lines.get()
        where = plan_url(world.registration, "plan_line", row.ref)
        base = re.search(r'name="base" value="(\w+)"', desk.get(where).content.decode()).group(1)
        save_line(plan, row.ref, line("1.3", what="Theirs now"), by=world.second_assessor, at=at)
        response = desk.post(where, {"what": "Mine now", "base": base})
        page = response.content.decode()
        assert response.status_code == 422
        for words in ("Theirs now", "Mine now", "What is saved now"):
            assert words in page
        base = re.search(r'name="base" value="(\w+)"', page).group(1)
        assert desk.post(where, {"what": "Mine now", "base": base}).status_code == 302

    def test_what_it_lacks_is_named_with_where_to_mend_it(self, world, desk, at):
        plan = drafted(world.registration, line("1.1", due_on=None), by=world.assessor)
        here = plan_url(world.registration)
        response = desk.post(plan_url(world.registration, "plan_propose"),
                             {"once": once(desk, here), "then": "propose", "reason": "Because of this"})  # fmt: skip
        assert response.status_code == 422
        page = response.content.decode()
        assert "has no date" in page
        assert plan_url(world.registration, "plan_line", plan.lines.get().ref) + "#id_due_on_0" in page

    def test_criteria_achieved_or_in_another_line_are_marked_and_asked_for_ones_ticked(self, world, desk):
        drafted(world.registration, line("1.5"), by=world.assessor)
        settle(make_submission(world.registration, "1.3"), by=world.assessor)
        page = desk.get(plan_url(world.registration, "plan_line", uuid4()) + "?criteria=1.6,1.8").content.decode()
        assert set(re.findall(r'value="([\d.a-z]+)" checked', page)) == {"1.6", "1.8"}
        marked = dict(re.findall(
            r'name="criterion" type="checkbox" value="([\d.a-z]+)".*?plan-pick__state"[^>]*>(.*?)</span></div>', page,
            re.DOTALL))  # fmt: skip
        assert "Achieved" in marked["1.3"]
        assert "In another line" in marked["1.5"]
        assert "In another line" not in marked["1.6"]

    def test_after_feedback_it_offers_to_revise_and_fills_the_line_in(self, world, desk):
        agreed(world.registration, line("1.1"), by=world.assessor)
        submission = settle(make_submission(world.registration, "1.3", "1.4"), by=world.assessor, outcome="referred")
        here = f"{plan_url(world.registration)}?after={submission.ref}"
        assert "has changes to make for 1.3, 1.4" in text_of(desk.get(here))
        desk.post(plan_url(world.registration, "plan_begin"),
                  {"once": once(desk, here), "after": str(submission.ref)})  # fmt: skip
        draft = AssessmentPlan.objects.get(number=2)
        assert {each.code for row in draft.lines.all() for each in row.criteria.all()} == {"1.1", "1.3", "1.4"}
        assert desk.get(f"{plan_url(world.registration)}?after=nonsense").status_code == 200

    def test_removing_deleting_and_taking_back_are_asked_for_once(self, world, desk, at):
        plan = drafted(world.registration, line("1.1"), line("1.3"), by=world.assessor)
        remove = plan_url(world.registration, "plan_line_remove", plan.lines.first().ref)
        desk.post(remove, {"once": once(desk, remove)})
        assert plan.lines.count() == 1
        propose_plan(plan, by=world.assessor, at=at)
        here = plan_url(world.registration)
        desk.post(plan_url(world.registration, "plan_take_back"), {"once": once(desk, here)})
        assert "Plan 2: a draft" in text_of(desk.get(here))
        discard = plan_url(world.registration, "plan_discard")
        desk.post(discard, {"once": once(desk, discard)})
        assert "Plan 1 was taken back" in text_of(desk.get(here))

    def test_a_quality_assurer_reads_and_is_offered_nothing_to_write(self, world, client_of):
        agreed(world.registration, line("1.1", what="To be read"), by=world.assessor)
        page = client_of(world.iqa).get(plan_url(world.registration)).content.decode()
        assert "To be read" in page
        assert '<form method="post" action="/assess' not in page

    def test_plan_takes_the_same_queries_whatever_it_holds(self, world, desk, queries):
        agreed(world.registration, line("1.1"), by=world.assessor)
        drafted(world.registration, line("1.3"), by=world.assessor)

        def grow() -> None:
            drafted(world.registration, line("1.1"), line("1.3", visit=True), line("1.4"), by=world.assessor)

        queries.pin(desk, plan_url(world.registration), grow=grow, exactly=13)


@db
class TestAnswering:
    def test_home_asks_first_then_shows_what_is_next(self, world, home):
        proposed(world.registration, line("1.4", what="Watching", visit=True), by=world.assessor)
        page = text_of(home.get(LEARN))
        assert "Agree your assessment plan" in page
        assert "Next in your assessment plan" not in page
        home.post(ANSWER, {"once": once(home, MINE), "number": "1", "answer": "agree"})
        page = text_of(home.get(LEARN))
        assert "Agree your assessment plan" not in page
        assert f"Visit by {world.assessor.name}" in page
        assert "14:00, at Here" in page

    def test_sent_back_with_a_comment_that_the_assessor_reads(self, world, home, desk):
        proposed(world.registration, line("1.4"), by=world.assessor)
        empty = home.post(ANSWER, {"once": once(home, MINE), "number": "1", "answer": "send_back", "comment": " "})
        assert empty.status_code == 422
        assert "Say what should change." in text_of(empty)
        home.post(ANSWER, {"once": once(home, MINE), "number": "1", "answer": "send_back", "comment": "Not then."})
        page = text_of(desk.get(plan_url(world.registration)))
        assert "Tara sent plan 1 back" in page
        assert "Not then." in page

    def test_an_answer_to_a_plan_that_was_taken_back_is_refused_with_the_words_kept(self, world, home, desk):
        proposed(world.registration, line("1.4"), by=world.assessor)
        token = once(home, MINE)
        desk.post(plan_url(world.registration, "plan_take_back"), {"once": once(desk, plan_url(world.registration))})
        response = home.post(ANSWER, {"once": token, "number": "1", "answer": "agree"})
        assert response.status_code == 422
        assert "waits for no answer" in text_of(response)

    @pytest.mark.parametrize("number", ["2", "", "x"])
    def test_a_draft_cannot_be_answered_or_read(self, world, home, number):
        agreed(world.registration, line("1.1"), by=world.assessor)
        drafted(world.registration, line("1.3"), by=world.assessor)
        token = issue(world.trainee)
        assert home.post(ANSWER, {"once": token, "number": number, "answer": "agree"}).status_code == 404
        assert home.get(f"{MINE}2/").status_code == 404

    def test_the_plan_and_earlier_ones_are_read(self, world, home, queries):
        agreed(world.registration, line("1.1", what="The first"), by=world.assessor)
        agreed(world.registration, line("1.1", what="The second"), by=world.assessor, reason="More of it")
        page = text_of(home.get(MINE))
        assert "The second" in page
        assert "The first" not in page
        assert "The first" in text_of(home.get(f"{MINE}1/"))
        queries.pin(
            home, MINE, exactly=10,
            grow=lambda: agreed(world.registration, line("1.3"), line("1.4"), line("1.5"), by=world.assessor,
                                reason="Again"),
        )  # fmt: skip


@db
class TestAtTheDesk:
    def test_queue_and_trainees_show_visits_and_plans(self, world, desk):
        agreed(world.registration, line("1.4", what="Watching", visit=True), by=world.assessor)
        assert "Your next visit: Tara Walsh" in text_of(desk.get("/assess/"))
        assert "Assessment plan 1 is agreed." in text_of(desk.get("/assess/learners/"))
        drafted(world.registration, line("1.3"), by=world.assessor)
        assert "assessment plan in draft" in text_of(desk.get("/assess/learners/"))

    def test_queue_takes_as_many_queries_for_one_visit_as_for_three(self, world, desk, queries):
        agreed(world.registration, line("1.4", visit=True), by=world.assessor)

        def grow() -> None:
            for name in ("Ada Lin", "Bo Lin"):
                more = make_learner(world.cohort, assessor=world.assessor, name=name)
                agreed(more, line("1.4", visit=True), by=world.assessor)

        queries.pin(desk, "/assess/", grow=grow, exactly=10)


def events(content: bytes) -> list:
    return list(Calendar.from_ical(content).walk("VEVENT"))


@db
class TestCalendars:
    def test_a_person_makes_and_ends_their_secret_address(self, world, home):
        agreed(world.registration, line("1.4", what="Watching", visit=True), line("1.5"), by=world.assessor)
        home.post("/account/calendar/make/", {"once": once(home, "/account/calendar/")})
        address = re.search(r'value="https?://[^/]+(/calendar/[^"]+)"', home.get("/account/calendar/").content.decode())
        first = address.group(1)
        answer = Client().get(first)
        assert answer.status_code == 200
        assert "private" in answer.headers["Cache-Control"]
        assert [str(event["SUMMARY"]) for event in events(answer.content)] == [
            "Due: Something to show", f"Visit by {world.assessor.name}: Watching",
        ]  # fmt: skip
        home.post("/account/calendar/make/", {"once": once(home, "/account/calendar/")})
        assert Client().get(first).status_code == 404
        second = make_calendar_key(world.trainee, at=timezone.now())
        end_calendar_key(world.trainee)
        assert Client().get(reverse("assessment:calendar_feed", args=[second.key])).status_code == 404

    def test_a_feed_ends_when_its_person_leaves(self, world):
        key = make_calendar_key(world.trainee, at=timezone.now())
        url = reverse("assessment:calendar_feed", args=[key.key])
        assert Client().get(url).status_code == 200
        world.trainee.is_active = False
        world.trainee.save()
        assert Client().get(url).status_code == 404

    def test_it_says_nothing_of_what_is_assessed_or_why(self, world, home, desk):
        agreed(world.registration, line("1.3"), by=world.assessor)
        agreed(world.registration, line("1.3", visit=True), by=world.assessor, reason="A private reason")
        make_submission(world.registration, "1.3", title="A private title")
        for browser, url in ((home, f"{MINE}calendar.ics"), (desk, plan_url(world.registration, "plan_calendar"))):
            answer = browser.get(url)
            assert answer.headers["Content-Type"].startswith("text/calendar")
            assert len(events(answer.content)) == 1
            assert b"private" not in answer.content

    def test_an_assessors_feed_has_their_trainees_and_nobody_elses(self, world):
        agreed(world.registration, line("1.4", visit=True), by=world.assessor)
        elsewhere = make_learner(world.cohort, assessor=world.second_assessor, name="Elsa Ware")
        agreed(elsewhere, line("1.4"), by=world.second_assessor)
        key = make_calendar_key(world.assessor, at=timezone.now())
        found = events(Client().get(reverse("assessment:calendar_feed", args=[key.key])).content)
        assert [str(event["SUMMARY"]) for event in found] == ["Visit to Tara Walsh: Something to show"]

    def test_a_revision_moves_the_same_event(self, world, home, at):
        agreed(world.registration, line("1.4", visit=True), by=world.assessor)
        before = events(home.get(f"{MINE}calendar.ics").content)[0]
        plan = begin_plan(world.registration, by=world.assessor, at=at)
        moved = line("1.4", visit=True, due_on=TODAY + timedelta(days=21))
        save_line(plan, plan.lines.get().ref, moved, by=world.assessor, at=at)
        propose_plan(plan, reason="A week later", by=world.assessor, at=at)
        home.post(ANSWER, {"once": once(home, MINE), "number": "2", "answer": "agree"})
        after = events(home.get(f"{MINE}calendar.ics").content)[0]
        assert before["UID"] == after["UID"]
        assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
        assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(days=7)

    def test_its_queries_do_not_grow(self, world, queries):
        agreed(world.registration, line("1.4", visit=True), by=world.assessor)
        key = make_calendar_key(world.assessor, at=timezone.now())

        def grow() -> None:
            agreed(make_learner(world.cohort, assessor=world.assessor), line("1.4"), line("1.5"), by=world.assessor)

        queries.pin(Client(), reverse("assessment:calendar_feed", args=[key.key]), grow=grow, exactly=3)


DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(), tzinfo=st.just(LONDON))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=200)
ENTRIES = st.builds(
    Entry, ref=st.uuids(), revision=st.integers(1, 200), title=WORDS, place=st.one_of(st.just(""), WORDS),
    agreed_at=st.builds(datetime.combine, DAYS, st.times(), tzinfo=st.just(UTC)),
    day=DAYS, starts_at=st.none() | MOMENTS,
    minutes=st.none() | st.integers(1, 1440), url=st.just("https://pathway.example/plan/"),
)  # fmt: skip


@pytest.mark.alike
@given(st.lists(ENTRIES, max_size=4, unique_by=lambda entry: entry.ref))
def test_every_line_is_read_again_as_it_was_written(entries):
    written = calendar_of(entries, name="Plan", host="pathway.example")
    assert all(len(row) <= 75 for row in written.split(b"\r\n"))
    read = {str(event["UID"]): event for event in events(written)}
    assert set(read) == {f"{entry.ref}@pathway.example" for entry in entries}
    for entry in entries:
        event = read[f"{entry.ref}@pathway.example"]
        assert (str(event["SUMMARY"]), event["SEQUENCE"]) == (entry.title, entry.revision)
        assert event["DTSTAMP"].dt == entry.agreed_at.replace(microsecond=0)
        assert str(event.get("LOCATION", "")) == entry.place
        if entry.starts_at is None:
            assert (event["DTSTART"].dt, event["DTEND"].dt) == (entry.day, entry.day + timedelta(days=1))
        else:
            begins = entry.starts_at.replace(microsecond=0)
            assert event["DTSTART"].params["TZID"] == "Europe/London"
            assert event["DTSTART"].dt.replace(tzinfo=None) == begins.replace(tzinfo=None)
            took = timedelta(minutes=entry.minutes or VISIT_MINUTES)
            ends = (begins.astimezone(UTC) + took).astimezone(LONDON)
            assert event["DTEND"].dt.replace(tzinfo=None) == ends.replace(tzinfo=None)
