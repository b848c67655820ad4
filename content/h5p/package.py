"""What is in an H5P package, and what is wrong with it. Reads only; knows no tables.

The same reading serves the check on the command line, which keeps nothing, and the intake, which has the files written
into a folder of its own on the way.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import limits, strict, texts
from .archive import Archive, Reason, Unreadable, opened, shown
from .rules import NAMED, Described, Key, Manifest, is_allowed, key_of, named, read_library, read_manifest

CONTENT = "content"
NOTHING = object()  # a file may say null
CONTENT_JSON = "content/content.json"
Progress = Callable[[int, int], None]
# The libraries that are there already, with what each needs.
Known = Mapping[Key, Iterable[Key]]


@dataclass
class LibraryFound:
    """A library in a package: what its manifest says, its files with their sizes, and the hash of all of them."""

    folder: str
    described: Described
    files: dict[str, int] = field(default_factory=dict)
    tree_hash: str = ""

    @property
    def key(self) -> Key:
        """Name, major, minor."""
        return self.described.key

    @property
    def name(self) -> str:
        """ "H5P.Image 1.1.22"."""
        return f"{named(self.key)}.{self.described.patch}"

    @property
    def size(self) -> int:
        """Bytes of all of its files."""
        return sum(self.files.values())


@dataclass
class Package:
    """A package as it was read. Only when `reasons` is empty does the rest say all. `libraries`: those that it runs;
    `from_store`: those that it runs and does not bring; `content`: content.json with its texts made safe; `files`: the
    content's files and their sizes; `digests`: and their hashes."""

    reasons: list[Reason] = field(default_factory=list)
    manifest: Manifest = field(default_factory=Manifest)
    libraries: list[LibraryFound] = field(default_factory=list)
    from_store: list[Key] = field(default_factory=list)
    content: Any = None
    files: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Nothing speaks against it."""
        return not self.reasons

    @property
    def title(self) -> str:
        """The activity's title."""
        return self.manifest.title

    @property
    def language(self) -> str:
        """Its language's code."""
        return self.manifest.language

    @property
    def main(self) -> Key | None:
        """The library that the activity starts with."""
        return next((key for key in self.manifest.needs if key[0] == self.manifest.main_library), None)

    @property
    def main_library(self) -> str:
        """The same in words; "" when it is not said."""
        return named(self.main) if self.main else self.manifest.main_library


def read_package(path: Path, *, into: Path | None = None, known: Known | None = None,
                 progress: Progress | None = None) -> Package:  # fmt: skip
    """Reads a package. Never raises for what is in it: `reasons` says all that is wrong.

    `into`: an empty folder; the files are written below it as `content/…` and `libraries/<folder>/…`. `known`: approved
    libraries of the store, which a package need not bring. `progress`: told how many files are done, of how many.
    """
    package = Package()
    try:
        with path.open("rb") as source:
            archive = opened(source)
            package.reasons += archive.reasons
            _read(archive, package, known or {})
            if package.is_valid:
                _look_through(archive, package, into, progress or (lambda done, total: None))
    except Unreadable as error:
        package.reasons.append(error.reason)
    except RecursionError:
        package.reasons.append(Reason("json", "A file of the package is nested too deeply."))
    return package


def _read(archive: Archive, package: Package, known: Known) -> None:
    """What can be said before any file is unpacked but the manifests."""
    said = _json(archive, "h5p.json", package)
    if said is not NOTHING:
        package.manifest, reasons = read_manifest(said)
        package.reasons += reasons
    content = _json(archive, CONTENT_JSON, package)
    if content is not NOTHING:
        _take_content(content, package)
    _look_at_endings(archive, package)
    before = len(package.reasons)
    package.libraries = _libraries(archive, package)
    if (
        package.manifest.main_library and len(package.reasons) == before
    ):  # else one that is wrong would seem to be missing
        _choose(package, content, known)


def _json(archive: Archive, name: str, package: Package) -> Any:
    """What a file says; NOTHING, with a reason, when it cannot be read."""
    if name not in archive.names:
        package.reasons.append(Reason(f"no-{name.split('/')[-1].replace('.', '-')}", f"The package has no {name}. "
                                      "It may be something else than an H5P activity."))  # fmt: skip
        return NOTHING
    try:
        return strict.parse(archive.read(name))
    except strict.Broken as error:
        package.reasons.append(Reason("json", f"{shown(name)} {error}"))
    except Unreadable as error:
        package.reasons.append(error.reason)
    return NOTHING


def _take_content(said: Any, package: Package) -> None:
    if not isinstance(said, dict | list):
        package.reasons.append(Reason("content-json", f"{CONTENT_JSON} must be an object."))
        return
    package.content, reasons = texts.cleaned(said)
    package.reasons += _few(reasons)


def _look_at_endings(archive: Archive, package: Package) -> None:
    wrong = []
    for name in archive.names:
        top, _, rest = name.partition("/")
        if rest and not is_allowed(name, in_library=top != CONTENT):
            where = "an activity’s content" if top == CONTENT else "a library"
            wrong.append(Reason("file-kind", f"“{shown(name)}” is of a kind that {where} may not hold."))
    package.reasons += _few(wrong)


def _few(reasons: list[Reason]) -> list[Reason]:
    """The first of many alike, and how many more there are."""
    if len(reasons) <= limits.SHOWN:
        return reasons
    rest = len(reasons) - limits.SHOWN
    return [*reasons[: limits.SHOWN], Reason(reasons[0].code, f"And {rest} more of this kind.")]


def _libraries(archive: Archive, package: Package) -> list[LibraryFound]:
    files: dict[str, dict[str, int]] = {}
    for name, entry in archive.names.items():
        top, _, rest = name.partition("/")
        if rest and top != CONTENT:
            files.setdefault(top, {})[rest] = entry.file_size
    found: list[LibraryFound] = []
    for folder, inside in sorted(files.items()):
        if "library.json" not in inside:
            package.reasons.append(Reason("no-library-json", f"The folder “{shown(folder)}” has no library.json."))
            continue
        said = _json(archive, f"{folder}/library.json", package)
        if said is NOTHING:
            continue
        described, reasons = read_library(said, folder, inside.__contains__)
        package.reasons += _few(reasons)
        if not reasons:
            found.append(LibraryFound(folder, described, inside))
    for key in sorted({one.key for one in found}):
        if len([one for one in found if one.key == key]) > 1:
            package.reasons.append(Reason("library-twice", f"The package holds {named(key)} twice."))
    return found


def _choose(package: Package, content: Any, known: Known) -> None:
    """Keeps the libraries that the activity runs: those that h5p.json and its texts name, and all that these need.
    Those for the editor stay behind. Names each that is missing."""
    here = {one.key: one for one in package.libraries}
    wanted = [*package.manifest.needs, *(key for key in _named_in(content) if key in here)]
    chosen: dict[Key, str] = {}
    waiting = [(key, "h5p.json") for key in wanted]
    missing: dict[Key, str] = {}
    while waiting:
        key, by = waiting.pop(0)
        if key in chosen or key in missing:
            continue
        if key in here:
            chosen[key] = by
            described = here[key].described
            waiting += [(one, named(key)) for one in (*described.dependencies, *described.dynamic)]
        elif key in known:
            chosen[key] = by
            package.from_store.append(key)
            waiting += [(one, named(key)) for one in known[key]]
        else:
            missing[key] = by
    package.libraries = [one for one in package.libraries if one.key in chosen]
    if missing:
        package.reasons.append(_missing(missing, has_any=bool(here)))
    else:
        _look_at_main(package, here)


def _missing(missing: Mapping[Key, str], *, has_any: bool) -> Reason:
    names = [f"{named(key)} (needed by {by})" if has_any else named(key) for key, by in sorted(missing.items())]
    listed = ", ".join(names[:40]) + (f" and {len(names) - 40} more" if names[40:] else "")
    if not has_any:
        return Reason("libraries-left-out", f"The package leaves out its libraries: {listed}. “Reuse” on many sites "
                      "gives such a file. Use “Download as .h5p” in the editor, or send a package that has "
                      "them.")  # fmt: skip
    return Reason("dependency-missing", f"The package needs libraries that are not in it: {listed}. Export it again "
                  "with all of its libraries.")  # fmt: skip


def _look_at_main(package: Package, here: Mapping[Key, LibraryFound]) -> None:
    main = package.main
    if main is not None and main in here and not here[main].described.runnable:
        package.reasons.append(Reason("main-not-runnable", f"{named(main)} cannot be an activity by itself: its "
                                      "library.json does not say “runnable”: 1."))  # fmt: skip


def _named_in(content: Any) -> list[Key]:
    """The libraries that content names for its parts ("library": "H5P.Image 1.1")."""
    found: list[Key] = []
    if content is NOTHING:
        return found
    for path, value in strict.walk(content):
        if path.endswith("library") and isinstance(value, str) and (match := NAMED.fullmatch(value)):
            key = key_of({"machineName": match[1], "majorVersion": match[2], "minorVersion": match[3]})
            found += [key] if key else []
    return list(dict.fromkeys(found))


def _look_through(archive: Archive, package: Package, into: Path | None, progress: Progress) -> None:
    """Every file that is kept, byte by byte: what it is hashed to, and written to."""
    of_content = [name for name in archive.names if name.startswith(f"{CONTENT}/")]
    total = len(of_content) + sum(len(one.files) for one in package.libraries)
    done = 0
    for one in package.libraries:
        digests = {}
        for path in one.files:
            copy = into / "libraries" / one.folder / path if into else None
            digests[path] = archive.digest(f"{one.folder}/{path}", copy)
            done += 1
            progress(done, total)
        one.tree_hash = hash_of(digests)
    for name in of_content:
        path = name.removeprefix(f"{CONTENT}/")
        package.digests[path] = archive.digest(name, into / name if into else None)
        package.files[path] = archive.names[name].file_size
        done += 1
        progress(done, total)
    _write_content(package, into)


def _write_content(package: Package, into: Path | None) -> None:
    """content.json is kept with its texts made safe; the original stays in the package, which is kept too."""
    made = json.dumps(package.content, ensure_ascii=False, separators=(",", ":")).encode()
    package.files["content.json"] = len(made)
    package.digests["content.json"] = hashlib.sha256(made).hexdigest()
    if into:
        (into / CONTENT_JSON).write_bytes(made)


def hash_of(digests: Mapping[str, str]) -> str:
    """The hash of a tree of files: of their paths and the hashes of their bytes, in whatever order they came."""
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
