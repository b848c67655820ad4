"""People and organisations."""

from datetime import date, timedelta
from typing import Any

import factory
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from lms.accounts.api import Organisation, Role, User, grant_membership


class UserFactory(factory.django.DjangoModelFactory):
    """A person who signs in with the demonstration's password."""

    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@people.example")
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
    """A person who holds these roles since a month ago: `make_person("Ann", (Role.ASSESSOR, centre))`."""
    if name is not None:
        fields["name"] = name
    user = UserFactory(**fields)
    start = since or timezone.localdate() - timedelta(days=30)
    for role, organisation in roles:
        grant_membership(user, organisation, Role(role), starts_on=start, by=None, at=timezone.now())
    return user
