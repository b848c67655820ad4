"""The one next step on a trainee's home: which of the things to do comes first."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from assessment.api import Decision
from courses.delivery.api import Registration, reach_end, remember_place
from courses.framework.api import set_policy
from courses.pages.queries import course_for, study_items
from lms.dashboards import steps
from lms.dashboards.queries import forecast, trainee_home
from lms.dashboards.steps import next_step, words_for_minutes
from portfolio.api import new_version
from portfolio.domain import submit
from tests.factories import make_draft, make_ready_evidence, make_submission, settle
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def world():
    return world_again()


def home_of(registration):
    row = Registration.objects.select_related("qualification", "cohort").get(pk=registration.pk)
    return trainee_home(row.learner, row, today=timezone.localdate(), at=timezone.now())


def step_of(registration):
    return next_step(home_of(registration))


def finish_all(registration):
    for item in study_items(course_for(registration)):
        reach_end(registration, item.pk, (), at=timezone.now())


def test_a_new_trainee_starts_the_first_lesson_and_is_told_how_long_it_takes(world):
    first = study_items(course_for(world.registration))[0]
    step = step_of(world.registration)
    assert (step.kind, step.title, step.url) == ("lesson-next", first.title, first.url)
    assert step.eyebrow == f"Your next step · about {first.minutes} minutes"
    assert step.button == "Start the lesson"


def test_a_lesson_that_was_left_is_carried_on_where_the_trainee_stopped(world):
    items = study_items(course_for(world.registration))
    remember_place(world.registration, items[1].pk, "plan", "Plan", at=timezone.now())
    step = step_of(world.registration)
    assert (step.kind, step.title, step.button) == ("lesson-begun", items[1].title, "Carry on")
    assert step.text == "You stopped at “Plan”."
    assert step.url == f"{items[1].url}#plan"


def test_after_a_finished_lesson_comes_the_one_behind_it_even_if_earlier_ones_are_open(world):
    items = study_items(course_for(world.registration))
    reach_end(world.registration, items[3].pk, (), at=timezone.now())
    assert step_of(world.registration).title == items[4].title


def test_after_the_last_lesson_come_those_left_out_before(world):
    items = study_items(course_for(world.registration))
    reach_end(world.registration, items[-1].pk, (), at=timezone.now())
    assert step_of(world.registration).title == items[0].title


def test_a_draft_comes_before_a_new_lesson_and_says_what_it_lacks(world):
    make_draft(world.registration, "1.1", title="My first plan")
    step = step_of(world.registration)
    assert (step.kind, step.title) == ("draft", "Finish “My first plan”")
    assert "your declaration about children and your declaration that it is your own work" in step.text


def test_a_draft_without_text_says_so(world):
    make_draft(world.registration, "1.1", text="  ")
    assert "It still needs some text or a file, " in step_of(world.registration).text


@pytest.mark.parametrize(
    ("kind", "lacks"),
    [("held_in_setting", "where the document is kept, who keeps the document, "),
     ("certificate", "who awarded it, when it was awarded, ")],
)  # fmt: skip
def test_a_draft_that_lacks_a_detail_of_its_kind_says_which(world, client_of, kind, lacks):
    make_draft(world.registration, "1.1", kind=kind)
    assert f"It still needs {lacks}" in step_of(world.registration).text
    assert client_of(world.trainee).get("/learn/").status_code == 200


def test_there_are_words_for_all_that_can_be_missing():
    assert set(steps.LACKS) == set(submit.LACKS)


def test_evidence_that_is_ready_comes_before_a_draft(world):
    make_ready_evidence(world.registration, "1.1", "1.3")
    make_draft(world.registration, "2.1", title="Another")
    step = step_of(world.registration)
    assert (step.kind, step.title) == ("submit", "Submit 2 criteria for assessment")
    assert "1.1 and 1.3" in step.text


def test_a_criterion_with_one_unfinished_piece_is_not_ready(world):
    make_ready_evidence(world.registration, "1.1")
    make_draft(world.registration, "1.1", title="Second piece")
    assert step_of(world.registration).kind == "draft"


def test_a_lesson_that_was_left_comes_before_evidence_that_is_ready(world):
    make_ready_evidence(world.registration, "1.1")
    items = study_items(course_for(world.registration))
    remember_place(world.registration, items[0].pk, "", "", at=timezone.now())
    assert step_of(world.registration).kind == "lesson-begun"


def test_an_open_task_does_not_hide_evidence_that_is_ready(world):
    make_ready_evidence(world.registration, "1.1")
    task = next(item for item in study_items(course_for(world.registration)) if item.is_task)
    remember_place(world.registration, task.pk, "", "", at=timezone.now())
    assert step_of(world.registration).kind == "submit"


def refer(world, code="1.1"):
    submission = make_submission(world.registration, code)
    settle(submission, by=world.assessor, outcome="referred")
    return submission


def test_feedback_comes_first_of_all_with_who_and_when(world):
    refer(world)
    make_ready_evidence(world.registration, "1.3")
    remember_place(world.registration, study_items(course_for(world.registration))[0].pk, "", "", at=timezone.now())
    step = step_of(world.registration)
    assert (step.kind, step.title, step.button) == ("feedback", "Make changes for 1.1", "Read the feedback")
    assert step.text.startswith("Asha Patel wrote on ")
    assert step.url == "/portfolio/criteria/1.1/"


def test_changes_that_are_begun_lead_to_the_draft(world):
    submission = refer(world)
    version = submission.items.get().versions.get()
    new_version(version.evidence, by=world.trainee, at=timezone.now())
    step = step_of(world.registration)
    assert (step.kind, step.button) == ("feedback", "Carry on with version 2")
    assert step.url == f"/portfolio/evidence/{version.evidence.ref}/"


def test_changes_that_are_made_are_submitted(world):
    refer(world)
    make_ready_evidence(world.registration, "1.1", title="A better piece")
    assert step_of(world.registration).kind == "submit"


def test_feedback_that_was_answered_is_no_step_any_more(world):
    refer(world)
    make_submission(world.registration, "1.1", title="A better piece")
    assert home_of(world.registration).feedback == []


def test_rule_20_changes_that_may_not_be_submitted_again_are_no_step(world):
    set_policy(world.qualification, by=None, at=timezone.now() - timedelta(days=1), attempt_limit=1)
    refer(world)
    assert step_of(world.registration).kind == "lesson-next"


def test_an_assessors_unreleased_draft_changes_nothing(world):
    from tests.factories import decide_all

    finish_all(world.registration)
    decide_all(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    assert Decision.objects.filter(state="draft").exists()
    home = home_of(world.registration)
    assert (home.feedback, next_step(home).kind) == ([], "start")


def test_when_the_course_is_finished_the_first_criterion_without_evidence_is_next(world):
    finish_all(world.registration)
    make_submission(world.registration, "1.1")
    step = step_of(world.registration)
    assert (step.kind, step.url) == ("start", "/portfolio/evidence/new/?criterion=1.2.a")


def all_codes(world):
    from courses.framework.api import Criterion

    return list(Criterion.objects.filter(framework=world.qualification.framework).values_list("code", flat=True))


def test_when_everything_is_submitted_the_trainee_waits_and_knows_for_whom_and_until_when(world):
    finish_all(world.registration)
    make_submission(world.registration, *all_codes(world))
    step = step_of(world.registration)
    assert (step.kind, step.title) == ("waiting", "Asha Patel is assessing your work")
    assert step.text.startswith("You submitted 60 criteria. You will hear by ")


def test_when_everything_is_achieved_the_pathway_is_next_even_with_lessons_unread(world):
    settle(make_submission(world.registration, *all_codes(world)), by=world.assessor)
    step = step_of(world.registration)
    assert (step.kind, step.url) == ("complete", "/pathway/")


@pytest.mark.parametrize(("state", "kind"), [("break", "closed"), ("suspended", "closed"), ("awarded", "complete")])
def test_a_closed_registration_asks_for_no_work(world, state, kind):
    make_draft(world.registration, "1.1")
    Registration.objects.filter(pk=world.registration.pk).update(state=state)
    assert step_of(world.registration).kind == kind


def test_minutes_left_counts_unfinished_lessons_and_no_tasks(world):
    items = study_items(course_for(world.registration))
    reach_end(world.registration, items[0].pk, (), at=timezone.now())
    expected = sum(item.minutes for item in items[1:] if not item.is_task)
    assert home_of(world.registration).minutes_left == expected


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "about 1 minute"), (12, "about 12 minutes"), (59, "about 59 minutes"), (60, "about 1 hour"),
     (90, "about 1½ hours"), (115, "about 2 hours"), (362, "about 6 hours")],
)  # fmt: skip
def test_minutes_are_said_as_people_say_them(minutes, words):
    assert words_for_minutes(minutes) == words


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("achieved", "needed", "days", "expected"),
    [
        pytest.param(4, 56, 100, None, id="four criteria say nothing of a pace"),
        pytest.param(5, 55, 13, None, id="nor do thirteen days"),
        pytest.param(60, 0, 100, None, id="nothing is needed any more"),
        pytest.param(5, 10, 100, TODAY + timedelta(days=200), id="five in a hundred days"),
        pytest.param(20, 40, 30, TODAY + timedelta(days=60), id="twice as much as was done"),
    ],
)
def test_the_forecast_follows_the_pace_so_far(achieved, needed, days, expected):
    assert forecast(achieved, needed, since=TODAY - timedelta(days=days), today=TODAY) == expected
