"""On site without a signal: the page is kept on the phone and opens again; an observation, a recorded discussion and a
document seen are written there, sent once each when there is a signal, and signed. Signing out leaves nothing."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lms.common import jobs
from lms.common.models import Job
from portfolio.api import EvidenceVersion
from portfolio.domain.record import save_record
from portfolio.models import Attestation, EvidenceFile
from tests.factories import World, make_held, make_world, submit

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=15_000)
STORED = """async () => {
    const names = (await indexedDB.databases()).map((one) => one.name);
    if (!names.includes("senco-on-site")) return {items: [], chunks: 0, pages: 0, caches: await caches.keys()};
    const database = await new Promise((done) => {
        const request = indexedDB.open("senco-on-site");
        request.onsuccess = () => done(request.result);
    });
    const all = (name) => new Promise((done) => {
        const request = database.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => done(request.result);
    });
    const [items, chunks, pages] = [await all("items"), await all("chunks"), await all("pages")];
    database.close();
    const states = items.map((one) => one.state);
    return {items: states, chunks: chunks.length, pages: pages.length, caches: await caches.keys()};
}"""


def run_jobs() -> None:
    """What the worker does while people wait."""
    for pk in Job.objects.filter(state="queued").values_list("pk", flat=True):
        jobs.run(pk)


def on_site(world: World) -> str:
    return f"/assess/learners/{world.registration.ref}/on-site/"


def keep(assessor: Any, world: World) -> None:
    assessor.page.context.grant_permissions(["microphone"], origin=assessor.address)
    assessor.go("/assess/learners/").press("On site with Tara Walsh").sees("What do you record?", "Support plan")
    assessor.looks()
    assessor.page.get_by_role("button", name="Keep this page on this phone").click()
    expect(assessor.page.get_by_text("It opens without a signal until")).to_be_visible()


def lose_signal(assessor: Any, world: World) -> None:
    """There is none, and the phone shows the kept page when it is opened again."""
    assessor.page.context.set_offline(True)
    assessor.page.goto(f"{assessor.address}/assess/")
    assessor.sees("You have no signal", "On site with Tara Walsh").looks()
    assessor.page.get_by_role("link", name="On site with Tara Walsh").click()
    expect(assessor.page.get_by_text("You have no signal. What you write is kept on this phone")).to_be_visible()


def observe(page: Page, title: str = "A review with parents") -> None:
    page.get_by_role("link", name="Observation").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("In which setting?").fill("Willow Tree Nursery")
    page.get_by_label("For how many minutes?").fill("40")
    page.get_by_label("What was seen").fill("She opened the review with the parents' own words.")
    page.get_by_text("Choose criteria").click()
    page.get_by_label("Find a criterion").fill("4.5")
    page.locator("input[name=criterion][value='4.5']").check()


def finish(page: Page) -> None:
    page.get_by_role("button", name="Finish and send").click()
    expect(page.locator("[data-panel]")).to_be_hidden()


def discuss(assessor: Any) -> None:
    page = assessor.page
    page.get_by_role("link", name="Professional discussion").click()
    page.get_by_label("Title").fill("How she asks for help")
    page.get_by_text("Choose criteria").click()
    page.locator("input[name=criterion][value='4.2.c']").check()
    start = page.get_by_role("button", name="Start recording")
    start.click()
    expect(page.get_by_text("First say that you are recording")).to_be_visible()
    page.get_by_label("I have said that I am recording").check()
    start.click()
    expect(page.locator("[data-rec-clock]")).to_have_text(re.compile(r"0:(0[2-9]|[1-5]\d)"))
    page.get_by_role("button", name="Mark 4.2.c here").click()
    assessor.looks()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    page.get_by_role("button", name="Go on recording").click()
    page.wait_for_timeout(1100)  # a second goes by
    page.get_by_role("button", name="4.2.c ends here").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("audio")).to_be_visible()
    page.wait_for_function("() => document.querySelector('audio').duration > 2")  # it says how long it is
    assessor.looks()
    finish(page)


def see_document(page: Page) -> None:
    page.get_by_role("link", name="I have seen it").click()
    page.get_by_role("button", name="Finish and send").click()
    page.get_by_role("link", name="Say what the document showed.").click()
    expect(page.get_by_label("What did it show?")).to_be_focused()
    page.get_by_label("What did it show?").fill("A plan with two reviews and the parents' words.")
    finish(page)


def sign(assessor: Any, title: str) -> None:
    assessor.go("/assess/learners/").press(title).press("Check and sign").sees("By signing you say")
    assessor.press("Sign this record").sees("You have signed this record")


def test_what_is_written_without_a_signal_is_sent_once_and_signed(visit):
    world = make_world()
    make_held(world.registration, "4.2.d")
    submit(world.registration, "4.2.d")
    assessor = visit().arrive_as(world.assessor)
    page = assessor.page
    keep(assessor, world)
    lose_signal(assessor, world)
    observe(page)
    expect(page.locator("[data-kept]")).to_contain_text("Kept on this phone")
    page.wait_for_timeout(400)  # what was typed last is kept a quarter of a second later
    page.reload()  # what was typed is there again
    expect(page.get_by_label("What was seen")).to_have_value("She opened the review with the parents' own words.")
    assessor.looks()
    finish(page)
    discuss(assessor)
    see_document(page)
    expect(page.get_by_role("heading", name="Waiting to be sent (3)")).to_be_visible()
    assessor.looks()
    assert not EvidenceVersion.objects.filter(recorded_by=world.assessor).exists()

    page.context.set_offline(False)
    expect(page.get_by_text("Being checked")).to_be_visible()
    run_jobs()
    expect(page.get_by_role("heading", name="Sent from this phone")).to_be_visible()
    expect(page.get_by_role("link", name="Check and sign it")).to_have_count(2)
    assessor.looks()
    stored = page.evaluate(STORED)
    assert (stored["items"], stored["chunks"]) == (["sent"] * 3, 0)
    records = EvidenceVersion.objects.filter(recorded_by=world.assessor)
    assert sorted(records.values_list("title", flat=True)) == ["A review with parents", "How she asks for help"]
    file = EvidenceFile.objects.get()
    link = file.links.get()
    assert (file.media, link.criterion.code) == ("audio", "4.2.c")
    assert 2 <= link.start_seconds < link.end_seconds
    assert Attestation.objects.get().note.startswith("A plan with two reviews")
    sign(assessor, "A review with parents")
    sign(assessor, "How she asks for help")


def test_an_interrupted_sending_makes_one_record_and_signing_out_leaves_nothing(visit):
    world = make_world()
    make_held(world.registration, "4.2.d")
    submit(world.registration, "4.2.d")
    assessor = visit().arrive_as(world.assessor)
    page = assessor.page
    keep(assessor, world)
    # The website has the record, but its answer never reaches the phone.
    page.context.route("**/on-site/send/", lambda route: (route.fetch(), route.abort()))
    observe(page)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/send/")):
        finish(page)
    version = EvidenceVersion.objects.get(recorded_by=world.assessor)
    save_record(version, text="Mended on the website.", by=world.assessor, at=version.saved_at)
    page.context.unroute("**/on-site/send/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("link", name="Check and sign it")).to_be_visible()
    assert EvidenceVersion.objects.get(recorded_by=world.assessor).text == "Mended on the website."

    observe(page, "Not sent")
    page.get_by_role("link", name="Go on later").click()
    expect(page.get_by_role("heading", name="Waiting to be sent (1)")).to_be_visible()
    assessor.go("/assess/learners/").sees("Waiting to be sent (1)", "Not sent").looks()
    sign_out(page)
    expect(page.get_by_role("dialog")).to_contain_text("One record was not sent")
    assessor.looks()
    page.get_by_role("button", name="Stay signed in").click()
    assert page.evaluate(STORED)["items"].count("draft") == 1
    sign_out(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Delete and sign out").click()
    stored = page.evaluate(STORED)
    assert (stored["items"], stored["chunks"], stored["pages"], stored["caches"]) == ([], 0, 0, [])
    page.context.set_offline(True)
    page.goto(f"{assessor.address}{on_site(world)}")
    expect(page.get_by_text("Tara")).to_have_count(0)
    assessor.wrong.clear()  # what the worker says when there is no signal and nothing is kept


def sign_out(page: Page) -> None:
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()


def test_another_person_on_the_same_device_sees_nothing_of_it(visit):
    world = make_world()
    make_held(world.registration, "4.2.d")
    submit(world.registration, "4.2.d")
    assessor = visit().arrive_as(world.assessor)
    page = assessor.page
    keep(assessor, world)
    page.context.set_offline(True)
    observe(page)
    finish(page)
    expect(page.get_by_role("heading", name="Waiting to be sent (1)")).to_be_visible()
    page.context.clear_cookies()  # the session ended; nobody signed out
    page.context.set_offline(False)
    expect(page.get_by_role("link", name="Sign in to send it")).to_be_visible()
    assessor.sign_in(world.area_senco)
    assessor.wrong.clear()  # being asked to sign in is what was wanted
    assessor.go("/assess/learners/").sees("Your trainees")
    expect(page.locator("[data-waiting]")).to_be_hidden()
    stored = page.evaluate(STORED)
    assert (stored["items"], stored["pages"], stored["caches"]) == (["ready"], 0, [])
    page.context.clear_cookies()
    assessor.sign_in(world.assessor).go("/assess/learners/")
    expect(page.get_by_role("link", name="Check and sign it")).to_be_visible()
    assert EvidenceVersion.objects.filter(recorded_by=world.assessor).count() == 1
