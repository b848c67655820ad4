"""How much each assessor of a centre has to do, who is away and who covers, and who is borrowed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from assessment.domain.borrow import borrow as borrow_assessor
from assessment.domain.borrow import give_back as give_assessor_back
from assessment.domain.cover import come_back, set_cover
from assessment.forms_team import (
    AbsenceForm,
    BackForm,
    BorrowForm,
    CoverForm,
    GiveBackForm,
    LimitForm,
    today,
    yesterday,
)
from assessment.queries_cover import cover_lines, cover_of
from assessment.queries_team import absences_of, borrowed_at, centres_of, memberships_of, staff_of, workload_of
from courses.delivery.api import record_absence
from lms.accounts.api import Organisation, User, set_limit
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

from .workspace import person

SIZE = 50
SORTS = {
    "": ["user__name", "pk"],
    "learners": ["-learners", "pk"],
    "waiting": ["-waiting", "pk"],
    "overdue": ["-overdue", "pk"],
}


@login_required
@require_safe
def workload(request: HttpRequest) -> HttpResponse:
    """The assessors of the user's centres with what each has to do, by name or by what is most (?sort=)."""
    user, centres = _keeper(request)
    sort = request.GET.get("sort", "")
    order = SORTS.get(sort, SORTS[""])
    page = keyset(request, workload_of(centres, today=today()), order, size=SIZE)
    for row in page:
        row.filled = min(100, round(100 * row.learners / row.max_learners)) if row.max_learners else None
        row.is_away = row.away_from is not None and row.away_from <= today()
    context = {"page": page, "sort": sort if sort in SORTS else "", "several": len(centres) > 1}
    return render(request, "assessment/team_workload.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    """How many learners an assessor may be allocated at the centre."""
    user, _ = _keeper(request)
    membership = get_object_or_404(memberships_of(user), pk=pk)
    form, reasons = LimitForm(request.POST or None, initial={"limit": membership.max_learners}), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            row = set_limit(membership, form.cleaned_data["limit"], by=user, at=timezone.now())
            words = f"at most {row.max_learners} trainees" if row.max_learners else "no limit"
            messages.success(request, f"{membership.user.name} now has {words}.")
            return reverse("assessment:workload")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    row = workload_of({membership.organisation_id}, today=today()).get(pk=membership.pk)
    context = {"row": row, "form": form, "reasons": reasons}
    return render(request, "assessment/team_limit.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_safe
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away at the user's centres, now and next; under ?show=past what is over, the latest first."""
    user, centres = _keeper(request)
    past = request.GET.get("show") == "past"
    rows, day = absences_of(centres), today()
    rows = rows.filter(ends_on__lt=day) if past else rows.filter(ends_on__gte=day)
    page = keyset(request, rows, ["-ends_on", "-pk"] if past else ["starts_on", "pk"], size=SIZE)
    return render(request, "assessment/team_absences.html", {"page": page, "past": past, "today": day})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def absence_new(request: HttpRequest) -> HttpResponse:
    """Records that somebody is away, and leads on to who covers."""
    user, centres = _keeper(request)
    people = [(str(one.pk), one.name) for one in staff_of(centres)]
    initial = {"starts_on": today(), "who": request.GET.get("who", "")}
    form, reasons = AbsenceForm(people, request.POST or None, initial=initial), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said = dict(form.cleaned_data)
            who = User.objects.get(pk=said.pop("who"))
            made = record_absence(_centre_of(who, centres), who, **said, by=user, at=timezone.now())
            messages.success(request, f"It is on record that {who.name} is away. Choose who covers.")
            return reverse("assessment:absence", args=[made.pk])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons}
    return render(request, "assessment/team_absence_new.html", context, status=422 if reasons or form.errors else 200)


def _centre_of(who: User, centres: set[int]) -> Organisation:
    """The centre of the user's where somebody works; the first of several."""
    found = sorted(m.organisation_id for m in who.current_memberships if m.organisation_id in centres)
    return Organisation.objects.get(pk=found[0] if found else min(centres))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Who covers for whom while somebody is away: one choice a learner; ?suggest=1 fills in a balanced one."""
    user, centres = _keeper(request)
    row = get_object_or_404(absences_of(centres), pk=pk)
    over = row.ends_on < today()
    suggest = request.GET.get("suggest") == "1" and request.method != "POST"
    lines = [] if over else cover_lines(row, at=timezone.now(), suggest=suggest)
    form = CoverForm(lines, request.POST if request.method == "POST" else None)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            changed = set_cover(row, form.chosen, by=user, at=timezone.now())
            number = f"{changed} trainee{'' if changed == 1 else 's'}"
            messages.success(request, f"Cover changed for {number}. Everybody concerned has been told." if changed
                             else "Nothing was changed.")  # fmt: skip
            return reverse("assessment:absence", args=[row.pk])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"absence": row, "lines": [(line, form[line.name]) for line in lines], "form": form, "reasons": reasons,
               "over": over, "today": today(), "suggested": suggest, "open": sum(line.waiting for line in lines),
               "cover": list(cover_of(row).values()) if over else [],
               "without": sum(line.now is None for line in lines)}  # fmt: skip
    return render(request, "assessment/team_absence.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody is back early, or does not go away after all."""
    user, centres = _keeper(request)
    row = absences_of(centres).filter(pk=pk).first()
    if row is None and request.method == "POST":
        return act_once(request, _gone)  # called off by this very form, sent twice
    if row is None:
        raise Http404
    begun = row.starts_on <= today()
    form, reasons = BackForm(request.POST or None, initial={"ends_on": yesterday()}), []
    if request.method == "POST" and (not begun or form.is_valid()):

        def act() -> str:
            last = form.cleaned_data["ends_on"] if begun else yesterday()
            left = come_back(row, ends_on=last, by=user, at=timezone.now())
            words = f"{row.user.name} is away until {_day(left.ends_on)}." if left else "The absence is called off."
            messages.success(request, f"{words} Whoever covers has been told.")
            return reverse("assessment:absences")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"absence": row, "form": form, "reasons": reasons, "begun": begun, "over": row.ends_on < today(),
               "cover": list(cover_of(row).values())}  # fmt: skip
    failed = reasons or (begun and form.errors)
    return render(request, "assessment/team_absence_end.html", context, status=422 if failed else 200)


def _gone() -> str:
    raise Http404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def borrow(request: HttpRequest) -> HttpResponse:
    """Borrows an assessor of another centre or authority for some days; lists who is borrowed."""
    user, ids = _keeper(request)
    centres = {one.pk: one for one in Organisation.objects.filter(pk__in=ids).order_by("name", "pk")}
    choices = [(one.pk, one.name) for one in centres.values()]
    form, reasons = BorrowForm(choices, request.POST or None, initial={"starts_on": today()}), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said = dict(form.cleaned_data)
            made = borrow_assessor(centres[said.pop("centre")], **said, by=user, at=timezone.now())
            messages.success(request, f"{made.user.name} assesses for {made.organisation.name} from "
                             f"{_day(made.starts_on)} to {_day(made.ends_on)}. They have been told.")  # fmt: skip
            return reverse("assessment:borrow")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons, "borrowed": list(borrowed_at(ids, today=today())), "today": today(),
               "several": len(centres) > 1}  # fmt: skip
    return render(request, "assessment/team_borrow.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A borrowed assessor goes back before the agreed day."""
    user, centres = _keeper(request)
    membership = get_object_or_404(borrowed_at(centres, today=today()), pk=pk)
    form, reasons = GiveBackForm(request.POST or None, initial={"ends_on": today()}), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            give_assessor_back(membership, **form.cleaned_data, by=user, at=timezone.now())
            last = _day(form.cleaned_data["ends_on"])
            messages.success(request, f"{membership.user.name} assesses here until {last}. They have been told.")
            return reverse("assessment:borrow")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"membership": membership, "form": form, "reasons": reasons}
    return render(request, "assessment/team_give_back.html", context, status=422 if reasons or form.errors else 200)


def _keeper(request: HttpRequest) -> tuple[User, set[int]]:
    """Who asks, and the centres whose teams they set. Raises PermissionDenied for everybody else."""
    user = person(request)
    centres = centres_of(user)
    if not centres:
        raise PermissionDenied("This page is for a centre’s administrators and lead internal quality assurers.")
    return user, centres


def _day(day: Any) -> str:
    return date_format(day, "j F Y")
