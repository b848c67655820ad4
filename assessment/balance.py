"""Sharing learners out so that loads differ as little as the rules allow. Knows neither Django nor the tables.

A learner goes to somebody who may take them; everybody's load is the share of their limit that is taken. Learners are
placed one after the other, each along the chain of exchanges that ends with the least loaded person, so that the whole
stays the best there is: as many learners placed as can be, and no move or exchange lowers the highest load.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

STANDARD = 20  # what is taken for the limit of somebody who has none


@dataclass
class Person:
    """Somebody who can take learners on. `learners`: how many they have; `limit`: how many they may have (None = no
    limit); `waiting`: open submissions in their queue; `groups`: the settings where they have learners already."""

    key: int
    name: str
    learners: int
    limit: int | None = None
    waiting: int = 0
    groups: set[Any] = field(default_factory=set)

    @property
    def has_room(self) -> bool:
        """May take one more learner."""
        return self.limit is None or self.learners < self.limit

    def share_with(self, more: int) -> Fraction:
        """The share of their limit that is taken with so many more learners."""
        return Fraction(self.learners + more, self.limit or STANDARD)


@dataclass(frozen=True)
class Need:
    """A learner who needs somebody: who may take them on, the setting where they work, and for whom it would be more
    work, such as a second check: they are chosen only when it makes loads more alike."""

    key: Any
    may: frozenset[int]
    group: Any = None
    rather_not: frozenset[int] = frozenset()


def share_out(needs: Iterable[Need], people: Iterable[Person]) -> dict[Any, int]:
    """Who takes which learner, by the keys. A learner for whom there is nobody is left out. The same question always
    gets the same answer; among equals, learners of one setting stay together, then fewer open submissions decide."""
    staff = {person.key: person for person in people}
    asked = sorted(needs, key=lambda need: (str(need.group), str(need.key)))
    known = {need.key: need for need in asked}
    given: dict[Any, int] = {}
    for need in asked:
        came = _reachable(need, given, known, staff)
        ends = [key for key in came if staff[key].has_room]
        if not ends:
            continue
        best = min(ends, key=lambda key: _rank(staff[key], need, direct=came[key] is None))
        _place(need, best, came, given, known, staff)
    return given


def _reachable(need: Need, given: Mapping[Any, int], known: Mapping[Any, Need],
               staff: Mapping[int, Person]) -> dict[int, tuple[Any, int] | None]:  # fmt: skip
    """Everybody who could end up with one more learner, each with the exchange that leads there: (the learner passed
    on, by whom); None for whoever takes the new one."""
    came: dict[int, tuple[Any, int] | None] = {key: None for key in sorted(need.may) if key in staff}
    held: dict[int, list[Any]] = {}
    for learner, key in given.items():
        held.setdefault(key, []).append(learner)
    frontier = list(came)
    while frontier:
        following = []
        for key in frontier:
            for learner in held.get(key, []):
                for other in sorted(known[learner].may):
                    if other in staff and other not in came:
                        came[other] = (learner, key)
                        following.append(other)
        frontier = following
    return came


def _rank(person: Person, need: Need, *, direct: bool) -> tuple:
    apart = need.group is None or need.group not in person.groups
    burden = person.key in need.rather_not
    return person.share_with(1), not direct, burden, apart, person.waiting, person.name, person.key


def _place(need: Need, end: int, came: Mapping[int, tuple[Any, int] | None], given: dict[Any, int],
           known: Mapping[Any, Need], staff: Mapping[int, Person]) -> None:  # fmt: skip
    staff[end].learners += 1
    key, step = end, came[end]
    while step is not None:
        learner, before = step
        given[learner] = key
        staff[key].groups.add(known[learner].group)
        key, step = before, came[before]
    given[need.key] = key
    staff[key].groups.add(need.group)
