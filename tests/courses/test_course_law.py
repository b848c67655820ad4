"""What the course says about the law: every Act, code, framework and paragraph that a page names stands in the list,
with its edition, status and the date on which it was checked, and the page cites it."""

from datetime import date

import pytest
import yaml

from courses.pages.source import SOURCE, read_list
from tests.courses.the_course import law, pages, said_by
from tools.course import cited_by
from tools.law_named import named_in

pytestmark = pytest.mark.alike
SINCE = date(2026, 1, 1)


def outside(text: str, cited: set[str]) -> list[str]:
    """What a text names that stands in no list, or that its page does not cite."""
    return [named.words for named in named_in(text, law().values()) if not named.codes & cited]


def test_a_page_names_no_law_but_what_it_cites():
    for page in pages():
        assert outside(said_by(page), set(cited_by(page))) == [], page.slug


def test_words_and_guidance_name_no_law_outside_the_list():
    texts = [entry["meaning"] for entry in read_list("glossary*.yaml")]
    for path in SOURCE.glob("guidance*.yaml"):
        texts += [text for both in yaml.safe_load(path.read_text(encoding="utf-8")).values() for text in both.values()]
    assert [named.words for text in texts for named in named_in(text, law().values()) if not named.codes] == []


@pytest.mark.parametrize(
    "planted",
    [
        "The Mental Capacity Act 2005 says so.",
        "Under the Care Act you may.",
        "See section 37 of the Children and Families Act 2014.",
        "The Children and Families Act 2013 says so.",
        "The Code says it in paragraph 5.99.",
        "Read the Code, 9.150, before you ring.",
        "Paragraphs 5.40 and 6.12 say so.",
        "That is what regulation 44 is for.",
        "The Autism Strategy Regulations 2011 ask for it.",
        "The Teaching Standards framework asks for it.",
        "KCSIE asks for it.",
        "The Highway Code comes first.",
    ],
)
def test_a_planted_law_is_found(planted: str):
    assert outside(f"A child waits by the door.\n{planted}\nShe has a plan.", set(law()))


@pytest.mark.parametrize("plain", ["He wrote a code for the door.", "An act of kindness counts.", "Section F says so.",
                                   "The EYFS framework asks for it.", "At 5.45 he rang."])  # fmt: skip
def test_ordinary_words_and_known_law_pass(plain: str):
    assert outside(plain, set(law())) == []


def test_what_a_page_does_not_cite_itself_is_refused_too():
    assert outside("Section 19 asks it of councils.", {"eyfs"}) == ["section 19"]
    assert outside("Section 19 asks it of councils.", {"cfa-2014-s19"}) == []


def test_each_reference_is_whole_and_cited():
    cited = {code for page in pages() for code in cited_by(page)}
    assert len(law()) == len(read_list("law/*.yaml")), "a code stands twice"
    assert cited == law().keys()
    for code, row in law().items():
        assert row["status"] in ("in_force", "proposed", "superseded"), code
        assert row["kind"] in ("act", "regulations", "code", "framework", "guidance"), code
        assert row["checked_on"] >= SINCE, code
        assert all(str(row[name]).strip() for name in ("title", "edition", "says", "source")), code
        assert len(row["says"]) <= 800, code
        assert len(row["source"]) <= 500, code
        assert len(row["edition"]) <= 120, code
        assert row["url"].startswith("https://"), code


def test_one_document_has_one_title_and_one_place_is_cited_once():
    places = [(row["title"], row["paragraph"]) for row in law().values()
              if row["kind"] != "framework" and row.get("paragraph")]  # fmt: skip
    assert len(set(places)) == len(places)


def test_proposals_are_told_apart_from_the_law():
    proposed = {code for code, row in law().items() if row["status"] == "proposed"}
    assert proposed == {"send-reform-2026"}
    for page in pages():
        if proposed & set(cited_by(page)):
            assert "proposal" in said_by(page).lower() or "not law" in said_by(page).lower(), page.slug
