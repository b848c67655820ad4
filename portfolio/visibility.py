"""Who may see evidence and submissions (rule 35): protected objects are fetched only through `visible_to`."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from courses.delivery.api import AccessGrant, Allocation, allocated, in_force
from lms.accounts.api import Membership, Role

if TYPE_CHECKING:
    from lms.accounts.models import User

SHOWN = Q(recorded_by__isnull=True) | Q(signed_at__isnull=False)
READERS = (Allocation.Role.ASSESSOR, Allocation.Role.IQA)


def shared_with(user: "User", subject: str = "ref") -> Q:
    """Shared by the learner with a setting that the user manages, while the learner works at that setting."""
    managed = user.organisations(Role.SETTING_MANAGER)
    grants = AccessGrant.objects.filter(subject=OuterRef(subject), organisation__in=managed, ended_at__isnull=True)
    place = "organisation__placements__"
    return Q(Exists(grants.filter(in_force(place), **{f"{place}registration": F("registration")})))


def read_by(user: "User", registration: str = "registration") -> Q:
    """Allocated today as assessor or quality assurer, and still holding such a role: an allocation that was left
    open opens nothing for somebody who has left."""
    if not user.has_role(Role.ASSESSOR, Role.IQA, Role.LEAD_IQA):
        return Q(pk__in=[])
    return Q(allocated(user, *READERS, registration=registration))


class EvidenceQuerySet(models.QuerySet):
    """Evidence by who may see it."""

    def visible_to(self, user: "User") -> "EvidenceQuerySet":
        """Its learner, all of it; allocated assessors and IQAs, what has been submitted; a setting's manager, what
        the learner shares and has submitted (rule 35). Nobody else, whatever their other roles."""
        from .models import EvidenceVersion

        versions = EvidenceVersion.objects.filter(evidence=OuterRef("pk"), binned_at__isnull=True)
        submitted = Exists(versions.exclude(state="draft"))
        shown = Exists(versions.filter(Q(recorded_by__isnull=True) | Q(signed_at__isnull=False)))
        return self.filter(
            Q(registration__learner=user) & Q(shown) | Q(submitted) & (read_by(user) | shared_with(user))
        )


class VersionQuerySet(models.QuerySet):
    """Versions by who may see them."""

    def visible_to(self, user: "User") -> "VersionQuerySet":
        """As evidence; a draft only by its learner. What an assessor records is its learner's once it is signed, and
        the recorder's until then, while allocated. Not what is in the bin."""
        return self.filter(
            Q(binned_at__isnull=True)
            & (
                Q(evidence__registration__learner=user) & (Q(recorded_by__isnull=True) | Q(signed_at__isnull=False))
                | ~Q(state="draft") & (read_by(user, "evidence__registration") | shared_with(user, "evidence__ref"))
            )
        )

    def shown(self) -> "VersionQuerySet":
        """Without what an assessor records and has not signed yet: nobody else sees or counts it."""
        return self.filter(SHOWN)

    def binned_by(self, user: "User") -> "VersionQuerySet":
        """Drafts in the learner's bin."""
        return self.filter(evidence__registration__learner=user, binned_at__isnull=False)

    def recorded_by(self, user: "User") -> "VersionQuerySet":
        """What the user records for learners whose assessor they are today, before its learner submits it."""
        if not user.has_role(Role.ASSESSOR):
            return self.none()
        mine = Q(allocated(user, Allocation.Role.ASSESSOR, registration="evidence__registration"))
        return self.filter(mine, recorded_by=user, state="draft", binned_at__isnull=True)


class SubmissionQuerySet(models.QuerySet):
    """Submissions by who may see them."""

    def visible_to(self, user: "User") -> "SubmissionQuerySet":
        """Its learner, and allocated assessors and IQAs while they are (rule 35), unless it was withdrawn."""
        return self.filter(Q(registration__learner=user) | Q(withdrawn_at__isnull=True) & read_by(user))

    def withdrawn_from(self, user: "User") -> "SubmissionQuerySet":
        """Withdrawn submissions that the user would have seen as staff: to say so, not to show them."""
        return self.filter(read_by(user), withdrawn_at__isnull=False).exclude(registration__learner=user)

    def waiting(self) -> "SubmissionQuerySet":
        """Open submissions: neither released nor withdrawn."""
        return self.filter(released_at__isnull=True, withdrawn_at__isnull=True)

    def assessable_by(self, user: "User") -> "SubmissionQuerySet":
        """Open submissions of the learners whose assessor the user is today, whoever's queue they stand in."""
        if not user.has_role(Role.ASSESSOR):
            return self.none()
        return self.waiting().filter(allocated(user, Allocation.Role.ASSESSOR, registration="registration"))

    def in_queue_of(self, user: "User") -> "SubmissionQuerySet":
        """Open submissions that the user is to assess. A submission stands in one queue: that of its assessor, while
        that person is allocated to the learner and holds the role."""
        return self.assessable_by(user).filter(assessor=user)

    def in_no_queue(self) -> "SubmissionQuerySet":
        """Open submissions whose assessor is no longer allocated, has no assessor's role or has left: nobody sees
        them in a queue."""
        allocations = Allocation.objects.filter(
            in_force(), registration=OuterRef("registration"), user=OuterRef("assessor"), role=Allocation.Role.ASSESSOR
        )
        roles = Membership.objects.current().filter(user=OuterRef("assessor"), role=Role.ASSESSOR)
        return self.waiting().filter(~Exists(allocations) | ~Exists(roles) | Q(assessor__is_active=False))


class OwnRecordsQuerySet(models.QuerySet):
    """Skills checks, goals and CPD entries by who may see them."""

    def visible_to(self, user: "User") -> "OwnRecordsQuerySet":
        """Their learner alone. Others read what the learner makes of them as evidence."""
        return self.filter(registration__learner=user)
