"""What the database itself refuses about notes in evidence and next steps: the learner reads them as they were
released, and answers only then."""

from lms.common import triggers

_OPEN = """EXISTS (SELECT 1 FROM portfolio_submission s WHERE s.id = {row}.submission_id AND s.opened_at IS NOT NULL
           AND s.released_at IS NULL AND s.handed_on_at IS NULL)"""
_OF_SUBMISSION = """EXISTS (SELECT 1 FROM portfolio_submittedversion v JOIN portfolio_submittedcriterion c
    ON c.id = v.item_id WHERE v.version_id = NEW.version_id AND c.submission_id = NEW.submission_id
    AND (NEW.criterion_id IS NULL OR c.criterion_id = NEW.criterion_id))"""
_DESTROYED = "EXISTS (SELECT 1 FROM portfolio_tombstone t WHERE t.version_id = OLD.version_id)"
# A file that goes with its tombstone takes itself out of the notes that point into it, and nothing else (rule 4).
_ONLY_FILE_GOES = "NEW.file_id IS NULL AND OLD.file_id IS NOT NULL AND NEW.text = OLD.text"
triggers.refuse(
    "desk_note_is_written_in_an_open_submission", "assessment_annotation", "INSERT",
    when=f"NOT {_OPEN.format(row='NEW')} OR NOT {_OF_SUBMISSION}",
    message="Notes: a note is written on evidence of a submission that is open at its assessor’s desk.",
)  # fmt: skip
triggers.refuse(
    "desk_note_stays_as_released", "assessment_annotation", "UPDATE",
    when=f"""NEW.submission_id <> OLD.submission_id OR NEW.version_id <> OLD.version_id
             OR NEW.written_by_id <> OLD.written_by_id
             OR (NOT {_OPEN.format(row='OLD')} AND NOT ({_ONLY_FILE_GOES}))""",
    message="Notes: what the learner reads in the evidence stays as it was released.",
)  # fmt: skip
triggers.refuse(
    "desk_note_stays_as_released", "assessment_annotation", "DELETE",
    when=f"NOT {_OPEN.format(row='OLD')} AND NOT {_DESTROYED}",
    message="Notes: what the learner reads in the evidence stays as it was released.",
)  # fmt: skip

_ANSWERED = (
    "(NEW.agreed_at IS NOT NULL OR NEW.commented_at IS NOT NULL OR NEW.comment <> '' OR NEW.done_at IS NOT NULL)"
)
_CHANGED = """(NEW.text <> OLD.text OR NEW.written_by_id <> OLD.written_by_id OR NEW.written_at <> OLD.written_at
    OR COALESCE(NEW.criterion_id, 0) <> COALESCE(OLD.criterion_id, 0)
    OR (NEW.due_on IS NULL) <> (OLD.due_on IS NULL) OR NEW.due_on <> OLD.due_on)"""
triggers.refuse(
    "desk_next_step_is_written_in_an_open_submission", "assessment_nextstep", "INSERT",
    when=f"NOT {_OPEN.format(row='NEW')} OR {_ANSWERED}",
    message="Next steps: one is written with a submission that is open at its assessor’s desk, and answered later.",
)  # fmt: skip
triggers.refuse(
    "desk_next_step_stays_as_released", "assessment_nextstep", "UPDATE",
    when=f"""NEW.submission_id <> OLD.submission_id OR (NOT {_OPEN.format(row='OLD')} AND {_CHANGED})
             OR (OLD.agreed_at IS NOT NULL AND (NEW.agreed_at IS NULL OR NEW.agreed_at <> OLD.agreed_at))
             OR (OLD.commented_at IS NOT NULL AND (NEW.commented_at IS NULL OR NEW.comment <> OLD.comment))""",
    message="Next steps: what was released and answered stays as it was.",
)  # fmt: skip
triggers.refuse(
    "desk_next_step_is_answered_after_release", "assessment_nextstep", "UPDATE",
    when=f"""{_ANSWERED} AND NOT EXISTS (SELECT 1 FROM portfolio_submission s WHERE s.id = NEW.submission_id
             AND s.released_at IS NOT NULL)""",
    message="Next steps: the learner answers one once it is released.",
)  # fmt: skip
triggers.refuse(
    "desk_next_step_stays_as_released", "assessment_nextstep", "DELETE", when=f"NOT {_OPEN.format(row='OLD')}",
    message="Next steps: what was released and answered stays as it was.",
)  # fmt: skip
