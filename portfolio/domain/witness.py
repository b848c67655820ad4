"""Writing down who witnessed a learner's work, and how that was verified (rule 22)."""

from datetime import datetime

from django.db import transaction

from courses.delivery.api import Registration, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused, SeveralRefused
from portfolio.models import Witness
from portfolio.policies import check_may_record


def add_witness(registration: Registration, *, name: str, job: str, workplace: str, knows_unit: bool = False,
                is_competent: bool = False, has_assessing_qualification: bool = False, evaluates_staff: bool = False,
                verified_how: str = "", by: User, at: datetime) -> Witness:  # fmt: skip
    """Records a witness of a learner's work. Whether they are an expert follows from the facts, in the database: all
    of rule 22's conditions and how the assessor verified them. It stays as recorded; a correction is a new witness.
    Raises SeveralRefused for what is missing, Refused for anybody but the learner's assessor."""
    said = {"name": name.strip()[:120], "job": job.strip()[:120], "workplace": workplace.strip()[:160]}
    words = {"name": "Give the witness’s name.", "job": "Say what their job is.", "workplace": "Say where they work."}
    lacks = [Refused(f"witness-{field}", words[field], fix_url=f"#id_{field}") for field in said if not said[field]]
    if lacks:
        raise SeveralRefused(lacks)
    with transaction.atomic():
        row = lock_registration(registration.pk)
        check_may_record(by, row)
        witness = Witness.objects.create(
            registration=row, **said, knows_unit=knows_unit, is_competent=is_competent,
            has_assessing_qualification=has_assessing_qualification, evaluates_staff=evaluates_staff,
            verified_how=verified_how.strip(), recorded_by=by, recorded_at=at,
        )  # fmt: skip
        witness.refresh_from_db(fields=["is_expert"])
        record(
            registration_stream(row.pk), Action.WITNESS_ADDED, by=by, role="assessor", at=at,
            subject=f"witness:{witness.pk}", changes={"expert": witness.is_expert},
        )  # fmt: skip
    return witness
