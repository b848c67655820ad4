"""How the course reads: length, school year, nothing said twice, nothing that leads astray."""

import re
import statistics

from content.diagrams import DIAGRAMS
from courses.pages.source import SOURCE
from tests.courses.the_course import blocks, lessons, lines, pages, plain, said_by
from tools import course
from tools.reading import Part, figures, syllables, uk_year

HARD = (
    "Notwithstanding the aforementioned considerations, practitioners should systematically operationalise "
    "multidisciplinary recommendations throughout individualised intervention programmes."
)


def test_a_lesson_has_600_to_1200_words_of_running_text_and_takes_a_quarter_of_an_hour():
    for page in lessons():
        assert 600 <= figures(page.body).words <= 1200, page.slug
        assert 5 <= page.minutes <= 15, page.slug


def test_the_course_reads_for_year_9_and_no_page_above_year_11():
    years = {page.slug: figures(page.body).year for page in pages()}
    print(f"school year: median {statistics.median(years.values())}, highest {max(years.values())}")
    assert statistics.median(years.values()) <= 9
    assert {slug: year for slug, year in years.items() if year > 11} == {}


def test_the_measure_tells_hard_from_plain():
    assert uk_year([HARD]) > 11
    assert uk_year(["Sit beside her. Wait. Let her show you what she wants, and then say the word."]) < 4
    known = {"cat": 1, "table": 2, "asked": 1, "wanted": 2, "hearing": 2, "area": 3, "special": 2, "key-person": 3,
             "idea": 3, "review": 2, "co-ordinator": 5, "language": 2, "places": 2, "names": 1}  # fmt: skip
    assert {word: syllables(word) for word in known} == known


def test_the_figures_in_the_documents_are_those_of_the_files():
    """Otherwise: python -m tools.course."""
    for path, text in course.tables().items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_no_two_pages_share_a_paragraph_or_a_question():
    seen: dict[str, str] = {}
    for page in pages():
        for line in {plain(line) for line in lines(page, Part.TEXT, Part.REPLY) if len(line) > 60}:
            assert line not in seen, (seen[line], page.slug, line)
            seen[line] = page.slug
    asked: dict[str, str] = {}
    for page in pages():
        texts = [value["question"] for value in blocks(page, "check")]
        texts += [value["prompt"] for kind in ("reflection", "draft") for value in blocks(page, kind)]
        for text in map(plain, texts):
            assert text not in asked, (asked[text], page.slug, text)
            asked[text] = page.slug


def test_no_word_of_the_text_is_lost_to_a_mark_left_open():
    for page in pages():
        assert not re.search(r"\*\*|:::|\]\(|^#+ ", said_by(page), re.M), page.slug


def test_links_are_https():
    for path in [*SOURCE.rglob("*.md"), *SOURCE.rglob("*.yaml")]:
        assert not re.search(r"\b(?:http|ftp|file)://", path.read_text(encoding="utf-8")), path.name


def test_nobody_can_be_found_by_what_the_course_says():
    """No postcode, telephone number, address of mail, date of birth or number of a child or a setting."""
    traces = {
        "postcode": r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b",
        "telephone": r"\b0\d{2,4}[ -]?\d{3}[ -]?\d{3,4}\b",
        "mail": r"\b[\w.]+@[\w.]+\.\w+\b",
        "born": r"\b(?:born on|DOB|date of birth:?) \d",
        "date": r"\b\d{1,2}/\d{1,2}/\d{2,4}\b",
    }
    for page in pages():
        found = {name: re.findall(trace, said_by(page)) for name, trace in traces.items()}
        assert not any(found.values()), (page.slug, found)


def test_pages_say_that_nobody_has_checked_them_until_somebody_has():
    for page in pages():
        assert bool(page.checked_by) is bool(page.checked_on), page.slug


def test_every_diagram_is_drawn_and_told_in_words():
    drawn = {name for name, _ in DIAGRAMS}
    used = [(page.slug, value) for page in pages() for value in blocks(page, "diagram")]
    assert {value["name"] for _, value in used} == drawn
    for name in drawn:
        svg = (SOURCE.parents[1] / "assets" / "images" / "diagrams" / f"{name}.svg").read_text(encoding="utf-8")
        assert "<title" in svg, name
        assert "<desc" in svg, name
    for slug, value in used:
        assert len(value["alt"]) > 40, slug
        assert len(plain(value["long"])) > len(plain(value["alt"])), slug
