"""A package is taken in: received, looked through in a job, stored with its libraries; or refused, with its reasons.

Nothing is half stored. A package is unpacked into a folder of its own; then, with one lock held, its trees are renamed
into place and its rows are written in one transaction. A killed worker leaves that folder, which the next attempt
empties, or whole trees that no row names, which the next attempt uses or the night clears.
"""

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from content.models import H5PActivity, H5PLibrary, H5PUpload
from lms.accounts.api import Organisation, User
from lms.audit.api import Action
from lms.common.errors import Refused
from lms.common.jobs import TryLater, enqueue, job
from lms.common.scanner import ScannerAway, Verdict, scan

from . import limits, store
from .archive import Reason, shown
from .keeping import audit, keep, refuse
from .package import read_package
from .people import may_upload
from .rules import Key

INTAKE = "content.h5p_intake"
SCANNER_SECONDS = 30
TOLD_EVERY = 0.5  # seconds between two writes of how far it is
State = H5PUpload.State
FAULT = Reason("fault", "Something went wrong while the package was checked. Send it again.")
LOST = Reason("lost", "The package was lost before it could be checked. Send it again.")
VIRUS = Reason("virus", "The virus scanner found something in the package.")
NOT_SCANNED = Reason(
    "scan-too-large", "The package is too large for the virus scanner. Use smaller pictures and films."
)


def begin(file: Any, *, title: str = "", purpose: str = "", activity: H5PActivity | None = None,
          organisation: Organisation | None, by: User, at: datetime) -> H5PUpload:  # fmt: skip
    """Takes a package into quarantine and has it checked in a job. `file`: as Django hands it over. `activity`: the one
    whose new version it is; `organisation`: whose activity it becomes (None: the product's own); `purpose`: what its
    libraries are needed for, which whoever approves them reads.

    Raises Refused for one that is empty, too large or not called “….h5p”; PermissionDenied for anybody but an author
    of the organisation.
    """
    if not may_upload(by, organisation) or (activity and activity.organisation_id != getattr(organisation, "pk", None)):
        raise PermissionDenied("Only authors of the organisation upload activities.")
    name = shown(Path(file.name or "").name)[:160]
    if not name.lower().endswith(store.ENDING):
        raise Refused("h5p-name", "Choose a file that ends in “.h5p”.")
    if not file.size:
        raise Refused("h5p-empty", f"“{name}” is empty. Export it again.")
    if file.size > limits.PACKAGE_BYTES:
        most = limits.PACKAGE_BYTES // limits.MEGABYTE
        raise Refused("h5p-too-large", f"“{name}” is larger than {most} MB. Use smaller pictures and films.")
    ref = uuid4()
    store.receive(ref, file)
    with transaction.atomic():
        upload = H5PUpload.objects.create(
            ref=ref, name=name, size=file.size, sha256=_digest(store.incoming(ref) / store.PACKAGE), title=title,
            purpose=purpose, activity=activity, organisation=organisation, by=by, at=at, step="Waiting to be checked",
        )  # fmt: skip
        audit(upload, Action.H5P_UPLOADED, by=by, at=at, changes={"sha256": upload.sha256, "size": upload.size})
        enqueue(INTAKE, at=at, key=f"h5p-intake-{upload.pk}", upload_id=upload.pk)
    return upload


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def give_up(upload_id: int) -> None:
    """The check itself failed at every attempt: the author is told, and can send the package again."""
    refuse(upload_id, [FAULT], at=timezone.now())


@job(INTAKE, on_failure=give_up)
def intake(upload_id: int) -> None:
    """Takes in an upload in a job. Harmless to run again: what is over is left alone."""
    take_in(upload_id, at=None)


def take_in(upload_id: int, *, at: datetime | None) -> None:
    """Checks an upload in this process and stores or refuses it; `at` None: now. Raises TryLater while the virus
    scanner is away."""
    upload = H5PUpload.objects.select_related("by", "organisation").filter(pk=upload_id).first()
    if upload is None or upload.is_over:
        return
    path = store.incoming(upload.ref) / store.PACKAGE
    if not path.is_file():
        refuse(upload_id, [LOST], at=at or timezone.now())
        return
    told = Told(upload)
    told.step("Being checked for viruses")
    if reason := _scanned(path):
        refuse(upload_id, [reason], at=at or timezone.now())
        return
    told.step("Files are being looked through")
    folder = store.emptied(upload.ref)
    package = read_package(path, into=folder, known=known_libraries(), progress=told)
    if not package.is_valid:
        refuse(upload_id, package.reasons, at=at or timezone.now())
        return
    told.step("Being stored")
    keep(upload_id, package, folder, at=at or timezone.now())


def _scanned(path: Path) -> Reason | None:
    try:
        verdict = scan(path)
    except ScannerAway as away:
        raise TryLater(SCANNER_SECONDS) from away
    return {Verdict.FOUND: VIRUS, Verdict.TOO_LARGE: NOT_SCANNED}.get(verdict)


class Told:
    """Writes how far an upload is, so that its author sees it: now and then, not at each of 1,800 files."""

    def __init__(self, upload: H5PUpload) -> None:
        self.row = H5PUpload.objects.filter(pk=upload.pk, state__in=(State.WAITING, State.CHECKING))
        self.last = 0.0

    def step(self, words: str) -> None:
        """What is being done now."""
        self.row.update(state=State.CHECKING, step=words)

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - self.last >= TOLD_EVERY:
            self.last = now
            self.row.update(done=done, total=total)


def known_libraries() -> Mapping[Key, list[Key]]:
    """What each approved library in the store needs, by name and version; the newest patch of each."""
    found: dict[Key, list[Key]] = {}
    for row in approved().order_by("patch", "decided_at", "pk"):
        if store.has(store.LIBRARIES, row.tree_hash):
            found[row.key] = [(name, major, minor) for name, major, minor in row.dependencies]
    return found


def approved() -> Any:
    """Approved libraries, without the long lists of their files."""
    return H5PLibrary.objects.filter(state=H5PLibrary.State.APPROVED).defer("files", "meta")
