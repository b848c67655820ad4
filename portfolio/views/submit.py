"""Submitting criteria: choose, check, send (rules 1, 2, 3 and 20)."""

from dataclasses import dataclass, field

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from courses.delivery.api import CriterionStatus, Registration, current_registration
from courses.framework.api import criteria_of
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import Candidate, EvidenceVersion, candidates, submit_criteria
from portfolio.queries import assessor_of, due_on

from .access import user_of

NOT_YET = "already-submitted"
UNCHANGED = "nothing-new"
DECLARED = "checked"  # the box on the check page


@dataclass
class Lists:
    """The criteria with evidence, by what can be done with them."""

    ready: list[Candidate] = field(default_factory=list)
    blocked: list[Candidate] = field(default_factory=list)
    waiting: list[Candidate] = field(default_factory=list)


@login_required
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Criteria that can be submitted, to tick; the others with the reasons and where each is mended."""
    return _choose(request, current_registration(request), set(request.GET.getlist("criterion")))


def _choose(request: HttpRequest, registration: Registration, codes: set[str], *, reasons: tuple[Refused, ...] = (),
            status: int = 200) -> HttpResponse:  # fmt: skip
    achieved = _achieved(registration)
    lists = Lists()
    for candidate in candidates(registration, at=timezone.now()):
        codes_of_reasons = {reason.code for reason in candidate.reasons}
        if candidate.ready:
            lists.ready.append(candidate)
        elif NOT_YET in codes_of_reasons:
            lists.waiting.append(candidate)
        elif not (codes_of_reasons == {UNCHANGED} and candidate.criterion.pk in achieved):
            lists.blocked.append(candidate)
    if not codes and not reasons:
        codes = {c.criterion.code for c in lists.ready if c.criterion.pk not in achieved}
    context = {"registration": registration, "lists": lists, "ticked": codes, "achieved": achieved, "reasons": reasons,
               "is_open": registration.state in Registration.OPEN_STATES}  # fmt: skip
    return render(request, "portfolio/submit.html", context, status=status)


def _achieved(registration: Registration) -> set[int]:
    rows = CriterionStatus.objects.filter(registration=registration, status=CriterionStatus.Status.ACHIEVED)
    return set(rows.values_list("criterion_id", flat=True))


def _pieces(chosen: list[Candidate]) -> list[EvidenceVersion]:
    """Each version once, however many of the criteria rest on it."""
    return list({version.pk: version for candidate in chosen for version in candidate.versions}.values())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Check your answers (GET ?criterion=1.1&criterion=…), declare that you have, submit them (POST) and see the
    receipt. Without the declaration nothing is sent and nothing ticked is lost."""
    registration = current_registration(request)
    codes = set((request.POST if request.method == "POST" else request.GET).getlist("criterion"))
    if not codes:
        nothing = Refused("nothing-chosen", "Choose at least one criterion to submit.")
        return _choose(request, registration, codes, reasons=(nothing,), status=422)
    known = {c.code: pk for pk, c in criteria_of(registration.qualification.framework_id).items()}
    reasons: list[Refused] = []
    declared = request.POST.get(DECLARED) == "on"
    if request.method == "POST" and not declared:
        reasons = [Refused("submission-declaration", "Tick the box to say that you have checked what you submit.",
                           fix_url="#id_checked")]  # fmt: skip
    elif request.method == "POST" and codes <= known.keys():

        def act() -> str:
            wanted = {known[code] for code in codes}
            submission = submit_criteria(registration, wanted, by=user_of(request), at=timezone.now())
            return reverse("assessment:submission", args=[submission.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    now = timezone.now()
    chosen = [c for c in candidates(registration, at=now) if c.criterion.code in codes]
    if not reasons or not declared:
        unknown = codes - {candidate.criterion.code for candidate in chosen}
        reasons += [Refused("rule-01-no-evidence", f"{code} has no evidence yet, or is not one of your criteria.")
                   for code in sorted(unknown)]  # fmt: skip
        reasons += [reason for candidate in chosen for reason in candidate.reasons]
    assessor = assessor_of(registration)
    context = {
        "registration": registration, "chosen": chosen, "reasons": reasons, "assessor": assessor,
        "due_on": due_on(registration, at=now), "achieved": _achieved(registration), "declared": declared,
        "undeclared": any(reason.code == "submission-declaration" for reason in reasons),
        "pieces": _pieces(chosen),
    }  # fmt: skip
    return render(request, "portfolio/submit_check.html", context, status=422 if reasons else 200)
