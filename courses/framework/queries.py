"""Reading a framework. A published one never changes, so it is read once and then kept in process memory."""

from .models import Criterion

_published: dict[int, dict[int, Criterion]] = {}


def criteria_of(framework_id: int) -> dict[int, Criterion]:
    """Every criterion of a framework by id, in the framework's order, each with its outcome and section.

    Of a published framework the same objects are given to everybody: read them, never change one.
    """
    found = _published.get(framework_id)
    if found is None:
        rows = Criterion.objects.filter(framework_id=framework_id).select_related("framework", "outcome__section")
        found = {row.pk: row for row in rows.order_by("position")}
        if any(row.framework.published_at for row in found.values()):
            _published[framework_id] = found
    return found


def criteria_beside(criterion_id: int) -> dict[int, Criterion]:
    """The same, of the framework to which a criterion belongs."""
    for found in _published.values():
        if criterion_id in found:
            return found
    return criteria_of(Criterion.objects.values_list("framework_id", flat=True).get(pk=criterion_id))


def forget() -> None:
    """Empties the memory. For tests, whose frameworks come and go."""
    _published.clear()
