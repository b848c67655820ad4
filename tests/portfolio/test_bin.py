"""The bin: what is deleted waits there, can be taken back, and is destroyed with its files when its time is over."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from assessment.status import differences
from courses.delivery.api import Registration, set_state
from lms.common import housekeeping
from portfolio.api import (
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    candidates,
    declare,
    discard_draft,
    new_version,
    restore_draft,
    save_draft,
)
from portfolio.domain.bin import destroy_draft, empty_bin, purge_bins
from portfolio.files import quarantined, store_room
from portfolio.models import Attestation, FileRendition
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
from tests.helpers import actions_since, last_event, lifted, nothing_changes, refused, statuses

pytestmark = pytest.mark.alike


def fresh(version: EvidenceVersion) -> EvidenceVersion:
    return EvidenceVersion.objects.get(pk=version.pk)


def numbers(evidence: Evidence) -> list[tuple[int, str, bool, bool]]:
    """Each version: number, state, whether it is the latest, whether it is in the bin."""
    rows = evidence.versions.order_by("number").values_list("number", "state", "is_latest", "binned_at")
    return [(number, state, latest, bool(binned)) for number, state, latest, binned in rows]


def second_draft(world: World, at) -> EvidenceVersion:
    """A draft after submitted work."""
    first = make_submission(world.registration, "1.1").items.get().versions.get()
    return new_version(first.evidence, by=world.trainee, at=at)


# Into the bin and back


def test_a_deleted_draft_is_nowhere_but_in_the_bin(world: World, at):
    version = make_ready_evidence(world.registration, "1.1")
    event = last_event()
    discard_draft(version, by=world.trainee, at=at)
    assert actions_since(event) == ["evidence.discarded"]
    assert numbers(version.evidence) == [(1, "draft", False, True)]
    assert statuses(world.registration) == {}
    assert list(differences(world.registration)) == []
    assert candidates(world.registration, at=at) == []
    assert not Evidence.objects.visible_to(world.trainee).exists()
    assert not EvidenceVersion.objects.visible_to(world.trainee).exists()
    assert EvidenceVersion.objects.binned_by(world.trainee).get() == version
    people = (world.assessor, world.iqa, world.setting_manager, world.other_trainee, world.other.trainee)
    assert [EvidenceVersion.objects.binned_by(person).count() for person in people] == [0] * 5


def test_a_restored_draft_is_as_it_was_left(world: World, at):
    version = make_ready_evidence(world.registration, "1.1", "4.8")
    file = make_file(version)
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    before = EvidenceVersion.objects.filter(pk=version.pk).values().get()
    discard_draft(version, by=world.trainee, at=at)
    event = last_event()
    restore_draft(version, by=world.trainee, at=at)
    assert actions_since(event) == ["evidence.restored"]
    assert EvidenceVersion.objects.filter(pk=version.pk).values().get() == before
    assert statuses(world.registration) == {"1.1": "in_progress", "4.8": "in_progress"}
    assert [candidate.ready for candidate in candidates(world.registration, at=at)] == [True, True]
    assert store_room().exists(EvidenceFile.objects.get(pk=file.pk).stored_as)


def test_a_draft_in_the_bin_is_not_edited_or_deleted_again(world: World, at):
    version = discard_draft(make_draft(world.registration, "1.1"), by=world.trainee, at=at)
    with refused("draft-binned"):
        save_draft(version, text="More", by=world.trainee, at=at)
    with refused("draft-binned"):
        discard_draft(version, by=world.trainee, at=at)


def test_the_next_version_does_not_take_a_number_that_is_in_the_bin(world: World, at):
    second = second_draft(world, at)
    discard_draft(second, by=world.trainee, at=at)
    assert numbers(second.evidence) == [(1, "submitted", True, False), (2, "draft", False, True)]
    third = new_version(second.evidence, by=world.trainee, at=at)
    assert third.number == 3


def test_a_restored_draft_gets_the_next_number_when_there_are_newer_versions(world: World, at):
    second = second_draft(world, at)
    save_draft(second, text="The second", by=world.trainee, at=at)
    discard_draft(second, by=world.trainee, at=at)
    third = new_version(second.evidence, by=world.trainee, at=at)
    save_draft(third, text="The third", by=world.trainee, at=at)
    declare(third, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    settle(world.registration.submissions.get(), by=world.assessor)
    submit(world.registration, "1.1")
    restored = restore_draft(second, by=world.trainee, at=at)
    assert (restored.number, restored.text) == (4, "The second")
    assert numbers(second.evidence) == [
        (1, "decided", False, False), (3, "submitted", False, False), (4, "draft", True, False)]  # fmt: skip
    assert list(differences(world.registration)) == []


def test_restoring_is_refused_while_another_draft_of_the_piece_is_open(world: World, at):
    second = second_draft(world, at)
    discard_draft(second, by=world.trainee, at=at)
    third = new_version(second.evidence, by=world.trainee, at=at)
    with refused("draft-open") as caught:
        restore_draft(second, by=world.trainee, at=at)
    assert caught.value.fix_url == f"/portfolio/evidence/{third.evidence.ref}/"
    discard_draft(third, by=world.trainee, at=at)
    assert restore_draft(second, by=world.trainee, at=at).number == 2


def test_two_drafts_of_one_piece_can_be_in_the_bin(world: World, at):
    second = discard_draft(second_draft(world, at), by=world.trainee, at=at)
    third = discard_draft(new_version(second.evidence, by=world.trainee, at=at), by=world.trainee, at=at)
    assert set(EvidenceVersion.objects.binned_by(world.trainee)) == {second, third}


def test_what_an_assessor_recorded_or_attested_to_does_not_go_into_the_bin(world: World, at):
    version = make_draft(world.registration, "1.1")
    EvidenceVersion.objects.filter(pk=version.pk).update(kind="observation", recorded_by=world.assessor)
    with refused("recorded-stays"):
        discard_draft(version, by=world.trainee, at=at)


def test_only_the_learner_and_only_while_registered(world: World, at):
    version = make_draft(world.registration, "1.1")
    for person in (world.assessor, world.other_trainee, world.superuser):
        with refused("rule-01-owner"):
            discard_draft(version, by=person, at=at)
    discard_draft(version, by=world.trainee, at=at)
    for act in (restore_draft, destroy_draft):
        with refused("rule-01-owner"):
            act(version, by=world.assessor, at=at)
    with refused("rule-01-owner"):
        empty_bin(world.registration, by=world.assessor, at=at)
    set_state(world.registration, Registration.State.SUSPENDED, by=None, role="centre", at=at)
    for act in (restore_draft, destroy_draft):
        with refused("registration-closed"):
            act(version, by=world.trainee, at=at)


# Destroying


def test_destroying_takes_words_files_and_pictures_for_good(world: World, at, django_capture_on_commit_callbacks):
    version = make_draft(world.registration, "1.1")
    file = EvidenceFile.objects.get(pk=make_file(version).pk)
    picture = store_room().save("aa/picture", ContentFile(b"picture"))
    FileRendition.objects.create(file=file, kind="page", number=1, stored_as=picture)
    with refused("not-in-bin"):
        destroy_draft(version, by=world.trainee, at=at)
    discard_draft(version, by=world.trainee, at=at)
    event = last_event()
    with django_capture_on_commit_callbacks(execute=True):
        destroy_draft(version, by=world.trainee, at=at)
    assert actions_since(event) == ["evidence.purged"]
    assert not Evidence.objects.exists()
    assert [store_room().exists(name) for name in (file.stored_as, picture)] == [False, False]
    with refused("not-in-bin"):
        restore_draft(version, by=world.trainee, at=at)


def test_destroying_a_second_version_leaves_what_the_first_has(world: World, at, django_capture_on_commit_callbacks):
    first = make_ready_evidence(world.registration, "1.1")
    file = EvidenceFile.objects.get(pk=make_file(first, at=at).pk)
    declare(first, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submit(world.registration, "1.1")
    second = new_version(first.evidence, by=world.trainee, at=at)
    own = EvidenceFile.objects.get(pk=make_file(second, "own.txt", b"Mine alone").pk)
    discard_draft(second, by=world.trainee, at=at)
    with django_capture_on_commit_callbacks(execute=True):
        destroy_draft(second, by=world.trainee, at=at)
    assert numbers(first.evidence) == [(1, "submitted", True, False)]
    assert [store_room().exists(name) for name in (file.stored_as, own.stored_as)] == [True, False]


def test_a_file_that_is_still_checked_goes_with_its_draft(world: World, at, django_capture_on_commit_callbacks):
    version = make_draft(world.registration)
    row = EvidenceFile.objects.create(version=version, name="a.txt", size=1, sha256="x", added_at=at)
    quarantined(row.ref).write_bytes(b"x")
    discard_draft(version, by=world.trainee, at=at)
    with django_capture_on_commit_callbacks(execute=True):
        destroy_draft(version, by=world.trainee, at=at)
    assert not quarantined(row.ref).exists()


def test_the_bin_is_emptied_of_this_registration_only(world: World, at):
    kept = make_draft(world.registration, "1.1", title="Kept")
    for title in ("One", "Two"):
        discard_draft(make_draft(world.registration, "1.1", title=title), by=world.trainee, at=at)
    others = discard_draft(make_draft(world.other_registration, "1.1"), by=world.other_trainee, at=at)
    assert empty_bin(world.registration, by=world.trainee, at=at) == 2
    assert set(EvidenceVersion.objects.all()) == {kept, others}
    with nothing_changes():
        assert empty_bin(world.registration, by=world.trainee, at=at) == 0


def test_each_night_what_has_been_in_the_bin_for_thirty_days_is_destroyed(world: World, at):
    old = discard_draft(make_draft(world.registration, "1.1"), by=world.trainee,
                        at=at - timedelta(days=settings.BIN_DAYS))  # fmt: skip
    young = discard_draft(make_draft(world.registration, "1.1"), by=world.trainee,
                          at=at - timedelta(days=settings.BIN_DAYS, seconds=-1))  # fmt: skip
    set_state(world.registration, Registration.State.SUSPENDED, by=None, role="centre", at=at)
    event = last_event()
    housekeeping.clear(at=at)
    assert actions_since(event) == ["evidence.purged"]
    assert list(EvidenceVersion.objects.all()) == [young]
    assert not Evidence.objects.filter(pk=old.evidence_id).exists()
    with nothing_changes():
        purge_bins(at)


def test_a_draft_that_cannot_be_destroyed_does_not_keep_the_others(world: World, at, caplog):
    long_ago = at - timedelta(days=99)
    stuck, free = (discard_draft(make_draft(world.registration, "1.1"), by=world.trainee, at=long_ago) for _ in "ab")
    with lifted():
        Attestation.objects.create(version=stuck, seen_by=world.assessor, seen_on=at.date(), place="x", note="x",
                                   attested_at=at)  # fmt: skip
    purge_bins(at)
    assert list(EvidenceVersion.objects.all()) == [stuck]
    assert f"Version {stuck.pk} could not be taken out of the bin" in caplog.text
    assert free != stuck


# Pages


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    return client_of(world.trainee)


def words(response, status: int = 200) -> str:
    assert response.status_code == status
    main = response.content.decode().split('<main id="main-content">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def token(html: str, action: str) -> str:
    """The once-token of the form that posts to an address."""
    return re.search(rf'action="{action}".*?name="once" value="([^"]+)"', html, re.DOTALL).group(1)


def test_the_message_after_deleting_has_an_undo_that_works_once(world: World, browser: Client):
    version = make_draft(world.registration, "1.1", title="Not this")
    url = f"/portfolio/evidence/{version.evidence.ref}/"
    once = re.search(r'name="once" value="([^"]+)"', browser.get(f"{url}delete/").content.decode()).group(1)
    html = browser.post(f"{url}delete/", {"once": once}, follow=True).content.decode()
    undo = f"/portfolio/bin/{version.evidence.ref}/1/restore/"
    form = {"once": token(html, undo)}
    assert "You deleted the draft “Not this”. It is in your bin." in unescape(html)
    answers = [browser.post(undo, form) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [url] * 2
    assert "“Not this” is back, as you left it." in words(browser.get(url))
    assert "Undo" not in words(browser.get(url))


def test_the_bin_says_what_is_in_it_and_how_long(world: World, browser: Client):
    now = timezone.now()
    text = "A long beginning " * 20
    for days, title in ((1, "Yesterday's"), (29, "Nearly over"), (30, "Over")):
        version = make_draft(world.registration, "1.1", title=title, text=text)
        discard_draft(version, by=world.trainee, at=now - timedelta(days=days))
    shown = words(browser.get("/portfolio/bin/"))
    assert "3 drafts in the bin" in shown
    assert shown.index("Yesterday's") < shown.index("Nearly over") < shown.index("Over")
    assert "29 days left" in shown
    assert "1 day left" in shown
    assert "Gone for good tonight" in shown
    assert "A long beginning A long beginning" in shown
    assert text.strip() not in shown


def test_the_empty_bin_says_so_and_there_is_nothing_to_empty(browser: Client):
    assert "Nothing in the bin" in words(browser.get("/portfolio/bin/"))
    assert browser.get("/portfolio/bin/empty/")["Location"] == "/portfolio/bin/"


def test_deleting_for_good_and_emptying_ask_first(world: World, browser: Client):
    versions = [make_draft(world.registration, "1.1", title=title) for title in ("First", "Second", "Third")]
    for version in versions:
        discard_draft(version, by=world.trainee, at=timezone.now())
    url = f"/portfolio/bin/{versions[0].evidence.ref}/1/delete/"
    page = browser.get(url)
    assert "Delete “First” for good?" in words(page)
    form = {"once": re.search(r'name="once" value="([^"]+)"', page.content.decode()).group(1)}
    assert [browser.post(url, form)["Location"] for _ in range(2)] == ["/portfolio/bin/"] * 2
    assert EvidenceVersion.objects.count() == 2
    page = browser.get("/portfolio/bin/empty/")
    assert "2 drafts and their files are destroyed now." in words(page)
    form = {"once": re.search(r'name="once" value="([^"]+)"', page.content.decode()).group(1)}
    after = browser.post("/portfolio/bin/empty/", form, follow=True)
    assert "The bin is empty: 2 drafts gone for good." in words(after)
    assert not EvidenceVersion.objects.exists()


def test_a_refused_restore_shows_the_bin_with_the_reason(world: World, browser: Client, at):
    second = discard_draft(second_draft(world, at), by=world.trainee, at=at)
    new_version(second.evidence, by=world.trainee, at=at)
    url = f"/portfolio/bin/{second.evidence.ref}/2/restore/"
    html = browser.get("/portfolio/bin/").content.decode()
    answer = browser.post(url, {"once": token(html, url)})
    assert "There is a problem Another draft of this piece is open" in words(answer, 422)
    assert f'href="/portfolio/evidence/{second.evidence.ref}/"' in answer.content.decode()


def test_the_bin_goes_on_to_the_next_page(world: World, browser: Client):
    now = timezone.now()
    for number in range(22):
        version = make_draft(world.registration, title=f"Piece {number:02}")
        discard_draft(version, by=world.trainee, at=now - timedelta(minutes=number))
    first = browser.get("/portfolio/bin/").content.decode()
    following = unescape(re.search(r'<a href="([^"]+)" rel="next">', first).group(1))
    assert re.findall(r"<h2>(Piece \d\d)</h2>", browser.get(following).content.decode()) == ["Piece 20", "Piece 21"]


def test_a_closed_registration_reads_its_bin_and_changes_nothing(world: World, browser: Client, at):
    discard_draft(make_draft(world.registration, "1.1"), by=world.trainee, at=at)
    set_state(world.registration, Registration.State.SUSPENDED, by=None, role="centre", at=at)
    html = browser.get("/portfolio/bin/").content.decode()
    assert "Your registration is closed (suspended)" in html
    assert 'action="/portfolio/bin/' not in html


def test_the_bin_takes_the_same_number_of_queries_for_one_and_three(world: World, browser: Client, queries: Queries):
    def fill(number: int = 1) -> None:
        for _ in range(number):
            discard_draft(make_draft(world.registration, "1.1"), by=world.trainee, at=timezone.now())

    fill()
    queries.pin(browser, "/portfolio/bin/", grow=lambda: fill(2), exactly=7)
