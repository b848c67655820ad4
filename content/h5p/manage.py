"""Activities after their upload: named, described for those who cannot play them, deleted."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.html import strip_tags

from content.models import H5PActivity
from content.sanitiser import sanitise
from lms.accounts.api import User
from lms.audit.api import Action, digest, record
from lms.common.errors import Refused

from . import usage
from .keeping import stream_of_owner
from .people import may_upload


def describe(activity: H5PActivity, *, title: str, text_alternative: str, by: User, at: datetime) -> H5PActivity:
    """Writes an activity's title, and what stands for its newest version without JavaScript; an earlier version with
    the same words gets the new ones too. Raises Refused when either is empty: a page shows nothing without them."""
    text = sanitise(text_alternative).strip()
    if not title.strip():
        raise Refused("h5p-title", "Give the activity a title.")
    if not strip_tags(text).strip():
        raise Refused("h5p-text", "Write a text alternative. Readers without JavaScript or a signal get it instead.")
    with transaction.atomic():
        row = _locked(activity, by)
        newest = row.versions.order_by("-number").first()
        row.title = title.strip()[:255]
        row.save(update_fields=["title"])
        if newest is not None:
            row.versions.filter(text_alternative=newest.text_alternative).update(text_alternative=text)
        _record(row, Action.H5P_DESCRIBED, by, at, {"words": digest(f"{row.title}\n{text}", salt="h5p")})
    return row


def retire(activity: H5PActivity, *, by: User, at: datetime) -> None:
    """Deletes an activity that no page shows: it is not offered any more, and its files go after a while. Raises
    Refused with where it is used."""
    with transaction.atomic():
        row = _locked(activity, by)
        if row.retired_at is not None:
            return
        if why := refusal(row):
            raise Refused("in-use", why)
        row.retired_at = at
        row.save(update_fields=["retired_at"])
        _record(row, Action.H5P_RETIRED, by, at, {})


def refusal(activity: H5PActivity) -> str:
    """Why an activity cannot be deleted, in words; "" when it is used nowhere."""
    titles = [one.title for one in usage.places(activity)]
    if not titles:
        return ""
    shown = ", ".join(f"“{title}”" for title in titles[:3]) + (f" and {len(titles) - 3} more" if titles[3:] else "")
    return f"“{activity}” is used in {shown}. Take it out of there first."


def _locked(activity: H5PActivity, by: User) -> H5PActivity:
    row = H5PActivity.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=activity.pk)
    if not may_upload(by, row.organisation):
        raise PermissionDenied("Only authors of its organisation change an activity.")
    return row


def _record(row: H5PActivity, action: Action, by: User, at: datetime, changes: dict[str, str]) -> None:
    record(stream_of_owner(row.organisation_id), action, by=by, role="author", subject=f"h5p_activity:{row.pk}", at=at,
           changes=changes)  # fmt: skip
