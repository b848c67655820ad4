"""Texts of an activity: formatting stays, what could run is refused, and everything else is taken out."""

import re
from html.parser import HTMLParser
from typing import Any

import nh3

from . import strict
from .archive import Reason, shown

LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z/!?]")
RUNS = {"script", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "base", "meta",
        "link", "style", "svg", "math", "template", "portal"}  # fmt: skip
SCHEME = re.compile(r"(?:javascript|vbscript|livescript|data:(?:text/html|image/svg|application/)).*", re.IGNORECASE)
ADDRESS = re.compile(
    r"(?:url|uri|href|link|path|src)(?:\[\d+\])?$", re.IGNORECASE
)  # how fields for addresses are named
SENTENCE = re.compile(r"\w+: \w")
SCHEME_ENDS = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029]+")
TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "b", "strong", "i", "em",
    "u", "s", "del", "ins", "sup", "sub", "small", "mark", "code", "pre", "kbd", "q", "cite", "abbr", "blockquote",
    "a", "span", "div", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "figure", "figcaption", "img",
    "font", "address", "strike", "center",
}  # fmt: skip
SPANS = {"colspan", "rowspan", "scope", "align"}
ATTRIBUTES = {
    "*": {"class", "dir", "lang", "title", "style"}, "a": {"href", "target"}, "td": SPANS, "th": SPANS,
    "table": {"border", "cellpadding", "cellspacing", "summary"}, "ol": {"start", "type"},
    "img": {"alt", "src", "width", "height"}, "font": {"color", "size", "face"},
}  # fmt: skip
STYLES = {
    "color", "background-color", "font-size", "font-family", "font-weight", "font-style", "text-align",
    "text-decoration", "width", "height", "margin", "margin-left", "margin-right", "border", "border-style",
    "border-width", "border-color", "float", "vertical-align", "list-style-type", "direction", "line-height",
}  # fmt: skip


class _Finder(HTMLParser):
    """Finds the first thing in a text that could run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in RUNS:
            self.found = self.found or f"<{tag}>"
        for name, value in attrs:
            if name.startswith("on"):
                self.found = self.found or f"“{name}”"
            elif name in ("href", "src", "action", "formaction", "xlink:href", "srcdoc", "data") and runs(value or ""):
                self.found = self.found or f"an address in “{name}” that runs a script"


def runs(address: str) -> bool:
    """Whether following an address would run something."""
    return bool(SCHEME.match(SCHEME_ENDS.sub("", address[:2000])) and ":" in address)


def cleaned(said: Any) -> tuple[Any, list[Reason]]:
    """What content.json says with each text made safe, and which texts hold something that could run. Raises
    strict.Broken for what is nested too deeply."""
    reasons: list[Reason] = []
    for path, value in strict.walk(said):
        if isinstance(value, str) and (what := active(value, is_address=bool(ADDRESS.search(path)))):
            said_where = f"In content.json, “{shown(path)}” holds {shown(what)}"
            reasons.append(Reason("active-text", f"{said_where}, which could run in a reader’s browser. Take it out of "
                                  "the text and export again."))  # fmt: skip
    return (said if reasons else _each(said)), reasons


def active(text: str, *, is_address: bool = False) -> str:
    """What in a text could run, in words; "" when nothing could. A sentence may begin with "JavaScript: ", an address
    may not."""
    if runs(text) and (is_address or not SENTENCE.match(text)):
        return "an address that runs a script"
    if not LOOKS_LIKE_HTML.search(text):
        return ""
    finder = _Finder()
    finder.feed(text)
    finder.close()
    return finder.found


def clean(text: str) -> str:
    """A text with its formatting; anything else is taken out. What has no tags stays as it is."""
    if not LOOKS_LIKE_HTML.search(text):
        return text
    return nh3.clean(
        text, tags=TAGS, attributes=ATTRIBUTES, filter_style_properties=STYLES, link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"}, clean_content_tags={"script", "style"},
    )  # fmt: skip


def _each(value: Any) -> Any:
    """Recursion is safe here: `strict.walk` has seen how deep it goes."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_each(one) for one in value]
    if isinstance(value, dict):
        return {name: _each(one) for name, one in value.items()}
    return value
