"""Publishing and taking offline at a time that was set in the editor.

Each page goes by itself. What the publish guard refuses is left as it is and told once to who handed it in and to the
publishers; the rest goes on. Pages that were set for the same time and only fit together go together.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision

from lms.accounts.api import Membership, Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.housekeeping import each_minute
from lms.common.jobs import enqueue, job
from lms.notices.api import tell

from .guard import as_one_change
from .models import CoursePage
from .queries import COURSE_PATH

log = logging.getLogger("senco.schedule")
PUBLISH, EXPIRE = "wagtail.publish.scheduled", "wagtail.unpublish.scheduled"


@each_minute
def publish_due(at: datetime) -> None:
    """Publishes what is due, then takes offline what has expired."""
    waiting = list(_due(at))
    refused: dict[int, Refused] = {}
    progress = True
    while waiting and progress:  # what one page needs, another that is due may bring
        refused = {pk: refusal for pk in waiting if (refusal := _publish(pk, at=at)) is not None}
        progress, waiting = len(refused) < len(waiting), list(refused)
    for together in _by_course(waiting):
        if len(together) > 1 and _publish_together(together, at=at):
            for pk in together:
                del refused[pk]
    for pk, refusal in refused.items():
        _leave(pk, refusal, at=at)
    for pk in Page.objects.filter(live=True, expire_at__lt=at).order_by("expire_at").values_list("pk", flat=True):
        _expire(pk, at=at)


def _due(at: datetime) -> Iterable[int]:
    rows = Revision.page_revisions.filter(approved_go_live_at__lte=at)
    return rows.order_by("approved_go_live_at", "pk").values_list("pk", flat=True)


def _still_due(pk: int, at: datetime) -> Revision | None:
    return Revision.objects.select_for_update().filter(pk=pk, approved_go_live_at__lte=at).first()


def _publish(pk: int, *, at: datetime) -> Refused | None:
    """Publishes one revision, unless somebody has already; the refusal, when it is refused. What fails otherwise is
    logged and tried again in a minute: it keeps no other page waiting."""
    try:
        with transaction.atomic():
            revision = _still_due(pk, at)
            if revision is not None:
                revision.publish(log_action=PUBLISH)
    except Refused as refusal:
        return refusal
    except ValidationError as error:
        return Refused("not-valid", " ".join(error.messages))
    except Exception:  # a fault of ours in one page
        log.exception("Revision %s could not be published", pk)
    return None


def _by_course(revisions: list[int]) -> list[list[int]]:
    pages = {pk: int(page) for pk, page in Revision.objects.filter(pk__in=revisions).values_list("pk", "object_id")}
    paths = dict(Page.objects.filter(pk__in=pages.values()).values_list("pk", "path"))
    found = defaultdict(list)
    for pk in revisions:
        found[paths[pages[pk]][:COURSE_PATH]].append(pk)
    return list(found.values())


def _publish_together(revisions: list[int], *, at: datetime) -> bool:
    """All of these, of one course, or none."""
    path = Page.objects.get(pk=int(Revision.objects.get(pk=revisions[0]).object_id)).path[:COURSE_PATH]
    course = CoursePage.objects.filter(path=path).first()
    if course is None:
        return False
    try:
        with as_one_change(course):
            for pk in revisions:
                revision = _still_due(pk, at)
                if revision is not None:
                    revision.publish(log_action=PUBLISH)
    except (Refused, ValidationError):
        return False
    return True


def _leave(pk: int, refusal: Refused, *, at: datetime) -> None:
    """The schedule is taken back, so that the page can be edited again, and the people concerned are told why."""
    with transaction.atomic():
        revision = _still_due(pk, at)
        if revision is None:
            return
        when = timezone.localtime(revision.approved_go_live_at)
        revision.approved_go_live_at = None
        revision.save(update_fields=["approved_go_live_at"])
        page = Page.objects.get(pk=int(revision.object_id))
        what = f"“{page.draft_title}” was not published on {when:%-d %B at %H:%M}"
        _tell(page, revision.user_id, what, refusal, at=at)


def _expire(pk: int, *, at: datetime) -> None:
    """Takes one page offline. Refused, it stays and is tried again: it goes when another page covers what it covers."""
    try:
        with transaction.atomic():
            page = Page.objects.select_for_update(of=("self",)).filter(pk=pk, live=True, expire_at__lt=at).first()
            if page is not None:
                page.specific.unpublish(set_expired=True, log_action=EXPIRE)
    except Refused as refusal:
        page = Page.objects.select_related("live_revision").get(pk=pk)
        key = f"expiry-refused-{pk}-{int(page.expire_at.timestamp())}"
        enqueue("courses.tell_not_expired", at=at, key=key, page_id=pk, reason=_why(refusal))


@job("courses.tell_not_expired")
def tell_not_expired(page_id: int, reason: str) -> None:
    """Tells that a page stays published although its time has come. Enqueued once for each time set."""
    page = Page.objects.select_related("live_revision").get(pk=page_id)
    author = page.live_revision.user_id if page.live_revision else None
    with transaction.atomic():
        _tell(page, author, f"“{page.title}” was not taken offline", Refused("stays", reason), at=timezone.now())


def _why(refusal: Refused) -> str:
    reasons = reasons_of(refusal)
    more = f" And {len(reasons) - 1} more." if len(reasons) > 1 else ""
    return reasons[0].message[: 120 - len(more)] + more


def _tell(page: Page, author: int | None, what: str, refusal: Refused, *, at: datetime) -> None:
    people = User.objects.filter(pk__in=[author, *_publishers(page)], is_active=True).order_by("pk")
    url = reasons_of(refusal)[0].fix_url or reverse("wagtailadmin_pages:edit", args=[page.pk])
    title = f"{what}: {_why(refusal)}"[:200]
    for person in people:
        tell(person, "authoring.not_published", title, url=url, at=at)


def _publishers(page: Page) -> list[int]:
    course = CoursePage.objects.select_related("qualification").filter(path=page.path[:COURSE_PATH]).first()
    if course is None:
        return []
    rows = Membership.objects.current().filter(
        organisation_id=course.qualification.awarding_organisation_id, role=Role.PUBLISHER
    )
    return list(rows.values_list("user_id", flat=True))
