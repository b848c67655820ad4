"""One script and one stylesheet for each content: a browser keeps nothing in a frame of no origin, so that a package of
ninety files would be ninety requests each time it is opened (decision 0021)."""

import gzip
import json
import posixpath
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote

from content.models import H5PLibrary, H5PVersion

from . import store

KINDS = ("js", "css")
IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?([^;]*);""", re.IGNORECASE)
ADDRESS = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s]+))\s*\)""", re.IGNORECASE)
CHARSET = re.compile(r"@charset[^;]*;", re.IGNORECASE)
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|/|#)", re.IGNORECASE)
DEEPEST = 5  # imports inside imports
Read = Callable[[str], str]


def bundled(version: H5PVersion, kind: str) -> bytes:
    """The merged script ("js") or stylesheet ("css") of a version, compressed with gzip; made when first asked for."""
    name = f"{version.content_hash}.{kind}.gz"
    if not store.has(store.BUNDLES, name):
        build(version)
    with store.opened(f"{store.BUNDLES}/{name}") as file:
        return bytes(file.read())


def build(version: H5PVersion) -> None:
    """Merges the scripts and the styles of a version's libraries, in their order. Building it again changes nothing:
    what is in it follows from the hash in its name."""
    libraries = [pin.library for pin in version.pins.select_related("library").order_by("position")]
    made = {"js": merged_script(libraries, text_of), "css": merged_style(libraries, text_of)}
    for kind, text in made.items():
        store.put(store.BUNDLES, f"{version.content_hash}.{kind}.gz", gzip.compress(text.encode(), mtime=0))


def text_of(key: str) -> str:
    """A script or style of the store as text, whatever its bytes are."""
    with store.opened(key) as file:
        return bytes(file.read()).decode("utf-8-sig", errors="replace")


def merged_script(libraries: Iterable[H5PLibrary], read: Read) -> str:
    """A script that hands each script to the player, which runs them one by one as they were written: an error, a
    syntax error or "use strict" in one of them stays its own."""
    parts = [
        {"at": quote(f"{one.tree_hash}/{path}"), "name": f"{one.machine_name}-{one.major}.{one.minor}/{path}",
         "source": read(f"libraries/{one.tree_hash}/{path}")}
        for one in libraries for path in one.preloaded_js
    ]  # fmt: skip
    return f"PathwayPlayer.run({json.dumps(parts, ensure_ascii=False)});\n"


def merged_style(libraries: Iterable[H5PLibrary], read: Read) -> str:
    """All styles in order, with the addresses in them leading to the files of their library."""
    return "\n".join(_style(one.tree_hash, path, read) for one in libraries for path in one.preloaded_css)


def _style(tree: str, path: str, read: Read, depth: int = 0) -> str:
    folder = posixpath.dirname(path)

    def imported(found: re.Match[str]) -> str:
        target = inside(folder, found[1])
        if target is None or depth == DEEPEST:
            return ""  # the frame's policy would not fetch it
        try:
            text = _style(tree, target, read, depth + 1)
        except (FileNotFoundError, ValueError):
            return ""
        return f"@media {found[2].strip()} {{{text}}}" if found[2].strip() else text

    def address(found: re.Match[str]) -> str:
        asked = next(filter(None, found.groups()), "")
        target = inside(folder, asked)
        # From the address of the bundle, so that it holds on whichever origin serves the player.
        return found[0] if target is None else f'url("../libraries/{tree}/{quote(target)}")'

    text = read(f"libraries/{tree}/{path}")
    text = ADDRESS.sub(lambda one: one[0] if _is_import(one) else address(one), text)
    return CHARSET.sub("", IMPORT.sub(imported, text))


def _is_import(found: re.Match[str]) -> bool:
    return found.string[: found.start()].rstrip().lower().endswith("@import")


def inside(folder: str, address: str) -> str | None:
    """The path in its library that a relative address in a style leads to; None for addresses elsewhere and for what
    leads out of the library."""
    if not address or ELSEWHERE.match(address):
        return None
    path = posixpath.normpath(posixpath.join(folder, unquote(re.split(r"[?#]", address)[0])))
    return None if path.startswith(("..", "/")) else path
