"""How a file is named on a page."""

from django import template

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
