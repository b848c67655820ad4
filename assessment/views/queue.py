"""The assessor's queue: what waits for them, and what they have released."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessment.forms import QueueFilter
from assessment.queries import cohorts_of, filtered, released_for, with_facts
from assessment.queries_checks import lane_counts
from assessment.queries_plan import next_visits
from lms.accounts.api import Role, User
from lms.common.paging import keyset
from portfolio.api import Submission

SIZE = 25


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Submissions that stand in the user's queue, oldest due first; under ?show=others those of the same learners in
    other assessors' queues, under ?show=released those that have been released, newest first. Raises PermissionDenied
    (403) for somebody who assesses nobody."""
    user = cast(User, request.user)
    if not user.has_role(Role.ASSESSOR):
        raise PermissionDenied("The queue is for assessors.")
    today = timezone.localdate()
    show = request.GET.get("show", "")
    released, others = show == "released", show == "others"
    assessable = Submission.objects.assessable_by(user)
    rows: QuerySet[Submission] = Submission.objects.in_queue_of(user)
    if released or others:
        rows = released_for(user) if released else assessable.exclude(assessor=user)
    form = QueueFilter(request.GET, cohorts_of(rows))
    chosen = form.chosen
    mine = Q(assessor=user)
    counts = assessable.aggregate(all=Count("pk", filter=mine), others=Count("pk", filter=~mine),
                                  overdue=Count("pk", filter=mine & Q(due_on__lt=today)))  # fmt: skip
    found = filtered(rows, chosen, today)
    order = ["-released_at", "-pk"] if released else ["due_on", "pk"]
    page = keyset(request, with_facts(found, user), order, size=SIZE)
    for row in page:
        row.days_late = max(0, (today - row.due_on).days)
    total = found.count() if chosen or released else counts["others" if others else "all"]
    context = {"form": form, "chosen": chosen, "counts": counts, "page": page, "total": total, "released": released,
               "others": others, "show": show if released or others else "",
               "shown": _shown(len(page), total), "checks": sum(lane_counts(user).values()),
               "supports": user.has_role(Role.AREA_SENCO),
               "visits": next_visits(user, today=today) if not released and not others else []}  # fmt: skip
    return render(request, "assessment/queue.html", context)


def _shown(rows: int, total: int) -> str:
    word = "submission" if total == 1 else "submissions"
    return f"{total} {word}" if rows == total else f"{rows} of {total} {word}"
