"""Doing an interactive activity in a real browser: packages of every trait start, results count, places are kept."""

import json
from typing import Any

import pytest

from courses.delivery.api import ActivityAttempt, ActivityStatement, StudyAnswer
from courses.pages.queries import address
from tests.factories import make_world
from tests.factories.activities import block_with, keep_activity, make_activity_lesson
from tests.factories.h5p import SCRIPT, library

from .test_offline import forgive, until_kept

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

STATEFUL = """
var H5P = H5P || {};
H5P.TestCounter = function (params, id, extras) {
  H5P.EventDispatcher.call(this);
  var self = this, pressed = (extras && extras.previousState && extras.previousState.pressed) || 0;
  this.contentId = id;
  this.attach = function ($container) {
    var button = document.createElement('button'), done = document.createElement('button');
    function show() { button.textContent = 'Pressed ' + pressed; }
    button.onclick = function () { pressed += 1; show(); self.triggerXAPI('interacted'); };
    done.textContent = 'Finish';
    done.onclick = function () { self.triggerXAPIScored(pressed, 4, 'completed', true, pressed >= 2); };
    show();
    $container.append(button, done);
    self.setActivityStarted();
    self.trigger('resize');
  };
  this.getCurrentState = function () { return { pressed: pressed }; };
};
H5P.TestCounter.prototype = Object.create(H5P.EventDispatcher.prototype);
"""


def frame_of(visitor: Any) -> Any:
    return visitor.page.frame_locator(".play__frame")


def open_lesson(visit: Any, world: Any, *shown: Any, **how: Any) -> tuple[Any, Any]:
    lesson = make_activity_lesson(*shown)
    visitor = visit(**how).arrive_as(world.trainee)
    visitor.go(address(lesson))
    return visitor, lesson


def test_a_learner_does_leaves_resumes_and_completes(visit):
    world = make_world()
    activity = keep_activity([library("H5P.TestCounter 1.0", js={"a.js": STATEFUL})], title="Count to two")
    visitor, lesson = open_lesson(visit, world, block_with(activity, counts="passed", mark=50))
    frame = frame_of(visitor)
    frame.get_by_role("button", name="Pressed 0").click()
    with visitor.page.expect_response(lambda one: "/state/" in one.url):
        pass
    visitor.page.reload()
    frame.get_by_role("button", name="Pressed 1").click()
    frame.get_by_role("button", name="Finish").click()
    visitor.sees("Done. Best score: 50%, in 1 attempt.")
    row = ActivityAttempt.objects.get()
    assert (row.number, row.score_raw, row.score_max, row.score_scaled, row.success) == (1, 2, 4, 0.5, True)
    assert StudyAnswer.objects.get(page_id=lesson.pk).done_at is not None
    assert {"attempted", "interacted", "completed"} <= set(ActivityStatement.objects.values_list("verb", flat=True))
    assert json.dumps(list(ActivityStatement.objects.values_list("statement", flat=True))).count("mbox") == 0
    visitor.page.get_by_role("button", name="Start again").click()
    frame.get_by_role("button", name="Pressed 0").wait_for()
    assert ActivityAttempt.objects.count() == 2


def test_libraries_of_every_trait_start(visit):
    """Dependencies first, several scripts, two versions side by side, editor dependencies ignored, minor version 0, a
    strict script, one that fails, its own address, pictures and fonts of its own."""
    world = make_world()
    said = "window.order = (window.order || []).concat('%s');"
    main = library(
        "H5P.Main 1.0", needs=["H5P.Middle 1.3", "H5P.Base 1.0"],
        js={"one.js": said % "main-1" + "const shared = 'kept between scripts';", "two.js": said % "main-2" + SCRIPT % {
            "name": "H5P.Main"} + "window.shared = shared;"},
        editorDependencies=[{"machineName": "H5PEditor.Missing", "majorVersion": 1, "minorVersion": 0}],
    )  # fmt: skip
    libraries = [
        main,
        library("H5P.Middle 1.3", needs=["H5P.Base 2.1"], js={
            "strict.js": "'use strict';" + said % "middle", "broken.js": "this is no script", "throws.js":
            "throw new Error('only mine')", "where.js": "window.where = document.currentScript.src;"},
            css={"css/a.css": "@charset 'utf-8'; .h5p-container { background-image: url(../images/dot.svg); }"},
            others={"images/dot.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"}),
        library("H5P.Base 1.0", js={"b.js": said % "base-1"}),
        library("H5P.Base 2.1", js={"b.js": said % "base-2"}),
    ]  # fmt: skip
    activity = keep_activity(libraries, content={"label": "Press me"})
    visitor, _ = open_lesson(visit, world, block_with(activity))
    frame_of(visitor).get_by_role("button", name="Press me").wait_for()
    inside = next(one for one in visitor.page.frames if "/h5p/play/" in one.url)
    assert inside.evaluate("order") == ["base-2", "middle", "base-1", "main-1", "main-2"]
    assert inside.evaluate("shared") == "kept between scripts"
    assert inside.evaluate("where").split("/libraries/")[1].endswith("/where.js")
    background = inside.evaluate("getComputedStyle(document.querySelector('.h5p-container')).backgroundImage")
    assert "/h5p/libraries/" in background
    assert background.endswith('/images/dot.svg")')
    visitor.wrong = [one for one in visitor.wrong if "no script" not in one and "only mine" not in one
                     and "Unexpected" not in one]  # fmt: skip


def test_it_can_be_done_by_its_words_without_a_signal(visit):
    world = make_world()
    activity = keep_activity([library("H5P.TestCounter 1.0", js={"a.js": STATEFUL})])
    visitor, lesson = open_lesson(visit, world, block_with(activity))
    until_kept(visitor.page, address(lesson))
    visitor.page.context.set_offline(True)
    visitor.page.reload()
    visitor.sees("You are offline", "The same in words", "Watch a child at snack").looks()
    visitor.page.get_by_role("button", name="I have done this activity another way").click()
    visitor.sees("you are back online")
    assert not StudyAnswer.objects.exists()
    visitor.page.context.set_offline(False)
    visitor.sees("Done another way")
    assert StudyAnswer.objects.get(page_id=lesson.pk).done_at is not None
    forgive(visitor)
