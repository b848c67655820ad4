"""What the database itself refuses about assessment (rules 2, 6, 8, 18), even from a raw write."""

from lms.common import triggers
from portfolio.kinds import OWN_DEVELOPMENT, PRACTICE, Kind

OPEN_INTEREST = """EXISTS (SELECT 1 FROM assessment_interestdeclaration i WHERE i.registration_id = NEW.registration_id
                   AND i.user_id = NEW.decider_id AND i.resolved_at IS NULL)"""
COPIES_DIFFER = """NOT EXISTS (SELECT 1 FROM courses_registration r WHERE r.id = NEW.registration_id
                   AND r.learner_id = NEW.learner_id)
                   OR NOT EXISTS (SELECT 1 FROM portfolio_submittedcriterion c WHERE c.submission_id = NEW.submission_id
                   AND c.registration_id = NEW.registration_id AND c.criterion_id = NEW.criterion_id)"""
for _event in ("INSERT", "UPDATE"):
    _becomes_live = "NEW.state <> 'superseded'" if _event == "INSERT" else "OLD.state = 'draft'"
    triggers.refuse(
        "rule_08_no_open_interest", "assessment_decision", _event, when=f"{_becomes_live} AND {OPEN_INTEREST}",
        message="Rule 8: the decider has an open personal interest in this result.",
    )  # fmt: skip
    triggers.refuse(
        "rule_08_decision_copies_are_true", "assessment_decision", _event, when=COPIES_DIFFER,
        message="Rule 8: a decision names its submission’s registration, learner and criterion.",
    )  # fmt: skip
triggers.refuse(
    "rule_06_decision_begins_as_draft", "assessment_decision", "INSERT", when="NEW.state <> 'draft'",
    message="Rule 6: a decision begins as a draft and counts after its evidence has been judged.",
)  # fmt: skip
# What nobody has opened its learner may take back and change: nothing is judged or decided about it before.
_OPENED = "s.opened_at IS NOT NULL"
triggers.refuse(
    "rule_06_decided_after_opening", "assessment_decision", "INSERT",
    when=f"NOT EXISTS (SELECT 1 FROM portfolio_submission s WHERE s.id = NEW.submission_id AND {_OPENED})",
    message="Rule 6: a submission is decided after its assessor has opened it.",
)  # fmt: skip
triggers.refuse(
    "rule_06_judged_after_opening", "assessment_versionjudgement", "INSERT",
    when=f"""NOT EXISTS (SELECT 1 FROM portfolio_submittedversion v
             JOIN portfolio_submittedcriterion c ON c.id = v.item_id JOIN portfolio_submission s
             ON s.id = c.submission_id WHERE v.version_id = NEW.version_id AND {_OPENED})""",
    message="Rule 6: evidence is judged after an assessor has opened a submission that rests on it.",
)  # fmt: skip
_WORDS = " OR ".join(
    f"NEW.{name} <> OLD.{name}"
    for name in (
        "submission_id", "registration_id", "learner_id", "criterion_id", "decider_id", "outcome", "sufficient",
        "rationale", "feedback", "started_at", "released_at",
    )
)  # fmt: skip
triggers.refuse(
    "rule_06_released_decision_stays", "assessment_decision", "UPDATE",
    when=f"""OLD.state <> 'draft' AND ({_WORDS} OR NEW.state = 'draft' OR OLD.state = 'superseded'
             OR (NEW.state = 'counts' AND OLD.state NOT IN ('counts', 'provisional', 'pending_scrutiny')))""",
    message="Rule 6: a released decision is kept as it is; a new one supersedes it.",
)  # fmt: skip
triggers.refuse(
    "rule_06_released_decision_stays", "assessment_decision", "DELETE", when="OLD.state <> 'draft'",
    message="Rule 6: a released decision is kept as it is; a new one supersedes it.",
)  # fmt: skip
triggers.refuse(
    "rule_06_achieved_rests_on_sound_evidence", "assessment_decision", "UPDATE",
    when="""OLD.state = 'draft' AND NEW.state <> 'draft' AND NEW.outcome = 'achieved' AND (
            NOT EXISTS (SELECT 1 FROM assessment_decisionversion d WHERE d.decision_id = NEW.id)
            OR EXISTS (SELECT 1 FROM assessment_decisionversion d
                LEFT JOIN assessment_versionjudgement j ON j.version_id = d.version_id
                WHERE d.decision_id = NEW.id
                AND (j.id IS NULL OR NOT (j.valid AND j.authentic AND j.current AND j.reliable))))""",
    message="Rule 6: an achieved decision rests on evidence judged valid, authentic, current and reliable.",
)  # fmt: skip
# Rule 21, as portfolio.policies.shows_practice says it of each version that the decision rests on.
_ACHIEVED = "OLD.state = 'draft' AND NEW.state <> 'draft' AND NEW.outcome = 'achieved'"
_SEEN = "EXISTS (SELECT 1 FROM portfolio_attestation a WHERE a.version_id = v.id)"
_EXPERT = "EXISTS (SELECT 1 FROM portfolio_witness w WHERE w.id = v.witness_id AND w.is_expert)"


def _kinds(*kinds: str) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


_CONDITIONS = {Kind.PROFESSIONAL_DISCUSSION: "v.own_practice", Kind.WITNESS_TESTIMONY: _EXPERT,
               Kind.HELD_IN_SETTING: _SEEN}  # fmt: skip
_SHOWS_PRACTICE = " OR ".join([
    f"v.kind IN ({_kinds(*(kind for kind in PRACTICE if kind not in _CONDITIONS))})",
    *(f"(v.kind = '{kind}' AND {condition})" for kind, condition in _CONDITIONS.items()),
    f"(o.about_own_development AND v.kind IN ({_kinds(*OWN_DEVELOPMENT)}))",
])  # fmt: skip
triggers.refuse(
    "rule_21_skill_needs_practice", "assessment_decision", "UPDATE",
    when=f"""{_ACHIEVED} AND EXISTS (SELECT 1 FROM courses_criterion c JOIN courses_outcome o ON o.id = c.outcome_id
             WHERE c.id = NEW.criterion_id AND o.kind = 'skill' AND NOT EXISTS (
                 SELECT 1 FROM assessment_decisionversion d JOIN portfolio_evidenceversion v ON v.id = d.version_id
                 WHERE d.decision_id = NEW.id AND ({_SHOWS_PRACTICE})))""",
    message="Rule 21: a skill is achieved on evidence of practice.",
)  # fmt: skip
triggers.refuse(
    "rule_06_held_document_was_seen", "assessment_decision", "UPDATE",
    when=f"""{_ACHIEVED} AND EXISTS (SELECT 1 FROM assessment_decisionversion d
             JOIN portfolio_evidenceversion v ON v.id = d.version_id
             WHERE d.decision_id = NEW.id AND v.kind = 'held_in_setting' AND NOT {_SEEN})""",
    message="Rule 6: nothing is achieved on a document in the setting before an assessor has seen it.",
)  # fmt: skip

_RELEASED = "EXISTS (SELECT 1 FROM assessment_decision d WHERE d.id = {row}.decision_id AND d.state <> 'draft')"
_NOT_SUBMITTED = """NOT EXISTS (SELECT 1 FROM assessment_decision d
    JOIN portfolio_submittedcriterion c ON c.submission_id = d.submission_id AND c.criterion_id = d.criterion_id
    JOIN portfolio_submittedversion s ON s.item_id = c.id AND s.version_id = NEW.version_id
    WHERE d.id = NEW.decision_id)"""
triggers.refuse(
    "rule_06_what_a_decision_rests_on_stays", "assessment_decisionversion", "UPDATE DELETE",
    when=_RELEASED.format(row="OLD"), message="Rule 6: what a released decision rests on is kept.",
)  # fmt: skip
triggers.refuse(
    "rule_06_what_a_decision_rests_on_stays", "assessment_decisionversion", "INSERT",
    when=f"{_RELEASED.format(row='NEW')} OR {_NOT_SUBMITTED}",
    message="Rule 6: a decision rests on evidence submitted for its criterion.",
)  # fmt: skip
triggers.refuse(
    "rule_06_judgement_relied_on_stays", "assessment_versionjudgement", "UPDATE DELETE",
    when="""EXISTS (SELECT 1 FROM assessment_decisionversion v JOIN assessment_decision d ON d.id = v.decision_id
            WHERE v.version_id = OLD.version_id AND d.state <> 'draft')""",
    message="Rule 6: a judgement that a released decision rests on is kept.",
)  # fmt: skip
triggers.refuse(
    "rule_08_declaration_stays", "assessment_interestdeclaration", "DELETE", when="TRUE",
    message="Rule 8: a declared interest stays on record.",
)  # fmt: skip
triggers.refuse(
    "rule_08_declaration_stays", "assessment_interestdeclaration", "UPDATE",
    when="""OLD.resolved_at IS NOT NULL OR NEW.user_id <> OLD.user_id OR NEW.kind <> OLD.kind
            OR NEW.registration_id <> OLD.registration_id""",
    message="Rule 8: a declared interest stays on record.",
)  # fmt: skip

_OWN_OR_INTEREST = """EXISTS (SELECT 1 FROM portfolio_evidenceversion v
    JOIN portfolio_evidence e ON e.id = v.evidence_id JOIN courses_registration r ON r.id = e.registration_id
    WHERE v.id = NEW.version_id AND (r.learner_id = NEW.judged_by_id OR EXISTS (
        SELECT 1 FROM assessment_interestdeclaration i WHERE i.registration_id = r.id
        AND i.user_id = NEW.judged_by_id AND i.resolved_at IS NULL)))"""
triggers.refuse(
    "rule_08_judge_has_no_interest", "assessment_versionjudgement", "INSERT UPDATE", when=_OWN_OR_INTEREST,
    message="Rule 8: nobody judges their own work, or evidence in whose result they have an open interest.",
)  # fmt: skip
_INTEREST_OF = """EXISTS (SELECT 1 FROM portfolio_evidence e JOIN assessment_interestdeclaration i
    ON i.registration_id = e.registration_id
    WHERE e.id = {evidence} AND i.user_id = NEW.{user} AND i.resolved_at IS NULL)"""
triggers.refuse(
    "rule_08_recorder_has_no_interest", "portfolio_evidenceversion", "UPDATE",
    when=f"""OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL
             AND {_INTEREST_OF.format(evidence='NEW.evidence_id', user='recorded_by_id')}""",
    message="Rule 8: nobody signs a record for a learner in whose result they have an open interest.",
)  # fmt: skip
_VERSIONS_EVIDENCE = "(SELECT v.evidence_id FROM portfolio_evidenceversion v WHERE v.id = NEW.version_id)"
triggers.refuse(
    "rule_08_attester_has_no_interest", "portfolio_attestation", "INSERT",
    when=_INTEREST_OF.format(evidence=_VERSIONS_EVIDENCE, user="seen_by_id"),
    message="Rule 8: nobody attests for a learner in whose result they have an open interest.",
)  # fmt: skip
triggers.refuse(
    "rule_18_status_is_cleared_first", "assessment_decision", "UPDATE",
    when="""OLD.state = 'counts' AND NEW.state <> 'counts' AND EXISTS (SELECT 1 FROM courses_criterionstatus s
            WHERE s.registration_id = OLD.registration_id AND s.criterion_id = OLD.criterion_id
            AND (s.achieved_decisions > 0 OR s.referred_decisions > 0))""",
    message="Rule 18: a decision stops counting after its criterion’s status has let go of it.",
)  # fmt: skip

for _event in ("INSERT", "UPDATE"):
    triggers.refuse(
        "rule_18_achieved_has_counting_decision", "courses_criterionstatus", _event,
        when="""NEW.achieved_decisions > 0 AND NOT EXISTS (SELECT 1 FROM assessment_decision d
                WHERE d.registration_id = NEW.registration_id AND d.criterion_id = NEW.criterion_id
                AND d.state = 'counts' AND d.outcome = 'achieved')""",
        message="Rule 18: a criterion is achieved by a counting decision and by nothing else.",
    )  # fmt: skip
