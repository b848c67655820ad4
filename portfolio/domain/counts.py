"""How much evidence and how many open submissions each criterion has, kept beside the change."""

from collections import Counter

from django.db.models import QuerySet

from courses.delivery.api import set_counts
from portfolio.models import EvidenceLink, EvidenceVersion, SubmittedCriterion


def evidence_counts(registration_id: int) -> Counter[int]:
    """Pieces of evidence whose latest version is linked, by criterion id; not what an assessor has yet to sign,
    nor what was destroyed."""
    latest = EvidenceVersion.objects.shown().filter(
        evidence__registration_id=registration_id, is_latest=True, tombstone__isnull=True
    )
    links = EvidenceLink.objects.filter(version__in=latest)
    return Counter(links.values_list("criterion_id", flat=True))


def open_counts(registration_id: int) -> Counter[int]:
    """Open submissions by criterion id (0 or 1)."""
    items = SubmittedCriterion.objects.filter(registration_id=registration_id, is_open=True)
    return Counter(items.values_list("criterion_id", flat=True))


def items_on_hold(registration_id: int) -> QuerySet[SubmittedCriterion]:
    """Open submitted criteria of a registration that rest on evidence on hold (rule 4)."""
    return SubmittedCriterion.objects.on_hold(registration_id)


def refresh_evidence(registration_id: int, criterion_ids: set[int]) -> None:
    """Writes the evidence count of these criteria. The registration is locked."""
    if criterion_ids:
        found = evidence_counts(registration_id)
        set_counts(registration_id, {pk: {"evidence_count": found[pk]} for pk in criterion_ids})


def refresh_open(registration_id: int, criterion_ids: set[int]) -> None:
    """Writes the open submissions of these criteria. The registration is locked."""
    found = open_counts(registration_id)
    set_counts(registration_id, {pk: {"open_submissions": found[pk]} for pk in criterion_ids})
