"""The assessor's trainees: who they are, what waits, what is being recorded, which documents are to be seen."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessment.forms_record import AttestForm, TraineeFilter
from assessment.policies import check_no_interest
from assessment.queries_records import MOST, documents_for, documents_of, documents_to_see, records_of, trainees_of
from lms.accounts.api import Role
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from portfolio.domain.attest import attest as attest_to

from .workspace import person

SIZE = 25


@login_required
@require_safe
def learners(request: HttpRequest) -> HttpResponse:
    """The trainees whose assessor the user is today, by name; above them the user's records that are not submitted
    and the documents to see. Raises PermissionDenied (403) for somebody who assesses nobody."""
    user = person(request)
    if not user.has_role(Role.ASSESSOR):
        raise PermissionDenied("This page is for assessors.")
    form = TraineeFilter(request.GET, auto_id="filter_%s")
    words = form.cleaned_data["q"] if form.is_valid() else ""
    context = {
        "form": form, "words": words, "page": keyset(request, trainees_of(user, words=words), ["learner__name", "pk"],
                                                     size=SIZE),
        "records": list(records_of(user)[:MOST]), "documents": list(documents_to_see(user)[:MOST]),
    }  # fmt: skip
    return render(request, "assessment/learners.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attest(request: HttpRequest, ref: Any, number: int) -> HttpResponse:
    """The assessor says that they have seen a document in its setting (rules 6, 21). ?submission=…&criterion=… leads
    back to the workspace."""
    user = person(request)
    version = get_object_or_404(documents_for(user), evidence__ref=ref, number=number)
    if not documents_of(user).filter(pk=version.pk).exists():
        raise PermissionDenied("Only the trainee’s assessor attests to a document.")
    form, reasons = AttestForm(request.POST or None, initial={"place": version.place}), []
    back = _back(request)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            check_no_interest(user, version.evidence.registration)
            attest_to(version, **form.cleaned_data, by=user, at=timezone.now())
            messages.success(request, "It is on record that you have seen it.")
            return back

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "version": version, "registration": version.evidence.registration, "reasons": reasons,
               "back": back}  # fmt: skip
    return render(request, "assessment/attest.html", context, status=422 if reasons or form.errors else 200)


def _back(request: HttpRequest) -> str:
    """The workspace that one came from, or the trainees."""
    try:
        submission = UUID(request.GET.get("submission", ""))
    except ValueError:
        return reverse("assessment:learners")
    query = urlencode({"criterion": request.GET.get("criterion", "")})
    return f"{reverse('assessment:workspace', args=[submission])}?{query}#evidence"
