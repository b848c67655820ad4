"""A text that is open twice is never overwritten unseen, and never refused without need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.common.conflicts import EditedElsewhere, base_of, bases_in, check_bases

TEXTS = st.text(max_size=40)


@given(shown=TEXTS, saved=TEXTS, typed=TEXTS)
def test_a_save_is_refused_just_when_it_would_overwrite_something_unseen(shown: str, saved: str, typed: str):
    unseen = shown.strip() != saved.strip() and typed.strip() != saved.strip()
    if not unseen:
        check_bases({"text": saved}, {"text": typed}, {"text": base_of(shown)})
        return
    with pytest.raises(EditedElsewhere) as caught:
        check_bases({"text": saved}, {"text": typed}, {"text": base_of(shown)})
    assert caught.value.theirs == {"text": saved}
    # Having seen it, the person may keep their own.
    check_bases({"text": saved}, {"text": typed}, {"text": base_of(saved)})


def test_only_the_texts_that_clash_are_named():
    saved = {"text": "Theirs", "ai_used": "", "other": "x"}
    typed = {"text": "Mine", "ai_used": "Mine too", "other": None}
    with pytest.raises(EditedElsewhere) as caught:
        check_bases(saved, typed, {"text": base_of("Before"), "ai_used": base_of("")})
    assert caught.value.theirs == {"text": "Theirs"}
    assert caught.value.fix_url == "#other-text"


def test_a_form_carries_its_bases_and_a_save_without_one_is_not_asked():
    assert bases_in({"text": "Mine", "base.text": "0f", "base.link3-why": "1e"}) == {"text": "0f", "link3-why": "1e"}
    check_bases({"text": "Theirs"}, {"text": "Mine"}, {})
