"""What the steps of adding evidence share: how one is shown, and where it leads."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render

from portfolio.api import EvidenceVersion

from .steps import steps

METHODS = ["GET", "HEAD", "POST"]


def render_step(request: HttpRequest, step: str, version: EvidenceVersion | None, context: dict) -> HttpResponse:
    """A step's page: 422 when something was refused or is not valid, so that nothing claims to be saved."""
    reasons, form = context.get("reasons"), context.get("form")
    wrong = reasons or (form is not None and form.is_bound and form.errors)
    here = "criteria" if step == "why" else step
    context |= {"version": version, "evidence": version.evidence if version else None, "steps": steps(version, here)}
    return render(request, f"portfolio/step_{step}.html", context, status=422 if wrong else 200)


def if_submitted(request: HttpRequest, version: EvidenceVersion) -> HttpResponse | None:
    """Reading a step of submitted evidence leads to its page, which offers a new version. A POST goes on, so that
    what was typed comes back with the reason (rule 2)."""
    if version.is_draft or request.method == "POST":
        return None
    messages.info(request, "This evidence has been submitted, so it cannot be changed. You can start a new version.")
    return redirect("portfolio:evidence", ref=version.evidence.ref)


def if_recorded(request: HttpRequest, version: EvidenceVersion) -> HttpResponse | None:
    """What an assessor recorded is not written by its learner: reading such a step leads to the criteria. A POST goes
    on, and is refused with the reason (rule 23)."""
    if not version.is_recorded or request.method == "POST":
        return None
    messages.info(request, "Your assessor recorded this. You choose the criteria and make the declarations.")
    return redirect("portfolio:evidence_criteria", ref=version.evidence.ref)


def onward(request: HttpRequest, version: EvidenceVersion, url: str) -> HttpResponseRedirect:
    """To the next page, or to the evidence's own when the learner wants to come back later."""
    if request.POST.get("then") == "later":
        messages.success(request, "Saved as a draft. Come back to it whenever you like.")
        return redirect("portfolio:evidence", ref=version.evidence.ref)
    return redirect(url)
