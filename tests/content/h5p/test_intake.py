"""A package on its way in: stored whole with its libraries, or refused with its reasons and nothing kept."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from content.h5p import keeping, limits, store
from content.h5p.approve import approve, refuse
from content.h5p.intake import begin, give_up, intake
from content.h5p.intake import take_in as take_in_now
from content.models import H5PActivity, H5PLibrary, H5PPin, H5PUpload, H5PVersion
from lms.accounts.api import Organisation, Role, User
from lms.audit.models import AuditEvent
from lms.common.errors import Refused
from lms.common.jobs import TryLater, due, run
from lms.common.models import Job
from lms.notices.models import Notice
from tests.clamd import VIRUS
from tests.factories import make_organisation, make_person
from tests.factories.h5p import library, make_administrator, make_approver, make_upload, package, take

from .bad import BAD, entry

pytestmark = pytest.mark.django_db
State = H5PVersion.State


@pytest.fixture
def house() -> Organisation:
    return make_organisation("awarding_organisation")


@pytest.fixture
def author(house: Organisation) -> User:
    return make_person("Ada Author", (Role.AUTHOR, house))


def send(house: Organisation, author: User, data: bytes | None = None, **said: Any) -> H5PUpload:
    return take(data, by=author, organisation=house, **said)


def approve_all() -> None:
    approve(H5PLibrary.objects.filter(state="waiting"), by=make_administrator(), at=timezone.now())


def everything() -> dict[str, list[str]]:
    """What lies in the store, but for quarantine."""
    return {kind: store.names(kind) for kind in (store.LIBRARIES, store.CONTENTS, store.ORIGINALS)}


NOTHING: dict[str, list[str]] = {store.LIBRARIES: [], store.CONTENTS: [], store.ORIGINALS: []}


def test_a_package_is_stored_with_its_libraries_and_waits_for_their_approval(house, author):
    data = package(libraries=[library(needs=["Test.Part 1.3"]), library("Test.Part 1.3", runnable=0)],
                   files={"content/images/pip.png": b"png"})  # fmt: skip
    upload = send(house, author, data, title="Meals with Pip")
    assert (upload.state, upload.reasons) == ("stored", [])
    activity, version = upload.activity, upload.version
    assert (activity.title, activity.organisation, activity.current) == ("Meals with Pip", house, None)
    assert (version.number, version.state, version.main_library.name) == (1, State.WAITING, "Test.Widget 1.0.0")
    pins = list(version.pins.values_list("position", "library__machine_name", "is_main"))
    assert pins == [(0, "Test.Part", False), (1, "Test.Widget", True)], "what is needed is loaded first"
    row = version.main_library
    assert (row.state, row.asked_by, row.asked_for, row.meta["license"]) == (
        "waiting",
        author,
        "A lesson on meals",
        "MIT",
    )
    assert row.dependencies == [["Test.Part", 1, 3]]
    assert (row.preloaded_js, row.preloaded_css) == (["scripts/main.js"], ["styles/main.css"])
    with store.opened(f"libraries/{row.tree_hash}/scripts/main.js") as file:
        assert b"Test.Widget" in file.read()
    with store.opened(f"contents/{version.content_hash}/images/pip.png") as file:
        assert file.read() == b"png"
    with store.opened(version.original) as file:
        assert file.read() == data, "the package is kept as it was sent"


def test_nothing_of_the_store_is_open_to_others_on_the_machine(house, author):
    send(house, author)
    assert store.root().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("chunk", range(6))
def test_each_bad_package_is_refused_and_nothing_of_it_kept(house, author, chunk: int,
                                                            django_capture_on_commit_callbacks):  # fmt: skip
    for what in list(BAD)[chunk::6]:
        made, code = BAD[what]
        data = made()
        if not data:
            with pytest.raises(Refused, match="is empty"):
                make_upload(data, by=author, organisation=house)
            continue
        with django_capture_on_commit_callbacks(execute=True):
            upload = send(house, author, data)
        assert upload.state == "refused", what
        assert code in {reason["code"] for reason in upload.reasons}, what
        assert everything() == NOTHING, what
        assert not store.incoming(upload.ref).exists(), what
    assert not H5PActivity.objects.exists() | H5PVersion.objects.exists() | H5PLibrary.objects.exists()


def test_the_uploader_is_told_how_it_ended_and_each_act_is_audited(house, author):
    send(house, author)
    send(house, author, entry("content/a.exe"))
    told = Notice.objects.filter(user=author).order_by("pk").values_list("kind", "title")
    assert [kind for kind, _ in told] == ["h5p-upload", "h5p-upload"]
    assert "wait for approval" in told[0][1]
    assert "could not be taken" in told[1][1]
    subjects = [f"h5p_upload:{one.pk}" for one in H5PUpload.objects.all()]
    acts = AuditEvent.objects.filter(subject__in=subjects).order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["h5p.uploaded", "h5p.stored", "h5p.uploaded", "h5p.refused"]


def test_approvers_are_told_that_libraries_wait_and_nobody_else(house, author):
    approver = make_approver(house)
    administrator = make_administrator()
    send(house, author)
    assert [row.user for row in Notice.objects.filter(kind="h5p-waiting")] == [approver]
    approver.groups.clear()
    send(house, author, package(libraries=[library(patchVersion=3)]))
    assert [row.user for row in Notice.objects.filter(kind="h5p-waiting")] == [approver, administrator]


def test_libraries_are_shared_between_activities_by_their_bytes(house, author):
    first = send(house, author)
    approve_all()
    second = send(house, author, package(title="Another", content={"label": "x"}))
    assert second.version.state == State.READY, "its library is approved already"
    assert H5PLibrary.objects.count() == 1
    assert first.version.content_hash != second.version.content_hash
    assert second.activity.current == second.version
    assert len(store.names(store.LIBRARIES)) == 1


def test_a_forged_library_is_another_library_that_waits(house, author):
    """Same name, same version, other bytes: what is approved keeps its bytes, and the new one says what it is."""
    honest = send(house, author)
    approve_all()
    forged = send(house, author, package(libraries=[library(js={"scripts/main.js": "steal()"})]))
    assert forged.version.state == State.WAITING
    one, other = honest.version.main_library, forged.version.main_library
    assert (one.name, one.state) == (other.name, H5PLibrary.State.APPROVED)
    assert (one.tree_hash != other.tree_hash, other.state) == (True, H5PLibrary.State.WAITING)
    honest.version.refresh_from_db()
    assert list(honest.version.libraries.all()) == [one]
    with store.opened(f"libraries/{one.tree_hash}/scripts/main.js") as file:
        assert b"steal" not in file.read()


def test_a_package_that_needs_a_refused_library_is_refused(house, author):
    send(house, author)
    refuse(H5PLibrary.objects.all(), note="It sends data elsewhere", by=make_administrator(), at=timezone.now())
    again = send(house, author, package(title="Again"))
    assert [reason["code"] for reason in again.reasons] == ["library-refused"]
    assert "It sends data elsewhere" in again.reasons[0]["message"]


def test_a_reuse_export_uses_approved_libraries_of_the_store(house, author):
    bare = package(libraries=[])
    refused = send(house, author, bare)
    assert [reason["code"] for reason in refused.reasons] == ["libraries-left-out"]
    send(house, author)
    assert send(house, author, bare).state == "refused", "a library that waits is not there yet"
    approve_all()
    taken = send(house, author, bare)
    assert (taken.state, taken.version.state) == ("stored", State.READY)
    assert taken.version.main_library == H5PLibrary.objects.get()


def test_a_replacement_is_the_next_version_and_keeps_the_text_alternative(house, author):
    first = send(house, author)
    approve_all()
    H5PVersion.objects.update(text_alternative="<p>On paper.</p>")
    second = send(house, author, package(content={"label": "new"}), activity=first.activity)
    assert (second.activity, second.version.number) == (first.activity, 2)
    assert second.version.text_alternative == "<p>On paper.</p>"
    first.activity.refresh_from_db()
    assert first.activity.current == second.version
    assert first.version.content_hash != second.version.content_hash


def test_a_replacement_that_waits_leaves_the_old_version_on_its_pages(house, author):
    first = send(house, author)
    approve_all()
    second = send(house, author, package(libraries=[library(patchVersion=1)]), activity=first.activity)
    first.activity.refresh_from_db()
    assert (second.version.state, first.activity.current) == (State.WAITING, first.version)
    approve_all()
    first.activity.refresh_from_db()
    assert first.activity.current == second.version


def test_the_same_package_twice_is_stored_once(house, author):
    one, two = send(house, author), send(house, author)
    assert one.version.content_hash == two.version.content_hash
    assert [len(names) for names in everything().values()] == [1, 1, 1]


def test_only_authors_of_the_organisation_upload(house, author):
    other = make_organisation("awarding_organisation")
    foreign = make_person("Fay Foreign", (Role.AUTHOR, other))
    reviewer = make_person("Rob Reviewer", (Role.REVIEWER, house))
    for person, organisation in ((foreign, house), (reviewer, house), (author, None), (author, other)):
        with pytest.raises(PermissionDenied):
            make_upload(by=person, organisation=organisation)
    own = send(house, author)
    with pytest.raises(PermissionDenied):
        make_upload(by=foreign, organisation=other, activity=own.activity)
    assert H5PUpload.objects.count() == 1


@pytest.mark.parametrize(("name", "data", "words"), [
    ("activity.zip", b"x", "ends in “.h5p”"), ("activity.h5p", b"", "is empty"),
])  # fmt: skip
def test_what_is_no_package_by_its_name_or_size_is_refused_at_once(house, author, name: str, data: bytes, words: str):
    with pytest.raises(Refused, match=words):
        make_upload(data, by=author, organisation=house, name=name)
    assert not H5PUpload.objects.exists()


def test_one_that_is_too_large_is_refused_at_once(house, author, monkeypatch):
    monkeypatch.setattr(limits, "PACKAGE_BYTES", 100)
    with pytest.raises(Refused, match="larger than"):
        make_upload(by=author, organisation=house)


def test_a_name_that_leads_elsewhere_is_kept_as_a_name(house, author):
    file = SimpleUploadedFile("x.h5p", package())
    file._name = "../../etc/evil\n.h5p"
    upload = begin(file, organisation=house, by=author, at=timezone.now())
    assert not {"/", "\n"} & set(upload.name)


def test_a_package_with_a_virus_is_refused(house, author, clamd, settings):
    settings.EVIDENCE_SCANNER = clamd
    clean = send(house, author)
    found = send(house, author, package(files={"content/a.txt": VIRUS}))
    assert (clean.state, found.state) == ("stored", "refused")
    assert [reason["code"] for reason in found.reasons] == ["virus"]


def test_a_package_waits_while_the_scanner_is_away(house, author, settings):
    settings.EVIDENCE_SCANNER = "tcp:127.0.0.1:1"
    upload = make_upload(by=author, organisation=house)
    with pytest.raises(TryLater):
        take_in_now(upload.pk, at=timezone.now())
    upload.refresh_from_db()
    assert not upload.is_over
    settings.EVIDENCE_SCANNER = "none"
    take_in_now(upload.pk, at=timezone.now())
    upload.refresh_from_db()
    assert upload.state == "stored"


def test_a_package_that_was_lost_is_refused(house, author):
    upload = make_upload(by=author, organisation=house)
    store.forget(upload.ref)
    take_in_now(upload.pk, at=timezone.now())
    upload.refresh_from_db()
    assert [reason["code"] for reason in upload.reasons] == ["lost"]


def test_a_job_that_fails_at_every_attempt_says_so(house, author):
    upload = make_upload(by=author, organisation=house)
    give_up(upload.pk)
    upload.refresh_from_db()
    assert [reason["code"] for reason in upload.reasons] == ["fault"]
    intake(upload.pk)
    assert not H5PVersion.objects.exists(), "what is over is left alone"


def test_the_job_may_run_twice(house, author):
    upload = make_upload(by=author, organisation=house)
    take_in_now(upload.pk, at=timezone.now())
    take_in_now(upload.pk, at=timezone.now())
    assert (H5PVersion.objects.count(), H5PActivity.objects.count()) == (1, 1)


STEPS = ["store.emptied", "store.place", "store.keep_original", "_finish", "tell_approvers"]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_at_any_step_leaves_nothing_half_stored(house, author, step: str, monkeypatch):
    """Whatever it had put into place is whole, no row names it, and the next attempt stores everything."""
    upload = make_upload(by=author, organisation=house)

    class Killed(BaseException):
        pass

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(keeping.store if step.startswith("store.") else keeping, step.split(".")[-1], die)
        with pytest.raises(Killed), transaction.atomic():
            take_in_now(upload.pk, at=timezone.now())
    assert not H5PVersion.objects.exists() | H5PLibrary.objects.exists() | H5PPin.objects.exists()
    take_in_now(upload.pk, at=timezone.now())
    assert_whole()


def assert_whole() -> None:
    """Every file that a row speaks of is there, with its bytes."""
    for row in H5PLibrary.objects.all():
        folder = store.root() / store.LIBRARIES / row.tree_hash
        found = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
        assert found == row.files
    for version in H5PVersion.objects.all():
        assert (store.root() / store.CONTENTS / version.content_hash / "content.json").is_file()
        assert (store.root() / version.original).is_file()
    assert H5PVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_job_takes_it_in_with_progress(monkeypatch):
    house = make_organisation("awarding_organisation")
    author = make_person("Ada Author", (Role.AUTHOR, house))
    monkeypatch.setattr("lms.common.tasks.run_job.delay", lambda pk: None)
    monkeypatch.setattr("content.h5p.intake.TOLD_EVERY", 0)
    said: list[tuple[str, int, int]] = []
    monkeypatch.setattr("content.h5p.intake.Told.__call__", _listening(said))
    upload = make_upload(by=author, organisation=house)
    job = Job.objects.get(kind="content.h5p_intake")
    assert run(job.pk) is True
    upload.refresh_from_db()
    assert upload.state == "stored"
    assert said == [("Files are being looked through", number, 4) for number in range(1, 5)]
    assert not store.incoming(upload.ref).exists()
    assert due(timezone.now()) == []


def _listening(said: list[tuple[str, int, int]]) -> Any:
    from content.h5p.intake import Told

    before = Told.__call__

    def call(self: Any, done: int, total: int) -> None:
        before(self, done, total)
        said.append(self.row.values_list("step", "done", "total").get())

    return call


def test_the_store_lies_where_no_address_leads(settings):
    folder = Path(settings.STORAGES["h5p"]["OPTIONS"]["location"])
    for public in (settings.MEDIA_ROOT, settings.STATIC_ROOT):
        assert not folder.is_relative_to(public)
