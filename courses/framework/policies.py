"""The awarding organisation's assessment policy, and changing it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from lms.accounts.models import User
from lms.audit.api import Action, record, stream_of

from .models import AssessmentPolicy, Qualification

SETTINGS = ("attempt_limit", "list_minimums", "decision_days", "countersigning", "working_towards_months",
            "occupational_competence", "ai_use")  # fmt: skip
AI_USE = (
    "You may use an AI tool to look things up or to check spelling. The work, the examples and the reflection must be "
    "your own, and you say where you used AI."
)


def policy_of(qualification_id: int, *, at: datetime) -> AssessmentPolicy:
    """The policy in force at a time. A qualification without one has the product's defaults: no attempt limit,
    every item of every list, 14 days to decide, countersigning (rule 10), no limit on working towards (rule 11)."""
    policy = (
        AssessmentPolicy.objects.filter(qualification_id=qualification_id, in_force_from__lte=at)
        .order_by("-in_force_from", "-pk")
        .first()
    )
    return policy or AssessmentPolicy(qualification_id=qualification_id, in_force_from=at, ai_use=AI_USE)


def set_policy(qualification: Qualification, *, by: User | None, at: datetime, **values: Any) -> AssessmentPolicy:
    """Sets the policy from now on; what is not named stays as it was. The old row is kept as history.

    Raises TypeError for a setting that does not exist: a slip must not look as if it had been taken.
    """
    unknown = set(values) - set(SETTINGS)
    if unknown:
        raise TypeError(f"The assessment policy has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        Qualification.objects.select_for_update().get(pk=qualification.pk)
        now = policy_of(qualification.pk, at=at)
        merged = {name: values.get(name, getattr(now, name)) for name in SETTINGS}
        policy = AssessmentPolicy.objects.create(qualification=qualification, in_force_from=at, set_by=by, **merged)
        record(
            stream_of("organisation", qualification.awarding_organisation_id), Action.POLICY_SET, by=by,
            role="awarding_organisation", subject=f"qualification:{qualification.pk}", at=at,
            changes={name: getattr(policy, name) for name in SETTINGS if name != "ai_use"},
        )  # fmt: skip
    return policy
