"""How a learner's evidence covers the criteria: of their own qualification, and of a framework that it is mapped to."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from courses.delivery.api import CriterionStatus, Registration, statuses_of
from courses.framework.api import Criterion, CriterionMapping, Framework, criteria_of
from lms.accounts.api import User

from .kinds import Kind
from .models import EvidenceLink, EvidenceVersion
from .queries import SectionOf, lacking_practice

NOBODY = UUID(int=0)  # stands in an address for each piece's own, which is looked up once and not 300 times
Relation = CriterionMapping.Relation
# How the learner's own criterion relates to one of the other framework, by relation and by which is its source.
RELATIONS = {
    (Relation.EXACT, True): "means the same", (Relation.EXACT, False): "means the same",
    (Relation.PART, True): "covers part of it", (Relation.PART, False): "covers it and more",
    (Relation.RELATED, True): "is related", (Relation.RELATED, False): "is related",
}  # fmt: skip
NEEDS = {
    "knowledge": "Knowledge: something that you write will do.",
    "skill": "Skill: show practice, such as an observation, a work product, a testimony or a discussion.",
    "own": "Skill, about your own development: a reflective account, your skills check or your CPD log will do.",
}


@dataclass(frozen=True)
class Piece:
    """One piece of evidence, as far as coverage asks: its latest version's title, kind and page."""

    title: str
    kind: str
    url: str
    state: str

    @property
    def kind_word(self) -> str:
        """What kind it is, in words."""
        return Kind(self.kind).label


@dataclass
class Covered:
    """One criterion of the learner's own, how it stands, and its pieces of evidence."""

    criterion: Criterion
    status: CriterionStatus
    pieces: list[Piece]
    lacks_practice: bool = False  # a skill that has evidence, but none that shows practice (rule 21)

    @property
    def needs(self) -> str:
        """Which evidence will do (rule 21), in words."""
        outcome = self.criterion.outcome
        return NEEDS["own" if outcome.about_own_development else outcome.kind]


@dataclass
class Mapped:
    """A criterion of another framework with those of the learner's own that answer it, and how each relates."""

    criterion: Criterion
    own: list[tuple[Covered, str]] = field(default_factory=list)

    @property
    def pieces(self) -> list[Piece]:
        """The evidence for it, through the learner's own criteria, each piece once."""
        return list(dict.fromkeys(piece for covered, _ in self.own for piece in covered.pieces))


@dataclass
class Coverage:
    """How a learner's evidence covers their own qualification. Rows of `sections` are Covered."""

    sections: list[SectionOf]
    unlinked: list[Piece]

    @property
    def rows(self) -> list[Covered]:
        """Every criterion, in the framework's order."""
        return [row for section in self.sections for row in section.rows]

    @property
    def framework(self) -> Framework:
        """What the learner's qualification asks for."""
        return self.rows[0].criterion.framework

    @property
    def total(self) -> int:
        """How many criteria there are."""
        return len(self.rows)

    @property
    def covered(self) -> int:
        """How many of them have evidence."""
        return sum(bool(row.pieces) for row in self.rows)

    @property
    def without(self) -> list[SectionOf]:
        """Criteria without evidence, by section."""
        return _only(self.sections, lambda row: not row.pieces)

    @property
    def without_practice(self) -> list[Covered]:
        """Skills that have evidence, but none from practice."""
        return [row for row in self.rows if row.lacks_practice]

    @property
    def most(self) -> int:
        """The largest number of pieces for one criterion."""
        return max((len(row.pieces) for row in self.rows), default=0)


@dataclass
class Report:
    """How the same evidence covers another framework, through mappings. Rows of `sections` are Mapped."""

    framework: Framework
    sections: list[SectionOf]

    @property
    def rows(self) -> list[Mapped]:
        """Every criterion of that framework, in its order."""
        return [row for section in self.sections for row in section.rows]

    @property
    def total(self) -> int:
        """How many criteria it has."""
        return len(self.rows)

    @property
    def covered(self) -> int:
        """How many of them have evidence."""
        return sum(bool(row.pieces) for row in self.rows)

    @property
    def unmapped(self) -> int:
        """How many of them no criterion of the learner's own answers."""
        return sum(not row.own for row in self.rows)


def coverage_of(registration: Registration, user: User) -> Coverage:
    """Every criterion of the learner's qualification with the evidence for it that the user may see. A
    constant number of queries, and one more when any is for a skill."""
    pieces, unlinked = _pieces(registration, user)
    sections: dict[int, SectionOf] = {}
    for status in statuses_of(registration):
        section = status.criterion.outcome.section
        row = Covered(status.criterion, status, pieces[status.criterion_id])
        sections.setdefault(section.pk, SectionOf(section)).rows.append(row)
    coverage = Coverage(list(sections.values()), unlinked)
    lacking = lacking_practice(registration, [row.criterion for row in coverage.rows if row.pieces])
    for row in coverage.rows:
        row.lacks_practice = row.criterion.pk in lacking
    return coverage


def _pieces(registration: Registration, user: User) -> tuple[defaultdict[int, list[Piece]], list[Piece]]:
    """The learner's pieces by the criterion that they are linked to, and those that are linked to none. Two
    queries."""
    seen = EvidenceVersion.objects.visible_to(user).filter(evidence__registration=registration, is_latest=True)
    values = seen.order_by("-saved_at", "-pk").values_list("pk", "title", "kind", "evidence__ref", "state")
    address = reverse("portfolio:evidence", args=[NOBODY])
    by_version = {
        pk: Piece(title, kind, address.replace(str(NOBODY), str(ref)), state) for pk, title, kind, ref, state in values
    }
    links = EvidenceLink.objects.filter(version__evidence__registration=registration, version__is_latest=True)
    criteria: defaultdict[int, set[int]] = defaultdict(set)
    for version_id, criterion_id in links.values_list("version_id", "criterion_id"):
        criteria[version_id].add(criterion_id)
    found: defaultdict[int, list[Piece]] = defaultdict(list)
    for pk, piece in by_version.items():
        for criterion_id in criteria[pk]:
            found[criterion_id].append(piece)
    return found, [piece for pk, piece in by_version.items() if not criteria[pk]]


def mapped_frameworks(registration: Registration) -> list[Framework]:
    """The published frameworks that the learner's own is mapped onto, or that are mapped onto it. One query."""
    own = registration.qualification.framework_id
    sources = CriterionMapping.objects.filter(source__framework=own).values("target__framework")
    targets = CriterionMapping.objects.filter(target__framework=own).values("source__framework")
    frameworks = Framework.objects.filter(Q(pk__in=sources) | Q(pk__in=targets), published_at__isnull=False)
    return list(frameworks.exclude(pk=own).order_by("title", "pk"))


def report_on(framework: Framework, coverage: Coverage) -> Report:
    """The same evidence against another framework, through direct mappings either way. One query, and one more the
    first time that a process reads the framework."""
    own = {row.criterion.pk: row for row in coverage.rows}
    rows = {criterion.pk: Mapped(criterion) for criterion in criteria_of(framework.pk).values()}
    mappings = CriterionMapping.objects.filter(
        Q(source__in=own, target__framework=framework) | Q(target__in=own, source__framework=framework)
    )
    for source, target, relation in mappings.values_list("source_id", "target_id", "relation"):
        mine, theirs = (source, target) if source in own else (target, source)
        rows[theirs].own.append((own[mine], RELATIONS[Relation(relation), source in own]))
    sections: dict[int, SectionOf] = {}
    for row in rows.values():
        row.own.sort(key=lambda pair: pair[0].criterion.position)
        section = row.criterion.outcome.section
        sections.setdefault(section.pk, SectionOf(section)).rows.append(row)
    return Report(framework, list(sections.values()))


def _only(sections: list[SectionOf], wanted: Callable[[Covered], bool]) -> list[SectionOf]:
    """The sections with those of their rows that are wanted, without those that have none."""
    found = [SectionOf(section.section, [row for row in section.rows if wanted(row)]) for section in sections]
    return [section for section in found if section.rows]
