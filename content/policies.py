"""Who may write the words and the law that lessons name."""

from typing import Any

from django.db import models
from wagtail.permission_policies import ModelPermissionPolicy

from lms.accounts.api import Role, User

from .models import GlossaryTerm, LegalReference


def writes_for(user: User) -> set[int]:
    """The organisations whose glossary and legal references the person writes."""
    return user.organisations(Role.AUTHOR)


def may_write(user: User, row: GlossaryTerm | LegalReference) -> bool:
    """An author writes their own organisation's; what comes with the product, the system administrator only."""
    return user.is_superuser or row.organisation_id in writes_for(user)


class OwnOrganisation(ModelPermissionPolicy):
    """Wagtail's question "may this person do it to this row": rights of the group, on rows of the organisation. The
    product's own rows are for all to see and for nobody of an organisation to change."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        if not self.user_has_permission(user, action):
            return False
        if action == "view":
            return self.model.objects.visible_to(user).filter(pk=instance.pk).exists()
        return may_write(user, instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> models.QuerySet:
        if not self.user_has_any_permission(user, actions):
            return self.model.objects.none()
        if "view" in actions or user.is_superuser:
            return self.model.objects.visible_to(user)
        return self.model.objects.filter(organisation__in=writes_for(user))
