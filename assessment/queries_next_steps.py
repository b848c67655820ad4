"""Next steps, as the learner and the assessor read them."""

from django.db.models import F, Q, QuerySet

from assessment.models import NextStep
from courses.delivery.api import Registration
from lms.accounts.api import User
from portfolio.api import Submission


def released_for(registration: Registration) -> QuerySet[NextStep]:
    """Every next step that the learner has been shown, the nearest day first, those without a day last."""
    rows = NextStep.objects.filter(submission__registration=registration, submission__released_at__isnull=False)
    return rows.select_related("submission", "criterion", "written_by").order_by(F("due_on").asc(nulls_last=True), "pk")


def open_for(registration: Registration) -> QuerySet[NextStep]:
    """What the learner is still to do, for a home: next steps shown to them and not done. One query."""
    return released_for(registration).filter(done_at__isnull=True)


def answerable_by(user: User) -> QuerySet[NextStep]:
    """Next steps that the user may answer: one's own as a learner, once released. Another's is not found."""
    rows = NextStep.objects.filter(submission__registration__learner=user, submission__released_at__isnull=False)
    return rows.select_related("submission", "written_by")


def with_submission(submission: Submission) -> QuerySet[NextStep]:
    """The next steps written with one submission."""
    return NextStep.objects.filter(submission=submission).select_related("criterion", "written_by", "submission")


def next_steps_at_desk(submission: Submission) -> tuple[list[NextStep], list[NextStep]]:
    """For the workspace: those written with this submission, and what became of those released before: all that are
    not done, and the done ones of the submission before. One query."""
    earlier = Q(
        submission__registration_id=submission.registration_id, submission__number__lt=submission.number,
        submission__released_at__isnull=False,
    ) & (Q(done_at__isnull=True) | Q(submission__number=submission.number - 1))  # fmt: skip
    rows = NextStep.objects.filter(Q(submission=submission) | earlier).order_by("pk")
    found = list(rows.select_related("criterion", "written_by", "submission"))
    here = [step for step in found if step.submission_id == submission.pk]
    return here, [step for step in found if step.submission_id != submission.pk]
