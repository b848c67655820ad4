"""Business facts about evidence and attempts."""

from collections import Counter
from collections.abc import Mapping

from courses.delivery.api import Registration
from courses.framework.api import AssessmentPolicy
from lms.accounts.api import User
from lms.common.errors import Refused

from .models import AttemptGrant, Evidence, EvidenceVersion, SubmittedCriterion


def check_owner(user: User, registration: Registration) -> None:
    """Only the learner changes their portfolio, and only while the registration is open. Raises Refused."""
    if registration.learner_id != user.pk:
        raise Refused("rule-01-owner", "Only the learner can change their portfolio.")
    if registration.state not in Registration.OPEN_STATES:
        raise Refused("registration-closed", f"Your registration is closed ({registration.get_state_display()}).")


def check_editable(version: EvidenceVersion) -> None:
    """Rule 2: only the latest draft is edited. Raises Refused."""
    if version.binned_at:
        raise Refused("draft-binned", "This draft is in the bin. Take it out of the bin to go on with it.")
    if not version.is_draft or not version.is_latest:
        raise Refused(
            "rule-02-frozen", "This evidence has been submitted, so it cannot be changed. Start a new version instead."
        )


def missing_before_submitting(version: EvidenceVersion, *, has_files: bool, has_links: bool) -> list[str]:
    """Rules 1 and 3: what a version lacks, as codes in the order of the wizard's steps."""
    missing = []
    if not version.text.strip() and not has_files:
        missing.append("content")
    if not has_links:
        missing.append("criteria")
    if not version.child_identity_declared_at:
        missing.append("child-identity")
    if not version.authenticity_declared_at:
        missing.append("authenticity")
    return missing


def attempts_left(registration: Registration, criterion_ids: list[int], policy: AssessmentPolicy,
                  made: Mapping[int, int] | None = None) -> dict[int, int]:  # fmt: skip
    """Rule 20: attempts still allowed by criterion id; empty when the awarding organisation sets no limit. `made`:
    attempts already made by criterion id, for a caller that has read them."""
    if policy.attempt_limit is None:
        return {}
    if made is None:
        used = SubmittedCriterion.objects.filter(registration=registration, criterion_id__in=criterion_ids)
        made = Counter(used.values_list("criterion_id", flat=True))
    granted = AttemptGrant.objects.filter(registration=registration, criterion_id__in=criterion_ids)
    more = Counter(granted.values_list("criterion_id", flat=True))
    return {pk: policy.attempt_limit - made.get(pk, 0) + more[pk] for pk in criterion_ids}


def owns(user: User, evidence: Evidence) -> bool:
    """It is their own evidence."""
    return evidence.registration.learner_id == user.pk
