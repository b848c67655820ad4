"""What the centre reads of its teams: who has whom, who lacks whom, how much everybody has to do, who is away."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessment.models import Decision
from assessment.policies.allocating import Part
from assessment.queries_ground import ground_of
from courses.delivery.api import Absence, Allocation, Cohort, Placement, Registration, in_force
from lms.accounts.api import Membership, Role, User
from portfolio.api import Submission

KEEPERS = (Role.CENTRE_ADMINISTRATOR, Role.LEAD_IQA)
COLUMNS = (Part.ASSESSOR, Part.SECOND_ASSESSOR, Part.IQA, Part.SUPPORTER, Part.TUTOR, Part.MENTOR)


def centres_of(user: User) -> set[int]:
    """The centres whose teams the user sets."""
    return user.centres(*KEEPERS)


def team_registrations(user: User) -> QuerySet[Registration]:
    """Registrations that the user may see, with what a team's page says of them."""
    rows = Registration.objects.visible_to(user).exclude(state=Registration.State.WITHDRAWN)
    return rows.select_related("learner", "qualification", "cohort", "centre")


def _holding(part: str) -> Exists:
    return Exists(Allocation.objects.filter(in_force(), registration=OuterRef("pk"), role=part))


def with_team(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of a cohort's team page: who has which role today or later, the settings, what is open."""
    coming = Allocation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate()))
    coming = coming.exclude(ends_on__lt=F("starts_on")).select_related("user")
    placements = Placement.objects.filter(in_force()).select_related("setting").order_by("pk")
    waiting = Submission.objects.waiting().filter(registration=OuterRef("pk")).order_by().values("registration")
    return rows.select_related("learner").annotate(
        open_work=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0)
    ).prefetch_related(
        Prefetch("allocations", coming.order_by("starts_on", "pk"), to_attr="team"),
        Prefetch("placements", placements, to_attr="settings_now"),
    )  # fmt: skip


def filtered(rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    """The learners that the filters leave: `q` (part of a name), `without` (a role that nobody has), `who` (a person
    who has some role)."""
    if "q" in chosen:
        rows = rows.filter(learner__name__icontains=chosen["q"])
    if "without" in chosen:
        rows = rows.filter(~Q(_holding(chosen["without"])), state__in=Registration.OPEN_STATES)
    if "who" in chosen:
        mine = Allocation.objects.filter(in_force(), registration=OuterRef("pk"), user=chosen["who"])
        rows = rows.filter(Exists(mine))
    return rows


def gaps_of(rows: QuerySet[Any]) -> dict[str, int]:
    """How many open registrations there are, and how many lack an assessor and a quality assurer. One query."""
    open_rows = rows.order_by().filter(state__in=Registration.OPEN_STATES)
    marked = open_rows.annotate(has_assessor=_holding(Part.ASSESSOR), has_iqa=_holding(Part.IQA))
    return marked.aggregate(
        all=Count("pk"), assessor=Count("pk", filter=Q(has_assessor=False)), iqa=Count("pk", filter=Q(has_iqa=False))
    )


def people_of(cohort: Cohort) -> list[tuple[str, str]]:
    """Everybody who has a role towards a learner of the cohort today, as choices."""
    found = Allocation.objects.filter(in_force(), registration__cohort=cohort).order_by("user__name", "user")
    return [(str(pk), name) for pk, name in found.values_list("user", "user__name").distinct()]


def needing_second(rows: list[Any], *, centre_id: int, at: datetime) -> set[int]:
    """Ids of those learners whose assessor's decisions need a second check and who have no second assessor."""
    wanted = Registration.objects.filter(pk__in=[row.pk for row in rows])
    ground = ground_of(wanted, centre_id=centre_id, starts_on=timezone.localdate(), at=at)
    return {pk for pk, row in ground.registrations.items() if ground.lacks(row, Part.SECOND_ASSESSOR)}


@dataclass
class Team:
    """A learner's team: now, to come, and past."""

    now: list[Allocation]
    coming: list[Allocation]
    past: list[Allocation]

    @property
    def missing(self) -> list[str]:
        """The words for the roles that somebody must have and nobody has."""
        held = {row.role for row in self.now}
        return [Part(part).label.lower() for part in (Part.ASSESSOR, Part.IQA) if part not in held]


def team_of(registration: Registration) -> Team:
    """Everybody who ever had a role towards a learner. One query."""
    today = timezone.localdate()
    rows = list(registration.allocations.select_related("user", "covers__user").order_by("starts_on", "pk"))
    team = Team([], [], [])
    for row in rows:
        called_off = row.ends_on is not None and row.ends_on < row.starts_on
        if called_off or (row.ends_on is not None and row.ends_on < today):
            team.past.append(row)
        elif row.starts_on > today:
            team.coming.append(row)
        else:
            team.now.append(row)
    order = list(COLUMNS)
    team.now.sort(key=lambda row: (order.index(Part(row.role)), row.starts_on, row.pk))
    team.past.sort(key=lambda row: (row.ends_on or today, row.pk), reverse=True)
    return team


def allocation_at(user: User, pk: int) -> QuerySet[Allocation]:
    """An allocation of a learner that the user may see."""
    mine = Registration.objects.visible_to(user)
    rows = Allocation.objects.filter(pk=pk, registration__in=mine)
    return rows.select_related("user", "registration__learner", "registration__cohort", "registration__centre",
                               "registration__qualification")  # fmt: skip


def open_work_of(registration: Registration, user: User) -> dict[str, int]:
    """What of a learner stands in somebody's queue: submissions, and criteria with a draft decision of theirs."""
    waiting = Submission.objects.waiting().filter(registration=registration, assessor=user)
    drafts = Decision.objects.filter(submission__in=waiting, decider=user, state=Decision.State.DRAFT)
    return {"submissions": waiting.count(), "drafts": drafts.count()}


def workload_of(centres: set[int], *, today: date) -> QuerySet[Any]:
    """The assessors of some centres today with what they have to do there: learners, open and overdue submissions,
    what waits for their second check, until when they are away and lent."""
    rows = Membership.objects.current().filter(organisation__in=centres, role=Role.ASSESSOR, user__is_active=True)
    learners = Allocation.objects.filter(
        in_force(), user=OuterRef("user"), role=Part.ASSESSOR, registration__centre=OuterRef("organisation"),
        registration__state__in=Registration.OPEN_STATES,
    )  # fmt: skip
    second = Allocation.objects.filter(
        in_force(), registration=OuterRef("registration"), user=OuterRef(OuterRef("user")), role=Part.SECOND_ASSESSOR
    )
    waiting = Submission.objects.waiting().filter(registration__centre=OuterRef("organisation"))
    mine = waiting.filter(assessor=OuterRef("user"), handed_on_at__isnull=True)
    away = Absence.objects.filter(centre=OuterRef("organisation"), user=OuterRef("user"), ends_on__gte=today)
    return rows.select_related("user", "organisation", "lent_by").annotate(
        learners=_number(learners, "user", "registration"),
        waiting=_number(mine, "assessor"),
        overdue=_number(mine.filter(due_on__lt=today), "assessor"),
        checks=_number(waiting.filter(Exists(second), handed_on_at__isnull=False), "registration__centre"),
        away_from=Subquery(away.order_by("starts_on").values("starts_on")[:1]),
        away_until=Subquery(away.order_by("starts_on").values("ends_on")[:1]),
    )  # fmt: skip


def _number(rows: QuerySet[Any], group: str, what: str = "pk") -> Coalesce:
    found = rows.order_by().values(group).annotate(n=Count(what, distinct=True))
    return Coalesce(Subquery(found.values("n")[:1]), 0)


def memberships_of(user: User) -> QuerySet[Membership]:
    """The assessors' memberships today of the centres whose teams the user sets."""
    rows = Membership.objects.current().filter(organisation__in=centres_of(user), role=Role.ASSESSOR)
    return rows.select_related("user", "organisation", "lent_by")


def borrowed_at(centres: set[int], *, today: date) -> QuerySet[Any]:
    """Assessors whom some centres have borrowed, now or later."""
    learners = Allocation.objects.filter(
        in_force(), user=OuterRef("user"), role=Part.ASSESSOR, registration__centre=OuterRef("organisation")
    )
    rows = Membership.objects.filter(organisation__in=centres, lent_by__isnull=False, ends_on__gte=today)
    rows = rows.select_related("user", "organisation", "lent_by").order_by("ends_on", "pk")
    return rows.annotate(learners=_number(learners, "user", "registration"))


def absences_of(centres: set[int]) -> QuerySet[Any]:
    """Absences at some centres, with how many learners the person has and how many of them have cover."""
    cover = Allocation.objects.filter(covers=OuterRef("pk"), ends_on__gte=F("starts_on"))
    theirs = Allocation.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("starts_on")) & Q(ends_on__gte=F("starts_on")),
        user=OuterRef("user"), role=Part.ASSESSOR, starts_on__lte=OuterRef("ends_on"), covers__isnull=True,
        registration__centre=OuterRef("centre"), registration__state__in=Registration.OPEN_STATES,
    )  # fmt: skip
    rows = Absence.objects.filter(centre__in=centres).select_related("user", "centre")
    return rows.annotate(covered=_number(cover, "covers", "registration"),
                         learners=_number(theirs, "user", "registration"))  # fmt: skip


def staff_of(centres: set[int]) -> QuerySet[User]:
    """Who assesses or assures at some centres today."""
    roles = (Role.ASSESSOR, Role.IQA, Role.LEAD_IQA)
    rows = Membership.objects.current().filter(organisation__in=centres, role__in=roles)
    return User.objects.filter(pk__in=rows.values("user"), is_active=True).order_by("name", "pk")
