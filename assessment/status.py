"""Recomputing criterion statuses from what they follow from: evidence, submissions and decisions."""

from collections.abc import Iterator

from django.db import transaction

from assessment.models import Decision
from courses.delivery.api import CriterionStatus, Registration, lock_registration, set_counts
from portfolio.api import evidence_counts, open_counts


def true_counts(registration: Registration) -> dict[int, dict[str, int]]:
    """What each criterion's counts must be, by criterion id."""
    evidence, waiting = evidence_counts(registration.pk), open_counts(registration.pk)
    outcomes = dict(
        Decision.objects.filter(registration=registration, state=Decision.State.COUNTS).values_list(
            "criterion_id", "outcome"
        )
    )
    criteria = registration.qualification.framework.criteria.values_list("pk", flat=True)
    return {
        pk: {
            "evidence_count": evidence[pk],
            "open_submissions": waiting[pk],
            "achieved_decisions": int(outcomes.get(pk) == Decision.Outcome.ACHIEVED),
            "referred_decisions": int(outcomes.get(pk) == Decision.Outcome.REFERRED),
        }
        for pk in criteria
    }


def differences(registration: Registration) -> Iterator[str]:
    """Each criterion of a registration whose kept counts are not the true ones, in words."""
    kept = {row.criterion_id: row for row in CriterionStatus.objects.filter(registration=registration)}
    for pk, counts in true_counts(registration).items():
        row = kept.get(pk)
        if row is None:
            yield f"registration {registration.pk}, criterion {pk}: no status row"
            continue
        for name, value in counts.items():
            if getattr(row, name) != value:
                yield f"registration {registration.pk}, criterion {pk}: {name} is {getattr(row, name)}, not {value}"


def rebuild(registration: Registration) -> None:
    """Writes the true counts of a registration, adding rows that are missing."""
    with transaction.atomic():
        row = lock_registration(registration.pk)
        counts = true_counts(row)
        kept = CriterionStatus.objects.filter(registration=row).values_list("criterion_id", flat=True)
        CriterionStatus.objects.bulk_create(
            CriterionStatus(registration=row, criterion_id=pk) for pk in counts.keys() - set(kept)
        )
        set_counts(row.pk, counts)
