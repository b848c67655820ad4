"""What an uploaded file may be, judged by its content, and how it is served (rule 35; bad input of step 1)."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from lms.common.errors import Refused
from portfolio import files
from portfolio.api import EvidenceFile, EvidenceVersion, declare, discard_draft, new_version
from portfolio.domain.attach import remove_file
from portfolio.domain.bin import destroy_draft
from portfolio.domain.share import share_with_setting, stop_sharing
from portfolio.processing.kinds import OPEN_DOCUMENT, WORD
from portfolio.processing.words import PROBLEMS
from tests.factories import World, make_draft, make_file, make_ready_evidence, submit
from tests.portfolio.many import look_into_many

pytestmark = pytest.mark.alike

DOCX = WORD


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 3)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size).save(out, kind)
    return out.getvalue()


def huge_png() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def pdf(change: Callable[[pikepdf.Pdf], object] | None = None, **save: object) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    if change:
        change(document)
    document.save(out, **save)
    return out.getvalue()


def package(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(**more: bytes) -> bytes:
    return package(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}, **more)


def script(document: pikepdf.Pdf) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def opens_with_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = script(document)


def opens_with_script_beside(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = document.make_indirect(script(document))


def launches(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch))


def names_a_script(document: pikepdf.Pdf) -> None:
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", "b"])))


def carries_a_file(document: pikepdf.Pdf) -> None:
    document.attachments["run.exe"] = b"MZ"


def button_with_script(document: pikepdf.Pdf) -> None:
    button = pikepdf.Dictionary(Type=pikepdf.Name.Annot, A=script(document))
    document.pages[0].obj.Annots = pikepdf.Array([button])


TAKEN = {
    "photo.jpg": (picture("JPEG"), "image/jpeg"),
    "PHOTO.JPEG": (picture("JPEG"), "image/jpeg"),
    "plan.png": (picture("PNG"), "image/png"),
    "walk.gif": (picture("GIF"), "image/gif"),
    "table.webp": (picture("WEBP"), "image/webp"),
    "plan.pdf": (pdf(), "application/pdf"),
    "notes.txt": ("Sam’s plan, in café words".encode(), "text/plain"),
    "log.csv": (b"date,what\n", "text/plain"),
    "letter.docx": (word(), DOCX),
    "letter.odt": (package(mimetype=b"application/vnd.oasis.opendocument.text"), f"{OPEN_DOCUMENT}text"),
}
REFUSED = {
    "nothing.txt": (b"", "empty"),
    "page.html": (b"<!doctype html><script>alert(1)</script>", "active-text"),
    "page.txt": (b"\xef\xbb\xbf  <HTML><script>alert(1)</script>", "active-text"),
    "drawing.svg": (b"<svg onload='alert(1)'/>", "active-text"),
    "drawing.png": (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "active-text"),
    "run.txt": (b"#!/bin/sh\nrm -rf ~\n", "active-text"),
    "setup.exe": (b"MZ" + b"\x90" * 200, "kind"),
    "photo.png": (b"MZ" + b"\x90" * 200, "kind"),
    "program.pdf": (b"\x7fELF" + b"\0" * 200, "kind"),
    "sum.xlsx": (package(**{"data.txt": b"x"}), "kind"),
    "plan.jpg": (pdf(), "mistyped"),
    "plan.pdf.exe": (pdf(), "mistyped"),
    ".pdf": (pdf(), "mistyped"),
    "letter.pdf": (word(), "mistyped"),
    "photo.pdf": (picture("JPEG"), "mistyped"),
    "cut.png": (picture("PNG")[:30], "broken-picture"),
    "cut.pdf": (b"%PDF-1.7\nnot a document", "broken-pdf"),
    "cut.docx": (word()[:40], "broken"),
    "wide.png": (huge_png(), "pixels"),
    "large.png": (picture("PNG", (10_000, 6_001)), "pixels"),
    "locked.pdf": (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "locked"),
    "opens.pdf": (pdf(opens_with_script), "active-pdf"),
    "beside.pdf": (pdf(opens_with_script_beside), "active-pdf"),
    "packed.pdf": (
        pdf(opens_with_script_beside, object_stream_mode=pikepdf.ObjectStreamMode.generate), "active-pdf"
    ),
    "launches.pdf": (pdf(launches), "active-pdf"),
    "named.pdf": (pdf(names_a_script), "active-pdf"),
    "carries.pdf": (pdf(carries_a_file), "active-pdf"),
    "button.pdf": (pdf(button_with_script), "active-pdf"),
    "macro.docx": (word(**{"word/vbaProject.bin": b"x"}), "active-package"),
    "control.docx": (word(**{"word/activeX/activeX1.bin": b"x"}), "active-package"),
    "inside.docx": (word(**{"word/embeddings/oleObject1.bin": b"x"}), "active-package"),
    "basic.odt": (
        package(**{"mimetype": b"application/vnd.oasis.opendocument.text", "Basic/Standard/a.xml": b"x"}),
        "active-package",
    ),
    "many.docx": (word(**{f"word/{n}.xml": b"" for n in range(5001)}), "bomb"),
}  # fmt: skip


def test_a_file_is_what_its_content_says():
    found = look_into_many([(name, content) for name, (content, _) in TAKEN.items()])
    assert [(f.problem, f.content_type) for f in found] == [("", kind) for _, kind in TAKEN.values()]


def test_a_hostile_or_broken_file_is_refused_with_its_reason():
    found = look_into_many([(name, content) for name, (content, _) in REFUSED.items()])
    assert dict(zip(REFUSED, (f.problem for f in found), strict=True)) == {n: code for n, (_, code) in REFUSED.items()}
    assert {code for _, code in REFUSED.values()} == PROBLEMS.keys() - {"unsafe"}


def test_a_form_takes_files_up_to_the_limit_and_names_it(world: World, settings):
    settings.EVIDENCE_FORM_MAX_BYTES = 1024 * 1024
    version = make_draft(world.registration, "1.1")
    assert make_file(version, "notes.txt", b"a" * 1024 * 1024).is_ready
    with pytest.raises(Refused) as caught:
        make_file(version, "notes.txt", b"a" * (1024 * 1024 + 1))
    assert caught.value.message == "“notes.txt” is larger than 1 MB, which is the limit for one file."


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ('plan"><script>.pdf', "planscript.pdf"),
        ("gpj.\u202eplan.pdf", "gpj.plan.pdf"),
        ("li\nne.pdf", "line.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_name_loses_folders_and_tricks(given: str, kept: str):
    assert files.clean_name(given) == kept


def put(version: EvidenceVersion, name: str = "plan.pdf", content: bytes | None = None) -> EvidenceFile:
    return make_file(version, name, TAKEN[name][0] if content is None else content)


def stored() -> int:
    """Files in the private store."""
    root = files.store_room()
    folders = root.listdir("")[0] if root.exists("") else []
    return sum(len(root.listdir(folder)[1]) for folder in folders)


def test_the_same_file_sent_twice_is_added_once(world: World, django_capture_on_commit_callbacks):
    version = make_draft(world.registration, "1.1")
    with django_capture_on_commit_callbacks(execute=True):
        assert put(version) == put(version)
    assert (version.files.count(), stored()) == (1, 2)  # the file, and the picture of its page


def test_a_refused_file_leaves_nothing_in_the_store(world: World):
    file = put(make_ready_evidence(world.registration, "1.1"), "page.html", REFUSED["page.html"][0])
    assert (file.state, file.problem.startswith("“page.html” is a web page"), stored()) == ("refused", True, 0)


def test_an_empty_file_is_refused_at_once_and_takes_no_declaration_back(world: World):
    version = make_ready_evidence(world.registration, "1.1")
    with pytest.raises(Refused, match="“a.txt” is empty."):
        put(version, "a.txt", b"")
    version.refresh_from_db()
    assert (version.files.count(), version.is_declared) == (0, True)


def test_one_file_too_many_is_refused_and_not_kept(world: World, settings):
    settings.EVIDENCE_MAX_FILES = 1
    version = make_draft(world.registration, "1.1")
    put(version)
    with pytest.raises(Refused) as caught:
        put(version, "notes.txt")
    assert (caught.value.code, version.files.count(), stored()) == ("file-count", 1, 2)


def test_a_file_that_an_earlier_version_has_survives_its_removal_from_the_next(
    world: World, django_capture_on_commit_callbacks
):
    first = make_draft(world.registration, "1.1")
    kept = put(first)
    at = timezone.now()
    declare(first, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submit(world.registration, "1.1")
    second = new_version(first.evidence, by=world.trainee, at=at)
    only = put(second, "notes.txt")
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(second.files.get(name="plan.pdf"), by=world.trainee, at=at)
    assert files.store_room().exists(kept.stored_as)
    with django_capture_on_commit_callbacks(execute=True):
        destroy_draft(discard_draft(second, by=world.trainee, at=at), by=world.trainee, at=at)
    assert (files.store_room().exists(kept.stored_as), files.store_room().exists(only.stored_as)) == (True, False)


def test_a_file_is_served_sealed_private_and_whole(world: World, client_of: Callable[..., Client]):
    file = put(make_draft(world.registration, "1.1"))
    response = client_of(world.trainee).get(f"/portfolio/files/{file.ref}/")
    assert b"".join(response.streaming_content) == TAKEN["plan.pdf"][0]
    policy = {part.strip() for part in response["Content-Security-Policy"].split(";")}
    assert policy == {"sandbox", "default-src 'none'", "img-src 'self'", "media-src 'self'",
                      "style-src 'unsafe-inline'", "frame-ancestors 'self'"}  # fmt: skip
    assert {name: response[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options",
                                              "Cache-Control", "X-Frame-Options")} == {
        "Content-Type": "application/pdf", "Content-Disposition": 'inline; filename="plan.pdf"',
        "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store", "X-Frame-Options": "SAMEORIGIN",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "how"), [("letter.docx", "attachment"), ("photo.jpg", "inline"), ("log.csv", "inline")]
)
def test_only_kinds_that_a_browser_shows_safely_open_in_it(
    world: World, client_of: Callable[..., Client], name: str, how: str
):
    file = put(make_draft(world.registration, "1.1"), name)
    response = client_of(world.trainee).get(f"/portfolio/files/{file.ref}/")
    assert response["Content-Disposition"].split(";")[0] == how
    assert response["Content-Type"].split(";")[0] == TAKEN[name][1]
    assert (b"".join(response.streaming_content) == TAKEN[name][0]) is (name != "photo.jpg")  # a picture is made anew


def test_a_file_opens_to_those_who_may_read_its_version_and_to_nobody_else(
    world: World, client_of: Callable[..., Client]
):
    version = make_draft(world.registration, "1.1")
    url = f"/portfolio/files/{put(version).ref}/"
    readers = {
        "trainee": world.trainee, "assessor": world.assessor, "iqa": world.iqa, "manager": world.setting_manager,
        "unallocated": world.unallocated_assessor, "other trainee": world.other_trainee, "lead": world.lead_iqa,
        "admin": world.centre_admin, "authority": world.authority_manager, "superuser": world.superuser,
        "other assessor": world.other.assessor, "nobody": None,
    }  # fmt: skip

    def opens() -> set[str]:
        found = set()
        for who, user in readers.items():
            response = client_of(user).get(url)
            assert response.status_code in (200, 302 if user is None else 404)
            if response.status_code == 200:
                assert b"".join(response.streaming_content) == TAKEN["plan.pdf"][0]
                found.add(who)
        return found

    assert opens() == {"trainee"}
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())
    submit(world.registration, "1.1")
    assert opens() == {"trainee", "assessor", "iqa"}
    share_with_setting(version.evidence, by=world.trainee, at=timezone.now())
    assert opens() == {"trainee", "assessor", "iqa", "manager"}
    stop_sharing(version.evidence, by=world.trainee, at=timezone.now())
    assert opens() == {"trainee", "assessor", "iqa"}
