"""What the database itself refuses about assessment (rules 2, 4, 6, 8, 9, 10, 18), even from a raw write."""

from lms.common import triggers
from portfolio.kinds import OWN_DEVELOPMENT, PRACTICE, Kind

INTEREST = "(i.resolved_at IS NULL OR i.outcome = 'stands_aside')"  # which keeps somebody from deciding
OPEN_INTEREST = f"""EXISTS (SELECT 1 FROM assessment_interestdeclaration i WHERE i.registration_id = NEW.registration_id
                    AND i.user_id = NEW.decider_id AND {INTEREST})"""
OBJECTED = """EXISTS (SELECT 1 FROM assessment_objection o WHERE o.registration_id = NEW.registration_id
              AND o.about_id = NEW.decider_id AND o.outcome <> 'not_upheld')"""
COPIES_DIFFER = """NOT EXISTS (SELECT 1 FROM courses_registration r WHERE r.id = NEW.registration_id
                   AND r.learner_id = NEW.learner_id)
                   OR NOT EXISTS (SELECT 1 FROM portfolio_submittedcriterion c WHERE c.submission_id = NEW.submission_id
                   AND c.registration_id = NEW.registration_id AND c.criterion_id = NEW.criterion_id)"""
for _event in ("INSERT", "UPDATE"):
    # Drafting and handing on; and when it comes to count, an interest may have been declared since.
    _becomes_live = "NEW.state <> 'superseded'"
    if _event == "UPDATE":
        _becomes_live = "(OLD.state = 'draft' OR (NEW.state = 'counts' AND OLD.state <> 'counts'))"
    triggers.refuse(
        "rule_08_no_open_interest", "assessment_decision", _event, when=f"{_becomes_live} AND {OPEN_INTEREST}",
        message="Rule 8: the decider has an open personal interest in this result.",
    )  # fmt: skip
    triggers.refuse(
        "rule_09_no_open_objection", "assessment_decision", _event, when=f"{_becomes_live} AND {OBJECTED}",
        message="Rule 9: the learner objects to this decider, and that is open or upheld.",
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
        "rationale", "feedback", "started_at", "decided_on", "needs_countersigning", "scrutiny_for", "dual_role",
        "always_sample",
    )
)  # fmt: skip
triggers.refuse(
    "rule_06_released_decision_stays", "assessment_decision", "UPDATE",
    when=f"""OLD.state <> 'draft' AND ({_WORDS} OR OLD.released_at <> NEW.released_at
             OR (OLD.released_at IS NOT NULL AND NEW.released_at IS NULL)
             OR NEW.state = 'draft' OR OLD.state = 'superseded'
             OR (NEW.state = 'provisional' AND OLD.state <> 'provisional')
             OR (NEW.state = 'pending_scrutiny' AND OLD.state NOT IN ('pending_scrutiny', 'provisional'))
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
            OR EXISTS (SELECT 1 FROM assessment_decisionversion d JOIN portfolio_tombstone t
                ON t.version_id = d.version_id WHERE d.decision_id = NEW.id)
            OR EXISTS (SELECT 1 FROM assessment_decisionversion d
                LEFT JOIN assessment_versionjudgement j ON j.version_id = d.version_id
                WHERE d.decision_id = NEW.id
                AND (j.id IS NULL OR NOT (j.valid AND j.authentic AND j.current AND j.reliable))))""",
    message="Rule 6: an achieved decision rests on evidence judged valid, authentic, current and reliable.",
)  # fmt: skip
# Rules 9 and 10: what a decision needs is written on it when it leaves the draft, and it counts when it has had it.
_HANDED_ON = "OLD.state = 'draft' AND NEW.state <> 'draft'"
_QUALIFIED = """EXISTS (SELECT 1 FROM lms_staffqualification q WHERE q.user_id = {user} AND q.kind = 'assessing'
    AND q.checked_at IS NOT NULL AND q.withdrawn_at IS NULL AND q.awarded_on <= {day}
    AND (q.expires_on IS NULL OR q.expires_on >= {day}))"""
_COUNTERSIGNING = """COALESCE((SELECT p.countersigning FROM courses_assessmentpolicy p
    JOIN courses_registration r ON r.qualification_id = p.qualification_id
    WHERE r.id = NEW.registration_id AND p.in_force_from <= NEW.saved_at
    ORDER BY p.in_force_from DESC, p.id DESC LIMIT 1), TRUE)"""
triggers.refuse(
    "rule_10_unqualified_is_countersigned", "assessment_decision", "UPDATE",
    when=f"""{_HANDED_ON} AND NOT NEW.needs_countersigning AND {_COUNTERSIGNING}
             AND NOT {_QUALIFIED.format(user='NEW.decider_id', day='NEW.decided_on')}""",
    message="Rule 10: a decision of an assessor who is not qualified yet is countersigned.",
)  # fmt: skip
triggers.refuse(
    "rule_09_unavoidable_interest_is_scrutinised", "assessment_decision", "UPDATE",
    when=f"""{_HANDED_ON} AND NEW.scrutiny_for = '' AND EXISTS (SELECT 1 FROM assessment_interestdeclaration i
             WHERE i.registration_id = NEW.registration_id AND i.user_id = NEW.decider_id
             AND i.outcome = 'unavoidable')""",
    message="Rule 9: somebody else confirms the decision of a person with an unavoidable interest.",
)  # fmt: skip
triggers.refuse(
    "rule_09_declared_dual_role_is_on_the_decision", "assessment_decision", "UPDATE",
    when=f"""{_HANDED_ON} AND NEW.dual_role = '' AND EXISTS (SELECT 1 FROM assessment_dualroledeclaration d
             WHERE d.registration_id = NEW.registration_id AND d.user_id = NEW.decider_id
             AND (d.supports OR d.teaches OR d.manages) AND NOT EXISTS (
                 SELECT 1 FROM assessment_dualroledeclaration l WHERE l.registration_id = d.registration_id
                 AND l.user_id = d.user_id AND l.id > d.id))""",
    message="Rule 9: a declared dual role stands on the decision, with the policy that applies.",
)  # fmt: skip
_CHECKED = (
    "EXISTS (SELECT 1 FROM assessment_secondcheck c WHERE c.decision_id = NEW.id AND c.kind = '{kind}' AND c.agrees)"
)
_COUNTERSIGNED, _SCRUTINISED = _CHECKED.format(kind="countersign"), _CHECKED.format(kind="scrutiny")
triggers.refuse(
    "rule_10_counts_when_countersigned", "assessment_decision", "UPDATE",
    when=f"""NEW.state IN ('counts', 'pending_scrutiny') AND OLD.state <> NEW.state AND NEW.needs_countersigning
             AND NOT {_COUNTERSIGNED}""",
    message="Rule 10: a provisional decision counts once it is countersigned.",
)  # fmt: skip
triggers.refuse(
    "rule_09_counts_when_scrutinised", "assessment_decision", "UPDATE",
    when=f"NEW.state = 'counts' AND OLD.state <> 'counts' AND NEW.scrutiny_for <> '' AND NOT {_SCRUTINISED}",
    message="Rule 9: a decision under scrutiny counts once somebody else has confirmed it.",
)  # fmt: skip
_CHECKER = """NOT EXISTS (SELECT 1 FROM assessment_decision d WHERE d.id = NEW.decision_id
    AND d.decider_id <> NEW.checked_by_id AND d.learner_id <> NEW.checked_by_id AND d.state = {state})
    OR EXISTS (SELECT 1 FROM assessment_decision d JOIN assessment_interestdeclaration i
        ON i.registration_id = d.registration_id WHERE d.id = NEW.decision_id AND i.user_id = NEW.checked_by_id
        AND (i.resolved_at IS NULL OR i.outcome <> 'cleared'))"""
triggers.refuse(
    "rule_10_countersigned_by_another_who_is_qualified", "assessment_secondcheck", "INSERT",
    when=f"""NEW.kind = 'countersign' AND ({_CHECKER.format(state="'provisional'")}
             OR NOT {_QUALIFIED.format(user='NEW.checked_by_id', day='NEW.checked_on')})""",
    message="Rule 10: a qualified assessor other than the decider countersigns.",
)  # fmt: skip
triggers.refuse(
    "rule_09_scrutinised_by_another_without_interest", "assessment_secondcheck", "INSERT",
    when=f"""NEW.kind = 'scrutiny' AND ({_CHECKER.format(state="'pending_scrutiny'")})""",
    message="Rule 9: a different person without interest scrutinises.",
)  # fmt: skip
triggers.refuse(
    "rule_09_second_check_stays", "assessment_secondcheck", "UPDATE DELETE", when="TRUE",
    message="Rules 9 and 10: a second check stays on record.",
)  # fmt: skip
for _table in ("dualrolepolicy", "dualroledeclaration"):
    triggers.refuse(
        f"rule_09_{_table}_stays", f"assessment_{_table}", "UPDATE DELETE", when="TRUE",
        message="Rule 9: policies and declarations on dual roles are never changed: a new one takes over.",
    )  # fmt: skip
triggers.refuse(
    "rule_09_objection_stays", "assessment_objection", "DELETE", when="TRUE",
    message="Rule 9: an objection stays on record.",
)  # fmt: skip
triggers.refuse(
    "rule_09_objection_stays", "assessment_objection", "UPDATE",
    when="""OLD.decided_at IS NOT NULL OR NEW.registration_id <> OLD.registration_id OR NEW.about_id <> OLD.about_id
            OR NEW.reason <> OLD.reason""",
    message="Rule 9: an objection stays on record.",
)  # fmt: skip
# Rule 4: what hides evidence now. `e` is the piece, `v` its version.
_HELD = """EXISTS (SELECT 1 FROM assessment_decisionversion d JOIN portfolio_evidenceversion v ON v.id = d.version_id
    JOIN portfolio_evidence e ON e.id = v.evidence_id JOIN courses_hold h ON h.subject = e.ref
    WHERE d.decision_id = NEW.id AND h.state IN ('open', 'replace') AND v.number <= h.through_number)"""
triggers.refuse(
    "rule_04_nothing_is_decided_on_hold", "assessment_decision", "UPDATE",
    when=f"NEW.state IN ('provisional', 'pending_scrutiny', 'counts') AND OLD.state <> NEW.state AND {_HELD}",
    message="Rule 4: nothing is decided on evidence that is on hold.",
)  # fmt: skip
triggers.refuse(
    "rule_04_decision_is_held_while_its_evidence_is", "assessment_decision", "UPDATE",
    when=f"OLD.is_held AND NOT NEW.is_held AND NEW.state = 'counts' AND {_HELD}",
    message="Rule 4: a decision does not count while evidence it rests on is on hold.",
)  # fmt: skip
# Rule 21, as portfolio.policies.shows_practice says it of each version that the decision rests on.
_ACHIEVED = f"{_HANDED_ON} AND NEW.outcome = 'achieved'"
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
            WHERE v.version_id = OLD.version_id
            AND (d.released_at IS NOT NULL OR d.state IN ('provisional', 'pending_scrutiny', 'counts')))""",
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
        AND i.user_id = NEW.judged_by_id AND (i.resolved_at IS NULL OR i.outcome = 'stands_aside'))))"""
triggers.refuse(
    "rule_08_judge_has_no_interest", "assessment_versionjudgement", "INSERT UPDATE", when=_OWN_OR_INTEREST,
    message="Rule 8: nobody judges their own work, or evidence in whose result they have an open interest.",
)  # fmt: skip
_INTEREST_OF = """EXISTS (SELECT 1 FROM portfolio_evidence e JOIN assessment_interestdeclaration i
    ON i.registration_id = e.registration_id
    WHERE e.id = {evidence} AND i.user_id = NEW.{user} AND (i.resolved_at IS NULL OR i.outcome = 'stands_aside'))"""
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
    when="""OLD.state = 'counts' AND NOT OLD.is_held AND (NEW.state <> 'counts' OR NEW.is_held) AND EXISTS (
            SELECT 1 FROM courses_criterionstatus s
            WHERE s.registration_id = OLD.registration_id AND s.criterion_id = OLD.criterion_id
            AND (s.achieved_decisions > 0 OR s.referred_decisions > 0))""",
    message="Rule 18: a decision stops counting after its criterion’s status has let go of it.",
)  # fmt: skip

for _event in ("INSERT", "UPDATE"):
    triggers.refuse(
        "rule_18_achieved_has_counting_decision", "courses_criterionstatus", _event,
        when="""NEW.achieved_decisions > 0 AND NOT EXISTS (SELECT 1 FROM assessment_decision d
                WHERE d.registration_id = NEW.registration_id AND d.criterion_id = NEW.criterion_id
                AND d.state = 'counts' AND d.outcome = 'achieved' AND NOT d.is_held)""",
        message="Rule 18: a criterion is achieved by a counting decision and by nothing else.",
    )  # fmt: skip
