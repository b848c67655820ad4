"""Rule 11: after the working-towards period (the awarding organisation's months) an assessor who is not qualified
decides nothing."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessment.policies import standing_of, why_not_decide, working_towards_until
from courses.framework.api import AssessmentPolicy, Qualification
from lms.accounts.api import Role, StaffQualification, User
from tests.factories import make_learner, make_organisation, make_person, make_qualification, make_unqualified

KINDS = StaffQualification.Kind
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
MONTHS = st.integers(0, 60)


def assessor(*rows: StaffQualification) -> User:
    """Somebody with this on their record, in memory."""
    user = User(name="Ann")
    user.qualifications_held = list(rows)
    return user


def working(since: date) -> StaffQualification:
    return StaffQualification(kind=KINDS.ASSESSING, title="CAVA", working_towards_since=since)


def proved(awarded_on: date | None, expires_on: date | None = None, **fields) -> StaffQualification:
    return StaffQualification(kind=fields.pop("kind", KINDS.ASSESSING), title="CAVA", awarded_on=awarded_on,
                              expires_on=expires_on, checked_at=timezone.now(), **fields)  # fmt: skip


def standing(user: User, on: date, **policy):
    qualification = Qualification(level=3, sector="early_years")
    return standing_of(user, qualification, on, policy=AssessmentPolicy(qualification=qualification, **policy))


@given(DAYS, MONTHS)
def test_the_period_ends_on_the_same_day_of_the_month_or_the_last_of_a_shorter_one(since, months):
    until = working_towards_until(since, months)
    assert until is not None
    assert (until.year - since.year) * 12 + until.month - since.month == months
    assert until.day == min(since.day, monthrange(until.year, until.month)[1])


def test_month_ends_are_kept():
    assert working_towards_until(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert working_towards_until(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert working_towards_until(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert working_towards_until(date(2026, 1, 1), None) is None


@given(DAYS, MONTHS)
def test_the_last_day_of_the_period_is_in_it_and_the_next_is_not(since, months):
    until = working_towards_until(since, months)
    user = assessor(working(since))
    last = standing(user, until, working_towards_months=months)
    assert (last.refusal, last.until, last.is_countersigned) == (None, until, True)
    after = standing(user, until + timedelta(days=1), working_towards_months=months)
    assert after.refusal is not None
    assert after.refusal.code == "rule-11-expired"


@given(DAYS, st.integers(0, 4000), st.integers(-2, 4002))
def test_a_qualification_holds_from_its_award_to_its_last_day(awarded, length, away):
    expires = awarded + timedelta(days=length)
    row = proved(awarded, expires)
    day = awarded + timedelta(days=away)
    assert row.holds_on(day) == (awarded <= day <= expires)
    assert standing(assessor(row), day, working_towards_months=None).is_qualified == row.holds_on(day)


@given(DAYS, DAYS)
def test_without_proof_or_taken_off_the_record_none_holds(awarded, day):
    assert not StaffQualification(kind=KINDS.ASSESSING, awarded_on=awarded).holds_on(day)
    assert not proved(awarded, withdrawn_at=timezone.now()).holds_on(day)


@given(DAYS, MONTHS)
def test_who_holds_it_needs_no_period(day, months):
    user = assessor(working(day - timedelta(days=9000)), proved(day))
    assert standing(user, day, working_towards_months=months).is_qualified


def test_the_period_runs_from_the_first_record():
    user = assessor(working(date(2026, 3, 1)), working(date(2025, 3, 1)))
    assert standing(user, date(2026, 3, 1), working_towards_months=12).until == date(2026, 3, 1)


def test_with_a_period_and_nothing_recorded_nobody_decides():
    found = standing(assessor(), date(2026, 3, 1), working_towards_months=12)
    assert found.refusal is not None
    assert found.refusal.code == "rule-11-nothing-recorded"


def test_occupational_competence_for_the_sector_and_level_where_it_is_asked_for():
    day = date(2026, 3, 1)
    for sector, level, refused in (("early_years", 3, False), ("", None, False), ("further_education", 3, True),
                                   ("early_years", 2, True)):  # fmt: skip
        user = assessor(proved(day), proved(day, kind=KINDS.OCCUPATIONAL, sector=sector, up_to_level=level))
        assert (standing(user, day, occupational_competence=True).refusal is not None) == refused, (sector, level)


@pytest.mark.django_db
def test_after_the_period_the_assessor_may_not_decide():
    centre = make_organisation("centre")
    user = make_unqualified(make_person("Nadia New", (Role.ASSESSOR, centre)))
    qualification = make_qualification(policy={"working_towards_months": 12})
    registration = make_learner(qualification=qualification, centre=centre, assessor=user)
    row = StaffQualification.objects.create(
        user=user, kind=KINDS.ASSESSING, title="CAVA", working_towards_since=timezone.localdate() - timedelta(days=300)
    )
    assert why_not_decide(User.objects.get(pk=user.pk), registration) is None
    row.working_towards_since -= timedelta(days=100)
    row.save()
    refusal = why_not_decide(User.objects.get(pk=user.pk), registration)
    assert refusal is not None
    assert refusal.code == "rule-11-expired"
