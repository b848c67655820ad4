"""Finding words in the course: lessons, tasks and units, words explained, and statements of the specification.

First comes the shelf, the set of pages that the reader may read, then the search within it: nothing else can be found.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction
from wagtail.search.backends import get_search_backend

from content.finding import WORD, Parts, Passage, best, excerpt, marked, passages_of, stem, stems_asked, stems_in
from content.models import GlossaryTerm
from content.places import elements_of
from courses.framework.api import Criterion, criteria_of
from lms.accounts.api import User

from .models import PageCriterion
from .policies import courses_for
from .queries import COURSE_PATH, KIND_WORDS, UNIT_PATH, address_at

KINDS = {"words": "Words explained", "lessons": "Lessons", "tasks": "Tasks", "units": "Courses and units",
         "statements": "Statements"}  # fmt: skip
FIRST = {"words": 2, "lessons": 5, "tasks": 3, "units": 2, "statements": 3}  # shown of each kind among all
ON_A_PAGE = 10
MOST = 200
STEP = Page.steplen
CODE = re.compile(r"[1-9]\d?\.\d{1,2}(\.[a-z])?")
TYPES = ("coursepage", "unitpage", "lessonpage", "taskpage", "locallessonpage", "authoritypage")
STUDIED = ("lessonpage", "taskpage", "locallessonpage")
COLUMNS = ("pk", "path", "title", "url_path", "coursepage__pk", "unitpage__section__code", "lessonpage__kind",
           "taskpage__pk", "locallessonpage__unit__path", "authoritypage__authority")  # fmt: skip
DETAILS = [f"{model}__{name}" for model in STUDIED for name in ("summary", "body")]
DETAILS += [f"{model}__{name}" for model in ("unitpage", "coursepage") for name in ("summary", "introduction")]


@dataclass(frozen=True)
class Hit:
    """Something found. `title` and `text` in pieces: (words, whether they were looked for); `label`: what it is and
    where; `url`: "" where there is nothing more to read than this."""

    title: Parts
    text: Parts
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind: how many in all, and those shown."""

    kind: str
    count: int
    hits: Sequence[Hit]

    @property
    def name(self) -> str:
        """The kind as its heading says it."""
        return KINDS[self.kind]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.hits)


@dataclass(frozen=True)
class Found:
    """The answer to a search: groups with something in them; `instead`: a word that may have been meant, when nothing
    was found."""

    groups: Sequence[Group]
    instead: str = ""

    @property
    def total(self) -> int:
        """How much was found."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True)
class Readable:
    """A page on the shelf."""

    pk: int
    kind: str
    title: str
    url: str
    label: str


@dataclass
class Shelf:
    """All that a reader may find: pages by number, organisations whose own words they read, frameworks."""

    pages: dict[int, Readable] = field(default_factory=dict)
    organisations: set[int] = field(default_factory=set)
    frameworks: list[int] = field(default_factory=list)
    is_learner: bool = False


def shelf_of(request: HttpRequest) -> Shelf:
    """What somebody may find: published courses and units for everybody; lessons and tasks of the courses that they
    read; of local lessons those of the authority in whose cohort they learn. Three queries."""
    user = request.user if isinstance(request.user, User) else None
    courses = list(courses_for(user))
    read = [course for course in courses if course.is_read]
    learner = any(course.is_mine for course in courses)
    if user is not None and learner:
        user.is_learner = True  # the header asks next
    frameworks = dict.fromkeys(course.qualification.framework_id for course in read or courses)
    organisations = {course.qualification.awarding_organisation_id for course in read}
    shelf = Shelf({}, organisations, list(frameworks), learner)
    closed = [restriction.page.path for restriction in PageViewRestriction.objects.select_related("page")
              if not restriction.accept_request(request)]  # fmt: skip
    empty = dict.fromkeys((f"{name}__isnull" for name in TYPES), True)
    rows = Page.objects.filter(live=True).exclude(**empty).order_by("path").values(*COLUMNS)
    sorting = _Sorting({course.path: course for course in courses})
    for row in rows:
        page = sorting.place(row)
        if page is not None and not any(row["path"].startswith(path) for path in closed):
            shelf.pages[page.pk] = page
    return shelf


@dataclass
class _Sorting:
    """Says of each page, in the order of the tree, where it stands on the shelf: not at all, unless all above it is
    published."""

    courses: dict[str, Any]
    units: dict[str, str] = field(default_factory=dict)
    authorities: dict[str, int] = field(default_factory=dict)

    def place(self, row: dict[str, Any]) -> Readable | None:
        path = row["path"]
        if row["authoritypage__authority"]:
            self.authorities[path] = row["authoritypage__authority"]
            return None
        if row["locallessonpage__unit__path"]:
            return self._local(row)
        course = self.courses.get(path[:COURSE_PATH])
        if course is None:
            return None
        if row["coursepage__pk"]:
            return self._page(row, "units", "Course")
        if row["unitpage__section__code"]:
            self.units[path] = row["title"]
            return self._page(row, "units", f"Unit of {course.title}")
        if path[:UNIT_PATH] not in self.units or not course.is_read:
            return None
        kind = "tasks" if row["taskpage__pk"] else "lessons"
        named = KIND_WORDS.get(row["lessonpage__kind"] or "", "")
        return self._page(row, kind, " · ".join(filter(None, (named, self.units[path[:UNIT_PATH]]))))

    def _local(self, row: dict[str, Any]) -> Readable | None:
        course = self.courses.get(row["locallessonpage__unit__path"][:COURSE_PATH])
        authority = self.authorities.get(row["path"][:-STEP])
        if course is None or not course.is_mine or authority is None or authority != course.authority:
            return None
        return self._page(row, "lessons", "From your local authority")

    @staticmethod
    def _page(row: dict[str, Any], kind: str, label: str) -> Readable:
        return Readable(row["pk"], kind, row["title"], address_at(row["url_path"]), label)


def found_in(shelf: Shelf, asked: str, *, kind: str = "", page: int = 1) -> Found:
    """What of a shelf has all the words that were typed: a few of each kind, or with a kind one page of it. Queries: 2,
    3 with pages among them, 4 with statements; they do not grow with what is found."""
    stems = stems_asked(asked)
    lists: dict[str, list[Any]] = {name: [] for name in KINDS}
    if stems:
        lists["words"] = _words(shelf, stems)
        for one in _pages(shelf, stems):
            lists[one.kind].append(one)
    lists["statements"] = statements_with(shelf, asked, stems)
    size = ON_A_PAGE if stems else MOST
    shown = {name: rows[(page - 1) * size : page * size] if kind else rows[: FIRST[name]]
             for name, rows in lists.items() if not kind or name == kind}  # fmt: skip
    hits = _page_hits([one for name in ("lessons", "tasks", "units") for one in shown.get(name, [])], stems)
    groups = []
    for name, rows in lists.items():
        some = shown.get(name, [])
        if name == "words":
            made = [Hit(marked(term.term, stems), marked(term.meaning, stems), label=also(term)) for term in some]
        elif name == "statements":
            made = statement_hits(shelf, some, stems)
        else:
            made = [hits[one.pk] for one in some]
        if rows:
            groups.append(Group(name, len(rows), made))
    return Found(groups, "" if groups else instead_of(shelf, asked))


def also(term: GlossaryTerm) -> str:
    """What else a term is called."""
    return f"Also: {term.also}" if term.also else ""


def _words(shelf: Shelf, stems: Sequence[str]) -> list[GlossaryTerm]:
    """Words of ours, and of the organisations whose courses the reader reads. A term itself comes before a meaning."""
    rows = get_search_backend().search(" ".join(stems), GlossaryTerm, operator="and")[:MOST]
    mine = [term for term in rows if term.organisation_id in {None, *shelf.organisations}]
    return sorted(mine, key=lambda term: not _named(f"{term.term} {term.also}", stems))


def _pages(shelf: Shelf, stems: Sequence[str]) -> list[Readable]:
    """Pages of the shelf with all the words, by how well they fit; those with the words in their title first."""
    rows = Page.objects.filter(pk__in=list(shelf.pages)).search(" ".join(stems), operator="and")[:MOST]
    return sorted((shelf.pages[row.pk] for row in rows), key=lambda one: not _named(one.title, stems))


def _named(text: str, stems: Sequence[str]) -> bool:
    return set(stems) <= set(stems_in(text))


def _page_hits(pages: Sequence[Readable], stems: Sequence[str]) -> dict[int, Hit]:
    """The pages as results, with a line or two around the words. One query."""
    if not pages:
        return {}
    rows = {row["pk"]: row for row in Page.objects.filter(pk__in=[one.pk for one in pages]).values("pk", *DETAILS)}
    return {one.pk: _page_hit(one, rows[one.pk], stems) for one in pages}


def _page_hit(page: Readable, row: dict[str, Any], stems: Sequence[str]) -> Hit:
    summary = next((row[name] for name in DETAILS if name.endswith("summary") and row[name]), "")
    body = next((row[f"{model}__body"] for model in STUDIED if row[f"{model}__body"] is not None), None)
    html = row["unitpage__introduction"] or row["coursepage__introduction"] or ""
    passages = [Passage(summary, "")]
    passages += passages_of(body.get_prep_value()) if body is not None else []
    passages += [Passage(element.text, "") for element in elements_of(html)]
    passage = best(passages, stems) or passages[0]
    url = f"{page.url}#{passage.place}" if passage.place else page.url
    return Hit(marked(page.title, stems), excerpt(passage.text, stems), url, page.label)


def statements_with(shelf: Shelf, asked: str, stems: Sequence[str]) -> list[Criterion]:
    """Statements with all the words, or with the code that was typed ("1.7" has 1.7.a to 1.7.d); all of them when
    nothing was typed. From memory: a published specification never changes."""
    known = [criterion for pk in shelf.frameworks for criterion in criteria_of(pk).values()]
    code = asked.strip().lower()
    if CODE.fullmatch(code):
        return [one for one in known if one.code == code or one.code.startswith(f"{code}.")]
    if not stems:
        return [] if code else known
    return [one for one in known if _named(f"{one.full_text} {one.outcome.section.title}", stems)]


def statement_hits(shelf: Shelf, criteria: Sequence[Criterion], stems: Sequence[str]) -> list[Hit]:
    """Statements as results, always after their stem, with the first lessons that teach each. One query."""
    if not criteria:
        return []
    uses = PageCriterion.objects.filter(criterion__in=[one.pk for one in criteria], use=PageCriterion.Use.TEACHES)
    taught: dict[int, list[str]] = {}
    for criterion_id, page_id in uses.order_by("page__path").values_list("criterion_id", "page_id"):
        if page_id in shelf.pages:
            taught.setdefault(criterion_id, []).append(f"“{shelf.pages[page_id].title}”")
    return [
        Hit(
            ((f"{one.code} {one.outcome.section.title}", False),),
            marked(one.full_text, stems),
            reverse("assessment:criterion", args=[one.code]) if shelf.is_learner else "",
            f"Taught in {' and '.join(taught[one.pk][:2])}" if one.pk in taught else "",
        )
        for one in criteria
    ]


def instead_of(shelf: Shelf, asked: str) -> str:
    """What was typed with the nearest words that the reader may find, when there are such; "" otherwise. One query."""
    rows = GlossaryTerm.objects.filter(organisation=None).values_list("term", "also")
    texts: list[str] = [f"{term} {others}" for term, others in rows]
    texts += [page.title for page in shelf.pages.values()]
    texts += [criterion.full_text for pk in shelf.frameworks for criterion in criteria_of(pk).values()]
    known = _vocabulary(texts)
    stems = set(known.values())
    words = [word.casefold() for word in WORD.findall(asked)]
    better = [word if stem(word) in stems else _nearest(word, known) for word in words]
    return " ".join(better) if all(better) and better != words else ""


def _vocabulary(texts: Iterable[str]) -> dict[str, str]:
    """Words of more than two letters with their stems."""
    found = {word.casefold() for text in texts for word in WORD.findall(text) if len(word) > 2}
    return {word: stem(word) for word in sorted(found)}


def _nearest(word: str, known: dict[str, str]) -> str:
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.75)), "")
