"""What an evidence location sheet says: for every criterion where its evidence is and who decided, in a constant
number of queries."""

from dataclasses import dataclass, field
from datetime import datetime

from assessment.models import Decision, DecisionVersion
from courses.delivery.api import Registration, statuses_of
from courses.framework.api import Criterion, Outcome, Section
from lms.accounts.api import User
from portfolio.api import EvidenceLink, EvidenceVersion
from portfolio.places import describe


@dataclass
class Place:
    """A piece of evidence for one criterion: which version, where in it, and the released decision that rests on it."""

    version: EvidenceVersion
    where: str
    decision: Decision | None = None

    @property
    def dated(self) -> datetime:
        """When it was submitted; of a draft, when it was last saved."""
        return self.version.submitted_at or self.version.saved_at


@dataclass
class Row:
    """One criterion with where it stands, the decision that counts, and its evidence."""

    criterion: Criterion
    status: str
    decision: Decision | None
    places: list[Place] = field(default_factory=list)


@dataclass
class Stem:
    """The criteria of one outcome, under its words."""

    outcome: Outcome
    rows: list[Row] = field(default_factory=list)


@dataclass
class Part:
    """One section of the sheet."""

    section: Section
    stems: list[Stem] = field(default_factory=list)


def location_sheet(registration: Registration, reader: User) -> list[Part]:
    """The sheet as the reader may see it (rule 35): the learner with drafts, their assessor and IQA without. Of each
    piece the newest version for the criterion, and the version that the counting decision rests on."""
    counting, resting = _decisions(registration)
    places = _places(registration, reader, counting, resting)
    parts: dict[int, Part] = {}
    stems: dict[int, Stem] = {}
    for status in statuses_of(registration):
        criterion, outcome = status.criterion, status.criterion.outcome
        if outcome.pk not in stems:
            stems[outcome.pk] = Stem(outcome)
            parts.setdefault(outcome.section_id, Part(outcome.section)).stems.append(stems[outcome.pk])
        row = Row(criterion, status.shown, counting.get(criterion.pk), places.get(criterion.pk, []))
        stems[outcome.pk].rows.append(row)
    return list(parts.values())


def _decisions(registration: Registration) -> tuple[dict[int, Decision], dict[tuple[int, int], Decision]]:
    """The decision that counts by criterion id; and the last released decision by (criterion, version) id."""
    released = Decision.objects.filter(registration=registration, released_at__isnull=False)
    rows = {row.pk: row for row in released.select_related("decider").order_by("released_at", "pk")}
    counting = {row.criterion_id: row for row in rows.values() if row.state == Decision.State.COUNTS}
    resting: dict[tuple[int, int], Decision] = {}
    pairs = DecisionVersion.objects.filter(decision__in=released).order_by("decision__released_at", "decision_id")
    for decision_id, version_id in pairs.values_list("decision_id", "version_id"):
        resting[rows[decision_id].criterion_id, version_id] = rows[decision_id]
    return counting, resting


def _places(registration: Registration, reader: User, counting: dict[int, Decision],
            resting: dict[tuple[int, int], Decision]) -> dict[int, list[Place]]:  # fmt: skip
    """The evidence of each criterion, by its id, oldest piece first."""
    versions = EvidenceVersion.objects.visible_to(reader).filter(evidence__registration=registration)
    links = EvidenceLink.objects.filter(version__in=versions.values("pk")).select_related("version__evidence", "file")
    links = links.defer("version__text", "version__ai_used", "why")
    found: dict[int, list[Place]] = {}
    newest: set[tuple[int, int]] = set()
    for link in links.order_by("version__evidence_id", "-version__number"):
        decision = resting.get((link.criterion_id, link.version_id))
        piece = (link.criterion_id, link.version.evidence_id)
        counts = decision is not None and counting.get(link.criterion_id) == decision
        if piece not in newest or counts:
            newest.add(piece)
            found.setdefault(link.criterion_id, []).append(Place(link.version, _where(link), decision))
    return found


def _where(link: EvidenceLink) -> str:
    """Where in the piece, by its locator and in the learner's words."""
    return "; ".join(part for part in (describe(link), link.where) if part)
