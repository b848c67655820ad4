"""Questions: what an author is told, and what is right in an answer."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from wagtail.blocks import StructBlockValidationError

from content.blocks import BodyBlock
from content.marking import DoesNotFit, Option, Pair, Question, faults_of, key_of, mark, shuffled

pytestmark = pytest.mark.alike

# Different after spaces are evened out, as the faults ask of an author.
TEXTS = st.lists(st.text("abc äß", min_size=1).map(str.strip).filter(bool), min_size=2, max_size=6,
                 unique_by=key_of)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=8,
)  # fmt: skip


@st.composite
def questions(draw: Any) -> Question:
    """Questions without faults, of every kind."""
    kind, texts = draw(st.sampled_from(["single", "multiple", "ordering", "matching", "short"])), draw(TEXTS)
    if kind in ("single", "multiple"):
        right = set(draw(st.lists(st.sampled_from(texts), min_size=1, max_size=1 if kind == "single" else 6)))
        return Question(kind, options=tuple(Option(text, text in right, "<p>Why</p>") for text in texts))
    if kind == "ordering":
        return Question(kind, items=tuple(texts))
    if kind == "matching":
        matches = draw(st.lists(st.sampled_from(["X", "Y", "Z"]), min_size=len(texts), max_size=len(texts)))
        matches[:2] = ["X", "Y"]
        return Question(kind, pairs=tuple(Pair(*pair) for pair in zip(texts, matches, strict=True)))
    return Question(kind, model="<p>Model</p>")


def right_answer(question: Question) -> dict[str, Any]:
    return {
        "chosen": [option.key for option in question.options if option.is_right],
        "order": [key_of(item) for item in question.items],
        "pairs": {pair.key: key_of(pair.match) for pair in question.pairs},
        "text": "Mine.",
    }


@given(questions())
def test_the_right_answer_is_right_and_one_s_own_words_are_never_marked(question: Question):
    assert faults_of(question) == []
    assert mark(question, right_answer(question)).is_right is (None if question.kind == "short" else True)


@given(questions(), st.dictionaries(st.sampled_from(["chosen", "order", "pairs", "text"]), JSON))
def test_marking_is_total_and_always_says_the_same(question: Question, value: dict[str, Any]):
    """Whatever is kept is marked, or does not fit the question as it reads now: nothing else ever happens."""
    try:
        found = mark(question, value)
    except DoesNotFit:
        with pytest.raises(DoesNotFit):
            mark(question, value)
    else:
        assert found == mark(question, value)
        assert (found.is_right is None) == (question.kind == "short")


@given(questions(), st.data())
def test_several_are_right_exactly_when_the_sets_are_equal(question: Question, data: Any):
    keys = [option.key for option in question.options]
    if question.kind != "multiple":
        return
    chosen = data.draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))
    right = {option.key for option in question.options if option.is_right}
    marked = mark(question, {"chosen": chosen})
    assert marked.is_right == (set(chosen) == right)
    assert marked.right == right & set(chosen)
    assert marked.missing == len(right - set(chosen))


@given(questions(), st.randoms())
def test_an_order_is_right_exactly_when_nothing_is_out_of_place(question: Question, random: Any):
    if question.kind != "ordering":
        return
    order = [key_of(item) for item in question.items]
    random.shuffle(order)
    marked = mark(question, {"order": order})
    assert marked.is_right == (order == [key_of(item) for item in question.items]) == (marked.missing == 0)


@given(st.lists(st.text(max_size=4), min_size=2, max_size=8, unique=True), st.text(max_size=8))
def test_shuffling_is_stable_keeps_every_line_and_never_shows_the_right_order(keys: list[str], seed: str):
    found = shuffled(keys, seed)
    assert found == shuffled(keys, seed)
    assert sorted(found) == sorted(keys)
    assert found != keys


def test_two_learners_mostly_see_another_order():
    keys = list("abcdef")
    assert len({tuple(shuffled(keys, str(learner))) for learner in range(20)}) > 10


def test_an_answer_to_an_option_that_is_gone_does_not_fit():
    before = Question("single", options=(Option("A", True), Option("B", False)))
    after = Question("single", options=(Option("A, reworded", True), Option("B", False)))
    value = {"chosen": [key_of("A")]}
    assert mark(before, value).is_right
    with pytest.raises(DoesNotFit):
        mark(after, value)


RIGHT, WRONG = Option("Yes", True, "<p>Why</p>"), Option("No", False, "<p>Why</p>")
FAULTS = {
    "no option is right": (Question("single", options=(WRONG, Option("Or", False, "<p>x</p>"))), "now it is 0"),
    "two are right": (Question("single", options=(RIGHT, Option("Or", True, "<p>x</p>"))), "now it is 2"),
    "one option": (Question("single", options=(RIGHT,)), "at least two options"),
    "no feedback": (Question("single", options=(RIGHT, Option("No", False, "<p></p>"))), "“No” has no feedback"),
    "none of several": (Question("multiple", options=(WRONG, Option("Or", False, "<p>x</p>"))), "now it is none"),
    "the same twice": (Question("multiple", options=(RIGHT, Option(" Yes ", False, "<p>x</p>"))), "say the same"),
    "one item": (Question("ordering", items=("A",)), "at least two items"),
    "the same item twice": (Question("ordering", items=("A", "B", "A")), "Two items say the same: “A”"),
    "one pair": (Question("matching", pairs=(Pair("A", "1"),)), "at least two pairs"),
    "one match": (Question("matching", pairs=(Pair("A", "1"), Pair("B", "1"))), "nothing to choose"),
    "no model": (Question("short", look_for=("x",)), "Write a model answer"),
    "another kind's": (Question("short", model="<p>x</p>", items=("A", "B")), "Items: only for a question with"),
    "no kind": (Question(""), "what kind"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_named_in_the_authors_words(what: str):
    question, said = FAULTS[what]
    assert [fault for fault in faults_of(question) if said in fault], faults_of(question)
    assert all(fault.endswith(".") for fault in faults_of(question))


def check(**changes: Any) -> dict[str, Any]:
    options = [{"text": "Yes", "is_right": True, "feedback": "<p>a</p>"},
               {"text": "No", "is_right": False, "feedback": "<p>b</p>"}]  # fmt: skip
    return {"kind": "single", "question": "<p>Well?</p>", "options": options, "items": [], "pairs": [], "model": "",
            "look_for": [], "feedback": "", "wrong": "", **changes}  # fmt: skip


def errors(kind: str, value: dict[str, Any], *, draft: bool = False) -> str:
    """What the editor says of a block."""
    block = BodyBlock().child_blocks[kind]
    value = block.to_python(value)
    try:
        block.clean_deferred(value) if draft else block.clean(value)
    except StructBlockValidationError as error:
        return " ".join(one.message for one in error.non_block_errors.as_data())
    except ValidationError as error:
        return str(error)
    return ""


def test_the_editor_takes_a_sound_question_and_names_what_is_wrong_in_another():
    assert errors("check", check()) == ""
    assert "Give at least two items to put in order." in errors("check", check(kind="ordering"))


def test_a_half_written_question_can_be_saved_as_a_draft():
    assert errors("check", check(kind="ordering"), draft=True) == ""
