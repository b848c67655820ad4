"""Taking a submission back before its assessor has opened it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import Submission
from portfolio.api import withdraw as withdraw_submission
from portfolio.domain.withdraw import why_not_withdraw

from .access import user_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Asks before taking a submission back (GET), then does it (POST). What can no longer be taken back leads to its
    page, which says why."""
    user = user_of(request)
    rows = Submission.objects.visible_to(user).select_related("registration", "assessor")
    submission = get_object_or_404(rows, ref=ref)
    if submission.registration.learner_id != user.pk:
        raise PermissionDenied("Only the learner can take a submission back.")
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            withdraw_submission(submission, by=user, at=timezone.now())
            messages.success(request, "You took your submission back. Your evidence is a draft again: change it, then "
                             "submit it when you are ready.")  # fmt: skip
            return reverse("assessment:submission", args=[ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    elif not submission.can_be_withdrawn:
        return redirect("assessment:submission", ref=ref)
    else:
        why_not = why_not_withdraw(submission)
        reasons = reasons_of(why_not) if why_not else []
    items = submission.items.select_related("criterion__outcome").order_by("criterion__position")
    context = {"submission": submission, "items": items, "reasons": reasons}
    return render(request, "portfolio/withdraw.html", context, status=422 if reasons else 200)
