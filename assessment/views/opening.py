"""Opening a submission, and taking one into one's own queue: acts, because reading a page never changes anything."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessment.api import open_submission
from assessment.api import take as take_submission
from assessment.domain.lease import stay
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import Submission

from .workspace import find_desk, find_submission, person, show


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_it(request: HttpRequest, ref: Any) -> HttpResponse:
    """The assessor opens a submission of their queue; from then on its learner cannot take it back."""
    return _act(request, ref, lambda row: open_submission(row, by=person(request), at=timezone.now()))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, ref: Any) -> HttpResponse:
    """Another assessor of the learner takes a submission into their own queue; whose it was is told."""

    def change(row: Submission) -> None:
        before = row.assessor
        if take_submission(row, by=person(request), at=timezone.now()).assessor_id != before.pk:
            messages.success(request, f"The submission is in your queue now. {before.name} has been told.")

    return _act(request, ref, change)


def _act(request: HttpRequest, ref: Any, change: Callable[[Submission], object]) -> HttpResponse:
    """Does it once and shows the workspace; a refusal shows it too, with the reason."""
    row = find_submission(request, ref)
    if request.method == "POST":

        def act() -> str:
            change(row)
            if row.assessor_id == person(request).pk:
                stay(row, by=person(request), at=timezone.now())
            return reverse("assessment:workspace", args=[row.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            return show(request, find_desk(request, ref, ""), reasons=reasons_of(refusal))
    return redirect("assessment:workspace", ref=row.ref)
