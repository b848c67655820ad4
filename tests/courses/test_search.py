"""Search: what is found, by whom, and what never."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import PageViewRestriction

from content.blocks import BodyBlock
from content.models import GlossaryTerm
from courses.delivery.api import Registration
from courses.framework.models import Section
from courses.pages.models import CataloguePage, CoursePage, LessonPage, TaskPage, UnitPage
from courses.pages.policies import courses_for, may_read_as_staff, registration_for
from courses.pages.search import KINDS
from courses.pages.source_boxes import blocks_of
from tests.factories import World
from tests.factories.lessons import spare
from tests.world_once import world_again

pytestmark = pytest.mark.django_db
WORD = "zeppelin"


def asked(browser: Client, words: str, kind: str = "") -> dict[str, list[str]]:
    """The titles found, by kind."""
    context = browser.get(f"{reverse('search')}?q={quote(words)}&kind={kind}").context
    return {group.kind: ["".join(part for part, _ in hit.title) for hit in group.hits] for group in context["groups"]}


def body(markdown: str) -> Any:
    return BodyBlock().to_python(blocks_of(markdown, "some-page"))


def publish(page: Any) -> Any:
    page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)


def first_lesson() -> LessonPage:
    return LessonPage.objects.order_by("path").first()


def say(word: str, page: Any = None) -> Any:
    """A lesson says a word that stands nowhere else."""
    page = page or first_lesson()
    page.body = body(f"## A balloon\n\nOnce a {word} flew over the nursery garden.")
    return publish(page)


def other_course(world: World) -> LessonPage:
    """A published course of another awarding organisation, whose lesson says the word."""
    course = CoursePage(title="Northern course", slug="northern", summary="North", introduction="<p>North</p>",
                        qualification=world.other.qualification)  # fmt: skip
    course.live = False
    CataloguePage.objects.first().add_child(instance=course)
    unit = UnitPage(title="Northern unit", slug="unit", summary="Unit", introduction="<p>Here.</p>",
                    section=Section.objects.order_by("pk").first())  # fmt: skip
    course.add_child(instance=unit)
    lesson = LessonPage(title="Northern lesson", slug="lesson", summary="Lesson", minutes=5, body=body("Nothing yet."))
    unit.add_child(instance=lesson)
    CoursePage.objects.filter(pk=course.pk).update(live=True)  # publishing would ask for the whole specification
    return say(WORD, lesson)


def test_a_learner_finds_a_lesson_by_its_words_with_the_words_marked_and_goes_to_the_paragraph(client_of):
    world, lesson = world_again(), say(WORD)
    page = client_of(world.trainee).get(f"{reverse('search')}?q={WORD}s")
    (group,) = page.context["groups"]
    assert [hit.url.partition("#p-")[0] for hit in group.hits] == [f"/{lesson.url_path.split('/', 2)[2]}"]
    assert "#p-" in group.hits[0].url
    assert f"<mark>{WORD}</mark>" in page.content.decode()


def test_who_does_not_read_the_lessons_finds_neither_lesson_nor_task_but_units_words_and_statements(client_of):
    """The same word is found by those who may read it, so that there is something to leak."""
    world = world_again()
    say(WORD)
    say(WORD, TaskPage.objects.order_by("path").first())
    readers = ("trainee", "assessor", "author", "eqa", "authority_manager", "centre_admin", "lead_iqa")
    for name in readers:
        assert set(asked(client_of(getattr(world, name)), WORD)) == {"lessons", "tasks"}, name
    others = [world.other.trainee, world.other.author, world.other.assessor, world.setting_manager, None]
    assert [asked(client_of(user), WORD) for user in others] == [{}] * len(others)
    visitor = asked(Client(), "special educational needs")
    assert "statements" in visitor
    assert not {"lessons", "tasks"} & set(visitor)
    unit = UnitPage.objects.first()
    assert unit.title in asked(Client(), unit.title)["units"]


def test_lessons_of_another_organisations_course_are_found_by_its_own_people_only(client_of):
    world = world_again()
    other_course(world)
    assert asked(client_of(world.other.trainee), WORD) == {"lessons": ["Northern lesson"]}
    assert asked(client_of(world.other.author), WORD) == {"lessons": ["Northern lesson"]}
    assert [asked(client_of(user), WORD) for user in (world.trainee, world.author, world.assessor)] == [{}] * 3
    assert "Northern course" in asked(client_of(world.trainee), "northern")["units"]  # courses are public


def test_what_is_not_published_is_not_found_nor_what_lies_under_it(client_of):
    world, lesson = world_again(), say(WORD)
    browser = client_of(world.author)
    assert asked(browser, WORD)
    draft = first_lesson()
    draft.body = body("A draft says dirigible.")
    draft.save_revision()
    assert asked(browser, "dirigible") == {}
    spare(lesson)
    lesson.unpublish()
    assert asked(browser, WORD) == {}
    publish(first_lesson())
    say(WORD)
    assert asked(browser, WORD)
    UnitPage.objects.filter(pk=lesson.get_parent().pk).update(live=False)  # no other unit has its statements
    assert asked(browser, WORD) == {}


def test_a_view_restriction_holds_for_what_is_found(client_of):
    world, lesson = world_again(), say(WORD)
    group = Group.objects.create(name="Pilot readers")
    PageViewRestriction.objects.create(page=lesson, restriction_type="groups").groups.add(group)
    assert asked(client_of(world.trainee), WORD) == {}
    world.trainee.groups.add(group)
    assert asked(client_of(world.trainee), WORD) == {"lessons": [lesson.title]}


CHECK = """
:::check balloons
kind: single
question: What floats over the garden?
options:
  - text: A kite
    feedback: A kite is tied to a tetherstring.
  - text: A balloon
    right: true
    feedback: Yes, quite alone.
:::

:::scenario in-the-air
title: In the air
start: up
steps:
  - id: up
    text: The wind turns.
    choices:
      - {text: Hold on, feedback: You are blown to a treetopple., goes_to: away}
      - {text: Let go, feedback: Down you go., goes_to: away}
  - id: away
    text: You see a windmillery far below.
    ending: You land in a haystackle.
:::
"""


def test_questions_and_steps_are_found_and_what_they_teach_is_neither_found_nor_shown(client_of):
    world, lesson = world_again(), first_lesson()
    lesson.body = body(CHECK)
    publish(lesson)
    browser = client_of(world.trainee)
    assert asked(browser, "floats over") == asked(browser, "windmillery") == {"lessons": [lesson.title]}
    for taught in ("tetherstring", "treetopple", "haystackle"):
        assert asked(browser, taught) == {}
    page = browser.get(f"{reverse('search')}?q=windmillery").content.decode()
    assert "far below" not in page  # a later step: found, and not told before one comes to it


def test_words_of_another_organisation_are_not_found(client_of):
    world = world_again()
    meaning = "Something that floats."
    GlossaryTerm.objects.create(term="Zeppelin", slug="zeppelin", meaning=meaning, organisation=world.other.ao)
    assert asked(client_of(world.trainee), WORD) == asked(Client(), WORD) == {}
    other_course(world)
    assert asked(client_of(world.other.trainee), WORD)["words"] == ["Zeppelin"]
    GlossaryTerm.objects.create(term="Airship", slug="airship", also="zeppelin, blimp", meaning=meaning)
    assert asked(client_of(world.trainee), "Zeppelins") == asked(Client(), WORD) == {"words": ["Airship"]}


def test_a_statement_is_found_by_its_words_after_its_stem_and_by_its_code(client_of):
    world = world_again()
    browser = client_of(world.trainee)
    hits = browser.get(f"{reverse('search')}?q=1.7&kind=statements").context["groups"][0].hits
    assert [hit.title[0][0].split()[0] for hit in hits] == ["1.7.a", "1.7.b", "1.7.c", "1.7.d"]
    assert hits[0].url == reverse("assessment:criterion", args=["1.7.a"])
    assert "Taught in" in hits[0].label
    every = browser.get(f"{reverse('search')}?kind=statements").context["groups"][0]
    assert every.count == len(every.hits) == 60


def test_nothing_found_offers_the_word_that_was_meant_and_tells_nothing_of_what_may_not_be_read(client_of):
    world = world_again()
    say(WORD)
    page = client_of(world.trainee).get(f"{reverse('search')}?q=edukational+needz")
    assert page.context["found"].instead in ("educational needs", "educational need")
    assert "statements of the specification" in page.content.decode()
    assert Client().get(f"{reverse('search')}?q=zeppelyn").context["found"].instead == ""


@pytest.mark.parametrize(
    "typed", ["", "   ", '"', "a AND", "x OR (", "*", "' OR 1=1 --", "\x00", "the", "é" * 300, "1."]
)
def test_whatever_is_typed_is_answered(client_of, typed):
    assert Client().get(reverse("search"), {"q": typed, "kind": "lessons", "page": "-3"}).status_code == 200
    assert Client().get(reverse("search"), {"q": typed, "kind": "nonsense", "page": "x"}).status_code == 200


def test_many_results_come_in_pages_of_ten(client_of):
    world = world_again()
    browser = client_of(world.trainee)
    unit = UnitPage.objects.first()
    for number in range(12):
        page = LessonPage(title=f"Balloon {number}", slug=f"b{number}", summary=WORD, minutes=1, body=body("Air."))
        unit.add_child(instance=page)
    first = browser.get(f"{reverse('search')}?q={WORD}&kind=lessons")
    second = browser.get(first.context["pages"].next_url)
    titles = [hit.title for page in (first, second) for hit in page.context["groups"][0].hits]
    assert len(titles) == len(set(titles)) == 12
    assert "11 to 12 of 12" in second.content.decode()


def test_search_takes_at_most_twelve_queries(client_of, queries):
    world = world_again()
    say(WORD)
    browser = client_of(world.trainee)

    def grow() -> None:
        for page in LessonPage.objects.order_by("path")[1:3]:
            say(WORD, page)

    queries.pin(browser, f"{reverse('search')}?q={WORD}", grow=grow, exactly=10)
    assert len(queries.of(browser, f"{reverse('search')}?q=needs")) <= 12
    assert len(queries.of(client_of(world.assessor), f"{reverse('search')}?q=needs")) <= 12
    assert len(queries.of(browser, f"{reverse('search')}?q=edukational")) <= 12


def test_the_courses_whose_lessons_one_finds_are_those_whose_lessons_one_may_open():
    """For every person of both tenants, the list in one query says the same as the policies ask one by one."""
    world = world_again()
    other_course(world)
    people = [user for tenant in (world, world.other) for user in vars(tenant).values()
              if hasattr(user, "current_memberships")]  # fmt: skip
    seen = set()
    for user in people:
        for course in courses_for(user):
            own = registration_for(user, course) is not None
            assert (course.is_mine, course.is_read) == (own, own or may_read_as_staff(user, course)), user
            seen.add(course.is_read)
    assert seen == {True, False}
    assert set(KINDS) >= {"lessons", "tasks"}
    assert Registration.objects.exists()
