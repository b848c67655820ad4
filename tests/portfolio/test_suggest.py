"""Criteria suggested from what was written: a help to choose from, never noise."""

import sys
from collections.abc import Callable
from subprocess import run

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portfolio import suggest
from portfolio.api import EvidenceVersion, save_draft, start_evidence
from portfolio.models import FileRendition
from tests.factories import World, criterion, make_draft, make_file, make_learner, make_mapped_qualification

from .suggest_samples import HELD_OUT, NOTHING, SAMPLES

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def codes(text: str) -> list[str]:
    """What is suggested for a text, by code."""
    return [one.criterion.code for one in suggest.suggest(criterion("1.1").framework_id, text)]


def test_the_criterion_that_a_person_would_choose_is_among_the_five():
    hits = [code in codes(text) for code, text in SAMPLES]
    unseen = [code in codes(text) for code, text in HELD_OUT]
    assert (sum(hits), len(hits), sum(unseen), len(unseen)) == (23, 24, 11, 12)


def test_most_often_it_is_the_first():
    first = [codes(text)[:1] == [code] for code, text in SAMPLES + HELD_OUT]
    assert sum(first) == 29


@pytest.mark.parametrize("text", NOTHING)
def test_nonsense_and_texts_that_say_too_little_suggest_nothing(text: str):
    assert codes(text) == []


def test_at_most_five_and_each_with_the_words_that_say_so():
    text = " ".join(text for _, text in SAMPLES)
    found = suggest.suggest(criterion("1.1").framework_id, text)
    assert len(found) == 5
    typed = " ".join(suggest.words_of(text))
    assert all(1 <= len(one.words) <= 4 for one in found)
    assert all(word in typed for one in found for word in one.words)


def test_a_reason_is_said_once_and_not_as_part_of_another():
    found = suggest.suggest(criterion("1.1").framework_id, dict(SAMPLES)["4.2.c"])
    assert found[0].words == ("speech and language", "language therapist", "salt")


@pytest.mark.parametrize(("one", "other"), [
    ("plans", "planning"), ("identified", "identify"), ("agencies", "agency"), ("reviews", "review"),
    ("parent's", "parents"), ("liaised", "liaise"), ("stopped", "stop"),
])  # fmt: skip
def test_forms_of_a_word_are_the_same_word(one: str, other: str):
    assert suggest.stem(one) == suggest.stem(other)


@pytest.mark.parametrize(("one", "other"), [("class", "clas"), ("child", "children"), ("plan", "plant")])
def test_other_words_stay_other_words(one: str, other: str):
    assert suggest.stem(one) != suggest.stem(other)


@given(st.text(max_size=400))
def test_any_text_at_all_is_taken(text: str):
    assert len(codes(text)) <= 5


def test_the_ranking_is_not_loaded_before_it_is_needed():
    program = "import portfolio.suggest, sys; print('bm25s' in sys.modules or 'numpy' in sys.modules)"
    setup = "import django; django.setup(); "
    said = run([sys.executable, "-c", setup + program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_text_of_files_counts_too(world: World):
    now = timezone.now()
    version = start_evidence(world.registration, kind="work_product", title="Notes", by=world.trainee, at=now)
    assert suggest.suggest_for(version) == []
    file = make_file(version, "plan.txt")
    FileRendition.objects.filter(file=file).delete()
    FileRendition.objects.create(file=file, kind="html", text=f"<p>{dict(SAMPLES)['4.2.c']}</p>")
    assert [one.criterion.code for one in suggest.suggest_for(version)] == ["4.2.c"]


def test_another_framework_has_an_index_of_its_own():
    learner = make_learner(qualification=make_mapped_qualification())
    now = timezone.now()
    version = start_evidence(learner, kind="case_study", title="Therapist", by=learner.learner, at=now)
    text = "The therapist came to the nursery, and together we wrote the targets in the plan for one child."
    version = save_draft(version, text=text, by=learner.learner, at=now)
    assert [one.criterion.code for one in suggest.suggest_for(version)][:1] == ["U4.1"]


# On the page


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    """The trainee, signed in."""
    return client_of(world.trainee)


def page_of(browser: Client, version: EvidenceVersion, query: str = "") -> str:
    """The step's page."""
    return browser.get(f"/portfolio/evidence/{version.evidence.ref}/criteria/{query}").content.decode()


def test_suggestions_are_marked_say_why_and_stand_on_the_page_once(world: World, browser: Client):
    html = page_of(browser, make_draft(world.registration, text=dict(SAMPLES)["4.2.c"]))
    suggested = html.split('id="suggested"')[1].split("</fieldset>")[0]
    assert "A computer compared your words with the statements." in suggested
    assert "Because you wrote: <em>speech and language</em>" in suggested
    assert 'value="4.2.c"' in suggested
    assert html.count('value="4.2.c"') == 1
    assert html.count('name="criterion"') == 60


def test_a_suggestion_is_ticked_like_the_others(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", text=dict(SAMPLES)["4.2.c"])
    browser.post(f"/portfolio/evidence/{version.evidence.ref}/criteria/", {"criterion": ["1.1", "4.2.c"]})
    assert set(version.links.values_list("criterion__code", flat=True)) == {"1.1", "4.2.c"}
    assert 'id="suggested"' not in page_of(browser, version)


def test_without_text_and_while_finding_nothing_is_suggested(world: World, browser: Client):
    assert 'id="suggested"' not in page_of(browser, make_draft(world.registration, text=""))
    version = make_draft(world.registration, text=dict(SAMPLES)["4.2.c"])
    html = page_of(browser, version, "?q=therapies")
    assert 'id="suggested"' not in html
    assert 'value="4.2.c"' in html
