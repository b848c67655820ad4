"""Assessment: evidence judged once a version, one decision for each submitted criterion, declared interests."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from courses.delivery.models import Registration
from courses.framework.models import Criterion
from lms.common.models import notes
from portfolio.models import EvidenceVersion, Submission


class VersionJudgement(models.Model):
    """Valid, authentic, current, reliable: judged once for each evidence version (rule 6) and used by every decision
    that rests on it. Fixed once a released decision does."""

    version = models.OneToOneField(EvidenceVersion, on_delete=models.PROTECT, related_name="judgement")
    valid = models.BooleanField()
    authentic = models.BooleanField()
    current = models.BooleanField()
    reliable = models.BooleanField()
    note = models.TextField(blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField()

    personal_data = notes(
        "id", valid="judgement of the learner's work", version="whose work", authentic="judgement of it",
        current="judgement of it", reliable="judgement of it", note="the assessor's words", judged_by="who judged",
        judged_at="when judged",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"Judgement of version {self.version_id}"

    @property
    def all_hold(self) -> bool:
        """Every one of the four holds, so that an achieved decision may rest on the version."""
        return self.valid and self.authentic and self.current and self.reliable


class Decision(models.Model):
    """One decision for each submitted criterion (rule 6). Draft decisions are the assessor's own until release.

    States: draft (does not count, may be changed) -> counts -> superseded by a later one. Provisional, pending
    scrutiny and reopened decisions do not count (rule 18). Registration, learner and criterion are copied, so that
    the database can hold the rules by itself.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROVISIONAL = "provisional", "Provisional"
        PENDING_SCRUTINY = "pending_scrutiny", "Waiting for scrutiny"
        COUNTS = "counts", "Counts"
        REOPENED = "reopened", "Reopened"
        SUPERSEDED = "superseded", "Superseded"

    class Outcome(models.TextChoices):
        ACHIEVED = "achieved", "Achieved"
        REFERRED = "referred", "Changes needed"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="decisions")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="decisions")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    sufficient = models.BooleanField(default=False)
    rationale = models.TextField(blank=True)
    feedback = models.TextField(blank=True)
    versions = models.ManyToManyField(EvidenceVersion, through="DecisionVersion", related_name="decisions")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    personal_data = notes(
        "id", "submission", "criterion", "state", "versions",
        registration="whose result", learner="whose result", decider="who decided", outcome="the result",
        sufficient="judgement of the work", rationale="the assessor's words", feedback="the assessor's words",
        started_at="when begun", saved_at="when saved", released_at="when released",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "criterion"],
                condition=~Q(state="superseded"),
                name="rule_06_one_decision_per_submitted_criterion",
            ),
            models.UniqueConstraint(
                fields=["registration", "criterion"],
                condition=Q(state="counts"),
                name="rule_18_one_counting_decision_per_criterion",
            ),
            models.CheckConstraint(condition=~Q(decider=F("learner")), name="rule_08_decider_is_not_the_learner"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "provisional", "pending_scrutiny", "counts", "reopened", "superseded"]),
                name="decision_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(outcome__in=["achieved", "referred"]) & ~Q(rationale="")
                                              & Q(released_at__isnull=False)),
                name="rule_06_decision_has_outcome_and_rationale",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(outcome="achieved") | Q(sufficient=True),
                name="rule_06_achieved_is_sufficient",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(outcome="referred") | ~Q(feedback=""),
                name="rule_07_referral_has_feedback",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["registration", "criterion", "-released_at"], name="decision_history")]

    def __str__(self) -> str:
        return f"Decision {self.pk}: {self.outcome or 'open'} ({self.state})"

    @property
    def is_draft(self) -> bool:
        """Not released yet."""
        return self.state == self.State.DRAFT


class DecisionVersion(models.Model):
    """An evidence version that a decision rests on."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="relied_on")
    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="+")

    personal_data = notes("id", "decision", "version")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "version"], name="decision_rests_on_version_once")]

    def __str__(self) -> str:
        return f"Decision {self.decision_id} rests on version {self.version_id}"


class InterestDeclaration(models.Model):
    """A personal interest in a learner's result, declared by the person who has it (rule 8). While it is open they
    decide nothing for that learner. States: open -> resolved by the lead IQA."""

    class Kind(models.TextChoices):
        FAMILY = "family", "Family"
        EMPLOYMENT = "employment", "I employ them, or they employ me"
        MONEY = "money", "Money"
        FRIENDSHIP = "friendship", "Close friendship"

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="interests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    detail = models.TextField(blank=True)
    declared_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolution = models.TextField(blank=True)

    personal_data = notes(
        "id", registration="in whose result", user="who declared", kind="what relation", detail="their words",
        declared_at="when declared", resolved_at="when resolved", resolved_by="who resolved it",
        resolution="how it was resolved",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "user", "kind"],
                condition=Q(resolved_at__isnull=True),
                name="interest_open_once_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | (~Q(resolution="") & Q(resolved_by__isnull=False)
                                                         & ~Q(resolved_by=F("user"))),
                name="rule_08_interest_resolved_by_another_with_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} interest of {self.user_id} in {self.registration_id}"


from . import rules  # noqa: E402, F401  (registers the triggers that defend the rules)
