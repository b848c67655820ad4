"""The evidence location sheet: asked for, made in a job as a tagged PDF, saved for a day by whoever asked for it."""

import builtins
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.test import Client
from django.utils import timezone

from assessment.domain.location_sheet import KEPT, ask_for_sheet, give_up, make_sheet, purge_reports
from assessment.queries_location import location_sheet
from courses.delivery.api import end_allocation
from courses.framework.api import Criterion
from lms.common import housekeeping, jobs, pdf
from lms.common.models import Job
from lms.common.once import issue
from portfolio.api import Link, new_version, set_links
from portfolio.files import store_room
from portfolio.models import Report
from tests.conftest import Queries
from tests.factories import World, criterion, decide_all, make_draft, make_submission, settle
from tests.helpers import actions_since, last_event, nothing_changes, refused
from tools import pango

pytestmark = pytest.mark.alike
URL = "/portfolio/location-sheet/"


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    return client_of(world.trainee)


def work(world: World) -> None:
    """1.1 achieved on a first version with a draft after it, 1.2.a with changes needed, 4.8 a draft."""
    submission = make_submission(world.registration, "1.1", "1.2.a", title="A guide for “new” colleagues & <others>",
                                 text="Child B likes the red car.")  # fmt: skip
    settle(submission, by=world.assessor, outcomes={"1.2.a": "referred"})
    version = submission.items.first().versions.get()
    new_version(version.evidence, by=world.trainee, at=timezone.now())
    make_draft(world.registration, "4.8", title="Only mine so far")


def asked(world: World, by: Any = None) -> Report:
    return ask_for_sheet(world.registration, by=by or world.trainee, at=timezone.now())


def made(world: World, by: Any = None) -> Report:
    report = asked(world, by)
    make_sheet(report.pk)
    report.refresh_from_db()
    return report


def content_of(report: Report) -> bytes:
    with store_room().open(report.stored_as) as file:
        return file.read()


def words_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return " ".join(" ".join(pages).split())


def elements(node: Any) -> Iterator[pikepdf.Dictionary]:
    """Every element of a document's structure."""
    if isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)
    elif isinstance(node, pikepdf.Array):
        for part in node:
            yield from elements(part)


def page(browser: Client, query: str = "") -> str:
    response = browser.get(f"{URL}?{query}")
    assert response.status_code == 200
    main = response.content.decode().split('<main id="main-content">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


# What it says


def test_the_sheet_names_for_each_criterion_its_evidence_and_who_decided(world: World):
    work(world)
    rows = {row.criterion.code: row for part in location_sheet(world.registration, world.trainee)
            for stem in part.stems for row in stem.rows}  # fmt: skip
    assert len(rows) == 60
    said = {code: [(place.version.number, place.version.state, place.decision and place.decision.outcome)
                   for place in row.places] for code, row in rows.items() if row.places}  # fmt: skip
    assert said == {
        "1.1": [(2, "draft", None), (1, "decided", "achieved")],
        "1.2.a": [(2, "draft", None), (1, "decided", "referred")],
        "4.8": [(1, "draft", None)],
    }
    assert {code: row.status for code, row in rows.items() if row.status != "not_started"} == {
        "1.1": "achieved", "1.2.a": "changes_needed", "4.8": "draft"}  # fmt: skip
    assert rows["1.1"].places[0].where == "Second paragraph"


def test_staff_read_of_it_what_was_submitted_and_a_draft_decision_is_nobodys(world: World):
    work(world)
    decide_all(make_submission(world.registration, "1.3", title="Waiting"), by=world.assessor)
    for person in (world.assessor, world.iqa):
        parts = location_sheet(world.registration, person)
        places = [place for part in parts for stem in part.stems for row in stem.rows for place in row.places]
        assert {(place.version.title, place.version.number) for place in places} == {
            ("A guide for “new” colleagues & <others>", 1), ("Waiting", 1)}  # fmt: skip
        assert {place.decision for place in places if place.version.title == "Waiting"} == {None}


def test_the_sheet_takes_the_same_queries_at_one_and_three(world: World, queries: Queries):
    work(world)
    location_sheet(world.registration, world.trainee)  # what a person and a process remember
    with queries(4):
        location_sheet(world.registration, world.trainee)
    settle(make_submission(world.registration, "1.3", "1.4"), by=world.assessor)
    settle(make_submission(world.registration, "1.5"), by=world.assessor)
    with queries(4):
        location_sheet(world.registration, world.trainee)


# The document


@pytest.mark.slow
def test_the_document_is_tagged_for_people_who_listen_to_it(world: World):
    work(world)
    event = last_event()
    report = made(world)
    assert actions_since(event) == ["report.made"]
    content = content_of(report)
    with pikepdf.open(BytesIO(content)) as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert str(document.docinfo["/Title"]) == "Evidence location sheet: Tara Walsh"
        assert b"pdfuaid:part" in bytes(root.Metadata.read_bytes())
        found = list(elements(root.StructTreeRoot))
        kinds = [str(element.S) for element in found]
        assert [kind for kind in kinds if kind == "/H1"] == ["/H1"]
        assert (kinds.count("/H2"), kinds.count("/Table")) == (4, 3)
        headers = [element for element in found if str(element.S) == "/TH"]
        assert len(headers) == 3 * 5 + 5
        known = {bytes(element.ID) for element in headers}
        assert len(known) == len(headers)
        cells = [{bytes(name) for name in element.A.Headers} for element in found if str(element.S) == "/TD"]
        assert len(cells) == 5 * 4
        assert all(len(named) == 2 and named <= known for named in cells)
        assert root.Outlines.Count != 0
        levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
        fonts = {str(font.BaseFont) for page in document.pages for font in page.Resources.Font.values()}
        assert all("Lexend" in name or "Source" in name for name in fonts), fonts


@pytest.mark.slow
def test_the_document_has_every_code_and_nothing_of_what_the_evidence_says(world: World):
    work(world)
    text = words_of(content_of(made(world)))
    codes = list(Criterion.objects.filter(framework_id=world.qualification.framework_id).values_list("code", flat=True))
    assert len(codes) == 60
    assert [code for code in codes if not re.search(rf"(?<![\d.]){re.escape(code)}(?![\d.a-z])", text)] == []
    assert "A guide for “new” colleagues & <others> (version 1)" in text
    assert "Only mine so far" in text
    assert "last decision: achieved, by Asha Patel on" in text
    assert "1.2 Describe the four areas of need" in text
    assert "Page 1 of" in text
    for said in ("Child B", "red car", "It shows what I did", "The account shows", "Say what you did"):
        assert said not in text


@pytest.mark.slow
def test_nothing_is_fetched_for_a_document_whatever_a_title_says(world: World, monkeypatch: pytest.MonkeyPatch, caplog):
    """A title is escaped; and were one not, no address is opened."""
    weasyprint = pytest.importorskip("weasyprint")
    fetcher = pdf._only_fonts(weasyprint)
    for url in ("file:///etc/passwd", "http://127.0.0.1:1/", "data:text/plain,x", "font:../../manage.py", "font:"):
        with pytest.raises(ValueError, match="A PDF fetches nothing"):
            fetcher.fetch(url)
    assert fetcher.fetch("font:lexend.woff2").read().startswith(b"wOF2")


def test_without_pango_the_report_says_so_and_the_log_says_what_to_install(
    world: World, monkeypatch: pytest.MonkeyPatch, browser: Client, caplog: pytest.LogCaptureFixture
):
    def missing() -> None:
        raise pdf.CannotMakePdf(f"PDFs need Pango: apt-get install {' '.join(pdf.PACKAGES)}")

    monkeypatch.setattr(pdf, "_weasyprint", missing)
    with caplog.at_level(logging.ERROR):
        report = made(world)
    assert "libpango-1.0-0" in caplog.text
    assert report.problem.startswith("The sheet cannot be made here at the moment.")
    assert "The sheet cannot be made here at the moment." in page(browser)
    assert "Make a new one" in page(browser)


def test_the_import_error_of_a_missing_library_becomes_words(monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(pdf.CannotMakePdf, match="apt-get install libpango-1.0-0 libpangoft2-1.0-0"):
        pdf.make_pdf("assessment/location_sheet.html", {})


def test_make_test_installs_what_the_product_asks_for(monkeypatch: pytest.MonkeyPatch, capsys):
    assert pango.PACKAGES == pdf.PACKAGES
    monkeypatch.setattr(pango, "find_library", lambda name: None if name == "pango-1.0" else name)
    pango.note()
    assert "sudo apt-get install libpango-1.0-0 (the rest works)" in capsys.readouterr().out
    asked: list[str] = []
    monkeypatch.setattr(pango, "install", lambda package, why: asked.append(package))
    with pytest.raises(pango.Missing):
        pango.fetch()
    assert asked == ["libpango-1.0-0"]


# Asking and making


def test_asking_adds_a_job_that_makes_it_once(world: World, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=False):
        report = asked(world)
    job = Job.objects.get(kind="assessment.location_sheet")
    assert jobs.run(job.pk)
    report.refresh_from_db()
    assert report.made_at
    with nothing_changes():
        make_sheet(report.pk)
        make_sheet(report.pk + 1)


def test_asking_again_while_it_is_made_gives_the_same(world: World, at):
    report = ask_for_sheet(world.registration, by=world.trainee, at=at)
    with nothing_changes():
        assert ask_for_sheet(world.registration, by=world.trainee, at=at + timedelta(minutes=9)) == report
    assert ask_for_sheet(world.registration, by=world.assessor, at=at) != report
    assert ask_for_sheet(world.registration, by=world.trainee, at=at + timedelta(minutes=11)) != report


def test_only_the_learner_and_allocated_staff_may_ask(world: World):
    for person in (world.other_trainee, world.lead_iqa, world.setting_manager, world.superuser, world.other.assessor):
        with refused("rule-35-sheet"):
            asked(world, person)


def test_what_failed_at_every_attempt_says_so(world: World, browser: Client):
    report = asked(world)
    give_up(report.pk)
    assert "The sheet cannot be made here at the moment." in page(browser)


def test_a_day_later_it_is_destroyed(world: World, at, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assessment.domain.location_sheet.make_pdf", lambda *args: b"%PDF-1.7")
    old, young = made(world), made(world, world.assessor)
    Report.objects.filter(pk=old.pk).update(asked_at=at - KEPT - timedelta(seconds=1))
    housekeeping.clear(at=at)
    assert list(Report.objects.all()) == [young]
    assert [store_room().exists(report.stored_as) for report in (old, young)] == [False, True]
    with nothing_changes():
        purge_reports(at)


# Pages


def test_from_asking_to_saving(world: World, browser: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assessment.domain.location_sheet.make_pdf", lambda *args: b"%PDF-1.7 made")
    assert "Make it" in page(browser)
    html = browser.get(URL).content.decode()
    form = {"once": re.search(r'name="once" value="([^"]+)"', html.split('id="main-content"')[1]).group(1)}
    assert [browser.post(URL, form)["Location"] for _ in range(2)] == [URL] * 2
    report = Report.objects.get()
    waiting = browser.get(URL).content.decode()
    assert "Your sheet is being made." in waiting
    assert f'hx-get="{URL}" hx-trigger="every 2s"' in waiting
    part = browser.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "Your sheet is being made." in part
    assert "<html" not in part
    make_sheet(report.pk)
    assert f'href="{URL}{report.ref}/"' in browser.get(URL).content.decode()
    assert "hx-get" not in browser.get(URL).content.decode()
    answer = browser.get(f"{URL}{report.ref}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 made"
    assert answer["Content-Disposition"] == 'attachment; filename="evidence-location-sheet-tara-walsh.pdf"'
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")


def test_a_report_is_only_for_whoever_asked_while_they_may(
    world: World, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, at
):
    monkeypatch.setattr("assessment.domain.location_sheet.make_pdf", lambda *args: b"%PDF-1.7")
    own, staffs = made(world), made(world, world.assessor)
    trainee, assessor = client_of(world.trainee), client_of(world.assessor)

    def statuses(report: Report) -> list[int]:
        return [one.get(f"{URL}{report.ref}/").status_code for one in (trainee, assessor)]

    assert (statuses(own), statuses(staffs)) == ([200, 404], [404, 200])
    allocation = world.registration.allocations.get(user=world.assessor)
    end_allocation(allocation, ends_on=at.date() - timedelta(days=1), by=None, at=at)
    assert statuses(staffs) == [404, 404]
    Report.objects.update(asked_at=at - KEPT - timedelta(seconds=1))
    assert statuses(own) == [404, 404]


def test_staff_make_one_of_their_learner(world: World, client_of: Callable[..., Client]):
    browser, query = client_of(world.iqa), f"registration={world.registration.ref}"
    assert "Tara Walsh" in page(browser, query)
    answer = browser.post(f"{URL}?{query}", {"once": issue(world.iqa)})
    assert answer["Location"] == f"{URL}?{query}"
    assert Report.objects.get().asked_by == world.iqa
    assert client_of(world.other_trainee).get(f"{URL}?{query}").status_code == 404


def test_a_sheet_that_takes_too_long_says_so(world: World, browser: Client):
    report = asked(world)
    Report.objects.filter(pk=report.pk).update(asked_at=timezone.now() - timedelta(minutes=11))
    assert "It takes longer than it should." in page(browser)


def test_what_a_criterion_links_to_by_a_locator_is_said_in_words(world: World):
    version = make_draft(world.registration, "1.1", text="One.\n\nTwo.")
    set_links(version, [Link(criterion("1.1").pk, paragraph=2)], by=world.trainee, at=timezone.now())
    parts = location_sheet(world.registration, world.trainee)
    assert parts[0].stems[0].rows[0].places[0].where == "paragraph 2"
