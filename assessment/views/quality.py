"""Homes of quality assurance: inside the centre (IQA, lead IQA) and from the awarding organisation (EQA)."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessment.api import resolve_interest as resolve
from assessment.forms import GrantForm, ResolutionForm
from assessment.queries import at_attempt_limit, learners_assured_by, open_interests, reviewed_by
from assessment.queries_checks import without_checker
from assessment.queries_dual import objections_for
from courses.pages.queries import address
from lms.accounts.api import Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from portfolio.api import grant_attempt as grant

SIZE = 50


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What an IQA or lead IQA can do now: their learners, and for the lead what waits for an answer."""
    user = cast(User, request.user)
    if not user.has_role(Role.IQA, Role.LEAD_IQA):
        raise PermissionDenied("This page is for internal quality assurers.")
    leads = user.has_role(Role.LEAD_IQA)
    learners = learners_assured_by(user)
    context = {
        "leads": leads,
        "page": keyset(request, learners, ["learner__name", "pk"], size=SIZE),
        "interests": list(open_interests(user)[:SIZE]) if leads else [],
        "no_checker": without_checker(user) if leads else 0,
        "objections": objections_for(user).filter(decided_at__isnull=True).count() if leads else 0,
        "limits": list(at_attempt_limit(user, at=timezone.now()).order_by("pk")[:SIZE]) if leads else [],
    }
    return render(request, "assessment/quality.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def resolve_interest(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead IQA says how a declared interest was resolved (rule 8)."""
    user = _lead(request)
    declaration = get_object_or_404(open_interests(user, also_resolved=request.method == "POST"), pk=pk)
    form, reasons = ResolutionForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            resolve(declaration, **form.cleaned_data, by=user, at=timezone.now())
            messages.success(request, f"Resolved. {declaration.user.name} has been told.")
            return reverse("assessment:quality")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"declaration": declaration, "form": form, "reasons": reasons,
               "is_own": declaration.user_id == user.pk}  # fmt: skip
    return render(request, "assessment/quality_interest.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def grant_attempt(request: HttpRequest, ref: Any, code: str) -> HttpResponse:
    """The lead IQA grants one more attempt at a criterion whose attempts are used up (rule 20)."""
    user = _lead(request)
    rows = at_attempt_limit(user, at=timezone.now(), also_granted=request.method == "POST")
    row = get_object_or_404(rows, registration__ref=ref, criterion__code=code)
    form, reasons = GrantForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            grant(row.registration, row.criterion, form.cleaned_data["reason"], by=user, at=timezone.now())
            learner = row.registration.learner.name
            messages.success(request, f"{learner} may submit {row.criterion.code} once more. They have been told.")
            return reverse("assessment:quality")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"row": row, "form": form, "reasons": reasons}
    return render(request, "assessment/quality_attempt.html", context, status=422 if reasons or form.errors else 200)


def _lead(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not user.has_role(Role.LEAD_IQA):
        raise PermissionDenied("Only the lead internal quality assurer of the centre can do this.")
    return user


@login_required
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """What an EQA can do now: read the specification and the course."""
    user = cast(User, request.user)
    if not user.has_role(Role.EQA):
        raise PermissionDenied("This page is for external quality assurers.")
    found = reviewed_by(user)
    courses = [{"title": course.title, "url": address(course)} for course in found.courses]
    return render(request, "assessment/reviews.html", {"found": found, "courses": courses})
