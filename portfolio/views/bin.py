"""The learner's bin: what they deleted, how long it stays, taking it back, destroying it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.api import Registration, current_registration
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from portfolio.api import EvidenceVersion
from portfolio.domain.bin import destroy_draft, empty_bin, restore_draft
from portfolio.queries_find import bin_lines, bin_rows, binned

from .access import user_of

METHODS = ["GET", "HEAD", "POST"]


@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What is in the bin of the current registration, deleted last first."""
    return _page(request)


def _page(request: HttpRequest, *, status: int = 200, reasons: list[Refused] | None = None) -> HttpResponse:
    registration = current_registration(request)
    rows = bin_rows(user_of(request), registration)
    page = keyset(request, rows, ["-binned_at", "-pk"], size=20)
    context = {
        "page": page, "lines": bin_lines(page, today=timezone.localdate()), "total": rows.count(),
        "days": settings.BIN_DAYS,
        "is_open": registration.state in Registration.OPEN_STATES, "registration": registration,
        "reasons": reasons or [],
    }  # fmt: skip
    return render(request, "portfolio/bin.html", context, status=status)


@login_required
@require_POST
def restore(request: HttpRequest, ref: UUID, number: int) -> HttpResponse:
    """Takes a draft out of the bin, from the bin's page or by the button beside "You deleted …". A refusal shows the
    bin with the reason. The draft is fetched inside the act: the same form posted again finds the first one's
    result."""

    def act() -> str:
        version = _binned(request, ref, number)
        restore_draft(version, by=user_of(request), at=timezone.now())
        messages.success(request, f"“{version.title}” is back, as you left it.")
        return reverse("portfolio:evidence", args=[ref])

    try:
        return act_once(request, act)
    except Refused as refusal:
        return _page(request, status=422, reasons=reasons_of(refusal))


@login_required
@require_http_methods(METHODS)
def destroy(request: HttpRequest, ref: UUID, number: int) -> HttpResponse:
    """Asks before destroying a draft in the bin (GET), then destroys it for good (POST)."""

    def act() -> str:
        version = _binned(request, ref, number)
        destroy_draft(version, by=user_of(request), at=timezone.now())
        messages.success(request, f"“{version.title}” is gone for good.")
        return reverse("portfolio:bin")

    if request.method == "POST":
        try:
            return act_once(request, act)
        except Refused as refusal:
            return _page(request, status=422, reasons=reasons_of(refusal))
    return render(request, "portfolio/bin_delete.html", {"version": _binned(request, ref, number)})


@login_required
@require_http_methods(METHODS)
def empty(request: HttpRequest) -> HttpResponse:
    """Asks before destroying everything in the bin (GET), then destroys it for good (POST)."""
    registration = current_registration(request)

    def act() -> str:
        gone = empty_bin(registration, by=user_of(request), at=timezone.now())
        messages.success(request, f"The bin is empty: {gone} draft{'' if gone == 1 else 's'} gone for good.")
        return reverse("portfolio:bin")

    if request.method == "POST":
        try:
            return act_once(request, act)
        except Refused as refusal:
            return _page(request, status=422, reasons=reasons_of(refusal))
    total = bin_rows(user_of(request), registration).count()
    if not total:
        return redirect("portfolio:bin")
    return render(request, "portfolio/bin_empty.html", {"total": total})


def _binned(request: HttpRequest, ref: UUID, number: int) -> EvidenceVersion:
    """A draft in the person's own bin; 404 for anything else."""
    return get_object_or_404(binned(user_of(request)), evidence__ref=ref, number=number)
