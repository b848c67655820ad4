"""What the portfolio's pages read. Constant numbers of queries, whatever the number of rows."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from courses.delivery.api import AccessGrant, Allocation, Registration, in_force, statuses_of
from courses.framework import api as framework
from courses.framework.api import Criterion, Outcome, Section, policy_of
from lms.accounts.api import User

from .models import Evidence, EvidenceFile, EvidenceLink, EvidenceVersion
from .visibility import EvidenceQuerySet, VersionQuerySet


@dataclass
class SectionOf:
    """A section of the framework with rows that belong to it, in the framework's order."""

    section: Section
    rows: list = field(default_factory=list)


@dataclass
class OutcomeOf:
    """An outcome with those of its criteria that are shown."""

    outcome: Outcome
    criteria: list[Criterion] = field(default_factory=list)


def statuses_by_section(registration: Registration) -> list[SectionOf]:
    """Where the learner stands on each criterion, by section. One query."""
    found: dict[int, SectionOf] = {}
    for row in statuses_of(registration):
        section = row.criterion.outcome.section
        found.setdefault(section.pk, SectionOf(section)).rows.append(row)
    return list(found.values())


def criteria_of(registration: Registration) -> list[Criterion]:
    """Every criterion of the learner's qualification in order, with outcome and section, from memory."""
    return list(framework.criteria_of(registration.qualification.framework_id).values())


def by_section(criteria: list[Criterion]) -> list[SectionOf]:
    """Criteria grouped by section and, inside it, by outcome (rows are OutcomeOf)."""
    sections: dict[int, SectionOf] = {}
    outcomes: dict[int, OutcomeOf] = {}
    for criterion in criteria:
        outcome = criterion.outcome
        if outcome.pk not in outcomes:
            outcomes[outcome.pk] = OutcomeOf(outcome)
            sections.setdefault(outcome.section_id, SectionOf(outcome.section)).rows.append(outcomes[outcome.pk])
        outcomes[outcome.pk].criteria.append(criterion)
    return list(sections.values())


def linked() -> Prefetch:
    """A version's links with everything needed to show a statement under its stem, in the framework's order."""
    links = EvidenceLink.objects.select_related("criterion__outcome__section")
    return Prefetch("links", links.order_by("criterion__position"))


def latest_versions(registration: Registration, criterion_ids: set[int] | None = None) -> list[EvidenceVersion]:
    """The latest version of each piece of a learner's evidence (or of those linked to one of the criteria), with its
    files and links. Three queries."""
    rows = EvidenceVersion.objects.filter(evidence__registration=registration, is_latest=True)
    if criterion_ids is not None:
        rows = rows.filter(Exists(EvidenceLink.objects.filter(version=OuterRef("pk"), criterion__in=criterion_ids)))
    links = Prefetch("links", EvidenceLink.objects.order_by("criterion__position"))
    versions = list(rows.select_related("evidence").prefetch_related(links, "files").order_by("pk"))
    criteria = framework.criteria_of(registration.qualification.framework_id)
    for version in versions:
        for link in version.links.all():
            link.criterion = criteria[link.criterion_id]
    return versions


def evidence_rows(registration: Registration, *, words: str = "", kind: str = "", state: str = "") -> VersionQuerySet:
    """The latest version of each piece of a learner's evidence, narrowed by words in its title or text, kind and
    state, for a list."""
    rows = EvidenceVersion.objects.filter(evidence__registration=registration, is_latest=True)
    for word in words.split():
        rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    return rows.defer("text").select_related("evidence").prefetch_related(linked())


def visible_evidence(user: User) -> EvidenceQuerySet:
    """Evidence that the user may see, with its learner and qualification."""
    return Evidence.objects.visible_to(user).select_related("registration__qualification", "registration__learner")


def versions_of(evidence: Evidence, user: User) -> list[EvidenceVersion]:
    """The versions of a piece of evidence that the user may see, newest first, with links and files."""
    rows = EvidenceVersion.objects.visible_to(user).filter(evidence=evidence).order_by("-number")
    versions = list(rows.prefetch_related(linked(), "files"))
    for version in versions:
        version.evidence = evidence
    return versions


def latest_of(evidence: Evidence) -> EvidenceVersion:
    """The latest version of a piece of evidence, with links and files."""
    version = EvidenceVersion.objects.prefetch_related(linked(), "files").get(evidence=evidence, is_latest=True)
    version.evidence = evidence
    return version


def files_for(user: User) -> QuerySet[EvidenceFile]:
    """Files that the user may open: those of the versions that they may see (rule 35)."""
    versions = EvidenceVersion.objects.visible_to(user)
    return EvidenceFile.objects.filter(version__in=versions.values("pk")).select_related(
        "version__evidence__registration"
    )


def shared_with_settings(evidence: Evidence) -> list[str]:
    """Names of the settings that the learner shares this evidence with now."""
    grants = AccessGrant.objects.filter(subject=evidence.ref, reason=AccessGrant.Reason.SHARED, ended_at__isnull=True)
    return list(grants.order_by("organisation__name").values_list("organisation__name", flat=True))


def settings_of(registration: Registration) -> list[str]:
    """Names of the settings where the learner works today."""
    placements = registration.placements.filter(in_force())
    return list(placements.order_by("setting__name").values_list("setting__name", flat=True))


def assessor_of(registration: Registration) -> User | None:
    """Who assesses what the learner submits today: the assessor allocated longest."""
    rows = registration.allocations.filter(in_force(), role=Allocation.Role.ASSESSOR).select_related("user")
    allocation = rows.order_by("starts_on", "pk").first()
    return allocation.user if allocation else None


def due_on(registration: Registration, *, at: datetime) -> date:
    """By when something submitted at this time is to be decided, by the awarding organisation's policy."""
    days = policy_of(registration.qualification_id, at=at).decision_days
    return timezone.localtime(at).date() + timedelta(days=days)
