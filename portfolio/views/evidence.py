"""Reading evidence, and what its learner does with it besides writing: new version, delete, share."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.api import Hold, Registration
from courses.framework.api import Criterion
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import Evidence, EvidenceVersion, discard_draft, new_version
from portfolio.asking import ASKING
from portfolio.domain.share import share_with_setting, stop_sharing
from portfolio.policies import owns, practice_needed, shows_practice
from portfolio.queries import (
    codes_to_replace,
    hold_of,
    latest_of,
    settings_of,
    shared_with_settings,
    versions_of,
    with_renditions,
)

from .access import evidence_or_404, own_evidence, own_version, user_of
from .steps import first_missing, steps, tasks


@login_required
@require_safe
def show(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A piece of evidence as it is now: for its learner with what is missing and what can be done; for an allocated
    assessor or IQA, or a manager it is shared with, what was submitted, to read (rule 35)."""
    return _page(request, evidence_or_404(request, ref))


@login_required
@require_safe
def show_version(request: HttpRequest, ref: UUID, number: int) -> HttpResponse:
    """One version of a piece of evidence. Earlier versions stay readable (rule 2)."""
    return _page(request, evidence_or_404(request, ref), number=number)


def _page(request: HttpRequest, evidence: Evidence, *, number: int | None = None, status: int = 200,
          reasons: list[Refused] | None = None) -> HttpResponse:  # fmt: skip
    user = user_of(request)
    versions = versions_of(evidence, user)
    shown = next((version for version in versions if number in (None, version.number)), None)
    if shown is None:
        raise Http404
    is_own = owns(user, evidence)
    standing = hold_of(evidence, user)
    hold = standing if standing and standing.through_number >= shown.number else None
    context = {
        "evidence": evidence, "version": with_renditions(shown), "versions": versions,
        "is_latest": shown == versions[0], "asking": ASKING[shown.kind], "is_own": is_own,
        "reasons": reasons or [], "registration": evidence.registration, "hold": hold,
        "may_report": hold is None and not shown.is_destroyed,
    }  # fmt: skip
    if is_own:
        context |= _own(evidence, shown, standing)
    return render(request, "portfolio/evidence.html", context, status=status)


def _own(evidence: Evidence, shown: EvidenceVersion, hold: Hold | None) -> dict:
    """What only the learner is shown. What is on hold or destroyed is not gone on with but by a new version."""
    is_open = evidence.registration.state in Registration.OPEN_STATES
    is_held = hold is not None and hold.through_number >= shown.number
    is_protected = is_held or shown.is_destroyed
    is_asked = hold is not None and hold.state == Hold.State.REPLACE and not is_protected and shown.is_latest
    is_draft = shown.is_draft and shown.is_latest and not is_protected
    starts = shown.is_latest and (not shown.is_draft or is_protected) and not (shown.is_recorded and is_protected)
    return {
        "is_editable": is_draft, "starts_anew": starts,
        "replaces": codes_to_replace(evidence) if is_asked else [],
        "practice_missing": _practice_missing(shown) if shown.is_latest and not shown.is_destroyed else [],
        "change": steps(shown, "") if is_draft else [],
        "can_change": is_open and shown.is_latest, "settings": settings_of(evidence.registration),
        "shared_with": shared_with_settings(evidence),
        "tasks": tasks(shown) if is_draft else [], "next_missing": first_missing(shown) if is_draft else None,
    }  # fmt: skip


def _practice_missing(version: EvidenceVersion) -> list[tuple[Criterion, str]]:
    """The skills among its criteria for which this version alone is no evidence of practice, each with what would do
    (rule 21)."""
    skills = [link.criterion for link in version.links.all() if link.criterion.outcome.kind == "skill"]
    return [
        (row, practice_needed(row.outcome, whose="your"))
        for row in skills if not shows_practice(version, row.outcome, as_if_seen=True)
    ]  # fmt: skip


@login_required
@require_POST
def start_version(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Starts the next version of submitted evidence and opens it (rule 2)."""

    def act(evidence: Evidence) -> str:
        new_version(evidence, by=user_of(request), at=timezone.now())
        return reverse("portfolio:evidence_write", args=[ref])

    return _act(request, ref, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Asks before deleting a draft (GET), then puts it into the bin, with an "Undo" beside the message (POST)."""

    def act(evidence: Evidence) -> str:
        version = discard_draft(latest_of(evidence), by=user_of(request), at=timezone.now())
        undo = reverse("portfolio:bin_restore", args=[ref, version.number])
        messages.success(
            request, f"You deleted the draft “{version.title}”. It is in your bin.", extra_tags=f"undo:{undo}"
        )
        if evidence.versions.filter(is_latest=True).exists():
            return reverse("portfolio:evidence", args=[ref])
        return reverse("portfolio:evidence_list")

    if request.method == "POST":
        return _act(request, ref, act)
    version = own_version(request, ref)
    if not version.is_draft:
        return redirect("portfolio:evidence", ref=ref)
    return render(request, "portfolio/discard.html", {"evidence": version.evidence, "version": version,
                                                           "days": settings.BIN_DAYS})  # fmt: skip


@login_required
@require_POST
def share(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Shares a piece of evidence with the managers of the learner's setting (rule 35)."""

    def act(evidence: Evidence) -> str:
        share_with_setting(evidence, by=user_of(request), at=timezone.now())
        messages.success(request, "You share this evidence with your setting now.")
        return reverse("portfolio:evidence", args=[ref])

    return _act(request, ref, act)


@login_required
@require_POST
def unshare(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Stops sharing a piece of evidence, at once."""

    def act(evidence: Evidence) -> str:
        stop_sharing(evidence, by=user_of(request), at=timezone.now())
        messages.success(request, "You stopped sharing this evidence.")
        return reverse("portfolio:evidence", args=[ref])

    return _act(request, ref, act)


def _act(request: HttpRequest, ref: UUID, change: Callable[[Evidence], str]) -> HttpResponse:
    """Does something once to the learner's own evidence; a refusal shows its page with the reasons. The evidence is
    fetched inside the act: the same form posted again finds the first one's result, even when that was to delete."""
    try:
        return act_once(request, lambda: change(own_evidence(request, ref)))
    except Refused as refusal:
        return _page(request, own_evidence(request, ref), status=422, reasons=reasons_of(refusal))
