"""One's own record as a member of staff: qualifications with their certificates, and the log of development."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from assessment.domain.certificate import checked_certificate
from assessment.forms_competence import KindForm, QualificationForm, StaffCpdForm, WithdrawForm
from assessment.queries_competence import cpd_totals, described, standings_of, waits_for_proof, withdrawn_because
from lms.accounts.api import StaffCpd, StaffQualification, User
from lms.accounts.competence import (
    STAFF_ROLES,
    Certificate,
    change_qualification,
    record_qualification,
    remove_cpd,
    withdraw_qualification,
    write_cpd,
)
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from portfolio.views.serving import sealed, send

from .workspace import person

METHODS = ["GET", "HEAD", "POST"]
PAGE = 20
Save = Callable[[QualificationForm, Certificate | None], str]


def staff(request: HttpRequest) -> User:
    """The signed-in member of staff. Raises PermissionDenied (403) for somebody who neither assesses nor assures."""
    user = person(request)
    if not user.has_role(*STAFF_ROLES):
        raise PermissionDenied("This page is for assessors and internal quality assurers.")
    return user


@login_required
@require_safe
def competence(request: HttpRequest) -> HttpResponse:
    """What the person may assess today, the qualifications that it follows from, and their log of development."""
    user = staff(request)
    rows = described(user.staff_qualifications.select_related("checked_by").order_by("kind", "-awarded_on", "-pk"))
    because = withdrawn_because(rows)
    context = {
        "standings": standings_of(user), "rows": [row for row in rows if row.withdrawn_at is None],
        "withdrawn": [(row, because.get(row.pk, "")) for row in rows if row.withdrawn_at is not None],
        "to_prove": sum(waits_for_proof(row) for row in rows), "totals": cpd_totals(user),
        "page": keyset(request, user.staff_cpd.all(), ["-happened_on", "-pk"], size=PAGE),
    }  # fmt: skip
    return render(request, "assessment/competence.html", context)


@login_required
@require_http_methods(METHODS)
def qualification_new(request: HttpRequest) -> HttpResponse:
    """Adds a qualification to one's own record: first which kind (?kind=), then its dates and certificate."""
    user = staff(request)
    return added(request, user, "assessment:competence", "Added. Your centre marks it when they have seen proof of it.")


def added(request: HttpRequest, user: User, back: str, said: str, *at: Any) -> HttpResponse:
    """The two pages that add a qualification to somebody's record; then the page `back`, which is about `at`."""
    asked = KindForm(request.GET if "kind" in request.GET else None)
    context = {"user_of_record": user, "own": user == person(request), "back": reverse(back, args=at)}
    if not asked.is_valid():
        status = 422 if asked.is_bound else 200
        return render(request, "assessment/competence_kind.html", context | {"form": asked}, status=status)

    def save(form: QualificationForm, certificate: Certificate | None) -> str:
        record_qualification(user, form.facts, certificate=certificate, by=person(request), at=timezone.now())
        messages.success(request, said)
        return reverse(back, args=at)

    form = QualificationForm(asked.cleaned_data["kind"], request.POST or None, request.FILES or None)
    return _form_page(request, form, save, context | {"kind": StaffQualification.Kind(form.kind).label})


def _form_page(request: HttpRequest, form: QualificationForm, save: Save, context: dict[str, Any]) -> HttpResponse:
    """Shows the form, or saves it once with the certificate that came with it."""
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        try:
            with checked_certificate(form.cleaned_data["certificate"]) as certificate:
                return act_once(request, lambda: save(form, certificate))
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context |= {"form": form, "reasons": reasons}
    status = 422 if request.method == "POST" else 200
    return render(request, "assessment/competence_form.html", context, status=status)


def find(request: HttpRequest, ref: UUID) -> StaffQualification:
    """A record that the person may see: their own, or one that their centre keeps; 404 for everybody else."""
    rows = StaffQualification.objects.visible_to(person(request)).select_related("user", "checked_by")
    return get_object_or_404(rows, ref=ref)


def home_of(request: HttpRequest, row: StaffQualification) -> str:
    """The page that the record stands on, for whoever asks."""
    if row.user_id == person(request).pk:
        return reverse("assessment:competence")
    return reverse("assessment:staff_member", args=[row.user_id])


@login_required
@require_http_methods(METHODS)
def qualification_edit(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Corrects a record, adds its certificate, or says that it has been awarded. Proof must then be seen anew."""
    row = find(request, ref)
    back = home_of(request, row)
    form = QualificationForm(row.kind, request.POST or None, request.FILES or None, initial=QualificationForm.of(row))

    def save(form: QualificationForm, certificate: Certificate | None) -> str:
        change_qualification(row, form.facts, certificate=certificate, by=person(request), at=timezone.now())
        messages.success(request, f"“{form.cleaned_data['title']}” is saved.")
        return back

    context = {"row": row, "kind": row.get_kind_display(), "back": back, "user_of_record": row.user,
               "own": row.user_id == person(request).pk}  # fmt: skip
    return _form_page(request, form, save, context)


@login_required
@require_http_methods(METHODS)
def qualification_withdraw(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Asks why, then takes a qualification off the record."""
    row = find(request, ref)
    back, form, reasons = home_of(request, row), WithdrawForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            withdraw_qualification(row, form.cleaned_data["reason"], by=person(request), at=timezone.now())
            messages.success(request, f"“{row.title}” is taken off the record.")
            return back

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"row": row, "form": form, "reasons": reasons, "back": back, "own": row.user_id == person(request).pk}
    status = 422 if request.method == "POST" else 200
    return render(request, "assessment/competence_withdraw.html", context, status=status)


@login_required
@require_safe
@xframe_options_sameorigin
@sealed
def certificate(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """The certificate, for the person and whoever keeps their record at their centre; 404 for anybody else."""
    row = find(request, ref)
    if not row.stored_as:
        raise Http404
    return send(request, row.stored_as, name=row.file_name, content_type=row.content_type, inline=True)


@login_required
@require_http_methods(METHODS)
def cpd_new(request: HttpRequest) -> HttpResponse:
    """Adds to one's own log of development."""
    staff(request)
    return _cpd_page(request, StaffCpdForm(request.POST or None), None)


@login_required
@require_http_methods(METHODS)
def cpd_edit(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Corrects an entry of one's own log."""
    entry = get_object_or_404(staff(request).staff_cpd, ref=ref)
    return _cpd_page(request, StaffCpdForm(request.POST or None, initial=StaffCpdForm.of(entry)), entry)


def _cpd_page(request: HttpRequest, form: StaffCpdForm, entry: StaffCpd | None) -> HttpResponse:
    user, reasons = person(request), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            write_cpd(user, entry=entry, by=user, at=timezone.now(), **form.cleaned_data)
            messages.success(request, "It is in your log.")
            return f"{reverse('assessment:competence')}#cpd"

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons, "entry": entry}
    status = 422 if request.method == "POST" else 200
    return render(request, "assessment/competence_cpd.html", context, status=status)


@login_required
@require_http_methods(METHODS)
def cpd_remove(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Asks, then deletes an entry of one's own log. It is fetched inside the act: the same form posted again finds the
    first one's result."""
    user = staff(request)
    if request.method == "POST":

        def act() -> str:
            remove_cpd(get_object_or_404(user.staff_cpd, ref=ref), by=user, at=timezone.now())
            messages.success(request, "The entry is deleted from your log.")
            return f"{reverse('assessment:competence')}#cpd"

        return act_once(request, act)
    entry = get_object_or_404(user.staff_cpd, ref=ref)
    return render(request, "assessment/competence_cpd_remove.html", {"entry": entry})
