"""Documents as pictures, HTML and text (runs in the limited process)."""

import io
import re
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from . import pictures
from .kinds import MAX_HTML, MAX_PAGE_TEXT, MAX_PAGES, MAX_TEXT, PAGE_HEIGHT, PAGE_WIDTH, SHEET, SLIDES

MAX_SECONDS = 40  # of processor time for pictures of pages; what is there by then is shown
MAX_XML = 50 * 1024 * 1024
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
STYLES = """
p[style-name='Title'] => h2:fresh
p[style-name='Heading 1'] => h3:fresh
p[style-name='Heading 2'] => h4:fresh
p[style-name='Heading 3'] => h4:fresh
p[style-name='Heading 4'] => h4:fresh
"""


def pdf_pages(source: Any, out: Path) -> tuple[list[dict], int]:
    """Writes pictures of a PDF's first pages; returns what each holds, and how many pages the document has."""
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    count = len(document)
    found = []
    for number in range(1, min(count, MAX_PAGES) + 1):
        if time.process_time() > MAX_SECONDS:
            break
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(PAGE_WIDTH / max(width, 1), PAGE_HEIGHT / max(height, 1), 4)
        bitmap = page.render(scale=scale, may_draw_forms=False)
        size = pictures.save_page(bitmap.to_pil(), out / f"page-{number}")
        text = page.get_textpage().get_text_bounded()
        found.append({"width": size[0], "height": size[1], "text": tidy(text)[:MAX_PAGE_TEXT]})
        bitmap.close()
        page.close()
    return found, count


def word_html(source: BinaryIO) -> tuple[str, str]:
    """A Word document as HTML (not sanitised yet) and as text. Pictures inside are left out and said to be."""
    import mammoth

    def left_out(_image: Any) -> list:
        return [mammoth.html.text("[picture]")]

    content = io.BytesIO(source.read())  # mammoth would take the number of an open file for its path
    html = mammoth.convert_to_html(content, style_map=STYLES, convert_image=left_out, external_file_access=False).value
    content.seek(0)
    text = mammoth.extract_raw_text(content).value
    return (html if len(html) <= MAX_HTML else ""), limited([text])


def package_text(source: BinaryIO, content_type: str) -> str:
    """The words of a workbook, of slides or of an OpenDocument file."""
    if content_type == SHEET:
        return limited(_sheets(source))
    if content_type == SLIDES:
        return limited(_slides(source))
    return limited(_open_document(source))


def _sheets(source: BinaryIO) -> Iterator[str]:
    import openpyxl

    book = openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        yield f"{sheet.title}"
        for row in sheet.iter_rows(values_only=True, max_row=20_000, max_col=200):
            cells = ["" if value is None else str(value) for value in row]
            if any(cells):
                yield "\t".join(cells).rstrip("\t")
        yield ""


def _slides(source: BinaryIO) -> Iterator[str]:
    import pptx

    for number, slide in enumerate(pptx.Presentation(source).slides, 1):
        yield f"Slide {number}"
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            elif getattr(shape, "has_table", False) and shape.has_table:
                for row in shape.table.rows:
                    yield "\t".join(cell.text for cell in row.cells)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
            yield slide.notes_slide.notes_text_frame.text
        yield ""


def _open_document(source: BinaryIO) -> Iterator[str]:
    from defusedxml import ElementTree

    with zipfile.ZipFile(source) as package, package.open("content.xml") as part:
        content = part.read(MAX_XML + 1)
    if len(content) > MAX_XML:
        raise ValueError("content.xml is too large")
    text = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    for block in ElementTree.fromstring(content, forbid_dtd=True).iter():
        if block.tag in (f"{text}p", f"{text}h"):
            yield "".join(block.itertext())


def plain_text(source: BinaryIO) -> str:
    """A text file's words."""
    return limited([source.read(MAX_TEXT * 4).decode("utf-8-sig", "replace")])


def limited(lines: Iterable[str]) -> str:
    """Lines joined until enough is kept to show and to search."""
    kept, length = [], 0
    for line in lines:
        kept.append(line)
        length += len(line) + 1
        if length > MAX_TEXT:
            break
    return tidy("\n".join(kept))[:MAX_TEXT]


def tidy(text: str) -> str:
    """Without characters that a page or a database cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
    return "".join(
        ch for ch in text if ch in "\n\t" or (ch >= " " and not "\x7f" <= ch <= "\x9f" and ch not in "\ufffe\uffff")
    )
