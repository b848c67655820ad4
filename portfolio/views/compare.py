"""Two versions of a piece of evidence, side by side."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portfolio.compare import compare as compare_versions
from portfolio.models import EvidenceVersion
from portfolio.policies import owns
from portfolio.queries import versions_of

from .access import evidence_or_404, user_of


@login_required
@require_safe
def compare(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Two versions that the person may see (?a=1&b=2, the two latest by default), with what was added, removed and
    changed between them. A piece with one version has nothing to compare and leads to its page."""
    evidence = evidence_or_404(request, ref)
    versions = versions_of(evidence, user_of(request))
    if len(versions) < 2:
        return redirect("portfolio:evidence", ref=ref)
    later = _asked(request, "b", versions, versions[0])
    earlier = _asked(request, "a", versions, _before(versions, later))
    before, after = sorted((earlier, later), key=lambda version: version.number)
    context = {
        "evidence": evidence, "versions": versions, "found": compare_versions(before, after),
        "is_own": owns(user_of(request), evidence), "registration": evidence.registration,
    }  # fmt: skip
    return render(request, "portfolio/compare.html", context)


def _asked(request: HttpRequest, name: str, versions: list[EvidenceVersion],
           default: EvidenceVersion) -> EvidenceVersion:  # fmt: skip
    """The version with the number asked for. Raises Http404 for one that the person does not see."""
    number = request.GET.get(name, "")
    if not number:
        return default
    found = next((version for version in versions if str(version.number) == number), None)
    if found is None:
        raise Http404
    return found


def _before(versions: list[EvidenceVersion], later: EvidenceVersion) -> EvidenceVersion:
    """The version before one, or the one after the first."""
    place = versions.index(later)
    return versions[place + 1] if place + 1 < len(versions) else versions[place - 1]
