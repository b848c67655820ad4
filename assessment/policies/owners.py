"""Whose settings are whose to change: an awarding organisation's by its administrators, an authority's by its cohort
managers."""

from lms.accounts.api import Organisation, Role, User, is_staff_of

KIND = Organisation.Kind


def may_set_assessment_policy(user: User, organisation_id: int) -> bool:
    """An awarding organisation's administrators set how its qualifications are assessed."""
    return any(
        m.role == Role.CENTRE_ADMINISTRATOR and m.organisation_id == organisation_id
        and m.organisation.kind == KIND.AWARDING_ORGANISATION
        for m in user.current_memberships
    )  # fmt: skip


def may_set_dual_roles(user: User, organisation: Organisation) -> bool:
    """Rule 9: the awarding organisation sets what a dual role allows, and an authority for its own cohorts."""
    if organisation.kind == KIND.LOCAL_AUTHORITY:
        return is_staff_of(user, organisation.pk, Role.COHORT_MANAGER)
    return may_set_assessment_policy(user, organisation.pk)
