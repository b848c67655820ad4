"""Our own content types as packages: made of the sources in `types/`, the same bytes each time. Knows no tables.

A type is a folder with library.json, semantics.json, one script and one stylesheet. Three marks are filled in: what all
types share (`//= shared.js`, `/*= shared.css */`), and the words on the screen, which stand in the semantics alone.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

TYPES = Path(__file__).parent / "types"
ON = (2026, 1, 1, 0, 0, 0)  # of every file: a package is its content, not the hour at which it was made
SHARED_SCRIPT, SHARED_STYLE, WORDS = "//= shared.js", "/*= shared.css */", "/*= words */ {}"


def machine_names() -> list[str]:
    """The types that come with the product."""
    return sorted(folder.parent.name for folder in TYPES.glob("*/library.json"))


def package(machine_name: str, content: dict[str, Any], *, title: str, language: str = "en-GB") -> bytes:
    """A whole package of one of our types. `content`: as its semantics describe it. Raises FileNotFoundError for a type
    that there is not."""
    library = library_files(machine_name)
    said = json.loads(library["library.json"])
    version = {name: said[name] for name in ("machineName", "majorVersion", "minorVersion")}
    manifest = {
        "title": title, "language": language, "mainLibrary": machine_name, "embedTypes": ["iframe"], "license": "U",
        "defaultLanguage": language, "preloadedDependencies": [version],
    }  # fmt: skip
    folder = f"{machine_name}-{version['majorVersion']}.{version['minorVersion']}"
    files = {"h5p.json": _json(manifest), "content/content.json": _json(content)}
    return _zipped(files | {f"{folder}/{name}": text for name, text in library.items()})


def library_files(machine_name: str) -> dict[str, str]:
    """The files of a type, by name, with their marks filled in."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted((TYPES / machine_name).iterdir())}
    if "library.json" not in files:
        raise FileNotFoundError(machine_name)
    return {name: _filled(name, text, files["semantics.json"]) for name, text in files.items()}


def _filled(name: str, text: str, semantics: str) -> str:
    if name.endswith(".js"):
        shared = (TYPES / "shared.js").read_text(encoding="utf-8")
        text = text.replace(SHARED_SCRIPT, shared).replace(WORDS, json.dumps(words(semantics), ensure_ascii=False))
    if name.endswith(".css"):
        text = text.replace(SHARED_STYLE, (TYPES / "shared.css").read_text(encoding="utf-8"))
    return text


def words(semantics: str) -> dict[str, str]:
    """What stands on the screen unless a content says otherwise: the defaults of the group "words"."""
    group = next(field for field in json.loads(semantics) if field["name"] == "words")
    return {field["name"]: field["default"] for field in group["fields"]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _zipped(files: dict[str, str]) -> bytes:
    """A ZIP file without entries for folders, in a fixed order. Not compressed: what that gives differs by machine."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, ON)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()
