"""What assessors and quality assurers read, in a constant number of queries."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessment.models import Decision, DualRoleDeclaration, InterestDeclaration, Objection
from assessment.queries_desk import with_others
from courses.delivery.api import Allocation, CriterionStatus, Placement, Registration, allocated, in_force
from courses.framework.api import AssessmentPolicy, Criterion, Qualification, Section
from courses.pages.models import CoursePage
from lms.accounts.api import Role, User
from portfolio.api import AttemptGrant, Submission, SubmittedCriterion

Status = CriterionStatus.Status
OTHER_ROLES = (Allocation.Role.SUPPORTER, Allocation.Role.TUTOR, Allocation.Role.MENTOR)


def _count(rows: QuerySet, group: str, **conditions: Any) -> Coalesce:
    """How many rows belong to the outer row, as a subquery of its own, so that counts do not multiply."""
    found = rows.filter(**{group: OuterRef("pk")}, **conditions).order_by().values(group)
    return Coalesce(Subquery(found.annotate(n=Count("pk")).values("n")), 0)


def with_facts(rows: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Submissions with what a line of the queue says: learner, cohort, criteria, how many the user has decided in
    draft, and the first conflict that stops the user (rules 8 and 9) in a word: interest, aside, works,
    objection, undeclared, or none."""
    here: dict[str, Any] = {"registration": OuterRef("registration"), "user": user}
    interests = InterestDeclaration.objects.filter(**here)
    objections = Objection.objects.filter(registration=OuterRef("registration"), about=user)
    declared = DualRoleDeclaration.objects.filter(
        in_force("allocation__"), **here, valid_until__gte=timezone.localdate()
    )
    others = Allocation.objects.filter(in_force(), **here, role__in=OTHER_ROLES)
    must_declare = Q() if user.has_role(Role.AREA_SENCO) else Q(Exists(others))
    works = Placement.objects.filter(
        in_force(), registration=OuterRef("registration"),
        setting__in=[membership.organisation_id for membership in user.current_memberships],
    )  # fmt: skip
    return (
        with_others(rows, user)
        .select_related("registration__learner", "registration__cohort", "assessor")
        .annotate(
            criteria=_count(SubmittedCriterion.objects.all(), "submission"),
            decided=_count(Decision.objects.exclude(outcome=""), "submission", decider=user, state="draft"),
            achieved=_count(Decision.objects.all(), "submission", outcome="achieved", released_at__isnull=False),
            conflict=Case(
                When(Exists(interests.filter(resolved_at__isnull=True)), then=Value("interest")),
                When(Exists(interests.filter(outcome="stands_aside")), then=Value("aside")),
                When(Exists(works), then=Value("works")),
                When(Exists(objections.exclude(outcome="not_upheld")), then=Value("objection")),
                When(must_declare & ~Q(Exists(declared)), then=Value("undeclared")),
                default=Value(""),
            ),
        )
    )


def filtered(rows: QuerySet[Submission], chosen: dict[str, Any], today: date) -> QuerySet[Submission]:
    """The submissions that the filters leave: `q` (part of a name), `cohort` (ref), `overdue`."""
    if "q" in chosen:
        rows = rows.filter(registration__learner__name__icontains=chosen["q"])
    if "cohort" in chosen:
        rows = rows.filter(registration__cohort__ref=chosen["cohort"])
    if "overdue" in chosen:
        rows = rows.filter(due_on__lt=today)
    return rows


def released_for(user: User) -> QuerySet[Submission]:
    """Released submissions of the learners whose assessor the user is today."""
    return Submission.objects.filter(
        Q(allocated(user, Allocation.Role.ASSESSOR, registration="registration")), released_at__isnull=False
    )


def cohorts_of(rows: QuerySet[Submission]) -> list[tuple[str, str]]:
    """The cohorts that these submissions come from, as choices."""
    found = rows.filter(registration__cohort__isnull=False).order_by("registration__cohort__name")
    pairs = found.values_list("registration__cohort__ref", "registration__cohort__name").distinct()
    return [(str(ref), name) for ref, name in pairs]


def learners_assured_by(user: User) -> QuerySet[Any]:
    """Registrations that the user quality-assures today, with progress counts and the latest submission's ref."""
    latest = Submission.objects.filter(registration=OuterRef("pk")).order_by("-number")
    rows = Registration.objects.visible_to(user).filter(allocated(user, Allocation.Role.IQA)).exclude(learner=user)
    statuses = CriterionStatus.objects.all()
    return rows.exclude(state=Registration.State.WITHDRAWN).select_related("learner", "cohort").annotate(
        total=_count(statuses, "registration"),
        achieved=_count(statuses, "registration", status=Status.ACHIEVED),
        waiting=_count(statuses, "registration", status=Status.SUBMITTED),
        referred=_count(statuses, "registration", status=Status.REFERRED),
        latest_ref=Subquery(latest.values("ref")[:1]),
        latest_number=Subquery(latest.values("number")[:1]),
    )  # fmt: skip


def _led_by(user: User) -> QuerySet[Registration]:
    return Registration.objects.visible_to(user).filter(centre__in=user.organisations(Role.LEAD_IQA))


def open_interests(user: User, *, also_resolved: bool = False) -> QuerySet[InterestDeclaration]:
    """Open declarations at the centres whose lead IQA the user is, oldest first."""
    rows = InterestDeclaration.objects.filter(registration__in=_led_by(user))
    if not also_resolved:
        rows = rows.filter(resolved_at__isnull=True)
    return rows.select_related("user", "registration__learner", "registration__cohort").order_by("declared_at", "pk")


def at_attempt_limit(user: User, *, at: datetime, also_granted: bool = False) -> QuerySet[CriterionStatus]:
    """Criteria with changes needed whose attempts are used up (rule 20), at the centres whose lead IQA the user is.
    `also_granted`: those that a grant has opened again, too."""
    limits: dict[int, int | None] = {}
    for policy in AssessmentPolicy.objects.filter(in_force_from__lte=at).order_by("in_force_from", "pk"):
        limits[policy.qualification_id] = policy.attempt_limit
    over = Q(pk__in=[])
    for qualification_id, limit in limits.items():
        if limit is not None:
            allowed = Value(limit) if also_granted else F("granted") + limit
            over |= Q(registration__qualification=qualification_id, used__gte=allowed)
    rows = CriterionStatus.objects.filter(
        registration__in=_led_by(user), registration__state__in=Registration.OPEN_STATES, status=Status.REFERRED
    ).annotate(
        used=_times(SubmittedCriterion.objects.attempts()), granted=_times(AttemptGrant.objects.all())
    )  # fmt: skip
    return rows.filter(over).select_related("registration__learner", "criterion__outcome")


def _times(rows: QuerySet) -> Coalesce:
    rows = rows.filter(registration=OuterRef("registration"), criterion=OuterRef("criterion"))
    return Coalesce(Subquery(rows.order_by().values("registration").annotate(n=Count("pk")).values("n")), 0)


@dataclass
class Reading:
    """What an EQA may read now."""

    sections: list[tuple[Section, list[Criterion]]]
    courses: list[CoursePage]


def reviewed_by(user: User) -> Reading:
    """The published specifications and the live courses of the awarding organisations whose EQA the user is."""
    qualifications = Qualification.objects.filter(awarding_organisation__in=user.organisations(Role.EQA))
    criteria = Criterion.objects.filter(
        framework__in=qualifications.values("framework"), framework__published_at__isnull=False
    ).select_related("framework", "outcome__section")  # fmt: skip
    sections: list[tuple[Section, list[Criterion]]] = []
    for criterion in criteria.order_by("framework__title", "framework_id", "position"):
        section = criterion.outcome.section
        if not sections or sections[-1][0].pk != section.pk:
            sections.append((section, []))
        sections[-1][1].append(criterion)
    courses = CoursePage.objects.live().filter(qualification__in=qualifications).order_by("title")
    return Reading(sections, list(courses))
