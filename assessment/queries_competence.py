"""What staff may assess on a day, in words, and what ends soon: for the person, their centre, and the reminders."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format

from assessment.policies import Standing, standing_of, working_towards_until
from courses.delivery.api import Registration
from courses.framework.api import AssessmentPolicy, Qualification
from courses.framework.models import SECTORS
from courses.framework.policies import AI_USE
from lms.accounts.api import Membership, Role, StaffCpd, StaffQualification, User
from lms.accounts.competence import KEEPER_ROLES, STAFF_ROLES, Reason
from lms.audit.api import Action
from lms.audit.models import AuditEvent

SOON = 60  # days before something ends that it is said
Kind = StaffQualification.Kind
STOPS = {
    "rule-10-occupational": "no occupational competence for this level on the record",
    "rule-11-nothing-recorded": "no assessing qualification on the record",
}


@dataclass(frozen=True)
class Assesses:
    """What somebody may assess for one qualification on the day. `state`: qualified, countersigned, allowed or
    stopped."""

    qualification: Qualification
    standing: Standing
    state: str
    words: str
    ends: date | None  # when that changes by itself


@dataclass
class Member:
    """A member of a centre's staff with their record as the centre sees it."""

    user: User
    roles: list[str]
    rows: list[StaffQualification]
    assesses: list[Assesses] = field(default_factory=list)

    @property
    def to_prove(self) -> int:
        """How many records wait until somebody has seen proof."""
        return sum(waits_for_proof(row) for row in self.rows)

    @property
    def assures(self) -> str:
        """What the record says of quality assurance; "" for somebody who does not assure."""
        if not {Role.IQA.label, Role.LEAD_IQA.label} & set(self.roles):
            return ""
        today = timezone.localdate()
        held = any(row.kind == Kind.QUALITY_ASSURANCE and row.holds_on(today) for row in self.rows)
        return "Quality assurance qualification held" if held else "No quality assurance qualification on the record"


def waits_for_proof(row: StaffQualification) -> bool:
    """Said to be held, and nobody has seen proof of it yet."""
    return row.awarded_on is not None and row.checked_at is None and row.withdrawn_at is None


def described(rows: Iterable[StaffQualification]) -> list[StaffQualification]:
    """The records with the sector in words, and whether they have run out, for a page."""
    found: list[Any] = list(rows)
    today = timezone.localdate()
    for row in found:
        row.sector_words = dict(SECTORS).get(row.sector, "Any sector")
        row.is_over = row.expires_on is not None and row.expires_on < today
    return found


def assesses(user: User, qualification: Qualification, on: date, policy: AssessmentPolicy) -> Assesses:
    """What somebody may assess for a qualification on a day, in words (rules 10 and 11). No query when the user's
    qualifications are at hand."""
    standing = standing_of(user, qualification, on, policy=policy)
    mine = [row for row in user.qualifications_held if row.kind == Kind.ASSESSING]
    if standing.refusal:
        why = STOPS.get(standing.refusal.code)
        if why is None and standing.until:
            why = f"the time to work towards the qualification ended on {date_format(standing.until, 'j F Y')}"
        return Assesses(qualification, standing, "stopped", f"May not assess: {why or standing.refusal.message}", None)
    if standing.is_qualified:
        until = _held_until(mine, on)
        words = f"Qualified until {date_format(until, 'j F Y')}" if until else "Qualified"
        return Assesses(qualification, standing, "qualified", words, until)
    begun = [row.working_towards_since for row in mine if row.working_towards_since and row.working_towards_since <= on]
    why = "no assessing qualification on the record"
    if begun:
        why = f"working towards the qualification since {date_format(min(begun), 'j F Y')}"
        why += f", until {date_format(standing.until, 'j F Y')}" if standing.until else ""
    if standing.is_countersigned:
        return Assesses(qualification, standing, "countersigned", f"Decisions are countersigned: {why}", standing.until)
    words = f"May assess without countersigning: the awarding organisation does not ask for it ({why})"
    return Assesses(qualification, standing, "allowed", words, standing.until)


def _held_until(rows: Iterable[StaffQualification], on: date) -> date | None:
    """Until when somebody holds one of these, held on the day; None = without end."""
    ends = [row.expires_on for row in rows if row.holds_on(on)]
    return None if not ends or None in ends else max(end for end in ends if end)


def standings_of(user: User, *, on: date | None = None) -> list[Assesses]:
    """What somebody may assess at the centres where they are an assessor, by qualification. Three queries."""
    found = _taught_at(user.organisations(Role.ASSESSOR))
    today = on or timezone.localdate()
    qualifications = {q.pk: q for rows in found.values() for q in rows}
    policies = policies_of(qualifications.values(), today)
    return [assesses(user, q, today, policies[q.pk]) for q in _by_title(qualifications.values())]


def _by_title(rows: Iterable[Qualification]) -> list[Qualification]:
    return sorted(rows, key=lambda row: (row.title, row.pk))


def _taught_at(centres: Iterable[int]) -> dict[int, list[Qualification]]:
    """The qualifications that a centre's learners are registered for, by centre. Two queries."""
    rows = Registration.objects.filter(centre__in=centres, state__in=Registration.OPEN_STATES).order_by()
    pairs = set(rows.values_list("centre_id", "qualification_id").distinct())
    known = Qualification.objects.in_bulk({qualification for _, qualification in pairs})
    found = defaultdict(list)
    for centre, qualification in sorted(pairs):
        found[centre].append(known[qualification])
    return found


def policies_of(qualifications: Iterable[Qualification], on: date) -> dict[int, AssessmentPolicy]:
    """The policy in force at the end of a day, by qualification; the product's defaults where none is set. One
    query."""
    ids = [qualification.pk for qualification in qualifications]
    at = timezone.make_aware(datetime.combine(on, time.max))
    found = {pk: AssessmentPolicy(qualification_id=pk, in_force_from=at, ai_use=AI_USE) for pk in ids}
    rows = AssessmentPolicy.objects.filter(qualification__in=ids, in_force_from__lte=at)
    found.update({row.qualification_id: row for row in rows.order_by("in_force_from", "pk")})
    return found


def staff_of(user: User) -> QuerySet[User]:
    """The assessors and IQAs of the centres whose records the user keeps."""
    works = Membership.objects.current().filter(
        user=OuterRef("pk"), organisation__in=user.centres(*KEEPER_ROLES), role__in=STAFF_ROLES
    )
    return User.objects.filter(Exists(works), is_active=True)


def narrowed(rows: QuerySet[User], keeper: User, chosen: dict[str, Any]) -> QuerySet[User]:
    """The staff that the filters leave: `q` (part of a name), `role`, `show` (to_prove, ends, unqualified)."""
    today = timezone.localdate()
    if "q" in chosen:
        rows = rows.filter(name__icontains=chosen["q"])
    if "role" in chosen:
        works = Membership.objects.current().filter(
            user=OuterRef("pk"), organisation__in=keeper.centres(*KEEPER_ROLES), role=chosen["role"]
        )
        rows = rows.filter(Exists(works))
    if "show" not in chosen:
        return rows
    kept = StaffQualification.objects.filter(user=OuterRef("pk"), withdrawn_at__isnull=True)
    held = kept.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=today), awarded_on__lte=today,
                       checked_at__isnull=False)  # fmt: skip
    if chosen["show"] == "to_prove":
        return rows.filter(Exists(kept.filter(awarded_on__isnull=False, checked_at__isnull=True)))
    if chosen["show"] == "ends":
        return rows.filter(Exists(held.filter(expires_on__lte=today + timedelta(days=SOON))))
    return rows.filter(~Exists(held.filter(kind=Kind.ASSESSING)))


def members(people: Iterable[User], keeper: User) -> list[Member]:
    """The people with their records and what each may assess at the keeper's centres. Five queries, however many."""
    today = timezone.localdate()
    users = {user.pk: user for user in people}
    rows: dict[int, list[StaffQualification]] = defaultdict(list)
    kept = StaffQualification.objects.visible_to(keeper).filter(user__in=users).select_related("checked_by")
    for row in described(kept.order_by("kind", "-awarded_on", "-pk")):
        rows[row.user_id].append(row)
    centres = keeper.centres(*KEEPER_ROLES)
    works = Membership.objects.current().filter(user__in=users, organisation__in=centres, role__in=STAFF_ROLES)
    roles: dict[int, list[Membership]] = defaultdict(list)
    for membership in works.order_by("pk"):
        roles[membership.user_id].append(membership)
    taught = _taught_at(centres)
    policies = policies_of({q for found in taught.values() for q in found}, today)
    found = []
    for pk, user in users.items():
        user.qualifications_held = sorted((r for r in rows[pk] if r.withdrawn_at is None), key=lambda r: r.pk)
        labels = list(dict.fromkeys(Role(m.role).label for m in roles[pk]))
        member = Member(user, labels, rows[pk])
        mine = {q for m in roles[pk] if m.role == Role.ASSESSOR for q in taught[m.organisation_id]}
        member.assesses = [assesses(user, q, today, policies[q.pk]) for q in _by_title(mine)]
        found.append(member)
    return found


def withdrawn_because(rows: Iterable[StaffQualification]) -> dict[int, str]:
    """Why qualifications were taken off the record, from the log, by id. One query, none when none was."""
    subjects = {f"staff_qualification:{row.pk}": row.pk for row in rows if row.withdrawn_at is not None}
    if not subjects:
        return {}
    events = AuditEvent.objects.filter(subject__in=subjects, action=Action.QUALIFICATION_WITHDRAWN)
    return {subjects[event.subject]: Reason(json.loads(event.canonical)["changes"]["reason"]).label for event in events}


@dataclass(frozen=True)
class CpdTotals:
    """Time spent on development in the last twelve months, and how much of it on assessing."""

    minutes: int
    assessing: int
    since: date


def cpd_totals(user: User) -> CpdTotals:
    """The last twelve months of somebody's own log. One query."""
    since = timezone.localdate() - relativedelta(months=12)
    found = StaffCpd.objects.filter(user=user, happened_on__gt=since).aggregate(
        total=Sum("minutes"), assessing=Sum("minutes", filter=Q(is_assessment=True))
    )
    return CpdTotals(found["total"] or 0, found["assessing"] or 0, since)


@dataclass(frozen=True)
class Ending:
    """Something of somebody's record that ends on a day: a qualification, or the time to work towards one."""

    user: User
    day: date
    what: str  # the title of the qualification; "" = the time to work towards it
    centres: tuple[int, ...]


def endings(today: date) -> list[Ending]:
    """What ends in the next days for anybody who assesses or assures today, and is not replaced by then. Six queries,
    however many people there are."""
    works: dict[int, set[int]] = defaultdict(set)
    assessing: dict[int, set[int]] = defaultdict(set)
    for membership in Membership.objects.current(today).filter(role__in=STAFF_ROLES, user__is_active=True):
        works[membership.user_id].add(membership.organisation_id)
        if membership.role == Role.ASSESSOR:
            assessing[membership.user_id].add(membership.organisation_id)
    rows: dict[int, list[StaffQualification]] = defaultdict(list)
    kept = StaffQualification.objects.filter(user__in=works, withdrawn_at__isnull=True).select_related("user")
    for row in kept.order_by("pk"):
        rows[row.user_id].append(row)
    taught = _taught_at({centre for centres in assessing.values() for centre in centres})
    policies = policies_of({q for found in taught.values() for q in found}, today)
    found = []
    for user_id, mine in rows.items():
        user, centres = mine[0].user, tuple(sorted(works[user_id]))
        found += [Ending(user, row.expires_on, row.title, centres) for row in _expiring(mine, today) if row.expires_on]
        months = {policies[q.pk].working_towards_months for centre in assessing[user_id] for q in taught[centre]}
        until = _time_left(mine, months, today)
        if until:
            found.append(Ending(user, until, "", centres))
    return sorted(found, key=lambda ending: (ending.day, ending.user.pk, ending.what))


def _expiring(rows: list[StaffQualification], today: date) -> list[StaffQualification]:
    """Those held today that end soon, unless another of the same kind is held the day after."""
    last = today + timedelta(days=SOON)
    found = []
    for row in rows:
        if row.expires_on and row.holds_on(today) and row.expires_on <= last:
            after = row.expires_on + timedelta(days=1)
            if not any(other.kind == row.kind and other.holds_on(after) for other in rows):
                found.append(row)
    return found


def _time_left(rows: list[StaffQualification], months: set[int | None], today: date) -> date | None:
    """When the time to work towards the assessing qualification ends, if that is soon and none is held by then."""
    mine = [row for row in rows if row.kind == Kind.ASSESSING]
    begun = [row.working_towards_since for row in mine if row.working_towards_since]
    if not begun or not (limited := [number for number in months if number is not None]):
        return None
    until = working_towards_until(min(begun), min(limited))
    if until is None or not today <= until <= today + timedelta(days=SOON):
        return None
    return None if any(row.holds_on(until) for row in mine) else until
