"""Words that somebody may look up: the product's, and those of organisations whose courses they study or make."""

from dataclasses import dataclass

from content.models import GlossaryTerm
from courses.delivery.api import Registration
from lms.accounts.api import Role, User

STAFF = (Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER, Role.EQA)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Letter:
    """A letter and the words under it; a word that begins with no letter stands under "#"."""

    letter: str
    terms: tuple[GlossaryTerm, ...]

    @property
    def anchor(self) -> str:
        """Where the page shows it."""
        return f"letter-{self.letter if self.letter != '#' else 'other'}"


def terms_for(user: User | None) -> list[GlossaryTerm]:
    """Every word that a reader may look up, in the order of the alphabet. An organisation's own word stands in place of
    the product's of the same short name. Three queries at most; one for somebody who has not signed in."""
    organisations: set[int] = set()
    if user is not None:
        rows = Registration.objects.filter(learner=user).exclude(state=Registration.State.WITHDRAWN)
        organisations = set(rows.values_list("qualification__awarding_organisation", flat=True))
        organisations |= user.organisations(*STAFF)
    found = GlossaryTerm.objects.of(organisations).order_by("pk")
    by_name = {term.slug: term for term in sorted(found, key=lambda term: term.organisation_id is not None)}
    return sorted(by_name.values(), key=lambda term: (term.term.casefold(), term.pk))


def searched(terms: list[GlossaryTerm], query: str) -> list[GlossaryTerm]:
    """Those that have every word of a query in the term, its other forms or its meaning; a term that begins with the
    query comes first."""
    words = query.casefold().split()
    hits = [term for term in terms if all(word in text_of(term) for word in words)]
    start = " ".join(words)
    return sorted(hits, key=lambda term: not any(form.casefold().startswith(start) for form in term.forms))


def text_of(term: GlossaryTerm) -> str:
    """All that is said of a term, for searching."""
    return f"{term.term} {term.also} {term.meaning}".casefold()


def by_letter(terms: list[GlossaryTerm]) -> list[Letter]:
    """The words under their letters, in the order of the alphabet; letters without words are left out."""
    found: dict[str, list[GlossaryTerm]] = {}
    for term in terms:
        first = term.term[:1].upper()
        found.setdefault(first if first in ALPHABET else "#", []).append(term)
    return [Letter(letter, tuple(found[letter])) for letter in (*ALPHABET, "#") if letter in found]
