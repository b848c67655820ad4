"""An activity on its way: its author uploads it, is told that a library needs approval, the approver approves it, the
author describes it and puts it into a lesson, the trainee does it. In Chromium, in Wagtail's own editor."""

import re
from pathlib import Path

import pytest

from content.h5p.intake import INTAKE
from content.models import H5PActivity, H5PLibrary
from courses.delivery.api import ActivityAttempt, StudyProgress
from courses.pages.models import LessonPage
from courses.pages.queries import address
from lms.common.jobs import run
from lms.common.models import Job
from tests.factories import make_world
from tests.factories.h5p import library, make_approver, package

from .test_authoring import Editor, hand_round
from .test_h5p_play import STATEFUL

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
COUNTER = "H5P.TestCounter 1.0"


def make_package(folder: Path) -> Path:
    file = folder / "count-to-two.h5p"
    counter = library(COUNTER, js={"a.js": STATEFUL})
    file.write_bytes(package(main=COUNTER, libraries=[counter], title="Count to two"))
    return file


def take_in_what_waits() -> None:
    for job in Job.objects.filter(kind=INTAKE, state="queued"):
        run(job.pk)


def test_from_a_package_to_a_lesson_that_is_done(visit, tmp_path):
    world = make_world()
    author, approver, reviewer, publisher = (
        Editor(visit(width=1280).arrive_as(person))
        for person in (world.author, make_approver(world.ao), world.reviewer, world.publisher)
    )

    # The author uploads it, and is told what waits.
    author.visitor.go("/cms/snippets/content/h5pactivity/")
    author.tab.get_by_role("link", name=re.compile("^Add")).first.click()
    author.tab.get_by_label("H5P file").set_input_files(make_package(tmp_path))
    author.tab.get_by_label("What it is for").fill("The lesson on watching a child at snack")
    author.tab.get_by_role("button", name="Upload", exact=True).click()
    author.tab.get_by_text("You are told when it is done").wait_for()
    take_in_what_waits()
    author.tab.get_by_role("heading", name="Libraries that wait for approval").wait_for()  # the page looks by itself
    author.tab.get_by_text("(H5P.TestCounter 1.0.0)").wait_for()

    # Whoever has the right approves it, and says what is known against it.
    approver.visitor.go("/cms/snippets/content/h5plibrary/")
    approver.tab.get_by_role("link", name="Waiting for approval (1)").first.click()
    approver.tab.get_by_text("The lesson on watching a child at snack").wait_for()
    approver.tab.get_by_label("Choose all").check()
    assert approver.tab.get_by_label("H5P.TestCounter 1.0.0").is_checked()
    approver.tab.get_by_label("Known accessibility failures").fill("The count is not read out")
    approver.tab.get_by_role("button", name="Approve", exact=True).click()
    approver.tab.get_by_text("No library waits for approval").wait_for()
    assert H5PLibrary.objects.get(machine_name="H5P.TestCounter").state == "approved"

    # The author writes its text alternative, and puts it into a lesson.
    activity = H5PActivity.objects.get(title="Count to two")
    author.visitor.go(f"/cms/snippets/content/h5pactivity/edit/{activity.pk}/")
    author.tab.locator(".public-DraftEditor-content").first.click()
    author.tab.keyboard.type("Count two children at snack.")
    author.tab.wait_for_function("() => document.querySelector('[name=text_alternative]').value.includes('at snack')")
    author.act("^Save")
    lesson = LessonPage.objects.filter(kind="lesson").order_by("path").first()
    author.edit(lesson)
    place(author)
    hand_round(author, reviewer, lesson)
    publisher.edit(lesson).act("^Approve and Publish$")

    # The trainee does it on a phone, leaves, comes back and completes it.
    trainee = visit().arrive_as(world.trainee)
    trainee.go(address(LessonPage.objects.get(pk=lesson.pk)))
    frame = trainee.page.frame_locator(".play__frame >> nth=-1")
    trainee.page.locator("[data-play]").last.scroll_into_view_if_needed()
    frame.get_by_role("button", name="Pressed 0").click()
    with trainee.page.expect_response(lambda one: "/state/" in one.url):
        pass
    trainee.looks()
    trainee.page.reload()
    trainee.page.locator("[data-play]").last.scroll_into_view_if_needed()
    frame.get_by_role("button", name="Pressed 1").click()
    frame.get_by_role("button", name="Finish").click()
    trainee.sees("Done. Best score: 50%, in 1 attempt.")
    attempt = ActivityAttempt.objects.get(activity=activity)
    assert (attempt.number, attempt.score_scaled, attempt.completed_at is not None) == (1, 0.5, True)
    assert StudyProgress.objects.filter(page_id=lesson.pk).exists()


def place(author: Editor) -> None:
    """Puts the activity behind everything else in the lesson's body."""
    body = author.tab.locator("[data-contentpath=body]")
    body.get_by_role("button", name="Insert a block").last.click()
    author.tab.get_by_role("option", name="Interactive activity", exact=True).click()
    author.tab.get_by_role("button", name=re.compile("Choose .*activity", re.IGNORECASE)).last.click()
    author.tab.get_by_text("The count is not read out").wait_for()
    author.tab.get_by_role("link", name="Count to two").click()
    author.tab.locator("[name$='-value-counts']").last.select_option("completed")
