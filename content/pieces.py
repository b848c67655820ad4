"""A body in pieces: what is the same for every reader, rendered once, and live blocks, rendered for each."""

from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .asked import asked, numbered
from .blocks import LIVE
from .made import made_of
from .models import GlossaryTerm
from .terms import Marker

# Boxes that explain or list by themselves: no word is marked in them.
UNMARKED = {"words", "law", "download", "quotation"}


@dataclass(frozen=True)
class Live:
    """A block that shows something of its reader: its kind, its id in the page, what its author wrote. `made`: the same
    made ready once for all readers (content.made); `label`: how the page names it ("Question 2"); `paper`: all that it
    says, with the key to a question and every way through a scenario, as it is printed. `is_early`: it stands above the
    body's first heading, so its own headings are of a higher level."""

    kind: str
    block: str
    value: Any
    made: Any = None
    label: str = ""
    paper: SafeString = SafeString("")
    is_early: bool = False


def pieces_of(body: Any, page_id: int | None = None, *, owner: int | None = None) -> list[str | Live]:
    """The pieces of a lesson's body, a StreamValue, in order: HTML, and live blocks. Words of its glossary boxes are
    marked where they first occur in the HTML. Blocks find `page_id`, `block_id` and `owner` in their context. `owner`:
    the organisation whose lesson it is; words and law of another one, whoever put them there, are left out."""
    found: list[str | Live] = []
    questions = 0
    marker = Marker(terms_of(body, owner=owner))
    for child in body:
        if child.block_type == "h5p" and not _may_show(child, owner):
            found.append(render_to_string("content/live/_no_activity.html", {"block_id": child.id}))
            continue
        if child.block_type in LIVE:
            made = made_of(child.block_type, child.value)
            questions += child.block_type == "check"
            label = f"Question {questions}" if child.block_type == "check" else getattr(made, "title", "")
            paper = _on_paper(child.block_type, str(child.id), made)
            found.append(Live(child.block_type, str(child.id), child.value, made, label, paper))
            continue
        html = str(child.render({"page_id": page_id, "block_id": str(child.id), "owner": owner}))
        if child.block_type not in UNMARKED:
            html = marker.mark(html)
        if found and isinstance(found[-1], str):
            html = found.pop() + html  # type: ignore[operator]  # isinstance of a popped item
        found.append(html)
    return _with_levels(found)


def _may_show(child: Any, owner: int | None) -> bool:
    """An activity that is ready, of the product or of the organisation whose lesson it is."""
    activity = child.value["activity"]
    return activity is not None and activity.organisation_id in (None, owner) and bool(made_of("h5p", child.value))


def _with_levels(pieces: list[str | Live]) -> list[str | Live]:
    """Boxes have headings of level 3; above the first heading of a body these would follow the page's own title."""
    found: list[str | Live] = []
    for number, piece in enumerate(pieces):
        if isinstance(piece, Live):
            found.append(replace(piece, is_early=True))
            continue
        before, heading, after = piece.partition("<h2")
        found.append(raised(before) + heading + after)
        if heading:
            return found + pieces[number + 1 :]
    return found


def raised(html: str) -> str:
    """HTML whose headings are said to be one level higher than they look."""
    return html.replace("<h3", '<h3 aria-level="2"').replace("<h4", '<h4 aria-level="3"')


def _on_paper(kind: str, block: str, made: Any) -> SafeString:
    if kind == "check":
        return render_to_string("content/live/_question_on_paper.html", {"q": asked(made, None, seed=block)})
    if kind == "scenario":
        return render_to_string("content/live/_scenario_on_paper.html", {"steps": numbered(made)})
    return SafeString("")


def terms_of(body: Any, *, owner: int | None = None) -> list[GlossaryTerm]:
    """The glossary terms of a body's boxes that its readers may see, each once."""
    chosen = [term for child in body if child.block_type == "words" for term in child.value["terms"] if term]
    return list({term.pk: term for term in chosen if term.organisation_id in (None, owner)}.values())


def render_live(live: Live, context: dict[str, Any]) -> SafeString:
    """A live block for one reader: `context` holds what is theirs (templates/content/live)."""
    mine = {"value": live.value, "block_id": live.block, "made": live.made, "label": live.label,
            "paper": live.paper}  # fmt: skip
    html = render_to_string(f"content/live/{live.kind}.html", {**mine, **context})
    return SafeString(raised(html)) if live.is_early else html
