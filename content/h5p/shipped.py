"""Activities that come with the product: stored as an upload would be, with libraries that the product approves.

Loading them again changes nothing while their bytes are the same, and puts back files that the store has lost.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.core.files.base import ContentFile
from django.db import transaction

from content.models import H5PActivity, H5PLibrary, H5PUpload, H5PVersion
from lms.common.errors import Refused

from . import store
from .approve import approve_ours
from .keeping import keep
from .package import Package, read_package


def ref_of(name: str) -> UUID:
    """The reference of the product's activity of a name: the same in every installation."""
    return uuid5(NAMESPACE_URL, f"senco-pathway:activities/{name}")


def ship(name: str, data: bytes, *, title: str, text_alternative: str, at: datetime) -> bool:
    """Stores the product's activity of a name, or its next version; whether anything had to be written. Its title and
    text alternative are the product's own: they are what is given here. Raises Refused when the package is not sound,
    or needs a library of ours that somebody refused: what was stored before stays."""
    digest = hashlib.sha256(data).hexdigest()
    activity = H5PActivity.objects.filter(ref=ref_of(name)).first()
    newest = activity.versions.order_by("-number").first() if activity else None
    is_new = newest is None or newest.sha256 != digest
    if is_new:
        activity = _take_in(name, data, digest, title, at)
    elif not _is_whole(newest):
        _put_back(data)
    assert activity is not None
    return _described(activity, title, text_alternative) or is_new


def _described(activity: H5PActivity, title: str, text_alternative: str) -> bool:
    newest = activity.versions.order_by("-number").first()
    assert newest is not None
    if (activity.title, newest.text_alternative) == (title, text_alternative):
        return False
    H5PActivity.objects.filter(pk=activity.pk).update(title=title)
    H5PVersion.objects.filter(pk=newest.pk).update(text_alternative=text_alternative)
    return True


def _take_in(name: str, data: bytes, digest: str, title: str, at: datetime) -> H5PActivity:
    """The way of an upload, without a job and without somebody who waits for it."""
    ref = uuid4()
    store.receive(ref, ContentFile(data))
    try:
        package, folder = _read(ref)
        with transaction.atomic():
            activity, _ = H5PActivity.objects.get_or_create(
                ref=ref_of(name), defaults={"title": title, "created_at": at}
            )
            upload = H5PUpload.objects.create(
                ref=ref, name=f"{name}{store.ENDING}", size=len(data), sha256=digest, activity=activity, at=at,
                purpose="Comes with the product.",
            )  # fmt: skip
            keep(upload.pk, package, folder, at=at, is_ours=True)
            upload.refresh_from_db()
            if upload.state != H5PUpload.State.STORED:
                raise Refused("h5p-shipped", f"{name}: {_first(upload.reasons)}")
            approve_ours(H5PLibrary.objects.filter(pins__version=upload.version), at=at)
    finally:
        store.forget(ref)
    return activity


def _read(ref: UUID) -> tuple[Package, Path]:
    folder = store.emptied(ref)
    package = read_package(store.incoming(ref) / store.PACKAGE, into=folder)
    if not package.is_valid:
        raise Refused("h5p-shipped", package.reasons[0].message)
    return package, folder


def _first(reasons: list[dict[str, str]]) -> str:
    return reasons[0]["message"] if reasons else "it could not be stored."


def _is_whole(version: H5PVersion | None) -> bool:
    """All of its files are in the store."""
    assert version is not None
    trees = version.libraries.values_list("tree_hash", flat=True)
    return store.has(store.CONTENTS, version.content_hash) and all(store.has(store.LIBRARIES, one) for one in trees)


def _put_back(data: bytes) -> None:
    """Files that the store has lost, as after its folder was emptied: the same bytes under the same names."""
    ref = uuid4()
    store.receive(ref, ContentFile(data))
    try:
        package, folder = _read(ref)
        digest = hashlib.sha256(data).hexdigest()
        version = H5PVersion.objects.filter(sha256=digest).order_by("-pk").first()
        assert version is not None
        with store.held():
            for one in package.libraries:
                store.place(folder / "libraries" / one.folder, store.LIBRARIES, one.tree_hash)
            store.place(folder / "content", store.CONTENTS, version.content_hash)
            store.keep_original(ref, digest)
    finally:
        store.forget(ref)
