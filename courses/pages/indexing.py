"""Many pages written at once: what is looked up of them, for searching and for "where is it used", is written at the
end, once a page, instead of each time that a page or a row of it is saved."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from wagtail.models import Page, ReferenceIndex
from wagtail.search.backends import get_search_backends
from wagtail.signal_handlers import disable_reference_index_auto_update

Gathered = dict[type[Page], set[int]]
_gathered: ContextVar[Gathered | None] = ContextVar("pages to be indexed", default=None)


@contextmanager
def indexed_at_the_end() -> Iterator[None]:
    """Pages saved within (courses and all that stands in them) are indexed together at the end, in the same
    transaction; nothing is when it ends with an error. Delete no page within, and do not nest it."""
    gathered: Gathered = defaultdict(set)
    with transaction.atomic():
        token = _gathered.set(gathered)
        try:
            with disable_reference_index_auto_update():
                yield
        finally:
            _gathered.reset(token)
        for model, keys in gathered.items():
            pages = list(model._default_manager.filter(pk__in=keys).order_by("pk"))
            for backend in get_search_backends(with_auto_update=True):
                backend.add_bulk(model, pages)
            for page in pages:
                ReferenceIndex.create_or_update_for_object(page)


def put_off(page: Page) -> bool:
    """Whether the page, which is about to be indexed, is so at the end instead."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered[type(page)].add(page.pk)
    return gathered is not None
