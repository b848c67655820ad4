"""What a decision needs before it can be released (rules 6, 7, 21), each with its plain reason."""

from collections.abc import Collection

from assessment.models import Decision
from courses.framework.api import Criterion
from lms.common.errors import Refused
from portfolio.api import EvidenceVersion
from portfolio.kinds import Kind
from portfolio.policies import practice_needed, shows_practice


def why_unsound(code: str, decision: Decision, soundness: Collection[bool | None]) -> list[Refused]:
    """Rule 6: why a decision cannot be released: without rationale, resting on nothing, on evidence that has not been
    judged (None), or achieved on what is not sufficient, valid, authentic, current and reliable. `soundness`: whether
    all four tests hold, for each version it rests on."""
    achieved, found = decision.outcome == Decision.Outcome.ACHIEVED, []
    if not decision.rationale:
        found.append(Refused("rule-06-rationale", f"{code} needs a rationale: say what led you to the decision."))
    if achieved and not decision.sufficient:
        found.append(Refused("rule-06-sufficient", f"{code} is achieved only if the evidence is sufficient."))
    if not soundness:
        found.append(Refused("rule-06-rests-on", f"{code}: tick the evidence that the decision rests on."))
    if None in soundness:
        found.append(Refused("rule-06-unjudged", f"{code} rests on evidence that has not been judged yet."))
    if achieved and False in soundness:
        found.append(Refused("rule-06-unsound", f"{code} rests on evidence that is not valid, authentic, current "
                             "and reliable."))  # fmt: skip
    return found


def why_no_feedback(code: str, decision: Decision) -> Refused | None:
    """Rule 7: a referral without feedback; None when there is nothing to object to."""
    if decision.outcome != Decision.Outcome.REFERRED or decision.feedback:
        return None
    return Refused("rule-07-feedback", f"{code} needs feedback: say what to change.")


def why_not_achieved(criterion: Criterion, versions: list[EvidenceVersion]) -> list[Refused]:
    """Why a criterion cannot be achieved on these versions, whatever they say: evidence whose content was destroyed
    (rule 4), a document in the setting that no assessor has seen, or a skill without evidence of practice (rules 6, 21,
    22). Needs the criterion's outcome, and the versions' witness, attestation and tombstone."""
    code, outcome = criterion.code, criterion.outcome
    reasons = [
        Refused("rule-04-destroyed", f"{code} rests on evidence whose content was destroyed because a child could be "
                "recognised in it. Ask for new evidence.")
        for version in versions if version.is_destroyed
    ]  # fmt: skip
    reasons += [
        Refused("rule-06-not-seen", f"{code} rests on “{version.title}”, which is held in the setting. Record that you "
                "have seen it there first.")
        for version in versions if version.kind == Kind.HELD_IN_SETTING and not version.is_seen
    ]  # fmt: skip
    if outcome.kind == "skill" and not any(shows_practice(version, outcome, as_if_seen=True) for version in versions):
        also = ""
        if any(version.kind == Kind.WITNESS_TESTIMONY for version in versions):
            also = " The testimony here is not by an expert witness, so it is not enough alone."
        reasons.append(Refused("rule-21-practice", f"{code} is a skill. {practice_needed(outcome)}{also}"))
    return reasons
