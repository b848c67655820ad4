"""Keyset pages: the next page starts after the last row shown, so page 400 costs what page 1 costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest


@dataclass
class KeysetPage:
    """One page of rows with the addresses of its neighbours (None when there is none)."""

    items: list[Any]
    next_url: str | None
    previous_url: str | None
    first_url: str | None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def _after(fields: list[str], values: list[Any], backwards: bool) -> Q:
    """Rows that come after `values` in the order of `fields` ("-name" = descending), or before when backwards."""
    condition, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        name, descending = field.lstrip("-"), field.startswith("-")
        condition |= equal & Q(**{f"{name}__{'lt' if descending != backwards else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition


def _value(row: Any, field: str) -> Any:
    for part in field.lstrip("-").split("__"):
        row = getattr(row, part)
    return row.isoformat() if hasattr(row, "isoformat") else row


def keyset(request: HttpRequest, rows: QuerySet, order: list[str], *, size: int = 25) -> KeysetPage:
    """A page of `rows` ordered by `order`, whose last field must be unique. Position comes from ?after= or ?before=.

    A position that was tampered with shows the first page.
    """
    # Signed for this order: a position of another list, or of this one sorted otherwise, has other values in it.
    salt = f"keyset {' '.join(order)}"
    others = request.GET.copy()
    for name in ("after", "before"):
        others.pop(name, None)
    backwards, position = False, None
    for name in ("after", "before"):
        if name in request.GET:
            try:
                position = signing.loads(request.GET[name], salt=salt)
                backwards = name == "before"
            except signing.BadSignature:
                position = None
    if position is not None:
        rows = rows.filter(_after(order, position, backwards))
    turned = [f.lstrip("-") if f.startswith("-") else f"-{f}" for f in order] if backwards else order
    found = list(rows.order_by(*turned)[: size + 1])
    more, items = len(found) > size, found[:size]
    if backwards:
        items.reverse()

    def address(name: str, row: Any) -> str:
        query = others.copy()
        query[name] = signing.dumps([_value(row, field) for field in order], salt=salt)
        return f"{request.path}?{query.urlencode()}"

    has_next = more if not backwards else True
    has_previous = position is not None and (more if backwards else True)
    return KeysetPage(
        items=items,
        next_url=address("after", items[-1]) if items and has_next else None,
        previous_url=address("before", items[0]) if items and has_previous else None,
        first_url=f"{request.path}?{others.urlencode()}" if has_previous else None,
    )
