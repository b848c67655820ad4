"""What h5p.json and library.json may say, and which files may lie where."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from . import limits
from .archive import Reason, shown

Key = tuple[str, int, int]

_CONTENT = (
    "json png jpg jpeg gif bmp tif tiff eot ttf woff woff2 otf webm mp4 ogg mp3 m4a wav txt pdf rtf doc docx xls xlsx "
    "ppt pptx odt ods odp csv diff patch md textile vtt webvtt gltf glb"
)
_LIBRARY = "js css svg xml"
CONTENT_ENDINGS = frozenset(_CONTENT.split())
LIBRARY_ENDINGS = CONTENT_ENDINGS | frozenset(_LIBRARY.split())
CORE_API = (1, 28)

TITLE = re.compile(r"[^\x00]{1,255}", re.DOTALL)
LANGUAGE = re.compile(r"[-a-zA-Z]{1,10}")
MAIN_LIBRARY = re.compile(r"[$a-z_][0-9a-z_.$]{1,254}", re.IGNORECASE | re.ASCII)
# No second name for one file: never "." or "..", which the specification's own pattern would allow.
MACHINE_NAME = re.compile(r"(?!\.{1,2}$)[\w\-.]{1,255}", re.ASCII)
NUMBER = re.compile(r"\d{1,7}", re.ASCII)
NAMED = re.compile(r"([\w\-.]{1,255}) (\d{1,7})\.(\d{1,7})", re.ASCII)  # as content names a library: "H5P.Image 1.1"
META = ("license", "author", "description", "contentType")


@dataclass
class Manifest:
    """What an h5p.json says, as far as it is right. `needs`: the libraries that it names."""

    title: str = ""
    language: str = "und"
    main_library: str = ""
    needs: list[Key] = field(default_factory=list)


@dataclass
class Described:
    """What a library.json says, as far as it is right."""

    machine_name: str = ""
    title: str = ""
    major: int = 0
    minor: int = 0
    patch: int = 0
    runnable: bool = False
    preloaded_js: list[str] = field(default_factory=list)
    preloaded_css: list[str] = field(default_factory=list)
    dependencies: list[Key] = field(default_factory=list)
    dynamic: list[Key] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Name, major, minor: what a dependency names."""
        return self.machine_name, self.major, self.minor


def named(key: Key) -> str:
    """ "H5P.Image 1.1"."""
    return f"{key[0]} {key[1]}.{key[2]}"


def is_allowed(name: str, *, in_library: bool) -> bool:
    """Whether a file's ending may lie in a library, or in the content."""
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    return ending in (LIBRARY_ENDINGS if in_library else CONTENT_ENDINGS)


class _Reader:
    """Takes values out of a manifest one by one; each that is wrong leaves a reason."""

    def __init__(self, said: dict[str, Any], where: str, code: str) -> None:
        self.said, self.where, self.code = said, where, code
        self.reasons: list[Reason] = []

    def wrong(self, name: str, must: str) -> None:
        """`name` must …"""
        self.reasons.append(Reason(f"{self.code}-{name}", f"In {self.where}, “{name}” {must}"))

    def text(self, name: str, pattern: re.Pattern[str], must: str, default: str = "") -> str:
        value = self.said.get(name)
        if isinstance(value, str) and pattern.fullmatch(value) and value.strip():
            return value
        self.wrong(name, must)
        return default

    def number(self, name: str, said: dict[str, Any] | None = None) -> int:
        value = number_of((self.said if said is None else said).get(name))
        if value is None:
            self.wrong(name, "must be a whole number from 0.")
        return value or 0

    def keys(self, name: str) -> list[Key]:
        """A list of dependencies."""
        found: list[Key] = []
        value = self.said.get(name, [])
        for one in value if isinstance(value, list) else [None]:
            key = key_of(one)
            if key is None:
                self.wrong(name, "must be a list of libraries, each with machineName, majorVersion and minorVersion.")
                return found
            found.append(key)
        return list(dict.fromkeys(found))

    def paths(self, name: str, exists: Callable[[str], bool]) -> list[str]:
        """A list of {"path": …} of files of the library."""
        found: list[str] = []
        value = self.said.get(name, [])
        for one in value if isinstance(value, list) else [None]:
            path = one.get("path") if isinstance(one, dict) else None
            if not isinstance(path, str):
                self.wrong(name, "must be a list of files, each with a “path”.")
                return found
            path = path.removeprefix("./")
            if not exists(path):
                self.wrong(name, f"names “{shown(path)}”, which is not in the library.")
                continue
            found.append(path)
        return list(dict.fromkeys(found))


def number_of(value: Any) -> int | None:
    """A version's number: some packages write it as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= limits.NUMBER else None


def key_of(one: Any) -> Key | None:
    """A dependency, if it is one."""
    if not isinstance(one, dict):
        return None
    name = one.get("machineName")
    major, minor = number_of(one.get("majorVersion")), number_of(one.get("minorVersion"))
    if not isinstance(name, str) or not MACHINE_NAME.fullmatch(name) or major is None or minor is None:
        return None
    return name, major, minor


def read_manifest(said: Any) -> tuple[Manifest, list[Reason]]:
    """An h5p.json, and what is wrong with it."""
    if not isinstance(said, dict):
        return Manifest(), [Reason("h5p-json", "h5p.json must be one object.")]
    reader = _Reader(said, "h5p.json", "h5p")
    made = Manifest(
        title=reader.text("title", TITLE, "must be a text of 1 to 255 characters.").strip(),
        language=reader.text("language", LANGUAGE, "must be a language’s code, for example “en”.", "und"),
        main_library=reader.text("mainLibrary", MAIN_LIBRARY, "must be the name of a library."),
        needs=reader.keys("preloadedDependencies"),
    )
    types = said.get("embedTypes")
    if not isinstance(types, list) or not types or any(one not in ("iframe", "div") for one in types):
        reader.wrong("embedTypes", "must be a list of “div”, “iframe” or both.")
    if made.main_library and "preloadedDependencies" not in said:
        reader.wrong("preloadedDependencies", "must name the libraries that the activity needs.")
    elif made.main_library and made.main_library not in {key[0] for key in made.needs}:
        reader.wrong("preloadedDependencies", f"must name the main library, {shown(made.main_library)}, too.")
    return made, reader.reasons


def read_library(said: Any, folder: str, exists: Callable[[str], bool]) -> tuple[Described, list[Reason]]:
    """A library.json in a folder, and what is wrong with it. `exists`: whether a file is in the library."""
    where = f"{shown(folder)}/library.json"
    if not isinstance(said, dict):
        return Described(), [Reason("library-json", f"{where} must be one object.")]
    reader = _Reader(said, where, "library")
    made = Described(
        machine_name=reader.text("machineName", MACHINE_NAME, "must be letters, numbers, “-”, “_” and “.”."),
        title=reader.text("title", TITLE, "must be a text of 1 to 255 characters.").strip(),
        major=reader.number("majorVersion"), minor=reader.number("minorVersion"), patch=reader.number("patchVersion"),
        preloaded_js=reader.paths("preloadedJs", exists), preloaded_css=reader.paths("preloadedCss", exists),
        dependencies=reader.keys("preloadedDependencies"), dynamic=reader.keys("dynamicDependencies"),
    )  # fmt: skip
    if said.get("runnable") not in (0, 1, "0", "1"):
        reader.wrong("runnable", "must be 0 or 1.")
    made.runnable = said.get("runnable") in (1, "1")
    _core_api(reader, said.get("coreApi"), made)
    names = (made.machine_name, f"{made.machine_name}-{made.major}.{made.minor}")
    if not reader.reasons and folder not in names:
        reader.reasons.append(Reason("library-folder", f"The folder “{shown(folder)}” holds {named(made.key)}. It must "
                                     f"be called {names[0]} or {names[1]}."))  # fmt: skip
    made.meta |= {name: said[name][:500] for name in META if isinstance(said.get(name), str)}
    return made, reader.reasons


def _core_api(reader: _Reader, said: Any, made: Described) -> None:
    if said is None:
        return
    major, minor = (number_of(said.get(name)) for name in ("majorVersion", "minorVersion")) if isinstance(said, dict) \
        else (None, None)  # fmt: skip
    if major is None or minor is None:
        reader.wrong("coreApi", "must have majorVersion and minorVersion.")
    elif (major, minor) > CORE_API or major != CORE_API[0]:
        ours = f"{CORE_API[0]}.{CORE_API[1]}"
        reader.reasons.append(Reason("core-api", f"{reader.where} needs H5P core {major}.{minor}; this site has "
                                     f"{ours}. Use an older version of the content type."))  # fmt: skip
    else:
        made.meta["coreApi"] = f"{major}.{minor}"
