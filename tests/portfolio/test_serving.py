"""Opening evidence files: ranges for players, sealed and streamed; nothing that is not checked."""

import io
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from portfolio import files
from portfolio.api import EvidenceFile, EvidenceVersion
from portfolio.domain.attach import add_file
from portfolio.views import serving
from tests.factories import World, make_draft, make_file
from tests.helpers import nothing_changes

pytestmark = pytest.mark.alike
SOUND = bytes(range(256)) * 1000
STATE = EvidenceFile.State


@pytest.fixture
def recording(world: World) -> EvidenceFile:
    """A checked recording in a draft of the trainee."""
    version = make_draft(world.registration, "1.1")
    stored_as = files.store_room().save("so/und", ContentFile(SOUND))
    now = timezone.now()
    return EvidenceFile.objects.create(
        version=version, name="talk.mp3", state=STATE.READY, stored_as=stored_as, content_type="audio/mpeg",
        size=len(SOUND), stored_size=len(SOUND), sha256="0" * 64, added_at=now, checked_at=now,
    )  # fmt: skip


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, len(SOUND) - 1),
        ("bytes=100-299", 100, 299),
        ("bytes=255900-", 255900, len(SOUND) - 1),
        ("bytes=255900-999999", 255900, len(SOUND) - 1),
        ("bytes=-7", len(SOUND) - 7, len(SOUND) - 1),
        ("bytes=-999999", 0, len(SOUND) - 1),
    ],
)
def test_a_player_gets_the_part_that_it_asks_for(
    world: World, client_of: Callable[..., Client], recording: EvidenceFile, asked: str, first: int, last: int
):
    browser, address = client_of(world.trainee), f"/portfolio/files/{recording.ref}/"
    answer = browser.get(address, headers={"Range": asked})
    about = {name: answer[name] for name in ("Content-Range", "Content-Length", "Content-Type", "Accept-Ranges")}
    assert (answer.status_code, about) == (206, {
        "Content-Range": f"bytes {first}-{last}/{len(SOUND)}", "Content-Length": str(last - first + 1),
        "Content-Type": "audio/mpeg", "Accept-Ranges": "bytes",
    })  # fmt: skip
    assert "sandbox" in answer["Content-Security-Policy"]
    assert body(answer) == SOUND[first : last + 1]
    head = browser.head(address, headers={"Range": asked})
    assert (head.status_code, head["Content-Range"], head.content) == (206, about["Content-Range"], b"")


@pytest.mark.parametrize("asked", ["", "bytes=", "bytes=-", "bytes=9-3", "bytes=0-1,5-9", "lines=1-2", "bytes=a-b"])
def test_several_ranges_or_nonsense_get_the_whole(
    world: World, client_of: Callable[..., Client], recording: EvidenceFile, asked: str
):
    answer = client_of(world.trainee).get(f"/portfolio/files/{recording.ref}/", headers={"Range": asked})
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, str(len(SOUND)), SOUND)


@pytest.mark.parametrize("asked", [f"bytes={len(SOUND)}-", "bytes=999999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(
    world: World, client_of: Callable[..., Client], recording: EvidenceFile, asked: str
):
    for method in ("get", "head"):
        answer = getattr(client_of(world.trainee), method)(
            f"/portfolio/files/{recording.ref}/", headers={"Range": asked}
        )
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(SOUND)}")
        assert answer.content == b""


def test_a_file_is_read_in_small_pieces_and_given_back(
    world: World, client_of: Callable[..., Client], recording: EvidenceFile, monkeypatch: pytest.MonkeyPatch
):
    class Watched(io.BytesIO):
        size = len(SOUND)
        asked: list[int] = []

        def read(self, size: int | None = -1, /) -> bytes:
            self.asked.append(size or -1)
            return super().read(size)

    watched = Watched(SOUND)
    monkeypatch.setattr(serving, "store_room", lambda: type("Store", (), {"open": lambda self, name: watched})())
    answer = client_of(world.trainee).get(f"/portfolio/files/{recording.ref}/", headers={"Range": "bytes=1000-200999"})
    assert body(answer) == SOUND[1000:201000]
    assert max(watched.asked) <= 64 * 1024
    assert min(watched.asked) > 0
    answer.close()
    assert watched.closed


def test_a_file_that_the_store_lost_is_404(world: World, client_of: Callable[..., Client], recording: EvidenceFile):
    files.store_room().delete(recording.stored_as)
    assert client_of(world.trainee).get(f"/portfolio/files/{recording.ref}/").status_code == 404


def add(version: EvidenceVersion, name: str = "notes.txt", content: bytes = b"Notes") -> EvidenceFile:
    """A file that waits to be checked."""
    upload = SimpleUploadedFile(name, content)
    return add_file(version, upload, by=version.evidence.registration.learner, at=timezone.now())


def test_what_is_being_checked_is_opened_by_nobody_and_its_learner_reads_why(
    world: World, client_of: Callable[..., Client]
):
    version = make_draft(world.registration, "1.1")
    address = f"/portfolio/files/{add(version).ref}/"
    browser = client_of(world.trainee)
    with nothing_changes():
        answer, head = browser.get(address), browser.head(address)
    assert (answer.status_code, head.status_code) == (409, 409)
    assert "is still being checked" in answer.content.decode()
    assert b"Notes" not in answer.content
    assert client_of(world.assessor).get(address).status_code == 404


def test_what_was_not_taken_is_never_served_and_says_why(world: World, client_of: Callable[..., Client]):
    refused = make_file(make_draft(world.registration, "1.1"), "page.txt", b"<!doctype html><script>alert(1)</script>")
    assert refused.state == STATE.REFUSED
    answer = client_of(world.trainee).get(f"/portfolio/files/{refused.ref}/")
    assert answer.status_code == 409
    assert "page.txt" in answer.content.decode()
    assert b"alert(1)" not in answer.content
