"""Who assesses, assures and supports whom: a cohort's teams, one learner's team, and balanced allocation."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from assessment.domain.team import apply_shared, assign, finish, propose, replace
from assessment.forms_team import AUTOMATIC_CHOICES, AutomaticForm, EndForm, GiveForm, ReplaceForm, TeamFilter, today
from assessment.policies.allocating import Part
from assessment.queries_ground import Candidate, ground_of
from assessment.queries_team import (
    COLUMNS,
    allocation_at,
    filtered,
    gaps_of,
    needing_second,
    open_work_of,
    people_of,
    team_of,
    team_registrations,
    with_team,
)
from courses.delivery.api import Allocation, Cohort, Registration, may_allocate
from lms.accounts.api import User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

from .workspace import person

SIZE = 50
SHOWN = "team-shared-out"  # the salt of what a preview has shown


@login_required
@require_safe
def cohort_team(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A cohort's learners with everybody who has a role towards them; filters say who lacks somebody. 404 for another
    tenant's cohort, 403 for somebody who sees the cohort and does not set its teams."""
    user = person(request)
    cohort = _cohort(user, ref)
    everybody = Registration.objects.filter(cohort=cohort).exclude(state=Registration.State.WITHDRAWN)
    form = TeamFilter(request.GET, people_of(cohort))
    gaps = gaps_of(everybody)
    page = keyset(request, with_team(filtered(everybody, form.chosen)), ["learner__name", "pk"], size=SIZE)
    second = needing_second(list(page), centre_id=cohort.centre_id, at=timezone.now()) if len(page) else set()
    for row in page:
        row.columns = [(part, [one for one in row.team if one.role == part]) for part in COLUMNS]
        row.needs = _needs(row, second)
    context = {
        "cohort": cohort, "page": page, "form": form, "chosen": form.chosen, "gaps": gaps, "columns": COLUMNS,
        "today": today(), "shown": f"{len(page)} trainee{'' if len(page) == 1 else 's'} on this page",
    }  # fmt: skip
    return render(request, "assessment/team_cohort.html", context)


def _needs(row: Any, second: set[int]) -> set[str]:
    """Which roles somebody should have towards a learner and nobody has today."""
    if row.state not in Registration.OPEN_STATES:
        return set()
    day = today()
    held = {one.role for one in row.team if one.starts_on <= day}
    found = {part.value for part in (Part.ASSESSOR, Part.IQA) if part not in held}
    return found | ({Part.SECOND_ASSESSOR.value} if row.pk in second else set())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def automatic(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Balanced allocation of a cohort: a preview of who would get whom, and why not; confirming does exactly that."""
    user = person(request)
    cohort = _cohort(user, ref)
    rows = list(Registration.objects.open().filter(cohort=cohort).order_by("pk"))
    form = AutomaticForm(request.POST if request.method == "POST" else _ticked(request))
    parts = form.cleaned_data["part"] if form.is_valid() else []
    reasons: list[Refused] = []
    if request.method == "POST" and parts:

        def act() -> str:
            shown = _read_shown(request)
            made = apply_shared(rows, parts, shown, centre_id=cohort.centre_id, by=user, at=timezone.now())
            messages.success(request, f"{len(made)} allocation{'' if len(made) == 1 else 's'} made. Everybody "
                             "concerned has been told.")  # fmt: skip
            return reverse("assessment:team_cohort", args=[cohort.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    found = propose(rows, parts, centre_id=cohort.centre_id, at=timezone.now()) if rows and parts else []
    context = {
        "cohort": cohort, "form": form, "reasons": reasons, "parts": parts, "learners": len(rows),
        "groups": [(label, [one for one in found if one.part == part]) for part, label in AUTOMATIC_CHOICES
                   if part in parts],
        "given": sum(one.user is not None for one in found), "without": [one for one in found if one.user is None],
        "shown": signing.dumps(sorted((one.key for one in found), key=str), salt=SHOWN),
    }  # fmt: skip
    return render(request, "assessment/team_automatic.html", context, status=422 if reasons else 200)


def _ticked(request: HttpRequest) -> Any:
    """Which roles to share out: as asked, or all of them."""
    if "part" in request.GET:
        return request.GET
    return {"part": [part for part, _ in AUTOMATIC_CHOICES]}


def _read_shown(request: HttpRequest) -> set[tuple]:
    """What the preview showed. Raises Refused for one that was changed on the way."""
    try:
        return {tuple(key) for key in signing.loads(request.POST.get("shown", ""), salt=SHOWN)}
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Refused("shared-changed", "Check the list and confirm again.") from error


@login_required
@require_safe
def learner_team(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One learner's team with its history: who, in which role, from when to when, and why it changed."""
    registration = _registration(person(request), ref)
    team = team_of(registration)
    context = {"registration": registration, "team": team, "parts": [(part.value, part.label) for part in COLUMNS],
               "open": registration.state in Registration.OPEN_STATES}  # fmt: skip
    return render(request, "assessment/team_learner.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Gives somebody to a learner in the role that ?role= names: everybody who holds it, and why some cannot."""
    user = person(request)
    registration = _registration(user, ref)
    part = request.GET.get("role", "")
    if part not in Part.values:
        raise Http404
    candidates = _candidates(registration, part)
    form, reasons = GiveForm(candidates, request.POST or None, initial={"starts_on": today()}), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said = form.cleaned_data
            made = assign(registration, User.objects.get(pk=said["who"]), part, starts_on=said["starts_on"],
                          ends_on=said["ends_on"], reason=said["reason"], by=user, at=timezone.now())  # fmt: skip
            messages.success(request, f"{made.user.name} is {made.get_role_display().lower()} of {registration.learner}"
                             f" from {_day(made.starts_on)}. Both have been told.")  # fmt: skip
            return reverse("assessment:team_learner", args=[registration.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"registration": registration, "form": form, "reasons": reasons, "part": Part(part),
               "cannot": [one for one in candidates if not one.is_eligible]}  # fmt: skip
    return render(request, "assessment/team_add.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, ref: UUID, pk: int) -> HttpResponse:
    """Gives a role to somebody else from a day on, with a reason; says what becomes of the work that is open."""
    user = person(request)
    registration, allocation = _allocation(user, ref, pk)
    candidates = _candidates(registration, allocation.role, leaving=allocation)
    form, reasons = ReplaceForm(candidates, request.POST or None, initial={"starts_on": today()}), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said = form.cleaned_data
            made = replace(allocation, User.objects.get(pk=said["who"]), starts_on=said["starts_on"],
                           reason=said["reason"], by=user, at=timezone.now())  # fmt: skip
            words = f"{made.user.name} takes over from {allocation.user.name} on {_day(made.starts_on)}."
            messages.success(request, f"{words} Both and {registration.learner.name} have been told.")
            return reverse("assessment:team_learner", args=[registration.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"registration": registration, "allocation": allocation, "form": form, "reasons": reasons,
               "part": Part(allocation.role), "cannot": [one for one in candidates if not one.is_eligible],
               "work": _work(registration, allocation)}  # fmt: skip
    return render(request, "assessment/team_change.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, ref: UUID, pk: int) -> HttpResponse:
    """Ends somebody's role towards a learner on a day, with a reason."""
    user = person(request)
    registration, allocation = _allocation(user, ref, pk)
    form, reasons = EndForm(request.POST or None, initial={"ends_on": today()}), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            finish(allocation, **form.cleaned_data, by=user, at=timezone.now())
            messages.success(request, f"The end is on record. {allocation.user.name} and {registration.learner.name} "
                             "have been told.")  # fmt: skip
            return reverse("assessment:team_learner", args=[registration.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    others = [one for one in team_of(registration).now if one.role == allocation.role and one.pk != allocation.pk]
    context = {"registration": registration, "allocation": allocation, "form": form, "reasons": reasons,
               "part": Part(allocation.role), "others": others, "work": _work(registration, allocation)}  # fmt: skip
    return render(request, "assessment/team_end.html", context, status=422 if reasons or form.errors else 200)


def _cohort(user: User, ref: UUID) -> Cohort:
    rows = Cohort.objects.visible_to(user).select_related("centre", "qualification", "local_authority")
    cohort = get_object_or_404(rows, ref=ref)
    if not may_allocate(user, cohort.centre_id):
        raise PermissionDenied("Who assesses whom is for the centre’s administrators and lead internal quality "
                               "assurers to say.")  # fmt: skip
    return cohort


def _registration(user: User, ref: UUID) -> Registration:
    registration = get_object_or_404(team_registrations(user), ref=ref)
    if not may_allocate(user, registration.centre_id):
        raise PermissionDenied("Who assesses whom is for the centre’s administrators and lead internal quality "
                               "assurers to say.")  # fmt: skip
    return registration


def _allocation(user: User, ref: UUID, pk: int) -> tuple[Registration, Allocation]:
    """An allocation of a learner of the user's centre."""
    registration = _registration(user, ref)
    return registration, get_object_or_404(allocation_at(user, pk), registration=registration)


def _candidates(registration: Registration, part: str, leaving: Allocation | None = None) -> list[Candidate]:
    """Everybody who holds the role, without whoever leaves it."""
    ground = ground_of(
        Registration.objects.filter(pk=registration.pk), centre_id=registration.centre_id, starts_on=today(),
        at=timezone.now(), leaving=leaving.pk if leaving else None,
    )  # fmt: skip
    found = ground.candidates(ground.registrations[registration.pk], part)
    return [one for one in found if leaving is None or one.user.pk != leaving.user_id]


def _work(registration: Registration, allocation: Allocation) -> dict[str, int]:
    """What stands in the queue of an assessor of the learner; nothing for other roles."""
    if allocation.role != Part.ASSESSOR:
        return {}
    return open_work_of(registration, allocation.user)


def _day(day: Any) -> str:
    return date_format(day, "j F Y")
