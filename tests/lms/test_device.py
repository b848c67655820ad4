"""What a browser is told and asks for that works without a signal: whose a page is, whether it may be kept, who is
signed in, the workers, the manifest; and that nothing is taken in another person's name."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

from courses.delivery.api import StudyAnswer
from courses.pages.queries import address
from tests.factories import World, make_draft, make_submission
from tests.factories.lessons import chosen, live, make_lesson

pytestmark = pytest.mark.alike
JSON = {"Accept": "application/json", "X-Requested-With": "fetch"}
RIGHT, WRONG = "The SENCO and key person, with the parents", "The SENCO alone"


def kept(browser, url: str) -> tuple[str | None, str | None]:
    """Whether a page may be kept, and whose it is."""
    browser.get(url)  # messages that are shown once are gone
    headers = browser.get(url).headers
    return headers.get("Device-Keep"), headers.get("Device-User")


def test_a_trainees_course_home_and_open_draft_may_be_kept_and_nothing_else(world: World, client_of):
    lesson, draft = make_lesson(), make_draft(world.registration)
    browser, user = client_of(world.trainee), str(world.trainee.pk)
    unit = address(lesson).rsplit("/", 2)[0] + "/"
    course = unit.rsplit("/", 2)[0] + "/"
    write = reverse("portfolio:evidence_write", args=[draft.evidence.ref])
    assert kept(browser, "/learn/") == ("home", user)
    assert kept(browser, course) == kept(browser, unit) == ("contents", user)
    assert kept(browser, address(lesson)) == ("lesson", user)
    assert kept(browser, write) == ("draft", user)
    for other in ("/portfolio/", "/learn/details/", "/notices/", "/help/", "/safeguarding/new/", "/courses/",
                  reverse("portfolio:evidence", args=[draft.evidence.ref]),
                  reverse("portfolio:evidence_declare", args=[draft.evidence.ref])):  # fmt: skip
        assert kept(browser, other) == (None, user), other


def test_pages_of_staff_of_nobody_with_a_message_or_a_refusal_are_not_kept(world: World, client_of):
    lesson = make_lesson()
    assert kept(client_of(world.author), address(lesson)) == (None, str(world.author.pk))
    assert kept(client_of(world.assessor), "/assess/") == (None, str(world.assessor.pk))
    assert kept(client_of(None), "/help/") == (None, "0")
    browser = client_of(world.trainee)
    browser.post(reverse("study:finish", args=[lesson.pk]))  # says what is still open, once
    assert "Device-Keep" not in browser.get(address(lesson)).headers
    assert "Device-Keep" in browser.get(address(lesson)).headers
    block = live(lesson, "matching")
    refused = browser.post(reverse("study:answer", args=[lesson.pk, block.block]), {"act": "answer"})
    assert (refused.status_code, refused.headers.get("Device-Keep")) == (422, None)


def test_what_is_submitted_is_kept_no_longer(world: World, client_of):
    submission = make_submission(world.registration, "1.5")
    evidence = submission.items.get().submitted_versions.get().version.evidence
    answer = client_of(world.trainee).get(reverse("portfolio:evidence_write", args=[evidence.ref]))
    assert "Device-Keep" not in answer.headers


def test_nothing_is_taken_in_another_persons_name(world: World, client_of):
    lesson = make_lesson()
    block = live(lesson, "reflection")
    url, browser = reverse("study:answer", args=[lesson.pk, block.block]), client_of(world.trainee)
    hers = browser.post(url, {"text": "Written by somebody before."}, headers=JSON | {"Device-User": "999999"})
    assert hers.status_code == 401
    assert hers.json()["reasons"] == ["Somebody else is signed in here now. Nothing was sent in their name."]
    assert not StudyAnswer.objects.exists()
    own = browser.post(url, {"text": "Mine."}, headers=JSON | {"Device-User": str(world.trainee.pk)})
    assert own.status_code == 200
    nobody = client_of(None).post(url, {"text": "Mine."}, headers=JSON | {"Device-User": str(world.trainee.pk)})
    assert nobody.status_code == 302


def test_an_answer_sent_late_does_not_overwrite_a_newer_one(world: World, client_of):
    lesson = make_lesson()
    block = live(lesson, "single")
    url, browser = reverse("study:answer", args=[lesson.pk, block.block]), client_of(world.trainee)
    late = JSON | {"Device-Late": "yes"}
    assert browser.post(url, chosen(WRONG) | {"over": ""}, headers=late).status_code == 200
    assert browser.post(url, chosen(WRONG) | {"over": ""}, headers=late).status_code == 200  # the answer was lost
    assert StudyAnswer.objects.get().tries == 1
    over = StudyAnswer.objects.get().saved_at.isoformat()
    assert f'name="over" value="{over}"' in browser.get(address(lesson)).content.decode()
    assert browser.post(url, chosen(RIGHT) | {"over": over}, headers=late).status_code == 200
    refused = browser.post(url, chosen(WRONG) | {"over": over}, headers=late)
    assert refused.status_code == 409
    assert "in another place since" in refused.json()["message"]
    assert StudyAnswer.objects.get().is_right
    assert browser.post(url, chosen(WRONG) | {"over": over}, headers=JSON).status_code == 200  # seen, and not late


def test_the_workers_are_for_the_whole_site_and_name_nobody(world: World, client_of):
    for name in ("sw", "study-sw"):
        answer = client_of(world.trainee).get(f"/{name}.js")
        assert (answer.headers["Service-Worker-Allowed"], answer.headers["Cache-Control"]) == ("/", "no-cache")
        assert answer.content == client_of(None).get(f"/{name}.js").content
        assert f"/static/{name}".encode() in answer.content


@pytest.mark.django_db
def test_the_page_without_a_signal_is_the_same_for_everybody(client_of):
    answer = client_of(None).get("/offline/")
    assert "You are offline" in answer.content.decode()
    assert (answer.headers["Device-User"], answer.headers.get("Device-Keep")) == ("0", None)


@pytest.mark.django_db
def test_the_manifest_names_icons_of_the_sizes_it_says(client_of):
    answer = client_of(None).get("/manifest.webmanifest")
    about = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert (about["start_url"], about["scope"], about["display"]) == ("/learn/", "/", "standalone")
    assert "maskable" in {icon["purpose"] for icon in about["icons"]}
    images = Path(settings.BASE_DIR) / "assets" / "images"
    for icon in about["icons"]:
        file = images / icon["src"].rsplit("/", 1)[-1]
        if icon["type"] == "image/png":
            width, height = Image.open(file).size
            assert icon["sizes"] == f"{width}x{height}"
        else:
            assert file.exists()
