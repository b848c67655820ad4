"""What an assessor works with beside decisions: who is at the desk, notes in the evidence, phrases, next steps."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.framework.models import Criterion
from lms.accounts.models import Organisation
from lms.common.models import notes
from portfolio.models import EvidenceFile, EvidenceVersion, Submission

from .decisions import Decision


class DeskLease(models.Model):
    """Who has a submission open in the workspace now. Says so to others and keeps nobody out: what keeps two people
    from overwriting each other is that a draft decision belongs to one of them. Not history: rows are replaced."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="leases")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    personal_data = notes("id", "submission", user="who has it open", since="since when", seen_at="last seen")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "user"], name="desk_lease_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at submission {self.submission_id}"


class DraftStep(models.Model):
    """One step back from a draft decision: what it said when an outcome was last saved (`now`), and what it said
    before (`before`). Undoing swaps the two. Gone once the decision is released or discarded."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="step")
    now = models.JSONField()
    before = models.JSONField()

    personal_data = notes("id", "decision", now="the assessor's words and outcome",
                          before="the assessor's words and outcome before")  # fmt: skip

    def __str__(self) -> str:
        return f"One step back from decision {self.decision_id}"


class Phrase(models.Model):
    """Words that an assessor uses again and again, for a rationale or for feedback: their own, or their centre's."""

    class Use(models.TextChoices):
        RATIONALE = "rationale", "Rationale"
        FEEDBACK = "feedback", "Feedback"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="phrases"
    )
    centre = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="phrases")
    use = models.CharField(max_length=10, choices=Use.choices)
    title = models.CharField(max_length=60)
    text = models.TextField()
    used = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    personal_data = notes("id", "ref", "centre", "use", "used", "saved_at", owner="whose phrase",
                          title="the assessor's words", text="the assessor's words")  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False, centre__isnull=True) | Q(owner__isnull=True, centre__isnull=False),
                name="phrase_is_somebodys_or_a_centres",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Annotation(models.Model):
    """An assessor's note at a place in an evidence version, for one criterion or for all. The place is a locator as
    in an EvidenceLink. The learner reads it once a submission that rests on the version is released; fixed then."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="annotations")
    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="annotations")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField()
    where = models.CharField(max_length=160, blank=True)
    file = models.ForeignKey(EvidenceFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    paragraph = models.PositiveSmallIntegerField(null=True, blank=True)
    page = models.PositiveSmallIntegerField(null=True, blank=True)
    start_seconds = models.PositiveIntegerField(null=True, blank=True)
    end_seconds = models.PositiveIntegerField(null=True, blank=True)
    region = models.CharField(max_length=15, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    personal_data = notes(
        "id", "ref", "submission", "version", "criterion", "file", "paragraph", "page", "start_seconds", "end_seconds",
        "region", text="the assessor's words", where="the assessor's words", written_by="which assessor",
        written_at="when written",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="annotation_says_something"),
            models.CheckConstraint(
                condition=Q(end_seconds__isnull=True) | Q(end_seconds__gte=models.F("start_seconds")),
                name="annotation_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"Note on version {self.version_id}"


class NextStep(models.Model):
    """What a learner is to do next, written by the assessor with a submission and agreed with the learner once it is
    released. States: written -> agreed | asked about (the learner's comment) -> done (by the learner)."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="next_steps")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=300)
    due_on = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)
    commented_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    personal_data = notes(
        "id", "ref", "submission", "criterion", text="the assessor's words", due_on="by when",
        written_by="which assessor", written_at="when written", agreed_at="when the learner agreed",
        comment="the learner's words", commented_at="when commented", done_at="when done",
    )  # fmt: skip

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="next_step_says_something")]

    def __str__(self) -> str:
        return self.text

    @property
    def state(self) -> str:
        """written | asked | agreed | done: the last that was said of it."""
        if self.done_at:
            return "done"
        if self.agreed_at:
            return "agreed"
        return "asked" if self.commented_at else "written"
