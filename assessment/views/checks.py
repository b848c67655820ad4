"""Second checks: the lanes of who countersigns and scrutinises, the check itself, and what waits for nobody."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessment.domain.check import check_submission, to_check
from assessment.forms_check import VerdictForm
from assessment.models import Decision, DecisionVersion
from assessment.policies import waiting_for, why_not_check
from assessment.queries_checks import (
    COUNTERSIGN,
    LANES,
    checkable_by,
    handed_on_by,
    lane_counts,
    waiting_at,
    with_facts,
)
from assessment.queries_desk import Desk, Line, desk_of, pieces_of, submissions_for
from lms.accounts.api import Role
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from portfolio.api import Submission

from .staff import keeper
from .workspace import person

SIZE = 25
MINE = "mine"


@login_required
@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """The user's two lanes, and what they have handed on themselves (?lane=), what was handed on first at the top.
    Raises PermissionDenied (403) for somebody who assesses nobody."""
    user = person(request)
    if not user.has_role(Role.ASSESSOR):
        raise PermissionDenied("This page is for assessors.")
    mine = handed_on_by(user)
    today, counts = timezone.localdate(), lane_counts(user) | {MINE: mine.count()}
    lane = request.GET.get("lane", "")
    if lane not in counts:
        lane = next((kind for kind in LANES if counts[kind]), COUNTERSIGN)
    rows = with_facts(mine if lane == MINE else checkable_by(user).filter(lane=lane))
    page = keyset(request, rows, ["handed_on_at", "pk"], size=SIZE)
    for row in page:
        row.days_late = max(0, (today - row.due_on).days)
    tabs = [(kind, name, counts[kind]) for kind, name in [*LANES.items(), (MINE, "Handed on by you")]]
    total = counts[lane]
    word = "submission" if total == 1 else "submissions"
    shown = f"{total} {word}" if len(page) == total else f"{len(page)} of {total} {word}"
    context = {"tabs": tabs, "lane": lane, "page": page, "total": total, "shown": shown}
    return render(request, "assessment/checks.html", context)


@login_required
@require_safe
def checks_waiting(request: HttpRequest) -> HttpResponse:
    """All handed-on work of a centre, for its lead IQA and administrators: since when it waits, who may check it, and
    where nobody is allocated who may."""
    user = keeper(request)
    page = keyset(request, with_facts(waiting_at(user)), ["handed_on_at", "pk"], size=SIZE)
    context = {"page": page, "nobody": sum(not row.checker for row in page), "lanes": LANES}
    return render(request, "assessment/checks_waiting.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, ref: UUID, kind: str) -> HttpResponse:
    """Each decision of a submission that waits for this check, with the evidence beside; agreed to or sent back.
    Whoever may see the submission but not check it reads it with the reason why. 404 for everybody else. The learner
    has no such page (rule 8)."""
    if kind not in LANES:
        raise Http404
    user = person(request)
    submission = get_object_or_404(submissions_for(user), ref=ref)
    if waiting_for(submission) != kind:
        return _not_waiting(request, submission, kind)
    why_not = why_not_check(user, submission, kind)
    desk, lines = _laid_out(request, submission, kind)
    asked = request.method == "POST" and why_not is None
    data = _agreed_to_all(request.POST, lines) if "all" in request.POST else request.POST
    forms = [VerdictForm(line.decision, data if asked else None) for line in lines if line.decision]
    reasons: list[Refused] = [why_not] if why_not and request.method == "POST" else []
    if asked and "all" not in request.POST:
        reasons = [reason for form in forms for reason in form.reasons]
        if not reasons:
            try:
                return act_once(request, lambda: _act(request, submission, kind, forms))
            except Refused as refusal:
                reasons = reasons_of(refusal)
    relied = _relied(lines)
    context = {
        "desk": desk, "kind": kind, "lane": LANES[kind], "why_not": why_not, "reasons": reasons,
        "rows": [(line, relied.get(form.decision.pk, []), form, follower)
                 for line, form, follower in zip(lines, forms, _followers(forms), strict=True)],
        "is_filled": "all" in request.POST and asked, "checked": _checked(submission),
        "deciders": list(dict.fromkeys(line.decision.decider.name for line in lines if line.decision)),
    }  # fmt: skip
    return render(request, "assessment/check_submission.html", context, status=422 if reasons else 200)


def _followers(forms: list[VerdictForm]) -> list[str]:
    """The id of what comes after each decision: the next one, at last the button."""
    return [*(f"decision-{form.decision.pk}" for form in forms[1:]), "send"][: len(forms)]


def _laid_out(request: HttpRequest, submission: Submission, kind: str) -> tuple[Desk, list[Line]]:
    """The submission with the evidence that the waiting decisions rest on, each version once."""
    desk = desk_of(submission, person(request), with_evidence=False)
    if desk is None:
        raise Http404
    waiting = {decision.criterion_id for decision in to_check(submission, kind)}
    lines = [line for line in desk.lines if line.item.criterion_id in waiting and line.decision]
    desk.pieces = pieces_of(desk, lines)
    return desk, lines


def _relied(lines: list[Line]) -> dict[int, list[DecisionVersion]]:
    """What each decision rests on."""
    found: dict[int, list[DecisionVersion]] = {}
    rows = DecisionVersion.objects.filter(decision__in=[line.decision.pk for line in lines if line.decision])
    for row in rows.select_related("version").defer("version__text").order_by("version_id"):
        found.setdefault(row.decision_id, []).append(row)
    return found


def _checked(submission: Submission) -> list[Decision]:
    """Decisions of the submission that have had a check: who agreed to them already."""
    rows = submission.decisions.filter(checks__agrees=True).exclude(state=Decision.State.SUPERSEDED).distinct()
    return list(rows.select_related("criterion").prefetch_related("checks__checked_by").order_by("criterion__position"))


def _agreed_to_all(data: QueryDict, lines: list[Line]) -> QueryDict:
    """What was filled in, with an agreement wherever nothing was answered."""
    filled = data.copy()
    for line in lines:
        if line.decision and not filled.get(f"d{line.decision.pk}-agrees"):
            filled[f"d{line.decision.pk}-agrees"] = "yes"
    return filled


def _act(request: HttpRequest, submission: Submission, kind: str, forms: list[VerdictForm]) -> str:
    verdicts: dict[int, Any] = {form.decision.pk: form.verdict for form in forms}
    row = check_submission(submission, kind, verdicts, by=person(request), at=timezone.now())
    returned = [form.decision.criterion.code for form in forms if not form.verdict[0]]
    learner = submission.registration.learner.name
    if returned:
        said = f"{', '.join(returned)} sent back to {row.assessor.name} with your note. {learner} is told nothing yet."
    elif row.released_at:
        said = f"You agreed. The decisions count, and {learner} has been told."
    else:
        said = f"You agreed. Now somebody else confirms the decisions, before {learner} is told."
    messages.success(request, said)
    return reverse("assessment:checks")


def _not_waiting(request: HttpRequest, submission: Submission, kind: str) -> HttpResponse:
    """The decisions do not wait for this check, or not any more. A form that was sent twice leads where the first one
    led; what somebody had typed is shown to them, to copy."""
    if request.method == "POST":
        try:
            return act_once(request, lambda: _refuse_late())
        except Refused as refusal:
            reasons = reasons_of(refusal)
    else:
        reasons = []
    typed = [text for name, text in request.POST.items() if name.endswith("-note") and str(text).strip()]
    now = waiting_for(submission)
    context = {"submission": submission, "reasons": reasons, "typed": typed, "now": now, "lane": LANES.get(now, ""),
               "kind": kind}  # fmt: skip
    return render(request, "assessment/check_done.html", context, status=422 if reasons else 200)


def _refuse_late() -> str:
    raise Refused("check-done", "These decisions do not wait for this check any more. Nothing was changed.")
