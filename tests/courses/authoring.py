"""Acts in the editor for the tests of workflow, schedule and changes."""

from typing import Any

from wagtail.models import Page, WorkflowState

from courses.pages.models import LessonPage
from lms.accounts.api import User


def first_lesson() -> LessonPage:
    """The first lesson of the shipped course."""
    return LessonPage.objects.filter(kind="lesson").order_by("path").first()


def draft_of(page: Page, *, by: User | None = None, **changes: Any) -> Page:
    """A newer draft of a page, saved and not published."""
    draft = Page.objects.get(pk=page.pk).specific.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision(user=by)
    return draft


def publish(page: Page, *, by: User | None = None, **changes: Any) -> Page:
    """A page published with changes, as by a publisher in the editor."""
    draft = draft_of(page, by=by, **changes)
    draft.get_latest_revision().publish(user=by)
    return Page.objects.get(pk=page.pk).specific


def hand_in(page: Page, *, by: User) -> WorkflowState:
    """The newest draft is handed in for review."""
    return page.get_workflow().start(Page.objects.get(pk=page.pk).specific, by)


def approve(page: Page, *, by: User, comment: str = "") -> None:
    """The person whose turn it is approves."""
    state = Page.objects.get(pk=page.pk).current_workflow_task_state
    state.task.specific.on_action(state, by, "approve", comment=comment)
