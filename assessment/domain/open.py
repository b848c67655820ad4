"""Opening a submission: from then on its learner cannot take it back (rules 6, 8, 20)."""

from datetime import datetime

from django.db import transaction

from assessment.policies import check_may_decide
from courses.delivery.api import lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused
from portfolio.api import Submission


def open_submission(submission: Submission, *, by: User, at: datetime) -> Submission:
    """The assessor in whose queue a submission stands opens it to read, judge and decide; once, whoever asks again.

    Refused for somebody who may not decide for the learner (rules 6, 8), for one in whose queue it does not stand,
    and when it has been released or withdrawn.
    """
    with transaction.atomic():
        registration = lock_registration(submission.registration_id)
        check_may_decide(by, registration, at=at)
        row = Submission.objects.select_related("assessor").get(pk=submission.pk)
        check_waiting(row)
        if row.opened_at is not None:
            return row
        if row.assessor_id != by.pk:
            raise Refused("submission-elsewhere", f"This submission is in the queue of {row.assessor.name}. Take it "
                          "into your own queue first.")  # fmt: skip
        row.opened_at = at
        row.save(update_fields=["opened_at"])
        record(
            registration_stream(registration.pk), Action.SUBMISSION_OPENED, by=by, role="assessor", at=at,
            subject=f"submission:{row.pk}",
        )  # fmt: skip
    return row


def check_waiting(submission: Submission) -> None:
    """It waits for its assessor. Raises Refused when it was released, handed on or withdrawn meanwhile."""
    if submission.withdrawn_at is not None:
        raise Refused("submission-withdrawn", "The learner has taken this submission back. Nothing was changed.")
    if submission.released_at is not None:
        raise Refused("submission-released", "This submission has been released already. Nothing was changed.")
    if submission.handed_on_at is not None:
        raise Refused("submission-handed-on", "A second assessor is checking these decisions. You can change them if "
                      "they come back to you. Nothing was changed.")  # fmt: skip


def check_opened(submission: Submission) -> None:
    """Its assessor has opened it, so that its learner can no longer take it back. Raises Refused."""
    check_waiting(submission)
    if submission.opened_at is None:
        raise Refused("submission-unopened", "This submission has not been opened. Open it first: until then its "
                      "learner can take it back.")  # fmt: skip
