"""What the demonstration's author, reviewer and publisher find: a draft to review with a comment on it, one to publish,
and one that is set for next week."""

from datetime import timedelta

from django.utils import timezone
from wagtail.models import Comment

from courses.pages.models import CoursePage, LessonPage
from lms.accounts.api import User

COMMENT = "Could the example be a child who has just started, before anybody knows them well?"
SCHEDULED_DAYS = 6


def editing(course: CoursePage, people: dict[str, User]) -> None:
    """Three lessons with a newer draft, each a step further on."""
    lessons = list(LessonPage.objects.live().descendant_of(course).order_by("path")[1:4])
    if len(lessons) < 3:
        return
    to_review, to_publish, planned = lessons
    _draft(to_review, people["author"])
    course.get_workflow().start(to_review, people["author"])
    Comment.objects.create(page=to_review, user=people["reviewer"], text=COMMENT, contentpath="summary")
    _draft(to_publish, people["author"])
    state = course.get_workflow().start(to_publish, people["author"])
    state.current_task_state.approve(user=people["reviewer"])
    at_seven = timezone.localtime().replace(hour=7, minute=0, second=0, microsecond=0)
    _draft(planned, people["author"], go_live_at=at_seven + timedelta(days=SCHEDULED_DAYS))
    planned.get_latest_revision().publish(user=people["publisher"])


def _draft(page: LessonPage, author: User, **changes: object) -> None:
    """The lesson with a summary that says a little more."""
    draft = page.get_latest_revision_as_object()
    draft.summary = f"{draft.summary.rstrip('.')}, with an example from a small setting."[:300]
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision(user=author, log_action=True)
    page.refresh_from_db()
