"""What a trainee's home shows, read in a number of queries that does not grow with their work."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Value, When, Window
from django.db.models.functions import Left
from django.urls import reverse

from assessment.api import Decision, Progress, progress_of
from assessment.queries_plan import NextPlanned, next_planned
from courses.delivery.api import CriterionStatus, Registration, StudyProgress
from courses.delivery.visibility import AUTHORITY_ROLES
from courses.framework.api import AssessmentPolicy, Criterion, policy_of
from courses.pages.queries import StudyItem, address, course_for, study_items
from lms.accounts.api import User
from lms.notices.api import Notice
from portfolio.api import AttemptGrant, EvidenceFile, EvidenceVersion, SubmittedCriterion
from portfolio.policies import missing_before_submitting
from portfolio.visibility import on_hold

NOTICES_SHOWN = 5
FILE_STATES = EvidenceFile.State.values
FORECAST_FROM = 5  # criteria achieved; fewer say nothing of a person's pace
FORECAST_DAYS = 14
DAYS_A_MONTH = 30.4


def senco_title(user: User) -> str:
    """What the authority of a member of its staff, or of a learner's cohort, calls its Area SENCOs; "" without one.
    One query at most."""
    own = next((m.organisation for m in user.current_memberships if m.role in AUTHORITY_ROLES), None)
    if own is not None:
        return own.role_title
    rows = Registration.objects.filter(learner=user, cohort__local_authority__isnull=False).exclude(state="withdrawn")
    last = rows.select_related("cohort__local_authority").order_by("-registered_on", "-pk").first()
    authority = last.cohort.local_authority if last and last.cohort else None
    return authority.role_title if authority else ""


@dataclass
class Piece:
    """The latest version of a piece of evidence: what it proves and what it lacks before it can be submitted."""

    version: EvidenceVersion
    file_states: set[str] = field(default_factory=set)
    criterion_ids: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("portfolio:evidence", args=[self.version.evidence.ref])


@dataclass(frozen=True)
class Feedback:
    """A criterion with changes asked for and not yet made."""

    criterion: Criterion
    text: str
    who: str
    when: datetime
    draft: Piece | None

    @property
    def url(self) -> str:
        """Where the feedback stands beside the evidence."""
        return reverse("assessment:criterion", args=[self.criterion.code])


@dataclass(frozen=True)
class WithAssessor:
    """A submission that waits for its assessor."""

    ref: str
    number: int
    who: str
    due_on: date
    criteria: int

    @property
    def url(self) -> str:
        """Its receipt."""
        return reverse("assessment:submission", args=[self.ref])


@dataclass
class TraineeHome:
    """Everything that a trainee's home is made of. `today` is the day on which it is read."""

    registration: Registration
    progress: Progress
    today: date
    lessons: list[StudyItem] = field(default_factory=list)
    study: dict[int, StudyProgress] = field(default_factory=dict)
    drafts: list[Piece] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    ready: list[Criterion] = field(default_factory=list)
    with_assessor: list[WithAssessor] = field(default_factory=list)
    to_start: Criterion | None = None
    planned: NextPlanned = NextPlanned()
    notices: list[Notice] = field(default_factory=list)
    unread: int = 0
    course_url: str = ""

    @property
    def minutes_left(self) -> int:
        """Minutes of lessons (not tasks) that the trainee has not finished."""
        return sum(item.minutes for item in self.lessons if not item.is_task and not self.is_finished(item))

    @property
    def unfinished_drafts(self) -> list[Piece]:
        """Drafts that lack something, the one last saved first."""
        return [piece for piece in self.drafts if piece.missing]

    @property
    def target(self) -> date | None:
        """By when the plan says that they finish."""
        cohort = self.registration.cohort
        return self.registration.target_on or (cohort.ends_on if cohort else None)

    @property
    def finish(self) -> date | None:
        """When they would finish at their pace so far; None when that cannot be said honestly."""
        return forecast(
            self.progress.achieved, self.progress.still_needed, since=self.registration.registered_on, today=self.today
        )

    def is_finished(self, item: StudyItem) -> bool:
        """The trainee has said that they have finished this lesson or task."""
        row = self.study.get(item.pk)
        return row is not None and row.finished_at is not None


def forecast(achieved: int, needed: int, *, since: date, today: date) -> date | None:
    """The day on which `needed` more criteria are achieved at the pace since the start. None before five criteria
    and two weeks, when a pace is chance; and when nothing is needed any more."""
    days = (today - since).days
    if achieved < FORECAST_FROM or days < FORECAST_DAYS or needed <= 0:
        return None
    return today + timedelta(days=round(needed * days / achieved))


def months_between(start: date, end: date) -> int:
    """Whole months, rounded, for saying how long something has taken."""
    return round((end - start).days / DAYS_A_MONTH)


def trainee_home(user: User, registration: Registration, *, today: date, at: datetime) -> TraineeHome:
    """Reads a trainee's home. Ten queries, eleven where the awarding organisation limits attempts."""
    policy = policy_of(registration.qualification_id, at=at)
    progress = progress_of(registration, at=at, policy=policy)
    home = TraineeHome(registration, progress, today)
    course = course_for(registration)
    if course is not None:
        home.course_url = address(course)
        authority = registration.cohort.local_authority_id if registration.cohort else None
        home.lessons = study_items(course, authority)
        home.study = {row.page_id: row for row in StudyProgress.objects.filter(registration=registration)}
    pieces = latest_pieces(user, registration)
    home.drafts = [piece for piece in pieces if piece.version.is_draft]
    _place_criteria(home, pieces, policy)
    home.planned = next_planned(registration, today=today)
    home.notices, home.unread = unread_notices(user)
    return home


def latest_pieces(user: User, registration: Registration) -> list[Piece]:
    """Each piece of the learner's own evidence at its latest version, the one last saved first. One query; of a text
    only the opening is read, to know whether there is one. The query asks for the learner and for nobody else who may
    see evidence: that is all that a home needs, and a third of the price of `visible_to`."""
    files_here = EvidenceFile.objects.filter(version=OuterRef("pk"))
    rows: QuerySet[Any] = (
        EvidenceVersion.objects.shown()
        .filter(~on_hold(), evidence__registration=registration, evidence__registration__learner=user, is_latest=True)
        .filter(tombstone__isnull=True)
        .select_related("evidence")
        .only(
            "evidence__ref",
            "number",
            "state",
            "title",
            "kind",
            "source",
            "place",
            "happened_on",
            "recorded_by",
            "saved_at",
            "authenticity_declared_at",
            "child_identity_declared_at",
        )
        .annotate(
            opening=Left("text", 400),
            # Only a draft still lacks something: the files of the others are not asked about.
            **{
                state: Case(When(state="draft", then=Exists(files_here.filter(state=state))), default=Value(False))
                for state in FILE_STATES
            },
            criterion_id=F("links__criterion_id"),
        )
        .order_by("-saved_at", "-pk")
    )
    pieces: dict[int, Piece] = {}
    for row in rows:
        states = {state for state in FILE_STATES if getattr(row, state)}
        piece = pieces.setdefault(row.pk, Piece(row, file_states=states))
        piece.version.text = row.opening
        if row.criterion_id is not None:
            piece.criterion_ids.append(row.criterion_id)
    for piece in pieces.values():
        if piece.version.is_draft:
            piece.missing = missing_before_submitting(
                piece.version, file_states=piece.file_states, has_links=bool(piece.criterion_ids)
            )
    return list(pieces.values())


@dataclass
class _Submitted:
    """What has been submitted so far, by criterion."""

    waiting: list[WithAssessor]
    used: dict[int, set[int]]
    attempts: Counter[int]


def _submitted(registration: Registration) -> _Submitted:
    rows = SubmittedCriterion.objects.attempts().filter(registration=registration).order_by("submission__due_on", "pk")
    found = rows.values(
        "pk", "criterion_id", "is_open", "submission__ref", "submission__number", "submission__due_on",
        "submission__assessor__name", "submitted_versions__version_id",
    )  # fmt: skip
    used: dict[int, set[int]] = {}
    items: dict[int, Any] = {}
    for row in found:
        items[row["pk"]] = row
        used.setdefault(row["criterion_id"], set()).add(row["submitted_versions__version_id"])
    opened = [row for row in items.values() if row["is_open"]]
    sizes = Counter(row["submission__ref"] for row in opened)
    heads = {row["submission__ref"]: row for row in opened}
    waiting = [
        WithAssessor(str(ref), row["submission__number"], row["submission__assessor__name"],
                     row["submission__due_on"], sizes[ref])
        for ref, row in heads.items()
    ]  # fmt: skip
    return _Submitted(waiting, used, Counter(row["criterion_id"] for row in items.values()))


def _place_criteria(home: TraineeHome, pieces: list[Piece], policy: AssessmentPolicy) -> None:
    """Sorts the criteria: changes to make, ready to submit, the first to start; and what waits for the assessor."""
    statuses = [row for section in home.progress.sections for row in section.statuses]
    submitted = _submitted(home.registration)
    home.with_assessor = submitted.waiting
    used_up = _used_up(home.registration, submitted.attempts, policy)
    by_criterion: dict[int, list[Piece]] = {}
    for piece in pieces:
        for criterion_id in piece.criterion_ids:
            by_criterion.setdefault(criterion_id, []).append(piece)
    decisions = _referrals(home.registration)
    for row in statuses:
        own = by_criterion.get(row.criterion_id, [])
        new = [p for p in own if p.version.pk not in submitted.used.get(row.criterion_id, set())]
        undecided = row.status in (CriterionStatus.Status.IN_PROGRESS, CriterionStatus.Status.REFERRED)
        if undecided and row.criterion_id not in used_up and new and not any(piece.missing for piece in own):
            home.ready.append(row.criterion)
        elif row.status == CriterionStatus.Status.REFERRED and row.criterion_id not in used_up:
            told = decisions[row.criterion_id]
            draft = next((piece for piece in new if piece.version.is_draft), None)
            home.feedback.append(
                Feedback(row.criterion, told["feedback"], told["decider__name"], told["released_at"], draft)
            )
    home.feedback.sort(key=lambda entry: (entry.draft is None, entry.when))  # what is begun first, then the oldest
    home.to_start = _first_to_start(home.progress)


def _first_to_start(progress: Progress) -> Criterion | None:
    """The first criterion without evidence that is still needed (rule 19: an illustrative list has its minimum)."""
    outcomes = [outcome for section in progress.sections for outcome in section.outcomes]
    return next(
        (
            row.criterion
            for outcome in outcomes
            if not outcome.is_complete
            for row in outcome.statuses
            if row.status == CriterionStatus.Status.NOT_STARTED
        ),
        None,
    )


def _used_up(registration: Registration, attempts: Counter[int], policy: AssessmentPolicy) -> set[int]:
    """Criteria that have been submitted as often as allowed (rule 20)."""
    if policy.attempt_limit is None:
        return set()
    granted = Counter(AttemptGrant.objects.filter(registration=registration).values_list("criterion_id", flat=True))
    return {pk for pk, used in attempts.items() if used >= policy.attempt_limit + granted[pk]}


def _referrals(registration: Registration) -> dict[int, Any]:
    """The counting decisions that ask for changes, by criterion id."""
    rows = Decision.objects.filter(
        registration=registration, state=Decision.State.COUNTS, outcome=Decision.Outcome.REFERRED
    )
    return {row["criterion_id"]: row for row in rows.values("criterion_id", "feedback", "decider__name", "released_at")}


def unread_notices(user: User) -> tuple[list[Notice], int]:
    """The newest unread notices and how many are unread in all. One query, which also saves the header its own."""
    rows: QuerySet[Any] = Notice.objects.filter(user=user, read_at__isnull=True)
    rows = rows.annotate(in_all=Window(Count("*")))
    newest = list(rows.order_by("-created_at", "-pk")[:NOTICES_SHOWN])
    user.unread_notices = newest[0].in_all if newest else 0
    return newest, user.unread_notices


def codes(criteria: Iterable[Criterion]) -> str:
    """Codes in a sentence: "1.1, 1.2.a and 1.3"."""
    names = [criterion.code for criterion in criteria]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
