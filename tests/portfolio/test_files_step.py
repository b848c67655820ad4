"""The step that takes files: what is said of each file, of the limits, and of what is not finished."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from portfolio.api import EvidenceVersion
from portfolio.domain import upload as uploads
from portfolio.domain.attach import add_file
from portfolio.domain.check import check_now
from portfolio.domain.record import start_record
from portfolio.models import Upload
from tests.factories import World, make_draft, make_file

pytestmark = pytest.mark.alike
PLAIN = "<!doctype html><p>"


@pytest.fixture
def draft(world: World) -> EvidenceVersion:
    """A draft of the trainee, without files."""
    return make_draft(world.registration, "1.1")


def page_of(version: EvidenceVersion) -> str:
    return f"/portfolio/evidence/{version.evidence.ref}/files/"


def rows(page: str) -> list[str]:
    """The list of files as a person reads it."""
    found = BeautifulSoup(page, "html.parser").select("#file-list li")
    return [" ".join(row.get_text(" ").split()) for row in found]


def waiting(version: EvidenceVersion, name: str = "notes.txt") -> int:
    learner = version.evidence.registration.learner
    return add_file(version, SimpleUploadedFile(name, name.encode()), by=learner, at=timezone.now()).pk


def begun(version: EvidenceVersion, name: str = "film.mp4", arrived: int = 62) -> Upload:
    """An upload of 100 bytes that is half way."""
    learner = version.evidence.registration.learner
    made = uploads.begin(version, name=name, length=100, by=learner, at=timezone.now())
    return uploads.append(made, offset=0, size=arrived, read=lambda size: b"x" * size, by=learner, at=timezone.now())


def test_each_file_says_how_far_it_is(world: World, draft: EvidenceVersion, client_of: Callable[..., Client]):
    waiting(draft)
    make_file(draft, "ready.txt")
    make_file(draft, "page.txt", PLAIN.encode())
    page = client_of(world.trainee).get(page_of(draft)).content.decode()
    first, second, third = rows(page)
    assert first.startswith("notes.txt")
    assert "Being checked" in first
    assert "Remove notes.txt" in first
    assert second.startswith("ready.txt Text,")
    assert "Ready" in second
    assert third.startswith("page.txt “page.txt”")
    assert "Not taken" in third
    links = [a["href"] for a in BeautifulSoup(page, "html.parser").select("#file-list a")]
    assert links == [f"/portfolio/files/{draft.files.get(name='ready.txt').ref}/"]
    assert "checked for viruses" in page


def test_the_list_looks_again_until_all_is_settled_and_says_so(
    world: World, draft: EvidenceVersion, client_of: Callable[..., Client]
):
    browser, file_id = client_of(world.trainee), waiting(draft)
    page = browser.get(page_of(draft)).content.decode()
    asked = re.search(r'hx-get="([^"]+)" hx-trigger="every 3s, file-added from:body"', page)
    assert asked
    assert (browser.get(asked.group(1)).status_code, browser.get(asked.group(1)).content) == (204, b"")
    check_now(file_id, at=None)
    part = browser.get(asked.group(1)).content.decode()
    assert "every 3s" not in part
    assert 'hx-trigger="file-added from:body"' in part
    assert '<p id="files-said" hx-swap-oob="innerHTML">Every file is checked: 1 ready.</p>' in part
    assert "Being checked" not in part


def test_who_is_signed_out_gets_no_sign_in_page_inside_the_page(draft: EvidenceVersion):
    answer = Client().get(f"{page_of(draft)}list/")
    assert (answer.status_code, answer.content) == (401, b"You have been signed out.")


def test_the_limits_of_the_centre_and_of_the_form_are_told(
    world: World, draft: EvidenceVersion, client_of: Callable[..., Client]
):
    world.centre.evidence_limit_mb = 250
    world.centre.save()
    page = BeautifulSoup(client_of(world.trainee).get(page_of(draft)).content, "html.parser")
    assert "Your centre takes files of up to 250 MB each." in page.select_one("details.govuk-details").get_text()
    assert "at most 20 MB" in page.select_one("details.govuk-details noscript").get_text()
    root = page.select_one("[data-uploads]")
    assert (root["data-limit-bytes"], root["data-part-bytes"]) == (str(250 * 1024 * 1024), str(8 * 1024 * 1024))
    assert root["data-input"] == page.select_one("input[type=file]")["id"]
    assert {"image/*", "video/*", "audio/*", ".pdf"} <= set(page.select_one("input[type=file]")["accept"].split(","))


def test_what_is_not_finished_is_listed_and_can_be_thrown_away(
    world: World, draft: EvidenceVersion, client_of: Callable[..., Client]
):
    upload, browser = begun(draft), client_of(world.trainee)
    page = BeautifulSoup(browser.get(page_of(draft)).content, "html.parser")
    row = page.select_one("[data-waiting-name='film.mp4'][data-waiting-length='100']")
    assert "62% of 100" in row.get_text()
    form = row.select_one("form")
    answer = browser.post(form["action"], {"once": form.select_one("[name=once]")["value"]}, follow=True)
    assert "“film.mp4” is thrown away." in answer.content.decode()
    assert not uploads.path_of(upload.ref).exists()
    assert "Not finished" not in answer.content.decode()


def test_an_upload_that_arrived_meanwhile_is_not_thrown_away(
    world: World, draft: EvidenceVersion, client_of: Callable[..., Client]
):
    upload, browser = begun(draft), client_of(world.trainee)
    once = re.search(r'name="once" value="([^"]+)"', browser.get(page_of(draft)).content.decode()).group(1)
    uploads.append(upload, offset=62, size=38, read=lambda size: b"x" * size, by=world.trainee, at=timezone.now())
    answer = browser.post(f"/portfolio/uploads/{upload.ref}/end/", {"once": once})
    assert answer.status_code == 409
    assert "has arrived already" in answer.content.decode()
    assert draft.files.count() == 1


def test_an_upload_whose_time_is_over_is_not_listed(
    world: World, draft: EvidenceVersion, client_of: Callable[..., Client]
):
    begun(draft)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Not finished" not in client_of(world.trainee).get(page_of(draft)).content.decode()


def test_a_recorder_opens_and_removes_files_of_a_record_and_its_learner_does_not_see_them(
    world: World, client_of: Callable[..., Client]
):
    about = {"kind": "observation", "title": "Snack time"}
    record = start_record(world.registration, **about, by=world.assessor, at=timezone.now())
    file = make_file(record, by=world.assessor)
    address = f"/portfolio/files/{file.ref}/"
    assert client_of(world.assessor).get(address).status_code == 200
    assert client_of(world.assessor).get(f"{page_of(record)}list/").status_code == 200
    for other in (world.trainee, world.second_assessor):
        assert client_of(other).get(address).status_code == 404
        assert client_of(other).get(f"{page_of(record)}list/").status_code == 404


def test_the_step_takes_the_same_queries_for_one_file_and_three(
    world: World, draft: EvidenceVersion, client_of: Callable[..., Client], queries
):
    def two_more() -> None:
        for number in range(2):
            waiting(draft, f"more{number}.txt")
            begun(draft, f"more{number}.mp4")

    waiting(draft)
    begun(draft)
    queries.pin(client_of(world.trainee), page_of(draft), grow=two_more, exactly=11)
    queries.pin(client_of(world.trainee), f"{page_of(draft)}list/", grow=lambda: waiting(draft, "one.txt"), exactly=5)
