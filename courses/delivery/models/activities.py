"""What a learner did in interactive activities: study progress that the browser reports, never evidence by itself."""

import uuid

from django.db import models
from django.db.models import F, Q

from content.models import H5PActivity, H5PVersion
from lms.common.models import notes

from ..visibility import AttemptQuerySet
from .registering import Registration


class ActivityAttempt(models.Model):
    """A numbered go of a learner at one version of an activity. States: open -> completed (`completed_at`, the first
    time). The score is the best that the whole activity reported in it; `success` that it said it was passed."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="activity_attempts")
    activity = models.ForeignKey(H5PActivity, on_delete=models.PROTECT, related_name="attempts")
    version = models.ForeignKey(H5PVersion, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    score_raw = models.FloatField(null=True)
    score_max = models.FloatField(null=True)
    score_scaled = models.FloatField(null=True)
    success = models.BooleanField(null=True)

    objects = AttemptQuerySet.as_manager()
    personal_data = notes("id", "ref", "activity", "version", "number", registration="whose attempt",
                          started_at="when they began", completed_at="when they completed it",
                          score_raw="how many points", score_max="of how many", score_scaled="which part of them",
                          success="whether passed")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "activity", "number"], name="activity_attempt_numbered"),
            models.CheckConstraint(
                condition=Q(score_scaled__isnull=True) | Q(score_scaled__gte=0, score_scaled__lte=1),
                name="activity_attempt_score_is_a_part",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(completed_at__gte=F("started_at")),
                name="activity_attempt_completed_after_it_began",
            ),
        ]
        indexes = [models.Index(fields=["activity", "started_at"], name="activity_attempt_of_one")]

    def __str__(self) -> str:
        return f"Attempt {self.number} of {self.registration_id} at {self.activity_id}"


class ActivityState(models.Model):
    """Where a learner stopped in an attempt, as the activity itself wrote it down. `saved`: when the page sent it, in
    milliseconds of the server's clock: what was sent last stays, in whichever order it arrives. A state of an attempt
    is of its version: with other content an attempt is a new one, and begins without a place."""

    attempt = models.ForeignKey(ActivityAttempt, on_delete=models.CASCADE, related_name="states")
    data_type = models.CharField(max_length=64)
    sub_content_id = models.CharField(max_length=64, default="0")
    data = models.TextField()
    saved = models.BigIntegerField()

    personal_data = notes("id", "data_type", "sub_content_id", attempt="of which attempt",
                          data="where they are and what they chose", saved="when they stopped")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "data_type", "sub_content_id"], name="activity_state_once")
        ]

    def __str__(self) -> str:
        return f"{self.data_type} of {self.attempt_id}"


class ActivityStatement(models.Model):
    """Something that happened in an attempt, as the activity reported it and the server put it in order (xAPI).
    `key`: the number that the page gave it, so that a statement sent twice is one. `part`: the sub-content it is about,
    "" for the whole. `statement`: verb, object, result and context; who and when are the attempt's and the server's."""

    attempt = models.ForeignKey(ActivityAttempt, on_delete=models.CASCADE, related_name="statements")
    key = models.UUIDField()
    verb = models.CharField(max_length=32)
    part = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255, blank=True)
    is_root = models.BooleanField()
    raw = models.FloatField(null=True)
    maximum = models.FloatField(null=True)
    success = models.BooleanField(null=True)
    statement = models.JSONField()
    at = models.DateTimeField()

    personal_data = notes("id", "key", "verb", "part", "name", "is_root", attempt="of which attempt",
                          raw="how many points", maximum="of how many", success="whether right",
                          statement="what they did and answered", at="when they did it")  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "key"], name="activity_statement_once")]
        indexes = [models.Index(fields=["attempt", "at"], name="activity_statement_in_order")]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.verb} {self.part}"
