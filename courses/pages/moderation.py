"""Telling the people of a workflow whose turn it is, by our notices instead of Wagtail's own emails.

Each receiver connects under the name of Wagtail's own, before it: Wagtail's then finds its place taken and sends
nothing. Comments are Wagtail's to tell of: it gathers those of one saving into one email.
"""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.models import Page, PageSubscription, Revision, Task, TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

from lms.accounts.api import User
from lms.notices.api import tell

TITLE_MOST = 200


def edit_url(page: Page) -> str:
    """Where a page is edited, and approved."""
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def members_of(task: Task) -> list[User]:
    """Whose turn a task is, by name."""
    groups = task.specific.groups.all() if hasattr(task.specific, "groups") else []
    return list(User.objects.filter(groups__in=groups, is_active=True).distinct().order_by("name", "pk"))


def wrote_alone(page: Page, user: User) -> bool:
    """All that differs from what readers have was written by this person."""
    drafts = Revision.objects.for_instance(page)
    if page.live_revision_id:
        drafts = drafts.filter(pk__gt=page.live_revision_id)
    return set(drafts.values_list("user_id", flat=True)) == {user.pk}


def _tell_all(people: Iterable[User], kind: str, title: str, page: Page) -> None:
    for person in people:
        tell(person, kind, title[:TITLE_MOST], url=edit_url(page), at=timezone.now())


def _task_begins(instance: TaskState, user: User | None = None, **kwargs: Any) -> None:
    page = instance.workflow_state.content_object
    people = [person for person in members_of(instance.task) if user is None or person.pk != user.pk]
    turn = f"“{page.draft_title}” waits for you to {instance.task.name.lower()} it."  # "Review" or "Publish"
    _tell_all(people, "authoring.turn", turn, page)


def _submitted(instance: WorkflowState, user: User | None = None, **kwargs: Any) -> None:
    """Who hands a page in hears of comments on it, until they switch that off beside the page. The editor makes the
    subscription itself: before this for a page that exists, after it, switched on, for one that is handed in as it is
    made."""
    if user is not None:
        mine = PageSubscription.objects.filter(page_id=instance.object_id, user=user)
        mine.update(comment_notifications=True)


def _tell_requester(state: WorkflowState, user: User | None, kind: str, title: str) -> None:
    person = state.requested_by
    if person is not None and person.is_active and (user is None or person.pk != user.pk):
        _tell_all([person], kind, title, state.content_object)


def _changes_asked(instance: WorkflowState, user: User | None = None, **kwargs: Any) -> None:
    said = instance.current_task_state.comment if instance.current_task_state else ""
    title = f"{user.name if user else 'A reviewer'} asks for changes to “{instance.content_object.draft_title}”"
    _tell_requester(instance, user, "authoring.changes", f"{title}: {said}" if said else f"{title}.")


def _approved(instance: WorkflowState, user: User | None = None, **kwargs: Any) -> None:
    page = Page.objects.get(pk=instance.object_id)
    set_for = page.scheduled_revision
    when = f"will be published on {timezone.localtime(set_for.approved_go_live_at):%-d %B at %H:%M}" if set_for else ""
    _tell_requester(instance, user, "authoring.approved", f"“{page.draft_title}” {when or 'is published'}.")


task_submitted.connect(_task_begins, sender=TaskState, dispatch_uid="group_approval_task_submitted_email_notification")
for _signal, _receiver, _word in ((workflow_submitted, _submitted, "submitted"),
                                  (workflow_rejected, _changes_asked, "rejected"),
                                  (workflow_approved, _approved, "approved")):  # fmt: skip
    _signal.connect(_receiver, sender=WorkflowState, dispatch_uid=f"workflow_state_{_word}_email_notification")


@hooks.register("before_edit_page")
def warn_who_reviews_their_own(request: HttpRequest, page: Page) -> None:
    """Whoever is about to approve what they alone wrote reads who else could. It is said, not forbidden: an
    organisation may have one person only."""
    task = page.current_workflow_task if request.method == "GET" else None
    if task is None:
        return
    people = members_of(task)
    others = [person.name for person in people if person.pk != request.user.pk]
    if others and len(others) < len(people) and wrote_alone(page, cast(User, request.user)):
        said = f"You wrote this yourself. Better that somebody else approves it: {_names(others)} could."
        messages.warning(request, said)


def _names(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
