"""The assessor's trainees, records on site, witnesses and documents in the setting, as pages."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessment.api import declare_interest
from portfolio.api import EvidenceVersion
from portfolio.domain.record import save_record
from portfolio.models import Attestation, Witness
from tests.factories import (
    World,
    criterion,
    link_and_declare,
    make_held,
    make_learner,
    make_ready_evidence,
    make_record,
    make_witness,
    opened,
    submit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
Kind = EvidenceVersion.Kind
LEARNERS = "/assess/learners/"


def page(version: EvidenceVersion, name: str = "record") -> str:
    return reverse(f"assessment:{name}", args=[version.evidence.ref])


def text_of(response) -> str:
    return response.content.decode()


def today() -> dict[str, str]:
    day = timezone.localdate()
    return {"happened_on_day": str(day.day), "happened_on_month": str(day.month), "happened_on_year": str(day.year)}


# The trainees


def test_the_list_shows_whom_the_assessor_has_and_what_waits(world: World, client_of):
    make_ready_evidence(world.registration, "1.1")
    submission = submit(world.registration, "1.1")
    found = text_of(client_of(world.assessor).get(LEARNERS))
    assert "Tara Walsh" in found
    assert "Una Brown" not in found
    assert str(submission.ref) in found
    assert "0 of 60 criteria achieved" in found


def test_the_list_is_searched_by_name(world: World, client_of):
    browser = client_of(world.assessor)
    assert "Tara Walsh" in text_of(browser.get(f"{LEARNERS}?q=walsh"))
    assert "No trainee has this name" in text_of(browser.get(f"{LEARNERS}?q=nobody"))


def test_an_assessor_without_trainees_is_told_so(world: World, client_of):
    assert "No trainee is allocated to you" in text_of(client_of(world.unallocated_assessor).get(LEARNERS))


def test_queries_do_not_grow_with_trainees_records_and_documents(world: World, client_of, queries):
    def add(registration, count: int) -> None:
        for _ in range(count):
            make_record(registration, by=world.assessor, sign=False)
        make_held(registration, "1.1")
        submit(registration, "1.1")

    def grow() -> None:
        for name in ("Second", "Third"):
            add(make_learner(world.cohort, assessor=world.assessor, setting=world.other_setting, name=name), 1)

    add(world.registration, 1)
    browser = client_of(world.assessor)
    found = len(queries.of(browser, LEARNERS))
    assert found <= 12
    queries.pin(browser, LEARNERS, grow=grow, exactly=found)


# Recording


def start(browser, world: World, kind: str = Kind.OBSERVATION, title: str = "Leading a review") -> EvidenceVersion:
    url = reverse("assessment:record_start", args=[world.registration.ref])
    form = browser.get(f"{url}?kind={kind}")
    answer = browser.post(url, {"kind": kind, "title": title, "once": once(form)})
    version = EvidenceVersion.objects.get()
    assert answer.url == page(version)
    return version


def once(response) -> str:
    return text_of(response).split('name="once" value="')[1].split('"')[0]


def test_an_observation_is_recorded_signed_and_reaches_the_trainee(world: World, client_of):
    browser = client_of(world.assessor)
    version = start(browser, world)
    trainee = client_of(world.trainee)
    assert trainee.get(f"/portfolio/evidence/{version.evidence.ref}/").status_code == 404
    said = {"title": "Leading a review meeting", "place": "Willow Tree Nursery", "minutes": "45", "witness": "",
            "text": "She opened the meeting and asked the parents first.", "then": "sign", **today()}  # fmt: skip
    assert browser.post(page(version), said).url == page(version, "record_sign")
    answer = browser.post(page(version, "record_sign"), {"once": once(browser.get(page(version, "record_sign")))})
    assert answer.url == page(version)
    assert "You have signed this record" in text_of(browser.get(page(version)))
    read = text_of(trainee.get(f"/portfolio/evidence/{version.evidence.ref}/"))
    assert "Asha Patel recorded this" in read
    assert "45 minutes" in read
    assert "Asha Patel, assessor" in read
    assert "Delete this draft" not in read


def test_what_is_missing_before_signing_links_to_its_field(world: World, client_of):
    browser = client_of(world.assessor)
    version = start(browser, world)
    form = browser.get(page(version, "record_sign"))
    for field in ("id_happened_on_0", "id_place", "id_minutes", "id_text"):
        assert f"{page(version)}#{field}" in text_of(form)
        assert f'id="{field}"' in text_of(browser.get(page(version)))
    assert "Sign this record" not in text_of(form)


def test_a_field_that_is_wrong_keeps_what_was_typed_and_saves_the_rest(world: World, client_of):
    browser = client_of(world.assessor)
    version = start(browser, world)
    answer = browser.post(page(version), {"title": "T", "minutes": "long", "text": "Seen", "then": "sign"})
    assert answer.status_code == 422
    assert 'value="long"' in text_of(answer)
    version.refresh_from_db()
    assert (version.text, version.minutes) == ("Seen", None)


def test_a_record_is_saved_as_it_is_typed(world: World, client_of):
    browser = client_of(world.assessor)
    version = make_record(world.registration, by=world.assessor, sign=False)
    answer = browser.post(page(version, "record_autosave"), {"text": "More", "place": "Hall"})
    assert answer.json()["saved_at"]
    version.refresh_from_db()
    assert (version.text, version.place, version.minutes) == ("More", "Hall", 45)


def test_a_record_changed_in_another_tab_is_not_overwritten(world: World, client_of):
    browser = client_of(world.assessor)
    version = make_record(world.registration, by=world.assessor, sign=False)
    base = text_of(browser.get(page(version))).split('name="base.text" value="')[1].split('"')[0]
    save_record(version, text="From the other tab", by=world.assessor, at=timezone.now())
    answer = browser.post(page(version), {"title": "T", "text": "From this tab", "base.text": base})
    assert answer.status_code == 422
    assert "From the other tab" in text_of(answer)
    assert "From this tab" in text_of(answer)
    assert browser.post(page(version, "record_autosave"), {"text": "x", "base.text": base}).status_code == 409


def test_a_file_is_added_to_a_record(world: World, client_of):
    version = make_record(world.registration, by=world.assessor, sign=False)
    notes = SimpleUploadedFile("notes.txt", b"Notes", "text/plain")
    answer = client_of(world.assessor).post(page(version), {"files": notes, "then": "add"})
    assert answer.url == f"{page(version)}#files-title"
    version.refresh_from_db()
    assert (version.files.count(), version.title) == (1, "Leading a review")


def test_the_assessor_links_criteria_and_says_where(world: World, client_of):
    version = make_record(world.registration, by=world.assessor, sign=False)
    browser, pk = client_of(world.assessor), criterion("4.5").pk
    browser.post(page(version, "record_criteria"), {"criterion": ["4.5"], "then": "again"})
    assert f'name="where-{pk}"' in text_of(browser.get(page(version, "record_criteria")))
    browser.post(page(version, "record_criteria"), {"criterion": ["4.5"], f"where-{pk}": "Minute 3", "then": "done"})
    assert version.links.get().where == "Minute 3"


def test_a_signature_is_taken_back_and_the_record_deleted(world: World, client_of):
    version = make_record(world.registration, by=world.assessor)
    browser = client_of(world.assessor)
    browser.post(page(version, "record_take_back"), {"once": once(browser.get(page(version)))})
    version.refresh_from_db()
    assert version.signed_at is None
    form = browser.get(page(version, "record_delete"))
    assert browser.post(page(version, "record_delete"), {"once": once(form)}).url == LEARNERS
    assert not EvidenceVersion.objects.exists()


def test_what_a_person_types_into_a_signed_record_is_refused_with_the_reason(world: World, client_of):
    version = make_record(world.registration, by=world.assessor)
    answer = client_of(world.assessor).post(page(version), {"title": "T", "text": "Better"})
    assert answer.status_code == 422
    assert "Take your signature back" in text_of(answer)


@pytest.mark.parametrize("who", ["second_assessor", "iqa", "trainee", "unallocated_assessor", "other_trainee"])
def test_a_record_is_nobody_elses(world: World, client_of, who: str):
    version = make_record(world.registration, by=world.assessor, sign=False)
    browser = client_of(getattr(world, who))
    for name in ("record", "record_criteria", "record_sign", "record_delete"):
        assert browser.get(page(version, name)).status_code == 404
    assert browser.post(page(version, "record_autosave"), {"text": "x"}).status_code == 404


def test_an_open_interest_stops_recording_in_words(world: World, client_of, at):
    declare_interest(world.registration, "family", "", by=world.assessor, at=at)
    url = reverse("assessment:record_start", args=[world.registration.ref])
    browser = client_of(world.assessor)
    answer = browser.post(url, {"kind": Kind.OBSERVATION, "title": "Seen", "once": once(browser.get(url))})
    assert answer.status_code == 422
    assert "personal interest" in text_of(answer)


def test_the_pages_of_a_record_take_a_constant_number_of_queries(world: World, client_of, queries):
    version = make_record(world.registration, by=world.assessor, sign=False)
    browser = client_of(world.assessor)

    def grow() -> None:
        for name in ("Ann", "Bob"):
            make_witness(world.registration, by=world.assessor, name=name)

    for name in ("record", "record_sign", "record_criteria"):
        found = len(queries.of(browser, page(version, name)))
        assert found <= 15
        queries.pin(browser, page(version, name), grow=grow, exactly=found)


# Witnesses


def test_a_witness_is_added_on_the_way_and_chosen(world: World, client_of):
    browser = client_of(world.assessor)
    version = make_record(world.registration, Kind.WITNESS_TESTIMONY, by=world.assessor, sign=False)
    answer = browser.post(page(version), {"title": "T", "text": "She did it.", "then": "witness"})
    form = browser.get(answer.url)
    said = {"name": "Wanda Fox", "job": "Manager", "workplace": "Willow Tree", "knows_unit": "on", "once": once(form),
            "is_competent": "on", "evaluates_staff": "on", "verified_how": "Met her there."}  # fmt: skip
    assert browser.post(answer.url, said).url == f"{page(version)}#id_witness"
    version.refresh_from_db()
    assert (version.witness.is_expert, version.text) == (True, "She did it.")
    assert "Wanda Fox, Manager (expert witness)" in text_of(browser.get(page(version)))


def test_a_witness_without_a_name_is_asked_for_it(world: World, client_of):
    browser = client_of(world.assessor)
    url = reverse("assessment:witness_new", args=[world.registration.ref])
    answer = browser.post(url, {"job": "Manager", "once": once(browser.get(url))})
    assert answer.status_code == 422
    assert not Witness.objects.exists()


# Documents that stay in the setting


def held(world: World) -> EvidenceVersion:
    version = make_held(world.registration, "4.5")
    opened(submit(world.registration, "4.5"), by=world.assessor)
    return version


def test_a_document_is_seen_from_the_list_and_the_trainee_reads_it(world: World, client_of):
    version = held(world)
    browser = client_of(world.assessor)
    url = reverse("assessment:attest", args=[version.evidence.ref, 1])
    assert url in text_of(browser.get(LEARNERS))
    empty = browser.post(url, {"place": "", "note": "", "once": once(browser.get(url))})
    assert empty.status_code == 422
    assert "Say on which day you saw it." in text_of(empty)
    day = timezone.localdate() - timedelta(days=1)
    said = {
        "seen_on_day": day.day,
        "seen_on_month": day.month,
        "seen_on_year": day.year,
        "place": "Office",
        "note": "A plan.",
    }
    assert browser.post(url, said | {"once": once(browser.get(url))}).url == LEARNERS
    assert Attestation.objects.get().seen_by == world.assessor
    assert url not in text_of(browser.get(LEARNERS))
    read = text_of(client_of(world.trainee).get(f"/portfolio/evidence/{version.evidence.ref}/"))
    assert "by Asha Patel, at Office" in read


def test_the_workspace_says_that_a_document_was_not_seen_and_leads_back_to_it(world: World, client_of):
    version = held(world)
    submission = world.registration.submissions.get()
    desk = f"/assess/submissions/{submission.ref}/?criterion=4.5"
    browser = client_of(world.assessor)
    found = text_of(browser.get(desk))
    assert "Not seen yet." in found
    url = f"{reverse('assessment:attest', args=[version.evidence.ref, 1])}?submission={submission.ref}&criterion=4.5"
    assert url.replace("&", "&amp;") in found
    day = timezone.localdate()
    said = {
        "seen_on_day": day.day,
        "seen_on_month": day.month,
        "seen_on_year": day.year,
        "place": "Office",
        "note": "A plan.",
    }
    assert browser.post(url, said | {"once": once(browser.get(url))}).url == f"{desk}#evidence"
    found = text_of(browser.get(desk))
    assert "Not seen yet." not in found
    assert "Seen in the setting" in found


def test_the_workspace_tells_before_deciding_that_a_skill_lacks_practice(world: World, client_of):
    make_ready_evidence(world.registration, "4.5", kind=Kind.CASE_STUDY)
    submission = opened(submit(world.registration, "4.5"), by=world.assessor)
    found = text_of(client_of(world.assessor).get(f"/assess/submissions/{submission.ref}/?criterion=4.5"))
    assert "none of this evidence shows practice" in found
    link_and_declare(make_record(world.registration, by=world.assessor), "4.2.a")
    submission = opened(submit(world.registration, "4.2.a"), by=world.assessor)
    found = text_of(client_of(world.assessor).get(f"/assess/submissions/{submission.ref}/?criterion=4.2.a"))
    assert "there is evidence of practice here" in found
    assert "Willow Tree Nursery" in found
