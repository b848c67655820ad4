"""Evidence judged once a version, one decision for each submitted criterion, and the second checks of it."""

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

    States: draft (may be changed) -> provisional (until a qualified assessor countersigns, rule 10) -> pending
    scrutiny (until somebody without interest confirms, rule 9) -> counts -> superseded by a later one. Each of the two
    checks is passed over where nothing asks for it (`needs_countersigning`, `scrutiny_for`); a check that does not
    agree makes the decision reopened, and its assessor decides anew. Only what counts and is not held counts
    (rule 18), and only from then on (`released_at`) does the learner see it. Registration, learner and criterion are
    copied, so that the database can hold the rules by itself.

    `dual_role`: the policy that applied when the decider also supported, taught or managed the learner (rule 9).
    `always_sample`: quality assurance looks at it whatever else it picks (rules 9 and 24).
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

    class Scrutiny(models.TextChoices):
        INTEREST = "interest", "Unavoidable personal interest"
        DUAL_ROLE = "dual_role", "Dual role"

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
    decided_on = models.DateField(null=True)
    released_at = models.DateTimeField(null=True)
    needs_countersigning = models.BooleanField(default=False)
    scrutiny_for = models.CharField(max_length=10, choices=Scrutiny.choices, blank=True)
    dual_role = models.CharField(max_length=16, blank=True)
    always_sample = models.BooleanField(default=False)
    is_held = models.BooleanField(default=False)

    personal_data = notes(
        "id", "submission", "criterion", "state", "versions", "always_sample", "is_held",
        decided_on="on which day", needs_countersigning="whether the decider was qualified",
        scrutiny_for="why somebody else confirms it", dual_role="whether the decider had a dual role",
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
                                              & Q(decided_on__isnull=False)),
                name="rule_06_decision_has_outcome_and_rationale",
            ),
            models.CheckConstraint(
                condition=~Q(state="counts") | Q(released_at__isnull=False), name="rule_18_what_counts_is_released"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["draft", "provisional", "pending_scrutiny"]) | Q(released_at__isnull=True),
                name="rule_18_what_is_released_has_counted",
            ),
            models.CheckConstraint(
                condition=~Q(is_held=True) | Q(state="counts"), name="rule_04_only_what_counts_is_held"
            ),
            models.CheckConstraint(
                condition=Q(scrutiny_for__in=["", "interest", "dual_role"]), name="rule_09_scrutiny_is_known"
            ),
            models.CheckConstraint(
                condition=Q(dual_role__in=["", "allow", "always_sampled", "second_scrutiny"]),
                name="rule_09_dual_role_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(dual_role="second_scrutiny") | ~Q(scrutiny_for=""), name="rule_09_dual_role_is_scrutinised"
            ),
            models.CheckConstraint(
                condition=~Q(dual_role="always_sampled") | Q(always_sample=True), name="rule_09_dual_role_is_sampled"
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
        indexes = [
            models.Index(fields=["registration", "criterion", "-released_at"], name="decision_history"),
            models.Index(fields=["decider", "-released_at"], name="decision_by_decider"),
        ]

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


class SecondCheck(models.Model):
    """Another assessor countersigns a provisional decision (rule 10) or scrutinises one whose decider has an
    unavoidable interest or a dual role (rule 9): agrees, or says why not. One of each kind; never changed."""

    class Kind(models.TextChoices):
        COUNTERSIGN = "countersign", "Countersigning"
        SCRUTINY = "scrutiny", "Scrutiny"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_on = models.DateField()
    checked_at = models.DateTimeField()
    agrees = models.BooleanField()
    note = models.TextField(blank=True)

    personal_data = notes("id", "decision", "kind", checked_by="who checked", checked_on="when checked",
                          checked_at="when checked", agrees="judgement of a decision",
                          note="the checker's words")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "kind"], name="second_check_once_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=["countersign", "scrutiny"]), name="second_check_is_known"),
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(note=""), name="second_check_says_why_not"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of decision {self.decision_id}"
