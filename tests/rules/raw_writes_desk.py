"""Raw statements that what is written beside decisions forbids: notes in the evidence and next steps."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils import timezone

from assessment.domain.annotate import annotate
from assessment.domain.next_steps import agree, ask_about, write_next_step
from assessment.models import Annotation, NextStep
from portfolio.api import Submission
from tests.factories import make_opened, settle

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]
NOW = timezone.now()
NOTE = ("INSERT INTO assessment_annotation (ref, submission_id, version_id, text, \"where\", region, written_by_id, "
        "written_at) VALUES (%s, %s, %s, 'x', '', '', %s, %s)")  # fmt: skip
STEP = ("INSERT INTO assessment_nextstep (ref, submission_id, text, written_by_id, written_at, comment, agreed_at) "
        "VALUES (%s, %s, 'x', %s, %s, '', %s)")  # fmt: skip


def _desk(s: "State", *, released: bool) -> tuple[Submission, Annotation, NextStep]:
    submission, by = make_opened(s.world.registration, "1.7.a", title="At the desk"), s.world.assessor
    version = submission.items.get().versions.get()
    note = annotate(submission, version, text="Say when.", by=by, at=NOW)
    step = write_next_step(submission, text="Sit in on a review", by=by, at=NOW)
    if released:
        settle(submission, by=by)
    return submission, note, step


def _note(s: "State", *, released: bool = True) -> Annotation:
    return _desk(s, released=released)[1]


def _step(s: "State", *, released: bool = True) -> NextStep:
    return _desk(s, released=released)[2]


def _answered(s: "State", sql: str) -> Sql:
    step = _step(s)
    agree(step, by=s.world.trainee, at=NOW)
    ask_about(step, "Which one?", by=s.world.trainee, at=NOW)
    return sql, step.pk


DESK: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "desk: a note with a released submission": (
        "Notes", lambda s: (NOTE, uuid4().hex, (n := _note(s)).submission_id, n.version_id, s.world.assessor.pk, NOW)),
    "desk: a note on evidence of another submission": (
        "Notes", lambda s: (NOTE, uuid4().hex, _note(s, released=False).submission_id, s.decided.pk,
                            s.world.assessor.pk, NOW)),
    "desk: a released note rewritten": (
        "Notes", lambda s: ("UPDATE assessment_annotation SET text = 'x' WHERE id = %s", _note(s).pk)),
    "desk: a note moved to another submission": (
        "Notes", lambda s: ("UPDATE assessment_annotation SET submission_id = %s WHERE id = %s", s.waiting.pk,
                            _note(s, released=False).pk)),
    "desk: a released note taken away": (
        "Notes", lambda s: ("DELETE FROM assessment_annotation WHERE id = %s", _note(s).pk)),
    "desk: a next step with a released submission": (
        "Next steps", lambda s: (STEP, uuid4().hex, _step(s).submission_id, s.world.assessor.pk, NOW, None)),
    "desk: a next step that is born agreed": (
        "Next steps", lambda s: (STEP, uuid4().hex, _step(s, released=False).submission_id, s.world.assessor.pk, NOW,
                                 NOW)),
    "desk: a released next step rewritten": (
        "Next steps", lambda s: ("UPDATE assessment_nextstep SET text = 'x' WHERE id = %s", _step(s).pk)),
    "desk: a day given to a released next step": (
        "Next steps", lambda s: ("UPDATE assessment_nextstep SET due_on = '2030-01-01' WHERE id = %s", _step(s).pk)),
    "desk: a next step agreed before release": (
        "Next steps", lambda s: ("UPDATE assessment_nextstep SET agreed_at = %s WHERE id = %s", NOW,
                                 _step(s, released=False).pk)),
    "desk: an agreement taken back": (
        "Next steps", lambda s: _answered(s, "UPDATE assessment_nextstep SET agreed_at = NULL WHERE id = %s")),
    "desk: a question rewritten": (
        "Next steps", lambda s: _answered(s, "UPDATE assessment_nextstep SET comment = 'x' WHERE id = %s")),
    "desk: a released next step taken away": (
        "Next steps", lambda s: ("DELETE FROM assessment_nextstep WHERE id = %s", _step(s).pk)),
}  # fmt: skip
