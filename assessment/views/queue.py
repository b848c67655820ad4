"""The assessor's queue: what waits for them, and what they have released."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessment.forms import QueueFilter
from assessment.queries import cohorts_of, filtered, released_for, with_facts
from lms.accounts.api import Role, User
from lms.common.paging import keyset
from portfolio.api import Submission

SIZE = 25


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Open submissions of the learners whose assessor the user is today, oldest due first; under ?show=released those
    that have been released, newest first. Raises PermissionDenied (403) for somebody who assesses nobody."""
    user = cast(User, request.user)
    if not user.has_role(Role.ASSESSOR):
        raise PermissionDenied("The queue is for assessors.")
    today = timezone.localdate()
    waiting = Submission.objects.in_queue_of(user)
    released = request.GET.get("show") == "released"
    rows = released_for(user) if released else waiting
    form = QueueFilter(request.GET, cohorts_of(rows))
    chosen = form.chosen
    counts = waiting.aggregate(all=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)))
    found = filtered(rows, chosen, today)
    order = ["-released_at", "-pk"] if released else ["due_on", "pk"]
    page = keyset(request, with_facts(found, user), order, size=SIZE)
    for row in page:
        row.days_late = max(0, (today - row.due_on).days)
    total = found.count() if chosen or released else counts["all"]
    context = {"form": form, "chosen": chosen, "counts": counts, "page": page, "total": total, "released": released,
               "shown": _shown(len(page), total)}  # fmt: skip
    return render(request, "assessment/queue.html", context)


def _shown(rows: int, total: int) -> str:
    word = "submission" if total == 1 else "submissions"
    return f"{total} {word}" if rows == total else f"{rows} of {total} {word}"
