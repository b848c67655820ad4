"""The assessment plan: the assessor writes, proposes and revises it; the learner agrees it or sends it back.

Saving a line or the reason is idempotent by nature and carries no once-token: a line is saved under the ref that its
form came with, so that the same form sent twice makes one line, and sent again after going back changes it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.domain.plan import (
    Line,
    LineChanged,
    begin_plan,
    discard_plan,
    propose_plan,
    remove_line,
    save_line,
    save_reason,
    take_back_plan,
    why_not_plan,
)
from assessment.forms_plan import LineForm, ProposeForm
from assessment.models import AssessmentPlan, Decision, PlannedAssessment
from assessment.queries_plan import PlanPage, plan_page, revision
from courses.delivery.api import Allocation, Registration, is_allocated_to
from lms.accounts.api import Role
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import Submission

from .workspace import person

METHODS = ["GET", "HEAD", "POST"]


def find_registration(request: HttpRequest, ref: Any, *, to_write: bool = False) -> Registration:
    """The registration of a learner, for the assessors and quality assurers allocated today, or (`to_write`) for the
    assessors alone; 403 for others who may see it, 404 for everybody else."""
    user = person(request)
    rows = Registration.objects.visible_to(user).select_related("learner", "cohort", "qualification")
    registration = get_object_or_404(rows, ref=ref)
    roles = [Role.ASSESSOR] if to_write else [Role.ASSESSOR, Role.IQA, Role.LEAD_IQA]
    allocations = [Allocation.Role.ASSESSOR] if to_write else [Allocation.Role.ASSESSOR, Allocation.Role.IQA]
    may = user.has_role(*roles) and is_allocated_to(user, registration, *allocations)
    if not may or registration.learner_id == user.pk:
        raise PermissionDenied("Only the people who assess and quality-assure this trainee read the plan here.")
    return registration


def find_draft(registration: Registration) -> AssessmentPlan | None:
    """The draft of a learner's plan, if somebody is writing one."""
    return registration.plans.filter(state=AssessmentPlan.State.DRAFT).first()


def address(registration: Registration) -> str:
    """The page of a learner's plan."""
    return reverse("assessment:plan", args=[registration.ref])


def page_of(registration: Registration, *, drafts: bool) -> PlanPage:
    """A learner's plan as it stands now."""
    return plan_page(registration, today=timezone.localdate(), at=timezone.now(), drafts=drafts)


@login_required
@require_safe
def plan(request: HttpRequest, ref: Any) -> HttpResponse:
    """A learner's plan: the draft to write, what waits for the learner, or the plan in force. ?after=<submission>
    offers to revise it for what that submission left to do."""
    return _show(request, find_registration(request, ref))


def _show(request: HttpRequest, registration: Registration, form: ProposeForm | None = None,
          reasons: list[Refused] | None = None) -> HttpResponse:  # fmt: skip
    page = page_of(registration, drafts=True)
    opened = page.open.plan if page.open else None
    after = _released(registration, request.GET.get("after", ""))
    context = {
        "registration": registration, "page": page, "after": after, "reasons": reasons or [],
        "referred": _referred(after) if after else [], "why_not": why_not_plan(person(request), registration),
        "form": form or ProposeForm(initial={"reason": opened.reason if opened else ""}), "new_line": uuid4(),
    }  # fmt: skip
    return render(request, "assessment/plan.html", context, status=422 if reasons else 200)


def _released(registration: Registration, ref: str) -> Submission | None:
    try:
        return Submission.objects.filter(registration=registration, released_at__isnull=False, ref=UUID(ref)).first()
    except ValueError:
        return None


def _referred(submission: Submission) -> list[str]:
    rows = Decision.objects.filter(submission=submission, state=Decision.State.COUNTS, outcome="referred")
    return list(rows.order_by("criterion__position").values_list("criterion__code", flat=True))


def _act(request: HttpRequest, ref: Any, change: Callable[[Registration], None], said: str = "") -> HttpResponse:
    """Does something once to a learner's plan; a refusal shows its page with the reasons."""

    def act() -> str:
        registration = find_registration(request, ref, to_write=True)
        change(registration)
        if said:
            messages.success(request, said.format(name=registration.learner.name))
        return address(registration)

    try:
        return act_once(request, act)
    except Refused as refusal:
        return _show(request, find_registration(request, ref), reasons=reasons_of(refusal))


@login_required
@require_POST
def begin(request: HttpRequest, ref: Any) -> HttpResponse:
    """Begins the first plan, or a revision; with `after` also a line for what a submission left to do."""

    def change(registration: Registration) -> None:
        after = _released(registration, request.POST.get("after", ""))
        begin_plan(registration, after=after, by=person(request), at=timezone.now())

    return _act(request, ref, change)


@login_required
@require_http_methods(METHODS)
def line(request: HttpRequest, ref: Any, line: UUID) -> HttpResponse:
    """A line of the draft, to change it or, under a ref that is not there yet, to add it (?criteria=1.1,1.2.a ticks
    these). Idempotent by nature."""
    registration = find_registration(request, ref, to_write=True)
    draft = find_draft(registration)
    if draft is None:
        if request.method != "POST":
            return redirect(address(registration))
        draft = get_object_or_404(registration.plans.order_by("-number")[:1])  # its refusal says what it has become
    row = draft.lines.filter(ref=line).prefetch_related("criteria").first()
    saved = Line.of(row) if row else Line()
    page = page_of(registration, drafts=True)
    sections = page.progress.sections
    criteria = [status.criterion for section in sections for status in section.statuses]
    start = saved if row else replace(saved, criteria=_asked_for(request, criteria))
    form = LineForm(start, criteria, request.POST or None)
    reasons: list[Refused] = []
    theirs: Line | None = None
    if request.method == "POST" and form.is_valid():
        try:
            base = request.POST.get("base", "")
            save_line(draft, line, form.line(), base=base, by=person(request), at=timezone.now())
            if request.POST.get("then") == "another":
                messages.success(request, "Saved. Add another line.")
                return redirect("assessment:plan_line", ref=ref, line=uuid4())
            return redirect(f"{address(registration)}#line-{line}")
        except LineChanged as changed:
            reasons, theirs = [changed], changed.saved
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {
        "registration": registration, "plan": draft, "form": form, "reasons": reasons, "sections": sections,
        "is_new": row is None, "ref": line, "base": saved.base if row else "", "theirs": theirs,
        "their_codes": [each.code for each in criteria if theirs and each.pk in theirs.criteria],
        "covered": _covered(page, line),
    }  # fmt: skip
    return render(request, "assessment/plan_line.html", context, status=422 if reasons or form.errors else 200)


def _asked_for(request: HttpRequest, criteria: list[Any]) -> frozenset[int]:
    codes = set(request.GET.get("criteria", "").split(","))
    return frozenset(criterion.pk for criterion in criteria if criterion.code in codes)


def _covered(page: PlanPage, line: UUID) -> set[str]:
    """Codes that another line of the draft covers."""
    rows = page.open.lines if page.open else []
    return {status.criterion.code for row in rows if row.line.ref != line for status in row.statuses}


@login_required
@require_http_methods(METHODS)
def line_remove(request: HttpRequest, ref: Any, line: UUID) -> HttpResponse:
    """Asks before taking a line out of the draft (GET), then takes it out (POST)."""
    if request.method == "POST":

        def change(registration: Registration) -> None:
            draft = find_draft(registration)
            if draft is not None:
                remove_line(draft, line, by=person(request), at=timezone.now())

        return _act(request, ref, change, "The line is removed from the draft.")
    registration = find_registration(request, ref, to_write=True)
    row = PlannedAssessment.objects.filter(plan=find_draft(registration), ref=line).first()
    if row is None:
        return redirect(address(registration))
    return render(request, "assessment/plan_line_remove.html", {"registration": registration, "line": row})


@login_required
@require_POST
def propose(request: HttpRequest, ref: Any) -> HttpResponse:
    """Saves why the plan is revised and, with `then=propose`, asks the learner to agree it."""
    if request.POST.get("then") != "propose":
        return _save_reason(request, ref)
    registration = find_registration(request, ref, to_write=True)
    form = ProposeForm(request.POST)
    form.is_valid()

    def act() -> str:
        latest = registration.plans.order_by("-number").first()
        if latest is None:
            raise Http404
        propose_plan(latest, reason=form.cleaned_data.get("reason", ""), by=person(request), at=timezone.now())
        messages.success(request, f"Sent. {registration.learner.name} has been asked to agree the plan.")
        return address(registration)

    try:
        return act_once(request, act)
    except Refused as refusal:
        return _show(request, registration, form, reasons_of(refusal))


def _save_reason(request: HttpRequest, ref: Any) -> HttpResponse:
    registration = find_registration(request, ref, to_write=True)
    form, draft = ProposeForm(request.POST), find_draft(registration)
    form.is_valid()
    if draft is None:
        return redirect(address(registration))
    try:
        save_reason(draft, form.cleaned_data.get("reason", ""), by=person(request), at=timezone.now())
    except Refused as refusal:
        return _show(request, registration, form, reasons_of(refusal))
    messages.success(request, "The draft is saved. The trainee does not see it yet.")
    return redirect(address(registration))


@login_required
@require_POST
def take_back(request: HttpRequest, ref: Any) -> HttpResponse:
    """Takes back a plan that the learner has not answered, and goes on with a copy of it."""

    def change(registration: Registration) -> None:
        latest = get_object_or_404(registration.plans.order_by("-number")[:1])
        take_back_plan(latest, by=person(request), at=timezone.now())
        begin_plan(registration, by=person(request), at=timezone.now())

    return _act(
        request, ref, change, "You have taken the plan back. {name} has been told. Change it, then send it again."
    )


@login_required
@require_http_methods(METHODS)
def discard(request: HttpRequest, ref: Any) -> HttpResponse:
    """Asks before deleting the draft (GET), then deletes it (POST)."""
    if request.method == "POST":

        def change(registration: Registration) -> None:
            draft = find_draft(registration)
            if draft is not None:
                discard_plan(draft, by=person(request))

        return _act(request, ref, change, "The draft is deleted.")
    registration = find_registration(request, ref, to_write=True)
    draft = find_draft(registration)
    if draft is None:
        return redirect(address(registration))
    return render(request, "assessment/plan_discard.html", {"registration": registration, "plan": draft})


@login_required
@require_safe
def plan_revision(request: HttpRequest, ref: Any, number: int) -> HttpResponse:
    """One revision of a learner's plan, to read."""
    registration = find_registration(request, ref)
    shown = revision(registration, number, today=timezone.localdate(), at=timezone.now(), drafts=True)
    if shown is None:
        raise Http404
    context = {"registration": registration, "shown": shown, "back": address(registration)}
    return render(request, "assessment/plan_revision.html", context)
