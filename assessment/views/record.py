"""What an assessor records on site: observations, testimonies, discussions, witnesses, documents seen (rules 21-23).

The page of a record saves what was typed whichever of its buttons is pressed. Saving is idempotent by nature and
carries no once-token: a token spent on an earlier save would make the server ignore what was typed after going back.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assessment.forms_record import RecordForm, RecordStartForm, WitnessForm
from assessment.policies import check_no_interest
from assessment.queries_records import record_of
from courses.delivery.api import Allocation, Registration, is_allocated_to
from lms.accounts.api import Role
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import EvidenceVersion, Link
from portfolio.asking import ASKING
from portfolio.domain.attach import add_file
from portfolio.domain.from_device import take_transcript
from portfolio.domain.record import (
    discard_record,
    missing_before_signing,
    save_record,
    sign_record,
    start_record,
    take_back_signature,
)
from portfolio.domain.witness import add_witness
from portfolio.kinds import RECORDED
from portfolio.places import RECORDINGS
from portfolio.queries import by_section, criteria_of
from portfolio.views.attach import files_context

from .workspace import person

METHODS = ["GET", "HEAD", "POST"]


def find_trainee(request: HttpRequest, ref: Any) -> Registration:
    """The registration of a learner, for their assessor; 403 for others who may see it, 404 for everybody else."""
    user = person(request)
    rows = Registration.objects.visible_to(user).select_related("learner", "cohort", "qualification")
    registration = get_object_or_404(rows, ref=ref)
    mine = user.has_role(Role.ASSESSOR) and is_allocated_to(user, registration, Allocation.Role.ASSESSOR)
    if not mine or registration.learner_id == user.pk:
        raise PermissionDenied("Only the trainee’s assessor can do this.")
    return registration


def find_record(request: HttpRequest, ref: Any) -> EvidenceVersion:
    """A record that the user makes and its learner has not submitted; 404 for everybody else."""
    version = record_of(person(request), ref)
    if version is None:
        raise Http404
    return version


def address(version: EvidenceVersion, name: str = "record") -> str:
    """A page of a record."""
    return reverse(f"assessment:{name}", args=[version.evidence.ref])


@login_required
@require_http_methods(METHODS)
def start(request: HttpRequest, ref: Any) -> HttpResponse:
    """Begins a record of a trainee's practice (?kind=observation chooses the kind)."""
    registration = find_trainee(request, ref)
    kind = request.GET.get("kind", "")
    form = RecordStartForm(request.POST or None, initial={"kind": kind if kind in RECORDED else ""})
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            check_no_interest(person(request), registration)
            return address(start_record(registration, **form.cleaned_data, by=person(request), at=timezone.now()))

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "registration": registration, "reasons": reasons}
    return render(request, "assessment/record_start.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(METHODS)
def edit(request: HttpRequest, ref: Any) -> HttpResponse:
    """A record, to write it on a phone on site; once it is signed, to read it and take the signature back."""
    version = find_record(request, ref)
    if request.method != "POST" or version.signed_at:
        reasons = [ALREADY_SIGNED] if request.method == "POST" else []
        return _show(request, version, RecordForm(version), reasons)
    typed = "title" in request.POST  # not so in the form of the files alone
    form = RecordForm(version, request.POST if typed else None)
    reasons = (_save(request, version, form) if typed else []) + _take_files(request, version)
    if not reasons and not form.errors:
        return _onward(request, version)
    return _show(request, find_record(request, ref), form, reasons)


ALREADY_SIGNED = Refused("rule-23-signed", "You have signed this record. Take your signature back to change it.")


def _show(request: HttpRequest, version: EvidenceVersion, form: RecordForm, reasons: list[Refused]) -> HttpResponse:
    """The page of a record: to write it, or to read it once it is signed. 422 when something was refused."""
    context = {"version": version, "registration": version.evidence.registration, "reasons": reasons}
    status = 422 if reasons or form.errors else 200
    if version.signed_at:
        return render(request, "assessment/record_signed.html", context, status=status)
    context = files_context(version) | context | {
        "record_form": form, "asking": ASKING[version.kind], "text": version.text,
        "transcripts": [file for file in version.files.all() if file.is_ready and file.media in ("text", "pages")],
    }  # fmt: skip
    return render(request, "assessment/record.html", context, status=status)


def _save(request: HttpRequest, version: EvidenceVersion, form: RecordForm) -> list[Refused]:
    form.is_valid()
    try:
        save_record(version, by=person(request), at=timezone.now(), bases=bases_in(request.POST), **form.cleaned_data)
    except Refused as refusal:
        return reasons_of(refusal)
    return []


def _take_files(request: HttpRequest, version: EvidenceVersion) -> list[Refused]:
    reasons: list[Refused] = []
    for upload in request.FILES.getlist("files"):
        try:
            add_file(version, upload, by=person(request), at=timezone.now())
        except Refused as refusal:
            reasons += reasons_of(refusal)
    return reasons


def _onward(request: HttpRequest, version: EvidenceVersion) -> HttpResponse:
    then = request.POST.get("then", "")
    if then == "witness":
        registration = version.evidence.registration
        query = urlencode({"record": str(version.evidence.ref)})
        return redirect(f"{reverse('assessment:witness_new', args=[registration.ref])}?{query}")
    if then in ("sign", "criteria"):
        return redirect(address(version, f"record_{then}"))
    if then == "add":
        return redirect(f"{address(version)}#files-title")
    messages.success(request, "Saved. Nobody else sees it until you sign it.")
    return redirect(address(version))


@login_required
@require_POST
def autosave(request: HttpRequest, ref: Any) -> JsonResponse:
    """A record saved as it is typed. Idempotent by nature: the last text stays. Answers as the learner's autosave."""
    version, now = find_record(request, ref), timezone.now()
    form, bases = RecordForm(version, request.POST), bases_in(request.POST)
    form.is_valid()
    posted = {name for name in form.fields if any(key == name or key.startswith(f"{name}_") for key in request.POST)}
    if "text" in posted & form.errors.keys():
        return JsonResponse({"message": "Not saved: this text holds a character that cannot be kept."}, status=422)
    changes = {name: value for name, value in form.cleaned_data.items() if name in posted}
    try:
        version = save_record(version, by=person(request), at=now, bases=bases, **changes)
    except Refused as refusal:
        return refused_answer(refusal)
    texts = {"text": version.text} if "text" in bases else {}
    return saved_answer(timezone.localtime(now).strftime("%H:%M"), texts)


@login_required
@require_http_methods(METHODS)
def criteria(request: HttpRequest, ref: Any) -> HttpResponse:
    """Which criteria a record may meet and where in it, for the trainee to go on from. Idempotent by nature."""
    version = find_record(request, ref)
    if version.signed_at:
        return redirect(address(version))
    registration, reasons = version.evidence.registration, []
    links = {link.criterion_id: link for link in version.links.all()}
    everything = criteria_of(registration)
    if request.method == "POST":
        codes = set(request.POST.getlist("criterion"))
        wanted = [_link(links, row.pk, request.POST.get(f"where-{row.pk}")) for row in everything if row.code in codes]
        try:
            save_record(version, by=person(request), at=timezone.now(), links=wanted)
            again = request.POST.get("then") == "again"
            return redirect(address(version, "record_criteria") if again else f"{address(version)}#meets")
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {
        "version": version, "registration": registration, "reasons": reasons, "links": version.links.all(),
        "sections": by_section([row for row in everything if row.pk not in links]),
    }  # fmt: skip
    return render(request, "assessment/record_criteria.html", context, status=422 if reasons else 200)


def _link(links: dict[int, Any], pk: int, where: str | None) -> Link:
    saved = Link.of(links[pk]) if pk in links else Link(pk)
    return saved if where is None else replace(saved, where=where)


@login_required
@require_POST
def transcript(request: HttpRequest, ref: Any, file: Any) -> HttpResponse:
    """Takes the words of one of a record's documents as its text."""

    def change(version: EvidenceVersion) -> str:
        found = get_object_or_404(version.files.all(), ref=file)
        take_transcript(version, found, by=person(request), at=timezone.now())
        messages.success(request, f"The words of “{found.name}” are in the text now. Read them through.")
        return f"{address(version)}#id_text"

    return _act(request, ref, change)


@login_required
@require_http_methods(METHODS)
def sign(request: HttpRequest, ref: Any) -> HttpResponse:
    """The record to read once more, what it lacks, and the signature (rules 22, 23)."""
    version = find_record(request, ref) if request.method != "POST" else None
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            row = find_record(request, ref)
            registration = row.evidence.registration
            check_no_interest(person(request), registration)
            sign_record(row, by=person(request), at=timezone.now())
            messages.success(request, f"You have signed it. {registration.learner.name} has been told.")
            return address(row)

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons, version = reasons_of(refusal), find_record(request, ref)
    assert version is not None
    if version.signed_at:
        return redirect(address(version))
    context = {
        "version": version, "registration": version.evidence.registration, "reasons": reasons,
        "lacks": [] if reasons else missing_before_signing(version, at=timezone.now()),
        "recorded": any(file.media in RECORDINGS for file in version.files.all()),
    }  # fmt: skip
    return render(request, "assessment/record_sign.html", context, status=422 if reasons else 200)


def _act(request: HttpRequest, ref: Any, change: Callable[[EvidenceVersion], str]) -> HttpResponse:
    """Does something once to a record; a refusal shows its page with the reasons."""
    try:
        return act_once(request, lambda: change(find_record(request, ref)))
    except Refused as refusal:
        version = find_record(request, ref)
        return _show(request, version, RecordForm(version), reasons_of(refusal))


@login_required
@require_POST
def take_back(request: HttpRequest, ref: Any) -> HttpResponse:
    """Takes the signature back, to change the record."""

    def change(version: EvidenceVersion) -> str:
        take_back_signature(version, by=person(request), at=timezone.now())
        messages.success(request, "Your signature is taken back. Change the record, then sign it again.")
        return address(version)

    return _act(request, ref, change)


@login_required
@require_http_methods(METHODS)
def delete(request: HttpRequest, ref: Any) -> HttpResponse:
    """Asks before deleting a record that is not signed (GET), then deletes it for good (POST)."""

    def change(version: EvidenceVersion) -> str:
        discard_record(version, by=person(request), at=timezone.now())
        messages.success(request, f"You deleted the record “{version.title}”.")
        return reverse("assessment:learners")

    if request.method == "POST":
        return _act(request, ref, change)
    version = find_record(request, ref)
    if version.signed_at:
        return redirect(address(version))
    context = {"version": version, "registration": version.evidence.registration, "reasons": []}
    return render(request, "assessment/record_delete.html", context)


@login_required
@require_http_methods(METHODS)
def witness(request: HttpRequest, ref: Any) -> HttpResponse:
    """Records a witness of a trainee's work; with ?record= also as the witness of that record."""
    registration = find_trainee(request, ref)
    version = record_of(person(request), request.GET["record"]) if _is_ref(request.GET.get("record", "")) else None
    form, reasons = WitnessForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            now, by = timezone.now(), person(request)
            check_no_interest(by, registration)
            made = add_witness(registration, **form.cleaned_data, by=by, at=now)
            expert = "an expert witness" if made.is_expert else "a witness, but not an expert witness"
            messages.success(request, f"{made.name} is recorded as {expert}.")
            if version is None:
                return reverse("assessment:learners")
            save_record(version, witness=made, by=by, at=now)
            return f"{address(version)}#id_witness"

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "registration": registration, "version": version, "reasons": reasons}
    return render(request, "assessment/record_witness.html", context, status=422 if reasons or form.errors else 200)


def _is_ref(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
