"""Finding a piece among hundreds: the list of a learner's evidence, where the words stand in it, and the bin. The
number of queries does not depend on the number of rows."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Greatest, Left, Length, Lower, StrIndex, Substr
from django.utils import timezone

from courses.delivery.api import Registration
from courses.framework.api import Criterion, criteria_of
from lms.accounts.api import User

from .models import EvidenceFile, EvidenceLink, EvidenceVersion, FileRendition
from .visibility import VersionQuerySet, on_hold

AROUND = 70  # characters shown on either side of a word that was found
ORDERS = {
    "newest": ["-saved_at", "-pk"],
    "oldest": ["saved_at", "pk"],
    "title": ["title_lower", "pk"],
}
SNIPPET = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed by; empty means everything. `criteria`: ids, one of which is linked. `since` and
    `until`: the first days of the first and the last month in which a piece was last saved."""

    words: tuple[str, ...] = ()
    kind: str = ""
    state: str = ""
    criteria: frozenset[int] | None = None
    since: date | None = None
    until: date | None = None

    @property
    def narrows(self) -> bool:
        """It leaves something out."""
        return self != Asked()


@dataclass(frozen=True)
class Snippet:
    """A few words of a text, in pieces: (words, whether they are what was looked for). `name`: of the file it is in;
    empty for the learner's own text."""

    parts: tuple[tuple[str, bool], ...]
    name: str = ""
    page: int | None = None


def words_of(text: str) -> tuple[str, ...]:
    """What was typed, as words that must all be there; "in quotation marks" is one."""
    found = [(phrase or word).strip('" ') for phrase, word in SNIPPET.findall(text.replace("“", '"').replace("”", '"'))]
    return tuple(dict.fromkeys(word for word in found if word))[:8]


def _cases(word: str) -> set[str]:
    """The ways of writing a word that count as the same: SQLite only knows the two cases of A to Z."""
    return {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}


def _has(field: str, word: str) -> Q:
    found = Q()
    for spelling in _cases(word):
        found |= Q(**{f"{field}__icontains": spelling})
    return found


def shown_texts() -> QuerySet[FileRendition]:
    """What files say in plain text: pages and whole documents. HTML says the same with tags between."""
    return FileRendition.objects.filter(file__state=EvidenceFile.State.READY).exclude(kind=FileRendition.Kind.HTML)


def listed(registration: Registration) -> VersionQuerySet:
    """The latest version of each piece of a learner's evidence; what an assessor records, once it is signed."""
    return EvidenceVersion.objects.shown().filter(evidence__registration=registration, is_latest=True)


def found(registration: Registration, asked: Asked) -> VersionQuerySet:
    """The pieces that are left when the list is narrowed. Each word must stand in the title, the text, or the name or
    the text of one of its files."""
    rows = listed(registration)
    for word in asked.words:
        files = EvidenceFile.objects.filter(_has("name", word), version=OuterRef("pk"))
        texts = shown_texts().filter(_has("text", word), file__version=OuterRef("pk"))
        rows = rows.filter(_has("title", word) | _has("text", word) | Exists(files) | Exists(texts))
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.criteria is not None:
        rows = rows.filter(Exists(EvidenceLink.objects.filter(version=OuterRef("pk"), criterion__in=asked.criteria)))
    if asked.since:
        rows = rows.filter(saved_at__gte=_start(asked.since))
    if asked.until:
        rows = rows.filter(saved_at__lt=_start((asked.until.replace(day=1) + timedelta(days=32)).replace(day=1)))
    return rows


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day.replace(day=1), time.min))


def for_list(rows: VersionQuerySet) -> VersionQuerySet:
    """The rows with what a line of the list shows, links and files in two more queries."""
    links = Prefetch("links", EvidenceLink.objects.only("version_id", "criterion_id").order_by("criterion__position"))
    return (
        rows.defer("text", "ai_used").select_related("evidence", "tombstone").prefetch_related(links, "files")
        .annotate(title_lower=Lower("title"), is_held=on_hold())
    )  # fmt: skip


def counts(registration: Registration) -> Counter[str]:
    """How many pieces are in each state, and in all ("")."""
    found = Counter(dict(listed(registration).values_list("state").annotate(n=Count("pk")).order_by()))
    found[""] = sum(found.values())
    return found


def months(registration: Registration) -> list[date]:
    """The months from the first to the last in which a piece was saved, newest first."""
    ends = listed(registration).aggregate(first=Min("saved_at"), last=Max("saved_at"))
    if ends["first"] is None:
        return []
    month, last = (timezone.localtime(ends[name]).date().replace(day=1) for name in ("first", "last"))
    found = [month]
    while (month := (month + timedelta(days=32)).replace(day=1)) <= last:
        found.append(month)
    return found[::-1]


@dataclass(frozen=True)
class Line:
    """A piece in the list: its latest version, the codes that it is linked to, and where the words stand in it."""

    version: EvidenceVersion
    title: tuple[tuple[str, bool], ...]
    criteria: list[Criterion]
    snippets: list[Snippet]


def lines(versions: list[EvidenceVersion], registration: Registration, words: tuple[str, ...]) -> list[Line]:
    """The rows of a page with their criteria (from memory) and, when words were looked for, where they stand."""
    known = criteria_of(registration.qualification.framework_id)
    snippets = _snippets(versions, words) if words and versions else {}
    return [
        Line(version, marked(version.title, words), [known[link.criterion_id] for link in version.links.all()],
             snippets.get(version.pk, []))
        for version in versions
    ]  # fmt: skip


def _snippets(versions: list[EvidenceVersion], words: tuple[str, ...]) -> dict[int, list[Snippet]]:
    """A few words around the first match in each text, cut out by the database: a long document is not fetched."""
    found: dict[int, list[Snippet]] = {}
    keys = [version.pk for version in versions]
    texts = _any(EvidenceVersion.objects.filter(pk__in=keys), "text", words)
    for row in _cut(texts, "text", words).values("pk", "cut", "begin", "length"):
        found[row["pk"]] = [Snippet(_parts(row, words))]
    first = _any(shown_texts().filter(file__version=OuterRef("pk")), "text", words).order_by("file_id", "number")
    holders = EvidenceVersion.objects.filter(pk__in=keys).annotate(match=Subquery(first.values("pk")[:1]))
    pages = FileRendition.objects.filter(pk__in=holders.filter(match__isnull=False).values("match"))
    columns = ("file__version_id", "file__name", "kind", "number", "cut", "begin", "length")
    for row in _cut(pages, "text", words).values(*columns):
        page = row["number"] if row["kind"] == FileRendition.Kind.PAGE else None
        snippet = Snippet(_parts(row, words), row["file__name"], page)
        found.setdefault(row["file__version_id"], []).append(snippet)
    return found


def _any(rows: QuerySet, field: str, words: tuple[str, ...]) -> QuerySet:
    either = Q()
    for word in words:
        either |= _has(field, word)
    return rows.filter(either)


def _cut(rows: QuerySet, field: str, words: tuple[str, ...]) -> QuerySet:
    """Cuts the words around the first of these words that is there out of a text: `cut`, from place `begin` (1 is the
    first character) of a text of `length`."""
    spellings = sorted({spelling for word in words for spelling in _cases(word) | _cases(word.lower())})
    places = [StrIndex(Lower(field), Value(spelling)) for spelling in spellings]
    begin = Greatest(*places, Value(AROUND + 1)) - AROUND
    return rows.annotate(begin=begin, length=Length(field), cut=Substr(field, begin, 2 * AROUND + 60))


def _parts(row: dict[str, Any], words: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """A cut text, whole words only, with what was looked for marked."""
    cut = " ".join(row["cut"].split())
    if row["begin"] > 1:
        cut = "… " + (cut.partition(" ")[2] or cut)
    if row["begin"] + 2 * AROUND + 60 <= row["length"]:
        cut = (cut.rpartition(" ")[0] or cut) + " …"
    return marked(cut, words)


def marked(text: str, words: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """A text in pieces: (words, whether they are what was looked for)."""
    if not words:
        return ((text, False),)
    pieces = re.split("(" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")", text,
                      flags=re.IGNORECASE)  # fmt: skip
    return tuple((piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece)


BEGINNING = 160  # characters shown of what is in the bin


@dataclass(frozen=True)
class Binned:
    """A draft in the bin with what its line says."""

    version: EvidenceVersion
    beginning: str
    file_count: int
    gone_on: date
    days_left: int


def binned(user: User) -> VersionQuerySet:
    """Drafts in the person's own bin, with what a domain function wants."""
    return EvidenceVersion.objects.binned_by(user).select_related("evidence")


def bin_rows(user: User, registration: Registration) -> VersionQuerySet:
    """What is in the bin of one registration, for a list; of a text only its beginning."""
    rows = binned(user).filter(evidence__registration=registration).defer("text", "ai_used")
    return rows.annotate(beginning=Left("text", BEGINNING), length=Length("text"), file_count=Count("files"))


def bin_lines(versions: Iterable[Any], *, today: date) -> list[Binned]:
    """Rows of `bin_rows` with how long each stays."""
    lines = []
    for version in versions:
        gone_on = timezone.localtime(version.binned_at).date() + timedelta(days=settings.BIN_DAYS)
        more = "…" if version.length > BEGINNING else ""
        lines.append(Binned(version, version.beginning + more, version.file_count, gone_on, (gone_on - today).days))
    return lines
