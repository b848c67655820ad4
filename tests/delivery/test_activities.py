"""What activities report: kept once, put in order, counted where they stand; everything else is refused with its
reason, and nothing of it is kept."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from content.h5p.approve import approve, refuse
from courses.delivery.api import (
    ActivityAttempt,
    ActivityState,
    ActivityStatement,
    StudyAnswer,
    StudyProgress,
    open_activity,
)
from courses.pages.activities import uses_of
from courses.pages.models import LessonPage, PageActivity
from courses.pages.queries import address
from tests.factories.activities import block_with, keep_activity, make_activity_lesson
from tests.factories.h5p import make_administrator

pytestmark = pytest.mark.django_db
ADL = "http://adlnet.gov/expapi/verbs/"
PART = "http://h5p.org/x-api/h5p-subContentId"


def said(verb: str = "completed", **more: Any) -> dict[str, Any]:
    """A message of one statement of the whole."""
    statement = {"verb": {"id": f"{ADL}{verb}"}, "object": {"definition": {"name": {"en": "All of it"}}}, **more}
    return {"statements": [{"key": str(uuid4()), "statement": statement}]}


def scored(raw: Any, most: Any = 10, **more: Any) -> dict[str, Any]:
    return said(result={"score": {"raw": raw, "max": most}, **more})


class Doing:
    """A learner at an activity in a lesson."""

    def __init__(self, browser: Any, activity: Any, lesson: LessonPage, block: dict[str, Any]) -> None:
        self.browser, self.activity, self.lesson, self.block = browser, activity, lesson, block["id"]
        self.place = f"/learn/activities/{lesson.pk}/{self.block}/start/"

    def start(self, **fields: str) -> Any:
        answer = self.browser.post(self.place, fields)
        self.facts = answer.json() if answer.status_code == 200 else {}
        return answer

    def send(self, message: Any, what: str = "statements", ref: str = "") -> Any:
        body = message if isinstance(message, str) else json.dumps(message)
        url = f"/learn/activities/attempts/{ref or self.facts['attempt']}/{what}/"
        return self.browser.post(f"{url}?page={self.lesson.pk}&block={self.block}", {"message": body})

    @property
    def attempt(self) -> ActivityAttempt:
        return ActivityAttempt.objects.get(ref=self.facts["attempt"])

    def is_done(self) -> bool:
        return StudyAnswer.objects.filter(block=self.block, done_at__isnull=False).exists()


@pytest.fixture
def doing(client_of, world):
    def at_it(**how: Any) -> Doing:
        activity = how.pop("activity", None) or keep_activity()
        block = block_with(activity, **how)
        one = Doing(client_of(world.trainee), activity, make_activity_lesson(block), block)
        one.start()
        return one

    return at_it


def test_opening_counts_where_the_author_said_so(doing):
    assert doing(counts="opened").is_done()


def test_completing_counts_once_however_often_it_is_said(doing):
    one = doing()
    assert not one.is_done()
    answer = one.send(scored(7))
    assert answer.json() | {"left": ""} == {
        "kept": True, "completed": True, "done": True, "words": "Done. Best score: 70%, in 1 attempt.", "left": ""
    }  # fmt: skip
    first = one.attempt.completed_at
    when = StudyAnswer.objects.get(block=one.block).done_at
    for _ in range(3):
        one.send(scored(4))
    assert ActivityAttempt.objects.count() == 1
    assert (one.attempt.completed_at, one.attempt.score_raw) == (first, 7)
    assert StudyAnswer.objects.get(block=one.block).done_at == when


def test_a_mark_counts_when_it_is_reached(doing):
    one = doing(counts="passed", mark=80)
    one.send(scored(7))
    assert not one.is_done()
    one.send(scored(8))
    assert one.is_done()


def test_without_points_passing_is_what_the_activity_says(doing):
    one = doing(counts="passed", mark=80)
    one.send(said("failed"))
    assert not one.is_done()
    one.send(said("passed"))
    assert one.is_done()


@pytest.mark.parametrize("statement", [
    {"context": {"contextActivities": {"parent": [{"id": "x"}]}}},
    {"object": {"definition": {"extensions": {PART: "abc"}}}},
    {"object": {"id": "https://example.org/a?subContentId=abc"}},
])  # fmt: skip
def test_a_part_does_not_complete_the_whole(doing, statement):
    one = doing()
    one.send(said("answered", **statement))
    assert one.attempt.completed_at is None
    assert not ActivityStatement.objects.get().is_root


def test_what_was_watched_through_is_done_wherever_it_is_said(doing):
    one = doing()
    consumed = {"verb": {"id": "http://activitystrea.ms/schema/1.0/consume"},
                "context": {"contextActivities": {"parent": [{"id": "x"}]}}}  # fmt: skip
    one.send({"statements": [{"key": str(uuid4()), "statement": consumed}]})
    assert one.attempt.completed_at is not None


def test_a_replayed_statement_has_no_second_effect(doing):
    one, message = doing(), scored(3)
    assert one.send(message).json()["kept"] is True
    before = list(ActivityStatement.objects.values())
    assert one.send(message).json()["kept"] is False
    assert list(ActivityStatement.objects.values()) == before


def test_who_what_and_when_are_the_servers(doing, world):
    one = doing()
    forged = {"actor": {"mbox": "mailto:someone@example.org"}, "timestamp": "2001-01-01T00:00:00Z", "id": "x",
              "stored": "x", "authority": {"mbox": "mailto:x@example.org"}, "attachments": [1]}  # fmt: skip
    one.send(said(**forged))
    row = ActivityStatement.objects.get()
    assert set(row.statement) == {"verb", "object", "result", "context"}
    assert timezone.now() - row.at < timedelta(minutes=1)
    found = one.browser.get("/learn/activities/statements.json").json()["statements"]
    assert found[0]["actor"]["account"]["name"] == str(one.attempt.registration.ref)
    assert found[0]["object"]["id"].endswith(f"/h5p/activities/{one.activity.ref}")
    assert world.trainee.email not in json.dumps(found)


@pytest.mark.parametrize(("message", "code"), [
    (said("x" * 9000), "verb-long"), (said("decided"), "verb-unknown"), (said() | {"statements": []}, "statement-none"),
    (scored("NaN"), "statement-number"), (scored(True), "statement-number"), (scored([1]), "statement-number"),
    (scored(float("nan")), "statement-number"), (scored(float("inf")), "statement-number"),
    (scored(10**400), "statement-number"), (said(result={"score": 5}), "statement-score"),
    (said(result=[1]), "statement-result"), (said(x="y" * 70_000), "statement-large"), ([1], "statement-json"),
    ("{", "statement-json"), ("[" * 100_000, "statement-json"), ("x" * 300_000, "statement-large"),
    ({"statements": [{"key": "1", "statement": {"verb": {"id": f"{ADL}completed"}}}]}, "statement-key"),
    ({"statements": [{"key": str(uuid4()), "statement": "x"}]}, "statement-json"),
    ({"statements": [said()["statements"][0]] * 2}, "statement-key"),
    ({"statements": [said()["statements"][0], said("x" * 300)["statements"][0]]}, "verb-long"),
])  # fmt: skip
def test_what_is_no_statement_is_refused_with_its_reason(doing, message, code):
    one = doing()
    answer = one.send(message)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["message"].startswith("Not kept")
    assert not ActivityStatement.objects.exists()
    assert one.attempt.completed_at is None


@pytest.mark.parametrize(("raw", "most", "kept"), [
    (15, 10, (10, 10, 1.0)), (-3, 10, (0, 10, 0.0)), (1e300, 1e300, (1e6, 1e6, 1.0)), (3, 0, (0, 0, None)),
])  # fmt: skip
def test_scores_are_kept_within_bounds(doing, raw, most, kept):
    one = doing()
    one.send(scored(raw, most))
    row = one.attempt
    assert (row.score_raw, row.score_max, row.score_scaled) in (kept, (None, None, None))
    assert row.score_scaled == kept[2]


def test_another_learners_attempt_and_somebody_not_registered_find_nothing(doing, client_of, world):
    one = doing()
    for person in (world.other_trainee, world.assessor, world.superuser):
        browser = client_of(person)
        for what, body in (("statements", scored(9)), ("state", {"type": "state", "data": "x", "saved": 1})):
            url = f"/learn/activities/attempts/{one.facts['attempt']}/{what}/"
            assert browser.post(url, {"message": json.dumps(body)}).status_code == 404
    assert client_of(world.assessor).post(one.place).status_code == 404
    assert not ActivityStatement.objects.exists()
    assert not ActivityState.objects.exists()


def test_who_has_withdrawn_or_signed_out_keeps_nothing_more(doing, client, world):
    one = doing()
    answer = client.post(f"/learn/activities/attempts/{one.facts['attempt']}/statements/", {"message": "{}"})
    assert answer.status_code == 401
    registration = one.attempt.registration
    registration.state = "withdrawn"
    registration.save(update_fields=["state"])
    assert one.send(scored(9)).status_code == 404
    assert one.start().status_code == 404


def test_a_place_is_kept_and_found_again(doing):
    one = doing()
    state = {"type": "state", "part": "0", "data": '{"page": 3}', "saved": one.facts["now"]}
    assert one.send(state, "state").status_code == 200
    one.start()
    assert one.facts["states"] == [{"type": "state", "part": "0", "data": '{"page": 3}'}]
    one.send(state | {"data": "old", "saved": one.facts["now"] - 60_000}, "state")
    assert ActivityState.objects.get().data == '{"page": 3}'


@pytest.mark.parametrize("state", [
    {"type": "", "data": "x", "saved": 1}, {"type": "x" * 65, "data": "x", "saved": 1},
    {"type": "state", "data": "x" * 600_000, "saved": 1}, {"type": "state", "data": "x", "saved": "soon"},
    {"type": "state", "data": "x", "saved": -1}, {"type": "state", "data": "a\x00b", "saved": 1},
])  # fmt: skip
def test_a_place_that_cannot_be_kept_is_refused(doing, state):
    assert doing().send(state, "state").status_code == 409
    assert not ActivityState.objects.exists()


def test_no_activity_keeps_more_than_fifty_places(doing):
    one = doing()
    answers = [one.send({"type": f"t{n}", "data": "x", "saved": 1}, "state").status_code for n in range(52)]
    assert answers == [200] * 50 + [409] * 2


def test_a_new_content_is_a_new_attempt_without_a_place(doing):
    one = doing()
    one.send({"type": "state", "data": "1", "saved": 5}, "state")
    keep_activity(content={"label": "Another"}, activity=one.activity)
    one.start()
    assert (one.facts["number"], one.facts["states"]) == (2, [])


def test_an_attempt_goes_on_until_it_is_begun_again(doing):
    one = doing()
    one.start()
    one.start(again="1")  # not completed: there is nothing to begin again
    assert one.facts["number"] == 1
    one.send(scored(5))
    one.start()
    assert one.facts["number"] == 1
    one.start(again="1")
    assert one.facts["number"] == 2


def test_the_page_is_finished_when_the_last_of_it_is_done(doing):
    one = doing()
    finish = f"/learn/study/{one.lesson.pk}/finish/"
    assert one.browser.post(finish, headers={"Accept": "application/json"}).json()["finished"] is False
    one.send(scored(5))
    assert StudyProgress.objects.get(page_id=one.lesson.pk).finished_at is not None


def test_it_can_be_done_another_way_without_javascript(doing):
    one = doing(counts="passed", mark=90)
    page = one.browser.get(address(one.lesson)).content.decode()
    assert "Watch a child at snack" in page
    assert "I have done this activity another way" in page
    url = f"/learn/study/{one.lesson.pk}/answers/{one.block}/"
    assert one.browser.post(url, {"act": "other"}).status_code == 302
    assert one.is_done()
    assert "another way" in one.browser.get(address(one.lesson)).content.decode()
    assert one.browser.post(url, {"act": "no"}).status_code == 422


def test_one_statement_costs_the_same_however_many_lessons_show_the_activity(client_of, world):
    def cost(lessons: list[LessonPage]) -> int:
        activity = keep_activity(content={"label": f"{len(lessons)}"})
        shown = [block_with(activity, key=str(lesson.pk)) for lesson in lessons]
        for lesson, block in zip(lessons, shown, strict=True):
            make_activity_lesson(block, lesson=lesson)
        one = Doing(client_of(world.trainee), activity, lessons[0], shown[0])
        one.start()
        for lesson in lessons:
            StudyProgress.objects.update_or_create(
                registration=one.attempt.registration, page_id=lesson.pk,
                defaults={"opened_at": timezone.now(), "seen_at": timezone.now(), "reached_end_at": timezone.now()},
            )  # fmt: skip
        with CaptureQueriesContext(connection) as caught:
            assert one.send(scored(5)).status_code == 200
        answers = StudyAnswer.objects.filter(block__in=[one["id"] for one in shown], done_at__isnull=False)
        assert answers.count() == len(lessons)
        ended = StudyProgress.objects.filter(page__in=lessons, finished_at__isnull=False)
        assert ended.count() == len(lessons)
        ended.delete()
        return len(caught)

    lessons = list(LessonPage.objects.live().filter(kind="lesson").order_by("path")[:6])
    assert cost(lessons[:1]) == cost(lessons[1:6])


def test_uses_stand_in_a_table_and_follow_the_page(db, world):
    activity = keep_activity()
    lesson = make_activity_lesson(block_with(activity, counts="passed", mark=60))
    row = PageActivity.objects.get(activity=activity)
    assert (row.page_id, row.activity_id, row.counts, row.mark) == (lesson.pk, activity.pk, "passed", 60)
    assert [use.page_id for use in uses_of(activity)] == [lesson.pk]
    make_activity_lesson(lesson=lesson)
    assert not PageActivity.objects.filter(activity=activity).exists()


def test_a_page_asks_for_an_activity_only_while_it_may_run(doing, django_capture_on_commit_callbacks):
    one = doing()
    admin, libraries = make_administrator(), [one.activity.current.main_library]

    def asked() -> bool:
        return one.block in PageActivity.objects.get(activity=one.activity).to_finish

    def has_its_frame() -> bool:
        return "data-play" in one.browser.get(address(one.lesson)).content.decode()

    assert (asked(), has_its_frame()) == (True, True)
    with django_capture_on_commit_callbacks(execute=True):
        refuse(libraries, note="A hole was found", by=admin, at=timezone.now())
    assert (asked(), has_its_frame()) == (False, False)
    one.lesson.save_revision().publish()  # saved meanwhile
    with django_capture_on_commit_callbacks(execute=True):
        approve(libraries, by=admin, at=timezone.now())
    assert (asked(), has_its_frame()) == (True, True)


def test_two_that_open_it_at_once_open_one_attempt(world, monkeypatch):
    activity = keep_activity()
    registration = world.registration
    now = timezone.now()
    first = open_activity(registration, activity, [], at=now)
    monkeypatch.setattr("courses.delivery.domain.activities._last", lambda *args: None)
    assert open_activity(registration, activity, [], at=now) == first
