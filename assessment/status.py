"""Recomputing criterion statuses from what they follow from: evidence, submissions and decisions."""

from collections import Counter
from collections.abc import Iterator

from django.db import transaction

from assessment.models import Decision
from courses.delivery.api import CriterionStatus, Registration, lock_registration, set_counts
from portfolio.api import evidence_counts, items_on_hold, open_counts


def true_counts(registration: Registration) -> dict[int, dict[str, int]]:
    """What each criterion's counts must be, by criterion id."""
    evidence, waiting = evidence_counts(registration.pk), open_counts(registration.pk)
    criteria = set(registration.qualification.framework.criteria.values_list("pk", flat=True))
    decided = decision_counts(registration.pk, criteria)
    return {
        pk: {"evidence_count": evidence[pk], "open_submissions": waiting[pk], **decided[pk]} for pk in sorted(criteria)
    }


def decision_counts(registration_id: int, criterion_ids: set[int]) -> dict[int, dict[str, int]]:
    """What decisions and privacy holds make of criteria (rules 4 and 18): whether a decision counts that is not held,
    and what is on hold: a counting decision, or evidence that waits for one. Two queries."""
    outcomes: dict[int, str] = {}
    holds: Counter[int] = Counter()
    rows = Decision.objects.filter(
        registration=registration_id, criterion__in=criterion_ids, state=Decision.State.COUNTS
    )
    for criterion_id, outcome, is_held in rows.values_list("criterion_id", "outcome", "is_held"):
        if is_held:
            holds[criterion_id] += 1
        else:
            outcomes[criterion_id] = outcome
    waiting = items_on_hold(registration_id).filter(criterion__in=criterion_ids)
    holds.update(waiting.values_list("criterion_id", flat=True))
    return {
        pk: {
            "achieved_decisions": int(outcomes.get(pk) == Decision.Outcome.ACHIEVED),
            "referred_decisions": int(outcomes.get(pk) == Decision.Outcome.REFERRED),
            "holds": holds[pk],
        }
        for pk in criterion_ids
    }


def refresh(registration_id: int, criterion_ids: set[int]) -> None:
    """Writes what decisions and holds make of criteria, in the transaction of what changed them."""
    set_counts(registration_id, decision_counts(registration_id, criterion_ids))


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
