"""Business facts about registrations: who is allocated, who may do what."""

from lms.accounts.models import Organisation, Role, User
from lms.accounts.policies import is_staff_of

from .models import Allocation, Registration
from .visibility import in_force


def is_learner_of(user: User, registration: Registration) -> bool:
    """It is their own registration."""
    return registration.learner_id == user.pk


def is_allocated_to(user: User, registration: Registration, *roles: str) -> bool:
    """Allocated to the learner today in one of the roles (rule 35)."""
    return Allocation.objects.filter(in_force(), user=user, registration=registration, role__in=roles).exists()


def works_with_learner(user: User, registration: Registration) -> bool:
    """Has a membership today at a setting where the learner works today: an employer, employee or colleague."""
    settings = set(registration.placements.filter(in_force()).values_list("setting_id", flat=True))
    return any(membership.organisation_id in settings for membership in user.current_memberships)


def may_settle_numbers(user: User, registration: Registration) -> bool:
    """Rule 40: the centre's matching queue is its administrators' work."""
    return is_staff_of(user, registration.centre_id, Role.CENTRE_ADMINISTRATOR)


def may_run_centre(user: User, centre: Organisation) -> bool:
    """What holds for a whole centre is set by its administrators."""
    return centre.kind == Organisation.Kind.CENTRE and is_staff_of(user, centre.pk, Role.CENTRE_ADMINISTRATOR)


def may_grant_attempts(user: User, registration: Registration) -> bool:
    """Rule 20: the lead IQA of the centre grants further attempts."""
    return is_staff_of(user, registration.centre_id, Role.LEAD_IQA)
