"""The trainee's portfolio pages: what they show, what they save, what they refuse without losing a word."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from courses.delivery.api import Registration, set_state
from courses.framework.api import set_policy
from lms.accounts.api import User
from lms.common.conflicts import base_of
from lms.common.once import issue
from portfolio.api import Evidence, EvidenceVersion, Submission, save_draft
from tests.conftest import Queries
from tests.factories import (
    World,
    make_draft,
    make_file,
    make_learner,
    make_person,
    make_ready_evidence,
    make_submission,
    settle,
)
from tests.helpers import check_files, contents, statuses

pytestmark = pytest.mark.alike
OF_A_FORM = {"django_session", "lms_oncetoken"}


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    """The trainee, signed in."""
    return client_of(world.trainee)


def page(response: HttpResponse, status: int = 200) -> str:
    """The words of a page's main part, as they are read."""
    assert response.status_code == status, f"{response.status_code} {response.get('Location', '')}"
    main = response.content.decode().split('<main id="main-content">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def post(browser: Client, url: str, form_at: str = "", **data: Any) -> HttpResponse:
    """Sends a form with the once-token of the page that shows it."""
    found = re.search(r'name="once" value="([^"]+)"', browser.get(form_at or url).content.decode())
    return browser.post(url, {"once": found.group(1) if found else "", **data})


def address(version: EvidenceVersion, step: str = "") -> str:
    return f"/portfolio/evidence/{version.evidence.ref}/{step}"


@contextmanager
def only_sessions_change() -> Iterator[None]:
    """Fails when the block leaves any row but sessions and once-tokens other than it was."""
    before = contents(OF_A_FORM)
    yield
    assert contents(OF_A_FORM) == before


def fresh(version: EvidenceVersion) -> EvidenceVersion:
    return EvidenceVersion.objects.get(pk=version.pk)


# The grid


def test_grid_shows_every_criterion_with_its_status_in_words(world: World, browser: Client):
    make_draft(world.registration, "1.1")
    make_submission(world.registration, "1.2.a")
    settle(make_submission(world.registration, "1.3"), by=world.assessor)
    settle(make_submission(world.registration, "1.4"), by=world.assessor, outcome="referred")
    html = browser.get("/portfolio/").content.decode()
    cells = re.findall(r'class="cell cell--(\w+)" href="/portfolio/criteria/([^/]+)/"', html)
    shown = {code: status for status, code in cells if status != "not_started"}
    assert (len(cells), shown) == (60, {"1.1": "draft", "1.2.a": "submitted", "1.3": "achieved",
                                        "1.4": "changes_needed"})  # fmt: skip
    text = page(browser.get("/portfolio/"))
    assert "1 of 60 criteria achieved" in text
    assert "1.4 , Changes needed" in text


def test_grid_of_a_beginner_says_what_to_do_first(browser: Client):
    text = page(browser.get("/portfolio/"))
    assert "Add your first piece of evidence" in text
    assert "Submit for assessment" not in text


def test_grid_counts_what_is_ready_to_submit(world: World, browser: Client):
    make_ready_evidence(world.registration, "1.1", "1.2.a")
    make_draft(world.registration, "2.4")
    assert "Submit for assessment (2 ready)" in page(browser.get("/portfolio/"))


def test_grid_narrowed_to_a_status_lists_those_criteria_with_their_stem(world: World, browser: Client):
    make_draft(world.registration, "1.2.a", "3.1")
    text = page(browser.get("/portfolio/?status=draft"))
    assert "2 of 60 criteria: draft." in text
    assert "1.2.a Describe the four areas of need and give examples" in text
    assert "1.2.b" not in text


@pytest.mark.parametrize("query", ["?status=on_hold", "?status=%00", "?view=%3Cscript%3E"])
def test_grid_ignores_what_it_does_not_know(browser: Client, query: str):
    assert browser.get(f"/portfolio/{query}").content.decode().count('class="cell ') == 60


def test_closed_registration_can_be_read_and_says_why_nothing_can_be_added(world: World, browser: Client):
    make_ready_evidence(world.registration, "1.1")
    set_state(world.registration, Registration.State.SUSPENDED, by=None, role="centre", at=timezone.now())
    for url in ("/portfolio/", "/portfolio/submit/"):
        assert "Your registration is closed (suspended)" in page(browser.get(url))
        assert "Add evidence" not in page(browser.get(url))


@pytest.mark.parametrize("limit", [None, 3])
def test_grid_takes_at_most_twelve_queries(world: World, browser: Client, queries: Queries, limit: int | None):
    set_policy(world.qualification, attempt_limit=limit, by=None, at=timezone.now() - timedelta(hours=1))
    make_ready_evidence(world.registration, "1.1")

    def grow() -> None:
        make_ready_evidence(world.registration, "1.2.a", "1.2.b")
        settle(make_submission(world.registration, "1.3", "1.4"), by=world.assessor)

    queries.pin(browser, "/portfolio/", grow=grow, exactly=11 if limit is None else 12)


def test_people_without_a_registration_get_404_and_strangers_are_asked_to_sign_in(
    world: World, client_of: Callable[..., Client]
):
    for url in ("/portfolio/", "/portfolio/evidence/", "/portfolio/evidence/new/", "/portfolio/submit/",
                "/portfolio/submit/check/"):  # fmt: skip
        assert client_of(world.assessor).get(url).status_code == 404
        assert client_of(None).get(url)["Location"].startswith("/account/login/")


# Adding evidence, step by step


def test_wizard_from_kind_to_declarations_makes_a_draft_that_is_ready(world: World, browser: Client):
    response = post(browser, "/portfolio/evidence/new/?criterion=1.2.a", kind="case_study", title=" A first talk ",
                    criterion="1.2.a", then="next")  # fmt: skip
    version = EvidenceVersion.objects.get()
    assert response["Location"] == address(version, "write/")
    steps = [
        ("write/", {"text": "I met the parents.\r\nWe talked.", "happened_on_day": "2", "happened_on_month": "March",
                    "happened_on_year": "2026"}, "files/"),
        ("files/", {"files": [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")]}, "criteria/"),
        ("criteria/", {"criterion": ["1.2.a", "2.4"]}, "criteria/?part=why"),
        ("declare/", {"no_child_identified": "on", "authentic": "on", "ai_used": "Spelling"}, ""),
    ]  # fmt: skip
    for step, data, onward in steps:
        assert browser.get(address(version, step)).status_code == 200
        response = browser.post(address(version, step), data | {"then": "next"})
        assert response["Location"] == address(version, onward)
        if onward.endswith("why"):
            names = re.findall(r'name="(link\d+-wh\w+)"', browser.get(address(version, onward)).content.decode())
            assert len(names) == 4
            browser.post(address(version, onward), {name: f"said {name.split('-')[1]}" for name in names})
    version.refresh_from_db()
    links = sorted(version.links.values_list("criterion__code", "where", "why"))
    assert (version.kind, version.title, version.text, version.happened_on) == (
        "case_study", "A first talk", "I met the parents.\nWe talked.", date(2026, 3, 2))  # fmt: skip
    assert links == [(code, "said where", "said why") for code in ("1.2.a", "2.4")]
    assert (version.ai_used, version.is_declared, version.files.count()) == ("Spelling", True, 2)
    assert "Wait until every file has been checked" in page(browser.get(address(version)))
    check_files()
    assert "Ready to submit" in page(browser.get(address(version)))


def test_first_step_keeps_what_was_typed_and_makes_nothing_without_a_title(browser: Client):
    response = post(browser, "/portfolio/evidence/new/?criterion=1.1", kind="work_product", criterion="1.1", title=" ")
    text = page(response, 422)
    assert "There is a problem Give your evidence a title." in text
    assert 'value="work_product" checked' in response.content.decode()
    assert 'name="criterion" value="1.1"' in response.content.decode()
    assert not Evidence.objects.exists()


def test_first_step_sent_again_makes_no_second_piece_and_keeps_what_was_retyped(browser: Client):
    html = browser.get("/portfolio/evidence/new/").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', html).group(1)
    form = {"once": once, "kind": "case_study", "title": "First"}
    first = browser.post("/portfolio/evidence/new/", form)
    again = browser.post("/portfolio/evidence/new/", form | {"title": "Second thought"})
    assert first["Location"] == again["Location"]
    assert EvidenceVersion.objects.get().title == "Second thought"


def test_kind_and_title_of_a_draft_can_be_changed(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="Old")
    url = f"/portfolio/evidence/new/?draft={version.evidence.ref}"
    assert 'value="Old"' in browser.get(url).content.decode()
    assert browser.post(url, {"kind": "work_product", "title": "New"})["Location"] == address(version, "write/")
    assert (fresh(version).kind, fresh(version).title) == ("work_product", "New")
    assert browser.get("/portfolio/evidence/new/?draft=nonsense")["Location"] == "/portfolio/evidence/new/"


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (("31", "2", "2026"), "Enter a real date"),
        (("", "2", "2026"), "The date must include a day"),
        (("1", "1", "2199"), "today or in the past"),
    ],
)
def test_wrong_date_is_named_kept_as_typed_and_does_not_lose_the_text(
    world: World, browser: Client, day: tuple[str, ...], message: str
):
    version = make_draft(world.registration, "1.1")
    typed = dict(zip(("happened_on_day", "happened_on_month", "happened_on_year"), day, strict=True))
    response = browser.post(address(version, "write/"), {"text": "Typed with care", **typed})
    assert message in page(response, 422)
    html = response.content.decode()
    assert "Typed with care</textarea>" in html
    assert re.search(rf'name="happened_on_month"[^>]*value="{day[1]}"', html)
    assert (fresh(version).text, fresh(version).happened_on) == ("Typed with care", None)


def test_come_back_later_saves_and_leads_to_the_draft(world: World, browser: Client):
    version = make_draft(world.registration, "1.1")
    response = browser.post(address(version, "write/"), {"text": "Half a thought", "then": "later"}, follow=True)
    assert "Saved as a draft." in page(response)
    assert fresh(version).text == "Half a thought"


def test_refused_files_get_their_reasons_and_the_good_ones_stay(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", text="Typed before")
    uploads = [SimpleUploadedFile("good.txt", b"good"), SimpleUploadedFile("empty.txt", b""),
               SimpleUploadedFile("bad.exe", b"MZ" + b"\x90" * 99), SimpleUploadedFile("fine.csv", b"1,2")]  # fmt: skip
    text = page(browser.post(address(version, "files/"), {"files": uploads, "then": "next"}), 422)
    assert "“empty.txt” is empty." in text
    assert "3 of 10 files added" in text
    check_files()
    text = page(browser.get(address(version, "files/")))
    assert "“bad.exe” cannot be taken." in text
    assert dict(version.files.values_list("name", "state")) == {
        "good.txt": "ready", "bad.exe": "refused", "fine.csv": "ready"
    }  # fmt: skip
    assert fresh(version).text == "Typed before"


def test_a_file_is_removed_once_however_often_the_form_is_sent(world: World, browser: Client):
    version = make_draft(world.registration, "1.1")
    file = make_file(version, "a.txt", b"a")
    html = browser.get(address(version, "files/")).content.decode()
    form = {"once": re.search(r'name="once" value="([^"]+)"', html).group(1)}
    answers = [browser.post(f"/portfolio/files/{file.ref}/remove/", form) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [address(version, "files/")] * 2
    assert not version.files.exists()


def test_finding_criteria_saves_the_ticks_and_shows_the_chosen_first(world: World, browser: Client):
    version = make_draft(world.registration, "1.1")
    response = browser.post(address(version, "criteria/"), {"criterion": ["1.1", "2.4"], "q": "eal", "then": "find"})
    assert response["Location"] == address(version, "criteria/?q=eal#find")
    html = browser.get(address(version, "criteria/?q=eal")).content.decode()
    ticks = re.findall(r'name="criterion" type="checkbox" value="([^"]+)"( checked)?', html)
    assert [code for code, ticked in ticks if ticked] == ["1.1", "2.4"]
    assert "1.5" in {code for code, ticked in ticks if not ticked}
    assert len(ticks) < 12
    assert statuses(world.registration) == {"1.1": "in_progress", "2.4": "in_progress"}
    assert version.links.get(criterion__code="1.1").why == "It shows what I did"


def test_every_criterion_is_there_to_tick_under_its_stem(world: World, browser: Client):
    version = make_draft(world.registration)
    response = browser.get(address(version, "criteria/"))
    assert response.content.decode().count('type="checkbox" value=') == 60
    assert "1.2 Describe the four areas of need and give examples of the difficulties" in page(response)


def test_a_place_that_is_too_long_is_named_and_no_word_is_lost(world: World, browser: Client):
    version = make_draft(world.registration, "1.1")
    prefix = f"link{version.links.get().criterion_id}"
    response = browser.post(address(version, "criteria/?part=why"), {f"{prefix}-where": "x" * 161,
                                                                     f"{prefix}-why": "Because"})  # fmt: skip
    assert "Say where in 160 characters or fewer." in page(response, 422)
    html = response.content.decode()
    assert f'href="#id_{prefix}-where"' in html
    assert "x" * 161 in html
    assert version.links.values_list("where", "why").get() == ("Second paragraph", "Because")


def test_declarations_show_the_ao_policy_and_may_be_given_one_by_one(world: World, browser: Client):
    set_policy(world.qualification, ai_use="Our rule on AI: ask first.", by=None, at=timezone.now())
    version = make_draft(world.registration, "1.1")
    assert "Our rule on AI: ask first." in page(browser.get(address(version, "declare/")))
    browser.post(address(version, "declare/"), {"no_child_identified": "on"})
    now = fresh(version)
    assert (bool(now.child_identity_declared_at), bool(now.authenticity_declared_at)) == (True, False)
    text = page(browser.get(address(version)))
    assert "Declare that no child can be recognised Done Declare that it is your own work To do" in text


@pytest.mark.parametrize("step", ["write/", "files/", "criteria/", "criteria/?part=why", "declare/"])
def test_step_of_submitted_evidence_leads_to_its_page_and_a_late_post_keeps_the_words(
    world: World, browser: Client, step: str
):
    version = make_submission(world.registration, "1.1").items.get().versions.get()
    assert browser.get(address(version, step))["Location"] == address(version)
    prefix = f"link{version.links.get().criterion_id}"
    data = {"text": "Late words", "ai_used": "Late words", f"{prefix}-why": "Late words",
            "files": SimpleUploadedFile("a.txt", b"a")}  # fmt: skip
    with only_sessions_change():
        response = browser.post(address(version, step), data)
    assert "cannot be changed. Start a new version" in page(response, 422)
    if step not in ("files/", "criteria/"):
        assert "Late words</textarea>" in response.content.decode()


# Saving as one types


def test_autosave_keeps_the_text_the_date_and_the_why(world: World, browser: Client):
    version = make_draft(world.registration, "1.1")
    url, prefix = address(version, "autosave/"), f"link{version.links.get().criterion_id}"
    answer = browser.post(url, {"text": "As I type"}).json()
    assert re.fullmatch(r"\d\d:\d\d", answer["saved_at"])
    browser.post(url, {"happened_on_day": "1", "happened_on_month": "", "happened_on_year": ""})
    assert (fresh(version).text, fresh(version).happened_on) == ("As I type", None)
    browser.post(url, {"happened_on_day": "1", "happened_on_month": "3", "happened_on_year": "2026"})
    browser.post(url, {f"{prefix}-why": "Because I did it"})
    now = fresh(version)
    assert (now.text, now.happened_on) == ("As I type", date(2026, 3, 1))
    assert now.links.values_list("where", "why").get() == ("Second paragraph", "Because I did it")


def test_a_text_changed_in_another_tab_is_not_overwritten_unseen(world: World, browser: Client):
    """Two tabs with the same draft: the second save is refused with the first one's text, until it was seen."""
    version = make_draft(world.registration, "1.1", text="As it was")
    url, name = address(version, "autosave/"), f"link{version.links.get().criterion_id}-why"
    base = base_of("As it was")
    first = browser.post(url, {"text": "From the phone", "base.text": base}).json()
    assert first["bases"] == {"base.text": base_of("From the phone")}
    refused = browser.post(url, {"text": "From the laptop", "base.text": base})
    assert refused.status_code == 409
    theirs = {"text": {"text": "From the phone", "base": base_of("From the phone")}}
    assert refused.json()["conflicts"] == theirs
    assert fresh(version).text == "From the phone"
    assert browser.post(url, {"text": "From the phone", "base.text": base}).status_code == 200  # the same words
    chosen = {"text": "From the laptop", "base.text": theirs["text"]["base"]}
    assert browser.post(url, chosen).status_code == 200
    assert fresh(version).text == "From the laptop"
    assert browser.post(url, {name: "Mine", f"base.{name}": base_of("Not this")}).json()["conflicts"].keys() == {name}
    assert browser.post(url, {"ai_used": "A tool", "base.ai_used": base_of("Other")}).status_code == 409
    assert browser.post(url, {"ai_used": "A tool", "base.ai_used": base_of("")}).status_code == 200
    assert fresh(version).ai_used == "A tool"


def test_without_javascript_both_texts_are_shown_and_the_next_save_keeps_mine(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", text="As it was")
    save_draft(version, text="From the phone", by=world.trainee, at=timezone.now())
    url = address(version, "write/")
    words = page(browser.post(url, {"text": "From the laptop", "base.text": base_of("As it was")}), 422)
    for text in ("Saved meanwhile in another tab", "From the phone", "From the laptop"):
        assert text in words
    again = re.search(r'name="base.text" value="(\w+)"', browser.get(url).content.decode())
    assert again is not None
    assert again.group(1) == base_of("From the phone")
    assert browser.post(url, {"text": "From the laptop", "base.text": again.group(1)}).status_code == 302
    assert fresh(version).text == "From the laptop"


def test_a_form_sent_after_the_session_ended_gives_back_what_was_typed(world: World, client: Client):
    version = make_draft(world.registration, "1.1")
    with only_sessions_change():
        response = client.post(address(version, "write/"), {"text": "A long evening of writing", "then": "next"})
        words = page(response, 401)
        assert "You have been signed out" in words
        assert "A long evening of writing" in words
        script = client.post(address(version, "autosave/"), {"text": "As I type"}, HTTP_X_REQUESTED_WITH="fetch")
        assert script.status_code == 302


def test_autosave_says_why_not(world: World, browser: Client, client_of: Callable[..., Client]):
    version = make_submission(world.registration, "1.1").items.get().versions.get()
    url = address(version, "autosave/")
    assessor, stranger = client_of(world.assessor), client_of(world.other_trainee)
    with only_sessions_change():
        response = browser.post(url, {"text": "Too late"})
        assert (response.status_code, response.json()["message"][:32]) == (409, "This evidence has been submitted")
        assert assessor.post(url, {"text": "Mine now"}).status_code == 403
        assert stranger.post(url, {"text": "Mine now"}).status_code == 404
        assert browser.get(url).status_code == 405
    draft = make_draft(world.registration, "2.1", text="Kept")
    assert browser.post(address(draft, "autosave/"), {"text": "nul \x00 byte"}).status_code == 422
    assert fresh(draft).text == "Kept"


def test_saving_the_same_words_keeps_the_declarations_and_other_words_take_them_back(world: World, browser: Client):
    version = make_ready_evidence(world.registration, "1.1", text="One.\nTwo.")
    browser.post(address(version, "write/"), {"text": "One.\r\nTwo."})
    browser.post(address(version, "autosave/"), {"text": "One.\nTwo."})
    assert fresh(version).is_declared
    browser.post(address(version, "autosave/"), {"text": "One.\nThree."})
    assert not fresh(version).is_declared


# A piece of evidence


def test_evidence_page_escapes_what_people_wrote(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="<b>Me</b>", text="<script>alert(1)</script>\n\nSecond")
    html = browser.get(address(version)).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</p>" in html
    assert "&lt;b&gt;Me&lt;/b&gt;" in html


def test_evidence_page_takes_the_same_queries_with_one_and_three_of_everything(
    world: World, browser: Client, queries: Queries
):
    version = make_draft(world.registration, "1.1")
    make_file(version)

    def grow() -> None:
        browser.post(address(version, "criteria/"), {"criterion": ["1.1", "1.3", "2.4"]})
        for name in ("a.txt", "b.txt"):
            make_file(version, name, name.encode())

    queries.pin(browser, address(version), grow=grow, exactly=13)


def test_readers_see_what_was_submitted_and_can_change_nothing(world: World, client_of: Callable[..., Client]):
    version = make_ready_evidence(world.registration, "1.1", title="Only mine")
    trainee, readers = client_of(world.trainee), {"assessor": world.assessor, "iqa": world.iqa}
    for user in readers.values():
        assert client_of(user).get(address(version)).status_code == 404
    post(trainee, "/portfolio/submit/check/", "/portfolio/submit/check/?criterion=1.1", criterion="1.1", checked="on")
    post(trainee, address(version, "new-version/"), address(version))
    trainee.post(address(version, "write/"), {"text": "Draft words, mine alone"})
    for user in readers.values():
        browser = client_of(user)
        html = browser.get(address(version)).content.decode()
        assert "Only mine" in html
        assert "Draft words" not in html
        assert "/new-version/" not in html
        assert "/delete/" not in html
        assert browser.get(address(version, "versions/1/")).status_code == 200
        assert browser.get(address(version, "versions/2/")).status_code == 404
        with only_sessions_change():
            for step in ("write/", "files/", "criteria/", "declare/", "delete/"):
                assert browser.get(address(version, step)).status_code == 403
            for act in ("write/", "new-version/", "delete/", "share/", "stop-sharing/"):
                token = token_of(browser)
                assert browser.post(address(version, act), {"once": token}).status_code == 403
    strangers = [world.unallocated_assessor, world.lead_iqa, world.setting_manager, world.other_trainee,
                 world.superuser, world.other.assessor]  # fmt: skip
    assert {client_of(user).get(address(version)).status_code for user in strangers} == {404}


def token_of(browser: Client) -> str:
    """A once-token of the person signed in."""
    return issue(User.objects.get(pk=browser.session["_auth_user_id"]))


def test_manager_reads_what_is_shared_until_it_is_not(world: World, browser: Client, client_of: Callable[..., Client]):
    version = make_submission(world.registration, "1.1").items.get().versions.get()
    manager = client_of(world.setting_manager)
    assert manager.get(address(version)).status_code == 404
    post(browser, address(version, "share/"), address(version))
    assert "Shared with managers at Willow Tree Nursery" in page(browser.get(address(version)))
    assert "Only Tara Walsh can change it." in page(manager.get(address(version)))
    post(browser, address(version, "stop-sharing/"), address(version))
    assert manager.get(address(version)).status_code == 404


def test_sharing_without_a_setting_says_who_can_help(world: World, client_of: Callable[..., Client]):
    registration = make_learner(world.cohort, learner=make_person("Vera Lane"))
    version = make_draft(registration, "1.1")
    browser = client_of(registration.learner)
    response = browser.post(address(version, "share/"), {"once": token_of(browser)})
    assert "No setting is on record for you. Ask your centre" in page(response, 422)


def test_new_version_is_a_copy_and_the_first_stays_readable(world: World, browser: Client):
    first = make_submission(world.registration, "1.1", text="First words").items.get().versions.get()
    assert "What you have achieved stands until the new version is decided." in page(browser.get(address(first)))
    response = post(browser, address(first, "new-version/"), address(first))
    assert response["Location"] == address(first, "write/")
    browser.post(address(first, "write/"), {"text": "Second words"})
    assert "Second words" in page(browser.get(address(first)))
    earlier = page(browser.get(address(first, "versions/1/")))
    assert "First words" in earlier
    assert "This is an earlier version." in earlier


def test_draft_is_deleted_only_after_asking_and_once(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="Not this")
    url = address(version, "delete/")
    html = browser.get(url).content.decode()
    assert "Delete the draft “Not this”?" in unescape(html)
    assert Evidence.objects.exists()
    form = {"once": re.search(r'name="once" value="([^"]+)"', html).group(1)}
    assert [browser.post(url, form)["Location"] for _ in range(2)] == ["/portfolio/evidence/"] * 2
    assert browser.get(address(version)).status_code == 404
    assert fresh(version).binned_at
    assert statuses(world.registration) == {}


# Submitting


def test_submitting_from_choosing_to_the_receipt(world: World, browser: Client):
    make_ready_evidence(world.registration, "1.1", "1.2.a", title="A guide")
    make_draft(world.registration, "2.4", title="Half done")
    text = page(browser.get("/portfolio/submit/"))
    assert "Ready: 2" in text
    assert "Not ready yet: 1" in text
    assert "2.4: “Half done” needs your declaration that no child can be recognised." in text
    check = page(browser.get("/portfolio/submit/check/?criterion=1.1&criterion=1.2.a"))
    due = timezone.localdate() + timedelta(days=14)
    assert f"Who assesses it Asha Patel You hear by {due.day} {due:%B %Y} You send 2 criteria with 1 piece" in check
    assert "A guide Work product, version 1" in check
    url = "/portfolio/submit/check/"
    response = post(browser, url, f"{url}?criterion=1.1&criterion=1.2.a", criterion=["1.1", "1.2.a"], checked="on")
    submission = Submission.objects.get()
    assert response["Location"] == f"/portfolio/submissions/{submission.ref}/"
    assert statuses(world.registration) == {"1.1": "submitted", "1.2.a": "submitted", "2.4": "in_progress"}
    assert "With your assessor: 2" in page(browser.get("/portfolio/submit/"))


def test_submission_sent_twice_is_one(world: World, browser: Client):
    make_ready_evidence(world.registration, "1.1")
    html = browser.get("/portfolio/submit/check/?criterion=1.1").content.decode()
    form = {"once": re.search(r'name="once" value="([^"]+)"', html).group(1), "criterion": "1.1", "checked": "on"}
    answers = [browser.post("/portfolio/submit/check/", form)["Location"] for _ in range(2)]
    assert answers == [f"/portfolio/submissions/{Submission.objects.get().ref}/"] * 2


def test_submitting_what_is_not_ready_lists_every_reason_with_its_mend(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="Half done", text=" ")
    response = post(browser, "/portfolio/submit/check/", "/portfolio/submit/", criterion=["1.1"], checked="on",
                    once=token_of(browser))  # fmt: skip
    html = response.content.decode()
    assert "“Half done” has no text and no file yet" in page(response, 422)
    summary = html.split("govuk-error-summary__list")[1].split("</ul>")[0]
    assert re.findall(r'href="([^"]+)"', summary) == [address(version, step) for step in ("write/", "declare/",
                                                                                         "declare/")]  # fmt: skip
    assert not Submission.objects.exists()


def test_choosing_nothing_or_something_unknown_is_said_on_the_page(world: World, browser: Client):
    make_ready_evidence(world.registration, "1.1")
    assert "Choose at least one criterion to submit." in page(browser.get("/portfolio/submit/check/"), 422)
    assert "9.9 has no evidence yet" in page(browser.get("/portfolio/submit/check/?criterion=9.9&criterion=1.1"), 422)


def test_achieved_criterion_warns_before_it_is_submitted_again(world: World, browser: Client):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    assert "1.1" not in page(browser.get("/portfolio/submit/"))
    make_ready_evidence(world.registration, "1.1", title="More of it")
    html = browser.get("/portfolio/submit/").content.decode()
    assert "Achieved already." in html
    assert 'value="1.1" checked' not in html
    assert "It stays achieved until" in page(browser.get("/portfolio/submit/check/?criterion=1.1"))


def test_without_an_assessor_the_check_page_says_so_and_nothing_is_sent(world: World, client_of: Callable[..., Client]):
    registration = make_learner(world.cohort, setting=world.setting)
    make_ready_evidence(registration, "1.1")
    browser = client_of(registration.learner)
    assert "Nobody yet: ask your centre" in page(browser.get("/portfolio/submit/check/?criterion=1.1"))
    url = "/portfolio/submit/check/"
    response = post(browser, url, f"{url}?criterion=1.1", criterion="1.1", checked="on")
    assert "You have no assessor yet." in page(response, 422)
    assert not Submission.objects.exists()


def test_submit_pages_take_the_same_queries_at_one_and_three(world: World, browser: Client, queries: Queries):
    make_ready_evidence(world.registration, "1.1")
    for url, exactly in (("/portfolio/submit/", 11), ("/portfolio/submit/check/?criterion=1.1", 13)):
        codes = ("1.2.a", "1.2.b") if "check" not in url else ("1.1", "1.3")
        queries.pin(browser, url, grow=lambda codes=codes: make_ready_evidence(world.registration, *codes),
                    exactly=exactly)  # fmt: skip
