"""On site with a phone: the page that works without a signal, and what it sends when there is one (rules 6, 21-23).

What is sent answers as JSON: a phone may send it again, late and more than once, so that each thing has a name that the
phone made, and is done once.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.forms_record import AttestForm, RecordForm
from assessment.policies import check_no_interest
from assessment.queries_records import documents_of, documents_to_see, records_of
from courses.delivery.api import Registration
from lms.common.errors import Refused, reasons_of
from lms.common.once import once
from portfolio.api import Evidence, EvidenceVersion, Link
from portfolio.asking import ASKING
from portfolio.domain.from_device import Mark, mark_recording, receive_attestation, receive_record
from portfolio.kinds import RECORDED, Kind
from portfolio.queries import by_section, criteria_of
from portfolio.queries_uploads import limit_of

from .record import find_record, find_trainee
from .workspace import person

View = Callable[..., HttpResponse]
ATTESTATION = "attestation"
KEPT_FOR = timedelta(days=3)  # a page on a phone, since it was last opened with a signal


@csp_update({"media-src": [SELF, "blob:"]})  # type: ignore[arg-type]  # its types know views without arguments only
@login_required
@require_safe
def on_site(request: HttpRequest, ref: Any) -> HttpResponse:
    """What an assessor needs beside a trainee: forms, criteria and documents to see, on one page that a phone can keep.
    It alone may use the microphone. Raises PermissionDenied (403) for anybody but the trainee's assessor."""
    registration, user = find_trainee(request, ref), person(request)
    here = {"evidence__registration": registration}
    blanks = [_blank(registration, kind, user) for kind in RECORDED]
    today = timezone.localdate()
    context = {
        "registration": registration, "today": today, "kept_days": KEPT_FOR.days,
        "forms": [(version.kind, ASKING[version.kind], _new_form(version, today)) for version in blanks],
        "attest_form": AttestForm(initial={"seen_on": today}), "documents": documents_to_see(user).filter(**here),
        "records": [row for row in records_of(user).filter(**here) if not row.signed_at],
        "sections": by_section(criteria_of(registration)), "limit_bytes": limit_of(blanks[0]),
        "part_bytes": settings.UPLOAD_PART_BYTES,
    }  # fmt: skip
    answer = render(request, "assessment/on_site.html", context)
    answer.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY.replace("microphone=()", "microphone=(self)")
    return answer


def _blank(registration: Registration, kind: str, user: Any) -> EvidenceVersion:
    """A record that is not there yet, for its form."""
    own = kind == Kind.PROFESSIONAL_DISCUSSION
    return EvidenceVersion(evidence=Evidence(registration=registration), kind=kind, recorded_by=user, own_practice=own)


def _new_form(version: EvidenceVersion, today: Any) -> RecordForm:
    form = RecordForm(version)
    form.initial["happened_on"] = today
    return form


def answers_in_json(view: View) -> View:
    """For what a phone sends by itself: each refusal is reasons that its page shows."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _no(401, "You have been signed out. Sign in again, then send it.")
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return _no(422, *(one.message for one in reasons_of(refusal)))
        except PermissionDenied as denied:
            return _no(403, str(denied))
        except Http404:
            return _no(404, "It is not yours to record any more. Ask your centre who this trainee’s assessor is.")

    return answer


def _no(status: int, *reasons: str) -> JsonResponse:
    return JsonResponse({"reasons": list(reasons)}, status=status)


@require_POST
@answers_in_json
def send(request: HttpRequest, ref: Any) -> JsonResponse:
    """A record or an attestation that a phone kept. Done once for each `id` that the phone made: sent again, the answer
    is the first one's. Says where the record is and where its recordings go."""
    registration, user = find_trainee(request, ref), person(request)
    key = _uuid(request.POST.get("id", ""))
    check_no_interest(user, registration)

    def act() -> str:
        if request.POST.get("kind") == ATTESTATION:
            return _attest(request, registration)
        return _record(request, registration, key)

    url = once(f"device:{user.pk}:{key.hex}", user.pk, act)
    made = url.rstrip("/").rsplit("/", 1)[-1]
    if request.POST.get("kind") == ATTESTATION:
        return JsonResponse({"url": url})
    return JsonResponse({"url": url, **addresses_of(made)})


def addresses_of(ref: Any) -> dict[str, str]:
    """Where the recordings of a record go, and their marks."""
    uploads, marks_of = "portfolio:evidence_uploads", "assessment:record_marks"
    return {"uploads": reverse(uploads, args=[ref]), "marks": reverse(marks_of, args=[ref])}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("device-key", "What the phone sent has no name of its own. Copy your text and record it "
                      "again.") from None  # fmt: skip


def _check(form: Any) -> None:
    """Raises Refused with what is wrong in the fields of a form, each by its name."""
    wrong = [f"{form.fields[name].label}: {error}" for name, errors in form.errors.items() for error in errors]
    if wrong:
        raise Refused("device-form", " ".join(wrong))


def _record(request: HttpRequest, registration: Registration, key: UUID) -> str:
    kind = request.POST.get("kind", "")
    if kind not in RECORDED:
        raise Refused("record-kind", "Choose what you want to record.")
    user = person(request)
    form = RecordForm(_blank(registration, kind, user), request.POST)
    _check(form)
    codes = set(request.POST.getlist("criterion"))
    links = [Link(row.pk, request.POST.get(f"where-{row.code}", "")) for row in criteria_of(registration)
             if row.code in codes]  # fmt: skip
    version = receive_record(registration, key=key, kind=kind, links=links, by=user, at=timezone.now(),
                             **form.cleaned_data)  # fmt: skip
    return reverse("assessment:record", args=[version.evidence.ref])


def _attest(request: HttpRequest, registration: Registration) -> str:
    user, form = person(request), AttestForm(request.POST)
    rows = documents_of(user).filter(evidence__registration=registration)
    version = get_object_or_404(rows, evidence__ref=_uuid(request.POST.get("document", "")),
                                number=_number(request.POST.get("number", "")))  # fmt: skip
    _check(form)
    receive_attestation(version, **form.cleaned_data, by=user, at=timezone.now())
    return reverse("assessment:learners")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Refused("device-number", "What the phone sent is damaged: it holds a number that is none.")
    return int(text)


@require_http_methods(["GET", "HEAD", "POST"])
@answers_in_json
def marks(request: HttpRequest, ref: Any) -> JsonResponse:
    """How far a recording of a record is (GET ?file=…), and where in it criteria are met (POST `file`, and a `mark` for
    each: code, start and perhaps end in seconds). Idempotent by nature: the last marks stay."""
    version = find_record(request, ref)
    given = request.POST if request.method == "POST" else request.GET
    file = version.files.filter(ref=_uuid(given.get("file", ""))).first()
    if file is None:
        return JsonResponse({"state": "gone", "problem": "This recording is not with its record any more."})
    found = _marks_in(request, version) if request.method == "POST" else {}
    if found:
        mark_recording(version, file, found, by=person(request), at=timezone.now())
    return JsonResponse({"state": file.state, "problem": file.problem})


def _marks_in(request: HttpRequest, version: EvidenceVersion) -> dict[int, Mark]:
    known = {row.code: row.pk for row in criteria_of(version.evidence.registration)}
    found = {}
    for code, *times in (text.split() for text in request.POST.getlist("mark") if text.strip()):
        if code in known and 1 <= len(times) <= 2:
            start, end = _number(times[0]), _number(times[1]) if times[1:] else None
            found[known[code]] = Mark(start, end)
    return found
