"""Qualifications, cohorts and registered learners."""

from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone

from assessment.models import DualRoleDeclaration
from courses.delivery.api import Allocation, Cohort, Registration, allocate, register_learner
from courses.framework.api import Criterion, Framework, Qualification, set_policy
from courses.pages.models import CoursePage
from lms.accounts.api import Organisation, Role, User

from .people import make_organisation, make_person

FRAMEWORK = "early-years-senco-level-3-2022"


class QualificationFactory(factory.django.DjangoModelFactory):
    """A qualification on the real framework. Its awarding organisation must be given."""

    class Meta:
        model = Qualification

    code = factory.Sequence(lambda n: f"qualification-{n}")
    title = factory.Sequence(lambda n: f"Level 3 Certificate {n}")
    level = 3
    sector = "early_years"


def make_qualification(awarding_organisation: Organisation | None = None, *, framework: Framework | None = None,
                       policy: dict[str, Any] | None = None, **fields: Any) -> Qualification:  # fmt: skip
    """A qualification of an awarding organisation on the real framework, with a policy if values for it are given."""
    owner = awarding_organisation or make_organisation(Organisation.Kind.AWARDING_ORGANISATION)
    framework = framework or Framework.objects.get(code=FRAMEWORK)
    made = QualificationFactory(awarding_organisation=owner, framework=framework, **fields)
    if policy is not None:
        set_policy(made, by=None, at=timezone.now() - timedelta(days=60), **policy)
    return made


class CohortFactory(factory.django.DjangoModelFactory):
    """A cohort that began two months ago."""

    class Meta:
        model = Cohort

    name = factory.Sequence(lambda n: f"Cohort {n}")
    places = 24
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=60))
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=240))


def make_cohort(qualification: Qualification, centre: Organisation, local_authority: Organisation | None = None,
                **fields: Any) -> Cohort:  # fmt: skip
    """A cohort of a centre, following the course of its qualification where there is one."""
    course = CoursePage.objects.filter(qualification=qualification).first()
    fields.setdefault("course", course.page_ptr if course else None)
    return CohortFactory(qualification=qualification, centre=centre, local_authority=local_authority, **fields)


def make_learner(cohort: Cohort | None = None, *, qualification: Qualification | None = None,
                 centre: Organisation | None = None, setting: Organisation | None = None,
                 assessor: User | None = None, learner: User | None = None, name: str | None = None,
                 registered_on: date | None = None) -> Registration:  # fmt: skip
    """A registered learner, placed in a setting and with an assessor if these are given."""
    qualification = qualification or (cohort.qualification if cohort else make_qualification())
    centre = centre or (cohort.centre if cohort else make_organisation(Organisation.Kind.CENTRE))
    registration = register_learner(
        learner or make_person(name), qualification, centre=centre, cohort=cohort, setting=setting,
        registered_on=registered_on or timezone.localdate() - timedelta(days=30), by=None, at=timezone.now(),
    )  # fmt: skip
    if assessor is not None:
        allocate_assessor(registration, assessor)
    return registration


def allocate_assessor(registration: Registration, user: User, role: str = Allocation.Role.ASSESSOR) -> Allocation:
    """Allocates a person to a learner since yesterday, as assessor unless told. An Area SENCO has declared that they
    have no other role towards the learner; `declare_roles` says otherwise."""
    allocation = allocate(
        registration, user, Allocation.Role(role), starts_on=timezone.localdate() - timedelta(days=1), by=None,
        at=timezone.now(),
    )  # fmt: skip
    if role == Allocation.Role.ASSESSOR and user.has_role(Role.AREA_SENCO):
        declare_roles(allocation)
    return allocation


def declare_roles(allocation: Allocation, **roles: bool) -> DualRoleDeclaration:
    """What an assessor declares for their allocation: `declare_roles(allocation, supports=True)` (rule 9)."""
    return DualRoleDeclaration.objects.create(
        allocation=allocation, registration=allocation.registration, user=allocation.user, declared_at=timezone.now(),
        valid_until=timezone.localdate() + timedelta(days=365), **roles,
    )  # fmt: skip


def criterion(code: str, framework: str = FRAMEWORK) -> Criterion:
    """A criterion of the real framework by its code."""
    return Criterion.objects.select_related("outcome__section").get(framework__code=framework, code=code)
