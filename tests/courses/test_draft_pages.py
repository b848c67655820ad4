"""Drafts for comments as the trainee meets them in a lesson and the tutor at their desk."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from courses.delivery.api import StudyAnswer, TutorDraft
from courses.pages.models import LessonPage
from courses.pages.queries import address
from lms.common.conflicts import base_of
from lms.common.once import issue
from tests.factories import make_learner
from tests.factories.lessons import make_lesson
from tests.factories.tutoring import (
    begin,
    comment,
    draft_block,
    make_draft_lesson,
    make_local,
    make_sent,
    make_tutor,
    write,
)

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def lesson(db: None) -> LessonPage:
    return make_draft_lesson()


@pytest.fixture
def tutor(world: Any) -> Any:
    return make_tutor(world.centre)


def url(lesson: LessonPage, act: str) -> str:
    return reverse(f"study:draft_{act}", args=[lesson.pk, draft_block(lesson)])


def box(answer: Any, lesson: LessonPage) -> str:
    found = BeautifulSoup(answer.content.decode(), "html.parser").find(id=f"block-{draft_block(lesson)}")
    for paper in found.find_all(class_="quiz__paper"):
        paper.decompose()
    return " ".join(found.get_text(" ").split())


def test_what_is_typed_is_sent_with_one_press_and_names_the_tutor(client_of, world, tutor, lesson):
    browser = client_of(world.trainee)
    page = box(browser.get(address(lesson)), lesson)
    assert "Send to Tilda Moss for comments" in page
    assert "not assessed, and not an attempt" in page
    answer = browser.post(url(lesson, "send"), {"text": "Lewis lines up cars.", "base.text": base_of("")})
    assert answer.url == f"{address(lesson)}#block-{draft_block(lesson)}"
    page = box(browser.get(address(lesson)), lesson)
    assert "With Tilda Moss since" in page
    assert "Take it back" in page
    assert TutorDraft.objects.get().text == "Lewis lines up cars."


def test_without_a_tutor_one_keeps_writing(client_of, world, lesson):
    browser = client_of(world.trainee)
    page = box(browser.get(address(lesson)), lesson)
    assert "Nobody is named as your tutor yet" in page
    assert "Send" not in page
    answer = browser.post(url(lesson, "send"), {"text": "Lewis lines up cars."})
    assert answer.status_code == 422
    assert StudyAnswer.objects.get().value["text"] == "Lewis lines up cars."


def test_typing_is_kept_as_it_is_typed_and_no_tutor_reads_it(client_of, world, tutor, lesson):
    keep = reverse("study:answer", args=[lesson.pk, draft_block(lesson)])
    answer = client_of(world.trainee).post(
        keep, {"text": "Lewis", "base.text": base_of("")}, headers={"Accept": "application/json"}
    )
    assert answer.json()["bases"] == {"base.text": base_of("Lewis")}
    desk = client_of(tutor)
    assert "Nothing is waiting" in desk.get(reverse("tutor:drafts")).content.decode()
    assert "Lewis" not in desk.get(address(lesson)).content.decode().split("study__body")[1].split("draft")[1]


def test_a_text_changed_in_another_tab_is_not_sent_over(client_of, world, tutor, lesson):
    write(world.registration, lesson, "From the other tab.")
    answer = client_of(world.trainee).post(url(lesson, "send"), {"text": "Here.", "base.text": base_of("")})
    assert answer.status_code == 422
    assert "From the other tab." in answer.content.decode()
    assert not TutorDraft.objects.exists()


def test_taking_back_opens_the_box_again(client_of, world, tutor, lesson):
    draft, browser = make_sent(world.registration, lesson), client_of(world.trainee)
    begin(draft, tutor)
    page = box(browser.get(address(lesson)), lesson)
    assert "Tilda Moss has begun to comment" in page
    assert "Take it back" not in page
    assert browser.post(url(lesson, "back")).status_code == 422
    begin(draft, tutor, "")
    assert browser.post(url(lesson, "back")).status_code == 302
    assert "Send to Tilda Moss" in box(browser.get(address(lesson)), lesson)


def test_comments_stand_beside_the_text_and_earlier_versions_stay(client_of, world, tutor, lesson):
    comment(make_sent(world.registration, lesson, "Version one."), tutor, "Say when.")
    comment(make_sent(world.registration, lesson, "Version two."), tutor, "Good.")
    page = box(client_of(world.trainee).get(address(lesson)), lesson)
    for words in ("Version one.", "Say when.", "Version two.", "Good.", "Send the next version to Tilda Moss"):
        assert words in page


def test_a_draft_becomes_evidence_by_the_same_door_as_a_reflection(client_of, world, tutor, lesson):
    write(world.registration, lesson, "Lewis lines up cars.")
    browser = client_of(world.trainee)
    where = reverse("portfolio:from_reflection", args=[lesson.pk, draft_block(lesson)])
    assert "Add this draft to your portfolio" in browser.get(where).content.decode()
    assert browser.post(where, {"once": issue(world.trainee)}).status_code == 302
    row = world.registration.evidence.get().versions.get()
    assert (row.text, row.title) == ("Lewis lines up cars.", f"Draft: {lesson.title}")
    assert [link.criterion.code for link in row.links.all()] == ["1.7.a"]


def test_nobody_sends_from_a_course_that_is_not_theirs(client_of, world, tutor, lesson):
    for person in (world.other.trainee, world.assessor, tutor):
        assert client_of(person).post(url(lesson, "send"), {"text": "x"}).status_code == 404
    answer = client_of(None).post(url(lesson, "send"), {"text": "x"})
    assert answer.url.startswith(reverse("account_login"))


def test_the_list_has_what_waits_first_and_counts_that_match(client_of, world, tutor, lesson):
    first = make_sent(world.registration, lesson, "One.")
    make_sent(world.other_registration, lesson, "Two.")
    desk = client_of(tutor)

    def listed(query: str = "") -> tuple[list[str], list[str]]:
        page = BeautifulSoup(desk.get(f"{reverse('tutor:drafts')}{query}").content, "html.parser")
        names = [row.get_text(strip=True).rstrip(",") for row in page.select(".draft-rows h2")]
        return names, [count.get_text() for count in page.select(".tabs__count")]

    assert listed() == (["Tara Walsh", "Una Brown"], ["2", "0"])
    assert listed("?q=una") == (["Una Brown"], ["1", "0"])
    comment(first, tutor)
    assert listed() == (["Una Brown"], ["1", "1"])
    assert listed("?show=commented") == (["Tara Walsh"], ["1", "1"])
    assert listed("?show=commented&q=nobody") == ([], ["0", "0"])


def test_the_desk_has_the_prompt_the_text_and_earlier_versions(client_of, world, tutor, lesson):
    comment(make_sent(world.registration, lesson, "Version one."), tutor, "Say when.")
    draft = make_sent(world.registration, lesson, "Version two.")
    where = reverse("tutor:draft", args=[draft.ref])
    page = client_of(tutor).get(where).content.decode()
    for words in ("three sentences to a therapist", "Version two.", "Version one.", "Say when."):
        assert words in page
    make_lesson("Nothing is asked here.", lesson)
    page = client_of(tutor).get(where).content.decode()
    assert "no longer asks for this" in page
    assert "Version two." in page


def test_comments_are_kept_as_typed_and_sent_once(client_of, world, tutor, lesson):
    draft, desk = make_sent(world.registration, lesson), client_of(tutor)
    where, keep = reverse("tutor:draft", args=[draft.ref]), reverse("tutor:comments", args=[draft.ref])
    answer = desk.post(keep, {"comments": "Say when.", "base.comments": base_of("")})
    assert answer.json()["bases"] == {"base.comments": base_of("Say when.")}
    assert desk.post(keep, {"comments": "Or not.", "base.comments": base_of("")}).status_code == 409
    sent = {"comments": "Say when and where.", "base.comments": base_of("Say when."), "once": issue(tutor)}
    assert [desk.post(where, sent).url for _ in range(2)] == [reverse("tutor:drafts")] * 2
    assert TutorDraft.objects.get().comments == "Say when and where."
    assert "Say when and where." in desk.get(where).content.decode()


def test_the_learner_who_has_the_page_open_has_read_the_comments(client_of, world, tutor, lesson):
    draft = make_sent(world.registration, lesson)
    comment(draft, tutor)
    client_of(world.trainee).post(reverse("study:remember", args=[lesson.pk]), {"anchor": ""})
    draft.refresh_from_db()
    assert draft.read_at is not None


def test_a_lesson_with_a_draft_and_local_information_takes_at_most_twelve_queries(
    client_of, world, tutor, lesson, queries
):
    make_local(world.authority, link="https://havenshire.example/")
    browser = client_of(world.trainee)

    def grow() -> None:
        for text in ("One.", "Two.", "Three."):
            comment(make_sent(world.registration, lesson, text), tutor)
        make_local(world.authority, "funding", "<p>Ask.</p>", one="https://a.example/", two="https://b.example/")
        make_tutor(world.centre, "Una Tutor")

    queries.pin(browser, address(lesson), grow=grow, exactly=11)


def test_the_tutors_list_and_desk_take_as_many_queries_for_one_as_for_three(client_of, world, tutor, lesson, queries):
    first = make_sent(world.registration, lesson)
    desk = client_of(tutor)

    def grow() -> None:
        for name in ("Ann Lee", "Bo Lee"):
            registration = make_learner(world.cohort, name=name)
            make_sent(registration, lesson)

    queries.pin(desk, reverse("tutor:drafts"), grow=grow, exactly=8)

    def again() -> None:
        comment(first, tutor)
        for text in ("Two.", "Three."):
            comment(make_sent(world.registration, lesson, text), tutor)

    queries.pin(desk, reverse("tutor:draft", args=[first.ref]), grow=again, exactly=8)
