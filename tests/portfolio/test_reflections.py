"""A reflection written in a lesson made into evidence: with its words, its criteria, once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from content.pieces import Live
from courses.delivery.api import StudyAnswer
from courses.pages.models import LessonPage
from courses.pages.queries import address
from lms.common.once import issue
from portfolio.api import EvidenceVersion, discard_draft
from portfolio.domain.reflections import reflection_evidence
from tests.factories.lessons import LESSON, live, make_lesson
from tests.helpers import actions_since, last_event, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson(db: None) -> LessonPage:
    return make_lesson()


def write(browser: Client, lesson: LessonPage, text: str = "Mine, mostly.", **more: str) -> Any:
    block = live(lesson, "reflection")
    return browser.post(reverse("study:answer", args=[lesson.pk, block.block]), {"text": text, **more})


def where(lesson: LessonPage, block: Live | None = None) -> str:
    return reverse("portfolio:from_reflection", args=[lesson.pk, (block or live(lesson, "reflection")).block])


def make(browser: Client, lesson: LessonPage, person: Any) -> Any:
    return browser.post(where(lesson), {"once": issue(person)})


def test_what_was_just_typed_is_kept_first_and_then_shown(client_of, world, lesson):
    browser = client_of(world.trainee)
    answer = write(browser, lesson, "Typed and not saved yet.", then="portfolio")
    assert answer.url == where(lesson)
    page = browser.get(answer.url).content.decode()
    assert "Typed and not saved yet." in page
    assert "1.7.a" in page
    assert "1.7.b" in page
    assert not EvidenceVersion.objects.exists()


def test_the_draft_has_the_words_and_the_criteria_of_the_reflection(client_of, world, lesson):
    browser = client_of(world.trainee)
    write(browser, lesson)
    since = last_event()
    answer = make(browser, lesson, world.trainee)
    version = EvidenceVersion.objects.get()
    assert answer.url == reverse("portfolio:evidence_write", args=[version.evidence.ref])
    assert (version.kind, version.text, version.state) == ("reflective_account", "Mine, mostly.", "draft")
    assert version.title == f"Reflection: {lesson.title}"
    assert sorted(version.links.values_list("criterion__code", flat=True)) == ["1.7.a", "1.7.b"]
    assert actions_since(since) == ["evidence.created"]
    assert StudyAnswer.objects.get().evidence == version.evidence.ref
    assert "See it in my portfolio" in browser.get(address(lesson)).content.decode()


def test_without_criteria_of_its_own_it_has_the_pages(client_of, world):
    lesson = make_lesson(LESSON.replace("reflect louder [1.7.a 1.7.b]", "reflect louder"))
    browser = client_of(world.trainee)
    write(browser, lesson)
    make(browser, lesson, world.trainee)
    found = set(EvidenceVersion.objects.get().links.values_list("criterion_id", flat=True))
    assert found == set(lesson.criterion_uses.values_list("criterion_id", flat=True)) != set()


def test_twice_offers_the_draft_that_is_there(client_of, world, lesson, at):
    browser = client_of(world.trainee)
    write(browser, lesson)
    first = make(browser, lesson, world.trainee)
    write(browser, lesson, "More, later.")
    assert make(browser, lesson, world.trainee).url == first.url
    page = browser.get(where(lesson)).content.decode()
    assert "This reflection is in your portfolio" in page
    version = EvidenceVersion.objects.get()
    assert version.text == "Mine, mostly."
    discard_draft(version, by=world.trainee, at=at)
    assert "Make the draft" in browser.get(where(lesson)).content.decode()
    make(browser, lesson, world.trainee)
    assert EvidenceVersion.objects.filter(binned_at=None).get().text == "More, later."


def test_an_empty_reflection_is_no_evidence(client_of, world, lesson, at):
    asked = write(client_of(world.trainee), lesson, " ", then="portfolio")
    assert asked.status_code == 422
    assert "Write something first" in asked.content.decode()
    block = live(lesson, "reflection").block
    answer = StudyAnswer.objects.create(
        registration=world.registration, page=lesson, block=block, kind="reflection", value={"text": " "}, saved_at=at
    )
    with refused("reflection-empty"):
        reflection_evidence(answer, title="T", by=world.trainee, at=at)


def test_a_reflection_is_its_writers_alone(client_of, world, lesson):
    write(client_of(world.trainee), lesson, "Secret words")
    for person in (world.other_trainee, world.assessor, world.author, world.other.trainee):
        assert client_of(person).get(where(lesson)).status_code == 404
    for person in (world.other_trainee, world.assessor, world.author):
        assert "Secret words" not in client_of(person).get(address(lesson)).content.decode()
