"""People and organisations."""

from datetime import date, timedelta
from typing import Any

import factory
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from lms.accounts.api import Organisation, Role, StaffQualification, User, grant_membership


class UserFactory(factory.django.DjangoModelFactory):
    """A person who signs in with the demonstration's password."""

    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n:06}@people.example")
    password = factory.LazyFunction(lambda: make_password(settings.DEMO_PASSWORD))


class OrganisationFactory(factory.django.DjangoModelFactory):
    """An organisation; a setting unless told."""

    class Meta:
        model = Organisation

    kind = Organisation.Kind.SETTING
    name = factory.Sequence(lambda n: f"Organisation {n}")


def make_organisation(kind: str = Organisation.Kind.SETTING, name: str | None = None, **fields: Any) -> Organisation:
    """An organisation of a kind."""
    if name is not None:
        fields["name"] = name
    return OrganisationFactory(kind=kind, **fields)


def make_person(name: str | None = None, *roles: tuple[Role | str, Organisation], since: date | None = None,
                **fields: Any) -> User:  # fmt: skip
    """A person who holds these roles since a month ago: `make_person("Ann", (Role.ASSESSOR, centre))`. An assessor is a
    qualified one (rule 10), unless `make_unqualified` takes that back."""
    if name is not None:
        fields["name"] = name
    user = UserFactory(**fields)
    start = since or timezone.localdate() - timedelta(days=30)
    for role, organisation in roles:
        grant_membership(user, organisation, Role(role), starts_on=start, by=None, at=timezone.now())
    if any(role == Role.ASSESSOR for role, _ in roles):
        make_qualified(user)
    return user


def make_qualified(user: User, kind: str = StaffQualification.Kind.ASSESSING, *, awarded_on: date | None = None,
                   **fields: Any) -> StaffQualification:  # fmt: skip
    """The person holds a qualification since two years ago, and somebody has seen proof of it."""
    checker = User.objects.filter(email="registrar@people.example").first() or UserFactory(
        email="registrar@people.example", name="Registrar"
    )
    vars(user).pop("qualifications_held", None)
    return StaffQualification.objects.create(
        user=user, kind=kind, title="Level 3 Award in Assessing", checked_by=checker, checked_at=timezone.now(),
        awarded_on=awarded_on or timezone.localdate() - timedelta(days=730), **fields,
    )  # fmt: skip


def make_unqualified(user: User, *, since: date | None = None) -> User:
    """The person holds no assessing qualification; works towards one since a day, if given."""
    StaffQualification.objects.filter(user=user).delete()
    vars(user).pop("qualifications_held", None)
    if since is not None:
        StaffQualification.objects.create(user=user, kind=StaffQualification.Kind.ASSESSING,
                                          title="Level 3 Award in Assessing", working_towards_since=since)  # fmt: skip
    return user
