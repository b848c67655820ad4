"""A learner's pages that show decisions: a criterion, submissions with their feedback, the pathway. Allocated
assessors and IQAs read the same pages and change nothing there."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessment.queries_learner import (
    criterion_page,
    give_notes,
    pathway_page,
    submissions_of,
    submitted_items,
)
from assessment.queries_next_steps import with_submission
from assessment.queries_notes import notes_in
from courses.delivery.api import Allocation, Registration, current_registration, is_allocated_to
from courses.pages.queries import guidance_for
from lms.accounts.api import User
from lms.common.paging import keyset
from portfolio.api import Submission

USES = {"teaches": "Learn about it", "practises": "Practise it", "assesses": "Show it"}


def viewed_registration(request: HttpRequest) -> Registration:
    """The registration that the page is about: with ?registration=, one's own or that of a learner to whom one is
    allocated as assessor or IQA (rule 35); else the learner's current one. Raises Http404 for any other."""
    ref = request.GET.get("registration", "")
    if not ref:
        return current_registration(request)
    user = cast(User, request.user)
    rows = Registration.objects.visible_to(user).select_related("qualification", "cohort", "learner")
    try:
        registration = rows.filter(ref=ref).first()
    except ValidationError:
        registration = None
    if registration is None or not _may_read(user, registration):
        raise Http404
    if registration.learner_id == user.pk and registration.state != Registration.State.WITHDRAWN:
        user.is_learner = True  # the header asks next
    return registration


def _may_read(user: User, registration: Registration) -> bool:
    roles = (Allocation.Role.ASSESSOR, Allocation.Role.IQA)
    return registration.learner_id == user.pk or is_allocated_to(user, registration, *roles)


@require_safe
@login_required
def criterion(request: HttpRequest, code: str) -> HttpResponse:
    """One criterion: what it says, where the course teaches it, the evidence for it, and every decision on it."""
    user = cast(User, request.user)
    registration = viewed_registration(request)
    page = criterion_page(user, registration, code, at=timezone.now())
    if page is None:
        raise Http404
    own = registration.learner_id == user.pk
    context = {
        "page": page, "registration": registration, "is_own": own, "learner": None if own else registration.learner,
        "may_add": own and registration.state in Registration.OPEN_STATES,
        "taught": [(USES[use], pages) for use, pages in page.taught],
        "guidance": guidance_for(registration, [page.criterion.pk]).get(page.criterion.pk),
    }  # fmt: skip
    return render(request, "assessment/criterion.html", context)


@require_safe
@login_required
def submissions(request: HttpRequest) -> HttpResponse:
    """Everything that has been submitted, newest first, with what became of it."""
    user = cast(User, request.user)
    registration = viewed_registration(request)
    page = keyset(request, submissions_of(user, registration), ["-number"], size=20)
    own = registration.learner_id == user.pk
    context = {"page": page, "is_own": own, "learner": None if own else registration.learner}
    return render(request, "assessment/submissions.html", context)


@require_safe
@login_required
def submission(request: HttpRequest, ref: str) -> HttpResponse:
    """The receipt of a submission; once it is released, the feedback beside the evidence."""
    user = cast(User, request.user)
    rows = Submission.objects.visible_to(user).select_related(
        "assessor", "registration__learner", "registration__qualification"
    )
    row = get_object_or_404(rows, ref=ref)
    items = submitted_items(row, user)
    achieved = sum(item.status == "achieved" for item in items)
    give_notes(items, notes_in(row, user))
    context = {
        "steps": list(with_submission(row)) if row.released_at else [],
        "submission": row, "items": items, "is_own": row.registration.learner_id == user.pk, "achieved": achieved,
        "to_change": [item for item in items if item.needs_change],
    }  # fmt: skip
    return render(request, "assessment/submission.html", context)


@require_safe
@login_required
def pathway(request: HttpRequest) -> HttpResponse:
    """Where the learner is, the one next step, what it needs and why not yet."""
    registration = current_registration(request)
    now = timezone.localtime()
    page = pathway_page(registration, today=now.date(), at=now)
    return render(request, "assessment/pathway.html", {"page": page, "registration": registration})
