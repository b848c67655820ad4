"""Privacy holds (rule 4): reporting that a child can be recognised, and what becomes of it."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.api import ask_to_replace, destroy_held, hand_in_replacement, place_hold, release_hold
from assessment.forms_hold import AnswerForm, ReportForm
from assessment.queries_hold import hold_page, holds_settled, holds_to_settle, with_newer
from courses.delivery.api import Hold
from lms.accounts.api import Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from portfolio.policies import owns
from portfolio.queries import visible_evidence

SIZE = 30


class Act(NamedTuple):
    """One way to settle a hold."""

    do: Callable[..., Hold]
    name: str
    button: str
    said: str


ACTS = {
    "release": Act(release_hold, "Release it", "Release it", "Released. Everything is as it was before the report."),
    "replace": Act(ask_to_replace, "Ask for a new version", "Ask the learner to replace it",
                   "The learner has been asked to replace it. It stays on hold."),
    "destroy": Act(destroy_held, "Destroy it", "Destroy it now", "Destroyed. A note of what it was is left in its "
                   "place."),
}  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Reports that a child can be recognised in a piece of evidence: for whoever may read it. It is on hold at once."""
    user = cast(User, request.user)
    evidence = get_object_or_404(visible_evidence(user), ref=ref)
    is_own = owns(user, evidence)
    form, reasons = ReportForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            hold = place_hold(evidence, form.cleaned_data["reason"], by=user, at=timezone.now())
            messages.success(request, "Thank you. It is on hold now, and the centre has been told.")
            return reverse("portfolio:evidence", args=[ref]) if is_own else reverse("assessment:hold", args=[hold.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"evidence": evidence, "is_own": is_own, "form": form, "reasons": reasons}
    return render(request, "assessment/hold_report.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    """What is on hold at the centre, for its data-protection role; and what was, with `?show=ended`."""
    user = cast(User, request.user)
    if not user.has_role(Role.DATA_PROTECTION):
        raise PermissionDenied("This page is for the data-protection role of a centre.")
    ended = request.GET.get("show") == "ended"
    rows = holds_settled(user) if ended else holds_to_settle(user)
    order = ["-decided_at", "-pk"] if ended else ["reported_at", "pk"]
    context = {"page": keyset(request, rows, order, size=SIZE), "ended": ended}
    return render(request, "assessment/hold_list.html", context)


@login_required
@require_safe
def hold(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A hold: for the data-protection role with the evidence and what can be done; for the learner and who reported it,
    how it stands."""
    user = cast(User, request.user)
    return render(request, "assessment/hold.html", {"page": hold_page(user, _hold(user, ref))})


def _hold(user: User, ref: UUID) -> Any:
    return get_object_or_404(with_newer(Hold.objects.visible_to(user)), ref=ref)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, ref: UUID, act: str) -> HttpResponse:
    """The data-protection role releases a hold, asks for a replacement, or destroys; it says why first."""
    user, way = cast(User, request.user), ACTS[act]
    page = hold_page(user, _hold(user, ref))
    if not page.settles:
        raise PermissionDenied("The data-protection role of the centre settles this.")
    if request.method != "POST" and not page.is_open:
        return redirect("assessment:hold", ref=ref)
    form, reasons = AnswerForm(request.POST or None, is_final=act == "destroy"), []
    if request.method == "POST" and form.is_valid():

        def change() -> str:
            way.do(page.hold, form.cleaned_data["answer"], by=user, at=timezone.now())
            messages.success(request, way.said)
            return reverse("assessment:hold", args=[ref])

        try:
            return act_once(request, change)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"page": page, "act": act, "way": way, "form": form, "reasons": reasons}
    return render(request, "assessment/hold_settle.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_POST
def replace(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The learner hands in the new version in place of what is on hold."""
    user = cast(User, request.user)
    evidence = get_object_or_404(visible_evidence(user), ref=ref)
    if not owns(user, evidence):
        raise PermissionDenied("Only the learner can change their portfolio.")

    def act() -> str:
        hand_in_replacement(evidence, by=user, at=timezone.now())
        messages.success(request, "Your new version is with your assessor. The old one stays hidden.")
        return reverse("portfolio:evidence", args=[ref])

    try:
        return act_once(request, act)
    except Refused as refusal:
        context = {"evidence": evidence, "reasons": reasons_of(refusal)}
        return render(request, "assessment/hold_not_replaced.html", context, status=422)
