"""The evidence location sheet: asking for it, waiting, saving it."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from assessment.domain.location_sheet import BEING_MADE, KEPT, READERS, ask_for_sheet
from assessment.views.learner import viewed_registration
from courses.delivery.api import Registration, is_allocated_to
from lms.accounts.api import User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.files import store_room
from portfolio.models import Report

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@login_required
def location_sheet(request: HttpRequest) -> HttpResponse:
    """Says what the sheet is and makes it (POST). While it is being made the page asks again by itself, or is loaded
    again by its reader; then it can be saved for a day. The learner makes their own; an allocated assessor or IQA
    makes one of what was submitted (`?registration=`)."""
    user, registration = cast(User, request.user), viewed_registration(request)
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            ask_for_sheet(registration, by=user, at=timezone.now())
            return request.get_full_path()

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    report = _reports(user).filter(registration=registration).order_by("-asked_at", "-pk").first()
    own = registration.learner_id == user.pk
    waits = report is not None and not report.made_at and not report.problem
    is_late = report is not None and waits and report.asked_at < timezone.now() - BEING_MADE
    context = {
        "registration": registration, "report": report, "is_own": own, "learner": None if own else registration.learner,
        "waits": waits and not is_late, "is_late": is_late, "reasons": reasons,
        "until": report.asked_at + KEPT if report else None, "address": _address(request, registration),
    }  # fmt: skip
    template = "location_sheet_state" if request.headers.get("HX-Request") else "location_sheet_page"
    return render(request, f"assessment/{template}.html", context, status=422 if reasons else 200)


def _address(request: HttpRequest, registration: Registration) -> str:
    asked = request.GET.get("registration")
    return request.path + (f"?{urlencode({'registration': str(registration.ref)})}" if asked else "")


def _reports(user: User) -> QuerySet[Report]:
    """The person's own reports that are still kept."""
    return Report.objects.filter(
        asked_by=user, kind=Report.Kind.LOCATION_SHEET, asked_at__gt=timezone.now() - KEPT
    ).select_related("registration__learner")


@require_safe
@login_required
def download(request: HttpRequest, ref: UUID) -> FileResponse:
    """A report that the person asked for, streamed from the private store while they may read the registration; 404
    for anything else."""
    user = cast(User, request.user)
    report = get_object_or_404(_reports(user), ref=ref, made_at__isnull=False)
    if report.registration.learner_id != user.pk and not is_allocated_to(user, report.registration, *READERS):
        raise Http404
    try:
        content = store_room().open(report.stored_as)
    except FileNotFoundError:
        raise Http404("This sheet is not kept any more.") from None
    name = f"evidence-location-sheet-{slugify(report.registration.learner.name)}.pdf"
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/pdf")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
