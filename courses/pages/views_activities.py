"""Doing an interactive activity in a lesson: the page around the frame opens it, and sends on what it reports."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from content.h5p.tokens import play_url
from content.models import H5PActivity
from courses.delivery.api import (
    ActivityAttempt,
    StudyAnswer,
    Use,
    keep_state,
    keep_statements,
    open_activity,
    registrations_of,
    standing_of,
    statements_of,
)
from courses.delivery.xapi import read_json, read_message
from lms.accounts.api import User
from lms.common.device import SIGNED_OUT
from lms.common.errors import Refused

from .activities import uses_of
from .queries import rendered
from .reading import standing_words
from .views import own_registration, study_page
from .views_answers import what_is_left

GONE = "This activity is no longer on the page. Reload the page to see what is there now."


def _answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that only a script asks, for who is signed in: it gets JSON, also for a refusal (409) and when the
    session has ended (401)."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return JsonResponse({"message": SIGNED_OUT}, status=401)
        try:
            return view(request, **kwargs)
        except Refused as refusal:
            return JsonResponse({"code": refusal.code, "message": refusal.message}, status=409)

    return require_POST(answer)


def _attempt(request: HttpRequest, ref: UUID) -> ActivityAttempt:
    """The person's own attempt; 404 for everybody else's, and once they are not registered any more."""
    rows = ActivityAttempt.objects.visible_to(cast(User, request.user)).select_related("registration")
    attempt = rows.filter(ref=ref).first()
    if attempt is None:
        raise Http404
    return attempt


@_answered
def start(request: HttpRequest, page_id: int, block_id: UUID) -> HttpResponse:
    """Opens an activity for its learner: {"src", "states", "now", addresses, "words", "done"}. With `again` a
    completed one is begun anew. Opening it twice opens one attempt."""
    page = study_page(page_id)
    registration, shared = own_registration(cast(User, request.user), page), rendered(page)
    live = next((one for one in shared.live if one.block == str(block_id) and one.kind == "h5p"), None)
    if live is None:
        raise Refused("block-gone", GONE)
    activity = H5PActivity.objects.select_related("current").get(pk=live.made.activity)
    now = timezone.now()
    attempt = open_activity(registration, activity, uses_of(activity), at=now, again=request.POST.get("again") == "1")
    states = attempt.states.exclude(data="").values_list("data_type", "sub_content_id", "data")
    return JsonResponse({
        "src": play_url(request, attempt.version_id, f"attempt:{attempt.ref}"), "attempt": str(attempt.ref),
        "number": attempt.number, "completed": attempt.completed_at is not None,
        "now": int(now.timestamp() * 1000),
        "states": [{"type": kind, "part": part, "data": data} for kind, part, data in states],
        **_standing(request, attempt, page_id, block_id),
    })  # fmt: skip


@_answered
def statements(request: HttpRequest, ref: UUID) -> HttpResponse:
    """What an activity reports of an attempt, as JSON in `message` (courses.delivery.xapi): {"kept", "words", "done",
    "left"}. A statement sent twice is kept once; one that is refused keeps nothing of its message."""
    attempt = _attempt(request, ref)
    said = read_message(request.POST.get("message", ""))
    kept = keep_statements(attempt, said, _Late(attempt.activity_id), at=timezone.now())
    attempt.refresh_from_db()
    place = request.GET.get("page", ""), request.GET.get("block", "")
    facts: dict[str, Any] = {"kept": kept, "completed": attempt.completed_at is not None}
    if any(one.completes for one in said) and place[0].isdigit():
        facts |= _standing(request, attempt, int(place[0]), place[1], with_left=True)
    return JsonResponse(facts)


class _Late:
    """The pages that show an activity, read when somebody asks for them."""

    def __init__(self, activity: int) -> None:
        self.activity = activity

    def __iter__(self) -> Iterator[Use]:
        return iter(uses_of(self.activity))


@_answered
def state(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Where the learner stopped, as JSON in `message`: {"type", "part", "data", "saved"}. Idempotent by nature: what
    was sent last stays."""
    attempt, asked = _attempt(request, ref), read_json(request.POST.get("message", ""))
    saved = asked.get("saved")
    if not isinstance(saved, int) or isinstance(saved, bool) or not 0 <= saved < 2**53:
        raise Refused("state-name", "Your place in this activity could not be kept.")
    keep_state(attempt, str(asked.get("type", "")), str(asked.get("part", "0")), str(asked.get("data", "")),
               min(saved, int(timezone.now().timestamp() * 1000) + 5000))  # fmt: skip
    return JsonResponse({"saved": True})


def _standing(request: HttpRequest, attempt: ActivityAttempt, page_id: int, block: UUID | str, *,
              with_left: bool = False) -> dict[str, Any]:  # fmt: skip
    registration = attempt.registration
    rows = StudyAnswer.objects.filter(registration=registration, page_id=page_id)
    done = {str(row.block) for row in rows if row.done_at}
    standing = standing_of(registration, attempt.activity_id)
    facts: dict[str, Any] = {"done": str(block) in done, "words": standing_words(standing)}
    if with_left:
        page = study_page(page_id)
        facts["left"] = what_is_left(registration, page, rendered(page))
    return facts


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """All that activities reported of the person's own work, as xAPI statements in a JSON file. Theirs alone."""
    registrations = registrations_of(cast(User, request.user))
    if not registrations:
        raise Http404
    answer = JsonResponse({"statements": [one for row in registrations for one in statements_of(row)]},
                          json_dumps_params={"indent": 1})  # fmt: skip
    answer["Content-Disposition"] = 'attachment; filename="my-activities.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer
