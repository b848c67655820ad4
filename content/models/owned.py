"""Rows that come with the product, or belong to one awarding organisation."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from lms.accounts.models import Role

if TYPE_CHECKING:
    from lms.accounts.models import User

READERS = (Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER)


class OwnedQuerySet(models.QuerySet):
    """Glossary terms and legal references: those of the product are for all, an organisation's are its own."""

    def of(self, organisations: Iterable[int]) -> Self:
        """Those of the product and of these organisations."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation__in=list(organisations)))

    def visible_to(self, user: "User") -> Self:
        """What somebody sees in the editor: the product's and their own organisations'; the system administrator,
        everything."""
        return self.all() if user.is_superuser else self.of(user.organisations(*READERS))
