"""Places in a text: stable ids of paragraphs, whatever is edited around them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from content.places import Places, elements_of, place_of

WORDS = st.text(st.characters(whitelist_categories=("L", "N", "P", "Zs")), min_size=1, max_size=40).filter(
    lambda text: text.strip() and "<" not in text and "&" not in text and ">" not in text
)
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=8, unique_by=lambda text: " ".join(text.split()))


def html_of(paragraphs: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in paragraphs)


def ids_of(html: str) -> list[str]:
    return re.findall(r'<(?:p|li|h2|h3)[^>]* id="([^"]+)"', html)


@given(PARAGRAPHS, WORDS, st.integers(0, 8))
def test_a_paragraph_keeps_its_id_when_another_comes_or_goes(paragraphs, new, at):
    before = ids_of(Places().give(html_of(paragraphs)))
    changed = [*paragraphs[:at], "Something else altogether: " + new, *paragraphs[at:]]
    after = ids_of(Places().give(html_of(changed)))
    assert len(after) == len(set(after)) == len(changed)
    assert set(before) <= set(after)


@given(PARAGRAPHS)
def test_giving_ids_changes_nothing_else(paragraphs):
    html = f"<section class='box'><h2>A heading</h2>{html_of(paragraphs)}<ul><li>One<br>two</li></ul></section>"
    given_ids = Places().give(html)
    assert re.sub(r' id="[^"]+"', "", given_ids) == html


def test_the_same_words_twice_get_two_ids():
    assert ids_of(Places().give("<p>Again.</p><p>Again.</p>")) == [place_of("Again."), f"{place_of('Again.')}-2"]


def test_an_address_that_looks_like_a_paragraph_is_left_alone():
    html = '<p>See <a href="https://example.org/<p>x">this</a></p>'
    assert Places().give(html).count(" id=") == 1
    assert '<a href="https://example.org/<p>x">' in Places().give(html)


def test_markup_inside_and_words_that_are_not_the_paragraphs_do_not_count():
    plain = elements_of("<p>A key person knows.</p>")[0].text
    assert elements_of("<p>A <b>key person</b><span data-not-text> Who cares most</span> knows.</p>")[0].text == plain


def test_a_list_item_with_a_paragraph_is_that_paragraph_and_an_id_stays():
    assert [(one.tag, one.text) for one in elements_of("<ul><li><p>One</p></li><li>Two</li></ul>")] == [
        ("p", "One"), ("li", "Two"),
    ]  # fmt: skip
    assert Places().give('<p id="own">Words</p>') == '<p id="own">Words</p>'


def test_each_place_knows_the_heading_above_it():
    places = Places()
    places.give("<p>First</p><h2>Plan</h2><p>Second</p>")
    places.pass_block("block-1", "Question 1")
    assert places.above[place_of("First")] == ""
    assert places.above[place_of("Second")] == places.above["plan"] == places.above["block-1"] == "Plan"
    assert places.openings["block-1"] == "Question 1"
