"""Everything that says who may be given to which learners, read for all of them at once."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from assessment.balance import Need, Person, share_out
from assessment.models import InterestDeclaration, Objection
from assessment.policies import dual_role_rule, standing_of
from assessment.policies.allocating import (
    HELD,
    JUDGING,
    Load,
    Part,
    Rule,
    Ties,
    checks_needed,
    what_follows,
    why_no_room,
    why_not_part,
)
from courses.delivery.api import Absence, Allocation, Placement, Registration, SettingSupport
from courses.framework.api import policy_of
from lms.accounts.api import Membership, Role, StaffQualification, User
from lms.common.errors import Refused
from portfolio.api import Submission

OUTCOME = InterestDeclaration.Outcome
EMPLOYMENT = InterestDeclaration.Kind.EMPLOYMENT
TEAM_ROLES = (Role.ASSESSOR, Role.IQA, Role.LEAD_IQA, Role.TUTOR, Role.MENTOR, Role.AREA_SENCO)


@dataclass
class Candidate:
    """Somebody who could be given to a learner in a role, or the reason why not; and what would follow."""

    user: User
    load: Load
    refusal: Refused | None
    notes: list[str]

    @property
    def is_eligible(self) -> bool:
        """Nothing stands in the way."""
        return self.refusal is None


@dataclass
class Proposal:
    """Who would take a learner in a role; or nobody, and the reason for each who could not."""

    registration: Registration
    part: str
    user: User | None
    because: str
    load: Load = field(default_factory=Load)
    notes: list[str] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, str, int | None]:
        """What a confirmation says yes to."""
        return self.registration.pk, self.part, self.user.pk if self.user else None


@dataclass
class Ground:
    """What is known of some learners of one centre and of everybody who could work with them, for some days. Made by
    `ground_of`; asks the database nothing any more."""

    registrations: dict[int, Registration]
    starts_on: date
    ends_on: date | None
    staff: dict[int, User]
    roles: dict[int, set[tuple[int, str]]]
    loads: dict[int, dict[str, Load]]
    settings: dict[int, set[int]]
    parts: dict[tuple[int, int], set[str]]
    supported: dict[int, set[int]]
    interests: dict[tuple[int, int], list[tuple[str, str]]]
    objections: dict[tuple[int, int], str]
    standings: dict[tuple[int, int], Any]
    rules: dict[tuple[int, int | None], tuple[str, bool]]
    awarded: set[int]

    def candidates(self, registration: Registration, part: str) -> list[Candidate]:
        """Everybody who holds the role, the least loaded of those who may take the learner first, then who may not."""
        needs = self.checks_needed(registration)
        found = [self.candidate(registration, user, part, needs) for user in self.staff.values()
                 if self._holds(user.pk, registration, part)]  # fmt: skip
        return sorted(found, key=lambda one: (not one.is_eligible, one.load.away_until is not None, one.load.learners,
                                              one.load.waiting, one.user.name, one.user.pk))  # fmt: skip

    def candidate(self, registration: Registration, user: User, part: str, needs: frozenset[str]) -> Candidate:
        """One person's case."""
        ties = self.ties(registration, user)
        load = self.loads[user.pk].get(part, Load())
        refusal = why_not_part(ties, part, needs=needs, rule=self._rule(registration)[0])
        return Candidate(user, load, refusal or why_no_room(user.name, load, part), what_follows(ties, part))

    def ties(self, registration: Registration, user: User) -> Ties:
        """How somebody stands to a learner in these days."""
        pair = (registration.pk, user.pk)
        settings, parts = self.settings[registration.pk], self.parts.get(pair, set())
        interests = self.interests.get(pair, [])
        supports = bool(parts & {Part.SUPPORTER, Part.MENTOR}) or any(
            user.pk in self.supported.get(setting, ()) for setting in settings
        )
        teaches = Part.TUTOR in parts
        rule, award = self._rule(registration)
        if not (supports or teaches):
            rule = ""
        elif award and user.pk not in self.awarded:
            rule = Rule.FORBID
        return Ties(
            name=user.name, is_learner=user.pk == registration.learner_id, parts=frozenset(parts),
            open_interest=any(not outcome for _, outcome in interests),
            stands_aside=any(outcome == OUTCOME.STANDS_ASIDE for _, outcome in interests),
            unavoidable=any(outcome == OUTCOME.UNAVOIDABLE for _, outcome in interests),
            employment_settled=(EMPLOYMENT, OUTCOME.UNAVOIDABLE) in interests,
            works_here=any(organisation in settings for organisation, _ in self.roles[user.pk]),
            supports=supports, teaches=teaches, objection=self.objections.get(pair, ""), dual_role=rule,
            standing=self.standings[user.pk, registration.qualification_id],
        )  # fmt: skip

    def checks_needed(self, registration: Registration) -> frozenset[str]:
        """Which second checks the decisions of the learner's assessors need in these days."""
        found: frozenset[str] = frozenset()
        for user in self.holders(registration, Part.ASSESSOR):
            if user.pk in self.roles:
                found |= checks_needed(self.ties(registration, user))
        return found

    def holders(self, registration: Registration, part: str) -> list[User]:
        """Who has a role towards a learner in these days already."""
        ids = [user for (row, user), parts in self.parts.items() if row == registration.pk and part in parts]
        return [self.staff[pk] for pk in ids if pk in self.staff]

    def lacks(self, registration: Registration, part: str) -> bool:
        """Nobody has the role towards the learner, and somebody should. A second assessor is needed where the
        assessor's decisions need a second check."""
        if part == Part.SECOND_ASSESSOR and not self.checks_needed(registration):
            return False
        return not any(row == registration.pk and part in parts for (row, _), parts in self.parts.items())

    def share_out(self, part: str) -> list[Proposal]:
        """Who would take each learner that lacks the role, balanced by load relative to limit. Who is away is passed
        over. What is proposed counts from then on as if it were so."""
        return self._share([row for row in self.registrations.values() if self.lacks(row, part)], part)

    def _share(self, lacking: list[Registration], part: str) -> list[Proposal]:
        cases = {row.pk: self.candidates(row, part) for row in lacking}
        needs = [
            Need(row.pk, frozenset(c.user.pk for c in cases[row.pk] if c.is_eligible and not c.load.away_until),
                 min(self.settings[row.pk], default=None), frozenset(c.user.pk for c in cases[row.pk] if c.notes))
            for row in lacking
        ]  # fmt: skip
        given = share_out(needs, self._people(part))
        return [self._proposal(row, part, cases[row.pk], given.get(row.pk)) for row in lacking]

    def share_cover(self, kept: set[int]) -> list[Proposal]:
        """Who would assess each of the learners for these days in somebody's stead; `kept` have somebody already."""
        lacking = [row for row in self.registrations.values() if row.pk not in kept]
        return self._share(lacking, Part.ASSESSOR)

    def _people(self, part: str) -> list[Person]:
        groups: defaultdict[int, set[int]] = defaultdict(set)
        for (row, pk), parts in self.parts.items():
            if part in parts:
                groups[pk] |= self.settings[row]
        people = []
        for user in self.staff.values():
            load = self.loads[user.pk].get(part, Load())
            limit = load.limit if part == Part.ASSESSOR else None
            people.append(Person(user.pk, user.name, load.learners, limit, load.waiting, groups[user.pk]))
        return people

    def _proposal(self, row: Registration, part: str, cases: list[Candidate], pk: int | None) -> Proposal:
        chosen = next((case for case in cases if case.user.pk == pk), None)
        if chosen is None:
            return Proposal(row, part, None, "", refusals=[case.refusal or _away(case) for case in cases])
        self.parts.setdefault((row.pk, chosen.user.pk), set()).add(part)
        return Proposal(row, part, chosen.user, _load_words(chosen.load, part), chosen.load, chosen.notes)

    def _holds(self, pk: int, registration: Registration, part: str) -> bool:
        held, where = HELD[Part(part)], self._places(registration)
        return any((place, role) in self.roles[pk] for kind, roles in held.items() for place in where[kind]
                   for role in roles)  # fmt: skip

    def _places(self, registration: Registration) -> dict[str, set[int]]:
        authority = registration.cohort.local_authority_id if registration.cohort else None
        return {"centre": {registration.centre_id}, "authority": {authority} if authority else set(),
                "setting": self.settings[registration.pk]}  # fmt: skip

    def _rule(self, registration: Registration) -> tuple[str, bool]:
        return self.rules[_rule_key(registration)]


def _away(case: Candidate) -> Refused:
    if case.load.away_until:
        return Refused("allocation-away", f"{case.user.name} is away.")
    return Refused("allocation-limit", f"{case.user.name} has no room for more learners.")


def _load_words(load: Load, part: str) -> str:
    word = "trainee" if load.learners == 1 else "trainees"
    limit = f" of {load.limit}" if load.limit and part == Part.ASSESSOR else ""
    open_ones = f", {load.waiting} open submission{'' if load.waiting == 1 else 's'}" if part == Part.ASSESSOR else ""
    return f"{load.learners}{limit} {word} now{open_ones}"


def _rule_key(registration: Registration) -> tuple[int, int | None]:
    return registration.qualification_id, registration.cohort.local_authority_id if registration.cohort else None


def _overlapping(starts_on: date, ends_on: date | None, prefix: str = "") -> Q:
    """Rows whose dates share a day with these. What was called off before it began shares none."""
    found = Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": starts_on})
    return found & Q(**{f"{prefix}starts_on__lte": ends_on}) if ends_on else found


def ground_of(rows: QuerySet[Registration], *, centre_id: int, starts_on: date, ends_on: date | None = None,
              at: datetime, leaving: int | None = None) -> Ground:  # fmt: skip
    """Reads the ground for learners of one centre and some days. 12 queries for learners of one cohort, whatever their
    number; 3 more for each further qualification or authority among them. `leaving`: an allocation that ends before
    these days and counts no more."""
    registrations = {row.pk: row for row in rows.select_related("learner", "qualification", "cohort").order_by("pk")}
    settings = _settings(registrations, starts_on, ends_on)
    memberships = _memberships(registrations, settings, centre_id, starts_on, ends_on)
    staff = {row.user_id: row.user for row in memberships}
    roles: dict[int, set[tuple[int, str]]] = {}
    for row in memberships:
        roles.setdefault(row.user_id, set()).add((row.organisation_id, row.role))
    held = defaultdict(list)
    for qualification in StaffQualification.objects.filter(user__in=staff, withdrawn_at__isnull=True).order_by("pk"):
        held[qualification.user_id].append(qualification)
    for pk, user in staff.items():
        user.qualifications_held = held[pk]
    kind = StaffQualification.Kind.NATIONAL_AWARD
    return Ground(
        registrations=registrations, starts_on=starts_on, ends_on=ends_on, staff=staff, roles=roles,
        loads=_loads(memberships, centre_id, starts_on), settings=settings,
        parts=_parts(registrations, starts_on, ends_on, leaving),
        supported=_supported(settings, starts_on, ends_on), interests=_interests(registrations),
        objections=_objections(registrations), standings=_standings(registrations, staff, starts_on, at),
        rules=_rules(registrations, at),
        awarded={pk for pk, rows in held.items() if any(q.kind == kind and q.holds_on(starts_on) for q in rows)},
    )  # fmt: skip


def _settings(registrations: dict[int, Registration], starts_on: date, ends_on: date | None) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {pk: set() for pk in registrations}
    places = Placement.objects.filter(_overlapping(starts_on, ends_on), registration__in=registrations)
    for row, setting in places.values_list("registration_id", "setting_id"):
        found[row].add(setting)
    return found


def _memberships(registrations: dict[int, Registration], settings: dict[int, set[int]], centre_id: int,
                 starts_on: date, ends_on: date | None) -> list[Any]:  # fmt: skip
    """All memberships on the first day of everybody who holds a role of the team somewhere near, with what waits for
    them at the centre and until when they are away."""
    authorities = {row.cohort.local_authority_id for row in registrations.values() if row.cohort}
    near = {centre_id} | {pk for pk in authorities if pk} | {pk for found in settings.values() for pk in found}
    team = Membership.objects.current(starts_on).filter(organisation__in=near, role__in=TEAM_ROLES)
    waiting = Submission.objects.waiting().filter(assessor=OuterRef("user"), registration__centre=centre_id)
    away = Absence.objects.filter(
        starts_on__lte=ends_on or starts_on, ends_on__gte=starts_on, user=OuterRef("user"), centre=centre_id
    )
    rows = Membership.objects.current(starts_on).filter(user__in=team.values("user"), user__is_active=True)
    return list(rows.select_related("user").order_by("pk").annotate(
        waiting=Subquery(waiting.order_by().values("assessor").annotate(n=Count("pk")).values("n")),
        away_until=Subquery(away.order_by("-ends_on").values("ends_on")[:1]),
    ))  # fmt: skip


def _loads(memberships: list[Any], centre_id: int, starts_on: date) -> dict[int, dict[str, Load]]:
    rows = Allocation.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on), registration__centre=centre_id, role__in=JUDGING,
        registration__state__in=Registration.OPEN_STATES, user__in={row.user_id for row in memberships},
        starts_on__lte=starts_on,
    )  # fmt: skip
    counts = {(user, role): number for user, role, number in
              rows.order_by().values_list("user", "role").annotate(n=Count("registration", distinct=True))}  # fmt: skip
    found: dict[int, dict[str, Load]] = {}
    for row in memberships:
        here = row.organisation_id == centre_id and row.role == Role.ASSESSOR
        known = found.setdefault(row.user_id, {})
        for part in JUDGING:
            if part not in known or here:
                known[part] = Load(
                    counts.get((row.user_id, part.value), 0), row.waiting or 0, row.max_learners if here else None,
                    row.away_until, row.ends_on if here and row.lent_by_id else None,
                )  # fmt: skip
    return found


def _parts(registrations: dict[int, Registration], starts_on: date, ends_on: date | None,
           leaving: int | None) -> dict[tuple[int, int], set[str]]:  # fmt: skip
    found: dict[tuple[int, int], set[str]] = {}
    rows = Allocation.objects.filter(_overlapping(starts_on, ends_on), registration__in=registrations)
    for row in rows.exclude(pk=leaving or 0).exclude(ends_on__lt=F("starts_on")).order_by("pk"):
        found.setdefault((row.registration_id, row.user_id), set()).add(row.role)
    return found


def _supported(settings: dict[int, set[int]], starts_on: date, ends_on: date | None) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    everywhere = {pk for places in settings.values() for pk in places}
    rows = SettingSupport.objects.filter(_overlapping(starts_on, ends_on), setting__in=everywhere)
    for setting, user in rows.values_list("setting_id", "user_id"):
        found.setdefault(setting, set()).add(user)
    return found


def _interests(registrations: dict[int, Registration]) -> dict[tuple[int, int], list[tuple[str, str]]]:
    found: dict[tuple[int, int], list[tuple[str, str]]] = {}
    rows = InterestDeclaration.objects.filter(registration__in=registrations)
    for row, user, kind, outcome in rows.values_list("registration_id", "user_id", "kind", "outcome"):
        found.setdefault((row, user), []).append((kind, outcome))
    return found


def _objections(registrations: dict[int, Registration]) -> dict[tuple[int, int], str]:
    rows = Objection.objects.filter(registration__in=registrations).exclude(outcome=Objection.Outcome.NOT_UPHELD)
    found = rows.order_by("pk").values_list("registration_id", "about_id", "outcome")
    return {(row, user): outcome or "open" for row, user, outcome in found}


def _standings(registrations: dict[int, Registration], staff: dict[int, User], on: date,
               at: datetime) -> dict[tuple[int, int], Any]:  # fmt: skip
    qualifications = {row.qualification_id: row.qualification for row in registrations.values()}
    policies = {pk: policy_of(pk, at=at) for pk in qualifications}
    return {(user, pk): standing_of(staff[user], row, on, policy=policies[pk]) for pk, row in qualifications.items()
            for user in staff}  # fmt: skip


def _rules(registrations: dict[int, Registration], at: datetime) -> dict[tuple[int, int | None], tuple[str, bool]]:
    one_of_each = {_rule_key(row): row for row in registrations.values()}
    return {key: dual_role_rule(row, at=at) for key, row in one_of_each.items()}
