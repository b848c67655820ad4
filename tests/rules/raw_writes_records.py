"""Raw statements that the rules on records, witnesses, documents in the setting and practice forbid (6, 8, 21-23)."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from portfolio.api import EvidenceVersion
from portfolio.domain.attest import attest
from portfolio.models import EvidenceFile
from tests.factories import (
    decide_all,
    link_and_declare,
    make_draft,
    make_held,
    make_ready_evidence,
    make_record,
    make_witness,
    opened,
    submit,
)
from tests.helpers import COUNT

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]
NOW = timezone.now()
Kind = EvidenceVersion.Kind
ATTESTATION = "INSERT INTO portfolio_attestation (version_id, seen_by_id, seen_on, place, note, attested_at) VALUES (%s, %s, %s, 'Office', 'x', %s)"  # noqa: E501


def _unsigned(s: "State", kind: str = Kind.OBSERVATION, **fields: Any) -> EvidenceVersion:
    return make_record(s.world.registration, kind, by=fields.pop("by", s.world.assessor), sign=False, **fields)


def _signing(s: "State", kind: str = Kind.OBSERVATION, **fields: Any) -> Sql:
    return ("UPDATE portfolio_evidenceversion SET signed_at = %s WHERE id = %s", NOW, _unsigned(s, kind, **fields).pk)


def _submitting(version: EvidenceVersion) -> Sql:
    return ("UPDATE portfolio_evidenceversion SET state = 'submitted', submitted_at = %s WHERE id = %s", NOW,
            version.pk)  # fmt: skip


def _achieving(s: "State", version: EvidenceVersion, code: str) -> Sql:
    submission = opened(submit(s.world.registration, code), by=s.world.assessor)
    decide_all(submission, by=s.world.assessor)
    return (f"{COUNT} WHERE submission_id = %s", NOW, submission.pk)


def _written(s: "State", code: str) -> EvidenceVersion:
    return make_ready_evidence(s.world.registration, code, kind=Kind.CASE_STUDY)


def _held(s: "State", *, seen: bool = False) -> EvidenceVersion:
    version = make_held(s.world.registration, "3.1")
    submit(s.world.registration, "3.1")
    if seen:
        attest(version, seen_on=timezone.localdate(), place="Office", note="A plan.", by=s.world.assessor, at=NOW)
    return version


def _attesting(version: EvidenceVersion, by: Any) -> Sql:
    return (ATTESTATION, version.pk, by.pk, (NOW - timedelta(days=1)).date().isoformat(), NOW)


def _with_file(s: "State", state: str) -> EvidenceVersion:
    version = make_draft(s.world.registration, "1.3")
    problem = "It was empty." if state == "refused" else ""
    checked_at = NOW if state == "refused" else None
    EvidenceFile.objects.create(version=version, name="n", size=1, sha256="", added_at=NOW, state=state,
                                problem=problem, checked_at=checked_at)  # fmt: skip
    return link_and_declare(version, "1.3")


def _witness(s: "State", *, expert: bool = True) -> Any:
    return make_witness(s.world.registration, by=s.world.assessor, expert=expert)


RECORDS: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "1: evidence with a file that is still being checked": (
        "Rule 1", lambda s: _submitting(_with_file(s, "checking"))),
    "1: evidence with a file that was not taken": ("Rule 1", lambda s: _submitting(_with_file(s, "refused"))),
    "6: achieved on a document that nobody has seen": (
        "Rule 6", lambda s: _achieving(s, make_held(s.world.registration, "3.1"), "3.1")),
    "6: an attestation rewritten": (
        "Rule 6", lambda s: ("UPDATE portfolio_attestation SET note = 'x' WHERE version_id = %s",
                             _held(s, seen=True).pk)),
    "6: an attestation taken away": (
        "Rule 6", lambda s: ("DELETE FROM portfolio_attestation WHERE version_id = %s", _held(s, seen=True).pk)),
    "6: an attestation by the learner": ("Rule 6", lambda s: _attesting(_held(s), s.world.trainee)),
    "6: an attestation of a draft": (
        "Rule 6", lambda s: _attesting(make_held(s.world.registration, "3.1"), s.world.assessor)),
    "6: an attestation of another kind": ("Rule 6", lambda s: _attesting(s.submitted, s.world.assessor)),
    "8: an attestation by somebody with an open interest": (
        "Rule 8", lambda s: _attesting(_held(s), s.world.second_assessor)),
    "8: a record signed by somebody with an open interest": (
        "Rule 8", lambda s: _signing(s, by=s.world.second_assessor)),
    "21: a skill achieved on what was only written": (
        "Rule 21", lambda s: _achieving(s, _written(s, "4.2.a"), "4.2.a")),
    "22: an observation by a witness who is no expert": (
        "Rule 22", lambda s: _signing(s, witness=_witness(s, expert=False))),
    "22: a record by the learner": (
        "Rule 22", lambda s: ("UPDATE portfolio_evidenceversion SET recorded_by_id = %s WHERE id = %s",
                              s.world.trainee.pk, _unsigned(s).pk)),
    "22: a witness of another learner": (
        "Rule 22", lambda s: ("UPDATE portfolio_evidenceversion SET witness_id = %s WHERE id = %s",
                              make_witness(s.world.other_registration, by=s.world.area_senco).pk, _unsigned(s).pk)),
    "22: a witness rewritten": (
        "Rule 22", lambda s: ("UPDATE portfolio_witness SET knows_unit = FALSE WHERE id = %s", _witness(s).pk)),
    "22: a witness taken away": ("Rule 22", lambda s: ("DELETE FROM portfolio_witness WHERE id = %s", _witness(s).pk)),
    "22: a witness verified by the learner": (
        "Rule 22", lambda s: (
            "INSERT INTO portfolio_witness (ref, registration_id, name, job, workplace, knows_unit, is_competent, "
            "has_assessing_qualification, evaluates_staff, verified_how, recorded_by_id, recorded_at) SELECT "
            "'00000000000000000000000000000001', registration_id, name, job, workplace, TRUE, TRUE, TRUE, TRUE, 'x', "
            "%s, recorded_at FROM portfolio_witness WHERE id = %s", s.world.trainee.pk, _witness(s).pk)),
    "23: the words of a signed record": (
        "Rule 23", lambda s: ("UPDATE portfolio_evidenceversion SET text = 'x' WHERE id = %s",
                              make_record(s.world.registration, by=s.world.assessor).pk)),
    "23: a record without a text or a file": ("Rule 23", lambda s: _signing(s, text="")),
    "23: a discussion that does not say where a criterion is met": (
        "Rule 23", lambda s: _submitting(link_and_declare(
            make_record(s.world.registration, Kind.PROFESSIONAL_DISCUSSION, by=s.world.assessor), "1.3", where=""))),
}  # fmt: skip
