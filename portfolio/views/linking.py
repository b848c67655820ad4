"""The step of adding evidence that says which criteria it meets, where in it and why."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from courses.framework.api import Criterion
from courses.pages.queries import guidance_for
from lms.common.conflicts import bases_in
from lms.common.errors import Refused, reasons_of
from portfolio.api import EvidenceVersion, Link, set_links
from portfolio.forms_linking import errors_of, link_forms, typed_links
from portfolio.places import paragraphs
from portfolio.queries import by_section, criteria_of
from portfolio.suggest import suggest_for

from .access import own_version, user_of
from .step import METHODS, if_submitted, onward, render_step
from .steps import address


@login_required
@require_http_methods(METHODS)
def criteria(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 4: which criteria, then (`?part=why`) where in the evidence and why. Idempotent by nature."""
    version = own_version(request, ref)
    if answer := if_submitted(request, version):
        return answer
    if request.GET.get("part") == "why":
        return _explain(request, version)
    registration = version.evidence.registration
    everything = criteria_of(registration)
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
            further = f"{request.path}?part=why" if chosen else address(version, "declare")
            return onward(request, version, further)
    suggested = [] if words else [one for one in suggest_for(version) if one.criterion.pk not in chosen]
    shown = chosen | {one.criterion.pk for one in suggested}
    found = [row for row in everything if row.pk not in shown and _matches(row, words)]
    context = {
        "suggested": suggested, "reasons": reasons, "words": words,
        "chosen": [row for row in everything if row.pk in chosen],
        "sections": by_section(found), "found": len(found), "registration": registration,
        "guidance": guidance_for(registration, [row.pk for row in everything]),
    }  # fmt: skip
    return render_step(request, "criteria", version, context)


def _query(words: str) -> str:
    return urlencode({"q": words[:100]})


def _matches(criterion: Criterion, words: str) -> bool:
    text = f"{criterion.code} {criterion.full_text}".lower()
    return all(word in text for word in words.lower().split())


def _explain(request: HttpRequest, version: EvidenceVersion) -> HttpResponse:
    """For each chosen criterion: where in the evidence, and why it meets the statement."""
    if not version.links.all():
        return redirect(address(version, "criteria"))
    forms = link_forms(version, request.POST if request.method == "POST" else None)
    reasons: list[Refused] = []
    if request.method == "POST":
        try:
            set_links(version, typed_links(forms), by=user_of(request), at=timezone.now(), bases=bases_in(request.POST))
        except Refused as refusal:
            reasons = reasons_of(refusal)
        if not reasons and all(form.is_valid() for form in forms):
            return onward(request, version, address(version, "declare"))
        version = own_version(request, version.evidence.ref)
    wrong = errors_of(forms)
    saved = {link.criterion_id: link.why for link in version.links.all()}
    context = {
        "forms": [(form, saved.get(form.link.criterion_id, "")) for form in forms],
        "reasons": reasons + wrong, "has_errors": bool(wrong), "paragraphs": paragraphs(version.text),
    }  # fmt: skip
    return render_step(request, "why", version, context)
