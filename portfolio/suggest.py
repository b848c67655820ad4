"""Suggests criteria from what a learner wrote: a ranking of words, offline. Suggestions only, never a judgement.

The criteria are ranked by BM25 over their wording. People write "EHCP", "mum" and "SALT" where a specification says
"Education, Health and Care plan", "parents" and "speech and language therapy", so a list of the field's words puts the
specification's beside what was typed. The index of a framework is made when it is first asked for (some
milliseconds) and kept in the process: a published framework never changes.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Any

from django.utils.html import strip_tags

from courses.framework.api import Criterion, criteria_of

from .models import EvidenceVersion, FileRendition

MOST = 5
LEAST_WORDS = 12  # shorter texts say too little
LEAST_SCORE = 0.87  # of the weight of a word that a single criterion has; found by trying texts about other things
LEAST_SHARE = 0.35  # of the best suggestion's score
LEAST_MATCHES = 2
REASONS = 4  # words shown with a suggestion
LONGEST = 40_000  # letters that are read of a text
MOST_RENDITIONS = 30  # pages of files that are read
WORDS = Path(__file__).parent / "data"
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def stem(word: str) -> str:
    """A word without the commonest English endings, so that "plans" finds "planning"."""
    word = word.removesuffix("'s")
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    word = word.removesuffix("e") if len(word) > 4 else word
    return f"{word[:-1]}i" if len(word) > 3 and word[-1] == "y" else word


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return WORD.findall(text.lower().replace("’", "'"))


def _lines(name: str) -> list[str]:
    lines = (WORDS / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def _plain_words() -> frozenset[str]:
    """Words that tell no criterion from another, and their stems."""
    words = " ".join(_lines("plain_words.txt")).split()
    return frozenset([*words, *map(stem, words)])


def _is_plain(word: str) -> bool:
    return word in _plain_words() or stem(word) in _plain_words()


def _tokens(text: str) -> list[str]:
    return [stem(word) for word in words_of(text) if not _is_plain(word)]


@lru_cache(maxsize=1)
def _field_words() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The specification's words (stems) by the stems of what people type for them."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in _lines("field_words.txt"):
        typed, said = line.split(":")
        for phrase in typed.split("|"):
            key = tuple(stem(word) for word in WORD.findall(phrase))
            found[key] = (*found.get(key, ()), *dict.fromkeys(_tokens(said)))
    return found


@dataclass(frozen=True)
class Suggestion:
    """A criterion that a text may meet, and the words of the text that say so, as typed."""

    criterion: Criterion
    words: tuple[str, ...]


@dataclass
class Query:
    """What is searched for: stems with the typed words that they come from."""

    sources: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, token: str, typed: str) -> None:
        """Adds a stem and what was typed for it."""
        self.sources.setdefault(token, {}).setdefault(typed)

    def typed_for(self, tokens: list[str]) -> tuple[str, ...]:
        """What was typed for these stems, as the reason for a suggestion: a few words, none inside another."""
        typed = list(dict.fromkeys(phrase for token in tokens for phrase in self.sources[token]))
        whole = [f" {phrase} " for phrase in typed]
        alone = [phrase for phrase in typed if sum(f" {phrase} " in other for other in whole) == 1]
        return tuple(alone)


def _query(text: str) -> Query:
    query, words = Query(), words_of(text[:LONGEST])
    stems = [stem(word) for word in words]
    for word, token in zip(words, stems, strict=True):
        if not _is_plain(word):
            query.add(token, word)
    meanings = _field_words()
    for start in range(len(words)):
        for length in (1, 2, 3, 4):
            for token in meanings.get(tuple(stems[start : start + length]), ()):
                if start + length <= len(words):
                    query.add(token, " ".join(words[start : start + length]))
    return query


class Index:
    """The criteria of one framework, ready to be ranked."""

    def __init__(self, criteria: Iterable[Criterion]) -> None:
        import bm25s  # here, not above: it brings numpy, which most requests never need

        logging.getLogger("bm25s").setLevel(logging.WARNING)
        self.criteria = list(criteria)
        documents = [
            _tokens(f"{criterion.outcome.section.short_title} {criterion.full_text}") for criterion in self.criteria
        ]
        self.ranking: Any = bm25s.BM25(k1=1.2, b=0.5)
        self.ranking.index(documents, show_progress=False)
        self.documents = [frozenset(document) for document in documents]
        self.known = frozenset().union(*self.documents) if documents else frozenset()

    def suggest(self, text: str) -> list[Suggestion]:
        """At most five criteria, best first; none when the text says too little about any."""
        if len(words_of(text)) < LEAST_WORDS:
            return []
        query = _query(text)
        tokens = [token for token in query.sources if token in self.known]
        if len(tokens) < LEAST_MATCHES:
            return []
        # A stem that several things point to counts for more: "calm", "anxious" and "upset" say the same thing thrice.
        scores = self.ranking.get_scores([token for token in tokens for _ in range(min(len(query.sources[token]), 3))])
        least = LEAST_SCORE * log(1 + (len(self.criteria) - 0.5) / 1.5)
        found: list[Suggestion] = []
        for place in scores.argsort()[::-1][: MOST * 2].tolist():
            if scores[place] < max(least, LEAST_SHARE * scores.max()) or len(found) == MOST:
                break
            typed = query.typed_for([token for token in tokens if token in self.documents[place]])
            if len(typed) >= LEAST_MATCHES or any(" " in phrase for phrase in typed):
                found.append(Suggestion(self.criteria[place], typed[:REASONS]))
        return found


_indexes: dict[int, Index] = {}


def suggest(framework_id: int, text: str) -> list[Suggestion]:
    """Criteria of a framework that a text may meet. No query when the framework is in memory."""
    criteria = criteria_of(framework_id)
    found = _indexes.get(framework_id)
    if found is None:
        found = Index(criteria.values())
        if all(criterion.framework.published_at for criterion in found.criteria):
            _indexes[framework_id] = found
    return found.suggest(text)


def suggest_for(version: EvidenceVersion) -> list[Suggestion]:
    """Criteria that a version may meet, from its title, its text and the text of its files. One query."""
    shown = FileRendition.objects.filter(file__version=version).exclude(text="").order_by("file_id", "kind", "number")
    texts = shown.values_list("text", flat=True)[:MOST_RENDITIONS]
    said = "\n".join([version.title, version.text, *(strip_tags(text) for text in texts)])
    return suggest(version.evidence.registration.qualification.framework_id, said)


def forget() -> None:
    """Empties the memory. For tests, whose frameworks come and go."""
    _indexes.clear()
