"""Where words, law and files are used, from Wagtail's index of references (never by searching bodies)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from wagtail.models import Page, ReferenceIndex


def pages_using(rows: Iterable[models.Model]) -> dict[Any, list[Page]]:
    """By row (of one table): the pages whose live form names it, in the order of the course. Three queries at most."""
    rows = list(rows)
    if not rows:
        return {}
    kind = ContentType.objects.get_for_model(rows[0])
    page_kind = ContentType.objects.get_for_model(Page)
    found = ReferenceIndex.objects.filter(
        to_content_type=kind, to_object_id__in=[str(row.pk) for row in rows], base_content_type=page_kind
    )
    where: dict[str, set[int]] = defaultdict(set)
    for named, page in found.values_list("to_object_id", "object_id"):
        where[named].add(int(page))
    pages = Page.objects.filter(pk__in=set().union(*where.values())).order_by("path") if where else Page.objects.none()
    known = list(pages)
    return {row.pk: [page for page in known if page.pk in where[str(row.pk)]] for row in rows}


def usage_of(row: models.Model) -> list[str]:
    """The titles of everything that names a row, pages first."""
    titles = []
    for source, _ in ReferenceIndex.get_grouped_references_to(row):
        titles.append((not isinstance(source, Page), str(source)))
    return [title for _, title in sorted(titles)]


def refused_because_used(row: models.Model) -> str:
    """Why a row cannot be deleted, in words; nothing when it is used nowhere."""
    titles = usage_of(row)
    if not titles:
        return ""
    shown = ", ".join(f"“{title}”" for title in titles[:3]) + (f" and {len(titles) - 3} more" if titles[3:] else "")
    return f"“{row}” is used in {shown}. Take it out of there first."
