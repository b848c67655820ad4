"""Business facts about a person's roles."""

from .models import Role, User


def may_edit_content(user: User) -> bool:
    """Authors and reviewers of an awarding organisation, and the system administrator."""
    return user.is_superuser or user.has_role(Role.AUTHOR, Role.REVIEWER)


def is_staff_of(user: User, organisation_id: int, *roles: str) -> bool:
    """Holds one of the roles at that organisation today."""
    return organisation_id in user.organisations(*roles)
