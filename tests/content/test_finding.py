"""Finding words: what may be found and shown of each block, and how words are matched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.blocks import BodyBlock
from content.finding import best, excerpt, marked, passages_of, stem, stems_asked
from courses.pages.source_boxes import blocks_of
from tests.factories.lessons import LESSON

pytestmark = pytest.mark.alike

TEXT = st.text(max_size=200)


def passages(markdown: str = LESSON):
    return passages_of(BodyBlock().to_python(blocks_of(markdown, "a-page")).get_prep_value())


def test_words_of_every_block_are_found():
    text = " ".join(one.text for one in passages())
    for words in (
        "Pip is two.", "What is going on?", "Who decides that a child should have SEN support?", "The SENCO alone",
        "Put the four steps in order", "Works with the child each day", "what does “graduated” mean?",
        "Pip at snack time", "She goes under when the trolley comes", "Move the trolley for a week",
        "You have asked when suits them", "Watch one snack", "What I guess", "Whose voice is loudest",
    ):  # fmt: skip
        assert words in text, words


def test_what_an_answer_teaches_is_never_found():
    text = " ".join(one.text for one in passages())
    for words in (
        "You will often see it first", "Then round again", "Look at what has to be known", "The SENCO does not take",
        "Support grows or shrinks", "support can grow and shrink", "She has a guess", "You can try again tomorrow",
    ):  # fmt: skip
        assert words not in text, words


def test_neither_order_nor_pairs_can_be_read_from_what_is_found():
    lines = [one.text for one in passages()]
    steps = [line for line in lines if line in ("Assess", "Plan", "Do", "Review")]
    assert steps == sorted(steps) != ["Assess", "Plan", "Do", "Review"]
    matches = [line for line in lines if line in ("The key person", "The SENCO", "The provider")]
    assert matches == sorted(matches)


def test_later_steps_of_a_scenario_are_found_and_not_shown():
    hidden = [one.text for one in passages() if one.hidden]
    assert any("every time" in text.lower() for text in hidden)
    assert best(passages(), stems_asked("trolley kitchen")) is None


@given(TEXT, TEXT)
def test_an_excerpt_says_nothing_that_the_text_does_not(text, asked):
    said = "".join(part for part, _ in excerpt(text, stems_asked(asked)))
    assert said.removeprefix("… ").removesuffix(" …") in text
    assert "".join(part for part, _ in marked(text, stems_asked(asked))) == text


@given(TEXT)
def test_a_word_finds_itself_whatever_was_typed(text):
    stems = stems_asked(text)
    assert len(stems) <= 8
    assert all(stem(one) == one or stem(one) for one in stems)


@pytest.mark.parametrize(
    ("one", "other"),
    [("needs", "need"), ("assessing", "assesses"), ("planning", "plan"), ("children", "child"), ("delays", "delayed"),
     ("families", "family"), ("child’s", "child"), ("reviewed", "reviews"), ("SENCOs", "senco"), ("naïve", "naive")],
)  # fmt: skip
def test_forms_of_a_word_find_one_another(one, other):
    assert stem(one) == stem(other)


def test_small_words_are_left_out_unless_there_is_nothing_else():
    assert stems_asked("what is the plan") == ("plan",)
    assert stems_asked("what is the") == tuple(map(stem, ("what", "is", "the")))
