"""Study without a signal: a trainee reads, answers and writes on a bus, and nothing is lost or there twice; two texts
are both shown; the next person on the same phone sees and sends nothing of the first; signing out leaves nothing."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from courses.delivery.api import StudyAnswer, StudyProgress
from courses.pages.queries import address
from portfolio.api import EvidenceVersion
from tests.factories import make_draft, make_learner, make_world
from tests.factories.lessons import make_lesson
from tests.factories.tutoring import make_author, make_local_lesson

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)
CHECK = "Check my answer"
# Everything that the browser holds of anybody, but for which files the site is drawn with.
HELD = """async () => {
    const database = await new Promise((done) => {
        const request = indexedDB.open("senco-on-site");
        request.onsuccess = () => done(request.result);
    });
    const all = (name) => new Promise((done) => {
        const request = database.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => done(request.result);
    });
    const held = {texts: "", local: {...localStorage}, urls: []};
    for (const name of ["items", "chunks", "pages", "outbox", "kept", "facts"]) held[name] = await all(name);
    database.close();
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const url = new URL(request.url).pathname;
            if (!url.startsWith("/static/")) held.urls.push(url);
            if (!url.startsWith("/static/")) held.texts += await (await cache.match(request)).text();
        }
    }
    return held;
}"""


def held(page: Page) -> dict[str, Any]:
    return dict(page.evaluate(HELD))


def until_kept(page: Page, *paths: str) -> None:
    """Waits until the browser has kept these pages."""
    for _ in range(200):
        if set(paths) <= {row["path"] for row in held(page)["kept"]}:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{paths} are not kept: {[row['path'] for row in held(page)['kept']]}")


def studying(visit: Any, world: Any) -> Any:
    """A trainee who opened a lesson with a signal."""
    trainee, lesson = visit(), address(make_lesson())
    # The signal is lost for pages and their worker only: the browser itself would go on sending in the background.
    trainee.context.add_init_script("delete self.ServiceWorkerRegistration?.prototype.sync")
    trainee.sign_in(world.trainee).go("/learn/")
    until_kept(trainee.page, "/learn/")
    trainee.go(lesson)
    until_kept(trainee.page, lesson)
    return trainee


def forgive(trainee: Any) -> None:
    """What the browser writes down when a request is lost is what was wanted."""
    lost = ("console: htmx:", "401 ", "403 ", "409 ")
    trainee.wrong = [wrong for wrong in trainee.wrong if not wrong.startswith(lost)]


def reflect(page: Page, text: str) -> None:
    page.get_by_label("Whose voice").fill(text)
    expect(page.locator("[data-live] [data-saved]", has_text="you are offline").last).to_be_visible()


def test_what_is_answered_and_written_without_a_signal_arrives_once(visit):
    world = make_world()
    trainee = studying(visit, world)
    page, lesson = trainee.page, trainee.page.url
    page.context.set_offline(True)
    page.goto(lesson)
    trainee.sees("You are offline. This is the page as you last saw it, on").looks()
    page.get_by_label("The SENCO alone").check()
    page.get_by_role("button", name=CHECK).first.click()
    expect(page.get_by_text("Your answer will be marked when you are back online.")).to_be_visible()
    page.get_by_role("button", name="Ask the key person").click()
    expect(page.get_by_text("You can go on from here when you are back online.")).to_be_visible()
    page.get_by_label("You have asked when").check()
    expect(page.get_by_text("Your ticks are sent when you are back online.")).to_be_visible()
    page.get_by_label("In your own words").fill("It grows when it has to.")
    page.get_by_role("button", name="Compare with a model answer").click()
    reflect(page, "Mine, mostly. On the bus I see that.")
    trainee.looks()
    page.goto(f"{trainee.address}/learn/details/")  # never kept
    expect(page.get_by_role("heading", name="Not sent yet (5)")).to_be_visible()
    trainee.sees("You are offline", "This page needs a signal").looks()
    page.goto(lesson)  # what was written stands there again
    expect(page.get_by_label("Whose voice")).to_have_value("Mine, mostly. On the bus I see that.")
    expect(page.get_by_label("The SENCO alone")).to_be_checked()
    expect(page.get_by_label("You have asked when")).to_be_checked()
    page.locator(".study__next").scroll_into_view_if_needed()
    page.get_by_role("button", name="I have finished").click()
    page.wait_for_url(lambda url: url != lesson)
    page.goto(lesson)
    # A text may have slipped out as its page was left, past the pretended loss: its answer was lost, as in a tunnel.
    assert not StudyAnswer.objects.filter(kind__in=("scenario", "checklist")).exists()

    page.context.set_offline(False)
    expect(page.get_by_text("leaves out those who know").first).to_be_visible()  # it is marked
    expect(page.get_by_text("She has a guess.").first).to_be_visible()
    expect(page.get_by_text("Support grows or shrinks").first).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('[data-not-sent]').length === 0")
    trainee.go("/learn/")
    expect(page.locator("[data-outbox]")).to_be_hidden()
    answers = {row.kind: row for row in StudyAnswer.objects.exclude(kind="check")}
    assert answers["reflection"].value == {"text": "Mine, mostly. On the bus I see that."}
    assert (len(answers["scenario"].value["path"]), len(answers["checklist"].value["ticked"])) == (1, 1)
    checks = StudyAnswer.objects.filter(kind="check")
    assert sorted((row.tries, row.done_at is not None) for row in checks) == [(1, True), (1, True)]
    assert StudyProgress.objects.get().reached_end_at
    assert held(page)["outbox"] == []
    forgive(trainee)


def test_the_worker_sends_what_waits_with_no_page_open_to_send_it(visit):
    world = make_world()
    trainee = studying(visit, world)
    page = trainee.page
    page.context.set_offline(True)
    page.goto(page.url)
    page.get_by_label("The SENCO alone").check()
    page.get_by_role("button", name=CHECK).first.click()
    expect(page.get_by_text("Your answer will be marked when you are back online.")).to_be_visible()
    sync = synchroniser(page)
    page.goto("about:blank")  # no page of ours is left
    page.context.set_offline(False)
    sync()
    for _ in range(100):
        if StudyAnswer.objects.filter(kind="check", tries=1, done_at__isnull=False).exists():
            break
        page.wait_for_timeout(100)
    assert StudyAnswer.objects.get().tries == 1
    trainee.go("/learn/")
    expect(page.locator("[data-outbox]")).to_be_hidden()
    assert held(page)["outbox"] == []
    forgive(trainee)


def synchroniser(page: Page) -> Any:
    """What the browser does in the background when there is a signal again: call it to do it now."""
    tools = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda said: found.extend(said["registrations"]))
    tools.send("ServiceWorker.enable")
    address = "/".join(page.url.split("/", 3)[:3])
    mine: list[str] = []
    for _ in range(50):
        mine = [one["registrationId"] for one in found if one["scopeURL"] == f"{address}/"]
        if mine:
            break
        page.wait_for_timeout(100)
    about = {"origin": address, "registrationId": mine[-1], "tag": "senco-send", "lastChance": False}
    return lambda: tools.send("ServiceWorker.dispatchSyncEvent", about)


def test_a_lost_answer_and_a_text_changed_elsewhere(visit, client_of):
    world = make_world()
    version = make_draft(world.registration, text="As it was.")
    trainee = visit().sign_in(world.trainee)
    page = trainee.page
    write = f"/portfolio/evidence/{version.evidence.ref}/write/"
    trainee.go("/learn/").go(write)
    until_kept(page, write)
    page.context.set_offline(True)
    page.goto(f"{trainee.address}{write}")
    trainee.sees("You are offline. This is the page as you last saw it")
    page.locator("textarea[name=text]").fill("From the bus.")
    expect(page.get_by_text("It is saved when you are back online.")).to_be_visible()
    page.goto(f"{trainee.address}/notices/")
    expect(page.get_by_role("heading", name="Not sent yet (1)")).to_be_visible()
    trainee.sees("From the bus.")
    # Meanwhile, on a laptop.
    EvidenceVersion.objects.filter(pk=version.pk).update(text="From the laptop.")
    page.context.set_offline(False)
    trainee.go("/learn/")
    expect(page.get_by_text("What is saved now")).to_be_visible()
    trainee.sees("From the bus.", "From the laptop.", "Yours, from this device").looks()
    assert EvidenceVersion.objects.get().text == "From the laptop."
    # The website takes the choice, but its answer never reaches the phone.
    page.context.route("**/autosave/", lambda route: (route.fetch(), route.abort()))
    with page.expect_event("requestfailed", lambda request: "/autosave/" in request.url):
        page.get_by_role("button", name="Keep both").click()
    both = "From the bus.\n\nFrom the laptop."
    assert EvidenceVersion.objects.get().text.replace("\r\n", "\n") == both
    page.context.unroute("**/autosave/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-outbox]")).to_be_hidden()
    assert EvidenceVersion.objects.get().text.replace("\r\n", "\n") == both
    forgive(trainee)


def test_the_next_person_on_the_phone_sees_and_sends_nothing_of_the_first(visit):
    world = make_world()
    second = make_learner(world.cohort).learner
    trainee = studying(visit, world)
    page, lesson = trainee.page, trainee.page.url
    name = f"{world.trainee.first_name}"
    page.context.set_offline(True)
    page.goto(lesson)
    reflect(page, "Only for me.")
    page.context.clear_cookies()  # the session ended; nobody signed out
    page.context.set_offline(False)
    page.goto(f"{trainee.address}/account/login/")
    expect(page.get_by_text("Whoever used this device last wrote one text here that is not sent yet")).to_be_visible()
    trainee.looks()
    page.context.set_offline(True)
    page.goto(lesson)  # locked: nothing is shown until they sign in
    trainee.sees("This page needs a signal")
    assert "Only for me." not in page.content()
    page.context.set_offline(False)
    trainee.sign_in(second)
    expect(page.get_by_text("One text that somebody else had written on this device")).to_be_visible()
    found = held(page)
    assert found["outbox"] == []
    assert {row["owner"] for row in found["kept"]} <= {str(second.pk)}
    everything = json.dumps(found)
    assert "Only for me." not in everything
    assert name not in found["texts"]
    assert f"kept:{world.trainee.pk}" not in everything
    trainee.go(lesson.removeprefix(trainee.address))
    expect(page.get_by_label("Whose voice")).to_have_value("")
    until_kept(page, lesson.removeprefix(trainee.address), "/learn/")
    page.context.set_offline(True)
    page.goto(f"{trainee.address}/learn/")
    trainee.sees("You are offline. This is the page")
    assert name not in page.inner_text("#main-content")
    page.goto(f"{trainee.address}/notices/")  # never kept: the page that says so is there for them too
    trainee.sees("This page needs a signal")
    page.context.set_offline(False)
    assert not StudyAnswer.objects.exists()
    forgive(trainee)


def test_a_kept_unit_and_signing_out_leaves_nothing(visit):
    world = make_world()
    local = make_local_lesson(world.authority, make_author(world.authority))
    trainee = studying(visit, world)
    page, lesson = trainee.page, trainee.page.url.removeprefix(trainee.address)
    unit = lesson.rsplit("/", 2)[0] + "/"
    trainee.go(unit)
    page.get_by_role("button", name="Keep this unit on my phone").click()
    expect(page.get_by_text("Kept on this phone:")).to_be_visible()
    trainee.looks()
    kept = [row["path"] for row in held(page)["kept"] if row["pinned"]]
    assert len(kept) > 2
    assert [path for path in kept if not path.startswith(unit)] == [address(local)]
    page.context.set_offline(True)
    page.goto(f"{trainee.address}{next(path for path in sorted(kept) if path not in (unit, lesson))}")
    trainee.sees("You are offline. This is the page")
    page.goto(f"{trainee.address}{lesson}")
    reflect(page, "Not sent yet.")
    sign_out(page)
    expect(page.get_by_role("dialog")).to_contain_text("One text or answer was not sent")
    trainee.looks()
    page.get_by_role("button", name="Stay signed in").click()
    assert [row["words"] for row in held(page)["outbox"] if row["kind"] == "text"] == ["Not sent yet."]
    sign_out(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Delete and sign out").click()
    trainee.sees("You are still signed in: sign out again when you have a signal.")
    found = held(page)
    assert (found["outbox"], found["kept"], found["facts"]) == ([], [], [])
    page.context.set_offline(False)
    trainee.go("/learn/").go(lesson)
    sign_out(page)
    page.wait_for_url(f"{trainee.address}/")
    found = held(page)
    assert (found["outbox"], found["kept"], found["urls"]) == ([], [], [])
    assert not StudyAnswer.objects.filter(kind="reflection").exists()
    forgive(trainee)


def sign_out(page: Page) -> None:
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
