"""The assessor's workspace: evidence beside the criterion, the check before release, and stepping aside."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessment.api import declare_interest as declare
from assessment.api import take_over as take_decision_over
from assessment.domain.release import unfinished
from assessment.forms import DecisionForm, InterestForm, JudgementForm
from assessment.models import Decision
from assessment.policies import position_of, why_not_achieved
from assessment.queries_desk import Desk, Line, Piece, desk_of, submissions_for
from lms.accounts.api import User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import Submission

# Where in the workspace each reason is mended.
PLACES = {
    "rule-06-rationale": "id_rationale",
    "rule-07-feedback": "id_feedback",
    "rule-06-sufficient": "id_sufficient",
    "rule-06-rests-on": "id_versions_0",
    "rule-06-unjudged": "evidence",
    "rule-06-unsound": "evidence",
    "rule-06-not-seen": "evidence",
    "rule-21-practice": "evidence",
    "rule-04-hold": "evidence",
}


def person(request: HttpRequest) -> User:
    """Who is signed in."""
    return cast(User, request.user)


def find_submission(request: HttpRequest, ref: Any) -> Submission:
    """The submission, for its allocated staff; 404 for everybody else, its learner included. Raises Refused when it
    has been withdrawn: whoever comes from the queue or a notice reads why it is not there."""
    row = submissions_for(person(request)).filter(ref=ref).first()
    if row is None:
        get_object_or_404(Submission.objects.withdrawn_from(person(request)), ref=ref)
        raise Refused("submission-withdrawn", "The learner took this submission back before it was opened. It will "
                      "come to your queue again when they submit it.", fix_url=reverse("assessment:queue"))  # fmt: skip
    return row


def find_desk(request: HttpRequest, ref: Any, code: str, *, with_evidence: bool = True) -> Desk:
    """The submission at a criterion; 404 when it is not the user's to see or has no such criterion."""
    desk = desk_of(find_submission(request, ref), person(request), code, with_evidence=with_evidence)
    if desk is None:
        raise Http404
    return desk


def address(desk: Desk, code: str, place: str = "work", **more: str) -> str:
    """The workspace at a criterion, with focus on a place in it."""
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{reverse('assessment:workspace', args=[desk.submission.ref])}?criterion={code}{extra}#{place}"


def placed(reasons: list[Refused]) -> list[Refused]:
    """The reasons, each with the exact place where it is mended."""
    for reason in reasons:
        if reason.fix_url and "#" not in reason.fix_url:
            reason.fix_url += f"#{PLACES.get(reason.code, 'work')}"
    return reasons


def forms_for(desk: Desk, data: Any = None) -> tuple[list[JudgementForm], DecisionForm]:
    """The forms of the criterion at hand: one for each evidence version that may still be judged, and the decision.
    A new decision rests on everything submitted until the assessor unticks it."""
    judgements = judgement_forms(desk, data)
    decision = desk.line.decision
    initial: dict[str, Any] = {"versions": [str(p.version.pk) for p in desk.pieces]}
    if decision is not None and desk.line.is_mine:
        relied = [str(p.version.pk) for p in desk.pieces if p.is_relied_on]
        initial = {"versions": relied, **words_of(decision)}
    versions = [piece.version for piece in desk.pieces]
    return judgements, DecisionForm(versions, desk.learner.first_name, data, initial=initial)


def judgement_forms(desk: Desk, data: Any = None) -> list[JudgementForm]:
    """One form for each evidence version on the desk that may still be judged."""
    return [
        JudgementForm(piece.version, piece.judgement, data) for piece in desk.pieces
        if not piece.is_locked and not piece.is_held and not piece.version.is_destroyed
    ]  # fmt: skip


def words_of(decision: Decision) -> dict[str, Any]:
    """What a draft decision says, as its form shows it."""
    return {"sufficient": decision.sufficient, "rationale": decision.rationale, "feedback": decision.feedback}


def practice_of(line: Line, pieces: list[Piece]) -> Refused | None:
    """Rule 21 before deciding: why a skill cannot be achieved on any of these versions; None when it can."""
    reasons = why_not_achieved(line.item.criterion, [piece.version for piece in pieces])
    return next((reason for reason in reasons if reason.code == "rule-21-practice"), None)


def named(desk: Desk, codes: str) -> list[Line]:
    """The user's own drafts that a message speaks of: codes with commas."""
    wanted = codes.split(",")
    return [line for line in desk.lines if line.code in wanted and line.is_mine and not line.is_settled]


@login_required
@require_safe
def workspace(request: HttpRequest, ref: Any) -> HttpResponse:
    """Evidence beside the criterion (?criterion=1.11, the first undecided one by default)."""
    return show(request, find_desk(request, ref, request.GET.get("criterion", "")))


def show(request: HttpRequest, desk: Desk, data: Any = None, reasons: list[Refused] | None = None) -> HttpResponse:
    """Draws the workspace. With `reasons` it is a refused form that comes back with all that was typed (422). What
    nobody has opened shows its evidence to a quality assurer only: an assessor opens it first."""
    user, is_open = person(request), desk.submission.is_open
    position = position_of(user, desk.submission.registration) if is_open else None
    why_not = position.refusal if position else None
    if desk.submission.can_be_withdrawn and not (why_not and why_not.code == "rule-06-not-allocated"):
        facts = {"desk": desk, "why_not": why_not, "is_mine": desk.submission.assessor_id == user.pk,
                 "reasons": reasons or []}  # fmt: skip
        return render(request, "assessment/workspace_open.html", facts, status=422 if reasons else 200)
    may_judge = is_open and why_not is None and not desk.submission.is_being_checked
    may_decide = may_judge and desk.is_decidable(desk.line) and not desk.is_on_hold
    judgements, decision = forms_for(desk, data if may_judge else None)
    by_version = {form.version.pk: form for form in judgements} if may_judge else {}
    left = placed(unfinished(desk.todo, desk.drafts, user)) if may_judge else []
    here = [reason for reason in left if f"criterion={desk.line.code}#" in (reason.fix_url or "")]
    context = {
        "desk": desk, "why_not": why_not, "is_second": position is not None and position.facts.is_second,
        "may_judge": may_judge, "reasons": reasons or [], "left": left,
        "pieces": [(piece, by_version.get(piece.version.pk)) for piece in desk.pieces],
        "decision_form": decision if may_decide else None,
        "faults": here if desk.line.outcome else [],
        "practice": practice_of(desk.line, desk.pieces),
        "saved": named(desk, request.GET.get("saved", "")), "undone": named(desk, request.GET.get("undone", "")),
    }  # fmt: skip
    return render(request, "assessment/workspace.html", context, status=422 if reasons else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_over(request: HttpRequest, ref: Any) -> HttpResponse:
    """Takes a criterion over from another assessor, after asking: their draft is discarded and they are told."""
    code = request.POST.get("criterion") or request.GET.get("criterion", "")
    desk = find_desk(request, ref, code, with_evidence=False)
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            take_decision_over(desk.submission, desk.line.item.criterion_id, by=person(request), at=timezone.now())
            return address(desk, desk.line.code)

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    elif desk.line.holder is None:
        return redirect(address(desk, desk.line.code))
    context = {"desk": desk, "reasons": reasons}
    return render(request, "assessment/workspace_take_over.html", context, status=422 if reasons else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declare_interest(request: HttpRequest, ref: Any) -> HttpResponse:
    """A member of staff declares a personal interest in this learner's result (rule 8)."""
    submission = find_submission(request, ref)
    form = InterestForm(request.POST or None)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            values = form.cleaned_data
            declare(submission.registration, values["kind"], values["detail"], by=person(request), at=timezone.now())
            messages.success(request, "Your interest is declared. Your lead internal quality assurer has been told.")
            return reverse("assessment:workspace", args=[submission.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"submission": submission, "form": form, "reasons": reasons}
    return render(request, "assessment/interest.html", context, status=422 if reasons or form.errors else 200)
