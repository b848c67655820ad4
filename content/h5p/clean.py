"""Each night: what no activity needs any more leaves the store. Never what any content uses.

What was decided about a library stays written after its files have gone: when the same bytes come again, the decision
holds.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.deletion import ProtectedError, RestrictedError

from content.models import H5PActivity, H5PLibrary, H5PUpload, H5PVersion
from lms.common.housekeeping import each_night

from . import usage
from .store import BUNDLES, CONTENTS, ENDING, INCOMING, LIBRARIES, ORIGINALS, changed_at, held, names, remove

log = logging.getLogger("senco.h5p")
KEPT = timedelta(days=30)  # what nobody uses, in case somebody does again
ON_ITS_WAY = timedelta(days=1)  # trees without a row may belong to one that is about to be written
UPLOADS_KEPT = timedelta(days=90)


@each_night
def clean(at: datetime) -> None:
    """Removes deleted activities, replaced versions that no result rests on, libraries and files that none uses."""
    with held():
        _uploads(at)
        _activities(at)
        _versions(at)
        _libraries(at)
        _files(at)


def _uploads(at: datetime) -> None:
    """Forgets uploads of long ago. One that was never finished in a week never will be."""
    H5PUpload.objects.filter(at__lt=at - UPLOADS_KEPT).delete()
    stuck = Q(state=H5PUpload.State.WAITING) | Q(state=H5PUpload.State.CHECKING)
    H5PUpload.objects.filter(stuck, at__lt=at - timedelta(days=7)).update(
        state=H5PUpload.State.REFUSED, step="",
        reasons=[{"code": "stale", "message": "The package was never checked to its end. Send it again."}],
    )  # fmt: skip


def _activities(at: datetime) -> None:
    gone = list(H5PActivity.objects.filter(retired_at__lt=at - KEPT).order_by("pk"))
    for activity in gone:
        if usage.places(activity):
            continue
        try:
            with transaction.atomic():
                H5PActivity.objects.filter(pk=activity.pk).update(current=None)
                activity.delete()
        except (ProtectedError, RestrictedError, IntegrityError):  # a learner's result rests on it
            log.info("Activity %s is kept: something rests on it", activity.pk)


def _versions(at: datetime) -> None:
    """Versions that a newer one has taken the place of, unless something rests on them."""
    replaced = H5PVersion.objects.filter(
        created_at__lt=at - KEPT, activity__current__number__gt=F("number"), activity__current__created_at__lt=at - KEPT
    )
    for version in replaced.order_by("pk"):
        try:
            with transaction.atomic():
                version.delete()
        except (ProtectedError, RestrictedError, IntegrityError):
            log.info("Version %s is kept: something rests on it", version.pk)


def _libraries(at: datetime) -> None:
    """Libraries that were never decided on and that nothing needs."""
    waiting = H5PLibrary.objects.filter(state=H5PLibrary.State.WAITING, asked_at__lt=at - KEPT, pins__isnull=True)
    for library in waiting.order_by("pk"):
        library.delete()


def _files(at: datetime) -> None:
    recent = Q(asked_at__gte=at - KEPT) | Q(decided_at__gte=at - KEPT)
    libraries = H5PLibrary.objects.filter(Q(pins__isnull=False) | recent)
    versions = H5PVersion.objects.all()
    contents = set(versions.values_list("content_hash", flat=True))
    uploads = H5PUpload.objects.filter(state__in=(H5PUpload.State.WAITING, H5PUpload.State.CHECKING))
    _keep_only(LIBRARIES, set(libraries.values_list("tree_hash", flat=True)), at)
    _keep_only(CONTENTS, contents, at)
    _keep_only(BUNDLES, contents, at)
    _keep_only(ORIGINALS, {f"{one}{ENDING}" for one in versions.values_list("sha256", flat=True)}, at)
    _keep_only(INCOMING, {one.hex for one in uploads.values_list("ref", flat=True)}, at)


def _keep_only(kind: str, needed: Iterable[str], at: datetime) -> None:
    """Removes what is needed by nothing. What is made of a content bears its hash, then a dot."""
    needed = set(needed)
    for name in names(kind):
        stem = name.partition(".")[0] if kind == BUNDLES else name
        if stem not in needed and changed_at(kind, name, UTC) < at - ON_ITS_WAY:
            remove(kind, name)
