"""What the page in the frame tells H5P's core: where its files are, what it plays, and nothing about the learner."""

from typing import Any

from django.core.files.storage import storages

from content.models import H5PVersion

from .words import WORDS

CONTENT_ID = "1"  # one frame plays one content
SAVE_EVERY = 10  # seconds; without it core neither keeps nor restores a learner's place


def integration_of(version: H5PVersion, *, files: str, libraries: str, about: str) -> dict[str, Any]:
    """The `H5PIntegration` object of a version. `files`, `libraries`: where its content's files and its libraries' are,
    with their origin; `about`: the address by which its statements name it. Two queries."""
    pins = [pin.library for pin in version.pins.select_related("library").order_by("position")]
    main = version.main_library
    with storages["h5p"].open(f"contents/{version.content_hash}/content.json") as file:
        content = bytes(file.read()).decode("utf-8-sig")
    return {
        "url": files, "siteUrl": about, "postUserStatistics": False, "ajax": {}, "saveFreq": SAVE_EVERY,
        "l10n": {"H5P": WORDS}, "crossorigin": "anonymous", "fullscreenDisabled": 1, "hubIsEnabled": False,
        "urlLibraries": libraries, "libraryDirectories": folders(pins), "libraryConfig": {}, "loadedJs": [],
        "loadedCss": [], "core": {"styles": [], "scripts": []},
        "contents": {
            f"cid-{CONTENT_ID}": {
                "library": f"{main.machine_name} {main.major}.{main.minor}", "jsonContent": content, "fullScreen": "0",
                "exportUrl": "", "embedCode": "", "resizeCode": "", "title": version.title, "url": about,
                "contentUrl": files, "metadata": _metadata(version), "styles": [], "scripts": [],
                "displayOptions": dict.fromkeys(("frame", "export", "embed", "copyright", "icon", "copy"), False),
            }
        },
    }  # fmt: skip


def folders(libraries: list[Any]) -> dict[str, str]:
    """The folder of each library under the name by which a script asks for it: "H5P.Blanks-1.14" and
    "H5P.Blanks-1.14.6"."""
    found: dict[str, str] = {}
    for one in libraries:
        found[f"{one.machine_name}-{one.major}.{one.minor}"] = one.tree_hash
        found[f"{one.machine_name}-{one.major}.{one.minor}.{one.patch}"] = one.tree_hash
    return found


def _metadata(version: H5PVersion) -> dict[str, Any]:
    return {"title": version.title, "defaultLanguage": version.language, "license": "U"}
