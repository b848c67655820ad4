"""A text open in two tabs or on two devices: the later save never overwrites the earlier one unseen.

Each long text of a form travels with a hidden field `base.<name>`: a digest of what was saved when the form was shown.
A save whose base is not what is saved now is refused with the other text, so that the person chooses between both.
"""

import hashlib
from collections.abc import Mapping

from django.http import JsonResponse

from .errors import Refused

PREFIX = "base."


class EditedElsewhere(Refused):
    """The text was changed in another tab or on another device since this form was shown. `theirs`: what is saved
    now, by the name of the field. Nothing was changed."""

    def __init__(self, theirs: dict[str, str]) -> None:
        super().__init__(
            "edited-elsewhere",
            "This text was changed in another tab or on another device. Both texts are shown: choose what to keep.",
            fix_url=f"#other-{next(iter(theirs))}",
        )
        self.theirs = theirs


def base_of(text: str) -> str:
    """The digest of a saved text that its form carries."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def bases_in(posted: Mapping[str, str]) -> dict[str, str]:
    """The bases that a form carried, by the name of the field."""
    return {name.removeprefix(PREFIX): posted[name] for name in posted if name.startswith(PREFIX)}


def check_bases(saved: Mapping[str, str], typed: Mapping[str, str | None], bases: Mapping[str, str]) -> None:
    """Raises EditedElsewhere for the texts that differ from what is saved and were typed over something older. A
    text without a base (another way in than a form) is not checked."""
    theirs = {
        name: saved[name]
        for name, text in typed.items()
        if text is not None and name in bases and name in saved
        and bases[name] != base_of(saved[name]) and text.strip() != saved[name].strip()
    }  # fmt: skip
    if theirs:
        raise EditedElsewhere(theirs)


def saved_answer(time: str, saved: Mapping[str, str]) -> JsonResponse:
    """The answer to an autosave: when, and the new bases of these texts."""
    return JsonResponse({"saved_at": time, "bases": {f"{PREFIX}{name}": base_of(text) for name, text in saved.items()}})


def refused_answer(refusal: Refused) -> JsonResponse:
    """The answer to an autosave that was refused: why and, for a conflict, the other texts with their bases."""
    answer: dict[str, object] = {"message": refusal.message}
    if isinstance(refusal, EditedElsewhere):
        answer["conflicts"] = {name: {"text": text, "base": base_of(text)} for name, text in refusal.theirs.items()}
    return JsonResponse(answer, status=409)
