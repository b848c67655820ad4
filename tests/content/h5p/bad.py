"""Packages that must be refused, by what is wrong with each, and the code of the reason."""

import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

from tests.factories.h5p import ON, library, manifest, package, symlink, zipped

Bad = tuple[Callable[[], bytes], str]
DOUBLE = library("Test.Double 1.0")


def entry(name: str, content: bytes = b"{}") -> bytes:
    """A sound package with one more entry."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's own, of names that are there twice
        return package(last=[(name, content)])


def bomb() -> bytes:
    return package(files={f"content/images/{number}.txt": b"\0" * 9_000_000 for number in range(4)})


def deep(depth: int = 50_000) -> bytes:
    return b'{"a":' + b"[" * depth + b"]" * depth + b"}"


def lying() -> bytes:
    """A file that unpacks to more than its entry says."""
    made = bytearray(package(files={"content/big.txt": b"x" * 5000}))
    for at in _headers(made, b"big.txt"):
        made[at : at + 4] = struct.pack("<L", 10)
    return bytes(made)


def _headers(made: bytearray, name: bytes) -> list[int]:
    """Where the unpacked size stands, in the entry and in the list at the end."""
    found = []
    for sign, size, start in ((b"PK\3\4", 22, 30), (b"PK\1\2", 24, 46)):
        at = -1
        while (at := made.find(sign, at + 1)) >= 0:
            if made[at + start : at + start + 40].startswith(b"content/" + name):
                found.append(at + size)
    return found


def flagged(bit: int) -> bytes:
    """Every entry says that it is encrypted."""
    made = bytearray(package())
    for sign, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = -1
        while (at := made.find(sign, at + 1)) >= 0:
            made[at + flags] |= bit
    return bytes(made)


def renamed(old: bytes, new: bytes) -> bytes:
    """A name changed in the bytes: what `zipfile` would not write."""
    assert len(old) == len(new)
    return package(files={f"content/{old.decode()}": b"x"}).replace(old, new)


def damaged() -> bytes:
    made = package(files={"content/a.txt": b"some words that are stored as they are"})
    at = made.index(b"a.txt") + 5
    return made[:at] + bytes(255 - one for one in made[at : at + 6]) + made[at + 6 :]


def in_lzma() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(zipfile.ZipInfo("h5p.json", ON), "{}", compress_type=zipfile.ZIP_LZMA)
    return made.getvalue()


def with_library(**said: Any) -> bytes:
    return package(libraries=[library(**said)])


def with_h5p(**said: Any) -> bytes:
    return package(**said)


def content(said: Any) -> bytes:
    return package(content=said)


BAD: dict[str, Bad] = {
    # The file itself
    "no ZIP": (lambda: b"<html>Not found</html>", "not-zip"),
    "nothing": (lambda: b"", "not-zip"),
    "cut off": (lambda: package()[:-40], "not-zip"),
    "a list of entries that is not there": (lambda: b"PK\5\6" + b"\0" * 8 + b"\xff" * 8 + b"\0\0", "too-many-entries"),
    "zip bomb": (bomb, "zip-bomb"),
    "more than it says": (lying, "zip-damaged"),
    "damaged": (damaged, "zip-damaged"),
    "encrypted": (lambda: flagged(1), "encrypted"),
    "packed otherwise": (in_lzma, "zip-kind"),
    # Names
    "traversal": (lambda: entry("../outside.json"), "traversal"),
    "traversal in a library": (lambda: entry("Test.Widget-1.0/../../x.js"), "traversal"),
    "absolute": (lambda: entry("/etc/outside.json"), "traversal"),
    "a drive": (lambda: entry("C:/outside.json"), "traversal"),
    "a dot for a folder": (lambda: entry("content/./content.json"), "traversal"),
    "an empty folder name": (lambda: entry("content//content.json"), "traversal"),
    "backslashes": (lambda: renamed(b"a_b.txt", b"a\\b.txt"), "backslash"),
    "backslash traversal": (lambda: renamed(b"aa_b.txt", b"..\\b.txt"), "backslash"),
    "a null in a name": (lambda: renamed(b"a_b.txt", b"a\0b.txt"), "name"),
    "a line break in a name": (lambda: entry("content/a\nb.txt"), "name"),
    "a name too long": (lambda: entry(f"content/{'x' * 300}.txt"), "name"),
    "symlink": (lambda: package(last=[(symlink("content/passwd.txt"), b"/etc/passwd")]), "symlink"),
    "symlink to a folder": (lambda: package(last=[(symlink("content/images"), b"../..")]), "symlink"),
    "duplicate names": (lambda: entry("h5p.json"), "duplicate-name"),
    "duplicate but for case": (lambda: entry("content/Content.JSON"), "duplicate-name"),
    "duplicate but for accents": (
        lambda: package(files={"content/caf\u00e9.txt": b"1", "content/cafe\u0301.txt": b"2"}), "duplicate-name"),
    "a file that is a folder": (lambda: package(files={"content/a.txt": b"1", "content/a.txt/b.txt": b"2"}),
                                "duplicate-name"),
    # Kinds of files
    "wrong extension": (lambda: entry("content/run.exe"), "file-kind"),
    "HTML in content": (lambda: entry("content/page.html"), "file-kind"),
    "script in content": (lambda: entry("content/run.js"), "file-kind"),
    "SVG with script in content": (
        lambda: entry("content/images/a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        "file-kind"),
    "flash": (lambda: entry("Test.Widget-1.0/old.swf"), "file-kind"),
    "PHP in a library": (lambda: entry("Test.Widget-1.0/run.php"), "file-kind"),
    "no ending": (lambda: entry("content/Makefile"), "file-kind"),
    "two endings": (lambda: entry("content/a.png.html"), "file-kind"),
    # h5p.json
    "no h5p.json": (lambda: package(without=["h5p.json"]), "no-h5p-json"),
    "no content.json": (lambda: package(without=["content/content.json"]), "no-content-json"),
    "broken JSON": (lambda: package(h5p=b"{"), "json"),
    "not UTF-8": (lambda: package(h5p=json.dumps(manifest(title="Caf\u00e9"), ensure_ascii=False).encode("latin-1")),
                  "json"),
    "a list for h5p.json": (lambda: package(h5p=b"[]"), "h5p-json"),
    "a name twice in h5p.json": (lambda: package(h5p=b'{"title":"a","title":"b"}'), "json"),
    "no title": (lambda: with_h5p(title=""), "h5p-title"),
    "a title of spaces": (lambda: with_h5p(title="   "), "h5p-title"),
    "a title too long": (lambda: with_h5p(title="x" * 256), "h5p-title"),
    "a number for a title": (lambda: with_h5p(title=1), "h5p-title"),
    "a language that is none": (lambda: with_h5p(language="en_GB!"), "h5p-language"),
    "a main library that is none": (lambda: with_h5p(mainLibrary="../x"), "h5p-mainLibrary"),
    "no main library": (lambda: with_h5p(mainLibrary=None), "h5p-mainLibrary"),
    "a main library that is not named": (lambda: with_h5p(mainLibrary="Test.Other"), "h5p-preloadedDependencies"),
    "no embed types": (lambda: with_h5p(embedTypes=[]), "h5p-embedTypes"),
    "embed types that are none": (lambda: with_h5p(embedTypes=["popup"]), "h5p-embedTypes"),
    "no dependencies": (lambda: with_h5p(preloadedDependencies=None), "h5p-preloadedDependencies"),
    "dependencies that are none": (lambda: with_h5p(preloadedDependencies=["x"]), "h5p-preloadedDependencies"),
    "a dependency that leads out": (
        lambda: with_h5p(preloadedDependencies=[{"machineName": "../x", "majorVersion": 1, "minorVersion": 0}]),
        "h5p-preloadedDependencies"),
    "a version that is huge": (
        lambda: with_h5p(preloadedDependencies=[{"machineName": "Test.Widget", "majorVersion": 10**12,
                                                 "minorVersion": 0}]), "h5p-preloadedDependencies"),
    "a version below 0": (
        lambda: with_h5p(preloadedDependencies=[{"machineName": "Test.Widget", "majorVersion": -1,
                                                 "minorVersion": 0}]), "h5p-preloadedDependencies"),
    # library.json
    "a folder without library.json": (lambda: entry("Other-1.0/a.js", b""), "no-library-json"),
    "a broken library.json": (lambda: package(libraries=[{"Test.Widget-1.0/library.json": "{]"}]), "json"),
    "a library without a title": (lambda: with_library(title=None), "library-title"),
    "a library without a patch": (lambda: with_library(patchVersion=None), "library-patchVersion"),
    "a patch that is a truth": (lambda: with_library(patchVersion=True), "library-patchVersion"),
    "a library that does not say if it runs": (lambda: with_library(runnable=None), "library-runnable"),
    "a folder with another name": (lambda: with_library(folder="Else-1.0"), "library-folder"),
    "a folder with another version": (lambda: with_library(folder="Test.Widget-1.1"), "library-folder"),
    "a library twice": (lambda: package(libraries=[library(), library(folder="Test.Widget")]), "library-twice"),
    "a script that is not there": (lambda: with_library(preloadedJs=[{"path": "gone.js"}]), "library-preloadedJs"),
    "a script from elsewhere": (lambda: with_library(preloadedJs=[{"path": "../x.js"}]), "library-preloadedJs"),
    "a script from the web": (lambda: with_library(preloadedJs=[{"path": "https://a.example/x.js"}]),
                              "library-preloadedJs"),
    "a stylesheet that is not there": (lambda: with_library(preloadedCss=[{"path": "gone.css"}]),
                                       "library-preloadedCss"),
    "a newer core": (lambda: with_library(coreApi={"majorVersion": 1, "minorVersion": 29}), "core-api"),
    "another core": (lambda: with_library(coreApi={"majorVersion": 2, "minorVersion": 0}), "core-api"),
    "an older kind of core": (lambda: with_library(coreApi={"majorVersion": 0, "minorVersion": 9}), "core-api"),
    "a core that is none": (lambda: with_library(coreApi="1.19"), "library-coreApi"),
    "a main library that cannot run": (lambda: with_library(runnable=0), "main-not-runnable"),
    "a missing dependency": (lambda: with_library(needs=["Test.Gone 1.3"]), "dependency-missing"),
    "a dependency of another version": (
        lambda: package(libraries=[library(needs=["Test.Double 1.1"]), DOUBLE]), "dependency-missing"),
    "a missing dynamic dependency": (
        lambda: with_library(dynamicDependencies=[{"machineName": "Test.Gone", "majorVersion": 1, "minorVersion": 0}]),
        "dependency-missing"),
    "a Reuse export": (lambda: package(libraries=[]), "libraries-left-out"),
    # content.json
    "broken content": (lambda: content(b'{"a":'), "json"),
    "no number": (lambda: content(b'{"a":NaN}'), "json"),
    "infinite": (lambda: content(b'{"a":-Infinity}'), "json"),
    "infinite in digits": (lambda: content(b'{"a":1e999}'), "json"),
    "a huge number": (lambda: content(b'{"a":' + b"9" * 5000 + b"}"), "json"),
    "nested deeply": (lambda: content(deep()), "json"),
    "nested a little too deeply": (lambda: content(deep(150)), "json"),
    "half a character": (lambda: content(b'{"a":"\\ud800"}'), "json"),
    "a null in a text": (lambda: content(b'{"a":"\\u0000"}'), "json"),
    "a text for content": (lambda: content(b'"x"'), "content-json"),
    "script in a text": (lambda: content({"text": "<p>Hello <script>alert(1)</script></p>"}), "active-text"),
    "a handler in a text": (lambda: content({"q": [{"text": "<img src=x onerror=alert(1)>"}]}), "active-text"),
    "a frame in a text": (lambda: content({"text": "<iframe src=https://a.example></iframe>"}), "active-text"),
    "SVG in a text": (lambda: content({"text": "<svg onload=alert(1)>"}), "active-text"),
    "a form in a text": (lambda: content({"text": "<form action=/account/><input name=a></form>"}), "active-text"),
    "a link that runs": (lambda: content({"text": '<a href="java&#9;script:alert(1)">x</a>'}), "active-text"),
    "an address that runs": (lambda: content({"link": {"url": " javascript: alert(1)"}}), "active-text"),
}  # fmt: skip


def many() -> bytes:
    """More entries than anything needs."""
    return zipped({f"content/{number}.txt": b"" for number in range(10_001)})
