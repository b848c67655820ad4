"""The limited process that looks into one file: `python -m portfolio.processing.child '{"task": "file", …}'`.

It puts itself under limits, goes offline and gives up its rights before it reads a byte of the file, then writes what
it found into an empty folder: `check.json` when it knows what the file is, `show.json` when it has made what is shown.
Whatever stops it between the two, the worker still has the first.
"""

import codecs
import ctypes
import importlib
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from . import sniff
from .kinds import HEIC, IMAGES, OPEN_DOCUMENTS, PDF, SHEET, SLIDES, TEXT, WORD

PAGES = ("pikepdf", "pypdfium2")
PARSERS = {
    ".pdf": PAGES, ".docx": ("mammoth", "xml.dom.expatbuilder", *PAGES), ".xlsx": ("openpyxl", *PAGES),
    ".pptx": ("pptx", *PAGES),
    **dict.fromkeys(OPEN_DOCUMENTS.values(), ("defusedxml.ElementTree", *PAGES)),
    **dict.fromkeys((".heic", ".heif"), ("pillow_heif",)),
}  # fmt: skip
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def main() -> None:
    """Reads the order, does it, and leaves the answer in the folder."""
    order = json.loads(sys.argv[1])
    limit(order)
    tasks = {"file": look_into, "combine": combine}
    run(tasks[order["task"]], order)


def run(task: Callable[[dict, list[BinaryIO], Path], None], order: dict) -> None:
    """Loads the parsers, gives up its rights, opens what was handed over and does the task."""
    prepare(order.get("suffix", ""))
    drop(order)
    out = Path(order["out"])
    os.chdir(out)
    sources: list[BinaryIO] = [os.fdopen(handle, "rb") for handle in order["inputs"]]
    try:
        task(order, sources, out)
    except sniff.Problem as problem:
        write(out, "check", {"problem": str(problem)})


def limit(order: dict) -> None:
    """No more memory, processor time, file size and open files than the worker allows, and no dump of its memory."""
    most_of_all = max(order["memory"], order["office_memory"] if order.get("office") else 0)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], most_of_all))
    for name, most in {"CPU": order["cpu"], "FSIZE": order["largest"], "NOFILE": 256, "CORE": 0}.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def prepare(suffix: str) -> None:
    """Loads what must be read from the disk while it still may be: afterwards not even our own code can be opened.
    Only what a file of this name needs; a file that turns out to be another kind is refused anyway."""
    for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp437", "cp1252", "hex_codec", "idna"):
        codecs.lookup(name)
    for name in ("documents", "pictures", "office"):
        importlib.import_module(f".{name}", __package__)
    for parser in PARSERS.get(suffix, ()):
        importlib.import_module(parser)
    Image.init()


def drop(order: dict) -> None:
    """Goes offline where the system lets it, and becomes nobody when started by root."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(CLONE_NEWNET if order["user"] else CLONE_NEWUSER | CLONE_NEWNET)
    if order["user"]:
        user, group = order["user"]
        os.setgroups([])
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS: nothing that it starts gets its rights back


def look_into(order: dict, sources: list[BinaryIO], out: Path) -> None:
    """Finds out what the file is and makes it safe; then makes what is shown of it."""
    source = sources[0]
    content_type = sniff.kind_of(source)
    if content_type == "package":
        content_type = sniff.check_package(source)
    elif content_type == PDF:
        sniff.check_pdf(source)
    if order["suffix"] not in order["suffixes"].get(content_type, []):
        raise sniff.Problem("kind" if content_type == TEXT else "mistyped")
    is_picture = content_type in IMAGES or content_type in HEIC
    if is_picture:
        from . import pictures

        content_type = pictures.clean(source, content_type, out / "clean")
    write(out, "check", {"type": content_type, "clean": is_picture})
    if not order.get("only_check"):
        write(out, "show", show(content_type, source, out, order))


def show(content_type: str, source: BinaryIO, out: Path, order: dict) -> dict:
    """What is shown of the file, by its kind: pages, HTML, text, or nothing."""
    from . import documents, pictures

    if content_type in IMAGES:
        with (out / "clean").open("rb") as cleaned:
            width, height = pictures.save_page(pictures.open_picture(cleaned, content_type), out / "page-1")
        return {"pages": [{"width": width, "height": height, "text": ""}], "count": 0}
    if content_type == PDF:
        pages, count = documents.pdf_pages(source, out)
        return {"pages": pages, "count": count}
    if content_type == TEXT:
        return {"text": documents.plain_text(source)}
    if content_type not in (WORD, SHEET, SLIDES, *OPEN_DOCUMENTS):
        return {}
    return _show_document(content_type, source, out, order)


def _show_document(content_type: str, source: BinaryIO, out: Path, order: dict) -> dict:
    from . import documents

    shown: dict = {}
    try:
        if content_type == WORD:
            shown["html"], shown["text"] = documents.word_html(source)
        else:
            shown["text"] = documents.package_text(source, content_type)
    except Exception as error:  # a parser's own trouble: the document can still be downloaded
        print(f"no text: {type(error).__name__}", file=sys.stderr)  # noqa: T201
    write(out, "show", shown)  # stays if what follows takes too long
    if order["office"]:
        from . import office

        source.seek(0)
        made = office.to_pdf(order["office"], source, order["suffix"], out)
        if made:
            shown["pages"], shown["count"] = documents.pdf_pages(made, out)
    return shown


def combine(order: dict, sources: list[BinaryIO], out: Path) -> None:
    """Makes one PDF of several pictures."""
    from . import pictures

    pictures.combine(sources, order["types"], out / "clean")
    write(out, "check", {"type": PDF, "clean": True})
    write(out, "show", {})


def write(out: Path, name: str, answer: dict) -> None:
    """Puts an answer there whole or not at all."""
    part = out / f"{name}.part"
    part.write_text(json.dumps(answer), encoding="utf-8")
    part.replace(out / f"{name}.json")


if __name__ == "__main__":
    main()
