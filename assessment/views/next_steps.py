"""Next steps: the assessor writes them with a submission; the learner answers them once they are released."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.domain.next_steps import (
    agree,
    ask_about,
    change_next_step,
    mark_done,
    remove_next_step,
    write_next_step,
)
from assessment.forms_desk import NextStepForm
from assessment.models import NextStep
from assessment.queries_next_steps import answerable_by, open_for, released_for, with_submission
from courses.delivery.api import current_registration
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

from .notes import METHODS, back_to, may_write, submitted_criteria
from .workspace import find_submission, person

DONE_SHOWN = 20


@login_required
@require_http_methods(METHODS)
def new(request: HttpRequest, ref: Any) -> HttpResponse:
    """Writes a next step with an open submission, for the criterion that the address names or another."""
    return _write(request, ref, None)


@login_required
@require_http_methods(METHODS)
def change(request: HttpRequest, ref: Any, step: Any) -> HttpResponse:
    """Changes a next step while its submission is open."""
    return _write(request, ref, step)


def _write(request: HttpRequest, ref: Any, step: Any) -> HttpResponse:
    submission, user = find_submission(request, ref), person(request)
    row = get_object_or_404(with_submission(submission), ref=step) if step else None
    criteria = submitted_criteria(submission)
    at_hand = next((c.pk for c in criteria if c.code == request.GET.get("criterion")), None)
    form = NextStepForm(criteria, row, request.POST or None, criterion_id=at_hand)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said: dict[str, Any] = {**form.values, "by": user, "at": timezone.now()}
            done = change_next_step(row, **said) if row else write_next_step(submission, **said)
            return back_to(request, submission, f"step-{done.ref}")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    elif request.method != "POST" and not may_write(submission, user):
        return redirect(back_to(request, submission, "next-steps"))
    context = {"form": form, "step": row, "submission": submission, "reasons": reasons,
               "back": back_to(request, submission, "next-steps")}  # fmt: skip
    return render(request, "assessment/next_step.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(METHODS)
def remove(request: HttpRequest, ref: Any, step: Any) -> HttpResponse:
    """Asks before a next step is taken away (GET), then does it (POST)."""
    submission, user = find_submission(request, ref), person(request)
    row = with_submission(submission).filter(ref=step).first()
    back = back_to(request, submission, "next-steps")
    if row is None:
        return redirect(back)
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            remove_next_step(row, by=user, at=timezone.now())
            return back

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    elif not may_write(submission, user):
        return redirect(back)
    context = {"step": row, "submission": submission, "reasons": reasons, "back": back}
    return render(request, "assessment/next_step_remove.html", context, status=422 if reasons else 200)


@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """The learner's next steps: what is to do, then what is done."""
    return _own(request)


def _own(request: HttpRequest, *, reasons: list[Refused] | None = None, asking: Any = None) -> HttpResponse:
    registration = current_registration(request)
    done = released_for(registration).filter(done_at__isnull=False)
    context = {
        "steps": list(open_for(registration)), "done": keyset(request, done, ["-done_at", "-pk"], size=DONE_SHOWN),
        "reasons": reasons or [], "asking": asking, "typed": request.POST.get("comment", ""),
    }  # fmt: skip
    return render(request, "assessment/next_steps.html", context, status=422 if reasons else 200)


@login_required
@require_POST
def accept(request: HttpRequest, ref: Any) -> HttpResponse:
    """The learner agrees to a next step."""
    return _answer(request, ref, lambda step: agree(step, by=person(request), at=timezone.now()),
                   lambda step: f"You agreed. {step.written_by.name} can see it.")  # fmt: skip


@login_required
@require_POST
def ask(request: HttpRequest, ref: Any) -> HttpResponse:
    """The learner asks about a next step; the assessor is told."""
    comment = request.POST.get("comment", "")
    return _answer(request, ref, lambda step: ask_about(step, comment, by=person(request), at=timezone.now()),
                   lambda step: f"Your question is with {step.written_by.name}.")  # fmt: skip


@login_required
@require_POST
def done(request: HttpRequest, ref: Any) -> HttpResponse:
    """The learner marks a next step as done (or, with done=no, takes that back)."""
    is_done = request.POST.get("done") != "no"
    return _answer(request, ref, lambda step: mark_done(step, done=is_done, by=person(request), at=timezone.now()),
                   lambda step: "Well done: this next step is done." if is_done else "It is open again.")  # fmt: skip


def _answer(request: HttpRequest, ref: Any, change: Callable[[NextStep], NextStep],
            message: Callable[[NextStep], str]) -> HttpResponse:  # fmt: skip
    """Answers the learner's own next step once, and goes back to where it was answered from: its submission's feedback
    (`back=submission`) or the list."""
    step = get_object_or_404(answerable_by(person(request)), ref=ref)

    def act() -> str:
        messages.success(request, message(change(step)))
        if request.POST.get("back") == "submission":
            return f"{reverse('assessment:submission', args=[step.submission.ref])}#next-steps"
        return reverse("assessment:next_steps")

    try:
        return act_once(request, act)
    except Refused as refusal:
        return _own(request, reasons=reasons_of(refusal), asking=step.ref)
