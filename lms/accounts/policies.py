"""Business facts about a person's roles."""

from .models import Organisation, Role, User

AUTHORING_ROLES = (Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER)


def may_edit_content(user: User) -> bool:
    """Authors, reviewers and publishers of an awarding organisation, and the system administrator."""
    awarding = Organisation.Kind.AWARDING_ORGANISATION
    mine = (m for m in user.current_memberships if m.role in AUTHORING_ROLES)
    return user.is_superuser or any(m.organisation.kind == awarding for m in mine)


def may_enter_editor(user: User) -> bool:
    """Whoever edits content, and the staff of a local authority, who find only their own there."""
    local = Organisation.Kind.LOCAL_AUTHORITY
    staff = (Role.COHORT_MANAGER, Role.AREA_SENCO, Role.AUTHOR)
    mine = (m for m in user.current_memberships if m.role in staff)
    return may_edit_content(user) or any(m.organisation.kind == local for m in mine)


def is_staff_of(user: User, organisation_id: int, *roles: str) -> bool:
    """Holds one of the roles at that organisation today."""
    return organisation_id in user.organisations(*roles)
