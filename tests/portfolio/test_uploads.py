"""Files in parts: the tus protocol as its clients see it, and what a broken upload leaves behind."""

import base64
import fcntl
import hashlib
import io
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.delivery.api import Registration, set_state
from lms.accounts.api import Role
from lms.audit.models import AuditEvent
from lms.common.errors import Refused
from lms.common.housekeeping import clear
from portfolio import files
from portfolio.api import EvidenceFile, EvidenceVersion
from portfolio.domain import upload as uploads
from portfolio.domain.attach import add_file
from portfolio.domain.record import sign_record, start_record
from portfolio.models import Upload
from tests.factories import World, make_draft, make_file, make_ready_evidence, submit

pytestmark = pytest.mark.alike
CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 40
TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture(autouse=True)
def _empty_spool() -> None:
    """Nothing of another test lies in the spool."""
    for path in files.spool().glob("*.part"):
        path.unlink()


class Sender:
    """A tus client of the test's own."""

    def __init__(self, browser: Client, version: EvidenceVersion) -> None:
        self.browser, self.version = browser, version
        self.address = f"/portfolio/evidence/{version.evidence.ref}/uploads/"
        self.upload = ""

    def create(self, length: int | str = len(CONTENT), name: str = "plan.pdf", **headers: str) -> Any:
        about = f"filename {base64.b64encode(name.encode()).decode()}"
        sent = {**TUS, "Upload-Length": str(length), "Upload-Metadata": about} | headers
        answer = self.browser.post(self.address, headers=sent)
        if answer.status_code == 201:
            assert answer["Location"].startswith("http://testserver/portfolio/uploads/")
            self.upload = answer["Location"].removeprefix("http://testserver")
        return answer

    def part(self, offset: int, data: bytes, **headers: str) -> Any:
        sent = {**PART, "Upload-Offset": str(offset)} | headers
        return self.browser.patch(self.upload, data, content_type=sent.pop("Content-Type"), headers=sent)

    def offset(self) -> int:
        return int(self.browser.head(self.upload, headers=TUS)["Upload-Offset"])

    @property
    def row(self) -> Upload:
        return Upload.objects.get(ref=UUID(self.upload.rstrip("/").split("/")[-1]))

    def on_disk(self) -> bytes:
        return uploads.path_of(self.row.ref).read_bytes()


@pytest.fixture
def sender(world: World, client_of: Callable[..., Client]) -> Sender:
    """The trainee, about to send a file into a draft."""
    return Sender(client_of(world.trainee), make_draft(world.registration, "1.1"))


def said(answer: Any) -> str:
    """An error's words: text that a person can read, ending as a sentence does."""
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    words = answer.content.decode()
    assert len(words) > 15
    assert words[-1] == "."
    return words


def finished(sender: Sender) -> EvidenceFile:
    """The file that the upload became. Its bytes are the ones that were sent."""
    file = sender.row.file
    assert files.quarantined(file.ref).read_bytes() == CONTENT
    return file


# The protocol


def test_options_tells_what_the_server_can(sender: Sender):
    answer = sender.browser.options(sender.address)
    assert answer.status_code == 204
    names = ("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Checksum-Algorithm", "Tus-Max-Size", "Allow")
    assert {name: answer[name] for name in names} == {
        "Tus-Resumable": "1.0.0", "Tus-Version": "1.0.0", "Tus-Checksum-Algorithm": "sha1,sha256",
        "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
        "Tus-Max-Size": str(500 * 1024 * 1024), "Allow": "POST, OPTIONS",
    }  # fmt: skip


def test_a_file_sent_in_parts_is_the_file_of_the_draft(sender: Sender, django_capture_on_commit_callbacks):
    answer = sender.create()
    assert (answer.status_code, answer["Upload-Offset"], answer["Tus-Resumable"]) == (201, "0", "1.0.0")
    assert "Upload-Expires" in answer
    first = sender.part(0, CONTENT[:4000])
    assert (first.status_code, first["Upload-Offset"], first.content) == (204, "4000", b"")
    assert "Senco-File" not in first
    head = sender.browser.head(sender.upload, headers=TUS)
    assert {name: head[name] for name in ("Upload-Offset", "Upload-Length", "Upload-Metadata", "Cache-Control")} == {
        "Upload-Offset": "4000", "Upload-Length": str(len(CONTENT)), "Cache-Control": "no-store",
        "Upload-Metadata": "filename " + base64.b64encode(b"plan.pdf").decode(),
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        last = sender.part(4000, CONTENT[4000:])
    file = finished(sender)
    assert not uploads.path_of(sender.row.ref).exists()
    assert (last.status_code, last["Upload-Offset"], last["Senco-File"]) == (204, str(len(CONTENT)), str(file.ref))
    assert "Upload-Expires" not in last
    assert (file.name, file.size, file.state, file.version) == ("plan.pdf", len(CONTENT), "checking", sender.version)


def test_who_lost_the_last_answer_finds_the_upload_finished(sender: Sender):
    sender.create()
    sender.part(0, CONTENT)
    head = sender.browser.head(sender.upload, headers=TUS)
    whole = str(len(CONTENT))
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (200, whole, whole)
    assert head["Senco-File"] == str(sender.version.files.get().ref)
    again = sender.part(0, CONTENT)
    assert (again.status_code, said(again)) == (409, "“plan.pdf” has arrived already.")
    assert sender.version.files.count() == 1


def test_the_first_part_may_come_with_the_creation(sender: Sender):
    about = "filename " + base64.b64encode(b"plan.pdf").decode()
    answer = sender.browser.post(
        sender.address, CONTENT, content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": about},
    )  # fmt: skip
    assert (answer.status_code, answer["Upload-Offset"]) == (201, str(len(CONTENT)))
    assert sender.version.files.get().size == len(CONTENT)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-5"}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Metadata": "filename ???"}, 400),
    ],
)
def test_a_creation_that_is_not_the_protocol_is_refused_in_words(sender: Sender, headers: dict, status: int):
    answer = sender.create(**headers)
    assert answer.status_code == status
    assert said(answer)
    assert (answer.headers.get("Tus-Version") == "1.0.0") == (status == 412)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "2.0.0"}, 412),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Upload-Offset": "ten"}, 400),
        ({"Upload-Offset": "3"}, 409),
        ({"Upload-Checksum": "md5 AAAA"}, 400),
        ({"Upload-Checksum": "sha1 !"}, 400),
        ({"Upload-Checksum": "sha1 AAAA"}, 400),
    ],
)
def test_a_part_that_is_not_the_protocol_is_refused_in_words(sender: Sender, headers: dict, status: int):
    sender.create()
    answer = sender.part(0, CONTENT[:10], **headers)
    assert answer.status_code == status
    assert said(answer)
    assert sender.offset() == 0


def test_a_part_without_a_length_is_refused(sender: Sender):
    sender.create()
    answer = sender.browser.generic("PATCH", sender.upload, b"x", content_type=PART["Content-Type"],
                                    headers={**TUS, "Upload-Offset": "0"}, CONTENT_LENGTH="")  # fmt: skip
    assert (answer.status_code, said(answer)) == (411, "Say how long the part is.")


def test_a_part_may_not_be_longer_than_the_limit_nor_than_the_file(sender: Sender, settings):
    settings.UPLOAD_PART_BYTES = 5000
    sender.create()
    too_large = sender.part(0, CONTENT[:5001])
    assert too_large.status_code == 413
    assert said(too_large)
    assert sender.part(0, CONTENT[:5000]).status_code == 204
    settings.UPLOAD_PART_BYTES = 8 * 1024 * 1024
    beyond = sender.part(5000, CONTENT[5000:] + b"x")
    assert (beyond.status_code, sender.offset()) == (413, 5000)
    assert sender.part(5000, CONTENT[5000:]).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_part_with_a_wrong_checksum_is_thrown_away_and_one_with_the_right_one_counts(sender: Sender, algorithm: str):
    sender.create()
    sender.part(0, CONTENT[:100])
    right = base64.b64encode(hashlib.new(algorithm, CONTENT[100:200]).digest()).decode()
    wrong = sender.part(100, CONTENT[101:201], **{"Upload-Checksum": f"{algorithm} {right}"})
    assert wrong.status_code == 460
    assert said(wrong)
    assert (sender.offset(), sender.on_disk()) == (100, CONTENT[:100])
    assert sender.part(100, CONTENT[100:200], **{"Upload-Checksum": f"{algorithm} {right}"}).status_code == 204
    assert (sender.offset(), sender.on_disk()) == (200, CONTENT[:200])


# What breaks off


def broken(content: bytes, after: int) -> Callable[[int], bytes]:
    """A connection that is lost after so many bytes."""
    source = io.BytesIO(content[:after])

    def read(size: int) -> bytes:
        piece = source.read(size)
        if not piece:
            raise OSError("connection reset")
        return piece

    return read


def send(sender: Sender, offset: int, size: int, read: Callable[[int], bytes], **more: Any) -> None:
    uploads.append(sender.row, offset=offset, size=size, read=read, by=sender.row.user, at=timezone.now(), **more)


def test_what_came_before_the_connection_was_lost_counts(sender: Sender):
    sender.create()
    with pytest.raises(Refused) as caught:
        send(sender, 0, 5000, broken(CONTENT, 3000))
    assert (caught.value.code, sender.offset(), sender.on_disk()) == ("upload-cut", 3000, CONTENT[:3000])
    sender.part(3000, CONTENT[3000:])
    assert finished(sender)


def test_a_broken_part_that_a_checksum_was_to_prove_does_not_count(sender: Sender):
    sender.create()
    checksum = uploads.Checksum("sha256", hashlib.sha256(CONTENT[:5000]).digest())
    with pytest.raises(Refused) as caught:
        send(sender, 0, 5000, broken(CONTENT, 3000), checksum=checksum)
    assert (caught.value.code, sender.offset(), sender.on_disk()) == ("upload-cut", 0, b"")


def test_bytes_that_a_killed_server_never_confirmed_are_cut_off(sender: Sender):
    sender.create()
    sender.part(0, CONTENT[:1000])
    with uploads.path_of(sender.row.ref).open("ab") as spooled:
        spooled.write(b"half a part that nobody confirmed" * 99)
    assert sender.offset() == 1000
    sender.part(1000, CONTENT[1000:])
    assert finished(sender)


def test_a_spool_that_lost_bytes_makes_the_sender_go_back(sender: Sender):
    sender.create()
    sender.part(0, CONTENT[:5000])
    with uploads.path_of(sender.row.ref).open("r+b") as spooled:
        spooled.truncate(2000)
    assert sender.part(5000, CONTENT[5000:]).status_code == 409
    assert sender.offset() == 2000
    sender.part(2000, CONTENT[2000:])
    assert finished(sender)


@settings(max_examples=40)
@given(data=st.data())
def test_any_sequence_of_parts_cuts_and_kills_yields_the_same_bytes(sender: Sender, data: st.DataObject):
    sender.version.files.all().delete()
    sender.create()
    steps = 0
    while (here := sender.offset()) < len(CONTENT):
        steps += 1
        size = data.draw(st.integers(1, len(CONTENT) - here)) if steps < 12 else len(CONTENT) - here
        how = data.draw(st.sampled_from(["whole", "cut", "killed", "elsewhere", "damaged"])) if steps < 12 else "whole"
        part = CONTENT[here : here + size]
        if how == "whole":
            assert sender.part(here, part).status_code == 204
        elif how == "cut":
            with pytest.raises(Refused):
                send(sender, here, size, broken(part, data.draw(st.integers(0, size - 1))))
        elif how == "killed":
            path = uploads.path_of(sender.row.ref)
            path.touch()
            path.write_bytes(path.read_bytes() + part[::-1])
        elif how == "elsewhere":
            assert sender.part(here + 1, part).status_code == 409
        else:
            sum_of_another = base64.b64encode(hashlib.sha1(b"another").digest()).decode()
            assert sender.part(here, part, **{"Upload-Checksum": f"sha1 {sum_of_another}"}).status_code == 460
    assert files.quarantined(sender.row.file.ref).read_bytes() == CONTENT


def test_while_one_part_is_written_another_is_told_to_wait(sender: Sender, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "LOCK_PAUSE", 0)
    sender.create()
    sender.part(0, CONTENT[:10])
    with uploads.path_of(sender.row.ref).open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for answer in (sender.part(10, CONTENT[10:20]), sender.browser.delete(sender.upload, headers=TUS)):
            assert answer.status_code == 423
            assert said(answer)
    assert sender.offset() == 10
    assert sender.part(10, CONTENT[10:20]).status_code == 204


def test_a_lock_on_a_file_that_was_taken_away_is_no_lock(sender: Sender):
    sender.create()
    sender.part(0, CONTENT[:10])
    path = uploads.path_of(sender.row.ref)
    with path.open("r+b") as spooled:
        path.unlink()
        assert not uploads._locked(spooled, path, 1)
        path.write_bytes(b"another")
        assert not uploads._locked(spooled, path, 1)
    with path.open("r+b") as spooled:
        assert uploads._locked(spooled, path, 1)


def test_the_two_halves_of_the_last_part_stand_or_fall_together(sender: Sender, monkeypatch: pytest.MonkeyPatch):
    """The file and the full offset are one transaction: a crash between them leaves an upload that goes on."""
    sender.create()
    sender.part(0, CONTENT[:500])
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "receive", lambda *args, **kwargs: (_ for _ in ()).throw(RuntimeError("crash")))
        with pytest.raises(RuntimeError):
            sender.part(500, CONTENT[500:])
    assert (sender.offset(), sender.version.files.count()) == (500, 0)
    sender.part(500, CONTENT[500:])
    assert finished(sender)


# Beginning again


def key(word: str) -> dict[str, str]:
    about = [("filename", "plan.pdf"), ("key", word)]
    return {"Upload-Metadata": ",".join(f"{name} {base64.b64encode(v.encode()).decode()}" for name, v in about)}


def test_the_same_file_begun_again_goes_on_where_it_stopped(sender: Sender):
    first = sender.create(**key("one"))
    sender.part(0, CONTENT[:700])
    again = sender.create(**key("one"))
    assert (again["Location"], again["Upload-Offset"]) == (first["Location"], "700")
    other = sender.create(**key("two"))
    assert (other["Location"] != first["Location"], other["Upload-Offset"]) == (True, "0")
    assert Upload.objects.count() == 2


def test_a_file_that_arrived_is_not_sent_twice_unless_it_was_removed(
    sender: Sender, django_capture_on_commit_callbacks
):
    sender.create(**key("one"))
    with django_capture_on_commit_callbacks(execute=True):
        sender.part(0, CONTENT)
    again = sender.create(**key("one"))
    assert (again["Upload-Offset"], again["Senco-File"]) == (str(len(CONTENT)), str(sender.row.file.ref))
    sender.version.files.all().delete()
    assert sender.create(**key("one"))["Upload-Offset"] == "0"


def test_another_person_with_the_same_key_has_an_upload_of_their_own(
    world: World, sender: Sender, client_of: Callable[..., Client]
):
    sender.create(**key("one"))
    other = Sender(client_of(world.other_trainee), make_draft(world.other_registration, "1.1"))
    assert other.create(**key("one")).status_code == 201
    assert other.upload != sender.upload


# Time, end, limits


def test_an_upload_that_waits_too_long_is_gone_and_its_bytes_with_it(sender: Sender):
    sender.create(**key("one"))
    sender.part(0, CONTENT[:100])
    path = uploads.path_of(sender.row.ref)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (sender.browser.head(sender.upload, headers=TUS), sender.part(100, CONTENT[100:])):
        assert answer.status_code == 410
    assert path.exists()
    clear(at=timezone.now())
    assert (path.exists(), Upload.objects.exists()) == (False, False)
    assert sender.browser.head(sender.upload, headers=TUS).status_code == 404
    assert sender.create(**key("one"))["Upload-Offset"] == "0"


def test_an_expired_upload_begins_anew_before_the_night(sender: Sender):
    sender.create(**key("one"))
    sender.part(0, CONTENT[:100])
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert sender.create(**key("one"))["Upload-Offset"] == "0"
    assert sender.part(0, CONTENT).status_code == 204
    assert finished(sender)


def test_each_part_gives_more_time(sender: Sender, settings):
    sender.create()
    soon = timezone.now() + timedelta(minutes=1)
    Upload.objects.update(expires_at=soon)
    sender.part(0, CONTENT[:100])
    assert sender.row.expires_at > soon + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS - 1)


def test_the_night_keeps_uploads_that_go_on_and_other_things_in_the_spool(sender: Sender):
    sender.create()
    sender.part(0, CONTENT[:100])
    kept, lost, other = uploads.path_of(sender.row.ref), uploads.path_of(uuid4()), files.spool() / "other"
    lost.touch()
    other.touch()
    clear(at=timezone.now())
    assert (kept.exists(), lost.exists(), other.exists()) == (True, False, True)
    sender.version.delete()
    clear(at=timezone.now())
    assert (kept.exists(), other.exists()) == (False, True)
    other.unlink()


def test_an_ended_upload_is_gone(sender: Sender):
    sender.create()
    sender.part(0, CONTENT[:100])
    path = uploads.path_of(sender.row.ref)
    assert sender.browser.delete(sender.upload, headers=TUS).status_code == 204
    assert (path.exists(), Upload.objects.exists()) == (False, False)
    assert said(sender.part(100, CONTENT[100:])) == "This upload is not here any more. Choose the file again."


def test_a_finished_upload_is_not_ended_its_file_is_removed(sender: Sender):
    sender.create()
    sender.part(0, CONTENT)
    answer = sender.browser.delete(sender.upload, headers=TUS)
    assert (answer.status_code, sender.version.files.count()) == (422, 1)
    assert "remove it from your files" in said(answer)


def test_the_centre_s_limit_holds_and_is_named(world: World, sender: Sender):
    world.centre.evidence_limit_mb = 1
    world.centre.save()
    assert sender.create(1024 * 1024).status_code == 201
    over = sender.create(1024 * 1024 + 1)
    assert over.status_code == 413
    assert "larger than 1 MB, which is your centre’s limit" in said(over)
    assert sender.browser.options(sender.address)["Tus-Max-Size"] == str(1024 * 1024)


def test_an_empty_file_and_a_kind_that_is_never_taken_are_refused_at_once(sender: Sender):
    empty, program = sender.create(0), sender.create(name="setup.exe")
    assert (empty.status_code, program.status_code) == (422, 422)
    assert said(empty) == "“plan.pdf” is empty. Choose the file again."
    assert said(program).startswith("“setup.exe” cannot be taken.")


def test_files_and_uploads_on_their_way_count_together(sender: Sender, settings):
    settings.EVIDENCE_MAX_FILES = 2
    make_file(sender.version)
    sender.create(**key("one"))
    assert sender.create(**key("one")).status_code == 201
    over = sender.create(**key("two"))
    assert over.status_code == 422
    assert "can have 2 files" in said(over)


def test_a_name_loses_folders_and_tricks(sender: Sender):
    sender.create(name='C:\\me\\..\\plan"><script>.pdf')
    assert sender.row.name == "planscript.pdf"


# Who may


def test_an_upload_is_its_sender_s_alone(world: World, sender: Sender, client_of: Callable[..., Client]):
    sender.create()
    everybody = (world.other_trainee, world.assessor, world.iqa, world.centre_admin, world.setting_manager,
                 world.superuser, world.other.trainee, world.other.assessor)  # fmt: skip
    for user in everybody:
        browser = client_of(user)
        assert browser.post(sender.address, headers={**TUS, "Upload-Length": "5"}).status_code == 404
        for ask in (browser.head, browser.get, browser.delete):
            assert ask(sender.upload, headers=TUS).status_code == 404
        patched = browser.patch(
            sender.upload, b"x", content_type=PART["Content-Type"], headers={**TUS, "Upload-Offset": "0"}
        )
        assert patched.status_code == 404
    assert sender.offset() == 0


def test_who_is_signed_out_reads_what_to_do(sender: Sender):
    sender.create()
    nobody = Client()
    for answer in (nobody.post(sender.address, headers=TUS), nobody.get(sender.upload, headers=TUS)):
        assert answer.status_code == 401
        assert "Sign in again" in said(answer)
    assert nobody.options(sender.address).status_code == 204


def test_the_anti_forgery_check_stands(world: World, sender: Sender, client_of: Callable[..., Client]):
    strict = client_of(world.trainee, enforce_csrf_checks=True)
    sent = {**TUS, "Upload-Length": "5", "Upload-Metadata": "filename " + base64.b64encode(b"a.pdf").decode()}
    assert strict.post(sender.address, headers=sent).status_code == 403
    strict.get("/notices/")
    token = strict.cookies["csrftoken"].value
    answer = strict.post(sender.address, headers={**sent, "X-CSRFToken": token})
    assert answer.status_code == 201
    for ask, wanted in (({}, 403), ({"X-CSRFToken": token}, 204)):
        assert strict.delete(answer["Location"], headers={**TUS, **ask}).status_code == wanted


def test_submitted_evidence_takes_no_file_and_an_upload_that_was_on_its_way_stays_out(world: World, sender: Sender):
    version = make_ready_evidence(world.registration, "1.2.a")
    late = Sender(sender.browser, version)
    late.create()
    late.part(0, CONTENT[:100])
    submit(world.registration, "1.2.a")
    for answer in (late.create(), late.part(100, CONTENT[100:])):
        assert answer.status_code == 422
        assert "has been submitted" in said(answer)
    assert (version.files.count(), late.offset()) == (0, 100)


def test_a_closed_registration_takes_no_file(world: World, sender: Sender):
    set_state(
        world.registration, Registration.State.SUSPENDED, by=None, role=Role.CENTRE_ADMINISTRATOR, at=timezone.now()
    )
    answer = sender.create()
    assert answer.status_code == 422
    assert "Your registration is closed" in said(answer)


def test_an_assessor_sends_a_recording_into_a_record_until_it_is_signed(world: World, client_of: Callable[..., Client]):
    at = timezone.now()
    record = start_record(
        world.registration, kind="professional_discussion", title="Our talk", by=world.assessor, at=at
    )
    assessor = Sender(client_of(world.assessor), record)
    assert assessor.create(name="talk.mp3").status_code == 201
    assert assessor.part(0, CONTENT).status_code == 204
    assert record.files.get().name == "talk.mp3"
    assert AuditEvent.objects.filter(action="evidence.file_added").latest("pk").role == "assessor"
    for other in (world.trainee, world.second_assessor):
        assert Sender(client_of(other), record).create().status_code == 404
    record.files.all().delete()
    record.text, record.happened_on = "We talked.", timezone.localdate()
    record.save()
    sign_record(record, by=world.assessor, at=timezone.now())
    assert Sender(client_of(world.trainee), record).create().status_code == 403
    signed = assessor.create()
    assert signed.status_code == 403


def test_what_is_left_over_in_quarantine_goes_at_night_and_what_waits_stays(world: World, at):
    """A process was killed between the bytes and the row: nobody can read what is left, and nobody should keep it."""
    version = make_draft(world.registration, "1.1")
    waiting = add_file(version, SimpleUploadedFile("notes.txt", b"Notes"), by=world.trainee, at=at)
    kept, left, fresh = (files.quarantined(ref) for ref in (waiting.ref, uuid4(), uuid4()))
    for path in (left, fresh):
        path.write_bytes(b"half a file")
    two_days = (at - timedelta(days=2)).timestamp()
    for path in (kept, left):
        os.utime(path, (two_days, two_days))
    uploads.clear_quarantine(at)
    assert [path.exists() for path in (kept, left, fresh)] == [True, False, True]
