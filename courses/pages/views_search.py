"""Finding words in the course. Public: what is found depends on who asks."""

from types import SimpleNamespace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .search import KINDS, ON_A_PAGE, Found, Group, found_in, shelf_of

MOST_LETTERS = 100


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`?q=` words; `kind` one of KINDS, to see all of it; `page` from 1. Without words: what can be looked for, and
    with `kind=statements` the whole specification. Reading it changes nothing."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:MOST_LETTERS]
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    number = request.GET.get("page", "1")
    page = int(number) if number.isdecimal() and 0 < int(number[:4]) < 1000 else 1
    shelf, found = shelf_of(request), Found(())
    if asked or kind == "statements":
        found = found_in(shelf, asked, kind=kind, page=page)
    shown = [group for group in found.groups if not kind or group.kind == kind]
    chips = [("Everything", _address(asked), found.total, not kind)]
    chips += [(group.name, _address(asked, group.kind), group.count, group.kind == kind) for group in found.groups]
    context = {
        "q": asked, "kind": kind, "found": found, "groups": shown, "chips": chips if asked else [],
        "pages": _pages(asked, shown[0], page) if kind and shown else None, "shelf": shelf,
        "more": {group.kind: _address(asked, group.kind) for group in shown},
        "statements_url": _address("", "statements"), "instead_url": _address(found.instead),
    }  # fmt: skip
    return render(request, "courses/search.html", context)


def _address(asked: str, kind: str = "", page: int = 1) -> str:
    query = {"q": asked, "kind": kind, "page": page if page > 1 else ""}
    return f"{reverse('search')}?{urlencode({name: value for name, value in query.items() if value})}"


def _pages(asked: str, group: Group, page: int) -> SimpleNamespace:
    """The neighbouring pages, as the pagination component takes them."""
    first, last = (page - 1) * ON_A_PAGE + 1, (page - 1) * ON_A_PAGE + len(group.hits)
    there_is_more = bool(asked) and last < group.count
    return SimpleNamespace(
        first_url=_address(asked, group.kind) if page > 2 else None,
        previous_url=_address(asked, group.kind, page - 1) if page > 1 else None,
        next_url=_address(asked, group.kind, page + 1) if there_is_more else None,
        shown=f"{first} to {last} of {group.count}" if group.hits else "Nothing more on this page.",
    )
