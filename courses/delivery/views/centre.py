"""What a centre sets for its learners."""

from functools import partial
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from courses.delivery.api import set_evidence_limit
from courses.delivery.forms import EvidenceLimitForm
from lms.accounts.api import Organisation, Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def centre(request: HttpRequest) -> HttpResponse:
    """The limit on evidence files of each centre that the person administers. Raises PermissionDenied for everybody
    else; another centre's is 404."""
    user = cast(User, request.user)
    kind = Organisation.Kind.CENTRE
    roles = [m for m in user.current_memberships
             if m.role == Role.CENTRE_ADMINISTRATOR and m.organisation.kind == kind]  # fmt: skip
    if not roles:
        raise PermissionDenied("Only a centre’s administrators see its settings.")
    centres = sorted({m.organisation for m in roles}, key=lambda one: one.name)
    reasons: list[Refused] = []
    sent = None
    if request.method == "POST":
        chosen = next((one for one in centres if str(one.pk) == request.POST.get("centre")), None)
        if chosen is None:
            raise Http404
        sent = EvidenceLimitForm(request.POST, prefix=f"centre{chosen.pk}")
        if sent.is_valid():
            try:
                return act_once(request, partial(_set, request, chosen, sent.cleaned_data["limit"]))
            except Refused as refusal:
                reasons = reasons_of(refusal)
    forms = [(one, sent if sent and sent.prefix == f"centre{one.pk}" else _form(one)) for one in centres]
    context = {"forms": forms, "form": sent, "reasons": reasons}
    return render(request, "delivery/centre.html", context, status=422 if reasons or (sent and sent.errors) else 200)


def _form(one: Organisation) -> EvidenceLimitForm:
    return EvidenceLimitForm(prefix=f"centre{one.pk}", initial={"limit": one.evidence_limit_mb})


def _set(request: HttpRequest, chosen: Organisation, megabytes: int) -> str:
    set_evidence_limit(chosen, megabytes, by=cast(User, request.user), at=timezone.now())
    messages.success(request, f"One evidence file at {chosen.name} may now have up to {megabytes} MB.")
    return reverse("delivery:centre")
