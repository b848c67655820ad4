"""What a version may do follows from what was decided about its libraries."""

from collections.abc import Iterable

from django.dispatch import Signal

from content import freshness
from content.models import H5PActivity, H5PLibrary, H5PVersion

State = H5PVersion.State
# Whether these activities (`ids`) can be shown may have changed, in the transaction of the change.
settled_anew = Signal()


def settled(states: Iterable[str]) -> str:
    """The state of a version whose libraries have these: refused when one is, ready when all are approved."""
    states = set(states)
    if H5PLibrary.State.REFUSED in states:
        return State.REFUSED
    return State.READY if states <= {H5PLibrary.State.APPROVED} else State.WAITING


def settle(versions: Iterable[H5PVersion]) -> list[H5PVersion]:
    """Brings locked versions in step with their libraries, and each activity with its newest version that is ready.
    Returns those that changed. A version that pages show and that is refused stays the current one: its pages then show
    its text alternative, unless an older version is ready."""
    changed = []
    for version in versions:
        state = settled(version.pins.values_list("library__state", flat=True))
        if state != version.state:
            H5PVersion.objects.filter(pk=version.pk).update(state=state)
            version.state = state
            changed.append(version)
    ids = sorted({one.activity_id for one in changed})
    for pk in ids:
        newest = H5PVersion.objects.filter(activity=pk, state=State.READY).order_by("-number").first()
        if newest is not None:
            H5PActivity.objects.filter(pk=pk).update(current=newest)
    if ids:
        freshness.changed()
        settled_anew.send(sender=H5PActivity, ids=ids)
    return changed
