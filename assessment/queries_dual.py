"""What is read of the Area SENCO's two hats: settings and trainees, declarations, policies, objections."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessment.models import Decision, DualRoleDeclaration, DualRolePolicy, Objection, SecondCheck
from assessment.policies.facts import OTHER_ROLES
from assessment.policies.interest import DEFAULTS, strictest
from assessment.policies.owners import KIND, may_set_assessment_policy, may_set_dual_roles
from courses.delivery.api import (
    Allocation,
    Cohort,
    CriterionStatus,
    Placement,
    Registration,
    SettingSupport,
    allocated,
    in_force,
)
from courses.framework.api import AssessmentPolicy, PathwayLevel, Qualification
from lms.accounts.api import Organisation, Role, User

Roles, Tier = Allocation.Role, DualRolePolicy.Tier
SOON_DAYS = 30
OPEN = Registration.OPEN_STATES


# My settings


def settings_supported_by(user: User, *, words: str = "") -> QuerySet[Any]:
    """The settings that somebody supports today, with `since`. `words`: part of the setting's name, or of the name of
    a trainee there whom the user may see."""
    mine = SettingSupport.objects.filter(in_force(), user=user)
    rows = Organisation.objects.filter(Exists(mine.filter(setting=OuterRef("pk"))))
    if words:
        visible = Registration.objects.visible_to(user).filter(state__in=OPEN, learner__name__icontains=words)
        there = Placement.objects.filter(in_force(), setting=OuterRef("pk"), registration__in=visible)
        rows = rows.filter(Q(name__icontains=words) | Exists(there))
    since = mine.filter(setting=OuterRef("pk")).order_by("starts_on", "pk")
    return rows.annotate(since=Subquery(since.values("starts_on")[:1]))


@dataclass
class SettingRow:
    """A setting that the user supports, with the trainees there whom they may see."""

    setting: Any
    trainees: list[Any] = field(default_factory=list)


def with_trainees(user: User, settings: Iterable[Any]) -> list[SettingRow]:
    """The settings with the trainees who work there today: achieved and total, their assessors, and whether the user
    is one of them. Two queries. Progress only: supporting a setting opens no evidence (rule 35)."""
    rows = {setting.pk: SettingRow(setting) for setting in settings}
    visible = Registration.objects.visible_to(user).filter(state__in=OPEN).exclude(learner=user)
    assessors = Allocation.objects.filter(in_force(), role=Roles.ASSESSOR).select_related("user")
    found = (
        _with_progress(visible.filter(placements__in=Placement.objects.filter(in_force(), setting__in=rows)))
        .annotate(setting_id=F("placements__setting_id"))
        .select_related("learner", "cohort")
    )
    found = found.prefetch_related(
        Prefetch("allocations", assessors.order_by("starts_on", "pk"), to_attr="assessors_now")
    ).order_by("learner__name", "pk").distinct()  # fmt: skip
    for registration in found:
        registration.is_mine = any(row.user_id == user.pk for row in registration.assessors_now)
        if registration.setting_id in rows:
            rows[registration.setting_id].trainees.append(registration)
    return list(rows.values())


def _with_progress(rows: QuerySet[Registration]) -> QuerySet[Any]:
    statuses = CriterionStatus.objects.filter(registration=OuterRef("pk")).order_by().values("registration")
    achieved = statuses.filter(status=CriterionStatus.Status.ACHIEVED)
    return rows.annotate(
        total=Coalesce(Subquery(statuses.annotate(n=Count("pk")).values("n")), 0),
        achieved=Coalesce(Subquery(achieved.annotate(n=Count("pk")).values("n")), 0),
    )


def assessed_by(user: User) -> QuerySet[Any]:
    """The learners whose assessor the user is today, with their declaration in force: `declaration` (its pk),
    `declared_supports`, `declared_teaches`, `declared_manages`, `valid_until`; and what the records say: `supports`,
    `teaches`."""
    today = timezone.localdate()
    declared = DualRoleDeclaration.objects.filter(
        in_force("allocation__"), allocation__role=Roles.ASSESSOR, user=user, registration=OuterRef("pk"),
        valid_until__gte=today,
    ).order_by("-pk")  # fmt: skip
    rows = Registration.objects.visible_to(user).filter(allocated(user, Roles.ASSESSOR), state__in=OPEN)
    return rows.exclude(learner=user).select_related("learner", "cohort").annotate(
        declaration=Subquery(declared.values("pk")[:1]), valid_until=Subquery(declared.values("valid_until")[:1]),
        supports=_supports(user), teaches=_allocated_as(user, Roles.TUTOR),
        **{f"declared_{role}": Subquery(declared.values(role)[:1]) for role in OTHER_ROLES},
    )  # fmt: skip


def _allocated_as(user: User, *roles: str) -> Exists:
    return allocated(user, *roles)


def _supports(user: User) -> Q:
    """As `policies.facts_of` reads it from the records."""
    places = Placement.objects.filter(
        in_force(), registration=OuterRef("pk"),
        setting__in=SettingSupport.objects.filter(in_force(), user=user).values("setting"),
    )  # fmt: skip
    return Q(allocated(user, Roles.SUPPORTER, Roles.MENTOR)) | Q(Exists(places))


def to_declare(user: User) -> QuerySet[Any]:
    """Those of `assessed_by` for whom the user must declare before they can decide (rule 9)."""
    rows = assessed_by(user).filter(declaration__isnull=True)
    return rows if user.has_role(Role.AREA_SENCO) else rows.filter(Q(supports=True) | Q(teaches=True))


def soon_over(user: User, *, today: date) -> QuerySet[Any]:
    """Those of `assessed_by` whose declaration ends within 30 days."""
    return assessed_by(user).filter(valid_until__lte=today + timedelta(days=SOON_DAYS))


# Declaring


def support_on_record(user: User, registration: Registration) -> list[str]:
    """Why the records say that somebody supports or teaches a learner, each as a sentence. Two queries."""
    places = registration.placements.filter(in_force()).values("setting")
    support = SettingSupport.objects.filter(in_force(), user=user, setting__in=places).select_related("setting")
    allocations = registration.allocations.filter(
        in_force(), user=user, role__in=[Roles.SUPPORTER, Roles.MENTOR, Roles.TUTOR]
    )
    found = [f"You support {row.setting.name}, where {registration.learner.first_name} works, since "
             f"{row.starts_on:%-d %B %Y}." for row in support.order_by("starts_on", "pk")]  # fmt: skip
    return found + [
        f"You are {registration.learner.first_name}’s {row.get_role_display().lower()} since "
        f"{row.starts_on:%-d %B %Y}." for row in allocations.order_by("starts_on", "pk")
    ]  # fmt: skip


# What the learner sees


@dataclass
class Person:
    """Somebody allocated to a learner today, as the learner sees them."""

    user: User
    allocations: list[Allocation]
    declaration: DualRoleDeclaration | None = None
    objection: Objection | None = None

    @property
    def roles(self) -> list[str]:
        """Which roles they are allocated in."""
        return [row.role for row in self.allocations]

    @property
    def assesses(self) -> bool:
        """Decides about the learner's work, first or second."""
        return Roles.ASSESSOR in self.roles or Roles.SECOND_ASSESSOR in self.roles

    @property
    def may_be_objected_to(self) -> bool:
        """Assesses, and no objection to them is open."""
        return self.assesses and (self.objection is None or self.objection.decided_at is not None)


def people_of(registration: Registration) -> list[Person]:
    """Everybody allocated to a learner today, whoever assesses first, each with their latest declaration in force and
    the learner's latest objection to them. Three queries."""
    rows = registration.allocations.filter(in_force()).select_related("user", "covers__user")
    found: dict[int, Person] = {}
    for row in rows.order_by("starts_on", "pk"):
        found.setdefault(row.user_id, Person(row.user, [])).allocations.append(row)
    declared = DualRoleDeclaration.objects.filter(registration=registration, user__in=found)
    for declaration in declared.order_by("pk"):
        found[declaration.user_id].declaration = declaration
    for objection in Objection.objects.filter(registration=registration, about__in=found).order_by("pk"):
        found[objection.about_id].objection = objection
    order = list(Roles)
    return sorted(found.values(), key=lambda person: min(order.index(Roles(role)) for role in person.roles))


def former_objections(registration: Registration, people: list[Person]) -> list[Objection]:
    """The learner's objections to people who are not allocated any more. One query."""
    rows = registration.objections.exclude(about__in=[person.user for person in people]).select_related("about")
    return list(rows.order_by("-pk"))


# Objections for the lead IQA


def objections_for(user: User) -> QuerySet[Objection]:
    """Objections at the centres whose lead IQA the user is."""
    centres = user.organisations(Role.LEAD_IQA)
    mine = Registration.objects.visible_to(user).filter(centre__in=centres)
    return Objection.objects.filter(registration__in=mine).select_related(
        "about", "registration__learner", "registration__cohort", "decided_by"
    )


def others_who_assess(registration: Registration, about: User) -> list[User]:
    """Who else assesses the learner today."""
    rows = registration.allocations.filter(in_force(), role=Roles.ASSESSOR).exclude(user=about).select_related("user")
    return [row.user for row in rows.order_by("starts_on", "pk")]


# Policies


@dataclass
class TierLine:
    """What holds in one tier: the pathway's default, the awarding organisation's rule, the authority's (None = not
    set)."""

    tier: str
    default: str
    of_ao: DualRolePolicy | None
    of_authority: DualRolePolicy | None = None

    @property
    def tier_words(self) -> str:
        """The tier's name."""
        return Tier(self.tier).label

    @property
    def default_words(self) -> str:
        """The default in words."""
        return DualRolePolicy.Rule(self.default).label

    @property
    def holds(self) -> str:
        """The rule in force: the strictest, as `policies.dual_role_rule` finds it."""
        rules = [self.of_ao.rule if self.of_ao else self.default]
        return strictest(rules + ([self.of_authority.rule] if self.of_authority else []))

    @property
    def holds_words(self) -> str:
        """The rule in force, in words."""
        return DualRolePolicy.Rule(self.holds).label

    @property
    def award(self) -> bool:
        """The National Award is asked for too."""
        return any(row.national_award for row in (self.of_ao, self.of_authority) if row)


@dataclass
class PolicyCard:
    """What holds for the cohorts of one authority (None = any) in the qualifications of one awarding organisation in
    one sector."""

    awarding: Organisation
    authority: Organisation | None
    sector: str
    lines: list[TierLine]


def policy_cards(user: User, *, at: datetime) -> list[PolicyCard]:
    """What holds on dual roles, for whoever sets or must know it: an awarding organisation's administrators, an
    authority's cohort managers and Area SENCOs, a centre's lead IQAs and administrators. Four queries at most."""
    own = [m.organisation for m in user.current_memberships
           if may_set_assessment_policy(user, m.organisation_id)]  # fmt: skip
    cohorts = Cohort.objects.visible_to(user).select_related(
        "qualification__awarding_organisation", "local_authority"
    ).order_by("pk")  # fmt: skip
    keys: dict[tuple[int, int, str], tuple[Organisation, Organisation | None, str]] = {}
    for cohort in cohorts:
        ao, sector = cohort.qualification.awarding_organisation, cohort.qualification.sector
        keys[ao.pk, cohort.local_authority_id or 0, sector] = (ao, cohort.local_authority, sector)
    for qualification in Qualification.objects.filter(awarding_organisation__in=own).select_related(
        "awarding_organisation"
    ):
        ao, sector = qualification.awarding_organisation, qualification.sector
        keys[ao.pk, 0, sector] = (ao, None, sector)
    owners = {pk for key in keys for pk in key[:2] if pk}
    newest = {(row.organisation_id, row.tier): row for row in history_of_dual_roles(owners, until=at).reverse()}
    defaults = _defaults()
    return [
        PolicyCard(ao, authority, sector, [
            TierLine(tier, default, newest.get((ao.pk, tier)),
                     newest.get((authority.pk, tier)) if authority else None)
            for tier in Tier.values if (default := defaults.get((sector, tier))) is not None
        ])
        for ao, authority, sector in sorted(keys.values(), key=lambda k: (k[0].name, k[1].name if k[1] else "", k[2]))
    ]  # fmt: skip


def _defaults() -> dict[tuple[str, str], str]:
    """The pathway's default by sector and tier: the strictest of its levels."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for level in PathwayLevel.objects.all():
        for tier, word in level.area_senco_assessor.items():
            found[level.sector, tier].append(DEFAULTS[word])
    return {key: strictest(rules) for key, rules in found.items()}


def history_of_dual_roles(organisation_ids: Iterable[int], *, until: datetime, tier: str = "") -> QuerySet[Any]:
    """The rows of organisations' policies on dual roles, the newest first."""
    rows = DualRolePolicy.objects.filter(organisation__in=list(organisation_ids), in_force_from__lte=until)
    if tier:
        rows = rows.filter(tier=tier)
    return rows.select_related("set_by", "organisation").order_by("-in_force_from", "-pk")


def settable_by(user: User) -> list[Organisation]:
    """The organisations whose policy on dual roles the user sets."""
    rows = {m.organisation for m in user.current_memberships}
    return sorted((row for row in rows if may_set_dual_roles(user, row)), key=lambda row: (row.kind, row.name))


def qualifications_set_by(user: User) -> QuerySet[Qualification]:
    """The qualifications whose assessment policy the user sets."""
    own = [m.organisation_id for m in user.current_memberships if may_set_assessment_policy(user, m.organisation_id)]
    rows = Qualification.objects.filter(awarding_organisation__in=own).select_related("awarding_organisation")
    return rows.order_by("title", "pk")


def policy_history(qualification: Qualification) -> QuerySet[AssessmentPolicy]:
    """The rows of a qualification's assessment policy, the newest first."""
    return qualification.policies.select_related("set_by").order_by("-in_force_from", "-pk")


# The report


def reported_registrations(user: User) -> QuerySet[Registration]:
    """The registrations whose dual-role decisions the user may report on: those of their centre (lead IQA), of their
    authority's cohorts (cohort manager), of their awarding organisation's qualifications (its administrator)."""
    own = [m.organisation_id for m in user.current_memberships if may_set_assessment_policy(user, m.organisation_id)]
    return Registration.objects.filter(
        Q(centre__in=user.organisations(Role.LEAD_IQA))
        | Q(cohort__local_authority__in=user.organisations(Role.COHORT_MANAGER))
        | Q(qualification__awarding_organisation__in=own)
    )


def may_report(user: User) -> bool:
    """Has one of the roles that the report is for."""
    return user.has_role(Role.LEAD_IQA, Role.COHORT_MANAGER) or any(
        m.organisation.kind == KIND.AWARDING_ORGANISATION and m.role == Role.CENTRE_ADMINISTRATOR
        for m in user.current_memberships
    )


def dual_decisions(user: User, *, chosen: dict[str, Any] | None = None) -> QuerySet[Any]:
    """Every decision made by somebody with a dual role (rule 9) that the user may report on, with what they declared
    before it (`said_supports`, `said_teaches`, `said_manages`, `said_at`) and who confirmed it when (`scrutineer`,
    `scrutinised_at`, `agreed`). `chosen`: cohort (ref), decider (pk), rule."""
    chosen = chosen or {}
    rows = Decision.objects.exclude(dual_role="").exclude(state=Decision.State.DRAFT).filter(
        registration__in=reported_registrations(user)
    )  # fmt: skip
    if "cohort" in chosen:
        rows = rows.filter(registration__cohort__ref=chosen["cohort"])
    if "decider" in chosen:
        rows = rows.filter(decider=chosen["decider"])
    if "rule" in chosen:
        rows = rows.filter(dual_role=chosen["rule"])
    said = DualRoleDeclaration.objects.filter(
        user=OuterRef("decider"), registration=OuterRef("registration"), declared_at__lte=OuterRef("saved_at")
    ).order_by("-pk")
    check = SecondCheck.objects.filter(decision=OuterRef("pk"), kind=SecondCheck.Kind.SCRUTINY).order_by("-pk")
    return rows.select_related("decider", "criterion", "registration__learner", "registration__cohort").annotate(
        said_at=Subquery(said.values("declared_at")[:1]),
        scrutineer=Subquery(check.values("checked_by__name")[:1]),
        scrutinised_at=Subquery(check.values("checked_at")[:1]),
        agreed=Subquery(check.values("agrees")[:1]),
        **{f"said_{role}": Subquery(said.values(role)[:1]) for role in OTHER_ROLES},
    )  # fmt: skip


def filters_of(user: User) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The cohorts and the deciders that the report has, as choices. Two queries."""
    rows = dual_decisions(user)
    cohorts = rows.filter(registration__cohort__isnull=False).order_by("registration__cohort__name")
    deciders = rows.order_by("decider__name")
    return (
        [(str(ref), name) for ref, name in
         cohorts.values_list("registration__cohort__ref", "registration__cohort__name").distinct()],
        [(str(pk), name) for pk, name in deciders.values_list("decider", "decider__name").distinct()],
    )  # fmt: skip
