"""How an activity goes, for authors of the organisation that owns it; and a look at it apart from any page."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from content.h5p.tokens import origin, play_url
from content.models import H5PActivity
from content.models.owned import READERS
from content.policies import writes_for
from courses.delivery.api import ActivityFigures, Registration, activity_figures, cohorts_doing
from lms.accounts.api import User
from lms.common.tables import csv_response

from .activities import shown_on
from .models import PageActivity

HEADER = ("Question", "Trainees who answered", "Right", "Right in per cent", "Average score in per cent")


def _activity(user: User, ref: UUID) -> H5PActivity:
    """404 for what the person does not see in the editor."""
    if not user.is_superuser and not user.has_role(*READERS):
        raise Http404
    return get_object_or_404(H5PActivity.objects.visible_to(user).select_related("current"), ref=ref)


def _learners(user: User, activity: H5PActivity) -> QuerySet[Registration]:
    """Whose work an author counts: learners of their own organisation's qualifications. Nobody is named."""
    if user.is_superuser:
        return Registration.objects.all()
    own = writes_for(user)
    if not own or (activity.organisation_id is not None and activity.organisation_id not in own):
        raise PermissionDenied("How an activity goes is shown to authors of the organisation that owns it.")
    return Registration.objects.filter(qualification__awarding_organisation__in=own)


@login_required
@require_safe
def report(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Attempts, completion, scores and the hardest question of an activity, for its authors; of one cohort with
    `cohort`."""
    user = cast(User, request.user)
    activity = _activity(user, ref)
    learners = _learners(user, activity)
    cohorts = cohorts_doing(activity, learners)
    found = _figures(request, activity, learners)
    places = shown_on([activity.pk]).get(activity.pk, [])
    bands = [(words, (number,)) for words, number in found.bands]
    context = {"activity": activity, "figures": found, "cohorts": cohorts, "chosen": request.GET.get("cohort", ""),
               "places": places, "names": ("Trainees",), "bands": bands}  # fmt: skip
    return render(request, "courses/activity_report.html", context)


@login_required
@require_safe
def table(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """The questions of the report as a CSV file. It names nobody."""
    user = cast(User, request.user)
    activity = _activity(user, ref)
    found = _figures(request, activity, _learners(user, activity))
    rows = ((one.name, one.answered, one.right, _whole(one.rate), _whole(one.average)) for one in found.questions)
    return csv_response(f"{activity.title} questions", HEADER, rows)


@login_required
@require_safe
def preview(request: HttpRequest, ref: UUID) -> HttpResponse:
    """An activity by itself, for who sees it in the editor. Nothing that is done in it is kept."""
    activity = _activity(cast(User, request.user), ref)
    if activity.current is None:
        raise Http404
    src = play_url(request, activity.current.pk, f"preview:{request.user.pk}")
    page = render(request, "courses/activity_preview.html", {"activity": activity, "src": src})
    page._csp_update = {"frame-src": [f"{origin(request)}/h5p/play/"]}  # type: ignore[attr-defined]  # django-csp's way
    return page


def _figures(request: HttpRequest, activity: H5PActivity, learners: QuerySet[Registration]) -> ActivityFigures:
    cohort = request.GET.get("cohort", "")
    if cohort.isdigit():
        learners = learners.filter(cohort=int(cohort))
    blocks = PageActivity.objects.filter(activity=activity).values_list("block", flat=True)
    return activity_figures(activity, learners, blocks)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
