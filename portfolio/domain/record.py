"""What an assessor records for a learner: observations, witness testimonies, professional discussions (rules 22, 23).

The record is its recorder's until it is signed; then it is the learner's to link, declare and submit, and what it says
is fixed. The recorder may take the signature back while it is a draft that was never submitted.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.conflicts import check_bases
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.kinds import RECORDED, Kind
from portfolio.models import Evidence, EvidenceFile, EvidenceVersion
from portfolio.policies import check_may_record, check_not_held

from .counts import refresh_evidence
from .held import let_go
from .write import Link, take_declarations_back, write_links

# What a recorder writes in a record, by any form.
TYPED = ("title", "text", "happened_on", "place", "minutes", "own_practice", "witness")


def start_record(registration: Registration, *, kind: str, title: str, criterion_ids: tuple[int, ...] = (),
                 ref: UUID | None = None, by: User, at: datetime) -> EvidenceVersion:  # fmt: skip
    """Starts a record of a learner's practice, seen by nobody but its recorder until it is signed. `ref`: its name, if
    it has one already (from_device). Refused for kinds that the learner writes, without a title, and for anybody but
    the learner's assessor (check_may_record)."""
    if kind not in RECORDED:
        raise Refused("record-kind", "Choose what you want to record.")
    if not title.strip():
        raise Refused("evidence-title", "Give the record a title.")
    with transaction.atomic():
        registration = lock_registration(registration.pk)
        check_may_record(by, registration)
        evidence = Evidence.objects.create(registration=registration, created_at=at, ref=ref or uuid4())
        version = EvidenceVersion.objects.create(
            evidence=evidence, number=1, kind=kind, title=title.strip()[:160], recorded_by=by,
            own_practice=kind == Kind.PROFESSIONAL_DISCUSSION, created_at=at, saved_at=at,
        )  # fmt: skip
        write_links(registration, version, [Link(pk) for pk in criterion_ids])
        _record(version, Action.EVIDENCE_CREATED, by, at, kind=kind)
    return version


def save_record(version: EvidenceVersion, *, by: User, at: datetime, bases: Mapping[str, str] | None = None,
                links: list[Link] | None = None, **typed: object) -> EvidenceVersion:  # fmt: skip
    """Saves what the recorder wrote: any of TYPED, and the criteria with where each is met; what is not named stays,
    and so does a title left empty. Never refused for what is missing: signing is. Raises EditedElsewhere when the text
    was changed since the form with these `bases` was shown (lms.common.conflicts)."""
    unknown = typed.keys() - set(TYPED)
    if unknown:
        raise TypeError(f"A record has no {', '.join(sorted(unknown))}")
    title = str(typed.pop("title", "") or "").strip()[:160]
    if title:
        typed["title"] = title
    with transaction.atomic():
        row = locked_record(version, by)
        if any(getattr(row, name) != value for name, value in typed.items()):
            check_bases({"text": row.text}, {"text": cast("str | None", typed.get("text"))}, bases or {})
            for name, value in typed.items():
                setattr(row, name, value)
            row.saved_at = at
            row.save()
        if links is not None and write_links(row.evidence.registration, row, links):
            EvidenceVersion.objects.filter(pk=row.pk).update(saved_at=at)
    return row


def locked_record(version: EvidenceVersion, by: User, *, signed: bool = False) -> EvidenceVersion:
    """The version, locked with its registration and read afresh, if `by` records it, is still the learner's assessor,
    and it waits for a signature (`signed`: has one and was never submitted). Raises Refused."""
    registration_id = Evidence.objects.values_list("registration_id", flat=True).get(pk=version.evidence_id)
    registration = lock_registration(registration_id)
    row = EvidenceVersion.objects.select_related("evidence", "witness").get(pk=version.pk)
    row.evidence.registration = registration
    if row.recorded_by_id != by.pk:
        raise Refused("record-recorder", "Only the person who records this can change it.")
    check_may_record(by, registration)
    if not row.is_draft or row.number > 1:
        raise Refused("rule-02-frozen", "This record has been submitted, so it stays as it is. Make a new record.")
    if signed and not row.signed_at:
        raise Refused("record-unsigned", "This record is not signed.")
    if row.signed_at and not signed:
        raise Refused("rule-23-signed", "You have signed this record. Take your signature back to change it.")
    check_not_held(row)
    return row


def sign_record(version: EvidenceVersion, *, by: User, at: datetime) -> EvidenceVersion:
    """The recorder signs: what the record says is fixed, and it is the learner's to link, declare and submit. The
    learner is told. Raises SeveralRefused with everything that is missing, each with where it is mended."""
    with transaction.atomic():
        row = locked_record(version, by)
        lacks = missing_before_signing(row, at=at)
        if lacks:
            raise SeveralRefused(lacks)
        row.signed_at = row.saved_at = at
        row.save()
        _refresh(row)
        _record(row, Action.EVIDENCE_SIGNED, by, at, kind=row.kind)
        _tell(row, f"{by.name} has signed a record of your work: {row.get_kind_display().lower()}", at)
    return row


def missing_before_signing(version: EvidenceVersion, *, at: datetime) -> list[Refused]:
    """What a record lacks before it can be signed (rules 22, 23), each with the field where it is mended. Needs the
    witness."""
    lacks: list[tuple[str, str, str]] = []
    observation = version.kind == Kind.OBSERVATION
    if version.kind == Kind.WITNESS_TESTIMONY and version.witness is None:
        lacks.append(("rule-22-witness", "Say who the witness is.", "witness"))
    if observation and version.witness is not None and not version.witness.is_expert:
        lacks.append(("rule-22-observer", f"{version.witness.name} is not an expert witness. Only the assessor or an "
                      "expert witness observes. Anybody else’s words can be a witness testimony.",
                      "witness"))  # fmt: skip
    if not version.happened_on:
        lacks.append(("rule-23-date", "Say on which day it was.", "happened_on_0"))
    elif version.happened_on > timezone.localtime(at).date():
        lacks.append(("rule-23-date", "The day must be today or in the past.", "happened_on_0"))
    if observation and not version.place:
        lacks.append(("rule-23-setting", "Say in which setting it was.", "place"))
    if observation and not version.minutes:
        lacks.append(("rule-23-duration", "Say how many minutes you observed.", "minutes"))
    return [Refused(code, words, fix_url=_place(version, field)) for code, words, field in [*lacks, *_content(version)]]


def _content(version: EvidenceVersion) -> list[tuple[str, str, str]]:
    states = list(version.files.values_list("state", flat=True))
    if EvidenceFile.State.REFUSED in states:
        return [("rule-23-file", "A file was not taken. Remove it, or choose another.", "files-title")]
    if EvidenceFile.State.CHECKING in states:
        return [("rule-23-file", "A file is still being checked. Wait a moment, then sign.", "files-title")]
    if not version.text.strip() and not states:
        return [("rule-23-content", "Write what was seen or said, or add a file.", "text")]
    return []


def _place(version: EvidenceVersion, field: str) -> str:
    place = field if field == "files-title" else f"id_{field}"
    return f"{reverse('assessment:record', args=[version.evidence.ref])}#{place}"


def take_back_signature(version: EvidenceVersion, *, by: User, at: datetime) -> EvidenceVersion:
    """The recorder takes the signature back, to mend the record: it is theirs alone again, the learner's declarations
    for it go, and the learner is told. Refused once the learner has submitted it."""
    with transaction.atomic():
        row = locked_record(version, by, signed=True)
        row.signed_at, row.saved_at = None, at
        take_declarations_back(row)
        row.save()
        _refresh(row)
        _record(row, Action.EVIDENCE_UNSIGNED, by, at)
        kind = row.get_kind_display().lower()
        tell(row.evidence.registration.learner, "record", f"{by.name} has taken back a record of your work to change "
             f"it: {kind}", url=reverse("portfolio:evidence_list"), at=at)  # fmt: skip
    return row


def discard_record(version: EvidenceVersion, *, by: User, at: datetime) -> None:
    """Deletes a record that was not signed, with its files, for good."""
    with transaction.atomic():
        row = locked_record(version, by)
        _record(row, Action.EVIDENCE_DISCARDED, by, at, number=row.number)
        let_go(row.files.all())
        evidence = row.evidence
        row.delete()
        evidence.delete()


def _refresh(version: EvidenceVersion) -> None:
    refresh_evidence(version.evidence.registration_id, set(version.links.values_list("criterion_id", flat=True)))


def _tell(version: EvidenceVersion, words: str, at: datetime) -> None:
    learner = version.evidence.registration.learner
    tell(learner, "record", words, url=reverse("portfolio:evidence", args=[version.evidence.ref]), at=at)


def _record(version: EvidenceVersion, action: Action, by: User, at: datetime, **changes: object) -> None:
    record(
        registration_stream(version.evidence.registration_id), action, by=by, role="assessor", at=at,
        subject=f"evidence:{version.evidence_id}/{version.number}", changes=dict(changes),
    )  # fmt: skip
