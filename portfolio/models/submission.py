"""What a learner has put forward for assessment, and how often."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from courses.delivery.models import Registration
from courses.framework.models import Criterion
from lms.common.models import notes
from portfolio.visibility import SubmissionQuerySet, on_hold

from .evidence import EvidenceVersion


class Submission(models.Model):
    """Criteria that a learner has put forward together. States: open -> handed on (every criterion decided, a second
    assessor checks; back to open with what they do not agree to) -> released (the decisions count and the learner is
    told; handing on is passed over where nothing asks for it) | withdrawn (by the learner, until the assessor opens
    it; it then counts as no attempt)."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    submitted_at = models.DateTimeField()
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    opened_at = models.DateTimeField(null=True)
    handed_on_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = SubmissionQuerySet.as_manager()
    personal_data = notes("id", "ref", "number", registration="whose submission", submitted_at="when sent",
                          assessor="who assesses it", due_on="by when", opened_at="when the assessor opened it",
                          handed_on_at="when a second assessor was asked", released_at="when released",
                          withdrawn_at="when taken back")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="submission_number_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(opened_at__isnull=True, released_at__isnull=True),
                name="opened_submission_is_not_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(handed_on_at__isnull=True) | Q(opened_at__isnull=False, withdrawn_at__isnull=True),
                name="submission_is_opened_before_it_is_handed_on",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"], condition=Q(released_at__isnull=True, withdrawn_at__isnull=True),
                name="submission_queue",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Submission {self.number} of registration {self.registration_id}"

    @property
    def is_open(self) -> bool:
        """Neither released nor taken back: waiting for its assessor, or for the second one."""
        return self.released_at is None and self.withdrawn_at is None

    @property
    def is_being_checked(self) -> bool:
        """Its assessor has decided, and a second assessor has still to confirm (rules 9 and 10)."""
        return self.is_open and self.handed_on_at is not None

    @property
    def can_be_withdrawn(self) -> bool:
        """Its assessor has not opened it yet."""
        return self.is_open and self.opened_at is None

    @property
    def reference(self) -> str:
        """What people quote when they ask about it; says nothing of the learner."""
        return f"{self.ref.hex[:4]}-{self.ref.hex[4:8]}".upper()


class SubmittedCriterionQuerySet(models.QuerySet):
    """Submitted criteria by whether they count."""

    def attempts(self) -> "SubmittedCriterionQuerySet":
        """Those that count as attempts (rule 20): not those of a withdrawn submission, which nobody had opened."""
        return self.filter(submission__withdrawn_at__isnull=True)

    def on_hold(self, registration_id: int) -> "SubmittedCriterionQuerySet":
        """Those of a registration that wait for a decision and rest on evidence on hold (rule 4), for which no later
        version of that piece has been handed in."""
        rests = SubmittedVersion.objects.filter(
            on_hold("version__"), item__registration=registration_id, item__is_open=True
        )
        later = SubmittedVersion.objects.filter(
            item=OuterRef("item"), version__evidence=OuterRef("version__evidence"),
            version__number__gt=OuterRef("version__number"),
        ).exclude(on_hold("version__"))  # fmt: skip
        return self.filter(pk__in=rests.filter(~Exists(later)).values("item"))


class SubmittedCriterion(models.Model):
    """One criterion of a submission, as attempt number so-and-so (rule 20). Open until the submission is released or
    withdrawn."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="items")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField()
    is_open = models.BooleanField(default=True)
    versions = models.ManyToManyField(EvidenceVersion, through="SubmittedVersion", related_name="submitted_for")

    objects = SubmittedCriterionQuerySet.as_manager()
    personal_data = notes("id", "submission", "criterion", "is_open", "versions",
                          registration="whose submission", attempt="which attempt")  # fmt: skip

    class Meta:
        verbose_name_plural = "submitted criteria"
        constraints = [
            models.UniqueConstraint(fields=["submission", "criterion"], name="submitted_criterion_once"),
            models.UniqueConstraint(
                fields=["registration", "criterion"],
                condition=Q(is_open=True),
                name="criterion_waits_in_one_submission",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: criterion {self.criterion_id}, attempt {self.attempt}"


class SubmittedVersion(models.Model):
    """A version that a submitted criterion rests on."""

    item = models.ForeignKey(SubmittedCriterion, on_delete=models.PROTECT, related_name="submitted_versions")
    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="+")

    personal_data = notes("id", "item", "version")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "version"], name="submitted_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id} rests on version {self.version_id}"


class AttemptGrant(models.Model):
    """A further attempt at a criterion, granted by the lead IQA with a reason (rule 20). Never changed."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="attempt_grants")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    personal_data = notes("id", "criterion", registration="for whom", reason="why it was granted", granted_by="by whom",
                          granted_at="when granted")  # fmt: skip

    def __str__(self) -> str:
        return f"Attempt for {self.registration_id} on {self.criterion_id}"
