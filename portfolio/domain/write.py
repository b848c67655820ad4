"""Writing evidence: start, save, link, declare, start a new version, delete a draft (rules 1-3)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from courses.delivery.api import Registration, lock_registration, registration_stream
from courses.framework.api import Criterion
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from portfolio import files
from portfolio.models import Evidence, EvidenceFile, EvidenceLink, EvidenceVersion
from portfolio.policies import check_editable, check_owner

from .counts import refresh_evidence


@dataclass(frozen=True)
class Link:
    """A criterion that a version proves: where in it and why."""

    criterion_id: int
    where: str = ""
    why: str = ""


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


def save_draft(version: EvidenceVersion, *, by: User, at: datetime, title: str | None = None, kind: str | None = None,
               text: str | None = None, happened_on: date | None | str = "") -> EvidenceVersion:  # fmt: skip
    """Saves what the learner has typed; None (for the date: "") leaves a part as it is. Never refused for what is
    missing (rule 1), only for what is submitted already (rule 2). A change takes the declarations back: they were
    made for what the version said."""
    with transaction.atomic():
        row = _locked_draft(version, by)
        changes: dict[str, object] = {"title": title and title.strip()[:160] or None, "kind": kind, "text": text}
        if happened_on != "":
            changes["happened_on"] = happened_on
        wanted = {k: v for k, v in changes.items() if v is not None or k == "happened_on"}
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return row
        for name, value in wanted.items():
            setattr(row, name, value)
        row.saved_at = at
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
            happened_on=latest.happened_on, ai_used=latest.ai_used, created_at=at, saved_at=at,
        )  # fmt: skip
        EvidenceFile.objects.bulk_create(
            EvidenceFile(version=version, name=f.name, stored_as=f.stored_as, content_type=f.content_type, size=f.size,
                         sha256=f.sha256, added_at=f.added_at)
            for f in latest.files.all()
        )  # fmt: skip
        EvidenceLink.objects.bulk_create(
            EvidenceLink(version=version, criterion_id=link.criterion_id, where=link.where, why=link.why)
            for link in latest.links.all()
        )
        _record(version, registration, Action.EVIDENCE_VERSION, by, at, number=version.number)
    return version


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
    wanted = {link.criterion_id: link for link in links}
    framework_id = registration.qualification.framework_id
    known = set(Criterion.objects.filter(pk__in=wanted, framework_id=framework_id).values_list("pk", flat=True))
    if known != set(wanted):
        raise Refused("criterion-unknown", "One of these criteria does not belong to your qualification.")
    before = {link.criterion_id: link for link in version.links.all()}
    same = before.keys() == wanted.keys() and all(
        (before[pk].where, before[pk].why) == (link.where.strip(), link.why.strip()) for pk, link in wanted.items()
    )
    if same:
        return False
    version.links.all().delete()
    EvidenceLink.objects.bulk_create(
        EvidenceLink(version=version, criterion_id=link.criterion_id, where=link.where.strip()[:160],
                     why=link.why.strip())
        for link in wanted.values()
    )  # fmt: skip
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
