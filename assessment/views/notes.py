"""Notes that an assessor writes at a place in the evidence: pages of their own, which the workspace opens in place."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessment.domain.annotate import annotate, change_annotation, remove_annotation
from assessment.forms_desk import NoteForm, asked_place
from assessment.models import Annotation
from assessment.policies import why_not_decide
from assessment.queries_notes import notes_for
from courses.framework.api import Criterion
from lms.accounts.api import User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import EvidenceVersion, Submission

from .workspace import find_submission, person

METHODS = ("GET", "HEAD", "POST")


def may_write(submission: Submission, user: User) -> bool:
    """Notes and next steps may be written with the submission now, by this person. The domain checks it again."""
    is_at_desk = submission.is_open and submission.opened_at is not None and not submission.is_being_checked
    return is_at_desk and why_not_decide(user, submission.registration) is None


def back_to(request: HttpRequest, submission: Submission, place: str) -> str:
    """The workspace that one came from: at the criterion that the address names, with focus on a place."""
    url = reverse("assessment:workspace", args=[submission.ref])
    code = request.GET.get("criterion", "")
    if submission.items.filter(criterion__code=code).exists():
        url += f"?{urlencode({'criterion': code})}"
    return f"{url}#{place}"


def submitted_criteria(submission: Submission, version: EvidenceVersion | None = None) -> list[Criterion]:
    """The criteria of a submission, or those that a version is submitted for."""
    items = submission.items.select_related("criterion").order_by("criterion__position")
    return [item.criterion for item in (items.filter(versions=version) if version else items)]


@login_required
@require_http_methods(METHODS)
def new(request: HttpRequest, ref: Any) -> HttpResponse:
    """A new note on a version (?version=12) of the submission, at the place that the address names."""
    submission, user = find_submission(request, ref), person(request)
    number = request.GET.get("version", "")
    rows = EvidenceVersion.objects.visible_to(user).filter(submitted_for__submission=submission)
    version = rows.filter(pk=number).first() if number.isdigit() else None
    if version is None:
        raise Http404
    criteria = submitted_criteria(submission, version)
    at_hand = next((c.pk for c in criteria if c.code == request.GET.get("criterion")), None)
    note = Annotation(submission=submission, version=version, criterion_id=at_hand, **asked_place(version, request.GET))
    return _write(request, note)


@login_required
@require_http_methods(METHODS)
def change(request: HttpRequest, ref: Any, note: Any) -> HttpResponse:
    """Changes one's own note while the submission is open."""
    return _write(request, _find(request, ref, note))


def _find(request: HttpRequest, ref: Any, note: Any) -> Annotation:
    submission = find_submission(request, ref)
    row = get_object_or_404(
        notes_for(person(request)).filter(submission=submission).select_related("version"), ref=note
    )
    row.submission = submission
    return row


def _write(request: HttpRequest, note: Annotation) -> HttpResponse:
    submission, user = note.submission, person(request)
    is_new = note.pk is None
    data = request.POST.dict() if request.method == "POST" else None
    form = NoteForm(note, note.version, submitted_criteria(submission, note.version),
                    submission.registration.learner.first_name, data)  # fmt: skip
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            typed = form.typed_link()
            said: dict[str, Any] = {"text": typed.why, "criterion_id": form.criterion_id, "place": typed, "by": user,
                    "at": timezone.now()}  # fmt: skip
            row = annotate(submission, note.version, **said) if is_new else change_annotation(note, **said)
            return back_to(request, submission, f"note-{row.ref}")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
            for reason in reasons:
                if reason.code in ("note-empty", "note-long"):
                    reason.fix_url = f"#{form['why'].auto_id}"
    elif request.method != "POST" and not (may_write(submission, user) and (is_new or note.written_by_id == user.pk)):
        return redirect(back_to(request, submission, f"notes-{note.version_id}"))
    context = {
        "form": form, "note": note, "version": note.version, "submission": submission, "is_new": is_new,
        "reasons": reasons, "back": back_to(request, submission, f"notes-{note.version_id}"),
    }  # fmt: skip
    return render(request, "assessment/note.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(METHODS)
def remove(request: HttpRequest, ref: Any, note: Any) -> HttpResponse:
    """Asks before a note is taken away (GET), then does it (POST). Once it is gone, back to the evidence."""
    submission, user = find_submission(request, ref), person(request)
    rows = notes_for(user).filter(submission=submission, ref=note).select_related("version")
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            row = rows.first()
            if row is None:
                return back_to(request, submission, "evidence")
            remove_annotation(row, by=user, at=timezone.now())
            return back_to(request, submission, f"notes-{row.version_id}")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    row = rows.first()
    if row is None or not (reasons or may_write(submission, user)):
        return redirect(back_to(request, submission, f"note-{note}" if row else "evidence"))
    context = {"note": row, "version": row.version, "submission": submission, "reasons": reasons,
               "back": back_to(request, submission, f"note-{row.ref}")}  # fmt: skip
    return render(request, "assessment/note_remove.html", context, status=422 if reasons else 200)
