"""What the database itself refuses about evidence and submissions (rules 1-4, 20, 22, 23), even from a raw write."""

from lms.common import triggers


def _differ(*names: str) -> str:
    return " OR ".join(
        f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in names
    )


_SAID = ("evidence_id", "kind", "title", "text", "happened_on", "place", "minutes", "source", "own_practice",
         "witness_id", "recorded_by_id")  # fmt: skip
_DECLARED = ("number", "ai_used", "authenticity_declared_at", "child_identity_declared_at", "signed_at")
_RESTED_ON = """(EXISTS (SELECT 1 FROM portfolio_submittedversion s WHERE s.version_id = NEW.id)
                OR EXISTS (SELECT 1 FROM portfolio_attestation a WHERE a.version_id = NEW.id))"""
# Rule 4: the one change that submitted evidence may suffer is that its words go, on hold and with a tombstone.
_TOMB = "EXISTS (SELECT 1 FROM portfolio_tombstone t WHERE t.version_id = {version})"
_KEPT = ("evidence_id", "kind", "happened_on", "minutes", "own_practice", "witness_id", "recorded_by_id", "number",
         "authenticity_declared_at", "child_identity_declared_at", "signed_at", "submitted_at", "state", "created_at",
         "saved_at")  # fmt: skip
_EMPTIED = f"""({_TOMB.format(version="NEW.id")} AND NEW.text = '' AND NEW.ai_used = '' AND NOT ({_differ(*_KEPT)}))"""
FROZEN = "Rule 2: submitted evidence cannot be changed: a change makes a new version."
triggers.refuse(
    "rule_02_submitted_version_stays", "portfolio_evidenceversion", "UPDATE",
    when=f"""OLD.state <> 'draft' AND NOT {_EMPTIED} AND ({_differ(*_SAID, *_DECLARED)}
             OR (NEW.state = 'draft' AND (OLD.state = 'decided' OR {_RESTED_ON}))
             OR (NEW.state <> 'draft' AND {_differ("submitted_at")})
             OR (OLD.state = 'decided' AND NEW.state <> 'decided'))""",
    message=FROZEN,
)  # fmt: skip
triggers.refuse(
    "rule_02_submitted_version_stays", "portfolio_evidenceversion", "DELETE",
    when="OLD.state <> 'draft'", message=FROZEN,
)  # fmt: skip
triggers.refuse(
    "rule_23_signed_record_stays", "portfolio_evidenceversion", "UPDATE",
    when=f"""OLD.signed_at IS NOT NULL AND NEW.signed_at IS NOT NULL AND NOT {_EMPTIED}
             AND ({_differ(*_SAID, 'signed_at')})""",
    message="Rule 23: a signed record is fixed; its recorder may take the signature back while it is a draft.",
)  # fmt: skip
triggers.refuse(
    "rule_22_observer_is_expert", "portfolio_evidenceversion", "INSERT UPDATE",
    when="""NEW.signed_at IS NOT NULL AND NEW.kind = 'observation' AND EXISTS (SELECT 1 FROM portfolio_witness w
            WHERE w.id = NEW.witness_id AND NOT w.is_expert)""",
    message="Rule 22: who observes is the assessor or an expert witness.",
)  # fmt: skip
triggers.refuse(
    "rule_23_signed_record_has_content", "portfolio_evidenceversion", "UPDATE",
    when="""OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL AND NEW.text = '' AND NOT EXISTS (
            SELECT 1 FROM portfolio_evidencefile f WHERE f.version_id = NEW.id AND f.state = 'ready')""",
    message="Rule 23: a record is signed with a text or a file.",
)  # fmt: skip
for _event in ("INSERT", "UPDATE"):
    triggers.refuse(
        "rule_22_recorder_is_not_the_learner", "portfolio_evidenceversion", _event,
        when="""NEW.recorded_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM portfolio_evidence e
                JOIN courses_registration r ON r.id = e.registration_id
                WHERE e.id = NEW.evidence_id AND r.learner_id = NEW.recorded_by_id)""",
        message="Rule 22: nobody records an observation, a testimony or a discussion of their own.",
    )  # fmt: skip
    triggers.refuse(
        "rule_22_witness_is_of_this_learner", "portfolio_evidenceversion", _event,
        when="""NEW.witness_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM portfolio_evidence e
                JOIN portfolio_witness w ON w.registration_id = e.registration_id
                WHERE e.id = NEW.evidence_id AND w.id = NEW.witness_id)""",
        message="Rule 22: a witness testifies for the learner whose work they saw.",
    )  # fmt: skip
_LIVE = "EXISTS (SELECT 1 FROM portfolio_evidenceversion v WHERE v.id = {row}.version_id AND v.state <> 'draft')"
for _table in ("evidencefile", "evidencelink"):
    triggers.refuse(
        f"rule_02_{_table}_of_submitted_stays", f"portfolio_{_table}", "UPDATE DELETE",
        when=f"{_LIVE.format(row='OLD')} AND NOT {_TOMB.format(version='OLD.version_id')}", message=FROZEN,
    )  # fmt: skip
    triggers.refuse(
        f"rule_02_{_table}_of_submitted_stays", f"portfolio_{_table}", "INSERT",
        when=_LIVE.format(row="NEW"), message=FROZEN,
    )  # fmt: skip
triggers.refuse(
    "rule_02_rendition_of_submitted_stays", "portfolio_filerendition", "UPDATE DELETE",
    when="""EXISTS (SELECT 1 FROM portfolio_evidencefile f JOIN portfolio_evidenceversion v ON v.id = f.version_id
            WHERE f.id = OLD.file_id AND v.state <> 'draft'
            AND NOT EXISTS (SELECT 1 FROM portfolio_tombstone t WHERE t.version_id = v.id))""",
    message=FROZEN,
)  # fmt: skip
_ON_HOLD = """EXISTS (SELECT 1 FROM portfolio_evidenceversion v JOIN portfolio_evidence e ON e.id = v.evidence_id
    JOIN courses_hold h ON h.subject = e.ref WHERE v.id = {version} AND h.state IN ('open', 'replace')
    AND v.number <= h.through_number)"""
triggers.refuse(
    "rule_04_content_is_destroyed_on_hold_alone", "portfolio_tombstone", "INSERT",
    when=f"NOT {_ON_HOLD.format(version='NEW.version_id')}",
    message="Rule 4: content is destroyed only while it is on hold.",
)  # fmt: skip
triggers.refuse(
    "rule_04_tombstone_stays", "portfolio_tombstone", "UPDATE DELETE", when="TRUE",
    message="Rule 4: a tombstone stays on record.",
)  # fmt: skip
triggers.refuse(
    "rule_04_nothing_on_hold_is_submitted", "portfolio_evidenceversion", "UPDATE",
    when=f"OLD.state = 'draft' AND NEW.state <> 'draft' AND {_ON_HOLD.format(version='NEW.id')}",
    message="Rule 4: what is on hold is not submitted.",
)  # fmt: skip
_FILES = "SELECT 1 FROM portfolio_evidencefile f WHERE f.version_id = NEW.id AND f.state"
_LINKS = "SELECT 1 FROM portfolio_evidencelink l WHERE l.version_id = NEW.id"
_SUBMITTED = "OLD.state = 'draft' AND NEW.state <> 'draft'"
triggers.refuse(
    "rule_01_submitted_has_content_and_criterion", "portfolio_evidenceversion", "UPDATE",
    when=f"{_SUBMITTED} AND (NOT EXISTS ({_LINKS}) OR (NEW.text = '' AND NOT EXISTS ({_FILES} = 'ready')))",
    message="Rule 1: evidence is submitted with a criterion and with a text or a file.",
)  # fmt: skip
triggers.refuse(
    "rule_01_files_are_checked_before_submitting", "portfolio_evidenceversion", "UPDATE",
    when=f"{_SUBMITTED} AND EXISTS ({_FILES} <> 'ready')",
    message="Rule 1: evidence is submitted when each of its files has been checked and taken.",
)  # fmt: skip
triggers.refuse(
    "rule_23_discussion_refers_to_each_criterion", "portfolio_evidenceversion", "UPDATE",
    when=f"""{_SUBMITTED} AND NEW.kind = 'professional_discussion' AND EXISTS ({_LINKS}
             AND l."where" = '' AND l.file_id IS NULL AND l.paragraph IS NULL)""",
    message="Rule 23: a professional discussion says for each criterion where in the record it is met.",
)  # fmt: skip
triggers.refuse(
    "rule_01_evidence_begins_as_draft", "portfolio_evidenceversion", "INSERT", when="NEW.state <> 'draft'",
    message="Rule 1: evidence begins as a draft and is submitted with what rule 1 asks for.",
)  # fmt: skip
triggers.refuse(
    "rule_02_evidence_stays_with_its_learner", "portfolio_evidence", "UPDATE",
    when="NEW.registration_id <> OLD.registration_id OR NEW.ref <> OLD.ref", message=FROZEN,
)  # fmt: skip
SUBMITTED = "Rules 2 and 20: what was submitted, and how often, stays on record."
triggers.refuse(
    "rule_02_submission_stays", "portfolio_submission", "UPDATE",
    when=f"""{_differ("registration_id", "number", "submitted_at")} OR OLD.released_at IS NOT NULL
             OR OLD.withdrawn_at IS NOT NULL OR (OLD.opened_at IS NOT NULL AND {_differ("opened_at")})""",
    message=SUBMITTED,
)  # fmt: skip
triggers.refuse(
    "rule_20_attempt_stays", "portfolio_submittedcriterion", "UPDATE",
    when="NEW.submission_id <> OLD.submission_id OR NEW.registration_id <> OLD.registration_id "
         "OR NEW.criterion_id <> OLD.criterion_id OR NEW.attempt <> OLD.attempt OR (NEW.is_open AND NOT OLD.is_open)",
    message=SUBMITTED,
)  # fmt: skip
triggers.refuse(
    "rule_02_submitted_versions_stay", "portfolio_submittedversion", "UPDATE", when="TRUE", message=SUBMITTED
)
# What a withdrawn submission rested on is let go of, so that its versions can be drafts again.
triggers.refuse(
    "rule_20_submittedversion_stays", "portfolio_submittedversion", "DELETE",
    when="""NOT EXISTS (SELECT 1 FROM portfolio_submittedcriterion c JOIN portfolio_submission s
            ON s.id = c.submission_id WHERE c.id = OLD.item_id AND s.withdrawn_at IS NOT NULL)""",
    message=SUBMITTED,
)  # fmt: skip
for _table in ("submission", "submittedcriterion"):
    triggers.refuse(f"rule_20_{_table}_stays", f"portfolio_{_table}", "DELETE", when="TRUE", message=SUBMITTED)
triggers.refuse(
    "rule_20_grant_stays", "portfolio_attemptgrant", "UPDATE DELETE", when="TRUE",
    message="Rule 20: a granted attempt stays on record.",
)  # fmt: skip
triggers.refuse(
    "rule_22_witness_stays", "portfolio_witness", "UPDATE DELETE", when="TRUE",
    message="Rule 22: a witness stays on record as verified; a correction is a new witness.",
)  # fmt: skip
triggers.refuse(
    "rule_22_witness_is_recorded_by_another", "portfolio_witness", "INSERT",
    when="""EXISTS (SELECT 1 FROM courses_registration r WHERE r.id = NEW.registration_id
            AND r.learner_id = NEW.recorded_by_id)""",
    message="Rule 22: nobody verifies a witness of their own work.",
)  # fmt: skip
triggers.refuse(
    "rule_06_attestation_stays", "portfolio_attestation", "UPDATE DELETE", when="TRUE",
    message="Rule 6: an attestation stays on record.",
)  # fmt: skip
triggers.refuse(
    "rule_06_attestation_is_by_another", "portfolio_attestation", "INSERT",
    when="""NOT EXISTS (SELECT 1 FROM portfolio_evidenceversion v JOIN portfolio_evidence e ON e.id = v.evidence_id
            JOIN courses_registration r ON r.id = e.registration_id WHERE v.id = NEW.version_id
            AND v.kind = 'held_in_setting' AND v.state <> 'draft' AND r.learner_id <> NEW.seen_by_id)""",
    message="Rule 6: an assessor attests to a submitted document that is held in the setting.",
)  # fmt: skip
FINISHED = "A finished skills check stays as it is; a new one shows the change."
triggers.refuse(
    "skills_check_stays", "portfolio_skillscheck", "UPDATE DELETE", when="OLD.finished_at IS NOT NULL",
    message=FINISHED,
)  # fmt: skip
_FINISHED = """EXISTS (SELECT 1 FROM portfolio_skillscheck k WHERE k.id = {row}.check_of_id
               AND k.finished_at IS NOT NULL)"""
triggers.refuse(
    "skills_rating_stays", "portfolio_skillsrating", "UPDATE DELETE", when=_FINISHED.format(row="OLD"),
    message=FINISHED,
)  # fmt: skip
triggers.refuse(
    "skills_rating_stays", "portfolio_skillsrating", "INSERT", when=_FINISHED.format(row="NEW"), message=FINISHED
)
