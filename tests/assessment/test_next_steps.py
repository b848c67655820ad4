"""Next steps: written with a submission, answered by the learner once released."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessment.domain.next_steps import (
    agree,
    ask_about,
    change_next_step,
    mark_done,
    remove_next_step,
    write_next_step,
)
from assessment.models import NextStep
from assessment.queries_next_steps import next_steps_at_desk, open_for
from courses.delivery.api import Allocation, end_allocation
from lms.common.errors import Refused
from lms.notices.api import Notice
from portfolio.api import Submission
from tests.factories import World, criterion, decide_all, make_opened, make_submission, settle
from tests.world_once import world_again

from .test_staff_views import at_desk, once

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
OWN = "/portfolio/next-steps/"


@pytest.fixture
def world() -> World:
    return world_again()


def write(submission: Submission, by: Any, text: str = "Sit in on a review", **more: Any) -> NextStep:
    return write_next_step(submission, text=text, by=by, at=timezone.now(), **more)


def released(world: World, *texts: str) -> list[NextStep]:
    """Next steps that the learner has been shown."""
    submission = make_opened(world.registration, "1.1")
    steps = [write(submission, world.assessor, text) for text in texts or ("Sit in on a review",)]
    settle(submission, by=world.assessor)
    return steps


def refused(code: str, act: Any, *args: Any, **values: Any) -> None:
    before = list(NextStep.objects.values())
    with pytest.raises(Refused) as caught:
        act(*args, **values)
    assert caught.value.code == code
    assert list(NextStep.objects.values()) == before


def test_an_assessor_writes_changes_and_removes_a_next_step_until_release(world):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    soon = timezone.localdate() + timedelta(days=14)
    step = write(submission, world.assessor, " Sit in\non a review ", criterion_id=criterion("1.1").pk, due_on=soon)
    assert (step.text, step.criterion.code, step.due_on) == ("Sit in on a review", "1.1", soon)
    step = change_next_step(step, text="Lead one", criterion_id=None, due_on=None, by=world.second_assessor,
                            at=timezone.now())  # fmt: skip
    assert (step.text, step.criterion, step.due_on, step.written_by) == ("Lead one", None, None, world.second_assessor)
    other = write(submission, world.assessor, "Read it again")
    remove_next_step(other, by=world.assessor, at=timezone.now())
    assert list(NextStep.objects.all()) == [step]
    settle(submission, by=world.assessor)
    for act in (lambda: write(submission, world.assessor),
                lambda: change_next_step(step, text="x", criterion_id=None, due_on=None, by=world.assessor,
                                         at=timezone.now()),
                lambda: remove_next_step(step, by=world.assessor, at=timezone.now())):  # fmt: skip
        refused("submission-released", act)


def test_a_next_step_needs_words_a_criterion_of_the_submission_and_a_day_to_come(world):
    submission = make_opened(world.registration, "1.1")
    yesterday = timezone.localdate() - timedelta(days=1)
    refused("next-step-empty", write, submission, world.assessor, " ")
    refused("next-step-long", write, submission, world.assessor, "x" * 301)
    refused("next-step-criterion", write, submission, world.assessor, criterion_id=criterion("1.3").pk)
    refused("next-step-past", write, submission, world.assessor, due_on=yesterday)
    refused("rule-06-not-allocated", write, submission, world.iqa)
    refused("rule-08-own-work", write, submission, world.trainee)
    refused("submission-unopened", write, make_submission(world.registration, "1.3"), world.assessor)


def test_the_learner_agrees_asks_and_marks_done(world):
    first, second = released(world, "Sit in on a review", "Read the code of practice")
    now = timezone.now()
    assert agree(first, by=world.trainee, at=now).state == "agreed"
    assert agree(first, by=world.trainee, at=now + timedelta(hours=1)).agreed_at == now
    assert ask_about(second, " Which chapter? ", by=world.trainee, at=now).state == "asked"
    notice = Notice.objects.get(user=world.assessor, kind="next-step")
    assert (notice.title, notice.url) == (
        "Tara Walsh asks about a next step", f"/assess/submissions/{second.submission.ref}/#next-steps")  # fmt: skip
    refused("next-step-asked", ask_about, second, "And when?", by=world.trainee, at=now)
    assert mark_done(second, done=True, by=world.trainee, at=now).state == "done"
    assert list(open_for(world.registration)) == [first]
    assert mark_done(second, done=False, by=world.trainee, at=now).state == "asked"


def test_a_question_goes_to_the_assessor_of_now_when_the_writer_has_left(world):
    (step,) = released(world)
    Allocation.objects.filter(user=world.assessor).update(starts_on=timezone.localdate() - timedelta(days=9))
    for allocation in Allocation.objects.filter(user=world.assessor, registration=world.registration):
        end_allocation(allocation, ends_on=timezone.localdate() - timedelta(days=1), by=None, at=timezone.now())
    Notice.objects.all().delete()
    ask_about(step, "Which one?", by=world.trainee, at=timezone.now())
    assert [notice.user for notice in Notice.objects.filter(kind="next-step")] == [world.second_assessor]


def test_nobody_answers_for_the_learner_or_before_release(world):
    submission = make_opened(world.registration, "1.1")
    early, now = write(submission, world.assessor), timezone.now()
    refused("next-step-unreleased", agree, early, by=world.trainee, at=now)
    decide_all(submission, by=world.assessor)
    (step,) = [early]
    for who in (world.assessor, world.other_trainee):
        refused("next-step-right", agree, step, by=who, at=now)
        refused("next-step-right", mark_done, step, done=True, by=who, at=now)
    settle(submission, by=world.assessor)
    refused("next-step-comment", ask_about, step, "  ", by=world.trainee, at=now)
    mark_done(step, done=True, by=world.trainee, at=now)
    refused("next-step-done", ask_about, step, "Why?", by=world.trainee, at=now)


def test_the_next_desk_shows_what_became_of_the_steps_before(world):
    first, second = released(world, "One", "Two")
    mark_done(second, done=True, by=world.trainee, at=timezone.now())
    here = make_opened(world.registration, "1.3")
    mine = write(here, world.assessor, "Three")
    assert next_steps_at_desk(here) == ([mine], [first, second])
    later = make_opened(world.registration, "1.4")
    assert next_steps_at_desk(later) == ([], [first])  # not what is done since before, nor what is not released


# On screen


def test_an_assessor_writes_a_next_step_without_a_script(world, client_of):
    submission = make_opened(world.registration, "1.1")
    browser, address = client_of(world.assessor), f"{at_desk(submission)}next-steps/new/?criterion=1.1"
    page = browser.get(address)
    assert page.context["form"]["criterion"].value() == str(criterion("1.1").pk)
    bad = browser.post(
        address, {"once": once(page), "text": "", "due_on_day": "40", "due_on_month": "1", "due_on_year": "2030"}
    )
    assert bad.status_code == 422
    assert 'value="40"' in bad.content.decode()
    answer = browser.post(address, {"once": once(page), "text": "Lead a meeting", "criterion": criterion("1.1").pk})
    step = NextStep.objects.get()
    assert answer["Location"] == f"{at_desk(submission, '1.1')}#step-{step.ref}"
    assert "Lead a meeting" in browser.get(at_desk(submission)).content.decode()
    assert client_of(world.iqa).get(address).status_code == 302


def test_the_learner_answers_on_a_page_and_beside_the_feedback(world, client_of):
    (step,) = released(world)
    browser = client_of(world.trainee)
    page = browser.get(OWN)
    assert "Sit in on a review" in page.content.decode()
    answer = browser.post(f"{OWN}{step.ref}/agree/", {"once": once(page)}, follow=True)
    assert "You agreed. " in answer.content.decode()
    feedback = f"/portfolio/submissions/{step.submission.ref}/"
    page = browser.get(feedback)
    done = browser.post(f"{OWN}{step.ref}/done/", {"once": once(page), "back": "submission"})
    assert done["Location"] == f"{feedback}#next-steps"
    step.refresh_from_db()
    assert step.state == "done"
    assert "Not done after all" in browser.get(OWN).content.decode()


def test_a_question_that_is_refused_comes_back_with_its_words(world, client_of):
    (step,) = released(world)
    ask_about(step, "Which one?", by=world.trainee, at=timezone.now())
    browser = client_of(world.trainee)
    answer = browser.post(f"{OWN}{step.ref}/ask/", {"once": once(browser.get(OWN)), "comment": "And when?"})
    assert answer.status_code == 422
    assert "You have asked about this already" in answer.content.decode()


def test_next_steps_of_others_are_not_found(world, client_of):
    (step,) = released(world)
    for who in (world.other_trainee, world.assessor):
        assert client_of(who).post(f"{OWN}{step.ref}/agree/", {"once": "x"}).status_code == 404


def test_the_page_takes_as_many_queries_for_three_as_for_one(world, client_of, queries):
    released(world)

    def grow() -> None:
        for code in ("1.3", "1.4"):
            submission = make_opened(world.registration, code)
            write(submission, world.assessor, f"Do {code}", criterion_id=criterion(code).pk)
            settle(submission, by=world.assessor)

    queries.pin(client_of(world.trainee), OWN, grow=grow, exactly=7)
