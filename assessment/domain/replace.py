"""Handing in a new version in place of one that is on hold, while its criteria wait with the assessor (rule 4)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from assessment.status import refresh
from courses.delivery.api import Hold, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.api import Evidence, EvidenceVersion, Submission, SubmittedCriterion, SubmittedVersion, items_on_hold
from portfolio.domain.submit import not_ready
from portfolio.policies import check_owner, is_on_hold
from portfolio.queries import latest_of


def waiting_for_replacement(evidence: Evidence) -> QuerySet[SubmittedCriterion]:
    """Open submitted criteria that rest on this piece, which its learner was asked to replace."""
    asked = Hold.objects.filter(subject=evidence.ref, state=Hold.State.REPLACE)
    if not asked.exists():
        return SubmittedCriterion.objects.none()
    rows = items_on_hold(evidence.registration_id).filter(versions__evidence=evidence).distinct()
    return rows.select_related("criterion", "submission__assessor").order_by("criterion__position")


def hand_in_replacement(evidence: Evidence, *, by: User, at: datetime) -> list[Submission]:
    """The learner hands in the latest version of a piece in place of those on hold: the criteria that wait with the
    assessor rest on it too, in the same submission and attempt, and can be decided again. The assessor is told.
    Refused, with every reason, when no new version is there, it is not linked to one of these criteria or lacks
    something (rules 1, 3), or nothing waits for it."""
    with transaction.atomic():
        registration = lock_registration(evidence.registration_id)
        check_owner(by, registration)
        version = latest_of(evidence)
        items = list(waiting_for_replacement(evidence))
        reasons = _in_the_way(version, items)
        if reasons:
            raise SeveralRefused(reasons)
        if version.is_draft:
            EvidenceVersion.objects.filter(pk=version.pk).update(state=EvidenceVersion.State.SUBMITTED, submitted_at=at)
        SubmittedVersion.objects.bulk_create(SubmittedVersion(item=item, version=version) for item in items)
        refresh(registration.pk, {item.criterion_id for item in items})
        submissions = {item.submission_id: item.submission for item in items}
        for submission in submissions.values():
            tell(submission.assessor, "submission", f"{by.name} has replaced evidence that was on hold", at=at,
                 url=reverse("assessment:workspace", args=[submission.ref]))  # fmt: skip
            codes = [item.criterion.code for item in items if item.submission_id == submission.pk]
            record(
                registration_stream(registration.pk), Action.SUBMITTED, by=by, role="learner", at=at,
                subject=f"submission:{submission.pk}", changes={code: [version.pk] for code in codes},
            )  # fmt: skip
    return list(submissions.values())


def _in_the_way(version: EvidenceVersion, items: list[SubmittedCriterion]) -> list[Refused]:
    ref = version.evidence.ref
    if not items:
        return [Refused("rule-04-nothing-waits", "Nothing of this waits with your assessor. Submit it as usual.",
                        fix_url=reverse("portfolio:submit"))]  # fmt: skip
    if version.is_destroyed or is_on_hold(version):
        return [Refused("rule-04-new-version", "Start a new version first, in which no child can be recognised.")]
    linked = {link.criterion_id for link in version.links.all()}
    fix = reverse("portfolio:evidence_criteria", args=[ref]) if version.is_draft else ""
    reasons = [
        Refused("rule-04-link", f"Link the new version to {item.criterion.code} too.", fix_url=fix)
        for item in items if item.criterion_id not in linked
    ]  # fmt: skip
    return reasons or not_ready(version, items[0].criterion.code)
