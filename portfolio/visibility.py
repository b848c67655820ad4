"""Who may see evidence and submissions (rules 4 and 35): protected objects are fetched only through `visible_to`."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from courses.delivery.api import AccessGrant, Allocation, Hold, allocated, in_force
from lms.accounts.api import Membership, Role

if TYPE_CHECKING:
    from lms.accounts.models import User

SHOWN = Q(recorded_by__isnull=True) | Q(signed_at__isnull=False)
READERS = (Allocation.Role.ASSESSOR, Allocation.Role.SECOND_ASSESSOR, Allocation.Role.IQA)


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


def on_hold(version: str = "", *, reader: "User | None" = None) -> Exists:
    """Versions on hold, because a child may be recognised in them (rule 4). `version`: the way to the version from
    the row at hand, such as "version__". `reader`: leaves out what this person reported, which they go on seeing."""
    holds = Hold.objects.hiding().filter(
        subject=OuterRef(f"{version}evidence__ref"), through_number__gte=OuterRef(f"{version}number")
    )
    return Exists(holds.exclude(reported_by=reader) if reader else holds)


def protected_by(user: "User", evidence: str = "", **reach: OuterRef) -> Q:
    """On hold at a centre whose data-protection role the user holds: they read it to decide about it (rule 4)."""
    centres = user.organisations(Role.DATA_PROTECTION)
    if not centres:
        return Q(pk__in=[])
    holds = Hold.objects.hiding().filter(registration__centre__in=centres, subject=OuterRef(f"{evidence}ref"), **reach)
    return Q(Exists(holds))


class EvidenceQuerySet(models.QuerySet):
    """Evidence by who may see it."""

    def visible_to(self, user: "User") -> "EvidenceQuerySet":
        """Its learner, all of it; allocated assessors and IQAs, what has been submitted; a setting's manager, what
        the learner shares and has submitted (rule 35). What is on hold, only who reported it of these, and the
        centre's data-protection role (rule 4). Nobody else, whatever their other roles."""
        from .models import EvidenceVersion

        versions = EvidenceVersion.objects.filter(evidence=OuterRef("pk"), binned_at__isnull=True)
        submitted = Exists(versions.exclude(state="draft").filter(~on_hold(reader=user)))
        shown = Exists(versions.filter(Q(recorded_by__isnull=True) | Q(signed_at__isnull=False)))
        return self.filter(
            Q(registration__learner=user) & Q(shown)
            | Q(submitted) & (read_by(user) | shared_with(user))
            | protected_by(user)
        )


class VersionQuerySet(models.QuerySet):
    """Versions by who may see them."""

    def visible_to(self, user: "User") -> "VersionQuerySet":
        """As evidence; a draft only by its learner, and while it is on hold by the data-protection role. What an
        assessor records is its learner's once it is signed, and the recorder's until then, while allocated. Not what
        is in the bin."""
        staff = read_by(user, "evidence__registration") | shared_with(user, "evidence__ref")
        protects = protected_by(user, "evidence__", through_number__gte=OuterRef("number"))
        return self.filter(
            Q(binned_at__isnull=True)
            & (
                Q(evidence__registration__learner=user) & SHOWN
                | ~Q(state="draft") & staff & ~on_hold(reader=user)
                | SHOWN & protects
            )
        )

    def kept_back_from(self, user: "User") -> "VersionQuerySet":
        """Versions on hold that the user neither owns nor reported (rule 4): a list that counts them says "On hold"
        and nothing else."""
        mine = Q(evidence__registration__learner=user) | protected_by(
            user, "evidence__", through_number__gte=OuterRef("number")
        )
        return self.filter(on_hold(reader=user)).exclude(mine)

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
        """Submissions that wait for an assessor, of the learners whose assessor the user is today, whoever's queue they
        stand in."""
        if not user.has_role(Role.ASSESSOR):
            return self.none()
        mine = allocated(user, Allocation.Role.ASSESSOR, registration="registration")
        return self.waiting().filter(mine, handed_on_at__isnull=True)

    def being_checked(self) -> "SubmissionQuerySet":
        """Decided, and waiting for a second assessor (rules 9 and 10)."""
        return self.waiting().filter(handed_on_at__isnull=False)

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
        waiting = self.waiting().filter(handed_on_at__isnull=True)
        return waiting.filter(~Exists(allocations) | ~Exists(roles) | Q(assessor__is_active=False))


class OwnRecordsQuerySet(models.QuerySet):
    """Skills checks, goals and CPD entries by who may see them."""

    def visible_to(self, user: "User") -> "OwnRecordsQuerySet":
        """Their learner alone. Others read what the learner makes of them as evidence."""
        return self.filter(registration__learner=user)
