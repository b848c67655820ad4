"""What an assessor may decide on the day, from their qualifications (rules 10 and 11)."""

from dataclasses import dataclass
from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta
from django.utils import timezone
from django.utils.formats import date_format

from courses.framework.api import AssessmentPolicy, Qualification, policy_of
from lms.accounts.api import StaffQualification, User
from lms.common.errors import Refused

KIND = StaffQualification.Kind


@dataclass(frozen=True)
class Standing:
    """What somebody may assess on a day: `is_qualified`; or not yet, and then `until` the end of their working-towards
    period (None = no end) and `is_countersigned` where the awarding organisation asks for it; or `refusal`."""

    is_qualified: bool
    is_countersigned: bool = False
    until: date | None = None
    refusal: Refused | None = None


def working_towards_until(since: date, months: int | None) -> date | None:
    """Rule 11: the last day on which somebody who works towards their qualification may assess; None = no end."""
    return None if months is None else since + relativedelta(months=months)


def is_occupationally_competent(user: User, qualification: Qualification, on: date) -> bool:
    """Holds a proved occupational competence for the sector and level of a qualification on a day."""
    return any(
        row.kind == KIND.OCCUPATIONAL and row.holds_on(on) and row.sector in ("", qualification.sector)
        and (row.up_to_level is None or row.up_to_level >= qualification.level)
        for row in user.qualifications_held
    )  # fmt: skip


def standing_of(user: User, qualification: Qualification, on: date, *,
                policy: AssessmentPolicy | None = None) -> Standing:  # fmt: skip
    """What somebody may assess for a qualification on a day (rules 10 and 11). Two queries at most, none with `policy`
    and the user's qualifications at hand."""
    policy = policy or policy_of(qualification.pk, at=_end_of(on))
    if policy.occupational_competence and not is_occupationally_competent(user, qualification, on):
        return Standing(False, refusal=Refused(
            "rule-10-occupational", "The awarding organisation asks for occupational competence, and none is on your "
            "record for this level. Ask your centre."))  # fmt: skip
    assessing = [row for row in user.qualifications_held if row.kind == KIND.ASSESSING]
    if any(row.holds_on(on) for row in assessing):
        return Standing(True)
    begun = [row.working_towards_since for row in assessing if row.working_towards_since]
    since = min((day for day in begun if day <= on), default=None)
    if policy.working_towards_months is None:
        return Standing(False, is_countersigned=policy.countersigning)
    if since is None:
        return Standing(False, refusal=Refused("rule-11-nothing-recorded", "No assessing qualification is on your "
                        "record, neither held nor worked towards. Ask your centre to add it."))  # fmt: skip
    until = working_towards_until(since, policy.working_towards_months)
    if until and on > until:
        return Standing(False, until=until, refusal=Refused(
            "rule-11-expired", f"Your time to work towards an assessing qualification ended on "
            f"{date_format(until, 'j F Y')}. Another assessor must decide."))  # fmt: skip
    return Standing(False, is_countersigned=policy.countersigning, until=until)


def needs_countersigning(standing: Standing) -> bool:
    """Rule 10: the decisions are provisional until a qualified assessor countersigns them."""
    return not standing.is_qualified and standing.is_countersigned


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))
