"""The assessment plan of a learner: what will be assessed how, where and when, agreed and revised."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from courses.delivery.models import Registration
from courses.framework.models import Criterion
from lms.common.models import notes
from portfolio.kinds import Kind


class AssessmentPlan(models.Model):
    """One revision of a learner's assessment plan. States: draft (the assessor writes it) -> proposed (the trainee is
    asked) -> agreed | sent back with a comment (the assessor revises). What is agreed is never changed: a revision
    begins as a copy of it. The agreed plan with the highest number is the one in force."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Waiting for the trainee"
        AGREED = "agreed", "Agreed"
        SENT_BACK = "sent_back", "Sent back"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    reason = models.TextField(blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)

    personal_data = notes(
        "id", "ref", "number", "state", registration="whose plan", reason="why it was revised",
        written_by="which assessor", written_at="when written", proposed_at="when proposed",
        answered_at="when the trainee answered", comment="the trainee's words",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="assessment_plan_number_once"),
            models.UniqueConstraint(
                fields=["registration"], condition=Q(state__in=["draft", "proposed"]),
                name="assessment_plan_one_revision_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "agreed", "sent_back"]),
                name="assessment_plan_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed"]) | Q(answered_at__isnull=False),
                name="assessment_plan_answer_is_dated",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Plan {self.number} of registration {self.registration_id}"


class PlannedAssessment(models.Model):
    """One line of an assessment plan: a method, its criteria, by when; for a visit, also at what time and where. A
    draft may lack any of them; what is proposed to the trainee lacks nothing (assessment.rules_plan)."""

    plan = models.ForeignKey(AssessmentPlan, on_delete=models.CASCADE, related_name="lines")
    ref = models.UUIDField(default=uuid.uuid4, editable=False)  # the same line in every revision: calendars follow it
    method = models.CharField(max_length=24, choices=Kind.choices, blank=True)
    what = models.CharField(max_length=200, blank=True)
    criteria = models.ManyToManyField(Criterion, related_name="+")
    due_on = models.DateField(null=True, blank=True)  # of a visit: its day
    is_visit = models.BooleanField(default=False)
    starts = models.TimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.CharField(max_length=160, blank=True)

    personal_data = notes("id", "plan", "ref", "method", "criteria", what="the assessor's words", due_on="by when",
                          is_visit="whether it is a visit", starts="at what time", minutes="how long",
                          place="where they meet")  # fmt: skip

    class Meta:
        ordering = [models.F("due_on").asc(nulls_last=True), models.F("starts").asc(nulls_first=True), "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "ref"], name="planned_assessment_once_per_plan")]

    def __str__(self) -> str:
        return self.what

    @property
    def starts_at(self) -> datetime | None:
        """The moment at which a visit begins; None for what is due some day."""
        if not self.is_visit or self.due_on is None or self.starts is None:
            return None
        return timezone.make_aware(datetime.combine(self.due_on, self.starts))


class CalendarKey(models.Model):
    """The secret address under which a person's calendar program reads their planned assessments. Ended and replaced
    at any time; it opens dates and places, never evidence."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_key")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField()

    personal_data = notes("id", user="whose calendar", key="secret address", made_at="when made")

    def __str__(self) -> str:
        return f"Calendar of {self.user_id}"
