"""Paragraphs, times and marked parts: pure rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.places import LONGEST, Region, paragraphs, read_time, say_time

pytestmark = pytest.mark.alike


@pytest.mark.parametrize(("text", "expected"), [
    ("", []),
    (" \n \n", []),
    ("One", ["One"]),
    ("One\nTwo", ["One", "Two"]),
    ("One\nstill one\n\nTwo", ["One\nstill one", "Two"]),
    ("One\r\n\r\nTwo\r\n", ["One", "Two"]),
    ("One\n \t\n\n\nTwo", ["One", "Two"]),
])  # fmt: skip
def test_paragraphs_are_parted_by_blank_lines_or_else_by_lines(text: str, expected: list[str]):
    assert paragraphs(text) == expected


@given(st.text(alphabet="ab \n\r\t", max_size=60))
def test_no_word_is_lost_or_moved_by_numbering(text: str):
    assert " ".join(paragraphs(text)).split() == text.split()
    assert all(part.strip() for part in paragraphs(text))


@given(st.integers(0, LONGEST))
def test_every_time_reads_back(seconds: int):
    assert read_time(say_time(seconds)) == seconds


@pytest.mark.parametrize(("typed", "seconds"), [
    ("0:00", 0), ("1:20", 80), ("01:20", 80), ("90:00", 5400), ("1:02:30", 3750), (" 2.05 ", 125),
])  # fmt: skip
def test_times_as_people_type_them(typed: str, seconds: int):
    assert read_time(typed) == seconds


@pytest.mark.parametrize("typed", ["", "80", "1:60", "1:2", "1:75:00", ":30", "-1:00", "1:20pm", "1:2:3:4", "١:٢٠"])
def test_what_is_no_time_is_refused(typed: str):
    with pytest.raises(ValueError, match=r"^"):
        read_time(typed)


@given(st.text(max_size=12))
def test_any_text_is_a_time_that_reads_back_or_is_refused(typed: str):
    try:
        seconds = read_time(typed)
    except ValueError:
        return
    assert read_time(say_time(seconds)) == seconds <= LONGEST


@given(st.integers(0, 99), st.integers(0, 99), st.data())
def test_every_region_inside_the_picture_reads_back(left: int, top: int, data: st.DataObject):
    width, height = data.draw(st.integers(1, 100 - left)), data.draw(st.integers(1, 100 - top))
    region = Region(left, top, width, height)
    assert Region.read(str(region)) == region
    assert len(str(region)) <= 15


@given(st.lists(st.integers(-5, 130), min_size=3, max_size=5))
def test_a_region_that_leaves_the_picture_is_none(numbers: list[int]):
    text = " ".join(map(str, numbers))
    inside = len(numbers) == 4 and min(numbers) >= 0 and numbers[2] and numbers[3]
    inside = inside and numbers[0] + numbers[2] <= 100 and numbers[1] + numbers[3] <= 100
    if inside:
        assert str(Region.read(text)) == text
    else:
        with pytest.raises(ValueError, match=r"^"):
            Region.read(text)


@pytest.mark.parametrize("text", ["", "1 2 3", "10  10 5 5", "a b c d", "1.5 2 3 4", "10 10 5 5 ", "١٠ 10 5 5"])
def test_text_that_is_no_region_is_refused(text: str):
    with pytest.raises(ValueError, match=r"^"):
        Region.read(text)
