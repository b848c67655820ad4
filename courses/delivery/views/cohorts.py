"""Cohorts for the people of an authority and a centre, and the centre's matching queue."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.views.decorators.http import require_http_methods, require_safe

from content.models.local import authorities_of
from courses.delivery.api import Cohort, may_allocate
from courses.delivery.api import settle_match as settle
from courses.delivery.forms import SettleForm, TraineeFilter
from courses.delivery.queries import (
    HAPPENING,
    cohorts_for,
    filtered,
    heat_map,
    open_matches,
    tally,
    trainees_of,
    with_people,
)
from courses.delivery.visibility import AUTHORITY_ROLES, CENTRE_ROLES
from lms.accounts.api import Organisation, Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

SIZE = 50


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


@login_required
@require_safe
def cohorts(request: HttpRequest) -> HttpResponse:
    """The cohorts of the user's authority and centre, the latest first. Raises PermissionDenied for everybody else."""
    user = _user(request)
    if not user.has_role(*AUTHORITY_ROLES, *CENTRE_ROLES):
        raise PermissionDenied("Cohorts are for the people of a local authority or a centre.")
    page = keyset(request, cohorts_for(user), ["-starts_on", "-pk"], size=SIZE)
    context = {
        "page": page, "matches": open_matches(user).count() if _settles(user) else 0, "settles": _settles(user),
        "runs_centre": _administers(user, Organisation.Kind.CENTRE), "supports": user.has_role(Role.AREA_SENCO),
        "runs_awarding": _administers(user, Organisation.Kind.AWARDING_ORGANISATION),
        "runs_authority": user.has_role(Role.COHORT_MANAGER), "leads": user.has_role(Role.LEAD_IQA),
        "keeps_local": bool(authorities_of(user)),
    }  # fmt: skip
    return render(request, "delivery/cohorts.html", context)


@login_required
@require_safe
def cohort(request: HttpRequest, ref: Any) -> HttpResponse:
    """A cohort's map: each trainee's progress by section, and what is happening. 404 for another tenant's."""
    user = _user(request)
    group = get_object_or_404(Cohort.objects.visible_to(user).select_related("qualification"), ref=ref)
    everybody = trainees_of(group)
    form = TraineeFilter(request.GET)
    counts, found = tally(everybody), filtered(everybody, form.chosen)
    page = keyset(request, with_people(found), ["learner__name", "pk"], size=SIZE)
    rows = heat_map(page)
    for row in rows:
        row.drawn = format_html_join(
            "", '<td class="heat__cell heat__cell--{}">{}/{}</td>', ((c.heat, c.achieved, c.total) for c in row.cells)
        )  # one join a trainee: a map of 50 has 200 cells
    total = sum(counts.values())
    shown = f"{total} trainee{'' if total == 1 else 's'}" if len(rows) == total else f"{len(rows)} of {total} trainees"
    context = {
        "cohort": group, "allocates": may_allocate(user, group.centre_id), "rows": rows,
        "sections": rows[0].cells if rows else [], "page": page, "form": form,
        "chosen": form.chosen, "total": total, "shown": shown,
        "tally": [(key, words, counts[key]) for key, words in HAPPENING.items() if counts.get(key)],
        "matches": open_matches(user).filter(registration__cohort=group).count() if _settles(user) else 0,
    }  # fmt: skip
    return render(request, "delivery/cohort.html", context)


@login_required
@require_safe
def number_matches(request: HttpRequest) -> HttpResponse:
    """The centre's matching queue: numbers that somebody else holds already (rule 40)."""
    page = keyset(request, open_matches(_administrator(request)), ["asked_at", "pk"], size=SIZE)
    return render(request, "delivery/number_matches.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settle_match(request: HttpRequest, pk: int) -> HttpResponse:
    """The centre says how it settled one number of the matching queue."""
    user = _administrator(request)
    match = get_object_or_404(open_matches(user, also_settled=request.method == "POST"), pk=pk)
    form, reasons = SettleForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            settle(match, form.cleaned_data["outcome"], by=user, at=timezone.now())
            messages.success(request, f"The number of {match.registration.learner.name} is settled.")
            return reverse("delivery:number_matches")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"match": match, "form": form, "reasons": reasons}
    return render(request, "delivery/settle_match.html", context, status=422 if reasons or form.errors else 200)


def _administers(user: User, kind: str) -> bool:
    """An administrator of an organisation of this kind: of a centre, or of an awarding organisation."""
    return any(m.role == Role.CENTRE_ADMINISTRATOR and m.organisation.kind == kind for m in user.current_memberships)


def _settles(user: User) -> bool:
    return _administers(user, Organisation.Kind.CENTRE)


def _administrator(request: HttpRequest) -> User:
    user = _user(request)
    if not _settles(user):
        raise PermissionDenied("Only the centre’s administrators settle numbers.")
    return user
