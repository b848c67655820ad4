"""Telling authors, once, that law which their lessons rest on is due to be looked at again."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from content.models import LegalReference
from content.queries import pages_using
from courses.pages.models import CoursePage
from courses.pages.queries import COURSE_PATH
from lms.accounts.api import Membership, Role
from lms.common.housekeeping import each_night
from lms.notices.api import Notice, tell

KIND = "law_due"


@each_night
def tell_what_is_due(at: datetime) -> None:
    """Each author is told when a reference comes due: one of their organisation, or one of the product that their own
    live lessons cite. Once: what was due when they were last told is not told again."""
    today = timezone.localdate(at)
    due = [row for row in LegalReference.objects.order_by("pk") if row.is_due(today)]
    if not due:
        return
    whose = _whose(due)
    told = dict(Notice.objects.filter(kind=KIND).order_by().values_list("user").annotate(last=Max("created_at")))
    authors = Membership.objects.current(today).filter(role=Role.AUTHOR, user__is_active=True)
    by_author: dict = defaultdict(dict)
    for membership in authors.select_related("user").order_by("pk"):
        by_author[membership.user].update({row.pk: row for row in whose[membership.organisation_id]})
    for author, rows in by_author.items():
        last = told.get(author.pk)
        new = [row for row in rows.values() if last is None or row.due_on > timezone.localdate(last)]
        if new:
            with transaction.atomic():
                tell(author, KIND, _words(new), url=reverse("law"), at=at)


def _whose(due: list[LegalReference]) -> dict[int, list[LegalReference]]:
    """Due references by the organisation that has to know."""
    found: dict[int, list[LegalReference]] = defaultdict(list)
    courses = dict(CoursePage.objects.values_list("path", "qualification__awarding_organisation"))
    uses = pages_using([row for row in due if row.organisation_id is None])
    for row in due:
        if row.organisation_id is not None:
            found[row.organisation_id].append(row)
            continue
        owners = {courses.get(page.path[:COURSE_PATH]) for page in uses[row.pk] if page.live}
        for owner in owners:
            if owner is not None:
                found[owner].append(row)
    return found


def _words(rows: list[LegalReference]) -> str:
    if len(rows) == 1:
        return f"“{rows[0]}” is due to be checked: is it still right?"
    return f"{len(rows)} legal references are due to be checked: are they still right?"
