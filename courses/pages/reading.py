"""A page laid out for one reader: what is the same for all, and their answers in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString, mark_safe

from content.answering import given
from content.blocks import TO_FINISH
from content.h5p.tokens import play_url
from content.overlay import LocalWords, words_of
from content.pieces import Live, render_live
from courses.delivery.api import Drafts, Registration, Standing, StudyAnswer, drafts_on, standings_of
from lms.accounts.api import Organisation
from lms.common.errors import Refused

from .models import StudyPage
from .policies import authority_of
from .queries import Rendered


@dataclass(frozen=True)
class Reader:
    """What a page's live blocks show of its reader. `registration` is None for staff and in a preview: blocks can be
    tried there, and nothing is kept. By block id: their answers, what they sent to their tutor; by slot: what their own
    `authority` says (of staff: the one they work for). `token`: the anti-forgery token of its forms; `by_script`: a
    block alone was asked for, whose outcome takes the focus. `refused`, by block id: why what they just sent was not
    kept, and what it was. `standings`, by activity: how they stand in it; `players`, by block: where staff try it."""

    page: StudyPage
    registration: Registration | None
    answers: dict[str, StudyAnswer] = field(default_factory=dict)
    drafts: Drafts = Drafts()
    authority: Organisation | None = None
    local: dict[str, LocalWords] = field(default_factory=dict)
    token: str = ""
    by_script: bool = False
    refused: Mapping[str, tuple[Refused, QueryDict]] = field(default_factory=dict)
    standings: Mapping[int, Standing] = field(default_factory=dict)
    players: Mapping[str, str] = field(default_factory=dict)


def reader_of(page: StudyPage, shared: Rendered, registration: Registration | None,
              staff_of: Organisation | None = None) -> Reader:  # fmt: skip
    """Reads what a page shows of its reader: one query each for answers and drafts, and only for what the page has.
    `staff_of`: the authority whose staff reads, without being registered."""
    kinds = {live.kind for live in shared.live}
    authority = authority_of(registration) if registration else staff_of
    local = words_of(authority.pk) if authority and "local" in kinds else {}
    if registration is None:
        return Reader(page, None, authority=authority, local=local)
    answers: dict[str, StudyAnswer] = {}
    if kinds - {"local"}:
        rows = StudyAnswer.objects.filter(registration=registration, page_id=page.pk)
        answers = {str(row.block): row for row in rows}
    drafts = drafts_on(registration, page.pk) if "draft" in kinds else Drafts()
    shown = [live.made.activity for live in shared.live if live.kind == "h5p"]
    standings = standings_of(registration, shown) if shown else {}
    return Reader(page, registration, answers, drafts, authority, local, standings=standings)


def pieces_for(shared: Rendered, reader: Reader) -> list[SafeString]:
    """A page's pieces in order as its reader sees them."""
    return [mark_safe(piece) if isinstance(piece, str) else live_for(piece, reader) for piece in shared.pieces]


def players_for(request: HttpRequest, shared: Rendered) -> dict[str, str]:
    """By block, where somebody who is not its learner tries an activity. Nothing of that is kept."""
    reader = f"preview:{request.user.pk}"
    return {live.block: play_url(request, live.made.version, reader) for live in shared.live if live.kind == "h5p"}


def standing_words(standing: Standing | None) -> str:
    """How a learner stands in an activity, in words: "Done. Best score: 80%, in 2 attempts."."""
    if standing is None or not standing.completed:
        return ""
    tries = f"{standing.attempts} attempt{'' if standing.attempts == 1 else 's'}"
    return "Done." if standing.best is None else f"Done. Best score: {standing.best:.0%}, in {tries}."


def left_of(shared: Rendered, answers: Mapping[str, StudyAnswer]) -> list[Live]:
    """The blocks that a learner has still to answer before the page is finished."""
    done = {block for block, answer in answers.items() if answer.done_at}
    return [live for live in shared.live if live.kind in TO_FINISH and live.block not in done]


def tried(reader: Reader, shared: Rendered, asked: QueryDict, *, at: datetime) -> Reader:
    """Who reads without being registered tries a block (`?try=<its id>`): marked as a learner's, kept nowhere."""
    live = next((live for live in shared.live if live.block == asked.get("try") and live.made), None)
    if live is None:
        return reader
    try:
        answer = given(live.kind, live.made, asked, {"path": asked.getlist("path")})
    except Refused as refusal:
        return replace(reader, refused={live.block: (refusal, asked)})
    row = StudyAnswer(block=live.block, kind=live.kind, value=answer.value, is_right=answer.is_right,
                      tries=int(answer.is_try), saved_at=at, done_at=at if answer.is_done else None)  # fmt: skip
    return replace(reader, answers={live.block: row})


def live_for(live: Live, reader: Reader) -> SafeString:
    """A live block as its reader sees it."""
    refusal, typed = reader.refused.get(live.block, (None, None))
    context: dict[str, Any] = {
        "reader": reader, "answer": reader.answers.get(live.block),
        "draft": reader.drafts.newest(live.block), "sent": reader.drafts.sent.get(live.block, []),
        "csrf_token": reader.token, "refused": refusal, "typed": typed, "reasons": [refusal] if refusal else [],
    }  # fmt: skip
    if live.kind == "h5p":
        context["words"] = standing_words(reader.standings.get(live.made.activity))
        context["player"] = reader.players.get(live.block, "")
    if live.kind == "local":
        context["local"] = reader.local.get(live.value["slot"])
    return render_live(live, context)
