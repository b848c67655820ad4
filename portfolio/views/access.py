"""Who is asking, and for which evidence: not visible is 404, visible but another's is 403."""

from typing import cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from lms.accounts.api import User
from portfolio.api import Evidence, EvidenceVersion
from portfolio.policies import owns
from portfolio.queries import latest_of, visible_evidence


def user_of(request: HttpRequest) -> User:
    """The person signed in."""
    return cast(User, request.user)


def evidence_or_404(request: HttpRequest, ref: UUID) -> Evidence:
    """Evidence that the person may see (rule 35)."""
    return get_object_or_404(visible_evidence(user_of(request)), ref=ref)


def own_evidence(request: HttpRequest, ref: UUID) -> Evidence:
    """The person's own evidence, to change it. Somebody else who may read it gets 403."""
    evidence = evidence_or_404(request, ref)
    if not owns(user_of(request), evidence):
        raise PermissionDenied("Only the learner can change their portfolio.")
    return evidence


def own_version(request: HttpRequest, ref: UUID) -> EvidenceVersion:
    """The latest version of the person's own evidence."""
    return latest_of(own_evidence(request, ref))
