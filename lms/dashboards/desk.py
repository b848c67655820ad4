"""What an author, reviewer or publisher finds on their home beside the courses: what waits for them, what is set for a
time, how many pages stand where, and what has happened lately."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import BigIntegerField, CharField, Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Coalesce, Left
from django.urls import reverse
from wagtail.models import Comment, CommentReply, GroupApprovalTask, Page, PageLogEntry, Revision, WorkflowState

from courses.pages.models import CoursePage
from courses.pages.queries import COURSE_PATH
from lms.accounts.api import User

LATELY = 8
ACTS = {
    "wagtail.publish": "published", "wagtail.publish.scheduled": "published as it was set",
    "wagtail.publish.schedule": "set to be published later", "wagtail.schedule.cancel": "no longer set for a time",
    "wagtail.unpublish": "taken offline", "wagtail.unpublish.scheduled": "taken offline as it was set",
    "wagtail.workflow.start": "handed in", "wagtail.workflow.resume": "handed in again",
    "wagtail.workflow.approve": "approved", "wagtail.workflow.reject": "changes asked for",
    "wagtail.workflow.cancel": "taken back", "wagtail.create": "started", "wagtail.copy": "copied",
    "wagtail.move": "moved", "wagtail.delete": "deleted", "wagtail.revert": "put back to an earlier version",
    "wagtail.comments.create": "commented on", "wagtail.comments.create_reply": "comment answered",
    "wagtail.comments.resolve": "comment settled",
}  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the person. `kind`: review, publish, changes or comments."""

    kind: str
    page: Page
    text: str
    since: datetime

    @property
    def url(self) -> str:
        """Where it is done."""
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])

    @property
    def heading(self) -> str:
        """The kind in words."""
        return {"review": "To review", "publish": "To publish", "changes": "Changes asked for",
                "comments": "Comments to answer"}[self.kind]  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """A page with a time set: to be published, or taken offline."""

    page: Page
    at: datetime
    goes_offline: bool = False

    @property
    def url(self) -> str:
        """The page in the editor."""
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])


@dataclass(frozen=True)
class Happened:
    """What somebody has done to a page."""

    page: Page
    what: str
    who: str
    when: datetime

    @property
    def url(self) -> str:
        """Its history in the editor."""
        return reverse("wagtailadmin_pages:history", args=[self.page.pk])


@dataclass
class Counts:
    """How many of a course's units, lessons and tasks stand where."""

    published: int = 0
    changed: int = 0
    drafts: int = 0
    in_review: int = 0


@dataclass
class Desk:
    """All of it. `counts` by the course's key."""

    waiting: list[Waiting] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    lately: list[Happened] = field(default_factory=list)
    counts: dict[int, Counts] = field(default_factory=dict)


def desk_of(user: User, courses: Sequence[CoursePage]) -> Desk:
    """The desk of somebody with these courses. Seven queries however many courses, pages and people; none without a
    course."""
    if not courses:
        return Desk()
    inside = reduce(or_, (Q(path__startswith=course.path) for course in courses))
    states = _states(courses)
    comments = _comments(user, inside)
    due = list(Revision.page_revisions.filter(approved_go_live_at__isnull=False).values_list(
        "object_id", "approved_go_live_at"))  # fmt: skip
    wanted = {int(state.object_id) for state in states} | {pk for pk, *_ in comments} | {int(pk) for pk, _ in due}
    rows = Page.objects.filter(inside, Q(pk__in=wanted) | Q(live=True, expire_at__isnull=False))
    pages = {page.pk: page for page in rows.order_by("path")}
    mine = set(GroupApprovalTask.objects.filter(groups__user=user).values_list("pk", flat=True))
    waiting = [*_turns(states, pages, mine), *_asked_back(states, pages, user), *_to_answer(comments, pages)]
    planned = [Planned(pages[int(pk)], at) for pk, at in due if int(pk) in pages]
    planned += [Planned(page, page.expire_at, True) for page in pages.values() if page.live and page.expire_at]
    return Desk(
        sorted(waiting, key=lambda one: one.since), sorted(planned, key=lambda one: one.at), _lately(inside),
        _counts(courses, states, pages, inside),
    )  # fmt: skip


def _states(courses: Sequence[CoursePage]) -> list[WorkflowState]:
    """What is in review, or back with its author, in the workflows of these courses."""
    keys = [course.pk for course in courses]
    rows = WorkflowState.objects.active().filter(workflow__workflow_pages__page__in=keys).distinct()
    return list(rows.select_related("requested_by", "current_task_state__task", "current_task_state__finished_by"))


def _turns(states: Iterable[WorkflowState], pages: dict[int, Page], mine: set[int]) -> Iterable[Waiting]:
    for state in states:
        turn, page = state.current_task_state, pages.get(int(state.object_id))
        if state.status != WorkflowState.STATUS_IN_PROGRESS or turn is None or page is None or turn.task_id not in mine:
            continue
        kind = "publish" if turn.task.name == "Publish" else "review"
        who = f"Handed in by {state.requested_by.name}" if state.requested_by else "Handed in"
        yield Waiting(kind, page, who, turn.started_at)


def _asked_back(states: Iterable[WorkflowState], pages: dict[int, Page], user: User) -> Iterable[Waiting]:
    for state in states:
        turn, page = state.current_task_state, pages.get(int(state.object_id))
        if state.status != WorkflowState.STATUS_NEEDS_CHANGES or state.requested_by_id != user.pk:
            continue
        if turn is not None and page is not None:
            who = turn.finished_by.name if turn.finished_by else "The reviewer"
            yield Waiting("changes", page, f"{who}: {turn.comment}" if turn.comment else who, turn.finished_at)


def _comments(user: User, inside: Q) -> list[tuple[int, str, datetime]]:
    """Threads that are open, concern this person and in which somebody else spoke last: page, who, when."""
    replies = CommentReply.objects.filter(comment=OuterRef("pk")).order_by("-created_at", "-pk")
    wrote = Revision.objects.filter(object_id=Cast(OuterRef("page_id"), CharField()), user=user,
                                    base_content_type__app_label="wagtailcore")  # fmt: skip
    spoke = CommentReply.objects.filter(comment=OuterRef("pk"), user=user)
    rows = Comment.objects.filter(resolved_at__isnull=True, page__in=Page.objects.filter(inside))
    rows = rows.annotate(
        last_by=Coalesce(Subquery(replies.values("user")[:1]), F("user"), output_field=BigIntegerField()),
        last_name=Coalesce(Subquery(replies.values("user__name")[:1]), F("user__name")),
        last_at=Coalesce(Subquery(replies.values("created_at")[:1]), F("created_at")),
    ).filter(Q(user=user) | Exists(spoke) | Exists(wrote))  # fmt: skip
    return list(rows.exclude(last_by=user.pk).order_by("last_at").values_list("page_id", "last_name", "last_at"))


def _to_answer(comments: list[tuple[int, str, datetime]], pages: dict[int, Page]) -> Iterable[Waiting]:
    counts = Counter(pk for pk, *_ in comments)
    latest = {pk: (name, at) for pk, name, at in comments}
    for pk, (name, at) in latest.items():
        if pk in pages:
            more = f" and {counts[pk] - 1} more" if counts[pk] > 1 else ""
            yield Waiting("comments", pages[pk], f"Last from {name}{more}", at)


def _lately(inside: Q) -> list[Happened]:
    # What nobody did is of the loader, but for what somebody had set for a time.
    somebody = Q(user__isnull=False) | Q(action__endswith=".scheduled")
    rows = PageLogEntry.objects.filter(somebody, action__in=ACTS, page__in=Page.objects.filter(inside))
    return [
        Happened(row.page, ACTS[row.action], row.user.name if row.user else "", row.timestamp)
        for row in rows.select_related("user", "page")[:LATELY]
    ]


def _counts(courses: Sequence[CoursePage], states: Iterable[WorkflowState], pages: dict[int, Page],
            inside: Q) -> dict[int, Counts]:  # fmt: skip
    by_path = {course.path: Counts() for course in courses}
    rows = Page.objects.filter(inside, depth__gt=courses[0].depth).annotate(course=Left("path", COURSE_PATH))
    for path, published, changed, drafts in rows.order_by().values("course").annotate(
        published=Count("pk", filter=Q(live=True)), drafts=Count("pk", filter=Q(live=False)),
        changed=Count("pk", filter=Q(live=True, has_unpublished_changes=True)),
    ).values_list("course", "published", "changed", "drafts"):  # fmt: skip
        by_path[path] = Counts(published, changed, drafts)
    for state in states:
        page = pages.get(int(state.object_id))
        if page is not None and state.status == WorkflowState.STATUS_IN_PROGRESS:
            by_path[page.path[:COURSE_PATH]].in_review += 1
    return {course.pk: by_path[course.path] for course in courses}
