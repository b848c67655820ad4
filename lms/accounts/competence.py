"""What staff may assess: qualifications held or worked towards, proof of them, and staff CPD (rules 10 and 11)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial

from django.core.files.storage import storages
from django.db import models, transaction
from django.utils import timezone

from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

from .models import Membership, Role, StaffCpd, StaffQualification, User

STAFF_ROLES = (Role.ASSESSOR, Role.IQA, Role.LEAD_IQA)
KEEPER_ROLES = (Role.LEAD_IQA, Role.CENTRE_ADMINISTRATOR)
MOST_MINUTES = 200 * 60  # of one entry of staff CPD; what took longer is several
EARLIEST = date(1950, 1, 1)
LEVELS = range(1, 9)
Kind = StaffQualification.Kind


class Reason(models.TextChoices):
    """Why a qualification is taken off the record. The log keeps the code, so that no name gets into it (rule 39)."""

    MISTAKE = "mistake", "It was recorded by mistake"
    REPLACED = "replaced", "A newer record takes its place"
    STOPPED = "stopped", "They no longer work towards it"
    NOT_PROVED = "not_proved", "The proof does not show what is recorded"
    REVOKED = "revoked", "Whoever awarded it has revoked it"


@dataclass(frozen=True)
class Certificate:
    """A checked file in the private store."""

    stored_as: str
    file_name: str
    content_type: str


@dataclass(frozen=True)
class Facts:
    """What is recorded about a qualification. At least one of the two dates is given: held, or worked towards."""

    kind: str
    title: str
    awarded_by: str = ""
    working_towards_since: date | None = None
    awarded_on: date | None = None
    expires_on: date | None = None
    sector: str = ""
    up_to_level: int | None = None


def centres_where_kept(by: User, user: User) -> set[int]:
    """The centres where the one keeps the record of the other: lead IQA or administrator, and assessor or IQA, today.
    Nobody keeps their own as somebody else."""
    if by.pk == user.pk:
        return set()
    works = Membership.objects.current().filter(user=user, role__in=STAFF_ROLES)
    return by.centres(*KEEPER_ROLES) & set(works.values_list("organisation_id", flat=True))


def record_qualification(user: User, facts: Facts, *, certificate: Certificate | None = None, by: User,
                         at: datetime) -> StaffQualification:  # fmt: skip
    """Adds a qualification to the record of a member of staff: their own, or as their centre's lead IQA or
    administrator. It counts once somebody else has seen proof of it (rule 10): see `check_proof`. Raises Refused."""
    facts = _checked(facts, at)
    with transaction.atomic():
        organisation = _where(user, by)
        row = StaffQualification(user=user, recorded_at=at, **asdict(facts))
        _attach(row, certificate)
        row.save()
        _record(row, Action.QUALIFICATION_RECORDED, organisation, by, at, facts)
    return row


def change_qualification(qualification: StaffQualification, facts: Facts, *, certificate: Certificate | None = None,
                         by: User, at: datetime) -> StaffQualification:  # fmt: skip
    """Corrects a record, or says that what was worked towards is now held; without a certificate the one kept stays.
    Proof must be seen anew. Refused for one that is held and proved: it is taken off, and a new one recorded."""
    facts = _checked(facts, at)
    with transaction.atomic():
        row = _locked(qualification)
        organisation = _where(row.user, by)
        same = all(getattr(row, name) == value for name, value in asdict(facts).items())
        if same and certificate is None:
            return row
        if row.checked_at is not None and row.awarded_on is not None:
            raise Refused("qualification-proved", "Proof of this qualification has been seen, so it stays as it is. "
                          "Add a new one, and ask your centre to take this one off the record.")  # fmt: skip
        for name, value in asdict(facts).items():
            setattr(row, name, value)
        _attach(row, certificate)
        row.checked_by = row.checked_at = None
        row.save()
        _record(row, Action.QUALIFICATION_RECORDED, organisation, by, at, facts)
    return row


def check_proof(qualification: StaffQualification, *, by: User, at: datetime) -> StaffQualification:
    """The centre has seen proof: from now on the qualification counts. Refused for one's own (rule 10), and for
    whoever does not keep the person's record. Seen twice is seen once."""
    with transaction.atomic():
        row = _locked(qualification)
        if by.pk == row.user_id:
            raise Refused("rule-10-own-proof", "Somebody else at your centre must see proof of your qualification.")
        organisation = _where(row.user, by)
        if row.checked_at is None:
            row.checked_by, row.checked_at = by, at
            row.save(update_fields=["checked_by", "checked_at"])
            _record(row, Action.QUALIFICATION_CHECKED, organisation, by, at)
    return row


def withdraw_qualification(qualification: StaffQualification, reason: str, *, by: User, at: datetime) -> None:
    """Takes a qualification off the record, with the reason; it stays to be read and counts no more. The person
    themselves may do that until proof of it has been seen. Raises Refused."""
    if reason not in Reason.values:
        raise Refused("qualification-reason", "Choose why it is taken off the record.")
    with transaction.atomic():
        row = _locked(qualification)
        organisation = _where(row.user, by)
        if by.pk == row.user_id and row.checked_at is not None:
            raise Refused("qualification-proved", "Proof of this qualification has been seen. Your lead internal "
                          "quality assurer or centre administrator can take it off the record.")  # fmt: skip
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        _record(row, Action.QUALIFICATION_WITHDRAWN, organisation, by, at, reason=reason)


def write_cpd(user: User, *, happened_on: date, title: str, minutes: int, is_assessment: bool, learned: str,
              entry: StaffCpd | None = None, by: User, at: datetime) -> StaffCpd:  # fmt: skip
    """Adds an entry to one's own log of development, or corrects one. Refused without a title, for no time or too
    much, for a day to come, and for anybody else's log."""
    title = title.strip()[:160]
    if not title:
        raise Refused("cpd-title", "Say in a few words what you did.")
    if not 0 < minutes <= MOST_MINUTES:
        raise Refused("cpd-minutes", f"Say how long it took: more than 0 minutes, {MOST_MINUTES // 60} hours at most.")
    if not EARLIEST <= happened_on <= timezone.localdate(at):
        raise Refused("cpd-future", "The date must be today or in the past. Log it when you have done it.")
    with transaction.atomic():
        organisation = _own_log(user, by)
        row = StaffCpd.objects.select_for_update().filter(pk=entry.pk).first() if entry else StaffCpd(user=user)
        if row is None or row.user_id != by.pk:
            raise Refused("cpd-gone", "This entry was deleted in another window.")
        row.happened_on, row.title, row.minutes = happened_on, title, minutes
        row.is_assessment, row.learned, row.saved_at = is_assessment, learned.strip(), at
        row.save()
        record(stream_of("organisation", organisation), Action.STAFF_CPD_WRITTEN, by=by, role="staff", at=at,
               subject=f"staff_cpd:{row.pk}", changes={"minutes": minutes, "on": happened_on.isoformat()})  # fmt: skip
    return row


def remove_cpd(entry: StaffCpd, *, by: User, at: datetime) -> None:
    """Takes an entry out of one's own log for good; one that is gone already is left so."""
    with transaction.atomic():
        row = StaffCpd.objects.select_for_update().select_related("user").filter(pk=entry.pk).first()
        if row is None:
            return
        organisation = _own_log(row.user, by)
        record(stream_of("organisation", organisation), Action.STAFF_CPD_REMOVED, by=by, role="staff", at=at,
               subject=f"staff_cpd:{row.pk}", changes={"minutes": row.minutes})  # fmt: skip
        row.delete()


def _checked(facts: Facts, at: datetime) -> Facts:
    """The facts as they are kept. Raises Refused."""
    today = timezone.localdate(at)
    if facts.kind not in Kind.values:
        raise Refused("qualification-kind", "Choose what kind of qualification it is.")
    if not facts.title.strip():
        raise Refused("qualification-title", "Give the title of the qualification.")
    if facts.awarded_on is None and facts.working_towards_since is None:
        raise Refused("qualification-dates", "Say when it was awarded, or since when it is worked towards.")
    for day in (facts.awarded_on, facts.working_towards_since):
        if day is not None and not EARLIEST <= day <= today:
            raise Refused("qualification-future", "The date must be today or in the past.")
    if facts.expires_on is not None and (facts.awarded_on is None or facts.expires_on < facts.awarded_on):
        raise Refused("qualification-expiry", "It cannot run out before it was awarded.")
    if facts.up_to_level is not None and facts.up_to_level not in LEVELS:
        raise Refused("qualification-level", "Choose a level from 1 to 8.")
    occupational = facts.kind == Kind.OCCUPATIONAL
    return Facts(
        facts.kind, facts.title.strip()[:160], facts.awarded_by.strip()[:160], facts.working_towards_since,
        facts.awarded_on, facts.expires_on, facts.sector if occupational else "",
        facts.up_to_level if occupational else None,
    )  # fmt: skip


def _locked(qualification: StaffQualification) -> StaffQualification:
    row = StaffQualification.objects.select_for_update().get(pk=qualification.pk)
    if row.withdrawn_at is not None:
        raise Refused("qualification-withdrawn", "This qualification has been taken off the record already.")
    return row


def _where(user: User, by: User) -> int:
    """The organisation in whose log the act is written: where the person works, or where their record is kept.
    Raises Refused for anybody else."""
    found = user.organisations(*STAFF_ROLES) if by.pk == user.pk else centres_where_kept(by, user)
    if not found:
        raise Refused("qualification-right", "Only the person, or a lead internal quality assurer or administrator of "
                      "their centre, keeps this record.")  # fmt: skip
    return min(found)


def _own_log(user: User, by: User) -> int:
    if by.pk != user.pk or not (found := by.organisations(*STAFF_ROLES)):
        raise Refused("cpd-right", "Only the person themselves writes in this log.")
    return min(found)


def _attach(row: StaffQualification, certificate: Certificate | None) -> None:
    """The certificate goes on the row; one that it had before is destroyed when all is saved."""
    if certificate is None:
        return
    if row.stored_as:
        transaction.on_commit(partial(storages["evidence"].delete, row.stored_as), robust=True)
    for name, value in asdict(certificate).items():
        setattr(row, name, value)


def _record(row: StaffQualification, action: Action, organisation: int, by: User, at: datetime,
            facts: Facts | None = None, **changes: object) -> None:  # fmt: skip
    said: dict[str, object] = {"user": row.user_id, **changes}
    if facts is not None:
        days = {name: getattr(facts, name) for name in ("working_towards_since", "awarded_on", "expires_on")}
        said |= {name: day.isoformat() if day else None for name, day in days.items()}
        said |= {"kind": facts.kind, "certificate": bool(row.stored_as)}
    role = "staff" if by.pk == row.user_id else "centre"
    record(stream_of("organisation", organisation), action, by=by, role=role, at=at,
           subject=f"staff_qualification:{row.pk}", changes=said)  # fmt: skip
