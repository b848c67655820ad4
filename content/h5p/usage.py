"""Which pages show an activity. The rooms above know: they say here how to ask them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from content.models import H5PActivity
from content.queries import usage_of


@dataclass(frozen=True)
class Place:
    """Somewhere that an activity is shown: what it is called, and where to look at it ("" = nowhere to look)."""

    title: str
    url: str = ""


Counter = Callable[[Collection[int]], dict[int, list[Place]]]
_counters: list[Counter] = []


def register(counter: Counter) -> Counter:
    """Calls `counter(ids of activities)` whenever it matters where they are used; it answers for those that are, with
    the same queries however many are asked about."""
    _counters.append(counter)
    return counter


def places_of(activities: Iterable[H5PActivity]) -> dict[int, list[Place]]:
    """By the id of an activity: everywhere that it is shown."""
    ids = {one.pk for one in activities}
    found: dict[int, list[Place]] = defaultdict(list)
    for counter in _counters:
        for pk, places in counter(ids).items():
            found[pk] += [one for one in places if one not in found[pk]]
    return {pk: found[pk] for pk in ids}


def places(activity: H5PActivity) -> list[Place]:
    """Everywhere that one activity is shown: what the rooms above say, and what Wagtail's index of references says of
    anything else."""
    known = places_of([activity])[activity.pk]
    titles = {one.title for one in known}
    return known + [Place(title) for title in usage_of(activity) if title not in titles]
