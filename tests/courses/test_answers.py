"""Answering in a lesson: by form, by script, twice, in two tabs, after the lesson has changed; and what is left."""

from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from content.answering import MOST_LETTERS
from content.marking import key_of
from content.pieces import Live
from courses.delivery.api import StudyAnswer, StudyProgress, study_figures
from courses.pages.models import CoursePage, LessonPage
from courses.pages.queries import address, rendered, study_items
from lms.common.conflicts import base_of
from tests.factories.lessons import LESSON, chosen, live, make_lesson, matched, placed

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json", "X-Requested-With": "fetch"}
PAIRS = {"Works with the child each day": "The key person", "Makes sure that support happens": "The SENCO",
         "Owns the legal duties": "The provider"}  # fmt: skip
TALKS, WAITS = "Ask the key person what she has seen", "Lift Pip out and put her on her chair"


@pytest.fixture
def lesson(db: None) -> LessonPage:
    return make_lesson()


def url(lesson: LessonPage, block: Live) -> str:
    return reverse("study:answer", args=[lesson.pk, block.block])


def block_of(answer: Any, block: Live) -> BeautifulSoup:
    """What a page shows of a block on the screen."""
    found = BeautifulSoup(answer.content.decode(), "html.parser").find(id=f"block-{block.block}")
    for paper in found.find_all(class_="quiz__paper"):
        paper.decompose()
    return found


def said(answer: Any, block: Live) -> str:
    return " ".join(block_of(answer, block).get_text(" ").split())


def step(name: str, text: str) -> dict[str, str]:
    return {"choice": f"{name}/{key_of(text)}"}


def answer_to(lesson: LessonPage, key: str) -> StudyAnswer:
    return StudyAnswer.objects.get(block=live(lesson, key).block)


def test_a_wrong_answer_teaches_and_the_second_try_is_said(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "single")
    answer = browser.post(url(lesson, block), chosen("The SENCO alone"))
    assert answer.url == f"{address(lesson)}#block-{block.block}"
    page = said(browser.get(address(lesson)), block)
    assert "leaves out those who know the child best" in page
    assert "Not quite" in page
    assert "They advise" not in page
    browser.post(url(lesson, block), chosen("The SENCO and key person, with the parents"))
    page = said(browser.get(address(lesson)), block)
    assert "You got this right on the second try." in page
    assert "They advise" in page  # what the other answers teach
    row = answer_to(lesson, "single")
    assert (row.tries, row.is_right, row.done_at is not None) == (2, True, True)


def test_the_same_answer_sent_again_is_not_another_try(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "single")
    for _ in range(3):
        browser.post(url(lesson, block), chosen("The Area SENCO"))
    assert answer_to(lesson, "single").tries == 1


def test_several_are_right_only_together(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "multiple")
    one, both = ["Watching at different times of day"], ["Asking the parents what happens at home"]
    assert "1 more to find, 1 found" in said(browser.post(url(lesson, block), chosen(*one), headers=HTMX), block)
    too_many = chosen(*one, *both, "Waiting until the child is three")
    assert "one too many" in said(browser.post(url(lesson, block), too_many, headers=HTMX), block)
    assert "on the third try" in said(browser.post(url(lesson, block), chosen(*one, *both), headers=HTMX), block)


def test_lines_are_shown_in_an_order_that_is_never_the_right_one_and_stays(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "ordering")

    def lines() -> list[str]:
        return [line.get_text().strip() for line in block_of(browser.get(address(lesson)), block)(class_="order__text")]

    first = lines()
    assert sorted(first) == ["Assess", "Do", "Plan", "Review"]
    assert first == lines() != ["Assess", "Plan", "Do", "Review"]
    browser.post(url(lesson, block), placed("Assess", "Plan", "Review", "Do"))
    page = said(browser.get(address(lesson)), block)
    assert "2 of 4 are in place" in page
    assert "what has to be known" in page
    browser.post(url(lesson, block), placed("Assess", "Plan", "Do", "Review"))
    assert answer_to(lesson, "ordering").is_right


def test_two_lines_in_one_place_are_refused_and_shown_as_they_were_sent(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "ordering")
    sent = placed("Assess", "Plan", "Do", "Review") | {f"place-{key_of('Review')}": "1"}
    answer = browser.post(url(lesson, block), sent)
    assert answer.status_code == 422
    assert "1 is used twice" in said(answer, block)
    places = [option["value"] for option in block_of(answer, block).select("option[selected]")]
    assert sorted(places) == ["1", "1", "2", "3"]
    assert not StudyAnswer.objects.exists()


def test_matching_says_which_are_right_and_what_is_missing(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "matching")
    missing = matched(**(PAIRS | {"Owns the legal duties": "x"})) | {f"match-{key_of('Owns the legal duties')}": ""}
    assert "1 still to choose" in said(browser.post(url(lesson, block), missing), block)
    wrong = PAIRS | {"Owns the legal duties": "The SENCO", "Makes sure that support happens": "The provider"}
    page = said(browser.post(url(lesson, block), matched(**wrong), headers=HTMX), block)
    assert "1 of 3 is right" in page
    assert "does not take over" in page
    browser.post(url(lesson, block), matched(**PAIRS))
    assert answer_to(lesson, "matching").is_right


def test_ones_own_words_are_kept_as_typed_and_stand_beside_a_model_answer(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "short")
    kept = browser.post(url(lesson, block), {"text": "It gr", "base.text": base_of("")}, headers=JSON).json()
    assert kept["bases"] == {"base.text": base_of("It gr")}
    page = said(browser.get(address(lesson)), block)
    assert "It gr" in page
    assert "Support grows or shrinks" not in page
    assert "6 questions left" in browser.get(address(lesson)).content.decode()
    browser.post(url(lesson, block), {"text": "It grows.", "act": "answer"})
    page = said(browser.get(address(lesson)), block)
    assert "Support grows or shrinks" in page
    assert "it follows what you learn" in page
    assert answer_to(lesson, "short").is_right is None


def test_a_scenario_shows_the_path_and_can_be_walked_anew(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "scenario")
    to = url(lesson, block)
    browser.post(to, step("arrives", TALKS))
    page = said(browser.get(address(lesson)), block)
    assert f"You chose {TALKS}" in page
    assert "She has a guess" in page
    assert answer_to(lesson, "scenario").done_at is None
    browser.post(to, step("talks", "Move the trolley for a week and watch"))
    assert "That is assessing." in said(browser.get(address(lesson)), block)
    row = answer_to(lesson, "scenario")
    assert (row.tries, row.done_at is not None) == (1, True)
    browser.post(to, {"act": "back"})
    assert len(answer_to(lesson, "scenario").value["path"]) == 1
    browser.post(to, {"act": "restart"})
    assert "You chose" not in said(browser.get(address(lesson)), block)
    assert answer_to(lesson, "scenario").done_at == row.done_at


def test_a_choice_at_an_earlier_step_goes_on_from_there(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "scenario")
    for name, text in (("arrives", TALKS), ("talks", "Ring the Area SENCO"), ("arrives", WAITS)):
        browser.post(url(lesson, block), step(name, text))
    assert answer_to(lesson, "scenario").value["path"] == [step("arrives", WAITS)["choice"]]


def test_a_checklist_open_twice_never_undoes_its_own_ticks(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "checklist")
    first, second, third = (key_of(item) for item in block.made.items)
    browser.post(url(lesson, block), {"tick": [first]})
    # Another page, opened before that, ticks two and then takes one back.
    browser.post(url(lesson, block), {"tick": [second, third]}, headers=JSON)
    browser.post(url(lesson, block), {"tick": [third], "was": [second, third]}, headers=JSON)
    assert answer_to(lesson, "checklist").value == {"ticked": [first, third]}
    page = block_of(browser.get(address(lesson)), block)
    assert [box["value"] for box in page.select("input[checked]")] == [first, third]


def test_a_reflection_open_in_two_tabs_overwrites_nothing_unseen(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "reflection")
    base = base_of("")
    assert browser.post(url(lesson, block), {"text": "One tab", "base.text": base}, headers=JSON).status_code == 200
    other = browser.post(url(lesson, block), {"text": "Two tabs", "base.text": base}, headers=JSON)
    assert (other.status_code, other.json()["conflicts"]["text"]["text"]) == (409, "One tab")
    form = browser.post(url(lesson, block), {"text": "Two tabs", "base.text": base})
    assert form.status_code == 422
    assert "Two tabs" in block_of(form, block).find("textarea", attrs={"name": "text"}).get_text()
    assert "One tab" in block_of(form, block).find(class_="conflict").get_text()
    assert answer_to(lesson, "reflection").value == {"text": "One tab"}


WRONG = [
    ("single", {"choice": "forged", "act": "answer"}), ("single", {"act": "answer"}),
    ("multiple", {"choice": [key_of("Yes"), "x"], "act": "answer"}),
    ("ordering", {"place-forged": "1"}), ("matching", {"match-forged": "x"}),
    ("matching", {f"match-{key_of(item)}": "forged" for item in PAIRS}),
    ("short", {"text": " ", "act": "answer"}), ("short", {"text": "x" * (MOST_LETTERS + 1)}),
    ("scenario", {"choice": "talks/forged"}), ("scenario", {}), ("checklist", {"tick": "forged"}),
    ("reflection", {"text": "x" * (MOST_LETTERS + 1)}), ("reflection", {"text": "a\x00b"}),
]  # fmt: skip


@pytest.mark.parametrize("headers", [{}, HTMX, JSON])
def test_what_the_block_does_not_have_is_refused_and_nothing_is_kept(client_of, world, lesson, headers):
    browser = client_of(world.trainee)
    for key, sent in WRONG:
        block = live(lesson, key)
        answer = browser.post(url(lesson, block), sent, headers=headers)
        if headers is JSON:
            assert (answer.status_code, answer.json()["message"][-1]) == (409, "."), (key, sent)
        else:
            assert answer.status_code == 422
            assert block_of(answer, block).find(class_="quiz__refused"), (key, sent)
    assert not StudyAnswer.objects.exists()


def test_a_block_that_the_lesson_does_not_have_is_refused(client_of, world, lesson):
    browser, forged = client_of(world.trainee), reverse("study:answer", args=[lesson.pk, uuid4()])
    for headers in ({}, HTMX, JSON):
        assert browser.post(forged, {"text": "x"}, headers=headers).status_code == 409
    text = rendered(lesson).pieces[0]
    assert isinstance(text, str)
    assert not StudyAnswer.objects.exists()


def test_only_a_learner_of_the_course_answers(client_of, world, lesson):
    block = live(lesson, "reflection")
    for person in (world.assessor, world.author, world.other.trainee):
        assert client_of(person).post(url(lesson, block), {"text": "x"}).status_code == 404
    assert client_of(None).post(url(lesson, block), {"text": "x"}).url.startswith(reverse("account_login"))
    gone = client_of(None).post(url(lesson, block), {"text": "x"}, headers=HTMX)
    assert gone.headers["HX-Redirect"].startswith(reverse("account_login"))
    assert not StudyAnswer.objects.exists()


def test_an_answer_to_what_has_changed_since_breaks_nothing_and_says_so(client_of, world, lesson):
    browser = client_of(world.trainee)
    for key, sent in (("single", chosen("The SENCO alone")), ("ordering", placed("Assess", "Plan", "Do", "Review")),
                      ("matching", matched(**PAIRS)), ("scenario", step("arrives", TALKS))):  # fmt: skip
        browser.post(url(lesson, live(lesson, key)), sent)
    text = LESSON.replace("The SENCO alone", "Nobody").replace("Do, Review]", "Do it, Review]")
    text = text.replace("match: The provider", "match: The owner").replace(TALKS, "Talk with Ola")
    lesson = make_lesson(text, lesson)
    page = browser.get(address(lesson))
    for key in ("single", "ordering", "matching"):
        assert "This question has changed since you answered it." in said(page, live(lesson, key))
    assert "starts at its beginning" in said(page, live(lesson, "scenario"))
    # The answers still count, and the new question can be answered.
    assert "3 questions left" in page.content.decode()
    browser.post(url(lesson, live(lesson, "single")), chosen("Nobody"))
    assert answer_to(lesson, "single").tries == 2


def test_an_answer_that_would_now_be_marked_otherwise_is_said_to_have_changed(client_of, world, lesson):
    browser, block = client_of(world.trainee), live(lesson, "single")
    browser.post(url(lesson, block), chosen("The Area SENCO"))
    text = LESSON.replace("    right: true\n    feedback: Yes. The parents", "    feedback: Yes. The parents")
    other = "  - text: The Area SENCO\n"
    lesson = make_lesson(text.replace(other, f"{other}    right: true\n"), lesson)
    assert "has changed since you answered" in said(browser.get(address(lesson)), live(lesson, "single"))


EVERYTHING = [
    ("single", chosen("The Area SENCO")), ("multiple", chosen("Waiting until the child is three")),
    ("ordering", placed("Assess", "Plan", "Do", "Review")), ("matching", matched(**PAIRS)),
    ("short", {"text": "Mine", "act": "answer"}), ("scenario", step("arrives", WAITS)),
]  # fmt: skip


def test_a_lesson_without_javascript_from_the_first_question_to_the_next_page(client_of, world, lesson):
    browser = client_of(world.trainee)
    items = study_items(CoursePage.objects.get())
    following = items[[item.pk for item in items].index(lesson.pk) + 1].url
    gone_on = browser.post(reverse("study:finish", args=[lesson.pk]), follow=True)
    assert gone_on.redirect_chain[-1][0] == following
    page = gone_on.content.decode()
    assert "6 questions are still open" in page
    assert f'href="{address(lesson)}#block-{live(lesson, "scenario").block}">Pip at snack time</a>' in page
    assert StudyProgress.objects.get().finished_at is None
    for key, sent in EVERYTHING:
        answer = browser.post(url(lesson, live(lesson, key)), sent, follow=True)
        assert answer.status_code == 200
    assert StudyProgress.objects.get(page_id=lesson.pk).finished_at
    assert "You have finished this lesson." in browser.get(address(lesson)).content.decode()
    assert study_figures(world.registration)[lesson.pk].__dict__ == {"answered": 6, "right": 2, "tries": 6}


def test_a_script_is_told_what_is_left_with_each_answer_and_at_the_end(client_of, world, lesson):
    browser = client_of(world.trainee)
    end = browser.post(reverse("study:finish", args=[lesson.pk]), headers=JSON).json()
    assert end["finished"] is False
    assert "6 questions left" in end["left"]
    part = browser.post(url(lesson, live(lesson, "single")), chosen("The Area SENCO"), headers=HTMX).content.decode()
    assert 'id="study-left"' in part
    assert "5 questions left" in part
    assert "<html" not in part


@pytest.mark.parametrize("kind", ["author", "assessor"])
def test_staff_can_try_a_lesson_and_nothing_is_kept(client_of, world, lesson, kind):
    browser, single, scenario = client_of(getattr(world, kind)), live(lesson, "single"), live(lesson, "scenario")
    page = browser.get(address(lesson), {"try": single.block, **chosen("The Area SENCO")})
    assert "Nobody from outside has to agree" in said(page, single)
    page = browser.get(address(lesson), {"try": scenario.block, **step("arrives", TALKS)})
    assert "She has a guess" in said(page, scenario)
    assert "Choose an answer" in said(browser.get(address(lesson), {"try": single.block}), single)
    assert browser.get(address(lesson), {"try": "nothing"}).status_code == 200
    assert not StudyAnswer.objects.exists()
    assert "questions left" not in page.content.decode()


def test_everything_stands_on_paper(client_of, world, lesson):
    page = BeautifulSoup(client_of(world.trainee).get(address(lesson)).content.decode(), "html.parser")
    paper = " ".join(" ".join(part.get_text(" ").split()) for part in page.find_all(class_="quiz__paper"))
    for words in ("b. Right.", "They advise", "The right order", "Works with the child each day: The key person",
                  "A model answer", "That is assessing.", "Go on at 3."):  # fmt: skip
        assert words in paper


def test_a_sheet_has_its_headings_room_and_no_childs_name(client_of, world, lesson):
    activity = next(child for child in lesson.body if child.block_type == "activity")
    where = reverse("study:sheet", args=[lesson.pk, activity.id])
    assert where in client_of(world.trainee).get(address(lesson)).content.decode()
    page = client_of(world.trainee).get(where).content.decode()
    for words in ("Watch one snack", lesson.title, "What happened just before", "No child’s name."):
        assert words in page
    assert page.count('class="sheet__line"') == 24
    assert client_of(world.author).get(where).status_code == 200
    assert client_of(world.other.trainee).get(where).status_code == 403
    assert client_of(world.trainee).get(reverse("study:sheet", args=[lesson.pk, uuid4()])).status_code == 404


def check(number: int) -> str:
    options = "".join(
        f"  - text: Option {one}\n    feedback: Because.\n{'    right: true' if one == 2 else ''}\n" for one in (1, 2)
    )
    return f":::check q-{number}\nkind: single\nquestion: Question {number}?\noptions:\n{options}:::\n"


def test_a_lesson_takes_as_many_queries_with_thirty_questions_as_with_one(client_of, world, queries, db):
    lesson = make_lesson(check(1))
    browser = client_of(world.trainee)
    browser.post(url(lesson, live(lesson, "check")), chosen("Option 1"))

    def grow() -> None:
        page = make_lesson("\n".join(check(number) for number in range(1, 31)), lesson)
        for block in rendered(page).live[1:20]:
            browser.post(url(page, block), chosen("Option 2"))

    queries.pin(browser, address(lesson), grow=grow, exactly=10)


def test_an_answer_takes_few_queries_whatever_the_lesson_has(client_of, world, lesson, django_assert_max_num_queries):
    browser, block = client_of(world.trainee), live(lesson, "single")
    browser.post(url(lesson, block), chosen("Option 1"), headers=HTMX)
    with django_assert_max_num_queries(20):
        browser.post(url(lesson, block), chosen("The Area SENCO"), headers=HTMX)
