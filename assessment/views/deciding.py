"""What an assessor does in the workspace: judge evidence, decide a criterion; nothing typed is lost on the way.

The workspace is one form, so that each of its buttons saves all that was ticked and typed at this criterion.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assessment.api import draft_decision, judge_version
from assessment.domain.decide import unfinished
from assessment.forms import DecisionForm, JudgementForm
from assessment.queries import Desk, desk_of
from lms.accounts.api import User
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once

from .workspace import address, find_desk, find_submission, forms_for, person, show

OUTCOMES = ("achieved", "referred")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, ref: Any) -> HttpResponse:
    """Saves V, A, C and R of the evidence version named by the button, and whatever else was ticked or typed."""
    return _save(request, ref, outcome=None, pressed=request.POST.get("judge", ""))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, ref: Any) -> HttpResponse:
    """Saves the draft decision at hand with the outcome of the button pressed (none = just save)."""
    outcome = request.POST.get("outcome", "")
    return _save(request, ref, outcome=outcome if outcome in OUTCOMES else None, pressed=None)


def _save(request: HttpRequest, ref: Any, *, outcome: str | None, pressed: str | None) -> HttpResponse:
    if request.method != "POST":  # somebody reloaded a refused page, or signed in again on the way
        return redirect("assessment:workspace", ref=find_submission(request, ref).ref)
    desk, user, now = find_desk(request, ref, request.POST.get("criterion", "")), person(request), timezone.now()
    judgements, decision = forms_for(desk, request.POST)

    def act() -> str:
        for form in judgements:
            if form.is_valid() and (form.has_changed() or str(form.version.pk) == pressed):
                judge_version(form.version, **form.values, by=user, at=now)
        if decision.is_valid() and (pressed is None or decision.has_changed()):
            _draft(desk, decision, outcome, user, now, bases_in(request.POST))
        return _onward(desk, judgements, user, pressed, outcome)

    try:
        return act_once(request, act)
    except Refused as refusal:
        reasons = reasons_of(refusal)
        for reason in reasons:
            if reason.code == "rule-06-note":
                reason.fix_url = f"#{_first_without_note(judgements)}"
        return show(request, desk, request.POST, reasons)


def _first_without_note(judgements: list[JudgementForm]) -> str:
    for form in judgements:
        if not form.cleaned_data.get("note") and not all(form.values.values()):
            return form["note"].auto_id
    return "evidence"


def _draft(desk: Desk, form: DecisionForm, outcome: str | None, user: User, now: Any, bases: dict[str, str]) -> None:
    values = form.cleaned_data
    draft_decision(
        desk.submission, desk.line.item.criterion_id, by=user, at=now, outcome=outcome,
        sufficient=values["sufficient"], rationale=values["rationale"], feedback=values["feedback"],
        version_ids={int(pk) for pk in values["versions"]}, bases=bases,
    )  # fmt: skip


def _onward(desk: Desk, judgements: list[JudgementForm], user: User, pressed: str | None, outcome: str | None) -> str:
    """Where the assessor goes on: the next evidence to judge, what is still missing here, or the next criterion."""
    code = desk.line.code
    if pressed is not None:
        done = {piece.version.pk for piece in desk.pieces if piece.judgement}
        done |= {form.version.pk for form in judgements if form.has_changed() or str(form.version.pk) == pressed}
        ahead = [form.version.pk for form in judgements if form.version.pk not in done]
        return address(desk, code, f"evidence-{ahead[0]}" if ahead else "decision")
    if outcome is None:
        return address(desk, code, "decision", saved=code)
    fresh = desk_of(desk.submission, user, code, with_evidence=False)
    assert fresh is not None  # the same criterion of the same submission
    if unfinished([fresh.line.item], fresh.drafts, user):
        return address(desk, code)
    ahead_line = fresh.next_undecided
    if ahead_line is None:
        return reverse("assessment:release", args=[desk.submission.ref])
    return address(desk, ahead_line.code, saved=code)


@login_required
@require_POST
def decide_autosave(request: HttpRequest, ref: Any) -> JsonResponse:
    """Saves rationale and feedback as they are typed. Idempotent by nature: the last text stays, so no once-token."""
    desk, now = find_desk(request, ref, request.POST.get("criterion", "")), timezone.now()
    # A decision that begins here rests on everything submitted, as its form shows.
    everything = {piece.version.pk for piece in desk.pieces} if desk.line.decision is None else None
    try:
        decision = draft_decision(
            desk.submission, desk.line.item.criterion_id, by=person(request), at=now, version_ids=everything,
            rationale=request.POST.get("rationale"), feedback=request.POST.get("feedback"),
            bases=bases_in(request.POST),
        )  # fmt: skip
    except Refused as refusal:
        return refused_answer(refusal)
    time = timezone.localtime(now).strftime("%H:%M")
    return saved_answer(time, {"rationale": decision.rationale, "feedback": decision.feedback})
