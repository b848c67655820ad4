"""How a file is named on a page."""

from dataclasses import dataclass, field

from django import template
from django.utils.safestring import SafeString, mark_safe

from content.sanitiser import sanitise_document
from portfolio.models import EvidenceFile, FileRendition

register = template.Library()

KINDS = {
    "image/": "Picture",
    "audio/": "Sound",
    "video/": "Video",
    "application/pdf": "PDF",
    "text/": "Text",
    "wordprocessingml": "Word document",
    "spreadsheetml": "Excel workbook",
    "presentationml": "PowerPoint",
    "opendocument.text": "OpenDocument text",
    "opendocument.spreadsheet": "OpenDocument spreadsheet",
    "opendocument.presentation": "OpenDocument slides",
}


@register.filter
def file_kind(content_type: str) -> str:
    """What a file is, in a word that people use."""
    return next((word for part, word in KINDS.items() if part in content_type), "File")


@dataclass
class Shown:
    """What is shown of a file. `left_out`: it has more pages than pictures of them."""

    pages: list[FileRendition] = field(default_factory=list)
    html: SafeString | str = ""
    text: str = ""
    left_out: bool = False


@register.filter
def shown(file: EvidenceFile) -> Shown:
    """What was made of a file when it was checked, for `portfolio/_viewer.html`. Its HTML passes the sanitiser here
    too: whatever is in the table, nothing that runs gets onto a page."""
    found, kinds = Shown(), FileRendition.Kind
    if not file.is_ready:
        return found
    for row in file.renditions.all():
        if row.kind == kinds.PAGE and row.stored_as:
            found.pages.append(row)
        elif row.kind == kinds.HTML:
            found.html = mark_safe(sanitise_document(row.text))
        elif row.kind == kinds.TEXT:
            found.text = row.text
    found.left_out = file.pages > len(found.pages)
    return found
