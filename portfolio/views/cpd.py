"""The CPD log: what a learner did for their own development, its totals, its export, and the log as evidence."""

import csv
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.api import Registration, current_registration
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from portfolio.domain.cpd import change_entry, reflect, remove_entry, write_entry
from portfolio.domain.own_records import cpd_evidence
from portfolio.domain.snapshots import text_of_log
from portfolio.forms_skills import EntryForm, FilterForm, LearnedForm, PeriodForm
from portfolio.models import CpdEntry
from portfolio.queries_skills import cpd_rows, cpd_totals, cpd_years, outcomes_by_section, own_development

from .access import user_of
from .step import METHODS

ORDER = ["-done_on", "-pk"]
PAGE = 20
COLUMNS = ["Date", "Kind", "What I did", "Hours", "Minutes", "Where", "What I learned", "Statements it helped with"]
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


def _narrowed(request: HttpRequest, registration: Registration) -> tuple[FilterForm, dict[str, Any]]:
    """What the list is narrowed to; what it does not know is left out."""
    form = FilterForm(request.GET, years=cpd_years(registration, user_of(request)))
    form.is_valid()
    return form, {name: value for name, value in form.cleaned_data.items() if value}


@login_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The log, newest first, narrowed by `?kind=` and `?year=`, with the totals of that year (or of all)."""
    registration, user = current_registration(request), user_of(request)
    form, asked = _narrowed(request, registration)
    totals = cpd_totals(cpd_rows(registration, user, year=asked.get("year")))
    page = keyset(request, cpd_rows(registration, user, **asked), ORDER, size=PAGE)
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    context = {
        "registration": registration, "is_open": registration.state in Registration.OPEN_STATES, "page": page,
        "form": form, "asked": asked, "totals": totals, "query": query.urlencode(), "tab": "cpd",
    }  # fmt: skip
    return render(request, "portfolio/cpd.html", context)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The log as a table for a spreadsheet, narrowed as the page is."""
    registration = current_registration(request)
    _, asked = _narrowed(request, registration)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cpd-log.csv"'
    response.write("\ufeff")  # so that Excel reads it as UTF-8
    sheet = csv.writer(response)
    sheet.writerow(COLUMNS)
    for entry in cpd_rows(registration, user_of(request), **asked).order_by(*ORDER):
        codes = ", ".join(o.code for o in sorted(entry.outcomes.all(), key=lambda outcome: outcome.position))
        words = (entry.get_kind_display(), entry.title)
        after = (entry.place, entry.reflection, codes)
        sheet.writerow([f"{entry.done_on:%d/%m/%Y}", *map(_cell, words), *divmod(entry.minutes, 60),
                        *map(_cell, after)])  # fmt: skip
    return response


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(RISKY) else text


@login_required
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """A new entry: what was done, when, for how long. What was learned is asked on the next page."""
    registration = current_registration(request)
    form = EntryForm(request.POST if request.method == "POST" else None)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            entry = write_entry(registration, by=user_of(request), at=timezone.now(), **form.cleaned_data)
            return reverse("portfolio:cpd_learned", args=[entry.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons, "entry": None}
    return render(request, "portfolio/cpd_entry.html", context, status=422 if request.method == "POST" else 200)


def _own_entry(request: HttpRequest, ref: UUID) -> CpdEntry:
    """An entry of the person's own log."""
    mine = CpdEntry.objects.visible_to(user_of(request))
    return get_object_or_404(mine.select_related("registration__qualification"), ref=ref)


@login_required
@require_http_methods(METHODS)
def edit(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Corrects what was done. Idempotent by nature."""
    entry = _own_entry(request, ref)
    initial = {name: getattr(entry, name) for name in EntryForm.base_fields}
    form = EntryForm(request.POST if request.method == "POST" else None, initial=initial)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        try:
            change_entry(entry, by=user_of(request), at=timezone.now(), **form.cleaned_data)
            return redirect("portfolio:cpd_learned", ref=ref)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons, "entry": entry}
    return render(request, "portfolio/cpd_entry.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(METHODS)
def learned(request: HttpRequest, ref: UUID) -> HttpResponse:
    """What was learned, and which statements it helped with. Idempotent by nature."""
    entry = _own_entry(request, ref)
    form = LearnedForm(request.POST if request.method == "POST" else None, initial={"reflection": entry.reflection})
    parts = outcomes_by_section(entry.registration)
    chosen = set(entry.outcomes.values_list("pk", flat=True))
    reasons: list[Refused] = []
    if request.method == "POST":
        known = {row.outcome.code: row.outcome.pk for part in parts for row in part.outcomes}
        chosen = {known[code] for code in request.POST.getlist("outcome") if code in known}
        form.is_valid()
        try:
            reflect(entry, reflection=form.cleaned_data.get("reflection"), outcome_ids=chosen, by=user_of(request),
                    at=timezone.now(), bases=bases_in(request.POST))  # fmt: skip
        except Refused as refusal:
            reasons = reasons_of(refusal)
        if not reasons and form.is_valid():
            messages.success(request, "It is in your CPD log.")
            return redirect(f"{reverse('portfolio:cpd')}#entry-{entry.ref}")
    sections = [(part, sum(row.outcome.pk in chosen for row in part.outcomes)) for part in parts]
    context = {"entry": entry, "form": form, "reasons": reasons, "sections": sections, "chosen": chosen}
    return render(request, "portfolio/cpd_learned.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def autosave(request: HttpRequest, ref: UUID) -> JsonResponse:
    """What was learned, saved as it is typed. Idempotent by nature."""
    entry, form, bases = _own_entry(request, ref), LearnedForm(request.POST), bases_in(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": "Not saved: this text holds a character that cannot be kept."}, status=422)
    text = form.cleaned_data["reflection"] if "reflection" in request.POST else None
    try:
        reflect(entry, reflection=text, by=user_of(request), at=timezone.now(), bases=bases)
    except Refused as refusal:
        return refused_answer(refusal)
    return saved_answer(timezone.localtime().strftime("%H:%M"), {"reflection": text} if text and bases else {})


@login_required
@require_http_methods(METHODS)
def remove(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Asks, then deletes an entry. It is fetched inside the act: the same form posted again finds the first one's
    result."""
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            remove_entry(_own_entry(request, ref), by=user_of(request), at=timezone.now())
            messages.success(request, "The entry is deleted from your log.")
            return reverse("portfolio:cpd")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"entry": _own_entry(request, ref), "reasons": reasons}
    return render(request, "portfolio/cpd_remove.html", context, status=422 if reasons else 200)


@login_required
@require_http_methods(METHODS)
def as_evidence(request: HttpRequest) -> HttpResponse:
    """Asks for a period and shows what the evidence would say, then makes it: a draft of the log as it is today."""
    registration, user, now = current_registration(request), user_of(request), timezone.now()
    asked = request.POST or (request.GET if "since_day" in request.GET else None)
    form = PeriodForm(asked, initial=_whole_log(registration, request))
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            version = cpd_evidence(registration, by=user, at=now, **form.cleaned_data)
            messages.success(request, "Saved as a draft. Make the two declarations, and it is ready to submit.")
            return reverse("portfolio:evidence_declare", args=[version.evidence.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    period = dict(form.cleaned_data if form.is_bound and form.is_valid() else form.initial)
    days = [(f"{name}_{part}", getattr(day, part)) for name, day in period.items() for part in ("day", "month", "year")]
    codes = [criterion.code for criterion in own_development(registration)]
    context = {"form": form, "reasons": reasons, "text": _preview(registration, request, period), "period": days,
               "criteria": codes}  # fmt: skip
    wrong = request.method == "POST" or (form.is_bound and not form.is_valid())
    return render(request, "portfolio/cpd_evidence.html", context, status=422 if wrong else 200)


def _whole_log(registration: Registration, request: HttpRequest) -> dict[str, date]:
    """From the first entry until today."""
    first = cpd_rows(registration, user_of(request)).prefetch_related(None).order_by("done_on").first()
    today = timezone.localdate()
    return {"since": first.done_on if first else today - timedelta(days=365), "until": today}


def _preview(registration: Registration, request: HttpRequest, period: dict[str, date]) -> str:
    rows = cpd_rows(registration, user_of(request), since=period["since"], until=period["until"])
    entries = list(rows.order_by("done_on", "pk"))
    return text_of_log(entries, cpd_totals(rows), at=timezone.now(), **period) if entries else ""
