"""What an assessor does in the workspace: judge evidence, decide a criterion; nothing typed is lost on the way.

The workspace is one form, so that each of its buttons saves all that was ticked and typed at this criterion. Each of
these acts is also a sign that somebody is at the desk, with or without JavaScript.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assessment.api import draft_decision, judge_version
from assessment.domain.draft_several import draft_several
from assessment.domain.draft_several import undo as undo_drafts
from assessment.domain.lease import stay
from assessment.domain.release import unfinished
from assessment.forms import JudgementForm
from assessment.queries_desk import Desk, desk_of
from lms.accounts.api import User
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once

from .workspace import address, find_desk, find_submission, forms_for, person, show

# What the buttons of a decision save; "take back" leaves the words and clears the outcome.
OUTCOMES = {"achieved": "achieved", "referred": "referred", "take-back": ""}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, ref: Any) -> HttpResponse:
    """Saves V, A, C and R of the evidence version named by the button, and whatever else was ticked or typed."""
    return _save(request, ref, outcome=None, pressed=request.POST.get("judge", ""))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, ref: Any) -> HttpResponse:
    """Saves the draft decision at hand with the outcome of the button pressed (none = just save)."""
    return _save(request, ref, outcome=OUTCOMES.get(request.POST.get("outcome", "")), pressed=None)


def _save(request: HttpRequest, ref: Any, *, outcome: str | None, pressed: str | None) -> HttpResponse:
    if request.method != "POST":  # somebody reloaded a refused page, or signed in again on the way
        return redirect("assessment:workspace", ref=find_submission(request, ref).ref)
    desk, user, now = find_desk(request, ref, request.POST.get("criterion", "")), person(request), timezone.now()
    judgements, decision = forms_for(desk, request.POST)

    def act() -> str:
        judge_all(judgements, user, now, pressed)
        if decision.is_valid() and (pressed is None or decision.has_changed()):
            draft = decision.draft(desk.line.item.criterion_id, outcome, bases_in(request.POST))
            draft_several(desk.submission, [draft], by=user, at=now)
        stay(desk.submission, by=user, at=now)
        return _onward(desk, judgements, user, pressed, outcome)

    try:
        return act_once(request, act)
    except Refused as refusal:
        return show(request, desk, request.POST, mended(reasons_of(refusal), judgements))


def judge_all(forms: list[JudgementForm], user: User, now: datetime, pressed: str | None) -> None:
    """Saves the judgements that were touched, and the one whose button was pressed."""
    for form in forms:
        if form.is_valid() and (form.has_changed() or str(form.version.pk) == pressed):
            judge_version(form.version, **form.values, by=user, at=now)


def mended(reasons: list[Refused], judgements: list[JudgementForm]) -> list[Refused]:
    """The reasons; the one of a judgement without its note leads to the note."""
    for reason in reasons:
        if reason.code == "rule-06-note":
            reason.fix_url = f"#{_first_without_note(judgements)}"
    return reasons


def _first_without_note(judgements: list[JudgementForm]) -> str:
    for form in judgements:
        if not form.cleaned_data.get("note") and not all(form.values.values()):
            return form["note"].auto_id
    return "evidence"


def _onward(desk: Desk, judgements: list[JudgementForm], user: User, pressed: str | None, outcome: str | None) -> str:
    """Where the assessor goes on: the next evidence to judge, what is still missing here, or the next criterion."""
    code = desk.line.code
    if pressed is not None:
        done = {piece.version.pk for piece in desk.pieces if piece.judgement}
        done |= {form.version.pk for form in judgements if form.has_changed() or str(form.version.pk) == pressed}
        ahead = [form.version.pk for form in judgements if form.version.pk not in done]
        return address(desk, code, f"evidence-{ahead[0]}" if ahead else "decision")
    if not outcome:
        return address(desk, code, "decision", saved=code)
    fresh = desk_of(desk.submission, user, code, with_evidence=False)
    assert fresh is not None  # the same criterion of the same submission
    if unfinished([fresh.line.item], fresh.drafts, user):
        return address(desk, code)
    return onward_from(fresh, code)


def onward_from(desk: Desk, saved: str) -> str:
    """The next criterion that nobody has decided; the check before release when there is none. `saved`: the codes
    that were just saved, with commas."""
    ahead = desk.next_undecided
    if ahead is None:
        return f"{reverse('assessment:release', args=[desk.submission.ref])}?saved={saved}"
    return address(desk, ahead.code, saved=saved)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, ref: Any) -> HttpResponse:
    """Takes back the last step in the decisions on these criteria, as its "Undo" says. A refusal is shown where the
    first of them is."""
    if request.method != "POST":  # a refused page was reloaded
        return redirect("assessment:workspace", ref=find_submission(request, ref).ref)
    codes = request.POST.getlist("criterion")
    desk, user = find_desk(request, ref, codes[0] if codes else "", with_evidence=False), person(request)
    ids = [line.item.criterion_id for line in desk.lines if line.code in codes]

    def act() -> str:
        undo_drafts(desk.submission, ids, by=user, at=timezone.now())
        return address(desk, desk.line.code, "decision", undone=",".join(codes))

    try:
        return act_once(request, act)
    except Refused as refusal:
        return show(request, find_desk(request, ref, desk.line.code), reasons=reasons_of(refusal))


@login_required
@require_POST
def decide_autosave(request: HttpRequest, ref: Any) -> JsonResponse:
    """Saves rationale and feedback as they are typed. Idempotent by nature: the last text stays, so no once-token."""
    desk, now = find_desk(request, ref, request.POST.get("criterion", ""), with_evidence=False), timezone.now()
    try:
        decision = draft_decision(
            desk.submission, desk.line.item.criterion_id, by=person(request), at=now, version_ids=begun(desk),
            rationale=request.POST.get("rationale"), feedback=request.POST.get("feedback"),
            bases=bases_in(request.POST),
        )  # fmt: skip
    except Refused as refusal:
        return refused_answer(refusal)
    time = timezone.localtime(now).strftime("%H:%M")
    return saved_answer(time, {"rationale": decision.rationale, "feedback": decision.feedback})


def begun(desk: Desk) -> set[int] | None:
    """What a decision that begins with an autosave rests on: everything submitted, as its form shows."""
    return set(desk.rests_on[desk.line.item.pk]) if desk.line.decision is None else None
