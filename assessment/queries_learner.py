"""What a learner reads about their own assessment, and allocated staff beside them. Never anything of a draft
decision."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from assessment.models import Annotation, Decision
from assessment.pathway import Standing, Step, statuses_named, steps
from assessment.progression import OutcomeProgress, Progress, progress_of
from courses.delivery.api import CriterionStatus, Registration
from courses.framework.api import Criterion, PathwayLevel, Qualification, policy_of
from courses.pages.queries import taught_in
from lms.accounts.api import StaffQualification, User
from portfolio.api import Evidence, EvidenceLink, EvidenceVersion, Submission, SubmittedCriterion
from portfolio.policies import attempts_left, practice_needed, shows_practice


@dataclass
class LinkedPiece:
    """A piece of evidence for one criterion: the links of its versions that may be seen, the newest version first."""

    evidence: Evidence
    links: list[EvidenceLink] = field(default_factory=list)

    @property
    def newest(self) -> EvidenceLink:
        """The link of the newest of these versions."""
        return self.links[0]

    @property
    def earlier(self) -> list[EvidenceLink]:
        """The links of the versions before it."""
        return self.links[1:]


@dataclass
class CriterionPage:
    """Everything about one criterion for one registration."""

    criterion: Criterion
    status: CriterionStatus
    pieces: list[LinkedPiece]
    history: list[Decision]
    taught: list[tuple[str, list[tuple[str, str]]]]
    waiting: Submission | None
    left: int | None

    @property
    def practice_missing(self) -> str:
        """For a skill with evidence of which none shows practice: what it needs, in a sentence (rule 21); else ""."""
        outcome = self.criterion.outcome
        newest = [piece.newest.version for piece in self.pieces]
        if outcome.kind != "skill" or not newest or any(shows_practice(v, outcome, as_if_seen=True) for v in newest):
            return ""
        return practice_needed(outcome, whose="your")

    @property
    def is_referred(self) -> bool:
        """Changes are asked for and nothing has been submitted since."""
        return self.status.status == CriterionStatus.Status.REFERRED

    @property
    def may_try(self) -> bool:
        """The awarding organisation's limit leaves an attempt (rule 20)."""
        return self.left is None or self.left > 0


def criterion_page(user: User, registration: Registration, code: str, *, at: datetime) -> CriterionPage | None:
    """Reads a criterion's page for somebody who may see the registration's evidence; None for a code that the
    qualification does not have. A constant number of queries."""
    status = (
        CriterionStatus.objects.filter(registration=registration, criterion__code=code)
        .select_related("criterion__outcome__section")
        .first()
    )
    if status is None:
        return None
    criterion = status.criterion
    policy = policy_of(registration.qualification_id, at=at)
    waiting = SubmittedCriterion.objects.filter(registration=registration, criterion=criterion, is_open=True)
    item = waiting.select_related("submission__assessor").first()
    return CriterionPage(
        criterion, status, linked_pieces(user, registration, criterion), history_of(user, registration, criterion),
        taught_in(registration, criterion), item.submission if item else None,
        attempts_left(registration, [criterion.pk], policy).get(criterion.pk),
    )  # fmt: skip


def linked_pieces(user: User, registration: Registration, criterion: Criterion) -> list[LinkedPiece]:
    """The evidence linked to a criterion that the user may see, newest first. One query."""
    versions = EvidenceVersion.objects.visible_to(user).filter(evidence__registration=registration)
    links = EvidenceLink.objects.filter(criterion=criterion, version__in=versions).select_related(
        "version__evidence", "version__witness", "file"
    )  # fmt: skip
    pieces: dict[int, LinkedPiece] = {}
    for link in links.defer("version__text", "version__ai_used").order_by("-version__evidence_id", "-version__number"):
        evidence = link.version.evidence
        pieces.setdefault(evidence.pk, LinkedPiece(evidence)).links.append(link)
    return list(pieces.values())


def released(user: User) -> QuerySet[Decision]:
    """Decisions that have been released, with who made them and the versions they rest on, without those on hold that
    the user may not see (rule 4). Drafts are nobody's but their assessor's."""
    kept_back = EvidenceVersion.objects.kept_back_from(user).filter(pk=OuterRef("pk"))
    rests_on = EvidenceVersion.objects.filter(~Exists(kept_back)).select_related("evidence")
    rests_on = rests_on.defer("text", "ai_used").order_by("pk")
    rows = Decision.objects.filter(released_at__isnull=False).select_related("decider", "criterion", "submission")
    return rows.prefetch_related(Prefetch("versions", rests_on))


def history_of(user: User, registration: Registration, criterion: Criterion) -> list[Decision]:
    """Every released decision on a criterion, newest first. Two queries."""
    rows = released(user).filter(registration=registration, criterion=criterion)
    return list(rows.order_by("-released_at", "-pk"))


def submissions_of(user: User, registration: Registration) -> QuerySet[Submission]:
    """A registration's submissions that the user may see, for a list."""
    rows: QuerySet[Submission] = Submission.objects.visible_to(user).filter(registration=registration)
    held = Prefetch("items", SubmittedCriterion.objects.select_related("criterion").order_by("criterion__position"))
    return rows.select_related("assessor").annotate(criteria=Count("items")).prefetch_related(held)


@dataclass
class SubmittedItem:
    """One criterion of a submission: what it was submitted with, and the decision once it is released."""

    item: SubmittedCriterion
    links: list[EvidenceLink]
    decision: Decision | None = None
    is_resubmitted: bool = False
    held: int = 0  # versions on hold that the reader may not see (rule 4)
    notes: list[Annotation] = field(default_factory=list)

    @property
    def status(self) -> str:
        """One of the six statuses."""
        if self.decision is None:
            return "submitted"
        if self.decision.is_held:
            return "on_hold"
        if self.is_reopened:
            return "changes_needed"
        return "achieved" if self.decision.outcome == Decision.Outcome.ACHIEVED else "changes_needed"

    @property
    def is_superseded(self) -> bool:
        """A later decision has replaced this one."""
        return self.decision is not None and self.decision.state == Decision.State.SUPERSEDED

    @property
    def is_reopened(self) -> bool:
        """It counts no more, because what it rested on was destroyed (rules 4 and 18)."""
        return self.decision is not None and self.decision.state == Decision.State.REOPENED

    @property
    def needs_change(self) -> bool:
        """The decision asks for changes, still counts, and nothing has been submitted since."""
        is_over = self.is_superseded or self.is_reopened
        return self.status == "changes_needed" and not is_over and not self.is_resubmitted


def submitted_items(submission: Submission, user: User) -> list[SubmittedItem]:
    """The criteria of a submission with their evidence and, once released, the decisions. Of what is on hold only how
    much there is, to those who may not see it (rule 4). A constant number of queries."""
    items = list(submission.items.select_related("criterion__outcome").order_by("criterion__position"))
    pairs = submission.items.values_list("criterion_id", "submitted_versions__version_id")
    wanted = {(version_id, criterion_id) for criterion_id, version_id in pairs}
    links = (
        EvidenceLink.objects.filter(version__in={version_id for version_id, _ in wanted})
        .select_related("version__evidence", "file")
        .prefetch_related("version__files")
        .annotate(is_kept_back=Exists(EvidenceVersion.objects.kept_back_from(user).filter(pk=OuterRef("version"))))
        .order_by("version__pk")
    )
    by_criterion: dict[int, list[EvidenceLink]] = {}
    held: Counter[int] = Counter()
    for link in links:
        if (link.version_id, link.criterion_id) in wanted and link.is_kept_back:
            held[link.criterion_id] += 1
        elif (link.version_id, link.criterion_id) in wanted:
            by_criterion.setdefault(link.criterion_id, []).append(link)
    if submission.released_at is None:
        return [
            SubmittedItem(item, by_criterion.get(item.criterion_id, []), held=held[item.criterion_id])
            for item in items
        ]  # fmt: skip
    decisions = {row.criterion_id: row for row in released(user).filter(submission=submission).order_by("pk")}
    again = SubmittedCriterion.objects.filter(registration_id=submission.registration_id, is_open=True)
    waiting = set(again.values_list("criterion_id", flat=True))
    return [
        SubmittedItem(
            item, by_criterion.get(item.criterion_id, []), decisions.get(item.criterion_id),
            item.criterion_id in waiting, held[item.criterion_id],
        )
        for item in items
    ]  # fmt: skip


def give_notes(items: list[SubmittedItem], notes: list[Annotation]) -> None:
    """Puts what was noted in the evidence beside the criterion that it is about; a note about all, once, beside the
    first that rests on the same evidence."""
    for note in notes:
        fitting = [line for line in items if note.version_id in {link.version_id for link in line.links}]
        about = [line for line in fitting if note.criterion_id in (None, line.item.criterion_id)]
        for line in (about or fitting)[:1]:
            line.notes.append(note)


@dataclass
class PathwayPage:
    """Where a learner is and what comes after."""

    registration: Registration
    progress: Progress
    standing: Standing
    steps: list[Step]

    @property
    def next(self) -> Step | None:
        """The level after the present one."""
        return next((step for step in self.steps if step.place == "next"), None)

    @property
    def lists_with_minimum(self) -> list[OutcomeProgress]:
        """Illustrative lists of which the awarding organisation asks for fewer than all (rule 19)."""
        outcomes = [outcome for section in self.progress.sections for outcome in section.outcomes]
        return [outcome for outcome in outcomes if outcome.needed < len(outcome.statuses)]


def pathway_page(registration: Registration, *, today: date, at: datetime) -> PathwayPage:
    """Reads the pathway page of a registration. A constant number of queries."""
    progress = progress_of(registration, at=at)
    qualification = registration.qualification
    titles = StaffQualification.objects.filter(
        user_id=registration.learner_id, kind=StaffQualification.Kind.TEACHER_STATUS, awarded_on__lte=today
    ).values_list("title", flat=True)
    awarded = Registration.objects.filter(
        learner_id=registration.learner_id, state=Registration.State.AWARDED,
        qualification__sector=qualification.sector,
    ).values_list("qualification__level", flat=True)  # fmt: skip
    open_levels = Qualification.objects.filter(sector=qualification.sector, open_to_new_entrants=True)
    standing = Standing(
        sector=qualification.sector,
        working_on=qualification.level,
        held=max(awarded, default=None),
        still_needed=progress.still_needed,
        is_awarded=registration.state == Registration.State.AWARDED,
        teacher_statuses=statuses_named(titles),
        open_levels=frozenset(open_levels.values_list("level", flat=True)),
    )
    levels = PathwayLevel.objects.filter(sector=qualification.sector)
    return PathwayPage(registration, progress, standing, steps(levels, standing))
