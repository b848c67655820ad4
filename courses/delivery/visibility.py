"""Who may see which cohort and registration (rule 35): protected objects are fetched only through `visible_to`."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from lms.accounts.models import Role

if TYPE_CHECKING:
    from lms.accounts.models import User

AUTHORITY_ROLES = (Role.COHORT_MANAGER, Role.AREA_SENCO)
CENTRE_ROLES = (Role.CENTRE_ADMINISTRATOR, Role.LEAD_IQA)


def in_force(prefix: str = "") -> Q:
    """Rows whose dates include today."""
    today = timezone.localdate()
    return Q(**{f"{prefix}starts_on__lte": today}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": today})
    )


def allocated(user: "User", *roles: str, registration: str = "pk") -> Exists:
    """Rows whose registration has this user allocated today, in one of the roles (any, if none is named)."""
    from .models import Allocation

    rows = Allocation.objects.filter(in_force(), user=user, registration=OuterRef(registration))
    return Exists(rows.filter(role__in=roles) if roles else rows)


def employed_at(user: "User", organisation_ids: set[int], *, registration: str = "pk") -> Exists:
    """Rows whose learner works today at one of the settings."""
    from .models import Placement

    return Exists(
        Placement.objects.filter(in_force(), setting__in=organisation_ids, registration=OuterRef(registration))
    )


def tutored_by(user: "User", prefix: str = "") -> Q:
    """Rows of learners whose tutor the user is today: see `TutorDraftQuerySet.for_tutor`. `prefix` leads from a row to
    its registration ("registration__"; none for registrations)."""
    from .models import Allocation, Registration

    given = Allocation.objects.filter(
        in_force(), registration=OuterRef(f"{prefix}pk"), role=Allocation.Role.TUTOR, user__is_active=True
    )
    staff = Q(**{f"{prefix}centre__in": user.organisations(Role.TUTOR)}) & ~Exists(given)
    withdrawn = Q(**{f"{prefix}state": Registration.State.WITHDRAWN})
    return (Exists(given.filter(user=user)) | staff) & ~Q(**{f"{prefix}learner": user}) & ~withdrawn


class CohortQuerySet(models.QuerySet):
    """Cohorts by who may see them."""

    def visible_to(self, user: "User") -> "CohortQuerySet":
        """An authority's people see its own cohorts; a centre's administrators and lead IQAs see the centre's."""
        return self.filter(
            Q(local_authority__in=user.organisations(*AUTHORITY_ROLES))
            | Q(centre__in=user.organisations(*CENTRE_ROLES))
        )


class HoldQuerySet(models.QuerySet):
    """Privacy holds by who may see them."""

    def hiding(self) -> "HoldQuerySet":
        """Those that hide evidence now."""
        from .models import Hold

        return self.filter(state__in=Hold.HIDING)

    def visible_to(self, user: "User") -> "HoldQuerySet":
        """Rule 4: the owner of the evidence, who reported it, and the data-protection role of the centre."""
        return self.filter(
            Q(registration__learner=user)
            | Q(reported_by=user)
            | Q(registration__centre__in=user.organisations(Role.DATA_PROTECTION))
        )


class SafeguardingQuerySet(models.QuerySet):
    """Safeguarding concerns by who may see them."""

    def visible_to(self, user: "User") -> "SafeguardingQuerySet":
        """Rule 5: the safeguarding leads of the centre, and nobody else."""
        return self.filter(centre__in=user.organisations(Role.SAFEGUARDING_LEAD))


class TutorDraftQuerySet(models.QuerySet):
    """Drafts for comments by who may read them."""

    def for_tutor(self, user: "User") -> "TutorDraftQuerySet":
        """Of the learners whose tutor the user is today: allocated to them, or a tutor of the centre while nobody is
        allocated. Never their own; none of a learner who has withdrawn."""
        return self.filter(tutored_by(user, "registration__"))

    def visible_to(self, user: "User") -> "TutorDraftQuerySet":
        """The learner who sent it, and their tutor. Nobody else, whatever their role: it is no evidence."""
        return self.filter(Q(registration__learner=user) | tutored_by(user, "registration__"))


class AttemptQuerySet(models.QuerySet):
    """Attempts at activities by who may go on with them."""

    def visible_to(self, user: "User") -> "AttemptQuerySet":
        """The learner's own, while they are registered. Nobody else, whatever their role: what an activity reports is
        study, and no evidence."""
        from .models import Registration

        return self.filter(registration__learner=user).exclude(registration__state=Registration.State.WITHDRAWN)


class RegistrationQuerySet(models.QuerySet):
    """Registrations by who may see them, and by whether they are open."""

    def open(self) -> "RegistrationQuerySet":
        """Neither withdrawn, suspended, on a break nor past its claim."""
        from .models import Registration

        return self.filter(state__in=Registration.OPEN_STATES)

    def visible_to(self, user: "User") -> "RegistrationQuerySet":
        """Rule 35: the learner; whoever is allocated, while they are; the centre's administrators and lead IQAs;
        people of the authority that runs the cohort; the manager of a setting while the learner works there.
        Seeing a registration shows progress. Evidence has a rule of its own."""
        return self.filter(
            Q(learner=user)
            | allocated(user)
            | Q(centre__in=user.organisations(*CENTRE_ROLES))
            | Q(cohort__local_authority__in=user.organisations(*AUTHORITY_ROLES))
            | employed_at(user, user.organisations(Role.SETTING_MANAGER))
        )
