"""How far a learner is: criterion by criterion, and page by page."""

from django.db import models
from django.db.models import Case, Q, Value, When

from courses.framework.models import Criterion
from lms.common.models import notes

from .registering import Registration


class CriterionStatus(models.Model):
    """How a learner stands on one criterion: counts written in the transaction of what changed them, and the status
    that follows (rule 18). `rebuild_status --check` recomputes them and must find nothing to change."""

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        IN_PROGRESS = "in_progress", "Draft"
        SUBMITTED = "submitted", "Submitted"
        REFERRED = "referred", "Changes needed"
        ACHIEVED = "achieved", "Achieved"
        ON_HOLD = "on_hold", "On hold"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="criterion_statuses")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    evidence_count = models.PositiveIntegerField(default=0)
    open_submissions = models.PositiveIntegerField(default=0)
    achieved_decisions = models.PositiveSmallIntegerField(default=0)
    referred_decisions = models.PositiveSmallIntegerField(default=0)
    holds = models.PositiveIntegerField(default=0)
    status = models.GeneratedField(
        expression=Case(
            When(achieved_decisions__gt=0, then=Value("achieved")),
            When(holds__gt=0, then=Value("on_hold")),
            When(open_submissions__gt=0, then=Value("submitted")),
            When(referred_decisions__gt=0, then=Value("referred")),
            When(evidence_count__gt=0, then=Value("in_progress")),
            default=Value("not_started"),
        ),
        output_field=models.CharField(max_length=12, choices=Status.choices),
        db_persist=True,
    )

    personal_data = notes("id", "criterion", registration="whose progress", evidence_count="how much evidence",
                          open_submissions="waiting for decision", achieved_decisions="counting decisions: achieved",
                          referred_decisions="counting decisions: changes needed",
                          holds="privacy holds in the way (rule 4)", status="how it stands")  # fmt: skip

    class Meta:
        verbose_name_plural = "criterion statuses"
        constraints = [
            models.UniqueConstraint(fields=["registration", "criterion"], name="criterion_status_once"),
            models.CheckConstraint(
                condition=Q(achieved_decisions=0) | Q(referred_decisions=0), name="criterion_status_one_counting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id}/{self.criterion_id} {self.status}"

    @property
    def shown(self) -> str:
        """The status as the interface names it (components: status_tag)."""
        return {"in_progress": "draft", "referred": "changes_needed"}.get(self.status, self.status)


class StudyProgress(models.Model):
    """Where a learner is in a lesson or task: the place they last read, when they reached its end, and when they
    finished: at its end, with its questions answered."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="study_progress")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    anchor = models.SlugField(max_length=120, blank=True)
    anchor_title = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    reached_end_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    personal_data = notes("id", registration="whose study", page="which page", anchor="how far they read",
                          anchor_title="how far they read", opened_at="first opened", seen_at="last opened",
                          reached_end_at="when they reached its end", finished_at="when finished")  # fmt: skip

    class Meta:
        verbose_name_plural = "study progress"
        constraints = [models.UniqueConstraint(fields=["registration", "page"], name="study_progress_once")]
        indexes = [models.Index(fields=["registration", "-seen_at"], name="study_where_was_i")]

    def __str__(self) -> str:
        return f"{self.registration_id} on page {self.page_id}"
