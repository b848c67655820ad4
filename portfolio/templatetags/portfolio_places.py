"""Where a criterion is met, on a page: the text in numbered paragraphs, and links that lead to the place."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from portfolio import places
from portfolio.models import EvidenceLink, EvidenceVersion

register = template.Library()


@register.filter
def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, as links count them."""
    return places.paragraphs(text)


@register.filter
def place_words(link: EvidenceLink) -> str:
    """Where a link points, in words; empty when it names no place by a locator."""
    return places.describe(link)


@register.filter
def at_paragraph(rows: Iterable[Any] | None, number: int) -> list[Any]:
    """Those of these rows, which have locators, that point to a paragraph."""
    return [row for row in rows or () if row.paragraph == number]


@register.filter
def region_in(link: EvidenceLink | None, page: int) -> places.Region | None:
    """The marked part that a link points to on a page of its file; `page` 1 is the whole of a picture too."""
    return places.region_of(link) if link and (link.page or 1) == page else None


@register.filter
def fragment(link: EvidenceLink | None) -> str:
    """The time that a link points to, as a player takes it at the end of an address: "#t=80,125"; else nothing."""
    times = places.times_of(link) if link else ""
    return f"#t={times}" if times else ""


@register.inclusion_tag("portfolio/_missed.html")
def missed(version: EvidenceVersion) -> dict[str, Any]:
    """The parts of a version that no criterion points to, for information. It comes with links and files."""
    return {"missed": places.not_pointed_at(version, version.links.all())}


@register.simple_tag
def place(link: EvidenceLink, version: EvidenceVersion | None = None, *, draw: bool = True) -> SafeString:
    """Where a link points, in words that lead there; nothing when it names no place by a locator. `link` comes with
    its file. `version`: the version that this page shows, so that the link stays on the page; without it `link.version`
    comes with its evidence and the link leads to the version's own page. `draw=False`: the page draws the marked part
    where it shows the file."""
    context = _place(link, version)
    if context and not draw:
        context["picture"] = ""
    return mark_safe(render_to_string("portfolio/_place.html", context).strip() if context else "")


def _place(link: EvidenceLink, version: EvidenceVersion | None) -> dict[str, Any]:
    words = places.describe(link)
    if not words:
        return {}
    page = ""
    if version is None:
        page = reverse("portfolio:evidence_version", args=[link.version.evidence.ref, link.version.number])
    file, region = link.file, places.region_of(link)
    if file is None:
        return {"words": words, "url": f"{page}#paragraph-{link.version_id}-{link.paragraph}"}
    if link.start_seconds is not None:
        times = places.times_of(link)
        url = f"{reverse('portfolio:file', args=[file.ref])}#t={times}"
        return {"words": words, "url": url, "attrs": {"data-seek": times, "data-file": file.ref}}
    picture = ""
    if file.is_ready and region:
        picture = (reverse("portfolio:page", args=[file.ref, link.page]) if link.page
                   else reverse("portfolio:file", args=[file.ref]))  # fmt: skip
    in_pages = link.page and file.media != "image"
    anchor = f"file-{file.pk}-page-{link.page}" if in_pages else f"file-{file.pk}"
    return {"words": words, "url": f"{page}#{anchor}", "region": region, "picture": picture}
