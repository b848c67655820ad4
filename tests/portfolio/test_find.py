"""Finding a piece among hundreds: words (also inside files), kind, status, criterion, month, order; storage used."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from courses.framework.api import Criterion
from portfolio.api import (
    Evidence,
    EvidenceFile,
    EvidenceLink,
    EvidenceVersion,
    declare,
    discard_draft,
    new_version,
)
from portfolio.models import FileRendition, Upload
from portfolio.queries_find import marked, words_of
from tests.conftest import Queries
from tests.factories import (
    World,
    make_draft,
    make_file,
    make_ready_evidence,
    make_submission,
    settle,
    submit,
)
from tests.factories.work import look_at_tables

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    return client_of(world.trainee)


def page(browser: Client, query: str = "", path: str = "/portfolio/evidence/") -> str:
    """The main part of a page, as HTML."""
    response = browser.get(f"{path}?{query}")
    assert response.status_code == 200
    return response.content.decode().split('<main id="main-content">')[1].split("</main>")[0]


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def titles(browser: Client, query: str = "") -> list[str]:
    found = re.findall(r'<h2><a href="[^"]+">(.+?)</a>', page(browser, query))
    return [unescape(re.sub(r"</?mark>", "", title)) for title in found]


def add_page(version: EvidenceVersion, text: str, *, name: str = "plan.pdf", number: int = 1,
             kind: str = "page") -> EvidenceFile:  # fmt: skip
    """A checked file with the text of a page."""
    now = timezone.now()
    file, _ = EvidenceFile.objects.get_or_create(
        version=version, name=name,
        defaults={"state": "ready", "checked_at": now, "added_at": now, "size": 1, "sha256": "x",
                  "stored_as": f"x/{uuid4().hex}", "content_type": "application/pdf"},
    )  # fmt: skip
    FileRendition.objects.create(file=file, kind=kind, number=number, text=text)
    return file


# Words


def test_words_are_found_inside_files_and_shown_where(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="Our plan", text="See the file.")
    add_page(version, "Nothing of note", number=1)
    add_page(version, "On page two the Speech Therapist agreed a plan with us & the <b>parents</b>.", number=2)
    make_draft(world.registration, "1.1", title="Another")
    html = page(browser, "q=therapist")
    assert titles(browser, "q=therapist") == ["Our plan"]
    assert "In plan.pdf, page 2:" in text_of(html)
    assert "Speech <mark>Therapist</mark> agreed a plan with us &amp; the &lt;b&gt;parents&lt;/b&gt;." in html
    assert "1 of 2 pieces of evidence matches." in text_of(html)


def test_every_word_must_be_there_wherever_it_is(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="A quiet morning", text="We sang two songs")
    add_page(version, "A list of songs: Ten green bottles", name="songs.pdf")
    for query in ("quiet", "SANG", "morning+bottles", "sang+green+quiet", "songs.pdf", '"two+songs"', "“two+songs”"):
        assert titles(browser, f"q={quote(query, safe='+')}") == ["A quiet morning"], query
    for query in ("loud", "quiet+loud", '"songs+two"', "%25", "_"):
        assert titles(browser, f"q={query}") == [], query


def test_case_does_not_matter_outside_a_to_z_either(world: World, browser: Client):
    make_draft(world.registration, "1.1", title="Évelyne’s café", text="Ürün")
    for query in ("évelyne", "ÉVELYNE", "café", "ürün"):
        assert titles(browser, f"q={quote(query)}") == ["Évelyne’s café"], query


def test_tags_are_not_words_and_what_is_not_checked_is_not_searched(world: World, browser: Client):
    version = make_draft(world.registration, "1.1")
    add_page(version, "<strong>bold</strong>", name="a.docx", kind="html")
    waiting = add_page(version, "secret words", name="b.pdf")
    EvidenceFile.objects.filter(pk=waiting.pk).update(state="checking", checked_at=None)
    assert [titles(browser, f"q={word}") for word in ("strong", "secret")] == [[], []]


def test_a_long_text_is_cut_around_the_word_at_whole_words(world: World, browser: Client):
    text = "beginning " * 40 + "The nursery kite flew high over the garden " + "ending " * 40
    make_draft(world.registration, "1.1", text=text)
    html = page(browser, "q=kite")
    found = re.search(r'<p class="found-in">(.+?)</p>', html).group(1)
    assert "nursery <mark>kite</mark> flew high" in found
    assert (found[:2], found[-2:]) == ("… ", " …")
    assert len(found) < 260
    assert set(found.replace("<mark>", "").replace("</mark>", "").split()) <= set(text.split()) | {"…"}


def test_words_are_marked_in_the_title_and_never_as_html(world: World, browser: Client):
    make_draft(world.registration, "1.1", title="<script>alert(1)</script> & plan")
    html = page(browser, f"q={quote('<script>')}")
    assert "<mark>&lt;script&gt;</mark>alert(1)" in html
    assert "<script>" not in html


def test_only_ones_own_evidence_and_only_the_latest_version_is_searched(world: World, browser: Client):
    first = make_ready_evidence(world.registration, "1.1", title="Mine", text="giraffe")
    make_draft(world.other_registration, "1.1", title="Hers", text="giraffe")
    submit(world.registration, "1.1")
    second = new_version(first.evidence, by=world.trainee, at=timezone.now())
    assert titles(browser, "q=giraffe") == ["Mine"]
    discard_draft(second, by=world.trainee, at=timezone.now())
    assert titles(browser, "q=giraffe") == ["Mine"]
    draft = make_draft(world.registration, "1.1", title="Gone", text="giraffe")
    discard_draft(draft, by=world.trainee, at=timezone.now())
    assert titles(browser, "q=giraffe") == ["Mine"]


def test_what_an_assessor_records_is_listed_once_it_is_signed(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="Seen")
    rows = EvidenceVersion.objects.filter(pk=version.pk)
    rows.update(kind="professional_discussion", recorded_by=world.assessor)
    assert titles(browser) == []
    rows.update(happened_on="2026-10-01", signed_at=timezone.now())
    assert titles(browser) == ["Seen"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", ()), ("  one  two ", ("one", "two")), ('say "two words" now', ("say", "two words", "now")),
     ('"open', ("open",)), ("a a a", ("a",)), ('""', ())],
)  # fmt: skip
def test_words_as_typed(typed: str, words: tuple[str, ...]):
    assert words_of(typed) == words


def test_marking_leaves_every_letter_where_it_was():
    parts = marked("SEN and Sensory", ("sen", "sensory"))
    assert parts == (("SEN", True), (" and ", False), ("Sensory", True))


# Filters, order, counts


def test_list_is_narrowed_by_criterion_section_and_month(world: World, browser: Client):
    def at(month: int, day: int = 15) -> datetime:
        return datetime(2026, month, day, 0, 30, tzinfo=LONDON)

    make_draft(world.registration, "1.1", "2.4", title="Two", at=at(3))
    make_draft(world.registration, "1.2.a", title="One", at=at(4, 1))
    make_draft(world.registration, "4.8", title="Four", at=at(6))
    make_draft(world.registration, title="None", at=at(6, 30))
    assert titles(browser, "criterion=2.4") == ["Two"]
    assert titles(browser, "criterion=section-1") == ["One", "Two"]
    assert titles(browser, "criterion=4.7") == []
    assert titles(browser, "since=2026-04") == ["None", "Four", "One"]
    assert titles(browser, "until=2026-04") == ["One", "Two"]
    assert titles(browser, "since=2026-04&until=2026-05") == ["One"]
    assert titles(browser, "since=2026-06&criterion=4.8") == ["Four"]
    html = page(browser)
    months = re.findall(r'<option value="(2026-\d\d)"', html.split('name="since"')[1].split("</select>")[0])
    assert months == ["2026-06", "2026-05", "2026-04", "2026-03"]


def test_list_is_sorted_as_asked_and_goes_on_in_that_order(world: World, browser: Client):
    now = timezone.now()
    for number, title in enumerate(["b", "A", "c", *(f"d{n:02}" for n in range(24))]):
        make_draft(world.registration, title=title, at=now - timedelta(hours=number))
    assert titles(browser)[:3] == ["b", "A", "c"]
    assert titles(browser, "sort=oldest")[:2] == ["d23", "d22"]
    assert titles(browser, "sort=title")[:4] == ["A", "b", "c", "d00"]
    following = unescape(re.search(r'<a href="[^"?]+\?([^"]+)" rel="next">', page(browser, "sort=title")).group(1))
    assert titles(browser, following) == ["d22", "d23"]


def test_drafts_are_one_press_away_with_where_to_go_on(world: World, browser: Client):
    draft = make_draft(world.registration, "1.1", title="Half done")
    make_submission(world.registration, "1.3", title="Sent")
    settle(make_submission(world.registration, "2.1", title="Settled"), by=world.assessor)
    shown = text_of(page(browser))
    assert "All 3 Your drafts 1 Submitted 1 Decided 1" in shown
    html = page(browser, "state=draft")
    assert titles(browser, "state=draft") == ["Half done"]
    assert "Go on with any of them, on this device or another." in text_of(html)
    assert f"/portfolio/evidence/{draft.evidence.ref}/write/" in html


def test_what_is_not_known_narrows_nothing(world: World, browser: Client):
    make_draft(world.registration, "1.1", title="Here")
    unknown = ("kind=x&state=y&criterion=9.9&since=2031-01&until=x&sort=z", "q=%00", "after=forged", "criterion=%00")
    for query in unknown:
        assert titles(browser, query) == ["Here"], query


def test_nothing_found_and_nothing_there_each_have_a_way_on(world: World, browser: Client):
    assert "No evidence yet" in text_of(page(browser))
    make_draft(world.registration, "1.1")
    shown = text_of(page(browser, "q=zebra"))
    assert "0 of 1 piece of evidence match. Show all" in shown
    assert "Nothing found" in shown
    assert "Show all your evidence" in shown


def test_each_row_says_what_it_is(world: World, browser: Client):
    version = make_draft(world.registration, "1.2.a", "4.8", title="A talk", kind="case_study")
    make_file(version, "notes.txt")
    row = re.search(r'<li class="evidence-row">(.+?)</li>', page(browser), re.DOTALL).group(1)
    said = r"A talk Case study · saved \d+ \w+ \d{4}, \d\d:\d\d · notes\.txt Criteria: 1\.2\.a 4\.8 Draft Continue"
    assert re.search(said, text_of(row))


def test_list_takes_at_most_fifteen_queries_at_one_three_and_three_hundred_pieces(
    world: World, browser: Client, queries: Queries
):
    first = make_draft(world.registration, "1.1", text="kite")
    add_page(first, "kite")
    plain = queries.of(browser, "/portfolio/evidence/")
    search = queries.of(browser, "/portfolio/evidence/?q=kite&state=draft&criterion=section-1")
    assert (len(plain), len(search)) == (11, 14)
    criteria = list(Criterion.objects.filter(framework_id=world.qualification.framework_id))
    assert len(criteria) == 60
    for number in (2, 297):
        plant(world, number, criteria)
        assert len(queries.of(browser, "/portfolio/evidence/")) == 11
        assert len(queries.of(browser, "/portfolio/evidence/?q=kite&state=draft&criterion=section-1")) == 14
        assert len(queries.of(browser, "/portfolio/evidence/?sort=title&since=2026-01")) == 11
    assert "300 pieces of evidence." in text_of(page(browser))
    assert "300 of 300 pieces of evidence match." in text_of(page(browser, "q=kite"))


def plant(world: World, number: int, criteria: list[Criterion]) -> None:
    """Many pieces at once, each linked to five criteria, with a file whose page says something."""
    now = timezone.now()
    pieces = Evidence.objects.bulk_create(
        Evidence(registration=world.registration, created_at=now) for _ in range(number)
    )
    versions = EvidenceVersion.objects.bulk_create(
        EvidenceVersion(evidence=piece, number=1, kind="case_study", title=f"Piece {n}", text="A kite flew",
                        created_at=now, saved_at=now - timedelta(minutes=n)) for n, piece in enumerate(pieces)
    )  # fmt: skip
    EvidenceLink.objects.bulk_create(
        EvidenceLink(version=version, criterion=criteria[(n * 5 + k) % 60] if k else criteria[0])
        for n, version in enumerate(versions) for k in range(5) if not (k and (n * 5 + k) % 60 == 0)
    )  # fmt: skip
    files = EvidenceFile.objects.bulk_create(
        EvidenceFile(version=version, name="plan.pdf", state="ready", checked_at=now, added_at=now, size=1, sha256="x",
                     stored_as=f"x/{uuid4().hex}", stored_size=1000, content_type="application/pdf")
        for version in versions
    )  # fmt: skip
    FileRendition.objects.bulk_create(FileRendition(file=file, kind="page", text="kite") for file in files)
    look_at_tables()


# Storage used


def storage(browser: Client) -> str:
    return text_of(page(browser, path="/portfolio/storage/"))


def test_storage_counts_a_stored_file_once_and_says_what_is_in_the_bin(world: World, browser: Client):
    first = make_ready_evidence(world.registration, "1.1", title="Sent")
    make_file(first, "shared.txt", b"x" * 2048)
    declare(first, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())
    submit(world.registration, "1.1")
    second = new_version(first.evidence, by=world.trainee, at=timezone.now())
    make_file(second, "own.txt", b"x" * 4096)
    assert "Your files take up 6.0 KB in 2 files." in storage(browser)
    assert "Documents 2 6.0 KB" in storage(browser)
    assert "Nothing of it is in your bin." in storage(browser)
    assert f'/portfolio/evidence/{first.evidence.ref}/files/">Remove' in page(browser, path="/portfolio/storage/")
    discard_draft(second, by=world.trainee, at=timezone.now())
    shown = storage(browser)
    assert "Your files take up 6.0 KB in 2 files." in shown
    assert "4.0 KB of it is in your bin" in shown
    assert "shared.txt Documents, 2.0 KB · in Sent Submitted: it stays" in shown
    assert "Go to the bin for own.txt" in shown
    assert "Remove" not in shown


def test_storage_lists_uploads_that_can_be_gone_on_with(world: World, browser: Client):
    version = make_draft(world.registration, "1.1")
    now = timezone.now()
    for name, left in (("film.mp4", 1), ("old.mp4", -1)):
        Upload.objects.create(user=world.trainee, version=version, name=name, length=2 * 1024 * 1024,
                              offset=1024 * 1024, created_at=now, expires_at=now + timedelta(hours=left))  # fmt: skip
    shown = storage(browser)
    assert "film.mp4 1.0 MB of 2.0 MB has arrived" in shown
    assert "old.mp4" not in shown


def test_storage_of_nothing_says_so(world: World, browser: Client):
    assert "No files yet" in storage(browser)


def test_storage_takes_the_same_queries_at_one_three_and_three_hundred(world: World, browser: Client, queries: Queries):
    make_file(make_draft(world.registration, "1.1"))
    criteria = list(Criterion.objects.filter(framework_id=world.qualification.framework_id))
    for number in (0, 2, 297):
        plant(world, number, criteria)
        assert len(queries.of(browser, "/portfolio/storage/")) == 7
    assert "in 300 files." in storage(browser)
