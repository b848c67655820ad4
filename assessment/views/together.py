"""Deciding several criteria on one page: the evidence that they share once, and words of their own for each."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from assessment.domain.draft_several import Draft, DraftsRefused, draft_several
from assessment.domain.lease import stay
from assessment.domain.release import unfinished
from assessment.forms import TEXTS, TogetherForm
from assessment.models import DecisionVersion
from assessment.policies import why_not_decide
from assessment.queries_desk import Desk, Line, Piece, desk_of, pieces_of
from lms.accounts.api import User
from lms.common.conflicts import EditedElsewhere, bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once

from .deciding import judge_all, mended, onward_from
from .workspace import find_desk, judgement_forms, named, person, placed, practice_of, words_of


@dataclass
class Group:
    """Criteria of a submission that rest on the same evidence."""

    titles: list[str]
    lines: list[Line]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HttpRequest, ref: Any) -> HttpResponse:
    """The criteria named by ?criterion=1.1&criterion=1.2.a on one page; without two of them, which ones to choose.
    Saving is one act: all of them or none. Who may not decide is shown the workspace, which says why."""
    desk, user = find_desk(request, ref, "", with_evidence=False), person(request)
    sent = request.method == "POST"
    codes = (request.POST if sent else request.GET).getlist("criterion")
    chosen = [line for line in desk.lines if line.code in codes]
    if len(chosen) != len(set(codes)):
        raise Http404
    if sent and chosen:
        return _save(request, desk, chosen)
    can = desk.submission.is_open and not desk.submission.is_being_checked and desk.submission.opened_at is not None
    if not can or why_not_decide(user, desk.submission.registration):
        return redirect("assessment:workspace", ref=ref)
    chosen = [line for line in chosen if desk.is_decidable(line)]
    if len(chosen) < 2:
        return _choose(request, desk)
    return _show(request, desk, chosen)


def _choose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which criteria to decide together: those on the same evidence stand together."""
    pieces = {piece.version.pk: piece for piece in pieces_of(desk, desk.lines)}
    groups: dict[tuple[int, ...], Group] = {}
    for line in desk.lines:
        ids = tuple(desk.rests_on.get(line.item.pk, ()))
        if desk.is_decidable(line) and not any(pieces[pk].is_held for pk in ids):
            group = groups.setdefault(ids, Group([pieces[pk].version.title for pk in ids], []))
            group.lines.append(line)
    context = {"desk": desk, "groups": list(groups.values())}
    return render(request, "assessment/workspace_together_choose.html", context)


def _show(request: HttpRequest, desk: Desk, chosen: list[Line], data: Any = None,
          reasons: list[Refused] | None = None) -> HttpResponse:  # fmt: skip
    desk.pieces = desk.pieces or pieces_of(desk, chosen)
    judged = {form.version.pk: form for form in judgement_forms(desk, data)}
    forms, user = _forms(desk, chosen, data), person(request)
    if not reasons:
        _find_faults(desk, forms, user)
    context = {
        "desk": desk, "chosen": chosen, "reasons": reasons or [], "forms": forms, "action": _address(desk, chosen),
        "pieces": [(piece, judged.get(piece.version.pk)) for piece in desk.pieces], "may_judge": True,
        "saved": named(desk, request.GET.get("saved", "")), "on_hold": desk.is_on_hold,
    }  # fmt: skip
    return render(request, "assessment/workspace_together.html", context, status=422 if reasons else 200)


def _forms(desk: Desk, chosen: list[Line], data: Any = None) -> list[TogetherForm]:
    relied: dict[int, list[str]] = {}
    for row in DecisionVersion.objects.filter(decision__in=[line.decision for line in chosen if line.decision]):
        relied.setdefault(row.decision_id, []).append(str(row.version_id))
    forms = [
        TogetherForm(line, [p.version for p in _pieces(desk, line)], desk.learner.first_name, data,
                     initial=_initial(desk, line, relied))
        for line in chosen
    ]  # fmt: skip
    for form, other in pairwise(forms):
        form.after, other.before = other.line.item.criterion_id, form.line.item.criterion_id
    for form in forms:
        form.practice = practice_of(form.line, _pieces(desk, form.line))
    return forms


def _pieces(desk: Desk, line: Line) -> list[Piece]:
    """What one of the criteria rests on."""
    return [piece for piece in desk.pieces if piece.version.pk in desk.rests_on.get(line.item.pk, ())]


def _initial(desk: Desk, line: Line, relied: dict[int, list[str]]) -> dict[str, Any]:
    """A new decision rests on everything submitted, as in the workspace."""
    if line.decision is None or not line.is_mine:
        return {"versions": [str(piece.version.pk) for piece in _pieces(desk, line)]}
    return {"versions": relied.get(line.decision.pk, []), "outcome": line.outcome, **words_of(line.decision)}


def _find_faults(desk: Desk, forms: list[TogetherForm], user: User) -> None:
    """What each decision that has an outcome still lacks, with the place on this page where it is mended."""
    for form in forms:
        reasons = placed(unfinished([form.line.item], desk.drafts, user)) if form.line.outcome else []
        for reason in reasons:
            place = (reason.fix_url or "").rpartition("#")[2]
            reason.fix_url = "#" + (f"id_{form.add_prefix(place[3:])}" if place.startswith("id_") else place)
        form.faults = reasons


def _address(desk: Desk, chosen: list[Line]) -> str:
    """This page with these criteria."""
    asked = urlencode({"criterion": [line.code for line in chosen]}, doseq=True)
    return f"{reverse('assessment:together', args=[desk.submission.ref])}?{asked}"


def _save(request: HttpRequest, desk: Desk, chosen: list[Line]) -> HttpResponse:
    user, now = person(request), timezone.now()
    desk.pieces = pieces_of(desk, chosen)
    judgements, forms = judgement_forms(desk, request.POST), _forms(desk, chosen, request.POST)
    pressed = request.POST.get("judge")
    bases = bases_in(request.POST)

    def act() -> str:
        judge_all(judgements, user, now, pressed)
        drafts = [
            form.draft(form.line.item.criterion_id, form.cleaned_data["outcome"] or None, bases)
            for form in forms if form.is_valid() and (pressed is None or form.has_changed())
        ]  # fmt: skip
        draft_several(desk.submission, drafts, by=user, at=now)
        stay(desk.submission, by=user, at=now)
        return _onward(desk, chosen, user, pressed)

    try:
        return act_once(request, act)
    except Refused as refusal:
        _name_conflicts(refusal)
        return _show(request, desk, chosen, request.POST, mended(reasons_of(refusal), judgements))


def _onward(desk: Desk, chosen: list[Line], user: User, pressed: str | None) -> str:
    """This page again while something is missing on it; then the next criterion, or the check before release."""
    codes, again = [line.code for line in chosen], _address(desk, chosen)
    if pressed is not None:
        return f"{again}#evidence-{pressed}"
    fresh = desk_of(desk.submission, user, with_evidence=False)
    assert fresh is not None  # a submission has criteria
    items = [line.item for line in fresh.lines if line.code in codes]
    saved = ",".join(codes)
    if unfinished(items, fresh.drafts, user):
        return f"{again}&saved={saved}#work"
    return onward_from(fresh, saved)


def _name_conflicts(refusal: Refused) -> None:
    """A text that was changed elsewhere, by the name of its field on this page."""
    if isinstance(refusal, DraftsRefused):
        for criterion_id, reason in refusal.by_criterion.items():
            if isinstance(reason, EditedElsewhere):
                reason.theirs = {f"c{criterion_id}-{name}": text for name, text in reason.theirs.items()}
                reason.fix_url = f"#other-{next(iter(reason.theirs))}"


@login_required
@require_POST
def autosave(request: HttpRequest, ref: Any) -> JsonResponse:
    """Saves the texts of this page's criteria as they are typed; the others' stay as they are. Idempotent by nature:
    the last text stays, so no once-token."""
    desk, now = find_desk(request, ref, "", with_evidence=False), timezone.now()
    bases = bases_in(request.POST)
    drafts = [draft for line in desk.lines if (draft := _typed(request, desk, line, bases))]
    try:
        decisions = draft_several(desk.submission, drafts, by=person(request), at=now)
    except Refused as refusal:
        _name_conflicts(refusal)
        return refused_answer(next(iter(reasons_of(refusal))))
    saved = {f"c{row.criterion_id}-{name}": getattr(row, name) for row in decisions for name in TEXTS}
    return saved_answer(timezone.localtime(now).strftime("%H:%M"), saved)


def _typed(request: HttpRequest, desk: Desk, line: Line, bases: dict[str, str]) -> Draft | None:
    """What came in of one criterion; None when nothing did."""
    names = {name: f"c{line.item.criterion_id}-{name}" for name in TEXTS}
    typed = {name: request.POST[field] for name, field in names.items() if field in request.POST}
    if not typed:
        return None
    everything = set(desk.rests_on.get(line.item.pk, ())) if line.decision is None else None
    return Draft(
        line.item.criterion_id, rationale=typed.get("rationale"), feedback=typed.get("feedback"),
        version_ids=everything,
        bases={name: bases[field] for name, field in names.items() if field in bases},
    )  # fmt: skip
