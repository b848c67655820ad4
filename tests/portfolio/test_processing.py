"""Files in quarantine: what the limited process finds, what is kept and shown, and that nothing gets out of it."""

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pikepdf
import pptx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from lms.common import jobs
from lms.common.models import Job
from lms.notices.models import Notice
from portfolio import files
from portfolio.domain import check
from portfolio.domain.attach import add_file, remove_file
from portfolio.domain.check import check_now
from portfolio.models import EvidenceFile, FileRendition
from portfolio.processing import run
from portfolio.processing.kinds import MAX_PAGES, SHEET, SLIDES, SUFFIXES
from portfolio.processing.words import PROBLEMS
from tests.clamd import MOST_IN_A_FILE, VIRUS
from tests.factories import World, make_draft, make_file
from tests.helpers import actions_since, last_event, last_notice, told_since
from tests.portfolio.many import look_into_many
from tests.portfolio.test_files import DOCX, TAKEN, package, pdf, word

pytestmark = [pytest.mark.slow, pytest.mark.alike]

State = EvidenceFile.State


def quarantine() -> list[Path]:
    """What waits in quarantine."""
    folder = files.spool() / files.QUARANTINE
    return list(folder.iterdir()) if folder.exists() else []


def stored() -> list[str]:
    """Every name in the private store."""
    root = files.store_room()
    folders = root.listdir("")[0] if root.exists("") else []
    return [f"{folder}/{name}" for folder in folders for name in root.listdir(folder)[1]]


def photo(orientation: int = 6, size: tuple[int, int] = (40, 30)) -> bytes:
    """A photograph as a phone makes it: turned, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Phone of Tara"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    made = Image.new("RGB", size, "red")
    made.paste("blue", (0, 0, size[0] // 2, size[1]))
    made.save(out, "JPEG", exif=exif, comment=b"secret comment", quality=95)
    return out.getvalue()


def text_pdf(*pages: str) -> bytes:
    document = pikepdf.new()
    for words in pages:
        page = document.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(f"BT /F1 24 Tf 72 700 Td ({words}) Tj ET".encode())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


BODY = (
    '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Plan for Child A</w:t></w:r></w:p>'
    "<w:p><w:r><w:t>We agreed a first step &lt;script&gt;alert(1)&lt;/script&gt;.</w:t></w:r></w:p>"
)


def docx(body: str = BODY) -> bytes:
    """A Word document that mammoth reads."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    part = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return package(**{
        "[Content_Types].xml": f'<Types xmlns="{kinds}"><Override PartName="/word/document.xml" ContentType="{part}"/>'
                               "</Types>".encode(),
        "_rels/.rels": f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{office}" '
                       'Target="word/document.xml"/></Relationships>'.encode(),
        "word/styles.xml": f'<w:styles xmlns:w="{space}"><w:style w:type="paragraph" w:styleId="Heading1">'
                           '<w:name w:val="Heading 1"/></w:style></w:styles>'.encode(),
        "word/document.xml": f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'.encode(),
    })  # fmt: skip


def odt(words: str, extra: str = "") -> bytes:
    office, text = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "text"))
    content = (f'<?xml version="1.0"?>{extra}<office:document-content xmlns:office="{office}" xmlns:text="{text}">'
               f"<office:body><text:p>{words}</text:p></office:body></office:document-content>")  # fmt: skip
    return package(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": content.encode()})


def saved(thing: object) -> bytes:
    out = io.BytesIO()
    thing.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Child A", 3, "=1+1"])
    return saved(book)


def slides() -> bytes:
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "What we learned"
    return saved(show)


# What is kept and shown


@pytest.fixture
def draft(world: World):
    return make_draft(world.registration, "1.1")


def bytes_of(stored_as: str) -> bytes:
    with files.store_room().open(stored_as) as content:
        return content.read()


def test_a_photograph_is_kept_upright_without_what_the_camera_wrote(draft, django_capture_on_commit_callbacks):
    sent = photo()
    with django_capture_on_commit_callbacks(execute=True):
        file = make_file(draft, "photo.jpg", sent)
    kept = bytes_of(file.stored_as)
    with Image.open(io.BytesIO(kept)) as opened:
        assert (opened.size, dict(opened.getexif()), "comment" in opened.info) == ((30, 40), {}, False)
        assert opened.getpixel((15, 35))[0] > 200 or opened.getpixel((15, 5))[0] > 200  # turned, not only relabelled
    assert (b"Tara" in sent, b"secret" in sent, b"Tara" in kept, b"secret" in kept) == (True, True, False, False)
    shown = file.renditions.get()
    assert (shown.kind, shown.number, shown.width, shown.height) == ("page", 1, 30, 40)
    assert b"Tara" not in bytes_of(shown.stored_as)
    assert (file.size, file.stored_size, file.content_type) == (len(sent), len(kept), "image/jpeg")
    assert (quarantine(), sorted(stored())) == ([], sorted([file.stored_as, shown.stored_as]))


def test_a_photograph_whose_camera_wrote_nonsense_is_taken_all_the_same(draft):
    sent = bytearray(photo())
    start = sent.index(b"Exif") + 14
    sent[start : start + 40] = b"\xff" * 40
    assert make_file(draft, "photo.jpg", bytes(sent)).is_ready


def test_a_heic_photograph_becomes_a_jpeg(draft):
    pillow_heif = pytest.importorskip("pillow_heif")
    sent = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "green")).save(sent)
    file = make_file(draft, "IMG_1.HEIC", sent.getvalue())
    assert (file.is_ready, file.name, file.content_type) == (True, "IMG_1.jpg", "image/jpeg")
    assert bytes_of(file.stored_as).startswith(b"\xff\xd8\xff")


def test_a_pdf_is_shown_as_pages_with_their_words(draft):
    sent = text_pdf("First page of the plan", "Second page")
    file = make_file(draft, "plan.pdf", sent)
    pages = list(file.renditions.order_by("number"))
    assert [(page.kind, page.number, page.text) for page in pages] == [
        ("page", 1, "First page of the plan"), ("page", 2, "Second page")
    ]  # fmt: skip
    assert {page.width for page in pages} == {1400}
    assert all(bytes_of(page.stored_as)[8:12] == b"WEBP" for page in pages)
    assert (file.pages, bytes_of(file.stored_as) == sent) == (2, True)


def test_a_long_pdf_is_shown_by_its_first_pages_and_says_how_many_it_has():
    document = pikepdf.new()
    for _ in range(MAX_PAGES + 5):
        document.add_blank_page(page_size=(20, 20))
    [found] = look_into_many([("long.pdf", saved(document))])
    assert (len(found.pages), found.count, found.is_shown) == (MAX_PAGES, MAX_PAGES + 5, True)


def test_documents_are_shown_by_their_words(draft):
    file = make_file(draft, "plan.docx", docx())
    shown = {row.kind: row.text for row in file.renditions.all()}
    assert shown["html"].startswith("<h3>Plan for Child A</h3>")
    assert "&lt;script&gt;" in shown["html"]
    assert shown["text"].startswith("Plan for Child A")
    found = look_into_many([("sums.xlsx", workbook()), ("show.pptx", slides()), ("plan.odt", odt("Agreed it")),
                            ("notes.txt", "café\r\nnext".encode("utf-8-sig"))])  # fmt: skip
    assert [(f.content_type, f.text.split("\n")[:3]) for f in found] == [
        (SHEET, ["Sheet", "Child A\t3", ""]), (SLIDES, ["Slide 1", "What we learned", ""]),
        ("application/vnd.oasis.opendocument.text", ["Agreed it"]), ("text/plain", ["café", "next"]),
    ]  # fmt: skip


def test_a_document_that_cannot_be_shown_can_still_be_downloaded(draft, world: World, client_of):
    file = make_file(draft, "odd.docx", word())
    assert (file.is_ready, file.renditions.count()) == (True, 0)
    html = client_of(world.trainee).get(f"/portfolio/evidence/{draft.evidence.ref}/").content.decode()
    assert "It cannot be shown here." in html


OFFICE = """#!/bin/sh
for word in "$@"; do last=$word; done
out=$(dirname "$last")
echo "$HOME" > "$out/home"
cat {made} > "$out/document.pdf"
"""


def test_where_libreoffice_is_installed_a_document_has_pages_too(draft, tmp_path: Path, monkeypatch):
    made = tmp_path / "made.pdf"
    made.write_bytes(text_pdf("Printed by the office program"))
    program = tmp_path / "soffice"
    program.write_text(OFFICE.format(made=made))
    for path, mode in ((tmp_path, 0o755), (program, 0o755), (made, 0o644)):
        path.chmod(mode)
    for parent in tmp_path.parents:
        if parent != Path("/tmp") and parent.is_relative_to("/tmp"):
            parent.chmod(0o755)
    monkeypatch.setattr(run.shutil, "which", lambda name: str(program))
    file = make_file(draft, "plan.docx", docx())
    assert file.pages == 1
    assert file.renditions.get(kind="page").text == "Printed by the office program"
    assert file.renditions.filter(kind="html").exists()
    program.write_text("#!/bin/sh\nsleep 600 & exit 3\n")
    assert make_file(draft, "more.docx", docx(BODY * 2)).renditions.filter(kind="html").count() == 1


def test_the_real_libreoffice_prints_a_document():
    if not run.shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed here: the stand-in above proves the way to it.")
    with run.look_into(_file(docx()), ".docx") as found:
        assert found.pages[0].text.startswith("Plan for Child A")


def _file(content: bytes) -> Path:
    path = files.spool() / "one"
    path.write_bytes(content)
    return path


# States


def test_a_file_waits_in_quarantine_opened_by_nobody(draft, world: World, client_of: Callable[..., Client]):
    file = add_file(draft, SimpleUploadedFile("notes.txt", b"Notes"), by=world.trainee, at=timezone.now())
    assert (file.state, file.sha256, file.stored_as, stored()) == (State.CHECKING, "", "", [])
    assert [path.read_bytes() for path in quarantine()] == [b"Notes"]
    assert quarantine()[0].parent.stat().st_mode & 0o077 == 0
    for user in (world.trainee, world.assessor):
        assert client_of(user).get(f"/portfolio/files/{file.ref}/").status_code in (404, 409)
    page = client_of(world.trainee).get(f"/portfolio/evidence/{draft.evidence.ref}/").content.decode()
    assert "Being checked" in page


def test_a_check_is_audited_and_runs_as_a_job_once(draft, world: World):
    event = last_event()
    file = add_file(draft, SimpleUploadedFile("notes.txt", b"Notes"), by=world.trainee, at=timezone.now())
    job = Job.objects.get(kind="portfolio.check_file")
    assert (job.payload, job.key) == ({"file_id": file.pk}, f"check-file-{file.pk}")
    assert jobs.run(job.pk)
    file.refresh_from_db()
    first = (file.stored_as, stored())
    check_now(file.pk, at=None)
    file.refresh_from_db()
    assert (file.is_ready, (file.stored_as, stored())) == (True, first)
    assert actions_since(event) == ["evidence.file_added", "evidence.file_ready"]
    assert file.scanned_at is None  # no scanner is configured, and none is claimed


def test_a_refused_file_is_destroyed_and_its_learner_told_why(draft, world: World, django_capture_on_commit_callbacks):
    event, notice = last_event(), last_notice()
    with django_capture_on_commit_callbacks(execute=True):
        file = make_file(draft, "opens.pdf", b"%PDF-1.7\nnot a document")
    assert (file.state, file.stored_as, file.problem) == (
        State.REFUSED, "", "“opens.pdf” cannot be opened as a PDF. It may be damaged."
    )  # fmt: skip
    assert (stored(), quarantine()) == ([], [])
    assert actions_since(event) == ["evidence.file_added", "evidence.file_refused"]
    assert told_since(notice) == [(world.trainee.name, "file-refused")]
    assert "opens.pdf" not in Notice.objects.latest("pk").title


def test_every_problem_fits_with_the_longest_name():
    for words in PROBLEMS.values():
        assert len(check.named("x" * 160, words)) <= 300
        assert check.named("plan.pdf", words).endswith(words)


def test_the_same_file_is_there_once_and_under_another_name_refused(draft):
    first, again = make_file(draft, "a.txt", b"same"), make_file(draft, "a.txt", b"same")
    other = make_file(draft, "b.txt", b"same")
    assert (again, draft.files.count()) == (first, 2)
    assert (other.state, other.problem) == (
        State.REFUSED, "“b.txt” has been added already, as “a.txt”. Remove this one."
    )  # fmt: skip


def test_a_file_taken_away_while_it_is_checked_leaves_nothing(
    draft, world: World, monkeypatch, django_capture_on_commit_callbacks
):
    real = check.examine

    def meanwhile(path: Path, name: str) -> check.Made:
        made = real(path, name)
        remove_file(EvidenceFile.objects.get(), by=world.trainee, at=timezone.now())
        return made

    monkeypatch.setattr(check, "examine", meanwhile)
    with django_capture_on_commit_callbacks(execute=True):
        added = add_file(draft, SimpleUploadedFile("plan.pdf", text_pdf("A")), by=world.trainee, at=timezone.now())
        check_now(added.pk, at=timezone.now())
    assert (draft.files.count(), stored(), quarantine()) == (0, [], [])


def test_a_file_that_got_lost_is_refused_in_words(draft, world: World):
    added = add_file(draft, SimpleUploadedFile("a.txt", b"a"), by=world.trainee, at=timezone.now())
    files.quarantined(added.ref).unlink()
    check_now(added.pk, at=timezone.now())
    added.refresh_from_db()
    assert added.problem == "“a.txt” did not arrive whole. Add it again."


def test_a_check_that_fails_at_every_attempt_ends_in_words(draft, world: World, monkeypatch):
    added = add_file(draft, SimpleUploadedFile("a.txt", b"a"), by=world.trainee, at=timezone.now())

    def broken(path: Path, name: str) -> check.Made:
        raise OSError("the store is full")

    monkeypatch.setattr(check, "examine", broken)
    job = Job.objects.get(kind="portfolio.check_file")
    Job.objects.update(attempts=jobs.MAX_ATTEMPTS - 1)
    jobs.run(job.pk)
    added.refresh_from_db()
    assert (added.state, added.problem) == (
        State.REFUSED,
        "“a.txt” could not be checked, because of a fault on our side. Remove it and add it again.",
    )
    assert Job.objects.get(pk=job.pk).state == Job.State.FAILED


# Viruses


@pytest.mark.slow
def test_a_virus_is_destroyed_and_a_clean_file_says_when_it_was_scanned(
    draft, settings, clamd: str, django_capture_on_commit_callbacks
):
    settings.EVIDENCE_SCANNER = clamd
    with django_capture_on_commit_callbacks(execute=True):
        clean = make_file(draft, "a.txt", b"Notes")
        bad = make_file(draft, "b.txt", b"Notes " + VIRUS)
        large = make_file(draft, "c.txt", b"N" * (MOST_IN_A_FILE + 1000))
    assert (clean.is_ready, clean.scanned_at is not None) == (True, True)
    assert [(f.state, f.stored_as) for f in (bad, large)] == [(State.REFUSED, "")] * 2
    assert bad.problem.startswith("“b.txt” holds a virus, so it was destroyed.")
    assert large.problem.startswith("“c.txt” is too large or too tangled to be checked for viruses.")
    assert (quarantine(), len(stored())) == ([], 1)


def test_while_the_scanner_is_away_a_file_waits_and_no_attempt_is_used_up(draft, world: World, settings):
    settings.EVIDENCE_SCANNER = "unix:/nowhere/clamd.sock"
    added = add_file(draft, SimpleUploadedFile("a.txt", b"a"), by=world.trainee, at=timezone.now())
    job = Job.objects.get(kind="portfolio.check_file")
    for _ in range(jobs.MAX_ATTEMPTS + 2):
        Job.objects.update(run_after=timezone.now())
        assert jobs.run(job.pk)
    job.refresh_from_db()
    added.refresh_from_db()
    assert (job.state, job.attempts, added.state) == (Job.State.QUEUED, 0, State.CHECKING)
    assert job.run_after > timezone.now()
    settings.EVIDENCE_SCANNER = "none"
    Job.objects.update(run_after=timezone.now())
    assert jobs.run(job.pk)
    added.refresh_from_db()
    assert added.is_ready


# The limits around the process


@pytest.fixture
def misbehaving(monkeypatch, settings):
    """The child is one that does the worst, with limits that are reached soon."""
    monkeypatch.setattr(run, "CHILD", "tests.portfolio.misbehaving")
    monkeypatch.setattr(run, "SECONDS", 6)
    monkeypatch.setattr(run, "LIMITS", {**run.LIMITS, "cpu": 2, "largest": 4 * 1024 * 1024})


@pytest.mark.parametrize(
    "what", ["memory", "spin", "sleep", "crash", "disk", "garbage", "link", "list", "type", "unclean"]
)
def test_whatever_a_file_does_to_the_process_it_is_refused_in_words(draft, misbehaving, what: str):
    began = time.monotonic()
    file = make_file(draft, "a.txt", what.encode())
    assert (file.state, file.problem.startswith("“a.txt” could not be opened safely")) == (State.REFUSED, True)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("what", ["memory", "crash", "spin"])
def test_a_preview_that_fails_leaves_a_file_to_download(draft, misbehaving, what: str):
    file = make_file(draft, "a.txt", f"after {what}".encode())
    assert (file.is_ready, file.renditions.count(), bytes_of(file.stored_as)) == (True, 0, f"after {what}".encode())


def test_a_link_instead_of_a_picture_is_never_followed(draft, misbehaving):
    file = make_file(draft, "a.txt", b"pages")
    assert (file.is_ready, file.renditions.count(), len(stored())) == (True, 0, 1)


def test_the_process_has_no_rights_no_environment_and_nothing_is_left_of_it(draft, misbehaving):
    text = make_file(draft, "a.txt", b"rights").renditions.get().text
    assert (
        "environment=['HOME', 'LANG', 'LC_CTYPE', 'PATH', 'TMPDIR']" in text
        or "environment=['HOME', 'LANG', 'PATH', 'TMPDIR']" in text
    )
    if os.geteuid() == 0:
        assert "uid=0" not in text
        assert "network=none" in text
    began = time.monotonic()
    assert make_file(draft, "b.txt", b"orphan").renditions.get().text == "left one behind"
    assert time.monotonic() - began < 6


# Hostile files


def lying_docx() -> bytes:
    """Says in both places that a part of 3 MB is one byte long."""
    content = bytearray(word(**{"word/media/image1.bin": b"\0" * 3_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = (
            content.find(b"word/media/image1.bin") if mark == b"PK\x03\x04" else content.rfind(b"word/media/image1.bin")
        )
        head = content.rfind(mark, 0, at)
        content[head + offset : head + offset + 4] = (1).to_bytes(4, "little")
    return bytes(content)


def bomb(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(size // (1 << 20)):
                part.write(b"\0" * (1 << 20))
    return out.getvalue()


ENTITIES = (
    "<!DOCTYPE a [" + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha" * 50}">' for n in range(9)) + "]>"
)
HOSTILE = {
    "gif+js.gif": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "pdf+zip.pdf": pdf() + word(),
    "zip+pdf.docx": word() + pdf(),
    "html.jpg": b"\xff\xd8\xff<html><script>alert(1)</script>",
    "html.mp3": b"ID3\x04\0\0\0\0\0\0<script>alert(1)</script>",
    "bomb.docx": bomb(260 * 1024 * 1024),
    "lying.docx": lying_docx(),
    "nested.docx": word(**{"word/embeddings/inner.docx": bomb(64 * 1024 * 1024)}),
    "entities.odt": odt("&a8;", f"<!DOCTYPE a [{''.join(ENTITIES)}]>"),
    "external.docx": docx('<w:p><w:r><w:t>x</w:t></w:r></w:p><w:altChunk r:id="r9"/>'.replace("r:id", "id")),
    "endless.mp4": b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41" + b"\xff" * 5000,
    "endless.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff" + b"\0" * 2000,
    "endless.ogg": b"OggS\0\x02" + b"\xff" * 3000,
    "endless.webm": b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff\x42\x82\x84webm" + b"\xff" * 3000,
    "empty.txt": b"",
    "controls.txt": b"a\x01\x1b[2Jb\x7f",
    "wide.txt": "\u202eevil\ud7ff".encode(),
}
INACTIVE = {"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "text/plain", *SUFFIXES}


def test_hostile_files_are_taken_without_harm_or_refused_in_words():
    found = dict(zip(HOSTILE, look_into_many(list(HOSTILE.items())), strict=True))
    said = {name: f.problem or f.content_type for name, f in found.items()}
    assert said == {
        "gif+js.gif": "broken-picture", "pdf+zip.pdf": "application/pdf", "zip+pdf.docx": said["zip+pdf.docx"],
        "html.jpg": "broken-picture", "html.mp3": "audio/mpeg", "bomb.docx": "bomb", "lying.docx": "broken",
        "nested.docx": DOCX, "entities.odt": "application/vnd.oasis.opendocument.text", "external.docx": DOCX,
        "endless.mp4": "video/mp4", "endless.wav": "audio/x-wav", "endless.ogg": "audio/ogg",
        "endless.webm": "video/webm", "empty.txt": "empty", "controls.txt": "text/plain", "wide.txt": "text/plain",
    }  # fmt: skip
    assert said["zip+pdf.docx"] in ("broken", DOCX)
    assert (found["entities.odt"].text, found["controls.txt"].text) == ("", "a[2Jb")


MAGIC = [content[:24] for content, _ in TAKEN.values() if len(content) > 24] + [
    b"RIFF\0\0\0\0WAVEfmt ", b"ID3\x04", b"OggS", b"\0\0\0\x18ftypmp42", b"\0\0\0\x18ftypheic\0\0\0\0mif1",
    b"%PDF-1.7\n", b"PK\x03\x04", b"II*\0", b"BM", b"\x1a\x45\xdf\xa3",
]  # fmt: skip
WHOLE = [content for content, _ in TAKEN.values()] + [text_pdf("A page"), photo(), docx(), workbook(), odt("Words")]
damaged = st.builds(
    lambda whole, cut, where, junk: whole[: max(1, int(len(whole) * cut))][:where] + junk + whole[where + len(junk) :],
    st.sampled_from(WHOLE), st.floats(0, 1), st.integers(0, 3000), st.binary(max_size=40),
)  # fmt: skip
magical = st.builds(lambda head, tail: head + tail, st.sampled_from(MAGIC), st.binary(max_size=2000))
endings = st.sampled_from(
    sorted({ending for known in SUFFIXES.values() for ending in known} | {"", ".exe", ".svg", ".html"})
)
one = st.tuples(endings.map(lambda ending: f"x{ending}"), st.one_of(damaged, magical, st.binary(max_size=300)))


@hypothesis_settings(max_examples=6)
@given(st.lists(one, min_size=20, max_size=20))
def test_any_bytes_under_any_name_end_as_a_known_kind_or_a_known_problem(batch: list[tuple[str, bytes]]):
    for (name, content), found in zip(batch, look_into_many(batch), strict=True):
        assert found.problem in {"", *PROBLEMS}, (name, content[:40])
        assert bool(found.problem) != bool(found.content_type)
        assert found.problem or found.content_type in INACTIVE
        assert "<script" not in found.html or "&lt;script" in found.html


@pytest.mark.parametrize(
    "name", ["gif+js.gif", "zip+pdf.docx", "html.mp3", "pdf+zip.pdf", "entities.odt", "endless.mp4"]
)
def test_a_hostile_file_that_is_taken_is_sealed_when_served(draft, world: World, client_of, name: str):
    file = make_file(draft, name, HOSTILE[name])
    response = client_of(world.trainee).get(f"/portfolio/files/{file.ref}/")
    if file.state == State.REFUSED:
        assert (response.status_code, file.problem.startswith(f"“{name}”")) == (409, True)
        return
    assert file.is_ready
    assert "sandbox" in response["Content-Security-Policy"]
    assert (response["X-Content-Type-Options"], response["Content-Type"].split(";")[0]) == (
        "nosniff",
        file.content_type,
    )
    assert "html" not in response["Content-Type"]
    assert "svg" not in response["Content-Type"]


# Showing


def test_a_page_is_shown_to_those_who_may_open_the_file(draft, world: World, client_of: Callable[..., Client]):
    file = make_file(draft, "plan.pdf", text_pdf("One", "Two"))
    url = f"/portfolio/files/{file.ref}/pages/2/"
    response = client_of(world.trainee).get(url)
    assert b"".join(response.streaming_content)[8:12] == b"WEBP"
    assert (response["Content-Type"], response["Cache-Control"]) == ("image/webp", "private, no-store")
    assert "sandbox" in response["Content-Security-Policy"]
    assert client_of(world.trainee).get(f"/portfolio/files/{file.ref}/pages/3/").status_code == 404
    for user in (world.assessor, world.other_trainee, world.setting_manager, world.superuser):
        assert client_of(user).get(url).status_code == 404


def test_the_evidence_page_shows_what_each_file_is(draft, world: World, client_of: Callable[..., Client]):
    pages = make_file(draft, "plan.pdf", text_pdf("First page", "Second page"))
    image = make_file(draft, "photo.jpg", photo())
    make_file(draft, "letter.docx", docx())
    sound = make_file(draft, "talk.mp3", HOSTILE["html.mp3"])
    make_file(draft, "gone.pdf", b"%PDF-nothing")
    html = client_of(world.trainee).get(f"/portfolio/evidence/{draft.evidence.ref}/").content.decode()
    assert f'id="file-{pages.pk}-page-2"' in html
    assert f'src="/portfolio/files/{pages.ref}/pages/2/" width="1400"' in html
    assert "Second page" in html
    assert f'<a class="viewer__picture" href="/portfolio/files/{image.ref}/">' in html
    assert "<h3>Plan for Child A</h3>" in html
    assert "<script>alert(1)" not in html
    assert f'src="/portfolio/files/{sound.ref}/"' in html
    assert "“gone.pdf” cannot be opened as a PDF." in html


def test_html_in_the_table_passes_the_sanitiser_again(draft, world: World, client_of: Callable[..., Client]):
    file = make_file(draft, "letter.docx", docx())
    FileRendition.objects.filter(file=file, kind="html").update(
        text='<p id="x" onclick="a()">Hi<script>b()</script></p>'
    )
    html = client_of(world.trainee).get(f"/portfolio/evidence/{draft.evidence.ref}/").content.decode()
    assert "<p>Hi</p>" in html
    assert "onclick" not in html
