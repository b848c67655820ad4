"""What the portfolio's pages read. Constant numbers of queries, whatever the number of rows."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from courses.delivery.api import Absence, AccessGrant, Allocation, Hold, Registration, in_force, statuses_of
from courses.framework import api as framework
from courses.framework.api import Criterion, Outcome, Section, policy_of
from lms.accounts.api import Membership, Role, User

from .models import Evidence, EvidenceFile, EvidenceLink, EvidenceVersion, SubmittedCriterion
from .policies import shows_practice
from .visibility import EvidenceQuerySet, on_hold


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


# What a version's facts need: who saw it, recorded it, and has seen the document; and what is left of a destroyed one.
FACTS = ("witness", "recorded_by", "attestation__seen_by", "tombstone")


def linked() -> Prefetch:
    """A version's links with everything needed to show a statement under its stem, in the framework's order."""
    links = EvidenceLink.objects.select_related("criterion__outcome__section", "file")
    return Prefetch("links", links.order_by("criterion__position"))


def latest_versions(registration: Registration, criterion_ids: set[int] | None = None) -> list[EvidenceVersion]:
    """The latest version of each piece of a learner's evidence (or of those linked to one of the criteria), with its
    files and links, and `is_held`: whether it is on hold; not what was destroyed (rule 4). Three queries."""
    rows = EvidenceVersion.objects.shown().filter(evidence__registration=registration, is_latest=True)
    rows = rows.filter(tombstone__isnull=True).annotate(is_held=on_hold())
    if criterion_ids is not None:
        rows = rows.filter(Exists(EvidenceLink.objects.filter(version=OuterRef("pk"), criterion__in=criterion_ids)))
    links = Prefetch("links", EvidenceLink.objects.select_related("file").order_by("criterion__position"))
    with_facts = rows.select_related("evidence", "witness", "attestation")
    versions = list(with_facts.prefetch_related(links, "files").order_by("pk"))
    criteria = framework.criteria_of(registration.qualification.framework_id)
    for version in versions:
        for link in version.links.all():
            link.criterion = criteria[link.criterion_id]
    return versions


def lacking_practice(registration: Registration, criteria: list[Criterion]) -> set[int]:
    """Ids of those skills among the criteria for which no latest version of the learner's evidence shows practice yet
    (rule 21), looking ahead to what an assessor has still to see in the setting. One query, none without a skill."""
    skills = {criterion.pk: criterion.outcome for criterion in criteria if criterion.outcome.kind == "skill"}
    if not skills:
        return set()
    latest = EvidenceVersion.objects.shown().filter(
        evidence__registration=registration, is_latest=True, tombstone__isnull=True
    )
    links = EvidenceLink.objects.filter(criterion__in=skills, version__in=latest).select_related("version__witness")
    shown = {
        link.criterion_id for link in links.defer("version__text", "version__ai_used")
        if shows_practice(link.version, skills[link.criterion_id], as_if_seen=True)
    }  # fmt: skip
    return skills.keys() - shown


def visible_evidence(user: User) -> EvidenceQuerySet:
    """Evidence that the user may see, with its learner and qualification."""
    return Evidence.objects.visible_to(user).select_related("registration__qualification", "registration__learner")


def versions_of(evidence: Evidence, user: User) -> list[EvidenceVersion]:
    """The versions of a piece of evidence that the user may see, newest first, with links and files."""
    rows = EvidenceVersion.objects.visible_to(user).filter(evidence=evidence).order_by("-number")
    versions = list(rows.select_related(*FACTS).prefetch_related(linked(), "files"))
    for version in versions:
        version.evidence = evidence
    return versions


def photos_of(version: EvidenceVersion) -> list[EvidenceFile]:
    """The checked photographs of a version in the order in which they came, with their small pictures. Two queries."""
    rows = version.files.filter(state=EvidenceFile.State.READY, content_type__startswith="image/").order_by("pk")
    return list(rows.prefetch_related("renditions"))


def with_renditions(version: EvidenceVersion) -> EvidenceVersion:
    """A version that has its files, with what is shown of each. One query."""
    prefetch_related_objects(list(version.files.all()), "renditions")
    return version


def latest_of(evidence: Evidence) -> EvidenceVersion:
    """The latest version of a piece of evidence, with links and files."""
    version = EvidenceVersion.objects.prefetch_related(linked(), "files").get(evidence=evidence, is_latest=True)
    version.evidence = evidence
    return version


def files_for(user: User) -> QuerySet[EvidenceFile]:
    """Files of the versions that the user may see (rule 35), and of the records that the user is writing."""
    seen, recorded = EvidenceVersion.objects.visible_to(user), EvidenceVersion.objects.recorded_by(user)
    return EvidenceFile.objects.filter(
        Q(version__in=seen.values("pk")) | Q(version__in=recorded.values("pk"))
    ).select_related("version__evidence__registration")


def shared_with_settings(evidence: Evidence) -> list[str]:
    """Names of the settings that the learner shares this evidence with now."""
    grants = AccessGrant.objects.filter(subject=evidence.ref, reason=AccessGrant.Reason.SHARED, ended_at__isnull=True)
    return list(grants.order_by("organisation__name").values_list("organisation__name", flat=True))


def settings_of(registration: Registration) -> list[str]:
    """Names of the settings where the learner works today."""
    placements = registration.placements.filter(in_force())
    return list(placements.order_by("setting__name").values_list("setting__name", flat=True))


def assessors_of(registration: Registration) -> list[User]:
    """Who may assess what the learner submits today: allocated and in an assessor's role, who is allocated longest
    first; before them whoever covers for one of them, and last of all who is away from the centre. One query."""
    roles = Membership.objects.current().filter(user=OuterRef("user"), role=Role.ASSESSOR)
    rows = registration.allocations.filter(
        in_force(), Exists(roles), role=Allocation.Role.ASSESSOR, user__is_active=True
    )
    away = Absence.objects.filter(in_force(), user=OuterRef("user"), centre=registration.centre_id)
    rows = rows.annotate(is_away=Exists(away), is_usual=Q(covers__isnull=True)).select_related("user")
    return [row.user for row in rows.order_by("is_away", "is_usual", "starts_on", "pk")]


def assessor_of(registration: Registration) -> User | None:
    """Who assesses what the learner submits today: the assessor allocated longest of those who are not away."""
    return next(iter(assessors_of(registration)), None)


def due_on(registration: Registration, *, at: datetime) -> date:
    """By when something submitted at this time is to be decided, by the awarding organisation's policy."""
    days = policy_of(registration.qualification_id, at=at).decision_days
    return timezone.localtime(at).date() + timedelta(days=days)


def hold_of(evidence: Evidence, user: User) -> Hold | None:
    """The hold that hides versions of a piece now, for those who may know of it (rule 4). One query."""
    rows = Hold.objects.visible_to(user).hiding().filter(subject=evidence.ref)
    return rows.select_related("reported_by", "decided_by").first()


def codes_to_replace(evidence: Evidence) -> list[str]:
    """The criteria that wait with the assessor for a new version of this piece, which is on hold. One query."""
    rows = SubmittedCriterion.objects.on_hold(evidence.registration_id).filter(versions__evidence=evidence)
    return list(rows.distinct().order_by("criterion__position").values_list("criterion__code", flat=True))
