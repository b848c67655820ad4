"""Counts behind a criterion's status, written in the transaction of what changed them (rule 18)."""

from courses.delivery.models import CriterionStatus

COUNTS = ("evidence_count", "open_submissions", "achieved_decisions", "referred_decisions", "holds")


def set_counts(registration_id: int, counts: dict[int, dict[str, int]]) -> None:
    """Sets the named counts of criteria, by criterion id. Call it with the registration locked, after the rows
    that are counted have been written: the database refuses an achieved status without a counting decision."""
    rows = CriterionStatus.objects.filter(registration_id=registration_id, criterion_id__in=counts)
    changed = []
    for row in rows:
        wanted = counts[row.criterion_id]
        if any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            changed.append(row)
    CriterionStatus.objects.bulk_update(changed, COUNTS)
