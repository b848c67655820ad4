"""What learners did in interactive activities: their own statements, and figures of an activity for its authors."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet

from content.models import H5PActivity

from .models import ActivityAttempt, ActivityStatement, Cohort, Registration, StudyAnswer

BANDS = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 100))
DONE = Q(completed_at__isnull=False)
SUMS = {"attempts": Count("pk"), "completed": Count("pk", filter=DONE), "best": Max("score_scaled", filter=DONE),
        "passed": Count("pk", filter=DONE & Q(success=True))}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """A page shows an activity: in which block, what of it counts ("opened", "completed", "passed" at a `mark` in per
    cent), and the blocks that the page is not finished without."""

    page_id: int
    block: UUID
    counts: str
    mark: int
    to_finish: Collection[UUID]


@dataclass(frozen=True)
class Standing:
    """What a learner has reached in an activity over all attempts. `best`: the best part of the points, 0 to 1."""

    attempts: int
    completed: int
    best: float | None
    passed: bool

    def meets(self, use: Use) -> bool:
        """Whether it counts where it stands."""
        if use.counts == "opened":
            return self.attempts > 0
        if use.counts == "completed":
            return self.completed > 0
        if self.best is not None:
            return self.best * 100 >= use.mark - 1e-9
        return self.passed


def standing_of(registration: Registration | int, activity: H5PActivity | int) -> Standing:
    """One query."""
    rows = ActivityAttempt.objects.filter(registration=registration, activity=activity)
    return _standing(rows.aggregate(**SUMS))


def standings_of(registration: Registration, activities: Iterable[int]) -> dict[int, Standing]:
    """How a learner stands in several activities. One query."""
    rows = ActivityAttempt.objects.filter(registration=registration, activity__in=list(activities))
    return {row["activity"]: _standing(dict(row)) for row in rows.values("activity").annotate(**SUMS).order_by()}


def _standing(sums: dict[str, Any]) -> Standing:
    return Standing(sums["attempts"], sums["completed"], sums["best"], sums["passed"] > 0)


def statements_of(registration: Registration) -> Iterator[dict[str, Any]]:
    """A learner's statements as xAPI, oldest first. Who did it is named by the number of their registration."""
    rows = ActivityStatement.objects.filter(attempt__registration=registration)
    home = settings.SITE_ADDRESS.rstrip("/")
    actor = {"objectType": "Agent", "account": {"homePage": home, "name": str(registration.ref)}}
    for row in rows.select_related("attempt__activity").order_by("at", "pk").iterator():
        about = f"{home}/h5p/activities/{row.attempt.activity.ref}"
        kept = row.statement
        context: dict[str, Any] = {"registration": str(row.attempt.ref)}
        if row.part:
            context["contextActivities"] = {"parent": [{"objectType": "Activity", "id": about}]}
        one: dict[str, Any] = {
            "id": str(row.key), "actor": actor, "verb": kept["verb"], "timestamp": row.at.isoformat(),
            "object": {"objectType": "Activity", "id": f"{about}?subContentId={row.part}" if row.part else about,
                       **kept["object"]},
            "context": context,
        }  # fmt: skip
        yield one | ({"result": kept["result"]} if kept["result"] else {})


@dataclass(frozen=True)
class Question:
    """How learners answered a part of an activity: each learner's last answer. `rate`: how many were right, 0 to 100;
    `average`: their part of the points."""

    name: str
    answered: int
    right: int
    rate: float | None
    average: float | None


@dataclass(frozen=True)
class ActivityFigures:
    """How an activity goes. `learners`: who opened it; `completed`, `passed`: of them; `attempts`: all; `other`: who
    did it another way; `bands`: learners by their best score; `questions`: hardest first."""

    learners: int = 0
    attempts: int = 0
    completed: int = 0
    passed: int = 0
    other: int = 0
    middle: float | None = None
    bands: list[tuple[str, int]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    @property
    def completion(self) -> float | None:
        """Of those who opened it, how many completed it, 0 to 100."""
        return 100 * self.completed / self.learners if self.learners else None


def activity_figures(activity: H5PActivity, registrations: QuerySet[Registration], blocks: Iterable[Any],
                     ) -> ActivityFigures:  # fmt: skip
    """The figures of an activity over some learners. `blocks`: where it stands. Three queries, however many there
    are."""
    attempts = ActivityAttempt.objects.filter(activity=activity, registration__in=registrations)
    rows: list[Any] = list(attempts.values("registration").annotate(**SUMS).order_by())
    scores = [100 * row["best"] for row in rows if row["best"] is not None]
    other = StudyAnswer.objects.filter(block__in=list(blocks), registration__in=registrations, value__other=True)
    return ActivityFigures(
        learners=len(rows), attempts=sum(row["attempts"] for row in rows),
        completed=sum(row["completed"] > 0 for row in rows), passed=sum(row["passed"] > 0 for row in rows),
        other=other.values("registration").distinct().count(), middle=median(scores) if scores else None,
        bands=[(f"{low}–{high}%", sum(_in_band(score, low, high) for score in scores)) for low, high in BANDS],
        questions=_questions(attempts),
    )  # fmt: skip


def _in_band(score: float, low: int, high: int) -> bool:
    return low <= score < high or (high == 100 and score >= 100)


def _questions(attempts: QuerySet[ActivityAttempt]) -> list[Question]:
    """Each part that was answered, and each activity that is one question, hardest first."""
    rows = ActivityStatement.objects.filter(attempt__in=attempts, verb="answered").order_by("at", "pk")
    last: dict[tuple[str, int], tuple[str, bool | None, float | None]] = {}
    facts = ("part", "attempt__registration", "name", "success", "raw", "maximum")
    for part, learner, name, success, raw, most in rows.values_list(*facts).iterator():
        share = raw / most if most and raw is not None else None
        is_right = success if success is not None else (None if share is None else share >= 1)
        last[part or name, learner] = (name, is_right, share)
    groups: dict[str, list[tuple[str, bool | None, float | None]]] = {}
    for (part, _), facts_of_one in last.items():
        groups.setdefault(part, []).append(facts_of_one)
    found = [_question(group) for group in groups.values()]
    return sorted(found, key=lambda one: (one.rate is None, one.rate, one.name))


def _question(group: list[tuple[str, bool | None, float | None]]) -> Question:
    marked = [is_right for _, is_right, _ in group if is_right is not None]
    shares = [share for _, _, share in group if share is not None]
    return Question(
        next((name for name, _, _ in reversed(group) if name), "A question without words"), len(group), sum(marked),
        100 * sum(marked) / len(marked) if marked else None, 100 * sum(shares) / len(shares) if shares else None,
    )  # fmt: skip


def cohorts_doing(activity: H5PActivity, registrations: QuerySet[Registration]) -> list[tuple[int, str]]:
    """The cohorts of those of some learners who have opened an activity."""
    there = ActivityAttempt.objects.filter(activity=activity, registration__in=registrations)
    rows = Cohort.objects.filter(pk__in=there.values("registration__cohort")).order_by("name", "pk")
    return list(rows.values_list("pk", "name"))
