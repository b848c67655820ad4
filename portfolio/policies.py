"""Business facts about evidence and attempts."""

from collections import Counter
from collections.abc import Collection, Mapping

from courses.delivery.api import Allocation, Registration, is_allocated_to, works_with_learner
from courses.framework.api import AssessmentPolicy, Outcome
from lms.accounts.api import Role, User
from lms.common.errors import Refused

from .kinds import OWN_DEVELOPMENT, PRACTICE, Kind
from .models import AttemptGrant, Evidence, EvidenceFile, EvidenceVersion, SubmittedCriterion, Tombstone
from .visibility import on_hold


def check_owner(user: User, registration: Registration) -> None:
    """Only the learner changes their portfolio, and only while the registration is open. Raises Refused."""
    if registration.learner_id != user.pk:
        raise Refused("rule-01-owner", "Only the learner can change their portfolio.")
    if registration.state not in Registration.OPEN_STATES:
        raise Refused("registration-closed", f"Your registration is closed ({registration.get_state_display()}).")


def check_editable(version: EvidenceVersion) -> None:
    """Rule 2: only the latest draft is edited. A version that was taken back from its assessor after a newer one had
    been started is a draft again, but what the learner goes on with is the newer one. Raises Refused."""
    if version.binned_at:
        raise Refused("draft-binned", "This draft is in the bin. Take it out of the bin to go on with it.")
    if version.is_draft and not version.is_latest:
        raise Refused("draft-not-latest", "You took this version back and have a newer one. Change that one instead.")
    if not version.is_draft:
        raise Refused(
            "rule-02-frozen", "This evidence has been submitted, so it cannot be changed. Start a new version instead."
        )


def check_not_held(version: EvidenceVersion) -> None:
    """Rule 4: what is on hold stays as it was reported until the hold has ended, and what was destroyed stays
    destroyed. Raises Refused. Two queries."""
    if is_on_hold(version):
        raise Refused("rule-04-hold", "This is on hold: somebody has reported that a child may be recognised in it. "
                      "Leave it as it is until your centre has looked at it, or start a new version.")  # fmt: skip
    if Tombstone.objects.filter(version=version).exists():
        raise Refused("rule-04-destroyed", "What this version said was destroyed because a child could be recognised "
                      "in it. Start a new version.")  # fmt: skip


def is_on_hold(version: EvidenceVersion) -> bool:
    """Rule 4: somebody has reported that a child may be recognised in it, and nobody has settled it. One query."""
    return EvidenceVersion.objects.filter(on_hold(), pk=version.pk).exists()


def check_says(version: EvidenceVersion) -> None:
    """Rule 23: what a record of an assessor says is not its learner's to change. Raises Refused."""
    if version.is_recorded:
        raise Refused("rule-23-recorded", "Your assessor recorded this, so you cannot change what it says. You choose "
                      "the criteria and make the declarations.")  # fmt: skip


def check_may_record(user: User, registration: Registration) -> None:
    """Who records an observation, a testimony, a discussion or a witness, and who attests to a document: the
    assessor allocated today, who still holds the role and does not work with the learner. Raises Refused."""
    if registration.learner_id == user.pk:
        raise Refused("rule-22-own-work", "This is about your own work. Another person must record it.")
    if not user.has_role(Role.ASSESSOR) or not is_allocated_to(user, registration, Allocation.Role.ASSESSOR):
        raise Refused("rule-22-not-allocated", "You are not this trainee’s assessor now.")
    if works_with_learner(user, registration):
        raise Refused("rule-08-undeclared-interest", "Your records show that you work at this trainee’s setting. "
                      "Another assessor must do this.")  # fmt: skip
    if registration.state not in Registration.OPEN_STATES:
        raise Refused("registration-closed", f"The registration is closed ({registration.get_state_display()}).")


def shows_practice(version: EvidenceVersion, outcome: Outcome, *, as_if_seen: bool = False) -> bool:
    """Rule 21: the version alone is evidence of practice for a skill. A discussion has to be about the learner's own
    practice, a witness an expert (rule 22), a document held in the setting seen by an assessor; `as_if_seen` looks
    ahead to that. Needs the version's witness and attestation, and tells nothing about knowledge."""
    if outcome.about_own_development and version.kind in OWN_DEVELOPMENT:
        return True
    if version.kind == Kind.PROFESSIONAL_DISCUSSION:
        return version.own_practice
    if version.kind == Kind.WITNESS_TESTIMONY:
        return version.witness is not None and version.witness.is_expert
    if version.kind == Kind.HELD_IN_SETTING:
        return as_if_seen or version.is_seen
    return version.kind in PRACTICE


def practice_needed(outcome: Outcome, whose: str = "the trainee’s") -> str:
    """What a skill needs, in a sentence (rule 21)."""
    own = "a reflective account, the skills check, the CPD log, " if outcome.about_own_development else ""
    return (f"It needs evidence of practice, such as {own}an observation, something made or used at work, a discussion "
            f"about {whose} own practice or the testimony of an expert witness.")  # fmt: skip


def missing_before_submitting(version: EvidenceVersion, *, file_states: Collection[str], has_links: bool) -> list[str]:
    """Rules 1, 3, 23 and 24: what a version lacks, as codes in the order of the wizard's steps. `file_states`: those
    of its files; one that is being checked or was not taken stands in the way. Needs its links."""
    missing = []
    if not version.text.strip() and not file_states:
        missing.append("content")
    if version.kind == Kind.CERTIFICATE:
        missing += ["awarded-by"] * (not version.source) + ["awarded-on"] * (not version.happened_on)
    if version.kind == Kind.HELD_IN_SETTING:
        missing += ["kept-where"] * (not version.place) + ["kept-by"] * (not version.source)
    missing += ["file-checking"] * (EvidenceFile.State.CHECKING in file_states)
    missing += ["file-refused"] * (EvidenceFile.State.REFUSED in file_states)
    if not has_links:
        missing.append("criteria")
    elif version.kind == Kind.PROFESSIONAL_DISCUSSION and not all(link.has_place for link in version.links.all()):
        missing.append("reference")
    if not version.child_identity_declared_at:
        missing.append("child-identity")
    if not version.authenticity_declared_at:
        missing.append("true-record" if version.is_recorded else "authenticity")
    return missing


def attempts_left(registration: Registration, criterion_ids: list[int], policy: AssessmentPolicy,
                  made: Mapping[int, int] | None = None) -> dict[int, int]:  # fmt: skip
    """Rule 20: attempts still allowed by criterion id; empty when the awarding organisation sets no limit. `made`:
    attempts already made by criterion id, for a caller that has read them."""
    if policy.attempt_limit is None:
        return {}
    if made is None:
        used = SubmittedCriterion.objects.attempts().filter(registration=registration, criterion_id__in=criterion_ids)
        made = Counter(used.values_list("criterion_id", flat=True))
    granted = AttemptGrant.objects.filter(registration=registration, criterion_id__in=criterion_ids)
    more = Counter(granted.values_list("criterion_id", flat=True))
    return {pk: policy.attempt_limit - made.get(pk, 0) + more[pk] for pk in criterion_ids}


def owns(user: User, evidence: Evidence) -> bool:
    """It is their own evidence."""
    return evidence.registration.learner_id == user.pk


def may_add_files(user: User, version: EvidenceVersion) -> bool:
    """Its learner; for a record, the assessor who writes it, until it is signed (rule 23)."""
    if version.is_recorded:
        return version.recorded_by_id == user.pk and version.signed_at is None
    return owns(user, version.evidence)
