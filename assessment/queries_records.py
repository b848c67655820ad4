"""What an assessor reads on the way: their trainees, what they are recording, and the documents that they have to see.
A constant number of queries."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from assessment.queries_plan import with_plan
from courses.delivery.api import Allocation, CriterionStatus, Placement, Registration, allocated, in_force
from lms.accounts.api import Role, User
from portfolio.api import EvidenceVersion, Submission
from portfolio.kinds import Kind
from portfolio.queries import FACTS, linked

MOST = 20  # of a list above the trainees


def trainees_of(user: User, *, words: str = "") -> QuerySet[Any]:
    """Registrations whose assessor the user is today, with progress counts, settings, the submissions that wait and how
    the assessment plan stands; narrowed by words in the learner's name."""
    if not user.has_role(Role.ASSESSOR):
        return Registration.objects.none()
    rows = Registration.objects.visible_to(user).filter(allocated(user, Allocation.Role.ASSESSOR))
    rows = rows.exclude(learner=user).exclude(state=Registration.State.WITHDRAWN)
    for word in words.split():
        rows = rows.filter(learner__name__icontains=word)
    settings = Placement.objects.filter(in_force()).select_related("setting").order_by("setting__name")
    waiting = Submission.objects.in_queue_of(user).order_by("due_on", "pk")
    return (
        with_plan(rows).select_related("learner", "cohort", "qualification")
        .prefetch_related(Prefetch("placements", settings, to_attr="settings_now"),
                          Prefetch("submissions", waiting, to_attr="waiting"))
        .annotate(total=_criteria(), achieved=_criteria(status=CriterionStatus.Status.ACHIEVED))
    )  # fmt: skip


def _criteria(**conditions: str) -> Coalesce:
    rows = CriterionStatus.objects.filter(registration=OuterRef("pk"), **conditions).order_by()
    return Coalesce(Subquery(rows.values("registration").annotate(n=Count("pk")).values("n")), 0)


def records_of(user: User) -> QuerySet[EvidenceVersion]:
    """What the user records and its learner has not submitted, unsigned first, newest first."""
    rows = EvidenceVersion.objects.recorded_by(user).select_related("evidence__registration__learner")
    return rows.defer("text", "ai_used").order_by("signed_at", "-saved_at", "-pk")


def record_of(user: User, ref: Any) -> EvidenceVersion | None:
    """One of these, with all that its page shows."""
    rows = EvidenceVersion.objects.recorded_by(user).filter(evidence__ref=ref).select_related(
        "evidence__registration__learner", "evidence__registration__qualification", *FACTS
    )  # fmt: skip
    return rows.prefetch_related(linked(), "files").first()


def documents_for(user: User) -> QuerySet[EvidenceVersion]:
    """Submitted documents that stay in a setting, of which the user may read."""
    rows = EvidenceVersion.objects.visible_to(user).filter(kind=Kind.HELD_IN_SETTING).exclude(state="draft")
    return rows.select_related("evidence__registration__learner", "attestation__seen_by", "witness", "recorded_by")


def documents_of(user: User) -> QuerySet[EvidenceVersion]:
    """Those of the learners whose assessor the user is today, oldest first."""
    if not user.has_role(Role.ASSESSOR):
        return EvidenceVersion.objects.none()
    mine = Q(allocated(user, Allocation.Role.ASSESSOR, registration="evidence__registration"))
    rows = documents_for(user).filter(mine).exclude(evidence__registration__learner=user)
    return rows.order_by("submitted_at", "pk")


def documents_to_see(user: User) -> QuerySet[EvidenceVersion]:
    """Those of them that nobody has attested to and that wait for a decision."""
    waits = Submission.objects.filter(
        items__versions=OuterRef("pk"), released_at__isnull=True, withdrawn_at__isnull=True
    )
    return documents_of(user).filter(Exists(waits), attestation__isnull=True, state="submitted")
