"""Where an awarding organisation sets how its qualifications are assessed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessment.domain.policy import set_assessment_policy
from assessment.forms_dual import PolicyForm
from assessment.queries_dual import policy_history, qualifications_set_by
from courses.framework.api import AssessmentPolicy, policy_of
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

from .workspace import person

SIZE = 50


@login_required
@require_safe
def qualifications(request: HttpRequest) -> HttpResponse:
    """The awarding organisation's qualifications. Raises PermissionDenied for everybody but its administrators."""
    rows = qualifications_set_by(person(request))
    page = keyset(request, rows, ["title", "pk"], size=SIZE)
    if not page.items and not rows.exists():
        raise PermissionDenied("Only an awarding organisation’s administrators see its settings.")
    return render(request, "assessment/settings_policies.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """How one qualification is assessed: the settings, what they mean, and their history. 404 for another's."""
    user = person(request)
    qualification = get_object_or_404(qualifications_set_by(user), pk=pk)
    now = policy_of(qualification.pk, at=timezone.now())
    form, reasons = PolicyForm(now, request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            set_assessment_policy(qualification, by=user, at=timezone.now(), **form.cleaned_data)
            messages.success(request, "Saved. It holds from now on; what is decided already stays as it is.")
            return reverse("assessment:policy", args=[qualification.pk])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    page = keyset(request, policy_history(qualification), ["-in_force_from", "-pk"], size=SIZE)
    for row in page:
        row.effects = effects_of(row)
    context = {"qualification": qualification, "form": form, "reasons": reasons, "effects": effects_of(now),
               "page": page}  # fmt: skip
    return render(request, "assessment/settings_policy.html", context, status=422 if reasons or form.errors else 200)


def effects_of(policy: AssessmentPolicy) -> list[str]:
    """What a policy means, in words."""
    months, attempts, days = policy.working_towards_months, policy.attempt_limit, policy.decision_days
    return [
        "Decisions of an assessor who is not yet qualified count once a qualified assessor has countersigned them."
        if policy.countersigning else "Decisions of an assessor who is not yet qualified count at once.",
        f"An assessor may work towards their qualification for {months} month{'s' * (months != 1)}."
        if months else "An assessor may work towards their qualification for as long as they need.",
        "An assessor must have proved occupational competence for the sector and level."
        if policy.occupational_competence else "Occupational competence is not asked for.",
        f"A trainee may submit a criterion {attempts} time{'s' * (attempts != 1)}; the lead internal quality assurer "
        "can grant more." if attempts else "A trainee may submit a criterion as often as they need.",
        f"An assessor has {days} day{'s' * (days != 1)} to decide.",
    ]  # fmt: skip
