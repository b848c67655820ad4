"""How the learner sees their own skills, what they plan, and what they did for it (criteria 2.3-2.5)."""

import uuid

from django.db import models
from django.db.models import Q

from courses.delivery.models import Registration
from courses.framework.models import Outcome
from lms.common.models import notes
from portfolio.visibility import OwnRecordsQuerySet


class SkillsCheck(models.Model):
    """A learner rates confidence and competence against every outcome. States: open -> finished (then never changed).
    Repeated later, the change is shown."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="skills_checks")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = OwnRecordsQuerySet.as_manager()
    personal_data = notes("id", "number", registration="whose skills", started_at="when started",
                          saved_at="when last saved", finished_at="when finished")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="skills_check_number_once"),
            models.UniqueConstraint(
                fields=["registration"], condition=Q(finished_at__isnull=True), name="skills_check_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Skills check {self.number} of registration {self.registration_id}"


class SkillsRating(models.Model):
    """One outcome in a skills check: 1 (not yet) to 5 (could show others)."""

    class Confidence(models.IntegerChoices):
        """How sure somebody feels."""

        NOT_AT_ALL = 1, "Not at all sure"
        A_LITTLE = 2, "A little sure"
        FAIRLY = 3, "Fairly sure"
        SURE = 4, "Sure"
        VERY = 5, "Very sure"

    class Competence(models.IntegerChoices):
        """How well somebody can do it already."""

        NOT_YET = 1, "Not yet"
        MUCH_HELP = 2, "With lots of help"
        SOME_HELP = 3, "With some help"
        ALONE = 4, "On my own"
        SHOWS_OTHERS = 5, "Could show others"

    check_of = models.ForeignKey(SkillsCheck, on_delete=models.CASCADE, related_name="ratings")
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="+")
    confidence = models.PositiveSmallIntegerField(null=True)
    competence = models.PositiveSmallIntegerField(null=True)
    note = models.TextField(blank=True)

    personal_data = notes("id", "check_of", "outcome", confidence="how they see themselves",
                          competence="how they see themselves", note="the learner's words")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_of", "outcome"], name="outcome_rated_once_in_a_check"),
            models.CheckConstraint(
                condition=(Q(confidence__isnull=True) | Q(confidence__range=(1, 5)))
                & (Q(competence__isnull=True) | Q(competence__range=(1, 5))),
                name="rating_is_from_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}: outcome {self.outcome_id}"


class DevelopmentGoal(models.Model):
    """A line of the development plan: a gap, what the learner will do about it by when and, later, what came of it."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="development_goals")
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    goal = models.CharField(max_length=300)
    action = models.TextField(blank=True)
    by_when = models.DateField(null=True, blank=True)
    result = models.TextField(blank=True)
    done_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    objects = OwnRecordsQuerySet.as_manager()
    personal_data = notes("id", "ref", "outcome", registration="whose plan", goal="the learner's words",
                          action="the learner's words", by_when="the learner's plan", result="the learner's words",
                          done_on="when done", created_at="when written", saved_at="when last saved")  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["registration", "by_when"], name="goals_of_a_learner")]

    def __str__(self) -> str:
        return f"Goal {self.pk} of registration {self.registration_id}"


class CpdEntry(models.Model):
    """Something the learner did for their own development: hours, and what they learned from it."""

    class Kind(models.TextChoices):
        COURSE = "course", "Course or training"
        READING = "reading", "Reading or watching"
        VISIT = "visit", "Visit to another setting"
        NETWORK = "network", "Network or meeting"
        SHADOWING = "shadowing", "Shadowing or mentoring"
        RELEASE = "release", "Release time"
        OTHER = "other", "Something else"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="cpd_entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=160)
    done_on = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=160, blank=True)
    reflection = models.TextField(blank=True)
    outcomes = models.ManyToManyField(Outcome, related_name="+", blank=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    objects = OwnRecordsQuerySet.as_manager()
    personal_data = notes(
        "id", "ref", "outcomes", registration="whose log", kind="what they did", title="the learner's words",
        done_on="when it was done", minutes="how long", place="where it was", reflection="the learner's words",
        created_at="when written", saved_at="when last saved",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "CPD entries"
        indexes = [models.Index(fields=["registration", "-done_on", "-id"], name="cpd_of_a_learner")]
        constraints = [models.CheckConstraint(condition=Q(minutes__gt=0), name="cpd_took_some_time")]

    def __str__(self) -> str:
        return f"CPD entry {self.pk} of registration {self.registration_id}"
