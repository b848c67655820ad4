"""Pictures and files of lessons: taken when their bytes are what they say, fetched by whoever may read the lesson."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pixels
from wagtail.documents.models import Document
from wagtail.images.models import Image

from content.blocks import BodyBlock
from content.models import LocalInformation, LocalLink
from courses.pages.authors import group_of
from courses.pages.library import CHOOSES, give_library, owner_of
from courses.pages.models import LessonPage
from lms.accounts.api import Role
from tests.content.filling import filled
from tests.factories import World
from tests.factories.lessons import spare

pytestmark = pytest.mark.alike
SOUND = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    """A store of the test's own."""
    settings.MEDIA_ROOT = tmp_path


def library_of(organisation: Any) -> Any:
    return give_library(group_of(organisation, Role.AUTHOR), organisation, CHOOSES)


def make_file(organisation: Any, name: str = "talk.mp3", content: bytes = SOUND) -> Document:
    return Document.objects.create(title="Talk", file=ContentFile(content, name), collection=library_of(organisation))


def picture_bytes(kind: str = "PNG") -> io.BytesIO:
    out = io.BytesIO()
    Pixels.new("RGB", (900, 600), "teal").save(out, kind)
    out.seek(0)
    return out


def lesson_with(kind: str, **values: Any) -> LessonPage:
    """The first lesson, with one block and published."""
    page = LessonPage.objects.order_by("path").first()
    raw = filled(BodyBlock().child_blocks[kind], rich="<p>x</p>", words="x") | values
    page.body = BodyBlock().to_python([{"type": kind, "value": raw, "id": "00000000-0000-4000-8000-000000000001"}])
    page.save_revision().publish()
    return page


def who_gets(world: World, client_of: Callable[..., Client], url: str) -> list[str]:
    """Who is sent a file."""
    people = {
        "trainee": world.trainee, "assessor": world.assessor, "author": world.author, "eqa": world.eqa,
        "foreign trainee": world.other.trainee, "foreign author": world.other.author,
        "setting manager": world.other.setting_manager, "authority": world.authority_manager,
        "foreign authority": world.other.authority_manager,
    }  # fmt: skip
    found = []
    for name, person in people.items():
        answer = client_of(person).get(url)
        assert answer.status_code in (200, 404), (name, answer.status_code)
        found += [name] if answer.status_code == 200 else []
    assert client_of(None).get(url)["Location"].startswith("/account/login/")
    return found


def test_a_file_is_fetched_by_whoever_may_read_a_published_lesson_that_shows_it(world: World, client_of):
    file = make_file(world.ao)
    assert who_gets(world, client_of, file.url) == ["author"]
    lesson_with("audio", file=file.pk)
    assert who_gets(world, client_of, file.url) == ["trainee", "assessor", "author", "eqa", "authority"]
    shown = LessonPage.objects.order_by("path").first()
    spare(shown)
    shown.unpublish()
    assert who_gets(world, client_of, file.url) == ["author"]


def test_a_file_of_another_organisation_is_opened_by_nobodys_lesson(world: World, client_of):
    """An author who knows its number can put it on a page of theirs: it stays shut."""
    file = make_file(world.other.ao)
    lesson_with("audio", file=file.pk)
    assert who_gets(world, client_of, file.url) == ["foreign author"]


def test_an_authoritys_file_is_for_its_own_staff_and_trainees(world: World, client_of):
    file = make_file(world.authority, "form.pdf")
    assert owner_of(file.collection) == world.authority.pk
    information = LocalInformation.objects.create(authority=world.authority, slot="templates")
    LocalLink.objects.create(information=information, title="Form", document=file)
    assert who_gets(world, client_of, file.url) == ["trainee", "authority"]


def test_a_file_of_nobodys_is_for_nobody(world: World, client_of):
    file = Document.objects.create(title="Stray", file=ContentFile(b"x", "stray.pdf"))
    lesson_with("download", file=file.pk)
    assert who_gets(world, client_of, file.url) == []


def test_a_player_gets_parts_and_nothing_can_run(world: World, client_of):
    file = make_file(world.ao)
    author = client_of(world.author)
    answer = author.get(file.url, headers={"Range": "bytes=100-199"})
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes 100-199/{len(SOUND)}")
    assert b"".join(answer.streaming_content) == SOUND[100:200]
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "audio/mpeg")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert "Cookie" in answer["Vary"]
    assert author.get(file.url, headers={"Range": "bytes=999999-"}).status_code == 416
    paper = make_file(world.ao, "sheet.pdf")
    assert author.get(paper.url)["Content-Disposition"].startswith("attachment")
    assert author.get(paper.url.replace("sheet", "other")).status_code == 404


def test_captions_are_sent_as_captions(world: World, client_of):
    file = make_file(world.ao, "talk.vtt", b"WEBVTT")
    assert client_of(world.author).get(file.url)["Content-Type"] == "text/vtt; charset=utf-8"


def test_a_picture_is_shown_smaller_and_its_original_is_the_authors(world: World, client_of):
    picture = Image.objects.create(title="P", file=ImageFile(picture_bytes(), "p.png"), collection=library_of(world.ao))
    lesson_with("picture", image={"image": picture.pk, "decorative": True, "alt_text": ""})
    rendition = picture.get_rendition("width-400|format-webp")
    assert who_gets(world, client_of, rendition.url) == ["trainee", "assessor", "author", "eqa", "authority"]
    assert who_gets(world, client_of, picture.file.url) == ["author"]
    answer = client_of(world.trainee).get(rendition.url)
    assert answer["Content-Type"] == "image/webp"
    author = client_of(world.author)
    for name in ("/media/nothing.png", "/media/../senco.sqlite3", f"/media/{make_file(world.ao).file.name}"):
        assert author.get(name).status_code == 404


# Adding files


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in ("[Content_Types].xml", "word/document.xml", *names):
            package.writestr(name, "<x/>")
    return out.getvalue()


TAKEN = {
    "notes.txt": b"Just words.",
    "talk.vtt": b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello",
    "letter.docx": office(),
    "sound.wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(32),
}
NOT_TAKEN = {
    "page.txt": b"<html><script>alert(1)</script></html>",
    "sheet.pdf": b"<html>not a pdf</html>",
    "talk.vtt": b"<html>",
    "letter.docx": office("word/vbaProject.bin"),
    "film.mp4": b"MZ\x90\x00 a program",
    "page.html": b"<html>",
    "drawing.svg": b"<svg onload='x()'/>",
    "script.js": b"alert(1)",
    "empty.pdf": b"",
}


@pytest.fixture
def author(world: World, client_of: Callable[..., Client]) -> Client:
    library_of(world.ao)
    library_of(world.other.ao)
    return client_of(world.author)


def add(author: Client, name: str, content: bytes) -> Any:
    form = {"title": "A file", "file": SimpleUploadedFile(name, content), "tags": ""}
    return author.post("/cms/documents/add/", form)


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_that_is_what_it_says_is_taken_into_the_organisations_own(author: Client, world: World, name: str):
    answer = add(author, name, TAKEN[name])
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert owner_of(Document.objects.get(title="A file").collection) == world.ao.pk


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_a_file_that_is_not_is_refused_with_a_reason(author: Client, name: str):
    answer = add(author, name, NOT_TAKEN[name])
    assert answer.status_code == 200
    assert not Document.objects.filter(title="A file").exists()
    assert answer.context["form"].errors["file"]


def test_several_at_once_are_looked_into_too(author: Client):
    for name, content in (("sheet.pdf", b"<html>"), ("notes.txt", b"Just words.")):
        form = {"title": name, "files[]": SimpleUploadedFile(name, content)}
        answer = author.post("/cms/documents/multiple/add/", form, headers={"X-Requested-With": "XMLHttpRequest"})
        assert answer.json()["success"] == (name == "notes.txt")
        chosen = {
            "document-chooser-upload-title": name,
            "document-chooser-upload-file": SimpleUploadedFile(name, content),
        }
        author.post("/cms/documents/chooser/create/", chosen)
    assert set(Document.objects.values_list("title", flat=True)) == {"notes.txt"}


def test_the_limit_is_said_in_words(author: Client, settings: Any):
    text = author.get("/cms/documents/add/").content.decode()
    assert "Maximum filesize: 200.0\xa0MB." in text
    assert "Maximum filesize: 10.0\xa0MB." in author.get("/cms/images/add/").content.decode()


@pytest.mark.parametrize(("name", "is_taken"), [("p.png", True), ("p.webp", True), ("p.svg", False), ("p.jpg", False)])
def test_a_picture_is_taken_by_its_bytes(author: Client, name: str, is_taken: bool):
    content = {
        "p.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        "p.webp": picture_bytes("WEBP").read(),
    }
    file = SimpleUploadedFile(name, content.get(name, picture_bytes().read()))  # p.jpg is a PNG by another name
    author.post("/cms/images/add/", {"title": "P", "file": file, "tags": "", "description": ""})
    assert Image.objects.filter(title="P").exists() == is_taken


def test_an_author_sees_and_chooses_their_organisations_files_only(author: Client, world: World):
    make_file(world.ao, "mine.pdf")
    foreign = make_file(world.other.ao, "theirs.pdf")
    Document.objects.filter(pk=foreign.pk).update(title="Theirs")
    for page in ("/cms/documents/", "/cms/documents/chooser/results/"):
        text = author.get(page).content.decode()
        assert ("Talk" in text, "Theirs" in text) == (True, False), page
    assert author.get(f"/cms/documents/edit/{foreign.pk}/").status_code == 302
    assert author.get(f"/cms/documents/edit/{foreign.pk}/")["Location"] == "/cms/"
    picture = Image.objects.create(title="Peg", file=ImageFile(picture_bytes(), "t.png"), collection=foreign.collection)
    assert author.get(f"/cms/images/chooser/{picture.pk}/select_format/").status_code == 404
    assert [row["title"] for row in author.get("/cms/api/main/documents/").json()["items"]] == ["Talk"]
    assert author.get("/cms/api/main/images/").json()["items"] == []
    for page in (f"/cms/images/chooser/chosen/{picture.pk}/", f"/cms/documents/chooser/chosen/{foreign.pk}/"):
        assert author.get(page).status_code in (302, 403, 404), page
