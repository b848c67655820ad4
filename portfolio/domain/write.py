"""Writing evidence: start, save, link, declare, start a new version (rules 1-3)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import Max

from courses.delivery.api import Registration, lock_registration, registration_stream
from courses.framework.api import Criterion
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.conflicts import check_bases
from lms.common.errors import Refused
from portfolio.kinds import RECORDED
from portfolio.models import Evidence, EvidenceFile, EvidenceLink, EvidenceVersion, FileRendition
from portfolio.policies import check_editable, check_not_held, check_owner, check_says, is_on_hold

from .counts import refresh_evidence
from .locate import check_places


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
        write_links(registration, version, [Link(pk) for pk in criterion_ids])
        _record(version, registration, Action.EVIDENCE_CREATED, by, at, kind=kind)
    return version


# What a learner writes in a draft, by any form.
TYPED = ("kind", "title", "text", "happened_on", "place", "minutes", "source", "own_practice", "witness", "ai_used")


def save_draft(version: EvidenceVersion, *, by: User, at: datetime, bases: Mapping[str, str] | None = None,
               **typed: object) -> EvidenceVersion:  # fmt: skip
    """Saves what was typed: any of TYPED; what is not named stays as it is, and so does a title left empty. Never
    refused for what is missing (rule 1), only for what is submitted already (rule 2) or recorded by another. A change
    takes the declarations back: they were made for what the version said. Raises EditedElsewhere when the text was
    changed since the form with these `bases` was shown (lms.common.conflicts)."""
    unknown = typed.keys() - set(TYPED)
    if unknown:
        raise TypeError(f"A draft has no {', '.join(sorted(unknown))}")
    title = str(typed.pop("title", "") or "").strip()[:160]
    if title:
        typed["title"] = title
    with transaction.atomic():
        row = _locked_draft(version, by)
        check_says(row)
        _check_kind(typed.get("kind", row.kind))
        if all(getattr(row, name) == value for name, value in typed.items()):
            return row
        saved = {"text": row.text, "ai_used": row.ai_used}
        check_bases(saved, {name: cast("str | None", typed.get(name)) for name in saved}, bases or {})
        for name, value in typed.items():
            setattr(row, name, value)
        row.saved_at = at
        take_declarations_back(row)
        row.save()
    return row


def set_links(version: EvidenceVersion, links: list[Link], *, by: User, at: datetime,
              bases: Mapping[str, str] | None = None) -> EvidenceVersion:  # fmt: skip
    """Sets the criteria that a draft proves, with where and why. Refused for a criterion of another framework; raises
    EditedElsewhere when a "why" was changed since the form with these `bases` was shown."""
    with transaction.atomic():
        row = _locked_draft(version, by)
        if bases:
            check_bases(whys(row.links.all()), {why_name(link.criterion_id): link.why for link in links}, bases)
        registration = row.evidence.registration
        if write_links(registration, row, links):
            row.saved_at = at
            take_declarations_back(row)
            row.save()
    return row


def why_name(criterion_id: int) -> str:
    """What the "why" of a criterion is called in a form."""
    return f"link{criterion_id}-why"


def whys(links: Iterable[EvidenceLink]) -> dict[str, str]:
    """The saved "why" of each criterion, by its name in a form."""
    return {why_name(link.criterion_id): link.why for link in links}


def declare(version: EvidenceVersion, *, authentic: bool, no_child_identified: bool, ai_used: str, by: User,
            at: datetime, bases: Mapping[str, str] | None = None) -> EvidenceVersion:  # fmt: skip
    """Makes or takes back the two declarations for what this version says now (rules 1 and 3). Declaring the same
    again changes nothing: the first time stands."""
    with transaction.atomic():
        row = _locked_draft(version, by)
        said = (bool(row.authenticity_declared_at), bool(row.child_identity_declared_at), row.ai_used)
        if said == (authentic, no_child_identified, ai_used.strip()):
            return row
        check_bases({"ai_used": row.ai_used}, {"ai_used": ai_used}, bases or {})
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
    returned as it is. Of what is on hold only the words and links are copied, for the learner to mend, never the
    files; of what was destroyed, the criteria (rule 4)."""
    with transaction.atomic():
        registration = lock_registration(evidence.registration_id)
        check_owner(by, registration)
        latest = EvidenceVersion.objects.select_related("tombstone").get(evidence=evidence, is_latest=True)
        is_protected = latest.is_destroyed or is_on_hold(latest)
        if latest.is_draft and not is_protected:
            return latest
        if latest.is_recorded and is_protected:
            raise Refused("rule-04-record", "Your assessor recorded this. Ask them to record it again, without what "
                          "gives the child away.")  # fmt: skip
        EvidenceVersion.objects.filter(pk=latest.pk).update(is_latest=False)
        version = EvidenceVersion.objects.create(
            evidence=evidence, number=next_number(evidence), kind=latest.kind, title=latest.title, text=latest.text,
            happened_on=latest.happened_on, place=latest.place, minutes=latest.minutes, source=latest.source,
            own_practice=latest.own_practice, witness_id=latest.witness_id, recorded_by_id=latest.recorded_by_id,
            signed_at=latest.signed_at, ai_used=latest.ai_used, created_at=at, saved_at=at,
        )  # fmt: skip
        if is_protected:
            EvidenceLink.objects.bulk_create(_copy_link(link, version, None) for link in latest.links.all())
            refresh_evidence(registration.pk, set(version.links.values_list("criterion_id", flat=True)))
        else:
            files_now = _copy_files(latest, version)
            EvidenceLink.objects.bulk_create(
                _copy_link(link, version, files_now.get(link.file_id)) for link in latest.links.all()
            )
        _record(version, registration, Action.EVIDENCE_VERSION, by, at, number=version.number)
    return version


def next_number(evidence: Evidence) -> int:
    """The number of a piece's next version: above every other, those in the bin too."""
    return (evidence.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def _copy(row: Any, **changed: object) -> Any:
    """A new row, not saved, with the values of another except its keys and what is named."""
    kept = [f for f in row._meta.concrete_fields if not f.primary_key and f.name not in ("ref", *changed)]
    return type(row)(**{field.attname: getattr(row, field.attname) for field in kept}, **changed)


def _copy_link(link: EvidenceLink, version: EvidenceVersion, file: EvidenceFile | None) -> EvidenceLink:
    """The link in another version; without its file it keeps its words and loses the place in the file."""
    place = {} if file else {"page": None, "start_seconds": None, "end_seconds": None, "region": ""}
    copied: EvidenceLink = _copy(link, version=version, file=file, **place)
    return copied


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
    check_not_held(row)
    return row


def _check_title(title: str, kind: str) -> None:
    if not title.strip():
        raise Refused("evidence-title", "Give your evidence a title.")
    _check_kind(kind)


def _check_kind(kind: object) -> None:
    if kind not in EvidenceVersion.Kind.values or kind in RECORDED:
        raise Refused("evidence-kind", "Choose what kind of evidence it is.")


def write_links(registration: Registration, version: EvidenceVersion, links: list[Link]) -> bool:
    """Replaces a locked draft's links; True when anything changed."""
    wanted = {link.criterion_id: link.cleaned() for link in links}
    framework_id = registration.qualification.framework_id
    known = set(Criterion.objects.filter(pk__in=wanted, framework_id=framework_id).values_list("pk", flat=True))
    if known != set(wanted):
        raise Refused("criterion-unknown", "One of these criteria does not belong to your qualification.")
    before = {row.criterion_id: Link.of(row) for row in version.links.all()}
    check_places(wanted, before, version)
    if before == wanted:
        return False
    version.links.all().delete()
    EvidenceLink.objects.bulk_create(EvidenceLink(version=version, **asdict(link)) for link in wanted.values())
    refresh_evidence(registration.pk, set(before) ^ set(wanted))
    return True


def take_declarations_back(version: EvidenceVersion) -> None:
    """The declarations were made for what the version said before. The caller saves it."""
    version.authenticity_declared_at = version.child_identity_declared_at = None


def _record(version: EvidenceVersion, registration: Registration, action: Action, by: User, at: datetime,
            **changes: object) -> None:  # fmt: skip
    record(
        registration_stream(registration.pk), action, by=by, role="learner", at=at,
        subject=f"evidence:{version.evidence_id}/{version.number}", changes=dict(changes),
    )  # fmt: skip
