"""Business facts about registrations: who is allocated, who may do what."""

from django.db.models import Exists, OuterRef, Q, QuerySet

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


def may_run_authority(user: User, authority: Organisation) -> bool:
    """What holds for a whole authority, such as who supports which setting, is its cohort managers' to record."""
    return authority.kind == Organisation.Kind.LOCAL_AUTHORITY and is_staff_of(user, authority.pk, Role.COHORT_MANAGER)


def may_allocate(user: User, centre_id: int) -> bool:
    """Rule 35: the centre's administrators and lead IQAs say who assesses, assures and supports its learners."""
    return is_staff_of(user, centre_id, Role.CENTRE_ADMINISTRATOR, Role.LEAD_IQA)


def may_grant_attempts(user: User, registration: Registration) -> bool:
    """Rule 20: the lead IQA of the centre grants further attempts."""
    return is_staff_of(user, registration.centre_id, Role.LEAD_IQA)


def centres_to_tell(user: User) -> QuerySet[Organisation]:
    """Rule 5: the centres that somebody learns or works with, whose safeguarding leads they can tell: their own
    registration's, those where they have a role, those of learners whose progress they see, and for an awarding
    organisation's people those that deliver its qualifications. One query."""
    here = Registration.objects.filter(centre=OuterRef("pk"))
    places = {membership.organisation_id for membership in user.current_memberships}
    seen = here.visible_to(user) | here.filter(qualification__awarding_organisation__in=places)
    rows = Organisation.objects.filter(kind=Organisation.Kind.CENTRE)
    return rows.filter(Q(pk__in=places) | Q(Exists(seen)))
