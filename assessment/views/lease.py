"""Who is at the desk: a sign each minute while the workspace is open, and one on leaving."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from assessment.domain.lease import leave, stay
from assessment.queries_desk import others_at
from lms.common.conflicts import refused_answer
from lms.common.errors import Refused

from .workspace import find_submission, person


@login_required
@require_POST
def here(request: HttpRequest, ref: Any) -> JsonResponse:
    """A sign that the user has the submission open, or (with `left`, the time of the last sign) that they leave it.
    Answers who else has it open, and since when. Idempotent by nature: the last sign stays, so no once-token."""
    submission, user, now = find_submission(request, ref), person(request), timezone.now()
    left = parse_datetime(request.POST.get("left", ""))
    if left is not None:
        leave(submission, seen_at=left, by=user, at=now)
        return JsonResponse({})
    try:
        lease = stay(submission, by=user, at=now)
    except Refused as refusal:
        return refused_answer(refusal)
    others = [
        {"name": other.user.name, "since": timezone.localtime(other.since).strftime("%H:%M")}
        for other in others_at(submission, user, at=now)
    ]
    return JsonResponse({"seen": lease.seen_at.isoformat(), "others": others})
