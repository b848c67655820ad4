"""What the database itself refuses about assessment plans: what the trainee was asked and agreed to stays as it was."""

from lms.common import triggers

PLAN, LINE, TICKS = "assessment_assessmentplan", "assessment_plannedassessment", "assessment_plannedassessment_criteria"

triggers.refuse(
    "assessment_plan_begins_as_draft", PLAN, "INSERT", when="NEW.state <> 'draft'",
    message="An assessment plan begins as a draft.",
)  # fmt: skip
triggers.refuse(
    "assessment_plan_is_asked_before_agreed", PLAN, "UPDATE",
    when="OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'proposed')",
    message="An assessment plan is agreed or sent back after the trainee was asked.",
)  # fmt: skip
# What a proposed plan must say for each of its lines; a draft may lack any of it.
triggers.refuse(
    "assessment_plan_lacks_nothing", PLAN, "UPDATE",
    when=f"""OLD.state = 'draft' AND NEW.state = 'proposed' AND (
             NEW.proposed_at IS NULL OR NOT EXISTS (SELECT 1 FROM {LINE} l WHERE l.plan_id = NEW.id)
             OR EXISTS (SELECT 1 FROM {LINE} l WHERE l.plan_id = NEW.id AND (
                 l.what = '' OR l.method = '' OR l.due_on IS NULL
                 OR (l.is_visit AND (l.starts IS NULL OR l.place = ''))
                 OR NOT EXISTS (SELECT 1 FROM {TICKS} c WHERE c.plannedassessment_id = l.id))))""",
    message="Each line of a proposed plan says what, how, by when and for which criteria; a visit, when and where.",
)  # fmt: skip
_ANSWERED = "OLD.state IN ('agreed', 'sent_back')"
_WORDS = """NEW.registration_id <> OLD.registration_id OR NEW.number <> OLD.number OR NEW.ref <> OLD.ref
    OR NEW.reason <> OLD.reason OR NEW.written_by_id <> OLD.written_by_id OR NEW.written_at <> OLD.written_at
    OR NEW.proposed_at IS NULL OR NEW.proposed_at <> OLD.proposed_at"""
triggers.refuse(
    "assessment_plan_agreed_stays", PLAN, "UPDATE",
    when=f"{_ANSWERED} OR (OLD.state = 'proposed' AND (NEW.state NOT IN ('agreed', 'sent_back') OR {_WORDS}))",
    message="What the trainee was asked to agree stays as it is: a change is a new revision.",
)  # fmt: skip
triggers.refuse(
    "assessment_plan_agreed_stays", PLAN, "DELETE", when="OLD.state <> 'draft'",
    message="What the trainee was asked to agree stays as it is: a change is a new revision.",
)  # fmt: skip
_OPENED = f"EXISTS (SELECT 1 FROM {PLAN} p WHERE p.state <> 'draft' AND p.id IN ({{ids}}))"
_TICKED = f"""EXISTS (SELECT 1 FROM {LINE} l JOIN {PLAN} p ON p.id = l.plan_id
              WHERE p.state <> 'draft' AND l.id IN ({{ids}}))"""
for _event, _rows in {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}.items():
    for _name, _table, _when, _column in (
        ("assessment_plan_line_agreed_stays", LINE, _OPENED, "plan_id"),
        ("assessment_plan_criteria_agreed_stay", TICKS, _TICKED, "plannedassessment_id"),
    ):
        triggers.refuse(
            _name, _table, _event, when=_when.format(ids=", ".join(f"{row}.{_column}" for row in _rows)),
            message="What the trainee was asked to agree stays as it is: a change is a new revision.",
        )  # fmt: skip
