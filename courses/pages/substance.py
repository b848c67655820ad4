"""Changes in substance: who had finished a page is told what is different in it since.

The author says so when publishing. Learners keep their finish, their place and their answers; the page and the contents
say what has changed until they have been at the page again.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from wagtail.models import Page, Revision

from courses.delivery.api import Registration, StudyProgress
from lms.common.jobs import enqueue, job
from lms.notices.api import Notice, tell

from .models import PageChange, StudyPage
from .queries import address

KIND = "course.page_changed"
BATCH = 100


def take_change(page: StudyPage, revision: Revision, *, at: datetime) -> PageChange | None:
    """A page has been published with the author's word that it changed in substance: keeps the change, tells the
    learners who had finished it, and takes the word back on the page and in its drafts, so that it is not said again by
    publishing again. None when the page was never published before: then nobody had finished it."""
    if not page.changed_in_substance:
        return None
    with transaction.atomic():
        change = None
        if page.first_published_at and page.last_published_at and page.first_published_at < page.last_published_at:
            change = PageChange.objects.create(page_id=page.pk, note=page.change_note, published_at=at)
            enqueue("courses.tell_change", at=at, key=f"page-change-{change.pk}", change_id=change.pk)
        _take_back(page, revision)
    return change


def _take_back(page: StudyPage, revision: Revision) -> None:
    type(page).objects.filter(pk=page.pk).update(changed_in_substance=False, change_note="")
    drafts = Revision.objects.for_instance(page).filter(pk__gte=revision.pk)
    for draft in drafts:
        if draft.content.get("change_note") == page.change_note:
            draft.content |= {"changed_in_substance": False, "change_note": ""}
            draft.save(update_fields=["content"])
    page.changed_in_substance, page.change_note = False, ""


@job("courses.tell_change")
def tell_change(change_id: int) -> None:
    """Tells every learner who had finished the page before it changed, once each however often this runs."""
    change = PageChange.objects.select_related("page").get(pk=change_id)
    url = f"{address(change.page)}#change-{change.pk}"
    title = f"“{change.page.title}”, which you have finished, has changed: {change.note}"[:200]
    while _tell_some(change, title, url):
        pass


def _tell_some(change: PageChange, title: str, url: str) -> bool:
    """Tells the next learners who have not been told; False when there is none left."""
    with transaction.atomic():
        PageChange.objects.select_for_update().get(pk=change.pk)  # another run of this job waits
        told = Notice.objects.filter(user=OuterRef("registration__learner"), kind=KIND, url=url)
        rows = StudyProgress.objects.filter(page_id=change.page_id, finished_at__lt=change.published_at)
        rows = rows.exclude(registration__state=Registration.State.WITHDRAWN).exclude(Exists(told))
        people = {row.registration.learner_id: row.registration.learner
                  for row in rows.select_related("registration__learner").order_by("pk")[:BATCH]}  # fmt: skip
        for person in people.values():
            tell(person, KIND, title, url=url, at=timezone.now())
    return bool(people)


def unseen_changes(registration: Registration) -> dict[int, PageChange]:
    """By page: the newest change since this learner finished it that they have not been at the page after. One query.
    A page's own is `.get(page.pk)`."""
    before = StudyProgress.objects.filter(
        registration=registration, page_id=OuterRef("page_id"), finished_at__lt=OuterRef("published_at"),
        seen_at__lt=OuterRef("published_at"),
    )  # fmt: skip
    rows = PageChange.objects.filter(Exists(before)).order_by("published_at", "pk")
    return {row.page_id: row for row in rows}


def changes_of(page: Page) -> list[PageChange]:
    """Every change in substance with which a page was published, newest first."""
    return list(PageChange.objects.filter(page_id=page.pk).order_by("-published_at", "-pk"))
