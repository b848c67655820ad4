"""What follows when a page is published or taken offline, whichever way: it is audited, and learners are told of a
change in substance. The acting person is whoever works in the editor; nobody, when it was set for a time."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, Revision
from wagtail.signals import page_published, page_unpublished

from lms.audit.api import Action, record, stream_of

from .models import AuthorityPage, CoursePage, LocalLessonPage, StudyPage, UnitPage
from .queries import COURSE_DEPTH, course_of
from .substance import take_change


def owner_of(page: Page) -> int:
    """The organisation whose page it is: an awarding organisation's, or for a local lesson an authority's."""
    if isinstance(page, LocalLessonPage):
        return AuthorityPage.objects.get(path=page.path[: COURSE_DEPTH * page.steplen]).authority_id
    course = page if isinstance(page, CoursePage) else course_of(page)
    return course.qualification.awarding_organisation_id


def _record(page: Page, action: Action, **changes: Any) -> None:
    owner = owner_of(page)
    record(
        stream_of("organisation", owner), action, by=get_active_log_context().user, role="publisher",
        subject=f"page:{page.pk}", at=timezone.now(), changes=changes,
    )  # fmt: skip


def _published(instance: Page, revision: Revision, **kwargs: Any) -> None:
    if not isinstance(instance, CoursePage | UnitPage | StudyPage) or not instance.live:
        return
    with transaction.atomic():
        change = None
        if isinstance(instance, StudyPage):
            change = take_change(instance, revision, at=instance.last_published_at or timezone.now())
        action = Action.COURSE_PUBLISHED if isinstance(instance, CoursePage) else Action.PAGE_PUBLISHED
        _record(instance, action, revision=revision.pk)
        if change is not None:
            _record(instance, Action.PAGE_CHANGED, change=change.pk, revision=revision.pk)


def _taken_offline(instance: Page, **kwargs: Any) -> None:
    if isinstance(instance, CoursePage):
        with transaction.atomic():
            _record(instance, Action.COURSE_UNPUBLISHED)


page_published.connect(_published, dispatch_uid="what follows when a page is published")
page_unpublished.connect(_taken_offline, dispatch_uid="what follows when a page is taken offline")
