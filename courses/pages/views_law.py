"""The law that lessons rest on: what is due to be checked, and that somebody has checked it."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from content.domain.check_law import check_reference
from content.models import LegalReference
from lms.accounts.api import User, may_edit_content
from lms.common.once import act_once
from lms.common.tables import csv_response

from .law import TABLE_HEADER, cited_references, law_report, table_rows


def _author(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not may_edit_content(user):
        raise PermissionDenied("This page is for authors and reviewers of a course.")
    return user


@login_required
@require_safe
def law(request: HttpRequest) -> HttpResponse:
    """Which legal references are due to be checked, and which lessons cite each."""
    report = law_report(_author(request), today=timezone.localdate())
    return render(request, "courses/law.html", {"report": report, "days": LegalReference.REVIEW_AFTER_DAYS})


@login_required
@require_safe
def law_table(request: HttpRequest) -> HttpResponseBase:
    """All of them as CSV, to work through with somebody who has no account."""
    rows = cited_references(_author(request))
    return csv_response("law-and-guidance", TABLE_HEADER, table_rows(rows))


@login_required
@require_POST
def law_checked(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Checked today: nothing has changed". Another organisation's reference is 404, one of the product's 403."""
    user = _author(request)
    reference = get_object_or_404(LegalReference.objects.visible_to(user), pk=pk)

    def act() -> str:
        check_reference(reference, by=user, at=timezone.now())
        messages.success(request, f"“{reference}” is checked as of today.")
        return reverse("law")

    return act_once(request, act)
