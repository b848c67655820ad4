"""Privacy holds (rule 4): a child may be recognised in a piece of evidence. Placed by whoever reads it; settled by the
data-protection role of the centre, which releases it, has the learner replace it, or destroys what it says."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.urls import reverse

from assessment.models import Annotation, Decision, DecisionVersion
from assessment.status import refresh
from courses.delivery.api import Hold, Registration, lock_registration, registration_stream, set_counts
from lms.accounts.api import Membership, Role, User, is_staff_of
from lms.audit.api import Action, record
from lms.common.errors import Refused
from lms.notices.api import tell
from portfolio.api import (
    Evidence,
    EvidenceFile,
    EvidenceLink,
    EvidenceVersion,
    Submission,
    refresh_evidence,
)
from portfolio.domain.destroy import destroy_later, destroy_versions, drop_reports, same_files
from portfolio.visibility import on_hold

from .counting import refresh_state, reopen

State = Decision.State
CHECKED = (State.PROVISIONAL, State.PENDING_SCRUTINY)
WHY = "evidence was on hold for"
PROTECTS = "data_protection"
# Rule 4: an award already made is not undone by a hold; nor is what it rests on taken back.
PAST_CLAIM = (Registration.State.CLAIMED, Registration.State.AWARDED)
TAKEN_ON = "A later version was reported too: one hold covers both now."


def place_hold(evidence: Evidence, reason: str, *, by: User, at: datetime) -> Hold:
    """Puts a piece of evidence, in all its versions so far, on hold: from now on nobody sees it but its learner, who
    reported it, and the centre's data-protection role; nothing is decided on it, and decisions that rest on it do not
    count meanwhile. Documents made of the portfolio go: they may name it. The data-protection role and the learner are
    told. Refused for who cannot see the evidence, without a reason, and when all of it is on hold already."""
    if not reason.strip():
        raise Refused("rule-04-reason", "Say where in it a child can be recognised, and how.")
    with transaction.atomic():
        registration = lock_registration(evidence.registration_id)
        if not Evidence.objects.visible_to(by).filter(pk=evidence.pk).exists():
            raise Refused("rule-04-reader", "You can only report evidence that you can read.")
        role = _role(registration, by)
        latest = evidence.versions.aggregate(last=Max("number"))["last"]
        standing = Hold.objects.hiding().filter(subject=evidence.ref).first()
        if standing is not None and standing.through_number >= latest:
            raise Refused("rule-04-held", "This is on hold already. The people who protect data at the centre have "
                          "been told.")  # fmt: skip
        if standing is not None:
            _settle(standing, Hold.State.RELEASED, TAKEN_ON, by, at)
            _record(standing, Action.HOLD_RELEASED, by, role, at, into="later")
        return _place(registration, evidence, latest, reason.strip(), by, role, at)


def _place(registration: Registration, evidence: Evidence, through: int, reason: str, by: User, role: str,
           at: datetime) -> Hold:  # fmt: skip
    hold = Hold.objects.create(
        registration=registration, subject=evidence.ref, through_number=through, reason=reason, reported_by=by,
        reported_at=at,
    )  # fmt: skip
    resting = _decisions_on(hold, registration).filter(state=State.COUNTS, is_held=False)
    held = dict(resting.values_list("pk", "criterion_id"))
    # The statuses let go first: the database holds that they never say more than they rest on.
    set_counts(registration.pk, {pk: {"achieved_decisions": 0, "referred_decisions": 0} for pk in held.values()})
    Decision.objects.filter(pk__in=held).update(is_held=True)
    refresh(registration.pk, _criteria(registration))
    refresh_state(registration, by=by, role=role, at=at)
    destroy_later(drop_reports(registration), at=at)
    _tell_about(hold, registration, by, at)
    versions = list(versions_on(hold).values_list("pk", flat=True))
    _record(hold, Action.HOLD_PLACED, by, role, at, through=through, decisions=sorted(held), versions=versions)
    return hold


def release_hold(hold: Hold, answer: str, *, by: User, at: datetime) -> Hold:
    """Ends a hold because no child can be recognised: all comes back, seen and counted as before. The learner, who
    reported it, and assessors who wait for it are told. Refused to all but the centre's data-protection role."""
    with transaction.atomic():
        row, registration = _locked(hold, answer, by)
        _settle(row, Hold.State.RELEASED, answer, by, at)
        held = _decisions_on(row, registration).filter(is_held=True)
        # Another piece that a decision rests on may be on hold too.
        still = EvidenceVersion.objects.filter(on_hold(), decisions__in=held).values("decisions")
        free = sorted(held.exclude(pk__in=still).values_list("pk", flat=True))
        Decision.objects.filter(pk__in=free).update(is_held=False)
        _refresh(registration, by, at)
        _tell_outcome(row, registration, "Evidence that was on hold is back: no child can be recognised in it", at)
        _record(row, Action.HOLD_RELEASED, by, PROTECTS, at, decisions=free)
    return row


def ask_to_replace(hold: Hold, answer: str, *, by: User, at: datetime) -> Hold:
    """Asks the learner to replace what is on hold by a new version in which no child can be recognised; the old
    versions stay hidden. Decisions that wait for a second check go back to their assessor. Refused as `release_hold`,
    and when the learner has been asked already."""
    with transaction.atomic():
        row, registration = _locked(hold, answer, by)
        if row.state == Hold.State.REPLACE:
            raise Refused("rule-04-asked", "The learner has been asked to replace it already.")
        _settle(row, Hold.State.REPLACE, answer, by, at)
        reopened = reopen(
            _decisions_on(row, registration).filter(state__in=CHECKED), by=by, role=PROTECTS, why=WHY, at=at
        )
        _refresh(registration, by, at)
        _tell_outcome(row, registration, "Please replace a piece of your evidence: a child may be recognised in it", at)
        _record(row, Action.HOLD_REPLACE, by, PROTECTS, at, decisions=reopened)
    return row


def destroy_held(hold: Hold, answer: str, *, by: User, at: datetime) -> Hold:
    """Destroys what is on hold, at once and for good: words, titles, files, what is shown of them, notes in it, the
    report's own words. Tombstones keep which versions, how large, and `answer`, the reason. Decisions that rested on
    it are reopened; later versions with one of its files are put on hold in their turn. Refused as `release_hold`."""
    with transaction.atomic():
        row, registration = _locked(hold, answer, by)
        versions = list(versions_on(row).filter(tombstone__isnull=True).select_related("evidence"))
        criteria = set(EvidenceLink.objects.filter(version__in=versions).values_list("criterion_id", flat=True))
        alike = later_alike(row, versions)
        resting = _decisions_on(row, registration).filter(state__in=(State.COUNTS, *CHECKED))
        reopened = reopen(resting, by=by, role=PROTECTS, why=WHY, at=at)
        covered = [version.pk for version in versions]
        done = destroy_versions(versions, answer.strip(), by=by, at=at)
        Annotation.objects.filter(version__in=covered).delete()  # allowed of what has a tombstone
        done.stored += drop_reports(registration)
        row.reason = ""
        _settle(row, Hold.State.DESTROYED, answer, by, at)
        refresh_evidence(registration.pk, criteria)
        _refresh(registration, by, at)
        destroy_later(done.stored, done.uploads, at=at)
        _tell_outcome(row, registration, "Evidence of yours was destroyed: a child could be recognised in it", at)
        _record(
            row, Action.HOLD_DESTROYED, by, PROTECTS, at, decisions=reopened, versions=done.versions,
            drafts=done.drafts, stored=sorted(done.stored),
        )  # fmt: skip
        if alike:
            listed = ", ".join(str(version.number) for version in alike)
            reason = f"Has a file of what was destroyed: version {listed}."
            latest = alike[0].evidence.versions.aggregate(last=Max("number"))["last"]
            _place(registration, alike[0].evidence, latest, reason, by, PROTECTS, at)
    return row


def versions_on(hold: Hold) -> QuerySet[EvidenceVersion]:
    """The versions that a hold covers, the oldest first."""
    rows = EvidenceVersion.objects.filter(evidence__ref=hold.subject, number__lte=hold.through_number)
    return rows.order_by("number")


def later_alike(hold: Hold, versions: Iterable[EvidenceVersion]) -> list[EvidenceVersion]:
    """Later versions of the same piece that have a file of what is on hold."""
    later = EvidenceVersion.objects.filter(evidence__ref=hold.subject, number__gt=hold.through_number)
    with_file = later.filter(Exists(EvidenceFile.objects.filter(same_files(versions), version=OuterRef("pk"))))
    return list(with_file.select_related("evidence").order_by("number"))


def _locked(hold: Hold, answer: str, by: User) -> tuple[Hold, Registration]:
    """The hold, locked with its registration, if the user may settle it now. Raises Refused."""
    registration = lock_registration(hold.registration_id)
    row = Hold.objects.get(pk=hold.pk)
    if not is_staff_of(by, registration.centre_id, Role.DATA_PROTECTION) or registration.learner_id == by.pk:
        raise Refused("rule-04-right", "The data-protection role of the centre settles this.")
    if row.state not in Hold.HIDING:
        raise Refused("rule-04-settled", f"This hold has ended already: {row.get_state_display().lower()}.")
    if not answer.strip():
        raise Refused("rule-04-answer", "Say why. The learner and the person who reported it read this.")
    return row, registration


def _settle(hold: Hold, state: Hold.State, answer: str, by: User, at: datetime) -> None:
    hold.state, hold.answer, hold.decided_by, hold.decided_at = state, answer.strip(), by, at
    hold.save(update_fields=["state", "answer", "decided_by", "decided_at", "reason"])


def _decisions_on(hold: Hold, registration: Registration) -> QuerySet[Decision]:
    """Decisions that rest on what a hold covers; none where the award was claimed before."""
    if registration.state in PAST_CLAIM:
        return Decision.objects.none()
    rests = DecisionVersion.objects.filter(version__in=versions_on(hold).values("pk"))
    return Decision.objects.filter(registration=registration, pk__in=rests.values("decision"))


def _criteria(registration: Registration) -> set[int]:
    return set(registration.criterion_statuses.values_list("criterion_id", flat=True))


def _refresh(registration: Registration, by: User, at: datetime) -> None:
    refresh(registration.pk, _criteria(registration))
    refresh_state(registration, by=by, role=PROTECTS, at=at)


def _role(registration: Registration, by: User) -> str:
    """In which role somebody reports."""
    if registration.learner_id == by.pk:
        return "learner"
    if by.has_role(Role.SETTING_MANAGER) and not by.has_role(Role.ASSESSOR, Role.IQA, Role.LEAD_IQA):
        return "setting_manager"
    return "assessor" if by.has_role(Role.ASSESSOR) else "iqa"


def _tell_about(hold: Hold, registration: Registration, by: User, at: datetime) -> None:
    """The data-protection role is told; where nobody holds it, the centre's administrators, that it must be named."""
    url = reverse("assessment:hold", args=[hold.ref])
    current = Membership.objects.current().filter(organisation=registration.centre_id, user__is_active=True)
    protectors = User.objects.filter(pk__in=current.filter(role=Role.DATA_PROTECTION).values("user")).order_by("pk")
    for user in protectors:
        tell(user, "hold", "Somebody has reported that a child may be recognised in evidence", url=url, at=at)
    if not protectors:
        runs = current.filter(role=Role.CENTRE_ADMINISTRATOR).values("user")
        for user in User.objects.filter(pk__in=runs).order_by("pk"):
            tell(user, "hold", "Evidence is on hold, and your centre has nobody in the data-protection role: name "
                 "somebody now", url=reverse("delivery:centre"), at=at)  # fmt: skip
    if registration.learner_id != by.pk:
        tell(registration.learner, "hold", "A piece of your evidence is on hold: a child may be recognised in it",
             url=reverse("portfolio:evidence", args=[hold.subject]), at=at)  # fmt: skip


def _tell_outcome(hold: Hold, registration: Registration, words: str, at: datetime) -> None:
    """The learner, who reported it, and the assessors whose open submissions rest on it are told what became of it."""
    evidence_url = reverse("portfolio:evidence", args=[hold.subject])
    tell(registration.learner, "hold", words, url=evidence_url, at=at)
    if hold.reported_by_id != registration.learner_id:
        tell(hold.reported_by, "hold", f"What you reported has been looked at: {hold.get_state_display().lower()}",
             url=reverse("assessment:hold", args=[hold.ref]), at=at)  # fmt: skip
    if hold.state == Hold.State.REPLACE:
        return
    waiting = Submission.objects.waiting().filter(items__versions__evidence__ref=hold.subject).distinct()
    for submission in waiting.select_related("assessor").order_by("pk"):
        if submission.assessor_id != hold.reported_by_id:
            tell(submission.assessor, "hold", f"Evidence of {registration.learner.name} is not on hold any more", at=at,
                 url=reverse("assessment:workspace", args=[submission.ref]))  # fmt: skip


def _record(hold: Hold, action: Action, by: User, role: str, at: datetime, **changes: object) -> None:
    record(
        registration_stream(hold.registration_id), action, by=by, role=role, at=at, subject=f"hold:{hold.pk}",
        changes={"evidence": str(hold.subject), **changes},
    )  # fmt: skip
