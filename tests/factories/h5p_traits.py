"""Packages that each have one trait that the specification allows and that a loader may get wrong. None of their
libraries is ours: the button of the main one appears only when its trait is served."""

from dataclasses import dataclass

from .h5p import SCRIPT, Files, library, package

SAID = "window.order = (window.order || []).concat('%s');\n"
MAIN = "Trait.Main 1.0"


@dataclass(frozen=True)
class Trait:
    """`data`: the package; `seen`: what stands in `window.order` once it has started."""

    data: bytes
    seen: list[str]


def _main(*, needs: tuple[str, ...] = (), js: Files | None = None, name: str = MAIN, **said: object) -> Files:
    machine_name = name.partition(" ")[0]
    namespace = "var Trait = window.Trait = window.Trait || {};"
    own: Files = {"main.js": namespace + SAID % "main" + SCRIPT % {"name": machine_name}}
    return library(name, needs=needs, js={**(js or {}), **own}, css={}, **said)


def _part(name: str, needs: tuple[str, ...] = (), **said: object) -> Files:
    return library(name, needs=needs, js={"part.js": SAID % name.replace("Trait.", "")}, css={}, runnable=0, **said)


def _of(*libraries: Files, seen: list[str], main: str = MAIN, needs: tuple[str, ...] = ()) -> Trait:
    return Trait(package(libraries=libraries, main=main, needs=needs), seen)


def _editor() -> Trait:
    editor = [{"machineName": "TraitEditor.Only", "majorVersion": 1, "minorVersion": 0}]
    absent = [{"machineName": "TraitEditor.Absent", "majorVersion": 9, "minorVersion": 9}]
    return _of(_main(editorDependencies=[*editor, *absent]), _part("TraitEditor.Only 1.0"), seen=["main"])


TRAITS: dict[str, Trait] = {
    "what is needed comes first, whatever the order in the package": _of(
        _main(needs=("Trait.B 1.0",)), _part("Trait.A 1.0"), _part("Trait.B 1.0", ("Trait.A 1.0",)),
        needs=("Trait.B 1.0", "Trait.A 1.0"), seen=["A 1.0", "B 1.0", "main"],
    ),
    "what two libraries need is loaded once": _of(
        _main(needs=("Trait.B 1.0", "Trait.C 1.0")), _part("Trait.B 1.0", ("Trait.A 1.0",)),
        _part("Trait.C 1.0", ("Trait.A 1.0",)), _part("Trait.A 1.0"), seen=["A 1.0", "B 1.0", "C 1.0", "main"],
    ),
    "several scripts run in their order": _of(
        _main(js={"z.js": SAID % "z", "lib/a.js": SAID % "a"}), seen=["z", "a", "main"]
    ),
    "two versions of a library side by side": _of(
        _main(needs=("Trait.A 1.0", "Trait.B 1.0")), _part("Trait.A 1.0"), _part("Trait.A 1.1"),
        _part("Trait.B 1.0", ("Trait.A 1.1",)), seen=["A 1.0", "A 1.1", "B 1.0", "main"],
    ),
    "what only the editor needs is left out, there or not": _editor(),
    "minor version 0, and version 0.0": _of(
        _main(name="Trait.Main 2.0", needs=("Trait.A 0.0",)), _part("Trait.A 0.0"), main="Trait.Main 2.0",
        seen=["A 0.0", "main"],
    ),
    "a library with styles and no script": _of(
        _main(needs=("Trait.Look 1.0",)),
        library("Trait.Look 1.0", js={}, css={"look.css": ".h5p-container { color: rgb(1, 2, 3); }"}, runnable=0),
        seen=["main"],
    ),
    "folders named without a version": _of(
        _main(needs=("Trait.A 1.0",), folder="Trait.Main"), _part("Trait.A 1.0", folder="Trait.A"),
        seen=["A 1.0", "main"],
    ),
}  # fmt: skip
