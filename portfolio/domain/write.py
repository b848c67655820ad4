"""Writing evidence: start, save, link, declare, start a new version, delete a draft (rules 1-3)."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from courses.delivery.api import Registration, lock_registration, registration_stream
from courses.framework.api import Criterion
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from portfolio import files
from portfolio.models import Evidence, EvidenceFile, EvidenceLink, EvidenceVersion, FileRendition
from portfolio.policies import check_editable, check_owner

from .counts import refresh_evidence


@dataclass(frozen=True)
class Link:
    """A criterion that a version proves: where in it, in words and by a locator, and why (EvidenceLink)."""

    criterion_id: int
    where: str = ""
    why: str = ""
    file_id: int | None = None
    paragraph: int | None = None
    page: int | None = None
    start_seconds: int | None = None
    end_seconds: int | None = None
    region: str = ""

    @classmethod
    def of(cls, row: EvidenceLink) -> "Link":
        """What a saved link says."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})

    def cleaned(self) -> "Link":
        """Without spaces around what was typed, and no longer than is kept."""
        return replace(self, where=self.where.strip()[:160], why=self.why.strip())


def start_evidence(registration: Registration, *, kind: str, title: str, criterion_ids: tuple[int, ...] = (),
                   by: User, at: datetime) -> EvidenceVersion:  # fmt: skip
    """Starts a piece of evidence as a draft, linked to criteria already if they are known."""
    _check_title(title, kind)
    with transaction.atomic():
        registration = lock_registration(registration.pk)
        check_owner(by, registration)
        evidence = Evidence.objects.create(registration=registration, created_at=at)
        version = EvidenceVersion.objects.create(
            evidence=evidence, number=1, kind=kind, title=title.strip()[:160], created_at=at, saved_at=at
        )
        _write_links(registration, version, [Link(pk) for pk in criterion_ids])
        _record(version, registration, Action.EVIDENCE_CREATED, by, at, kind=kind)
    return version


# What a learner writes in a draft, by any form.
TYPED = ("kind", "title", "text", "happened_on", "place", "minutes", "source", "own_practice", "witness")


def save_draft(version: EvidenceVersion, *, by: User, at: datetime, **typed: object) -> EvidenceVersion:
    """Saves what was typed: any of TYPED; what is not named stays as it is, and so does a title left empty. Never
    refused for what is missing (rule 1), only for what is submitted already (rule 2) or recorded by another. A change
    takes the declarations back: they were made for what the version said."""
    unknown = typed.keys() - set(TYPED)
    if unknown:
        raise TypeError(f"A draft has no {', '.join(sorted(unknown))}")
    title = str(typed.pop("title", "") or "").strip()[:160]
    if title:
        typed["title"] = title
    with transaction.atomic():
        row = _locked_draft(version, by)
        if all(getattr(row, name) == value for name, value in typed.items()):
            return row
        for name, value in typed.items():
            setattr(row, name, value)
        row.saved_at = at
        row.revision += 1
        _take_declarations_back(row)
        row.save()
    return row


def set_links(version: EvidenceVersion, links: list[Link], *, by: User, at: datetime) -> EvidenceVersion:
    """Sets the criteria that a draft proves, with where and why. Refused for a criterion of another framework."""
    with transaction.atomic():
        row = _locked_draft(version, by)
        registration = row.evidence.registration
        if _write_links(registration, row, links):
            row.saved_at = at
            _take_declarations_back(row)
            row.save()
    return row


def declare(version: EvidenceVersion, *, authentic: bool, no_child_identified: bool, ai_used: str, by: User,
            at: datetime) -> EvidenceVersion:  # fmt: skip
    """Makes or takes back the two declarations for what this version says now (rules 1 and 3). Declaring the same
    again changes nothing: the first time stands."""
    with transaction.atomic():
        row = _locked_draft(version, by)
        said = (bool(row.authenticity_declared_at), bool(row.child_identity_declared_at), row.ai_used)
        if said == (authentic, no_child_identified, ai_used.strip()):
            return row
        row.ai_used = ai_used.strip()
        row.authenticity_declared_at = at if authentic else None
        row.child_identity_declared_at = at if no_child_identified else None
        row.saved_at = at
        row.save()
        _record(row, row.evidence.registration, Action.EVIDENCE_DECLARED, by, at, authentic=authentic,
                no_child_identified=no_child_identified)  # fmt: skip
    return row


def new_version(evidence: Evidence, *, by: User, at: datetime) -> EvidenceVersion:
    """Starts version n+1 as a copy of version n, which stays readable (rule 2). A draft that is open already is
    returned as it is."""
    with transaction.atomic():
        registration = lock_registration(evidence.registration_id)
        check_owner(by, registration)
        latest = EvidenceVersion.objects.get(evidence=evidence, is_latest=True)
        if latest.is_draft:
            return latest
        EvidenceVersion.objects.filter(pk=latest.pk).update(is_latest=False)
        version = EvidenceVersion.objects.create(
            evidence=evidence, number=latest.number + 1, kind=latest.kind, title=latest.title, text=latest.text,
            happened_on=latest.happened_on, place=latest.place, minutes=latest.minutes, source=latest.source,
            own_practice=latest.own_practice, witness_id=latest.witness_id, recorded_by_id=latest.recorded_by_id,
            signed_at=latest.signed_at, ai_used=latest.ai_used, created_at=at, saved_at=at,
        )  # fmt: skip
        files_now = _copy_files(latest, version)
        EvidenceLink.objects.bulk_create(
            _copy(link, version=version, file=files_now.get(link.file_id)) for link in latest.links.all()
        )
        _record(version, registration, Action.EVIDENCE_VERSION, by, at, number=version.number)
    return version


def _copy(row: Any, **changed: object) -> Any:
    """A new row, not saved, with the values of another except its keys and what is named."""
    kept = [f for f in row._meta.concrete_fields if not f.primary_key and f.name not in ("ref", *changed)]
    return type(row)(**{field.attname: getattr(row, field.attname) for field in kept}, **changed)


def _copy_files(old: EvidenceVersion, new: EvidenceVersion) -> dict[int | None, EvidenceFile]:
    """Gives a version the files of an earlier one, with what is shown of them: rows of its own, the same stored
    bytes. Returns the new rows by the old ones' ids."""
    before = list(old.files.prefetch_related("renditions").order_by("pk"))
    made: dict[int | None, EvidenceFile] = {file.pk: _copy(file, version=new) for file in before}
    EvidenceFile.objects.bulk_create(made.values())
    FileRendition.objects.bulk_create(
        _copy(shown, file=made[file.pk]) for file in before for shown in file.renditions.all()
    )
    return made


def discard_draft(version: EvidenceVersion, *, by: User, at: datetime) -> None:
    """Deletes a draft for good; an earlier version becomes the latest again. Submitted evidence stays (rule 2)."""
    with transaction.atomic():
        row = _locked_draft(version, by)
        evidence, registration = row.evidence, row.evidence.registration
        criterion_ids = set(row.links.values_list("criterion_id", flat=True))
        stored = list(row.files.values_list("stored_as", flat=True))
        _record(row, registration, Action.EVIDENCE_DISCARDED, by, at, number=row.number)
        row.delete()
        previous = evidence.versions.order_by("-number").first()
        if previous is None:
            evidence.delete()
        else:
            EvidenceVersion.objects.filter(pk=previous.pk).update(is_latest=True)
            criterion_ids |= set(previous.links.values_list("criterion_id", flat=True))
        refresh_evidence(registration.pk, criterion_ids)
        transaction.on_commit(lambda: files.forget_unused(stored), robust=True)


def locked_draft(version: EvidenceVersion, by: User) -> EvidenceVersion:
    """The version, locked with its registration and read afresh, if it is its learner's draft. Raises Refused."""
    return _locked_draft(version, by)


def _locked_draft(version: EvidenceVersion, by: User) -> EvidenceVersion:
    registration_id = Evidence.objects.values_list("registration_id", flat=True).get(pk=version.evidence_id)
    registration = lock_registration(registration_id)
    row = EvidenceVersion.objects.select_related("evidence").get(pk=version.pk)
    row.evidence.registration = registration
    check_owner(by, registration)
    check_editable(row)
    return row


def _check_title(title: str, kind: str) -> None:
    if not title.strip():
        raise Refused("evidence-title", "Give your evidence a title.")
    if kind not in EvidenceVersion.Kind.values:
        raise Refused("evidence-kind", "Choose what kind of evidence it is.")


def _write_links(registration: Registration, version: EvidenceVersion, links: list[Link]) -> bool:
    """Replaces a draft's links; True when anything changed."""
    wanted = {link.criterion_id: link.cleaned() for link in links}
    framework_id = registration.qualification.framework_id
    known = set(Criterion.objects.filter(pk__in=wanted, framework_id=framework_id).values_list("pk", flat=True))
    if known != set(wanted):
        raise Refused("criterion-unknown", "One of these criteria does not belong to your qualification.")
    if not {link.file_id for link in wanted.values()} - {None} <= set(version.files.values_list("pk", flat=True)):
        raise Refused("file-unknown", "A file that you point to is not here any more. Choose another.")
    before = {row.criterion_id: Link.of(row) for row in version.links.all()}
    if before == wanted:
        return False
    version.links.all().delete()
    EvidenceLink.objects.bulk_create(EvidenceLink(version=version, **asdict(link)) for link in wanted.values())
    refresh_evidence(registration.pk, set(before) ^ set(wanted))
    return True


def _take_declarations_back(version: EvidenceVersion) -> None:
    version.authenticity_declared_at = version.child_identity_declared_at = None


def _record(version: EvidenceVersion, registration: Registration, action: Action, by: User, at: datetime,
            **changes: object) -> None:  # fmt: skip
    record(
        registration_stream(registration.pk), action, by=by, role="learner", at=at,
        subject=f"evidence:{version.evidence_id}/{version.number}", changes=dict(changes),
    )  # fmt: skip
