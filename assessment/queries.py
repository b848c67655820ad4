"""What assessors and quality assurers read, in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from assessment.models import Decision, DecisionVersion, InterestDeclaration, VersionJudgement
from courses.delivery.api import Allocation, CriterionStatus, Placement, Registration, allocated, in_force
from courses.framework.api import AssessmentPolicy, Criterion, Qualification, Section
from courses.pages.models import CoursePage
from lms.accounts.api import Role, User
from portfolio.api import AttemptGrant, EvidenceLink, EvidenceVersion, Submission, SubmittedCriterion
from portfolio.queries import FACTS

Status = CriterionStatus.Status


def _count(rows: QuerySet, group: str, **conditions: Any) -> Coalesce:
    """How many rows belong to the outer row, as a subquery of its own, so that counts do not multiply."""
    found = rows.filter(**{group: OuterRef("pk")}, **conditions).order_by().values(group)
    return Coalesce(Subquery(found.annotate(n=Count("pk")).values("n")), 0)


def with_facts(rows: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Submissions with what a line of the queue says: learner, cohort, criteria, how many the user has decided in
    draft, and the conflicts that stop the user (rule 8)."""
    interests = InterestDeclaration.objects.filter(
        registration=OuterRef("registration"), user=user, resolved_at__isnull=True
    )
    works = Placement.objects.filter(
        in_force(), registration=OuterRef("registration"),
        setting__in=[membership.organisation_id for membership in user.current_memberships],
    )  # fmt: skip
    return rows.select_related("registration__learner", "registration__cohort", "assessor").annotate(
        criteria=_count(SubmittedCriterion.objects.all(), "submission"),
        decided=_count(Decision.objects.exclude(outcome=""), "submission", decider=user, state="draft"),
        achieved=_count(Decision.objects.all(), "submission", outcome="achieved", released_at__isnull=False),
        has_interest=Exists(interests),
        works_here=Exists(works),
    )


def filtered(rows: QuerySet[Submission], chosen: dict[str, Any], today: date) -> QuerySet[Submission]:
    """The submissions that the filters leave: `q` (part of a name), `cohort` (ref), `overdue`."""
    if "q" in chosen:
        rows = rows.filter(registration__learner__name__icontains=chosen["q"])
    if "cohort" in chosen:
        rows = rows.filter(registration__cohort__ref=chosen["cohort"])
    if "overdue" in chosen:
        rows = rows.filter(due_on__lt=today)
    return rows


def released_for(user: User) -> QuerySet[Submission]:
    """Released submissions of the learners whose assessor the user is today."""
    return Submission.objects.filter(
        Q(allocated(user, Allocation.Role.ASSESSOR, registration="registration")), released_at__isnull=False
    )


def cohorts_of(rows: QuerySet[Submission]) -> list[tuple[str, str]]:
    """The cohorts that these submissions come from, as choices."""
    found = rows.filter(registration__cohort__isnull=False).order_by("registration__cohort__name")
    pairs = found.values_list("registration__cohort__ref", "registration__cohort__name").distinct()
    return [(str(ref), name) for ref, name in pairs]


@dataclass
class Line:
    """One criterion of a submission as the user sees it. Another assessor's unreleased draft says only whose it is."""

    item: SubmittedCriterion
    decision: Decision | None
    user: User

    @property
    def code(self) -> str:
        """The criterion's code."""
        return self.item.criterion.code

    @property
    def is_mine(self) -> bool:
        """The user may read the decision: it is released, or it is the user's own draft."""
        return self.decision is not None and (not self.decision.is_draft or self.decision.decider_id == self.user.pk)

    @property
    def holder(self) -> Decision | None:
        """The draft of another assessor, who is deciding this criterion."""
        return self.decision if self.decision is not None and not self.is_mine else None

    @property
    def outcome(self) -> str:
        """achieved, referred, or "" when nothing is decided or it is not the user's to read."""
        return self.decision.outcome if self.decision is not None and self.is_mine else ""

    @property
    def status(self) -> str:
        """One of the six statuses, for the sign."""
        return {"achieved": "achieved", "referred": "changes_needed"}.get(self.outcome, "submitted")

    @property
    def words(self) -> str:
        """The state in words."""
        if self.holder:
            return f"With {self.holder.decider.name}"
        if not self.outcome:
            return "Not decided"
        word = "Achieved" if self.outcome == "achieved" else "Changes needed"
        return f"{word}, draft" if self.decision and self.decision.is_draft else word


@dataclass
class Piece:
    """One evidence version with all that an assessor needs beside it."""

    version: EvidenceVersion
    judgement: VersionJudgement | None
    link: EvidenceLink | None
    claimed_for: list[str]
    earlier: list[int]
    is_locked: bool  # a released decision rests on it
    is_relied_on: bool  # the decision at hand rests on it


@dataclass
class Desk:
    """A submission laid out for deciding: its criteria, the one at hand, the evidence and the history of it."""

    submission: Submission
    lines: list[Line]
    place: int
    pieces: list[Piece] = field(default_factory=list)
    history: list[Decision] = field(default_factory=list)

    @property
    def line(self) -> Line:
        """The criterion at hand."""
        return self.lines[self.place]

    @property
    def learner(self) -> User:
        """Whose work it is."""
        return self.submission.registration.learner

    @property
    def previous(self) -> Line | None:
        """The criterion before."""
        return self.lines[self.place - 1] if self.place else None

    @property
    def next(self) -> Line | None:
        """The criterion after."""
        return self.lines[self.place + 1] if self.place + 1 < len(self.lines) else None

    @property
    def decided(self) -> int:
        """How many criteria have an outcome that the user can read."""
        return sum(bool(line.outcome) for line in self.lines)

    @property
    def items(self) -> list[SubmittedCriterion]:
        """The submitted criteria."""
        return [line.item for line in self.lines]

    @property
    def drafts(self) -> dict[int, Decision]:
        """Unreleased decisions by criterion id, whoever's they are."""
        found = {line.item.criterion_id: line.decision for line in self.lines}
        return {pk: decision for pk, decision in found.items() if decision is not None and decision.is_draft}

    @property
    def next_undecided(self) -> Line | None:
        """The next criterion that nobody has decided, after the one at hand and then from the top."""
        turned = self.lines[self.place + 1 :] + self.lines[: self.place]
        return next((line for line in turned if not line.outcome and not line.holder), None)


def submissions_for(user: User) -> QuerySet[Submission]:
    """Submissions that the user may see as their staff; never one's own as a learner (rule 8)."""
    rows = Submission.objects.visible_to(user).exclude(registration__learner=user)
    return rows.select_related("registration__learner", "registration__cohort", "assessor")


def desk_of(submission: Submission, user: User, code: str = "", *, with_evidence: bool = True) -> Desk | None:
    """The desk at a criterion (the first undecided one by default); None when the submission has no such criterion."""
    items = submission.items.select_related("criterion__outcome__section").order_by("criterion__position")
    decisions = submission.decisions.exclude(state=Decision.State.SUPERSEDED).select_related("decider")
    if submission.released_at is not None:
        decisions = submission.decisions.filter(released_at__isnull=False).select_related("decider")
        decisions = decisions.order_by("released_at", "pk")
    by_criterion = {decision.criterion_id: decision for decision in decisions}
    lines = [Line(item, by_criterion.get(item.criterion_id), user) for item in items]
    if code:
        place = next((n for n, line in enumerate(lines) if line.code == code), None)
    else:
        place = next((n for n, line in enumerate(lines) if not line.outcome and not line.holder), 0)
    if place is None or not lines:
        return None
    desk = Desk(submission, lines, place)
    if with_evidence:
        desk.pieces = pieces_of(desk.line)
        desk.history = history_of(desk.line)
    return desk


def pieces_of(line: Line) -> list[Piece]:
    """The evidence that a submitted criterion rests on. Five queries, whatever there is."""
    released = DecisionVersion.objects.filter(version=OuterRef("pk")).exclude(decision__state="draft")
    decision = line.decision.pk if line.decision else None
    relied = DecisionVersion.objects.filter(version=OuterRef("pk"), decision=decision)
    versions: list[Any] = list(
        EvidenceVersion.objects.filter(submitted_for=line.item)
        .select_related("evidence", "judgement__judged_by", *FACTS)
        .annotate(is_locked=Exists(released), is_relied_on=Exists(relied))
        .prefetch_related("files__renditions").order_by("pk")
    )  # fmt: skip
    links, numbers = _links_of(versions), _numbers_of(versions)
    return [
        Piece(
            version, getattr(version, "judgement", None),
            next((link for link in links[version.pk] if link.criterion_id == line.item.criterion_id), None),
            [link.criterion.code for link in links[version.pk]],
            [number for number in numbers[version.evidence_id] if number < version.number],
            version.is_locked, version.is_relied_on,
        )
        for version in versions
    ]  # fmt: skip


def _links_of(versions: list[EvidenceVersion]) -> defaultdict[int, list[EvidenceLink]]:
    found: defaultdict[int, list[EvidenceLink]] = defaultdict(list)
    rows = EvidenceLink.objects.filter(version__in=versions).select_related("criterion", "file")
    for link in rows.order_by("criterion__position"):
        found[link.version_id].append(link)
    return found


def _numbers_of(versions: list[EvidenceVersion]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = EvidenceVersion.objects.filter(evidence__in=[version.evidence_id for version in versions])
    for evidence_id, number in rows.exclude(state="draft").order_by("number").values_list("evidence_id", "number"):
        found[evidence_id].append(number)
    return found


def history_of(line: Line) -> list[Decision]:
    """Released decisions on the same criterion from other submissions, newest first."""
    rows = Decision.objects.filter(
        registration_id=line.item.registration_id, criterion_id=line.item.criterion_id, released_at__isnull=False
    ).exclude(submission_id=line.item.submission_id)  # fmt: skip
    return list(rows.select_related("decider", "submission").order_by("-released_at"))


def learners_assured_by(user: User) -> QuerySet[Any]:
    """Registrations that the user quality-assures today, with progress counts and the latest submission's ref."""
    latest = Submission.objects.filter(registration=OuterRef("pk")).order_by("-number")
    rows = Registration.objects.visible_to(user).filter(allocated(user, Allocation.Role.IQA)).exclude(learner=user)
    statuses = CriterionStatus.objects.all()
    return rows.exclude(state=Registration.State.WITHDRAWN).select_related("learner", "cohort").annotate(
        total=_count(statuses, "registration"),
        achieved=_count(statuses, "registration", status=Status.ACHIEVED),
        waiting=_count(statuses, "registration", status=Status.SUBMITTED),
        referred=_count(statuses, "registration", status=Status.REFERRED),
        latest_ref=Subquery(latest.values("ref")[:1]),
        latest_number=Subquery(latest.values("number")[:1]),
    )  # fmt: skip


def _led_by(user: User) -> QuerySet[Registration]:
    return Registration.objects.visible_to(user).filter(centre__in=user.organisations(Role.LEAD_IQA))


def open_interests(user: User, *, also_resolved: bool = False) -> QuerySet[InterestDeclaration]:
    """Open declarations at the centres whose lead IQA the user is, oldest first."""
    rows = InterestDeclaration.objects.filter(registration__in=_led_by(user))
    if not also_resolved:
        rows = rows.filter(resolved_at__isnull=True)
    return rows.select_related("user", "registration__learner", "registration__cohort").order_by("declared_at", "pk")


def at_attempt_limit(user: User, *, at: datetime, also_granted: bool = False) -> QuerySet[CriterionStatus]:
    """Criteria with changes needed whose attempts are used up (rule 20), at the centres whose lead IQA the user is.
    `also_granted`: those that a grant has opened again, too."""
    limits: dict[int, int | None] = {}
    for policy in AssessmentPolicy.objects.filter(in_force_from__lte=at).order_by("in_force_from", "pk"):
        limits[policy.qualification_id] = policy.attempt_limit
    over = Q(pk__in=[])
    for qualification_id, limit in limits.items():
        if limit is not None:
            allowed = Value(limit) if also_granted else F("granted") + limit
            over |= Q(registration__qualification=qualification_id, used__gte=allowed)
    rows = CriterionStatus.objects.filter(
        registration__in=_led_by(user), registration__state__in=Registration.OPEN_STATES, status=Status.REFERRED
    ).annotate(
        used=_times(SubmittedCriterion.objects.attempts()), granted=_times(AttemptGrant.objects.all())
    )  # fmt: skip
    return rows.filter(over).select_related("registration__learner", "criterion__outcome")


def _times(rows: QuerySet) -> Coalesce:
    rows = rows.filter(registration=OuterRef("registration"), criterion=OuterRef("criterion"))
    return Coalesce(Subquery(rows.order_by().values("registration").annotate(n=Count("pk")).values("n")), 0)


@dataclass
class Reading:
    """What an EQA may read now."""

    sections: list[tuple[Section, list[Criterion]]]
    courses: list[CoursePage]


def reviewed_by(user: User) -> Reading:
    """The published specifications and the live courses of the awarding organisations whose EQA the user is."""
    qualifications = Qualification.objects.filter(awarding_organisation__in=user.organisations(Role.EQA))
    criteria = Criterion.objects.filter(
        framework__in=qualifications.values("framework"), framework__published_at__isnull=False
    ).select_related("framework", "outcome__section")  # fmt: skip
    sections: list[tuple[Section, list[Criterion]]] = []
    for criterion in criteria.order_by("framework__title", "framework_id", "position"):
        section = criterion.outcome.section
        if not sections or sections[-1][0].pk != section.pk:
            sections.append((section, []))
        sections[-1][1].append(criterion)
    courses = CoursePage.objects.live().filter(qualification__in=qualifications).order_by("title")
    return Reading(sections, list(courses))
