"""What kinds of file are taken, and how much of one is looked at."""

IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
HEIC = ("image/heic", "image/heif")  # taken, and kept as JPEG
MEDIA = {"audio/mpeg", "audio/mp4", "audio/x-wav", "audio/ogg", "audio/webm", "video/mp4", "video/webm",
         "video/quicktime"}  # fmt: skip
PDF = "application/pdf"
TEXT = "text/plain"
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
WORD, SHEET, SLIDES = OFFICE.values()
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
OPEN_DOCUMENTS = {f"{OPEN_DOCUMENT}{kind}": f".od{kind[0]}" for kind in ("text", "spreadsheet", "presentation")}
SUFFIXES = {
    "image/jpeg": {".jpg", ".jpeg"}, "image/png": {".png"}, "image/gif": {".gif"}, "image/webp": {".webp"},
    **dict.fromkeys(HEIC[:2], {".heic", ".heif"}), PDF: {".pdf"}, TEXT: {".txt", ".md", ".csv"}, "audio/mpeg": {".mp3"},
    "audio/mp4": {".m4a", ".mp4"}, "audio/x-wav": {".wav"}, "audio/ogg": {".ogg", ".oga"},
    "audio/webm": {".webm", ".weba"},
    "video/mp4": {".mp4", ".m4v", ".m4a"}, "video/webm": {".webm"}, "video/quicktime": {".mov"},
    WORD: {".docx"}, SHEET: {".xlsx"}, SLIDES: {".pptx"},
    **{kind: {suffix} for kind, suffix in OPEN_DOCUMENTS.items()},
}  # fmt: skip
INLINE = {*IMAGES, PDF, TEXT, *MEDIA}

MAX_PIXELS = 60_000_000
MAX_UNPACKED = 200 * 1024 * 1024  # of a whole package
MAX_ENTRIES = 5000
MAX_PAGES = 100  # shown as pictures
PAGE_WIDTH = 1400
PAGE_HEIGHT = 4000
MAX_TEXT = 500_000  # characters kept of a document
MAX_PAGE_TEXT = 20_000
MAX_HTML = 1_000_000
