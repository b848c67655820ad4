"""Adding evidence, one step a page. Each step saves the draft and works without JavaScript.

The steps that save carry no once-token: saving is idempotent by nature, and a token spent on an earlier save would
make the server ignore what was typed after going back in the browser.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from courses.delivery.api import current_registration
from courses.framework.api import Criterion, policy_of
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import EvidenceVersion, Link, declare, save_draft, set_links, start_evidence
from portfolio.domain.attach import add_file
from portfolio.files import ALLOWED, limit_text
from portfolio.forms import DeclareForm, FilesForm, StartForm, WriteForm, errors_of, link_forms, typed_links
from portfolio.queries import by_section, criteria_of, latest_of

from .access import own_evidence, own_version, user_of
from .steps import address, steps

METHODS = ["GET", "HEAD", "POST"]


def _render(request: HttpRequest, step: str, version: EvidenceVersion | None, context: dict) -> HttpResponse:
    """A step's page: 422 when something was refused or is not valid, so that nothing claims to be saved."""
    reasons, form = context.get("reasons"), context.get("form")
    wrong = reasons or (form is not None and form.is_bound and form.errors)
    here = "criteria" if step == "why" else step
    context |= {"version": version, "evidence": version.evidence if version else None, "steps": steps(version, here)}
    return render(request, f"portfolio/step_{step}.html", context, status=422 if wrong else 200)


def _submitted(request: HttpRequest, version: EvidenceVersion) -> HttpResponse | None:
    """Reading a step of submitted evidence leads to its page, which offers a new version. A POST goes on, so that
    what was typed comes back with the reason (rule 2)."""
    if version.is_draft or request.method == "POST":
        return None
    messages.info(request, "This evidence has been submitted, so it cannot be changed. You can start a new version.")
    return redirect("portfolio:evidence", ref=version.evidence.ref)


def _onward(request: HttpRequest, version: EvidenceVersion, url: str) -> HttpResponseRedirect:
    """To the next page, or to the evidence's own when the learner wants to come back later."""
    if request.POST.get("then") == "later":
        messages.success(request, "Saved as a draft. Come back to it whenever you like.")
        return redirect("portfolio:evidence", ref=version.evidence.ref)
    return redirect(url)


@login_required
@require_http_methods(METHODS)
def start(request: HttpRequest) -> HttpResponse:
    """Step 1: the kind and title of new evidence (`?criterion=1.1` links it already), or of a draft (`?draft=`)."""
    if request.GET.get("draft"):
        return _change_kind(request)
    registration = current_registration(request)
    codes = request.POST.getlist("criterion") or request.GET.getlist("criterion")
    asked = Criterion.objects.filter(framework_id=registration.qualification.framework_id, code__in=codes)
    linked = list(asked.select_related("outcome").order_by("position"))
    form = StartForm(request.POST or None)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            version = start_evidence(
                registration, kind=form.cleaned_data["kind"], title=form.cleaned_data["title"],
                criterion_ids=tuple(row.pk for row in linked), by=user_of(request), at=timezone.now(),
            )  # fmt: skip
            return reverse("portfolio:evidence_write", args=[version.evidence.ref])

        try:
            answer = act_once(request, act)
            version = _keep_retyped(request, answer, form)
            return _onward(request, version, answer.url)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons, "linked": linked, "registration": registration}
    return _render(request, "kind", None, context)


def _keep_retyped(request: HttpRequest, answer: HttpResponseRedirect, form: StartForm) -> EvidenceVersion:
    """The draft that the form made. Sent again after going back in the browser, the same form makes no second one;
    what was retyped in it is kept."""
    version = own_version(request, resolve(answer.url).kwargs["ref"])
    if version.is_draft:
        save_draft(version, by=user_of(request), at=timezone.now(), **form.cleaned_data)
    return version


def _change_kind(request: HttpRequest) -> HttpResponse:
    """The kind and title of a draft that exists. Idempotent by nature."""
    try:
        ref = UUID(request.GET["draft"])
    except ValueError:
        return redirect("portfolio:evidence_new")
    version = own_version(request, ref)
    if answer := _submitted(request, version):
        return answer
    form = StartForm(request.POST or None, initial={"kind": version.kind, "title": version.title})
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        try:
            save_draft(version, by=user_of(request), at=timezone.now(), **form.cleaned_data)
            return _onward(request, version, address(version, "write"))
        except Refused as refusal:
            reasons = reasons_of(refusal)
    return _render(request, "kind", version, {"form": form, "reasons": reasons, "linked": []})


@login_required
@require_http_methods(METHODS)
def write(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 2: what happened, and when. Idempotent by nature. A date that is wrong does not keep the text from being
    saved."""
    version = own_version(request, ref)
    if answer := _submitted(request, version):
        return answer
    form = WriteForm(request.POST or None, initial={"text": version.text, "happened_on": version.happened_on})
    reasons: list[Refused] = []
    if request.method == "POST":
        form.is_valid()
        try:
            save_draft(version, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            reasons = reasons_of(refusal)
        if not reasons and form.is_valid():
            return _onward(request, version, address(version, "files"))
    return _render(request, "write", version, {"form": form, "reasons": reasons})


@login_required
@require_http_methods(METHODS)
def add_files(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 3: files. Idempotent by nature: the same file is taken once. Each refused file gets its reason, the others
    are kept."""
    version = own_version(request, ref)
    if answer := _submitted(request, version):
        return answer
    reasons: list[Refused] = []
    if request.method == "POST":
        for upload in request.FILES.getlist("files"):
            try:
                add_file(version, upload, by=user_of(request), at=timezone.now())
            except Refused as refusal:
                reasons += reasons_of(refusal)
        if not reasons:
            again = request.POST.get("then") == "add"
            return _onward(request, version, address(version, "files" if again else "criteria"))
        version = latest_of(version.evidence)
    room = max(settings.EVIDENCE_MAX_FILES - len(version.files.all()), 0)
    context = {"form": FilesForm(room=room), "reasons": reasons, "room": room, "allowed": ALLOWED,
               "limit": limit_text(), "most": settings.EVIDENCE_MAX_FILES}  # fmt: skip
    return _render(request, "files", version, context)


@login_required
@require_http_methods(METHODS)
def criteria(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 4: which criteria, then (`?part=why`) where in the evidence and why. Idempotent by nature."""
    version = own_version(request, ref)
    if answer := _submitted(request, version):
        return answer
    if request.GET.get("part") == "why":
        return _explain(request, version)
    everything = criteria_of(version.evidence.registration)
    links = {link.criterion_id: link for link in version.links.all()}
    chosen, reasons = set(links), []
    words = (request.POST.get("q") if request.method == "POST" else request.GET.get("q")) or ""
    if request.method == "POST":
        codes = set(request.POST.getlist("criterion"))
        chosen = {row.pk for row in everything if row.code in codes}
        wanted = [Link.of(links[pk]) if pk in links else Link(pk) for pk in sorted(chosen)]
        try:
            set_links(version, wanted, by=user_of(request), at=timezone.now())
        except Refused as refusal:
            reasons = reasons_of(refusal)
        else:
            if request.POST.get("then") == "find":
                return redirect(f"{request.path}?{_query(words)}#find")
            onward = f"{request.path}?part=why" if chosen else address(version, "declare")
            return _onward(request, version, onward)
    found = [row for row in everything if row.pk not in chosen and _matches(row, words)]
    context = {
        "reasons": reasons, "chosen": [row for row in everything if row.pk in chosen], "words": words,
        "sections": by_section(found), "found": len(found), "registration": version.evidence.registration,
    }  # fmt: skip
    return _render(request, "criteria", version, context)


def _query(words: str) -> str:
    return urlencode({"q": words[:100]})


def _matches(criterion: Criterion, words: str) -> bool:
    text = f"{criterion.code} {criterion.full_text}".lower()
    return all(word in text for word in words.lower().split())


def _explain(request: HttpRequest, version: EvidenceVersion) -> HttpResponse:
    """For each chosen criterion: where in the evidence, and why it meets the statement."""
    links = list(version.links.all())
    if not links:
        return redirect(address(version, "criteria"))
    forms = link_forms(links, request.POST if request.method == "POST" else None)
    reasons: list[Refused] = []
    if request.method == "POST":
        try:
            set_links(version, typed_links(forms), by=user_of(request), at=timezone.now())
        except Refused as refusal:
            reasons = reasons_of(refusal)
        if not reasons and all(form.is_valid() for form in forms):
            return _onward(request, version, address(version, "declare"))
    wrong = errors_of(forms)
    return _render(request, "why", version, {"forms": forms, "reasons": reasons + wrong, "has_errors": bool(wrong)})


@login_required
@require_http_methods(METHODS)
def declarations(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 5: no child can be recognised, and own work as the AO's policy on AI allows (rules 1, 3). Idempotent by
    nature."""
    version = own_version(request, ref)
    if answer := _submitted(request, version):
        return answer
    initial = {"no_child_identified": bool(version.child_identity_declared_at),
               "authentic": bool(version.authenticity_declared_at), "ai_used": version.ai_used}  # fmt: skip
    form = DeclareForm(request.POST if request.method == "POST" else None, initial=initial)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        try:
            declare(version, by=user_of(request), at=timezone.now(), **form.cleaned_data)
            return _onward(request, version, reverse("portfolio:evidence", args=[ref]))
        except Refused as refusal:
            reasons = reasons_of(refusal)
    policy = policy_of(version.evidence.registration.qualification_id, at=timezone.now())
    return _render(request, "declare", version, {"form": form, "reasons": reasons, "ai_use": policy.ai_use})


@login_required
@require_POST
def autosave(request: HttpRequest, ref: UUID) -> JsonResponse:
    """Text saved as it is typed, from the steps "what happened" and "why". Idempotent by nature: the last text stays.
    Answers {"saved_at": "14:02"}, or {"message": why not} with 409 or 422."""
    version = latest_of(own_evidence(request, ref))
    form = WriteForm(request.POST)
    form.is_valid()
    posted = {name for name in form.fields if any(key.startswith(name) for key in request.POST)}
    if "text" in posted and "text" in form.errors:
        return JsonResponse({"message": "Not saved: this text holds a character that cannot be kept."}, status=422)
    now = timezone.now()
    try:
        if changes := {name: value for name, value in form.cleaned_data.items() if name in posted}:
            save_draft(version, by=user_of(request), at=now, **changes)
        if any(key.startswith("link") for key in request.POST):
            set_links(version, typed_links(link_forms(version.links.all(), request.POST)), by=user_of(request), at=now)
    except Refused as refusal:
        return JsonResponse({"message": refusal.message}, status=409)
    return JsonResponse({"saved_at": timezone.localtime(now).strftime("%H:%M")})
