"""What stands between an assessor and a fair decision: personal interests, dual roles, and a learner's objection."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from courses.delivery.models import Allocation, Registration
from lms.accounts.models import Organisation
from lms.common.models import notes


class InterestDeclaration(models.Model):
    """A personal interest in a learner's result, declared by the person who has it (rule 8). While it is open they
    decide nothing for that learner. States: open -> resolved by the lead IQA: cleared (there is no interest any more),
    stands aside (another assessor decides), or unavoidable (they decide, and somebody else confirms: rule 9)."""

    class Kind(models.TextChoices):
        FAMILY = "family", "Family"
        EMPLOYMENT = "employment", "I employ them, or they employ me"
        MONEY = "money", "Money"
        FRIENDSHIP = "friendship", "Close friendship"

    class Outcome(models.TextChoices):
        CLEARED = "cleared", "There is no interest any more"
        STANDS_ASIDE = "stands_aside", "Another assessor decides"
        UNAVOIDABLE = "unavoidable", "It cannot be avoided: somebody else confirms each decision"

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="interests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    detail = models.TextField(blank=True)
    declared_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    resolution = models.TextField(blank=True)

    personal_data = notes(
        "id", registration="in whose result", user="who declared", kind="what relation", detail="their words",
        declared_at="when declared", resolved_at="when resolved", resolved_by="who resolved it",
        outcome="how it was resolved", resolution="the lead IQA's words",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "user", "kind"],
                condition=Q(resolved_at__isnull=True),
                name="interest_open_once_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, outcome="")
                | (Q(outcome__in=["cleared", "stands_aside", "unavoidable"]) & ~Q(resolution="")
                   & Q(resolved_by__isnull=False) & ~Q(resolved_by=F("user"))),
                name="rule_08_interest_resolved_by_another_with_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} interest of {self.user_id} in {self.registration_id}"


class DualRolePolicy(models.Model):
    """What an awarding organisation, or an authority for its own cohorts, allows to an assessor who also supports,
    teaches or manages the learner, tier by tier (rule 9). Rows are never changed: a new one takes over from its time.
    Where nothing is set, the pathway's defaults hold; an authority may only be stricter."""

    class Tier(models.TextChoices):
        FOUNDATION = "foundation", "Foundation"
        INTERMEDIATE = "intermediate", "Intermediate"
        ADVANCED = "advanced", "Advanced"

    class Rule(models.TextChoices):
        FORBID = "forbid", "Forbid"
        SECOND_SCRUTINY = "second_scrutiny", "Allow with second scrutiny"
        ALWAYS_SAMPLED = "always_sampled", "Allow, and always sample"
        ALLOW = "allow", "Allow"

    STRICTEST_FIRST = (Rule.FORBID, Rule.SECOND_SCRUTINY, Rule.ALWAYS_SAMPLED, Rule.ALLOW)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="dual_role_policies")
    tier = models.CharField(max_length=12, choices=Tier.choices)
    rule = models.CharField(max_length=16, choices=Rule.choices)
    national_award = models.BooleanField(default=False)
    in_force_from = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    personal_data = notes("id", "organisation", "tier", "rule", "national_award", "in_force_from",
                          set_by="who set it")  # fmt: skip

    class Meta:
        verbose_name_plural = "dual role policies"
        indexes = [models.Index(fields=["organisation", "tier", "-in_force_from"], name="dual_role_policy_now")]
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__in=["forbid", "second_scrutiny", "always_sampled", "allow"]),
                name="rule_09_policy_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}, {self.tier}: {self.rule}"


class DualRoleDeclaration(models.Model):
    """What an assessor says of their other roles towards a learner, each time they are allocated and yearly (rule 9):
    support, teaching, line management, or none of them. Shown to the learner. Never changed."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="declarations")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="dual_roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dual_roles")
    supports = models.BooleanField(default=False)
    teaches = models.BooleanField(default=False)
    manages = models.BooleanField(default=False)
    detail = models.TextField(blank=True)
    declared_at = models.DateTimeField()
    valid_until = models.DateField()

    personal_data = notes(
        "id", "allocation", "valid_until", registration="towards whom", user="who declared",
        supports="their other role", teaches="their other role", manages="their other role", detail="their words",
        declared_at="when declared",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["allocation", "-declared_at"], name="dual_role_declared_last")]

    def __str__(self) -> str:
        return f"{self.user_id} towards registration {self.registration_id}"

    @property
    def is_dual(self) -> bool:
        """Says that there is another role."""
        return self.supports or self.teaches or self.manages


class Objection(models.Model):
    """A learner objects to who assesses them. While it is open that person decides nothing for the learner. States:
    open -> upheld (they no longer assess this learner) | not upheld; by the lead IQA, with a reason for the learner."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "Upheld: another assessor decides"
        NOT_UPHELD = "not_upheld", "Not upheld"

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="objections")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    raised_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    personal_data = notes(
        "id", registration="who objects", about="to whom", reason="the learner's words", raised_at="when raised",
        outcome="how it was decided", answer="the lead IQA's words", decided_by="who decided",
        decided_at="when decided",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "about"], condition=Q(decided_at__isnull=True), name="objection_open_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, outcome="")
                | (Q(outcome__in=["upheld", "not_upheld"], decided_by__isnull=False) & ~Q(answer="")
                   & ~Q(decided_by=F("about"))),
                name="objection_decided_by_another_with_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Objection of registration {self.registration_id} to {self.about_id}"
