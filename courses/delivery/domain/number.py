"""Taking a learner's unique learner number (rule 40)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from courses.delivery.identifiers import NOT_YET_KNOWN, is_valid_uln
from courses.delivery.models import LearnerNumber, NumberMatch, Registration
from courses.delivery.policies import may_settle_numbers
from lms.accounts.models import User
from lms.audit.api import Action, digest, record
from lms.common.errors import Refused

from .register import lock_registration, registration_stream


def give_number(registration: Registration, uln: str, *, by: User, at: datetime) -> bool:
    """Records the learner's number. True when it is kept; False when it went to the centre's matching queue because
    somebody else holds it, of whom nothing is said. 9999999999 means "not yet known" and is not kept.

    Refused when the number cannot be right (rule 40) or the learner has another one already.
    """
    uln = "".join(uln.split())
    if not is_valid_uln(uln):
        raise Refused("rule-40-invalid", "This is not a unique learner number. It has 10 digits: check each one.")
    if uln == NOT_YET_KNOWN:
        return True
    with transaction.atomic():
        row = lock_registration(registration.pk)
        held = LearnerNumber.objects.filter(learner_id=row.learner_id).first()
        if held and held.uln == uln:
            return True
        if held:
            raise Refused("rule-40-held", "You have another number already. Ask your centre to change it.")
        kept = _keep(row, uln)
        if not kept:
            NumberMatch.objects.update_or_create(
                registration=row, settled_at=None, defaults={"uln": uln, "asked_at": at}
            )
        record(
            registration_stream(row.pk), Action.ULN_GIVEN if kept else Action.ULN_QUEUED, by=by, role="learner",
            subject=f"user:{row.learner_id}", at=at, changes={"number": digest(uln, salt="uln")},
        )  # fmt: skip
    return kept


def _keep(registration: Registration, uln: str) -> bool:
    try:
        with transaction.atomic():
            LearnerNumber.objects.create(learner_id=registration.learner_id, uln=uln)
    except IntegrityError:
        return False
    return True


def settle_match(match: NumberMatch, outcome: str, *, by: User, at: datetime) -> None:
    """The centre has looked at both records and says how it settled the number. Refused without a word on how."""
    if not outcome.strip():
        raise Refused("number-match-outcome", "Say how you settled it.")
    with transaction.atomic():
        row = lock_registration(match.registration_id)
        if not may_settle_numbers(by, row):
            raise Refused("number-match-right", "Only the centre's administrators settle numbers.")
        match = NumberMatch.objects.get(pk=match.pk)
        if match.settled_at is not None:
            raise Refused("number-match-settled", "This number has been settled already.")
        match.settled_at, match.settled_by, match.outcome = at, by, outcome.strip()[:200]
        match.save(update_fields=["settled_at", "settled_by", "outcome"])
        record(
            registration_stream(row.pk), Action.ULN_SETTLED, by=by, role="centre_administrator",
            subject=f"number_match:{match.pk}", at=at,
        )  # fmt: skip
