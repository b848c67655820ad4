"""Which handed-on decisions wait for whom to countersign or scrutinise them (rules 9 and 10), in set-based queries.

What `assessment.policies.why_not_check` says of one person and one submission stands here as conditions of a query,
so that a lane and its count are one and the same; a test holds the two together.
"""

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessment.models import Decision, DualRoleDeclaration, InterestDeclaration, Objection, SecondCheck
from assessment.policies import CHECKED_STATES
from courses.delivery.api import Allocation, Placement, SettingSupport, allocated, in_force
from courses.framework.api import AssessmentPolicy
from lms.accounts.api import Membership, Role, StaffQualification, User
from lms.accounts.competence import KEEPER_ROLES
from portfolio.api import Submission

COUNTERSIGN, SCRUTINY = SecondCheck.Kind.COUNTERSIGN.value, SecondCheck.Kind.SCRUTINY.value
LANES = {COUNTERSIGN: "To countersign", SCRUTINY: "To scrutinise"}
CHECKERS = (Allocation.Role.ASSESSOR, Allocation.Role.SECOND_ASSESSOR)
OTHERS = (Allocation.Role.SUPPORTER, Allocation.Role.MENTOR, Allocation.Role.TUTOR)
State = Decision.State
STATES = [state.value for state in CHECKED_STATES.values()]


def being_checked() -> QuerySet[Any]:
    """Handed-on submissions with the check that they wait for (`lane`: countersigning comes first)."""
    left = {kind: _left(kind) for kind in LANES}
    lane = Case(
        When(Exists(left[COUNTERSIGN]), then=Value(COUNTERSIGN)), When(Exists(left[SCRUTINY]), then=Value(SCRUTINY)),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip
    return Submission.objects.being_checked().annotate(lane=lane)


def _left(kind: str) -> QuerySet[Decision]:
    """Decisions of the outer submission that wait for a check of that kind."""
    agreed = SecondCheck.objects.filter(decision=OuterRef("pk"), kind=kind, agrees=True)
    return Decision.objects.filter(~Exists(agreed), submission=OuterRef("pk"),
                                   state=CHECKED_STATES[SecondCheck.Kind(kind)])  # fmt: skip


def with_facts(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what a line of a lane says: learner, cohort, who decided, and how many decisions."""
    return rows.select_related("registration__learner", "registration__cohort", "assessor").annotate(
        decided_by=Case(*(When(lane=kind, then=Subquery(_left(kind).order_by("pk").values("decider__name")[:1]))
                          for kind in LANES), output_field=CharField()),
        decisions_waiting=Case(*(When(lane=kind, then=_number(kind)) for kind in LANES), output_field=IntegerField()),
    )  # fmt: skip


def _number(kind: str) -> Coalesce:
    found = _left(kind).order_by().values("submission").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


def checkers(kind: str) -> QuerySet[Allocation]:
    """Allocations to the outer submission's learner of people who may check it today: see `why_not_check`."""
    user, registration = OuterRef("user"), OuterRef("registration")
    decided = Decision.objects.filter(submission=OuterRef(OuterRef("pk")), decider=user, state__in=STATES)
    interests = InterestDeclaration.objects.filter(user=user, registration=registration).exclude(
        outcome=InterestDeclaration.Outcome.CLEARED
    )
    works = Placement.objects.filter(
        in_force(), in_force("setting__memberships__"), registration=registration, setting__memberships__user=user
    )
    objections = Objection.objects.filter(about=user, registration=registration).exclude(
        outcome=Objection.Outcome.NOT_UPHELD
    )
    rows = Allocation.objects.filter(
        in_force(), ~Q(user=F("registration__learner")), Exists(_role(user)), ~Exists(decided), ~Exists(interests),
        ~Exists(works), ~Exists(objections), registration=OuterRef("registration"), role__in=CHECKERS,
        user__is_active=True,
    )  # fmt: skip
    return _qualified(rows) if kind == COUNTERSIGN else _without_dual_role(rows)


def _role(user: OuterRef) -> QuerySet[Membership]:
    return Membership.objects.current().filter(user=user, role=Role.ASSESSOR)


def _qualified(rows: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """Rule 10: holds a proved assessing qualification today, and the occupational competence that the awarding
    organisation may ask for."""
    today = timezone.localdate()
    held = StaffQualification.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=today), user=OuterRef("user"), awarded_on__lte=today,
        checked_at__isnull=False, withdrawn_at__isnull=True,
    )  # fmt: skip
    kinds, path = StaffQualification.Kind, "registration__qualification"
    competent = held.filter(
        Q(sector="") | Q(sector=OuterRef(f"{path}__sector")),
        Q(up_to_level__isnull=True) | Q(up_to_level__gte=OuterRef(f"{path}__level")), kind=kinds.OCCUPATIONAL,
    )  # fmt: skip
    policy = AssessmentPolicy.objects.filter(qualification=OuterRef(path), in_force_from__lte=timezone.now())
    asked = Subquery(policy.order_by("-in_force_from", "-pk").values("occupational_competence")[:1])
    return rows.annotate(
        asks_competence=Coalesce(asked, False, output_field=BooleanField())
    ).filter(Exists(held.filter(kind=kinds.ASSESSING)), Q(asks_competence=False) | Exists(competent))  # fmt: skip


def _without_dual_role(rows: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """Rule 9: neither supports, teaches nor manages the learner, by the records and by declaration."""
    user, registration = OuterRef("user"), OuterRef("registration")
    others = Allocation.objects.filter(in_force(), user=user, registration=registration, role__in=OTHERS)
    supported = SettingSupport.objects.filter(
        in_force(), in_force("setting__placements__"), user=user, setting__placements__registration=registration
    )
    declared = DualRoleDeclaration.objects.filter(
        in_force("allocation__"), allocation__role=Allocation.Role.ASSESSOR, user=user, registration=registration,
        valid_until__gte=timezone.localdate(),
    ).annotate(
        dual=Case(When(Q(supports=True) | Q(teaches=True) | Q(manages=True), then=Value(True)), default=Value(False),
                  output_field=BooleanField())
    )  # fmt: skip
    newest = Subquery(declared.order_by("-pk").values("dual")[:1])
    return rows.annotate(declared_dual=Coalesce(newest, False, output_field=BooleanField())).filter(
        ~Exists(others), ~Exists(supported), declared_dual=False
    )


def checkable_by(user: User) -> QuerySet[Any]:
    """Handed-on submissions whose next check the user may do today."""
    if not user.has_role(Role.ASSESSOR):
        return being_checked().none()
    mine = [Q(Exists(checkers(kind).filter(user=user)), lane=kind) for kind in LANES]
    # Said twice, so that the database begins with the user's few learners and not with everybody's submissions.
    rows = being_checked().filter(allocated(user, *CHECKERS, registration="registration"))
    return rows.filter(mine[0] | mine[1])


def in_no_lane() -> QuerySet[Any]:
    """Handed-on submissions that nobody allocated to their learner may check today."""
    found = [Q(Exists(checkers(kind)), lane=kind) for kind in LANES]
    return being_checked().exclude(found[0] | found[1])


def lane_counts(user: User) -> dict[str, int]:
    """How many submissions stand in each of the user's lanes. One query."""
    counts: dict[str, Any] = {kind: Count("pk", filter=Q(lane=kind)) for kind in LANES}
    return checkable_by(user).aggregate(**counts)


def handed_on_by(user: User) -> QuerySet[Any]:
    """The user's own submissions that a second assessor has still to check."""
    return being_checked().filter(allocated(user, Allocation.Role.ASSESSOR, registration="registration"), assessor=user)


def waiting_at(user: User) -> QuerySet[Any]:
    """Handed-on submissions of the centres whose staff the user allocates, with who may check each (`checker`: the
    first of them by name, empty when nobody allocated may)."""
    rows = being_checked().filter(registration__centre__in=user.centres(*KEEPER_ROLES))
    names = {kind: checkers(kind).order_by("user__name", "pk").values("user__name")[:1] for kind in LANES}
    found = Case(*(When(lane=kind, then=Subquery(names[kind])) for kind in LANES), output_field=CharField())
    return rows.annotate(checker=Coalesce(found, Value("")))


def without_checker(user: User) -> int:
    """How many of them nobody allocated may check. One query, none for somebody who allocates nobody."""
    centres = user.centres(*KEEPER_ROLES)
    return in_no_lane().filter(registration__centre__in=centres).count() if centres else 0
