"""Words of the glossary in a lesson's text: each is marked where it first occurs, as a link to what it means."""

import re
from collections.abc import Iterable
from html import escape

from .models import GlossaryTerm

# A tag with its attributes, in which a ">" may stand between quotes; or a comment.
TAG = re.compile(r"""<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL)
# What is no running text, or a thing to press: nothing is marked in there.
NOT_IN = {"a", "button", "summary", "h1", "h2", "h3", "h4", "h5", "h6", "th", "caption", "figcaption", "dt", "label",
          "legend", "script", "style", "svg", "textarea", "select", "title", "audio", "video"}  # fmt: skip
APOSTROPHE = "(?:'|’|&#x27;|&#39;)"
SPACE = r"(?:\s|&nbsp;|\xa0)+"


class Marker:
    """Marks the words of one page: each once, over all the parts that `mark` is given in their order."""

    def __init__(self, terms: Iterable[GlossaryTerm]) -> None:
        forms = {form: term for term in terms for form in term.forms if form}
        # The longest first: "SEN support" is not "SEN" with a word after it.
        self.forms = sorted(forms.items(), key=lambda pair: (-len(pair[0]), pair[0]))
        self.left = {term.pk for term in forms.values()}
        groups = "|".join(f"(?P<w{number}>{_pattern(form)})" for number, (form, _) in enumerate(self.forms))
        # A form never begins or ends inside a word, nor inside the name of an entity.
        self.found = re.compile(rf"(?<![\w&#-])(?:{groups})(?![\w-])") if groups else None

    def mark(self, html: str) -> str:
        """The same HTML with the words that have not been marked yet as links to `#word-…`."""
        if self.found is None or not self.left:
            return html
        out: list[str] = []
        inside: list[str] = []  # open tags in which nothing is marked
        end = 0
        for tag in TAG.finditer(html):
            out.append(self._text(html[end : tag.start()], inside))
            out.append(tag[0])
            end = tag.end()
            name = (tag[2] or "").lower()
            if name in NOT_IN and not tag[3].endswith("/"):
                if not tag[1]:
                    inside.append(name)
                elif name in inside:
                    del inside[len(inside) - 1 - inside[::-1].index(name) :]
        out.append(self._text(html[end:], inside))
        return "".join(out)

    def _text(self, text: str, inside: list[str]) -> str:
        if inside or not text.strip() or self.found is None:
            return text
        return self.found.sub(self._link, text)

    def _link(self, match: re.Match[str]) -> str:
        term = self.forms[int((match.lastgroup or "w0")[1:])][1]
        if term.pk not in self.left:
            return match[0]
        self.left.discard(term.pk)
        return f'<a class="term" href="#{escape(term.anchor)}">{match[0]}</a>'


def _pattern(form: str) -> str:
    """How a form may stand in HTML. A form in small letters may begin a sentence; capitals inside it must be there."""
    first, rest = form[0], form[1:]
    start = f"[{first}{first.upper()}]" if first.isalpha() and first.islower() else _characters(first)
    return start + _characters(rest)


def _characters(text: str) -> str:
    out = []
    for part in re.split(r"(\s+|['’])", text):
        if not part:
            continue
        if part.isspace():
            out.append(SPACE)
        elif part in "'’":
            out.append(APOSTROPHE)
        else:
            out.append(re.escape(escape(part, quote=False)))
    return "".join(out)
