"""Dashboards of assessment: a centre's, a cohort's, an assessor's own; and the same as files."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assessment.domain.export import record_export
from assessment.forms_figures import FiguresFilter
from assessment.models import Decision
from assessment.queries_figures import HEADER, Figures, cells, figures
from courses.delivery.api import Allocation, Cohort, Registration, allocated
from lms.accounts.api import Role, User
from lms.common.tables import FORMATS, table_response
from portfolio.api import Submission

from .workspace import person

LEADERS = (Role.LEAD_IQA, Role.CENTRE_ADMINISTRATOR)
TABLES = {"assessors": "By assessor", "cohorts": "By cohort", "months": "By month"}


@dataclass
class Board:
    """Whose figures somebody looks at: the learners, who may be named, and where the page stands."""

    title: str
    lead: str
    registrations: QuerySet[Registration]
    url: str
    export_url: str
    owners: set[int]
    role: str
    own: int | None = None  # an assessor's own figures
    cohort: Cohort | None = None


@login_required
@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    """A centre's figures, for its lead IQAs and administrators; for an IQA, of the learners allocated to them."""
    return _page(request, _centre(person(request)))


@login_required
@require_POST
def centre_export(request: HttpRequest) -> HttpResponseBase:
    """A table of a centre's figures as a file. It carries figures about people out, so it is a POST and goes on
    record; the same file again on the same day is the same act, so that it needs no once-token."""
    return _export(request, _centre(person(request)))


@login_required
@require_safe
def cohort(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A cohort's figures, for whoever sees the cohort."""
    return _page(request, _cohort(person(request), ref))


@login_required
@require_POST
def cohort_export(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """A table of a cohort's figures as a file. On record, as the centre's."""
    return _export(request, _cohort(person(request), ref))


@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """An assessor's own figures: what they decided, and what waits for them."""
    return _page(request, _own(person(request)))


@login_required
@require_POST
def own_export(request: HttpRequest) -> HttpResponseBase:
    """A table of an assessor's own figures as a file. On record, as the centre's."""
    return _export(request, _own(person(request)))


def _centre(user: User) -> Board:
    led = user.centres(*LEADERS)
    if not led and not user.has_role(Role.IQA):
        raise PermissionDenied("These figures are for quality assurers and administrators of a centre.")
    mine = Q(centre__in=led)
    if user.has_role(Role.IQA):
        mine |= Q(allocated(user, Allocation.Role.IQA))
    rows = Registration.objects.visible_to(user).filter(mine).exclude(learner=user)
    lead = "Every trainee of your centre." if led else "The trainees whose assessment you quality-assure."
    return Board("Figures of assessment", lead, rows, reverse("assessment:figures"),
                 reverse("assessment:figures_export"), led or user.organisations(Role.IQA), "quality")  # fmt: skip


def _cohort(user: User, ref: UUID) -> Board:
    found = get_object_or_404(Cohort.objects.visible_to(user), ref=ref)
    rows = Registration.objects.visible_to(user).filter(cohort=found)
    return Board(f"Figures of {found.name}", "How the assessment of this cohort goes.", rows,
                 reverse("assessment:cohort_figures", args=[ref]),
                 reverse("assessment:cohort_figures_export", args=[ref]),
                 {pk for pk in (found.centre_id, found.local_authority_id) if pk in _works_at(user)}, "cohort",
                 cohort=found)  # fmt: skip


def _works_at(user: User) -> set[int]:
    return {membership.organisation_id for membership in user.current_memberships}


def _own(user: User) -> Board:
    if not user.has_role(Role.ASSESSOR):
        raise PermissionDenied("These figures are for assessors.")
    touched = Q(pk__in=Decision.objects.filter(decider=user).values("registration"))
    touched |= Q(pk__in=Submission.objects.filter(assessor=user).values("registration"))
    rows = Registration.objects.filter(touched).exclude(learner=user)
    return Board("My figures", "What you have decided, and what waits for you.", rows,
                 reverse("assessment:own_figures"), reverse("assessment:own_figures_export"),
                 user.organisations(Role.ASSESSOR), "assessor", own=user.pk)  # fmt: skip


def _read(request: HttpRequest, board: Board) -> tuple[FiguresFilter, Figures, str]:
    """The filter, the figures and the period in words."""
    today = timezone.localdate()
    form = FiguresFilter(request.GET, cohorts=_cohorts(board), assessors=_assessors(board))
    begins, ends = form.span(today)
    rows = board.registrations
    if form.chosen("cohort"):
        rows = rows.filter(cohort=int(form.chosen("cohort")))
    chosen = board.own if board.own is not None else int(form.chosen("assessor") or 0) or None
    return form, figures(rows, begins, ends, today=today, assessor=chosen), f"{begins:%Y-%m-%d} to {ends:%Y-%m-%d}"


def _cohorts(board: Board) -> list[tuple[str, str]]:
    if board.cohort is not None:
        return []
    rows = Cohort.objects.filter(registrations__in=board.registrations).distinct().order_by("name", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def _assessors(board: Board) -> list[tuple[str, str]]:
    if board.own is not None:
        return []
    there = Submission.objects.filter(registration__in=board.registrations).values("assessor")
    rows = User.objects.filter(pk__in=there).order_by("name", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def _page(request: HttpRequest, board: Board) -> HttpResponse:
    form, found, _ = _read(request, board)
    begins, ends = form.span(timezone.localdate())
    months = [(group.name, (group.achieved, group.referred)) for group in found.months]
    tables = [(key, words) for key, words in TABLES.items() if len(getattr(found, key)) > 1]
    context = {"board": board, "form": form, "figures": found, "begins": begins, "ends": ends, "formats": FORMATS,
               "names": ("Achieved", "Changes needed"), "months": months, "tables": tables}  # fmt: skip
    return render(request, "assessment/figures.html", context, status=422 if form.errors else 200)


def _export(request: HttpRequest, board: Board) -> HttpResponseBase:
    table = request.POST.get("table", "")
    table = table if table in TABLES else "assessors"
    kind = "xlsx" if request.POST.get("form") == "xlsx" else "csv"
    form, found, period = _read(request, board)
    asked: dict[str, Any] = {"table": table, "period": period, "cohort": form.chosen("cohort"),
                             "assessor": form.chosen("assessor")}  # fmt: skip
    if board.cohort is not None:
        asked["cohort"] = board.cohort.pk
    record_export("figures", board.owners, form=kind, asked=asked, by=person(request), role=board.role,
                  at=timezone.now())  # fmt: skip
    groups = [*getattr(found, table), found.all]
    return table_response(kind, f"{board.title}, {TABLES[table].lower()}, {period}", HEADER, cells(groups))
