"""The trainee sees who assesses them and may object; the lead IQA decides (rule 9)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessment.domain.object import ASSESSES, decide_objection, object_to
from assessment.forms_dual import DecideObjectionForm, ObjectForm
from assessment.policies import dual_role_rule
from assessment.queries_dual import former_objections, objections_for, others_who_assess, people_of
from courses.delivery.api import Registration, current_registration, in_force
from lms.accounts.api import Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

from .workspace import person

SIZE = 25
METHODS = ["GET", "HEAD", "POST"]


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Who assesses, quality-assures and supports the learner, since when, which other roles they declared, and what
    those mean; and the learner's objections."""
    registration = current_registration(request)
    found = people_of(registration)
    is_dual = any(each.declaration and each.declaration.is_dual for each in found)
    context = {
        "registration": registration, "people": found, "former": former_objections(registration, found),
        "rule": dual_role_rule(registration)[0] if is_dual else "",
        "senco": registration.cohort.local_authority.role_title
        if registration.cohort and registration.cohort.local_authority else "",
        "is_open": registration.state in Registration.OPEN_STATES,
    }  # fmt: skip
    return render(request, "assessment/objection_people.html", context)


@login_required
@require_http_methods(METHODS)
def object_(request: HttpRequest, pk: int) -> HttpResponse:
    """The learner objects to somebody who assesses them. 404 for an allocation of another learner, or one that is over
    or assesses nothing."""
    user, registration = person(request), current_registration(request)
    rows = registration.allocations.filter(in_force(), role__in=ASSESSES).select_related("user")
    about = get_object_or_404(rows, pk=pk).user
    form, reasons = ObjectForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            object_to(registration, about, form.cleaned_data["reason"], by=user, at=timezone.now())
            messages.success(request, f"Your lead internal quality assurer has been told. Until they answer, "
                             f"{about.name} decides nothing for you.")  # fmt: skip
            return reverse("assessment:people")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"about": about, "form": form, "reasons": reasons}
    return render(request, "assessment/objection_raise.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """The objections at the lead IQA's centres: those that wait, oldest first; under ?show=decided the others."""
    user = _lead(request)
    decided = request.GET.get("show") == "decided"
    rows = objections_for(user)
    waiting = rows.filter(decided_at__isnull=True)
    order = ["-decided_at", "-pk"] if decided else ["raised_at", "pk"]
    page = keyset(request, rows.filter(decided_at__isnull=False) if decided else waiting, order, size=SIZE)
    context = {"page": page, "decided": decided, "waiting": waiting.count()}
    return render(request, "assessment/objections.html", context)


@login_required
@require_http_methods(METHODS)
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection, and the lead IQA's decision on it. 404 for another centre's."""
    user = _lead(request)
    row = get_object_or_404(objections_for(user), pk=pk)
    registration = row.registration
    others = others_who_assess(registration, row.about)
    form, reasons = DecideObjectionForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            made = decide_objection(row, **form.cleaned_data, by=user, at=timezone.now())
            upheld = made.outcome == made.Outcome.UPHELD
            messages.success(request, f"{'Upheld' if upheld else 'Not upheld'}. {registration.learner.name} and "
                             f"{row.about.name} have been told.")  # fmt: skip
            alone = upheld and not others
            return reverse("assessment:objection", args=[row.pk]) if alone else reverse("assessment:objections")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"row": row, "form": form, "reasons": reasons, "others": others, "is_own": row.about_id == user.pk}
    return render(request, "assessment/objection.html", context, status=422 if reasons or form.errors else 200)


def _lead(request: HttpRequest) -> User:
    user = person(request)
    if not user.has_role(Role.LEAD_IQA):
        raise PermissionDenied("Only the lead internal quality assurer of the centre decides on objections.")
    return user
