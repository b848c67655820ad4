"""Adding evidence, one step a page. Each step saves the draft and works without JavaScript.

The steps that save carry no once-token: saving is idempotent by nature, and a token spent on an earlier save would
make the server ignore what was typed after going back in the browser.
"""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from courses.delivery.api import current_registration
from courses.framework.api import Criterion, policy_of
from lms.common.conflicts import bases_in
from lms.common.device import keep
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import EvidenceVersion, declare, save_draft, start_evidence
from portfolio.asking import ASKING
from portfolio.forms import DeclareForm, StartForm, WriteForm
from portfolio.kinds import FROM_RECORDS

from .access import own_version, user_of
from .step import METHODS, if_recorded, if_submitted, onward, render_step
from .steps import address, after


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
            return onward(request, version, answer.url)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons, "linked": linked, "registration": registration}
    return render_step(request, "kind", None, context)


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
    if answer := if_submitted(request, version) or if_recorded(request, version):
        return answer
    form = StartForm(request.POST or None, initial={"kind": version.kind, "title": version.title})
    if version.kind in FROM_RECORDS:  # made from the learner's own records: it stays what it is
        del form.fields["kind"]
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        try:
            save_draft(version, by=user_of(request), at=timezone.now(), **form.cleaned_data)
            return onward(request, version, address(version, "write"))
        except Refused as refusal:
            reasons = reasons_of(refusal)
    return render_step(request, "kind", version, {"form": form, "reasons": reasons, "linked": []})


@login_required
@require_http_methods(METHODS)
def write(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 2: what the kind of evidence asks for. Idempotent by nature. A date that is wrong does not keep the text
    from being saved."""
    version = own_version(request, ref)
    if answer := if_submitted(request, version) or if_recorded(request, version):
        return answer
    asking = ASKING[version.kind]
    initial = {name: getattr(version, name) for name in ("text", "happened_on", "place", "source")}
    form = WriteForm(request.POST or None, kind=version.kind, initial=initial)
    reasons: list[Refused] = []
    if request.method == "POST":
        form.is_valid()
        try:
            version.text = save_draft(
                version, by=user_of(request), at=timezone.now(), bases=bases_in(request.POST), **form.cleaned_data
            ).text
        except Refused as refusal:
            reasons = reasons_of(refusal)
            version = own_version(request, ref)
        if not reasons and form.is_valid():
            return onward(request, version, after(version, "write"))
    return keep(render_step(request, "write", version, {"form": form, "reasons": reasons, "asking": asking}), "draft")


@login_required
@require_http_methods(METHODS)
def declarations(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 5: no child can be recognised, and own work as the AO's policy on AI allows (rules 1, 3). Idempotent by
    nature."""
    version = own_version(request, ref)
    if answer := if_submitted(request, version):
        return answer
    initial = {"no_child_identified": bool(version.child_identity_declared_at),
               "authentic": bool(version.authenticity_declared_at), "ai_used": version.ai_used}  # fmt: skip
    form = DeclareForm(request.POST if request.method == "POST" else None, initial=initial)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        try:
            declare(version, by=user_of(request), at=timezone.now(), bases=bases_in(request.POST),
                    **form.cleaned_data)  # fmt: skip
            return onward(request, version, reverse("portfolio:evidence", args=[ref]))
        except Refused as refusal:
            reasons = reasons_of(refusal)
            version = own_version(request, ref)
    policy = policy_of(version.evidence.registration.qualification_id, at=timezone.now())
    return render_step(request, "declare", version, {"form": form, "reasons": reasons, "ai_use": policy.ai_use})
