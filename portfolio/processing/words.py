"""Why a file is not taken, in the learner's words; each goes on after the file's name."""

ALLOWED = "a photograph (JPEG, PNG, GIF, WebP, HEIC), PDF, Word, Excel, PowerPoint, OpenDocument, text, sound or video"
LOST = "did not arrive whole. Add it again."
PARTS_GONE = "could not be made: one of its photographs was removed meanwhile. Remove it and choose again."
FAULT = "could not be checked, because of a fault on our side. Remove it and add it again."
VIRUS = "holds a virus, so it was destroyed. Check your device before you add files from it."
TOO_LARGE_TO_SCAN = "is too large or too tangled to be checked for viruses. Add a smaller file."
REPEATED = "has been added already, as “{other}”. Remove this one."
UNSAFE = "could not be opened safely, so it was not taken. It may be damaged. Save it again and add the new file."
PROBLEMS = {
    "unsafe": UNSAFE,
    "empty": "is empty. Choose the file again.",
    "kind": f"cannot be taken. Add {ALLOWED}.",
    "mistyped": "is not what its name says. Save it again with the right ending.",
    "broken": "cannot be opened. It may be damaged.",
    "broken-picture": "cannot be opened as a picture. It may be damaged.",
    "broken-pdf": "cannot be opened as a PDF. It may be damaged.",
    "pixels": "has too many pixels. Make the picture smaller and try again.",
    "locked": "is locked with a password. Save it without one.",
    "bomb": "unpacks to far more than a document should. It cannot be taken.",
    "active-pdf": "holds a script or another file inside, so it cannot be taken. Print it to a new PDF and add that.",
    "active-package": "holds macros or programs, so it cannot be taken. Save it without them.",
    "active-text": f"is a web page, picture code or script, so it cannot be taken. Add {ALLOWED}.",
}  # fmt: skip


def words_of(code: str) -> str:
    """The words of a problem that the limited process named; an unknown one is as unsafe."""
    return PROBLEMS.get(code, UNSAFE)
