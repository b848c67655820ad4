"""A large file on a phone: sent in parts, paused by keyboard, left, chosen again, checked, ready."""

import pytest
from playwright.sync_api import Page, expect

from lms.common import jobs
from lms.common.models import Job
from portfolio.models import Upload
from tests.factories import make_draft, make_world

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=20_000)
MB = 1024 * 1024
VIDEO = (24).to_bytes(4, "big") + b"ftypisom" + (512).to_bytes(4, "big") + b"isommp41" + bytes(12 * MB)


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("phone") / "film.mp4"
    path.write_bytes(VIDEO)
    yield path
    path.unlink()


def run_jobs() -> None:
    """What the worker does while people wait."""
    for pk in Job.objects.filter(state="queued").values_list("pk", flat=True):
        jobs.run(pk)


def on_a_slow_line(page: Page, bytes_a_second: int) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 10, "downloadThroughput": -1, "uploadThroughput": bytes_a_second,
    })  # fmt: skip


def test_an_upload_is_paused_left_and_taken_up_again(visit, video):
    world = make_world()
    version = make_draft(world.registration, "1.1")
    trainee = visit().arrive_as(world.trainee)
    page, address = trainee.page, f"/portfolio/evidence/{version.evidence.ref}/files/"
    trainee.go(address).looks()
    expect(page.get_by_role("button", name="Add these files")).to_be_hidden()

    on_a_slow_line(page, 2 * MB)
    page.get_by_label("Choose files").set_input_files(video)
    bar = page.get_by_role("progressbar", name="How much of film.mp4 has arrived")
    expect(bar).to_be_visible()
    expect(page.get_by_text("of 12 MB")).to_be_visible()
    pause = page.get_by_role("button", name="Pause film.mp4")
    pause.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Paused at")).to_be_visible()
    expect(page.get_by_role("button", name="Go on film.mp4")).to_be_focused()
    trainee.looks()

    trainee.go(address).sees("Not finished", "film.mp4", "You can go on until").looks()
    arrived = Upload.objects.get().offset
    assert 0 < arrived < len(VIDEO)
    page.get_by_label("Choose files").set_input_files(video)
    expect(page.get_by_text("Being checked", exact=True)).to_be_visible()
    expect(page.get_by_text("Not finished", exact=True)).to_be_hidden()
    expect(page.locator("#files-said")).to_have_text("1 of 1 files is being checked.")
    trainee.looks()
    run_jobs()
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    expect(page.locator("#files-said")).to_have_text("Every file is checked: 1 ready.")
    trainee.looks()
    assert Upload.objects.count() == 1
    assert version.files.get().size == len(VIDEO)


def test_a_cancelled_upload_leaves_nothing_and_a_file_that_is_too_large_is_not_sent(visit, video, tmp_path):
    world = make_world()
    world.centre.evidence_limit_mb = 13
    world.centre.save()
    version = make_draft(world.registration, "1.1")
    trainee = visit(width=1280).arrive_as(world.trainee)
    page = trainee.page
    trainee.go(f"/portfolio/evidence/{version.evidence.ref}/files/")
    long = tmp_path / "long.mp4"
    long.write_bytes(VIDEO + bytes(2 * MB))
    page.get_by_label("Choose files").set_input_files(long)
    why = "“long.mp4” is 14 MB. Your centre’s limit for one file is 13 MB."
    expect(page.get_by_text(why, exact=True)).to_be_visible()
    on_a_slow_line(page, 2 * MB)
    page.get_by_label("Choose files").set_input_files(video)
    expect(page.get_by_text("of 12 MB")).to_be_visible()
    assert Upload.objects.count() == 1
    page.get_by_role("button", name="Cancel film.mp4").click()
    expect(page.get_by_role("progressbar", name="film.mp4")).to_be_hidden()
    expect(page.get_by_label("Choose files")).to_be_focused()
    expect(page.locator("[data-uploads-said]")).to_have_text("film.mp4 is cancelled.")
    assert not Upload.objects.exists()
    trainee.looks()


def test_save_and_continue_waits_for_a_file_that_is_on_its_way(visit, video):
    world = make_world()
    version = make_draft(world.registration, "1.1")
    trainee = visit().arrive_as(world.trainee)
    page = trainee.page
    trainee.go(f"/portfolio/evidence/{version.evidence.ref}/files/")
    on_a_slow_line(page, 4 * MB)
    page.get_by_label("Choose files").set_input_files(video)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("This page goes on by itself when they have arrived.").first).to_be_visible()
    trainee.looks()
    page.wait_for_url(lambda url: url.endswith("/criteria/"), timeout=30_000)
    assert version.files.get().size == len(VIDEO)
