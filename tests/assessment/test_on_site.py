"""What an assessor's phone asks for and sends: the page beside a trainee, and records sent late and more than once
(rules 6, 21-23)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessment.api import declare_interest
from courses.delivery.api import Allocation, end_allocation
from lms.common import housekeeping
from lms.common.errors import Refused
from portfolio.api import EvidenceFile, EvidenceVersion
from portfolio.domain.attach import add_file
from portfolio.domain.check import check_now
from portfolio.domain.from_device import take_transcript
from portfolio.domain.record import discard_record, save_record, sign_record
from portfolio.models import Attestation
from tests.factories import World, make_file, make_held, make_record, make_witness, submit
from tests.factories.records import WEBM

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
Kind = EvidenceVersion.Kind


def page(world: World, name: str = "on_site") -> str:
    return reverse(f"assessment:{name}", args=[world.registration.ref])


def day(name: str) -> dict[str, int]:
    today = timezone.localdate()
    return {f"{name}_day": today.day, f"{name}_month": today.month, f"{name}_year": today.year}


def written(**changes) -> dict:
    """An observation as a phone sends it."""
    said = {"id": str(uuid4()), "kind": Kind.OBSERVATION, "title": "Snack time", "place": "Willow Tree Nursery",
            "minutes": "30", "text": "She led it.", "criterion": ["4.5", "1.4"], "where-4.5": "The end",
            **day("happened_on")}  # fmt: skip
    return said | changes


def recording_of(version: EvidenceVersion, by, name: str = "Recording 1.webm", content: bytes = WEBM) -> EvidenceFile:
    return make_file(version, name, content, by=by)


# The page


def test_the_page_has_forms_documents_and_open_records(world: World, client_of):
    make_held(world.registration, "4.5")
    submit(world.registration, "4.5")
    make_record(
        world.registration, Kind.PROFESSIONAL_DISCUSSION, by=world.assessor, sign=False, title="Asking for help"
    )
    make_record(world.registration, by=world.assessor, title="Already signed")
    answer = client_of(world.assessor).get(page(world))
    found = answer.content.decode()
    for words in ("Observation", "Professional discussion", "Support plan", "Asking for help"):
        assert words in found
    assert "Already signed" not in found
    assert found.count("<template data-form=") == 5


def test_the_microphone_and_its_sound_belong_to_this_page_alone(world: World, client_of):
    browser = client_of(world.assessor)
    here, elsewhere = browser.get(page(world)), browser.get("/assess/learners/")
    assert "microphone=(self)" in here.headers["Permissions-Policy"]
    assert "media-src 'self' blob:" in here.headers["Content-Security-Policy"]
    assert elsewhere.headers["Permissions-Policy"] == settings.PERMISSIONS_POLICY
    assert "microphone=()" in settings.PERMISSIONS_POLICY
    assert "blob:" not in elsewhere.headers["Content-Security-Policy"]


def test_queries_do_not_grow_with_records_documents_and_witnesses(world: World, client_of, queries):
    def grow() -> None:
        for name in ("Ann", "Bob"):
            make_record(world.registration, by=world.assessor, sign=False, title=name)
            make_witness(world.registration, by=world.assessor, name=name)
        for code in ("4.2.a", "4.2.c"):
            make_held(world.registration, code)
            submit(world.registration, code)

    make_record(world.registration, by=world.assessor, sign=False)
    make_witness(world.registration, by=world.assessor)
    make_held(world.registration, "4.5")
    submit(world.registration, "4.5")
    browser = client_of(world.assessor)
    found = len(queries.of(browser, page(world)))
    assert found <= 15
    queries.pin(browser, page(world), grow=grow, exactly=found)


# Sending


def test_what_was_written_becomes_a_record_that_waits_for_a_signature(world: World, client_of):
    answer = client_of(world.assessor).post(page(world, "on_site_send"), written())
    version = EvidenceVersion.objects.get()
    assert answer.json() == {
        "url": f"/assess/records/{version.evidence.ref}/",
        "uploads": f"/portfolio/evidence/{version.evidence.ref}/uploads/",
        "marks": f"/assess/records/{version.evidence.ref}/marks/",
    }
    assert (version.title, version.minutes, version.recorded_by) == ("Snack time", 30, world.assessor)
    assert version.signed_at is None
    assert {link.criterion.code: link.where for link in version.links.all()} == {"4.5": "The end", "1.4": ""}
    sign_record(version, by=world.assessor, at=timezone.now())


def test_sent_again_it_is_the_same_record_and_what_was_changed_since_stays(world: World, client_of, at):
    browser, said = client_of(world.assessor), written()
    first = browser.post(page(world, "on_site_send"), said).json()
    version = EvidenceVersion.objects.get()
    save_record(version, text="Mended on the website.", by=world.assessor, at=at)
    assert browser.post(page(world, "on_site_send"), said).json() == first
    housekeeping.clear(at=at + timedelta(days=9))  # the forms' own tokens are forgotten; the record is not
    assert browser.post(page(world, "on_site_send"), said).json() == first
    assert EvidenceVersion.objects.get().text == "Mended on the website."


def test_a_record_that_was_deleted_does_not_come_back_when_it_is_sent_again(world: World, client_of, at):
    browser, said = client_of(world.assessor), written()
    browser.post(page(world, "on_site_send"), said)
    discard_record(EvidenceVersion.objects.get(), by=world.assessor, at=at)
    assert browser.post(page(world, "on_site_send"), said).status_code == 200
    assert not EvidenceVersion.objects.exists()


def test_two_assessors_phones_never_mean_the_same_record(world: World, client_of):
    said = written()
    for assessor in (world.assessor, world.second_assessor):
        client_of(assessor).post(page(world, "on_site_send"), said)
    recorders = EvidenceVersion.objects.values_list("recorded_by", flat=True)
    assert sorted(recorders) == sorted([world.assessor.pk, world.second_assessor.pk])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "seven"}, "no name of its own"),
        ({"minutes": "long"}, "Give whole minutes, like 45."),
        ({"title": "  "}, "Give the record a title."),
        ({"kind": "case_study"}, "Choose what you want to record."),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(world: World, client_of, changes: dict, words: str):
    answer = client_of(world.assessor).post(page(world, "on_site_send"), written(**changes))
    assert answer.status_code == 422
    assert words in " ".join(answer.json()["reasons"])
    assert not EvidenceVersion.objects.exists()


def test_who_is_not_the_assessor_any_more_is_told_why(world: World, client_of, at):
    browser, said = client_of(world.assessor), written()
    allocation = world.registration.allocations.get(user=world.assessor, role=Allocation.Role.ASSESSOR)
    end_allocation(allocation, ends_on=at.date() - timedelta(days=1), by=world.centre_admin, at=at)
    answer = browser.post(page(world, "on_site_send"), said)
    assert answer.status_code in (403, 404)
    assert "trainee’s assessor" in answer.json()["reasons"][0]


def test_an_open_interest_stops_what_was_written_too(world: World, client_of, at):
    declare_interest(world.registration, "family", "", by=world.assessor, at=at)
    answer = client_of(world.assessor).post(page(world, "on_site_send"), written())
    assert answer.status_code == 422
    assert "personal interest" in answer.json()["reasons"][0]


def test_who_is_signed_out_is_told_so_and_a_phone_learns_who_is_signed_in(world: World, client_of):
    nobody, browser = client_of(None), client_of(world.assessor)
    hello = reverse("hello")
    assert nobody.get(hello).status_code == nobody.post(page(world, "on_site_send"), written()).status_code == 401
    answer = browser.get(hello)
    assert answer.json()["user"] == str(world.assessor.pk)
    assert "no-store" in answer.headers["Cache-Control"]


# Documents in the setting


def test_a_document_seen_without_a_signal_is_on_record_once(world: World, client_of):
    version = make_held(world.registration, "4.5")
    submit(world.registration, "4.5")
    said = {"id": str(uuid4()), "kind": "attestation", "document": str(version.evidence.ref), "number": "1",
            "place": "Office", "note": "A plan with two reviews.", **day("seen_on")}  # fmt: skip
    browser = client_of(world.assessor)
    for key in (said["id"], said["id"], str(uuid4())):  # sent again; and once more, after it was forgotten
        assert browser.post(page(world, "on_site_send"), said | {"id": key}).json() == {"url": "/assess/learners/"}
    assert Attestation.objects.get().seen_by == world.assessor


def test_another_trainees_document_is_not_found(world: World, client_of):
    version = make_held(world.other_registration, "4.5")
    submit(world.other_registration, "4.5")
    said = {"id": str(uuid4()), "kind": "attestation", "document": str(version.evidence.ref), "number": "1",
            "place": "Office", "note": "A plan.", **day("seen_on")}  # fmt: skip
    assert client_of(world.assessor).post(page(world, "on_site_send"), said).status_code == 404


# Recordings


def test_marks_point_criteria_at_times_and_keep_what_was_said_in_words(world: World, client_of):
    browser = client_of(world.assessor)
    browser.post(page(world, "on_site_send"), written(kind=Kind.PROFESSIONAL_DISCUSSION))
    version = EvidenceVersion.objects.get()
    file = recording_of(version, world.assessor)
    assert (file.content_type, file.media) == ("audio/webm", "audio")
    url = reverse("assessment:record_marks", args=[version.evidence.ref])
    for _ in range(2):
        answer = browser.post(url, {"file": str(file.ref), "mark": ["4.5 80 125", "4.2.c 9"]})
        assert answer.json() == {"state": "ready", "problem": ""}
    found = {row.criterion.code: (row.start_seconds, row.end_seconds, row.where) for row in version.links.all()}
    assert found == {"4.5": (80, 125, "The end"), "4.2.c": (9, None, ""), "1.4": (None, None, "")}
    read = browser.get(reverse("assessment:record_sign", args=[version.evidence.ref])).content.decode()
    assert "From 1:20 to 2:05 in Recording 1.webm" in read
    assert "everybody who is heard or seen in its recording knew of it and agreed" in read


def test_a_recording_is_marked_while_it_is_being_checked(world: World, client_of, at):
    version = make_record(world.registration, by=world.assessor, sign=False)
    file = add_file(version, SimpleUploadedFile("one.webm", WEBM), by=world.assessor, at=at)
    url, browser = reverse("assessment:record_marks", args=[version.evidence.ref]), client_of(world.assessor)
    assert browser.post(url, {"file": str(file.ref), "mark": "4.5 3"}).json()["state"] == "checking"
    check_now(file.pk, at=at)
    assert browser.get(url, {"file": str(file.ref)}).json()["state"] == "ready"
    assert version.links.get().start_seconds == 3


@pytest.mark.parametrize("marks", ["4.5 20 10", "4.5 999999", "4.5 minus"])
def test_a_time_that_cannot_be_is_refused(world: World, client_of, marks: str):
    version = make_record(world.registration, by=world.assessor, sign=False)
    file = recording_of(version, world.assessor)
    url = reverse("assessment:record_marks", args=[version.evidence.ref])
    assert client_of(world.assessor).post(url, {"file": str(file.ref), "mark": marks}).status_code == 422
    assert not version.links.exists()


def test_a_text_has_no_times_and_another_records_file_is_gone(world: World, client_of):
    version = make_record(world.registration, by=world.assessor, sign=False)
    other = make_record(world.registration, by=world.assessor, sign=False, title="Another")
    url, browser = reverse("assessment:record_marks", args=[version.evidence.ref]), client_of(world.assessor)
    notes, foreign = make_file(version, by=world.assessor), recording_of(other, world.assessor)
    assert browser.post(url, {"file": str(notes.ref), "mark": "4.5 3"}).status_code == 422
    assert browser.post(url, {"file": str(foreign.ref), "mark": "4.5 3"}).json()["state"] == "gone"
    assert not version.links.exists()


def test_a_signed_record_takes_no_marks(world: World, client_of):
    version = make_record(world.registration, by=world.assessor, sign=False)
    file = recording_of(version, world.assessor)
    sign_record(version, by=world.assessor, at=timezone.now())
    url = reverse("assessment:record_marks", args=[version.evidence.ref])
    answer = client_of(world.assessor).post(url, {"file": str(file.ref), "mark": "4.5 3"})
    assert answer.status_code == 422
    assert "You have signed this record" in answer.json()["reasons"][0]


# Transcripts


def test_the_words_of_a_transcript_become_the_text_once(world: World, client_of, at):
    version = make_record(
        world.registration, Kind.PROFESSIONAL_DISCUSSION, by=world.assessor, sign=False, text="My notes."
    )
    file = make_file(version, "transcript.txt", b"Q: How do you ask for help?\n\nA: I ring.", by=world.assessor)
    url = reverse("assessment:record", args=[version.evidence.ref])
    browser = client_of(world.assessor)
    form = browser.get(url).content.decode()
    assert "Use the words of transcript.txt as the text" in form
    once = form.split(f"transcript/{file.ref}/")[1].split('name="once" value="')[1].split('"')[0]
    browser.post(reverse("assessment:record_transcript", args=[version.evidence.ref, file.ref]), {"once": once})
    version.refresh_from_db()
    assert version.text == "My notes.\n\nQ: How do you ask for help?\n\nA: I ring."
    assert take_transcript(version, file, by=world.assessor, at=at).text == version.text


def test_a_recording_has_no_words_to_take(world: World, client_of, at):
    version = make_record(world.registration, by=world.assessor, sign=False)
    file = recording_of(version, world.assessor)
    with pytest.raises(Refused, match="No words could be read"):
        take_transcript(version, file, by=world.assessor, at=at)


# The worker


def test_the_worker_is_for_the_whole_site_and_names_nobody(world: World, client_of):
    answer = client_of(world.assessor).get("/sw.js")
    assert (answer.headers["Service-Worker-Allowed"], answer.headers["Cache-Control"]) == ("/", "no-cache")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.content == client_of(None).get("/sw.js").content
    assert b"/static/sw" in answer.content
