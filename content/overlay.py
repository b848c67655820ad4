"""What a local authority says to its own trainees, ready to be shown inside national lessons."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from .models import LocalInformation, LocalLink

# Kept for so long, by authority, and thrown away when somebody writes: a lesson asks the database for nothing.
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Link:
    """A link, or a file to download."""

    title: str
    url: str
    is_file: bool


@dataclass(frozen=True)
class LocalWords:
    """What an authority says under one heading."""

    heading: str
    text: SafeString
    links: tuple[Link, ...]
    checked_on: date | None


def words_of(authority_id: int) -> dict[str, LocalWords]:
    """What one authority says, by slot. At most three queries, and none while it is kept; each authority's words are
    kept under a key of their own."""
    key = _key(authority_id)
    found: dict[str, LocalWords] | None = cache.get(key)
    if found is None:
        rows = LocalInformation.objects.filter(authority=authority_id).prefetch_related("links__document")
        found = {row.slot: _words(row) for row in rows}
        cache.set(key, found, KEPT_SECONDS)
    return found


def _words(row: LocalInformation) -> LocalWords:
    links = (Link(link.title, link.url or link.document.url, not link.url) for link in row.links.all())
    text = mark_safe(expand_db_html(row.text).strip())
    return LocalWords(row.get_slot_display(), text, tuple(links), row.checked_on)


def is_due(checked_on: date | None, *, today: date | None = None) -> bool:
    """It is time to check again what an authority says: never checked, or half a year ago."""
    day = today or timezone.localdate()
    return checked_on is None or (day - checked_on).days > LocalInformation.REVIEW_AFTER_DAYS


@receiver([post_save, post_delete], sender=LocalInformation)
@receiver([post_save, post_delete], sender=LocalLink)
def forget(sender: Any, instance: LocalInformation | LocalLink, **kwargs: Any) -> None:
    """What was written is shown at once. A link may outlive what it belonged to by a moment."""
    row = instance.information if isinstance(instance, LocalLink) else instance
    key = _key(row.authority_id)
    cache.delete(key)
    transaction.on_commit(lambda: cache.delete(key))


def _key(authority_id: int) -> str:
    return f"local-words-{authority_id}"
