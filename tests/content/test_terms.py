"""Words of the glossary in a lesson's text: each once, where it first stands, and no letter of the text is changed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.models import GlossaryTerm
from content.sanitiser import sanitise
from content.terms import NOT_IN, Marker

pytestmark = pytest.mark.alike
LINK = r'<a class="term" href="#word-([^"]*)">(.*?)</a>'


def terms(*names: str) -> list[GlossaryTerm]:
    """Words, each with its other forms after a colon: "special educational needs: SEN"."""
    found = []
    for number, name in enumerate(names, 1):
        term, _, also = name.partition(":")
        found.append(GlossaryTerm(pk=number, term=term, slug=f"w{number}", also=also, meaning="M"))
    return found


def marked(html: str, *names: str) -> list[tuple[str, str]]:
    """What was marked: the text, and the word that it leads to."""
    found = Marker(terms(*names)).mark(html)
    assert plain(found) == html
    return [(text, slug) for slug, text in re.findall(LINK, found, re.DOTALL)]


def plain(html: str) -> str:
    return re.sub(r'<a class="term" href="#word-[^"]*">(.*?)</a>', r"\1", html, flags=re.DOTALL)


def test_a_word_is_marked_where_it_first_stands():
    assert marked("<p>A key person is one. A key person again.</p>", "key person") == [("key person", "w1")]


def test_another_form_is_the_same_word():
    assert marked("<p>SEN, or special educational needs.</p>", "special educational needs: SEN") == [("SEN", "w1")]


def test_the_longest_form_wins_and_is_not_marked_inside_again():
    html = "<p>SEN support helps. SEN does too. SEN support.</p>"
    assert marked(html, "SEN", "SEN support") == [("SEN support", "w2"), ("SEN", "w1")]


def test_whole_words_only():
    assert marked("<p>SENCO, unSEN, SEN-like, SENs, pre-SEN</p>", "SEN") == []
    assert marked("<p>(SEN), SEN.</p>", "SEN") == [("SEN", "w1")]
    assert marked("<p>the SENCO’s day</p>", "SENCO") == [("SENCO", "w1")]


def test_small_letters_may_begin_a_sentence_and_capitals_stay_capitals():
    assert marked("<p>Key person.</p>", "key person") == [("Key person", "w1")]
    assert marked("<p>a Key Person, sen</p>", "key person", "SEN") == []


def test_a_word_may_hold_signs_and_stand_over_two_lines():
    assert marked("<p>the parents&#x27; view</p>", "parents' view") == [("parents&#x27; view", "w1")]
    assert marked("<p>health &amp; care</p>", "health & care") == [("health &amp; care", "w1")]
    assert marked("<p>key\n  person</p>", "key person") == [("key\n  person", "w1")]
    assert marked("<p>a &amp; b</p>", "amp") == []


@pytest.mark.parametrize("tag", ["h2", "h3", "a", "summary", "button", "caption"])
def test_headings_links_and_buttons_stay_as_they_are(tag: str):
    assert tag in NOT_IN
    html = f'<{tag} title="SEN > SEN"><b>SEN</b></{tag}><p>SEN</p>'
    assert marked(html, "SEN") == [("SEN", "w1")]
    assert Marker(terms("SEN")).mark(html).endswith('<p><a class="term" href="#word-w1">SEN</a></p>')


def test_attributes_and_comments_stay_as_they_are():
    html = '<p title="SEN" data-x=\'a>SEN\'>x</p><!-- SEN --><img alt="SEN">'
    assert marked(html, "SEN") == []


def test_over_several_parts_a_word_is_marked_once():
    marker = Marker(terms("SEN"))
    assert "term" in marker.mark("<p>SEN</p>")
    assert "term" not in marker.mark("<p>SEN</p>")


def test_without_words_nothing_changes():
    assert marked("<p>SEN</p>") == []


WORD = st.sampled_from(["SEN", "key person", "key", "a", "<b>", "</b>", "<h2>", "</h2>", "<a href='#SEN'>", "</a>", " ",
                        "&amp;", "’", "é", "-", ".", "<p title='>SEN'>", "<", ">", "&"])  # fmt: skip


@given(
    parts=st.lists(WORD, max_size=14), names=st.lists(st.sampled_from(["SEN", "key person", "key", "é"]), unique=True)
)
def test_no_letter_is_lost_and_each_word_is_marked_once_at_most(parts: list[str], names: list[str]):
    found = marked(sanitise("".join(parts)), *names)
    assert len({slug for _, slug in found}) == len(found)
