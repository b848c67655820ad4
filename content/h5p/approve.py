"""Libraries are approved or refused, by whoever has that right alone: they run in every reader's browser."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from content.models import H5PLibrary, H5PVersion
from lms.accounts.api import User
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

from .people import may_approve, tell_uploader
from .settle import settle

State = H5PLibrary.State


def approve(libraries: Iterable[H5PLibrary], *, accessibility: str = "", note: str = "", by: User,
            at: datetime) -> list[H5PVersion]:  # fmt: skip
    """Lets libraries run. `accessibility`: known failures, which authors are shown when they choose an activity.
    Versions whose libraries are all approved become ready, and their uploaders are told. Returns those versions. Raises
    Refused when a library's files are not in the store any more."""
    return _decide(libraries, State.APPROVED, accessibility=accessibility, note=note, by=by, at=at)


def approve_ours(libraries: Iterable[H5PLibrary], *, at: datetime) -> None:
    """Approves libraries that come with the product, by their very bytes. One that somebody refused stays refused."""
    waiting = [one for one in libraries if one.state == State.WAITING]
    if waiting:
        _decide(waiting, State.APPROVED, accessibility="", note="Comes with the product.", by=None, at=at)


def refuse(libraries: Iterable[H5PLibrary], *, note: str, by: User, at: datetime) -> list[H5PVersion]:
    """Does not let libraries run, or any more. `note`: why, which uploaders read. Versions that need one are refused;
    pages show their text alternative. Returns those versions."""
    if not note.strip():
        raise Refused("h5p-note", "Say why. Whoever uploaded the activity reads it.")
    return _decide(libraries, State.REFUSED, accessibility=None, note=note, by=by, at=at)


def describe(library: H5PLibrary, *, accessibility: str, by: User, at: datetime) -> None:
    """Writes down known accessibility failures of a library that was decided on earlier."""
    _may(by)
    with transaction.atomic():
        row = H5PLibrary.objects.select_for_update().get(pk=library.pk)
        if row.accessibility == accessibility.strip():
            return
        row.accessibility = accessibility.strip()
        row.save(update_fields=["accessibility"])
        _record(row, Action.H5P_LIBRARY_DESCRIBED, by, at)


def _may(by: User) -> None:
    if not may_approve(by):
        raise PermissionDenied("Only people with the right to approve H5P libraries decide on them.")


def _decide(libraries: Iterable[H5PLibrary], state: str, *, accessibility: str | None, note: str, by: User | None,
            at: datetime) -> list[H5PVersion]:  # fmt: skip
    """`by` None: the product itself."""
    if by is not None:
        _may(by)
    ids = [one.pk for one in libraries]
    if not ids:
        raise Refused("h5p-none", "Choose at least one library.")
    with transaction.atomic():
        rows = list(H5PLibrary.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        # Locked before their libraries' states are read: of two approvals at once, the second sees the first.
        pinned = H5PVersion.objects.filter(pins__library__in=rows).values("pk")
        versions = list(H5PVersion.objects.select_for_update(of=("self",)).filter(pk__in=pinned).order_by("pk"))
        if state == State.REFUSED:  # nothing that is ready may run what is refused, not for a moment
            H5PVersion.objects.filter(pk__in=[one.pk for one in versions], state=H5PVersion.State.READY).update(
                state=H5PVersion.State.REFUSED
            )
        for row in rows:
            row.state, row.decided_by, row.decided_at, row.decision_note = state, by, at, note.strip()
            if accessibility is not None:
                row.accessibility = accessibility.strip()
            row.save(update_fields=["state", "decided_by", "decided_at", "decision_note", "accessibility"])
        changed = settle(versions)
        for row in rows:
            action = Action.H5P_LIBRARY_APPROVED if state == State.APPROVED else Action.H5P_LIBRARY_REFUSED
            _record(row, action, by, at)
        _tell(changed, rows, at)
    return changed


def _record(row: H5PLibrary, action: Action, by: User | None, at: datetime) -> None:
    record(
        stream_of("h5p", 0), action, by=by, role="approver" if by else "system", subject=f"h5p_library:{row.pk}", at=at,
        changes={"library": row.name, "tree_hash": row.tree_hash},
    )  # fmt: skip


def _tell(versions: Sequence[H5PVersion], rows: Sequence[H5PLibrary], at: datetime) -> None:
    """Tells each version's uploader what follows for it."""
    for version in versions:
        title = version.activity.title[:80]
        if version.state == H5PVersion.State.READY:
            said = f"The libraries of “{title}” are approved."
        elif version.state == H5PVersion.State.REFUSED:
            said = f"“{title}” cannot be used: a library that it needs was refused."
        else:
            continue
        tell_uploader(version.created_by, said, url=activity_url(version.activity_id), at=at)


def activity_url(pk: int) -> str:
    """Where an author sees an activity."""
    return reverse("wagtailsnippets_content_h5pactivity:edit", args=[pk])
