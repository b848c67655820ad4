"""How an upload ends: refused with its reasons, or stored with its rows, in one transaction."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse

from content.models import H5PActivity, H5PLibrary, H5PPin, H5PUpload, H5PVersion
from lms.accounts.api import User
from lms.audit.api import Action, record, stream_of

from . import store
from .archive import Reason
from .ordering import load_order
from .package import LibraryFound, Package, hash_of
from .people import tell_approvers, tell_uploader
from .rules import Key, named
from .settle import settled

ROOT: Key = ("", 0, 0)
State = H5PUpload.State
Libraries = dict[Key, H5PLibrary]


def audit(upload: H5PUpload, action: Action, *, by: User | None, at: datetime, changes: dict[str, Any]) -> None:
    """Records what happened to an upload, in its organisation's stream; the product's own in one of its own."""
    record(
        stream_of_owner(upload.organisation_id), action, by=by, role="author" if by else "system",
        subject=f"h5p_upload:{upload.pk}", at=at, changes=changes,
    )  # fmt: skip


def stream_of_owner(organisation: int | None) -> str:
    """The audit stream of what an organisation owns, or the product (0)."""
    return stream_of("organisation", organisation) if organisation else stream_of("h5p", 0)


def upload_url(upload: H5PUpload) -> str:
    """Where its author sees how it goes."""
    return reverse("h5p_admin:upload", args=[upload.ref])


def refuse(upload_id: int, reasons: list[Reason], *, at: datetime) -> None:
    """Writes why an upload is not taken, tells its author, and destroys what was sent."""
    with transaction.atomic():
        upload = _locked(upload_id)
        if not upload.is_over:
            _refuse(upload, reasons, at)


def _locked(upload_id: int) -> H5PUpload:
    rows = H5PUpload.objects.select_for_update(of=("self",)).select_related("by", "organisation", "activity")
    return rows.get(pk=upload_id)


def _refuse(upload: H5PUpload, reasons: list[Reason], at: datetime) -> None:
    upload.state, upload.step = State.REFUSED, ""
    upload.reasons = [{"code": one.code, "message": one.message} for one in reasons]
    upload.save(update_fields=["state", "step", "reasons"])
    audit(upload, Action.H5P_REFUSED, by=None, at=at, changes={"codes": sorted({one.code for one in reasons})})
    tell_uploader(upload.by, f"“{upload.name[:80]}” could not be taken. Read why, and send it again.",
                  url=upload_url(upload), at=at)  # fmt: skip
    transaction.on_commit(lambda: store.forget(upload.ref), robust=True)


def keep(upload_id: int, package: Package, folder: Path, *, at: datetime, is_ours: bool = False) -> None:
    """Stores a sound package that is unpacked in `folder`: libraries by their bytes, content by its hash, and the
    version that binds them. A package that needs a library which was refused is refused. `is_ours`: it comes with the
    product, which approves what it brings itself: nobody is asked to."""
    with store.held(), transaction.atomic():
        upload = _locked(upload_id)
        if upload.is_over:
            return
        there = _there(package)
        if refused := [row for row in there.values() if row.state == H5PLibrary.State.REFUSED]:
            _refuse(upload, [_refusal(row) for row in refused], at)
            return
        new = {one.key: _new(one, upload, at) for one in package.libraries if one.key not in there}
        version = _version(package, there | new, upload, at)
        _place(package, folder, upload, version)
        _finish(upload, version, at)
        if not is_ours:
            tell_approvers(new.values(), at=at)


def _there(package: Package) -> Libraries:
    """The rows of the package's libraries that exist already, by the very bytes; for those that it does not bring, the
    newest approved one. Locked, so that none is decided on meanwhile."""
    rows: Libraries = {}
    by_bytes = {one.tree_hash: one for one in package.libraries}
    for row in H5PLibrary.objects.filter(tree_hash__in=by_bytes):
        found = by_bytes[row.tree_hash]
        if (row.key, row.patch) == (found.key, found.described.patch):
            rows[row.key] = row
    for key in package.from_store:
        rows[key] = next(row for row in H5PLibrary.objects.named(*key) if store.has(store.LIBRARIES, row.tree_hash))
    locked = H5PLibrary.objects.select_for_update().filter(pk__in=[row.pk for row in rows.values()]).order_by("pk")
    return {row.key: row for row in locked}


def _new(found: LibraryFound, upload: H5PUpload, at: datetime) -> H5PLibrary:
    said = found.described
    return H5PLibrary.objects.create(
        machine_name=said.machine_name, major=said.major, minor=said.minor, patch=said.patch,
        tree_hash=found.tree_hash, title=said.title, runnable=said.runnable, preloaded_js=said.preloaded_js,
        preloaded_css=said.preloaded_css, dependencies=[list(key) for key in said.dependencies], meta=said.meta,
        files=found.files, size=found.size, asked_by=upload.by, asked_at=at, asked_for=upload.purpose,
    )  # fmt: skip


def _refusal(row: H5PLibrary) -> Reason:
    why = f", because: {row.decision_note}" if row.decision_note else "."
    return Reason("library-refused", f"The package needs {row.name}, which was refused{why}")


def _order(package: Package, rows: Libraries) -> list[Key]:
    """The order in which the libraries are loaded: each after those that it needs."""
    needs: dict[Key, list[Key]] = {row.key: [(name, major, minor) for name, major, minor in row.dependencies]
                                   for row in rows.values()}  # fmt: skip
    needs[ROOT] = [*package.manifest.needs, *(key for key in rows if key not in package.manifest.needs)]
    return [key for key in load_order(ROOT, needs) if key != ROOT]


def _version(package: Package, rows: Libraries, upload: H5PUpload, at: datetime) -> H5PVersion:
    activity = upload.activity or H5PActivity.objects.create(
        organisation=upload.organisation, title=(upload.title or package.title)[:255], created_by=upload.by,
        created_at=at,
    )  # fmt: skip
    activity = H5PActivity.objects.select_for_update().get(pk=activity.pk)
    before = activity.versions.order_by("-number").first()
    main = package.main
    assert main is not None, "a package without reasons has one"
    order = _order(package, rows)
    version = H5PVersion.objects.create(
        activity=activity, number=before.number + 1 if before else 1, main_library=rows[main],
        content_hash=_content_hash(package, [rows[key] for key in order], main), title=package.title,
        language=package.language, original=f"{store.ORIGINALS}/{upload.sha256}{store.ENDING}", sha256=upload.sha256,
        size=upload.size, text_alternative=before.text_alternative if before else "", created_by=upload.by,
        created_at=at,
    )  # fmt: skip
    H5PPin.objects.bulk_create(
        H5PPin(version=version, library=rows[key], position=number, is_main=key == main)
        for number, key in enumerate(order)
    )
    if settled(row.state for row in rows.values()) == H5PVersion.State.READY:
        version.state = H5PVersion.State.READY
        version.save(update_fields=["state"])
        H5PActivity.objects.filter(pk=activity.pk).update(current=version)
    return version


def _content_hash(package: Package, libraries: list[H5PLibrary], main: Key) -> str:
    """Changes with any byte of the content or of a library, and with nothing else."""
    pinned = {f"libraries/{number}": row.tree_hash for number, row in enumerate(libraries)}
    return hash_of({f"content/{path}": digest for path, digest in package.digests.items()}
                   | pinned | {"main": named(main)})  # fmt: skip


def _place(package: Package, folder: Path, upload: H5PUpload, version: H5PVersion) -> None:
    for one in package.libraries:
        store.place(folder / "libraries" / one.folder, store.LIBRARIES, one.tree_hash)
    store.place(folder / "content", store.CONTENTS, version.content_hash)
    store.keep_original(upload.ref, upload.sha256)


def _finish(upload: H5PUpload, version: H5PVersion, at: datetime) -> None:
    upload.state, upload.step, upload.version, upload.activity = State.STORED, "", version, version.activity
    upload.save(update_fields=["state", "step", "version", "activity"])
    audit(upload, Action.H5P_STORED, by=None, at=at, changes={
        "activity": version.activity_id, "version": version.number, "content_hash": version.content_hash,
        "state": version.state,
    })  # fmt: skip
    if version.state == H5PVersion.State.WAITING:
        told = f"“{upload.name[:80]}” was taken. Its libraries wait for approval."
    else:
        told = f"“{upload.name[:80]}” was taken. Write its text alternative, then you can put it into lessons."
    tell_uploader(upload.by, told, url=upload_url(upload), at=at)
    transaction.on_commit(lambda: store.forget(upload.ref), robust=True)
