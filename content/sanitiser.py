"""The one sanitiser that all author HTML passes, at save and on import."""

from urllib.parse import urlsplit

import nh3

TAGS = {"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "b", "strong", "i", "em", "a", "hr"}
# On a link, `id` is the number of a page or document of ours. No other tag has an id: ours stay the only ones.
ATTRIBUTES = {"a": {"href", "linktype", "id"}, "*": set()}  # *: on every tag


# What a learner's own document may hold besides, when it is shown on a page of ours. No `id`: ours stay the only ones.
DOCUMENT_TAGS = (TAGS | {"table", "thead", "tbody", "tr", "td", "th", "sup", "sub", "blockquote", "u", "s"}) - {"hr"}


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "a" and name == "href":
        return value if is_safe_address(value) else None
    if tag == "a" and name == "linktype":
        return value if value in {"page", "document"} else None
    if tag == "a" and name == "id":
        return value if value.isascii() and value.isdigit() else None
    return None


def is_safe_address(value: str) -> bool:
    """https, mailto, an address on this site or a fragment; nothing else, however disguised."""
    cleaned = "".join(ch for ch in value if ch > " ")
    if cleaned != value.strip() or cleaned.startswith("//") or "\\" in cleaned:
        return False
    try:
        scheme = urlsplit(cleaned).scheme.lower()
    except ValueError:
        return False
    return scheme in {"https", "mailto"} or (not scheme and cleaned.startswith(("/", "#")))


def sanitise(html: str) -> str:
    """Rich text with only the tags and addresses that lessons use."""
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_attribute, link_rel=None,
        url_schemes={"https", "mailto"}, clean_content_tags={"script", "style"},
    )  # fmt: skip


def sanitise_document(html: str) -> str:
    """A learner's document as HTML: words, headings, lists and tables, and links to the web."""
    spans = {"colspan", "rowspan"}
    return nh3.clean(
        html, tags=DOCUMENT_TAGS, attributes={"a": {"href"}, "td": spans, "th": spans},
        link_rel="noopener noreferrer nofollow", url_schemes={"https", "http", "mailto"}, url_relative="deny",
        clean_content_tags={"script", "style"},
    )  # fmt: skip
