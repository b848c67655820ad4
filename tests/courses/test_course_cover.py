"""The course that comes with the product covers the whole specification, page by page."""

import json
from pathlib import Path

from content import marking, scenarios
from content.made import as_written, question_of, scenario_of
from courses.pages.source import SOURCE, USES, read_course, read_guidance, read_list
from tests.courses.the_course import blocks, lessons, pages

DATA = Path(__file__).resolve().parents[2] / "courses" / "framework" / "data"
SECTIONS = json.loads((DATA / "early-years-senco-level-3-2022.json").read_text(encoding="utf-8"))["sections"]
OF_OUTCOME = {c["code"]: o["code"] for s in SECTIONS for o in s["outcomes"] for c in o["criteria"]}
OF_SECTION = {c["code"]: s["code"] for s in SECTIONS for o in s["outcomes"] for c in o["criteria"]}


def test_each_criterion_is_taught_practised_and_assessed():
    assert len(OF_OUTCOME) == 60
    for use in USES:
        assert {code for page in pages() for code in page.uses[use]} == OF_OUTCOME.keys(), use


def test_each_outcome_has_a_lesson_of_its_own():
    """The lesson whose first statement belongs to it; what else it teaches comes second."""
    own = {OF_OUTCOME[page.uses["teaches"][0]] for page in lessons()}
    assert len(own) == 31
    assert own == set(OF_OUTCOME.values())


def test_pages_stand_in_the_unit_of_their_statements():
    for number, unit in enumerate(read_course()["units"], start=1):
        assert str(unit["section"]) == str(number)
        kinds = [page.kind for page in pages() if page.slug in unit["pages"]]
        assert (kinds[0], kinds.count("opening"), kinds.count("closing")) == ("opening", 1, 1)
        assert kinds.count("case_study") == 1
        assert kinds.count("task") >= 2
    for page in pages():
        assert {OF_SECTION[code] for codes in page.uses.values() for code in codes} <= {page.unit}, page.slug
        assert bool(page.uses["assesses"]) is page.is_task, page.slug


def test_every_file_is_a_page_of_the_course_under_a_number_of_its_own():
    known = {page.slug: page for page in pages()}
    assert len(known) == len(pages())
    files = [*SOURCE.glob("lessons/*.md"), *SOURCE.glob("tasks/*.md")]
    numbered = dict(path.stem.split("-", 1) for path in files)
    assert len(numbered) == len(files), "two files share a number"
    assert sorted(numbered.values()) == sorted(known)
    assert all(known[slug].unit == number[0] for number, slug in numbered.items())


def test_each_lesson_has_its_parts():
    for page in lessons():
        kinds = [block["type"] for block in page.body]
        assert {"text", "check", "activity", "reflection"} <= set(kinds), page.slug
        assert "example" in kinds or "scenario" in kinds, page.slug
        assert "law" in kinds or page.references, page.slug


def test_each_check_can_be_answered_and_teaches_whatever_one_answers():
    for page in pages():
        for value in blocks(page, "check"):
            question = question_of(value, as_written)
            assert not marking.faults_of(question), page.slug
            assert all(one.feedback for one in question.options), (page.slug, question.prompt)
            assert all(one.feedback for one in question.pairs), (page.slug, question.prompt)
            if question.kind == "ordering":
                assert question.feedback, (page.slug, question.prompt)
                assert question.wrong, (page.slug, question.prompt)
            if question.kind == "short":
                assert question.model, (page.slug, question.prompt)
                assert question.look_for, (page.slug, question.prompt)


def test_every_path_of_a_story_ends_and_every_choice_is_answered():
    stories = [(page, scenario_of(value, as_written)) for page in pages() for value in blocks(page, "scenario")]
    assert len(stories) >= 4
    for page, story in stories:
        assert not scenarios.faults_of(story), page.slug
        assert all(choice.feedback for step in story.steps for choice in step.choices), page.slug


def test_each_criterion_has_guidance_on_evidence_for_trainee_and_assessor():
    guidance = read_guidance()
    assert guidance.keys() == OF_OUTCOME.keys()
    assert all(text["trainee"].strip() and text["assessor"].strip() for text in guidance.values())


def test_each_task_says_what_good_evidence_looks_like_for_each_of_its_criteria():
    for page in pages():
        if page.is_task:
            rows = " ".join(row["cells"][0] for value in blocks(page, "table") for row in value["rows"])
            assert [code for code in page.uses["assesses"] if f"{code} " not in f"{rows} "] == [], page.slug


def test_words_that_a_page_explains_stand_in_the_glossary_once():
    terms = [entry["term"] for entry in read_list("glossary*.yaml")]
    assert len(set(terms)) == len(terms)
    used = {term for page in pages() for value in blocks(page, "words") for term in value["terms"]}
    assert used <= set(terms)
