"""Activities that are ready to be shown, made of the files of their libraries without a package."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from content.blocks import BodyBlock
from content.h5p.ordering import load_order
from content.models import H5PActivity, H5PLibrary, H5PPin, H5PVersion
from courses.pages.models import LessonPage

from .h5p import Files, library

ALTERNATIVE = "<p>Watch a child at snack, and write down what you see.</p>"


def _keep(key: str, content: bytes | str) -> None:
    store = storages["h5p"]
    if not store.exists(key):
        store.save(key, ContentFile(content.encode() if isinstance(content, str) else content))


def keep_library(files: Files, state: str = "approved") -> H5PLibrary:
    """A library of its files (`tests.factories.h5p.library`), stored and approved."""
    folder = next(iter(files)).split("/")[0]
    files = {path.removeprefix(f"{folder}/"): content for path, content in files.items()}
    said = json.loads(files["library.json"])
    tree = hashlib.sha256(json.dumps({k: str(v) for k, v in sorted(files.items())}).encode()).hexdigest()
    for path, content in files.items():
        _keep(f"libraries/{tree}/{path}", content)
    now = timezone.now()
    return H5PLibrary.objects.get_or_create(
        machine_name=said["machineName"], major=said["majorVersion"], minor=said["minorVersion"],
        patch=said["patchVersion"], tree_hash=tree,
        defaults={
            "title": said["title"], "runnable": bool(said["runnable"]), "state": state, "asked_at": now,
            "decided_at": now, "preloaded_js": [one["path"] for one in said.get("preloadedJs", [])],
            "preloaded_css": [one["path"] for one in said.get("preloadedCss", [])],
            "dependencies": [[one["machineName"], one["majorVersion"], one["minorVersion"]]
                             for one in said.get("preloadedDependencies", [])],
            "files": {path: len(content) for path, content in files.items()},
        },
    )[0]  # fmt: skip


def keep_activity(libraries: Iterable[Files] = (), *, content: Any = None, files: Mapping[str, bytes | str] = {},
                  title: str = "A small activity", organisation: Any = None, activity: H5PActivity | None = None,
                  alternative: str = ALTERNATIVE) -> H5PActivity:  # fmt: skip
    """An activity whose main library is the first, ready to be shown; with `activity`, its next version."""
    kept = [keep_library(one) for one in list(libraries) or [library("H5P.Widget 1.0")]]
    by_key = {one.key: one for one in kept}
    order = load_order(kept[0].key, {one.key: [tuple(need) for need in one.dependencies] for one in kept})
    text = json.dumps({"label": "Press here"} if content is None else content)
    digest = hashlib.sha256(f"{text}{[by_key[key].tree_hash for key in order]}{sorted(files)}".encode()).hexdigest()
    for path, data in {"content.json": text, **files}.items():
        _keep(f"contents/{digest}/{path}", data)
    now = timezone.now()
    activity = activity or H5PActivity.objects.create(title=title, organisation=organisation, created_at=now)
    version = H5PVersion.objects.create(
        activity=activity, number=activity.versions.count() + 1, main_library=kept[0], content_hash=digest, title=title,
        language="en", original=f"originals/{uuid4().hex}", sha256=digest, size=len(text), created_at=now,
        text_alternative=alternative,
    )  # fmt: skip
    H5PPin.objects.bulk_create(
        H5PPin(version=version, library=by_key[key], position=place, is_main=key == kept[0].key)
        for place, key in enumerate(order)
    )
    version.state = H5PVersion.State.READY
    version.save()
    activity.current = version
    activity.save()
    return activity


def block_with(activity: H5PActivity, *, counts: str = "completed", mark: int | None = None, key: str = "") -> Any:
    """A body's block that shows an activity."""
    name = f"{activity.ref}/{counts}/{key}"
    return {"type": "h5p", "value": {"activity": activity.pk, "counts": counts, "mark": mark},
            "id": str(uuid5(NAMESPACE_URL, name))}  # fmt: skip


def make_activity_lesson(*shown: Any, lesson: LessonPage | None = None) -> LessonPage:
    """Publishes the first lesson of the course (or another one) with a paragraph and these blocks."""
    page = lesson or LessonPage.objects.filter(kind="lesson").order_by("path").first()
    text = {"type": "text", "value": "<h2>What to do</h2><p>Try it.</p>", "id": str(uuid4())}
    page.body = BodyBlock().to_python([text, *shown])
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)
