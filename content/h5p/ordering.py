"""The order in which libraries are loaded: each after what it needs, as H5P does it."""

from collections.abc import Mapping, Sequence

Key = tuple[str, int, int]  # machine name, major, minor


def load_order(main: Key, needs: Mapping[Key, Sequence[Key]]) -> list[Key]:
    """The main library and all that it needs, what is needed first. `needs`: the preloaded dependencies of each library
    that there is, in the order of its library.json. Two versions of one library are two. A library that is not there is
    left out, and a circle is cut where it closes: intake says what is missing."""
    order: list[Key] = []
    seen: set[Key] = set()
    way: list[tuple[Key, bool]] = [(main, False)]  # a list, not calls: a package may chain as many as it likes
    while way:
        key, is_after_its_needs = way.pop()
        if is_after_its_needs:
            order.append(key)
        elif key in needs and key not in seen:
            seen.add(key)
            way.append((key, True))
            way += [(one, False) for one in reversed(needs[key])]
    return order
