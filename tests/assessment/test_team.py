"""Giving people to learners, handing over, absence cover, borrowed assessors (rules 8-11, 35)."""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessment.api import declare_interest, draft_decision, judge_version, reassign_all
from assessment.domain.borrow import borrow, give_back
from assessment.domain.cover import begin_covers, come_back, set_cover
from assessment.domain.team import apply_shared, assign, finish, propose, replace
from assessment.models import DualRolePolicy, Objection
from assessment.policies.allocating import Part
from assessment.queries_cover import cover_lines
from assessment.queries_ground import ground_of
from courses.delivery.api import Absence, Allocation, Registration, SettingSupport, record_absence
from lms.accounts.api import Membership, Role, User, set_limit
from lms.notices.api import Notice
from portfolio.api import Submission
from portfolio.queries import assessor_of
from tests.factories import (
    World,
    allocate_assessor,
    criterion,
    make_learner,
    make_person,
    make_submission,
    make_unqualified,
    opened,
)
from tests.helpers import actions_since, last_event, refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def today() -> Any:
    return timezone.localdate()


def titles(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user, kind="team").order_by("pk").values_list("title", flat=True))


def give(world: World, user: User, part: str = "assessor", registration: Registration | None = None, **more: Any):
    more.setdefault("starts_on", today())
    return assign(registration or world.registration, user, part, by=world.centre_admin, at=timezone.now(), **more)


def policy(world: World, rule: str) -> None:
    for tier in DualRolePolicy.Tier.values:
        DualRolePolicy.objects.create(organisation=world.ao, tier=tier, rule=rule, in_force_from=timezone.now() - DAY)


@contextmanager
def on(day: Any, monkeypatch: Any):
    """As if it were that day."""
    later = timezone.now() + (day - today())
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: later)
        yield later


# Giving


def test_an_administrator_gives_an_assessor_to_a_learner_and_both_are_told(world: World):
    event = last_event()
    made = give(world, world.unallocated_assessor, reason="Knows the setting")
    assert (made.starts_on, made.ends_on, made.reason) == (today(), None, "Knows the setting")
    assert actions_since(event) == ["registration.allocated"]
    assert "assessor of Tara Walsh" in titles(world.unallocated_assessor)[0]
    assert "Dev Shah assesses your work" in titles(world.trainee)[0]


def test_only_the_centres_administrators_and_lead_iqas_say_who_assesses(world: World, at):
    for person in (world.authority_manager, world.iqa, world.assessor, world.other.centre_admin, world.trainee):
        with refused("allocation-right"):
            assign(world.registration, world.unallocated_assessor, "assessor", starts_on=today(), by=person, at=at)
    assert give(world, world.unallocated_assessor).pk
    assert assign(world.registration, world.lead_iqa, "iqa", starts_on=today(), by=world.lead_iqa, at=at).pk


def test_nobody_is_given_to_a_learner_whom_the_rules_keep_from_them(world: World, at):
    """Each with the code of its rule; nothing is written."""
    centre, mine = world.centre, world.registration
    near = make_person("Nell Near", (Role.ASSESSOR, centre), (Role.PRACTITIONER, world.setting))
    friend = make_person("Finn Friend", (Role.ASSESSOR, centre))
    declare_interest(mine, "friendship", "", by=friend, at=at)
    objected = make_person("Olga Object", (Role.ASSESSOR, centre))
    Objection.objects.create(registration=mine, about=objected, reason="Please not.", raised_at=at)
    double = make_person("Ida Double", (Role.ASSESSOR, centre), (Role.IQA, centre))
    allocate_assessor(mine, double, "iqa")
    before = Allocation.objects.count()
    cases = [
        (world.trainee, "assessor", "allocation-role"), (world.other.assessor, "assessor", "allocation-role"),
        (world.assessor, "assessor", "allocation-held"), (near, "assessor", "rule-08-undeclared-interest"),
        (friend, "assessor", "rule-08-open-interest"), (objected, "assessor", "rule-09-objection"),
        (double, "assessor", "rule-12-two-parts"), (world.assessor, "second_assessor", "rule-12-two-parts"),
        (double, "second_assessor", "rule-12-two-parts"), (near, "second_assessor", "rule-08-undeclared-interest"),
    ]  # fmt: skip
    for user, part, code in cases:
        with refused(code):
            give(world, user, part)
    learner_assessor = make_learner(world.cohort, learner=friend)
    with refused("rule-08-own-work"):
        give(world, friend, registration=learner_assessor)
    assert Allocation.objects.count() == before


def test_dates_must_lie_ahead_and_in_order(world: World):
    with refused("allocation-past"):
        give(world, world.unallocated_assessor, starts_on=today() - DAY)
    with refused("allocation-dates"):
        give(world, world.unallocated_assessor, starts_on=today() + DAY, ends_on=today())


def test_the_same_person_is_not_allocated_twice_on_one_day_but_may_come_back(world: World):
    give(world, world.unallocated_assessor, starts_on=today(), ends_on=today() + 3 * DAY)
    with refused("allocation-held"):
        give(world, world.unallocated_assessor, starts_on=today() + 3 * DAY)
    assert give(world, world.unallocated_assessor, starts_on=today() + 4 * DAY).pk


@pytest.mark.parametrize(("rule", "code"), [("forbid", "rule-09-forbidden"), ("second_scrutiny", None)])
def test_who_supports_the_setting_is_refused_or_comes_with_a_second_check(world: World, at, rule, code):
    policy(world, rule)
    SettingSupport.objects.create(authority=world.authority, setting=world.setting, user=world.area_senco,
                                  starts_on=today())  # fmt: skip
    if code:
        with refused(code):
            give(world, world.area_senco)
        return
    rows = Registration.objects.filter(pk=world.registration.pk)
    ground = ground_of(rows, centre_id=world.centre.pk, starts_on=today(), at=at)
    case = next(c for c in ground.candidates(ground.registrations[world.registration.pk], "assessor")
                if c.user == world.area_senco)  # fmt: skip
    assert case.notes == ["Supports this learner: a second assessor confirms each decision."]
    give(world, world.area_senco)
    with refused("rule-12-two-parts"):
        give(world, world.area_senco, "second_assessor")


def test_an_assessor_is_not_made_a_supporter_where_the_policy_forbids_both(world: World):
    policy(world, "forbid")
    with refused("rule-09-forbidden"):
        give(world, world.area_senco, "supporter", registration=world.other_registration)
    assert give(world, world.area_senco, "supporter").pk


def test_who_countersigns_is_qualified(world: World):
    make_unqualified(world.area_senco, since=today() - 30 * DAY)
    make_unqualified(world.unallocated_assessor, since=today() - 30 * DAY)
    with refused("rule-10-not-qualified"):
        give(world, world.unallocated_assessor, "second_assessor", registration=world.other_registration)
    assert give(world, world.assessor, "second_assessor", registration=world.other_registration).pk


def test_a_limit_keeps_new_learners_away_and_leaves_those_there(world: World, at):
    membership = Membership.objects.get(user=world.area_senco, role=Role.ASSESSOR)
    event = last_event()
    set_limit(membership, 1, by=world.centre_admin, at=at)
    set_limit(membership, 1, by=world.centre_admin, at=at)
    assert actions_since(event) == ["membership.workload_set"]
    with refused("allocation-limit") as caught:
        give(world, world.area_senco)
    assert caught.value.message == "Carys Jones has 1 learner, and the limit is 1."
    set_limit(membership, None, by=world.centre_admin, at=at)
    assert give(world, world.area_senco).pk
    with refused("limit-range"):
        set_limit(membership, 0, by=world.centre_admin, at=at)


# Handing over and ending


def drafted(world: World) -> Submission:
    """An open submission with a draft decision of its assessor's."""
    submission = opened(make_submission(world.registration, "1.1"))
    version = submission.items.get().submitted_versions.get().version
    judge_version(version, valid=True, authentic=True, current=True, reliable=True, by=world.assessor,
                  at=timezone.now())  # fmt: skip
    draft_decision(submission, criterion("1.1").pk, outcome="referred", feedback="More.", rationale="Thin.",
                   version_ids={version.pk}, by=world.assessor, at=timezone.now())  # fmt: skip
    return submission


def handed_over(world: World, starts_on: Any) -> Allocation:
    before = Allocation.objects.get(user=world.assessor, registration=world.registration)
    finish(Allocation.objects.get(user=world.second_assessor), ends_on=today() - DAY, reason="Elsewhere",
           by=world.centre_admin, at=timezone.now())  # fmt: skip
    return replace(before, world.unallocated_assessor, starts_on=starts_on, reason="Moves to another team",
                   by=world.centre_admin, at=timezone.now())  # fmt: skip


def test_a_handover_needs_a_reason_tells_all_three_and_moves_what_is_open(world: World, at):
    submission = drafted(world)
    before = Allocation.objects.get(user=world.assessor, registration=world.registration)
    with refused("allocation-reason"):
        replace(before, world.unallocated_assessor, starts_on=today(), reason=" ", by=world.centre_admin, at=at)
    with refused("allocation-held"):
        replace(before, world.assessor, starts_on=today(), reason="So", by=world.centre_admin, at=at)
    after = handed_over(world, today())
    before.refresh_from_db()
    assert (before.ends_on, before.ended_because) == (today() - DAY, "Moves to another team")
    assert (after.starts_on, after.reason) == (today(), "Moves to another team")
    for person in (world.assessor, world.unallocated_assessor, world.trainee):
        assert any("Dev Shah" in title or "Tara Walsh" in title for title in titles(person))
    assert reassign_all(at=at) == 1
    submission.refresh_from_db()
    assert submission.assessor == world.unallocated_assessor
    assert submission.decisions.get().decider == world.assessor  # the draft is its writer's until it is taken over


def test_a_handover_on_a_later_day_moves_the_work_on_that_day(world: World, at, monkeypatch):
    submission = drafted(world)
    handed_over(world, today() + 5 * DAY)
    assert reassign_all(at=at) == 0
    with on(today() + 5 * DAY, monkeypatch) as later:
        assert reassign_all(at=later) == 1
    submission.refresh_from_db()
    assert submission.assessor == world.unallocated_assessor


def test_an_end_has_a_reason_and_lies_at_the_earliest_yesterday(world: World, at):
    row = Allocation.objects.get(user=world.assessor, registration=world.registration)
    for reason, day, code in (("", today(), "allocation-reason"), ("So", today() - 2 * DAY, "allocation-past")):
        with refused(code):
            finish(row, ends_on=day, reason=reason, by=world.centre_admin, at=at)
    finish(row, ends_on=today(), reason="Leaves the centre", by=world.centre_admin, at=at)
    with refused("allocation-ended"):
        finish(row, ends_on=today(), reason="Again", by=world.centre_admin, at=at)
    row.refresh_from_db()
    assert (row.ends_on, row.ended_because) == (today(), "Leaves the centre")
    assert len(titles(world.assessor)) == len(titles(world.trainee)) == 1


# Balanced allocation


def several(world: World, number: int = 6) -> list[Registration]:
    return [make_learner(world.cohort, setting=world.other_setting, name=f"Learner {n}") for n in range(number)]


def test_a_cohort_is_shared_out_and_exactly_what_was_shown_is_done(world: World, at):
    rows = several(world)
    event = last_event()
    found = propose(rows, ["assessor", "iqa"], centre_id=world.centre.pk, at=at)
    loads = Counter(one.user.name for one in found if one.part == "assessor")
    loads.update(["Asha Patel", "Ben Okoro", "Carys Jones"])  # whom they have already
    assert sorted(loads.values()) == [2, 2, 2, 3]
    assert actions_since(event) == []
    made = apply_shared(rows, ["assessor", "iqa"], {one.key for one in found}, centre_id=world.centre.pk,
                        by=world.centre_admin, at=at)  # fmt: skip
    assert {(row.registration_id, row.role, row.user_id) for row in made} == {one.key for one in found}
    assert len(titles(rows[0].learner)) == 2
    assert not propose(rows, ["assessor", "second_assessor", "iqa"], centre_id=world.centre.pk, at=at)


def test_nothing_is_done_when_the_facts_have_changed_since_the_preview(world: World, at):
    rows = several(world, 2)
    shown = {one.key for one in propose(rows, ["assessor"], centre_id=world.centre.pk, at=at)}
    give(world, world.unallocated_assessor, registration=rows[0])
    before = Allocation.objects.count()
    with refused("shared-changed", "shared-changed") as caught:
        apply_shared(rows, ["assessor"], shown, centre_id=world.centre.pk, by=world.centre_admin, at=at)
    assert "Nothing was done" in caught.value.message
    assert Allocation.objects.count() == before


def test_who_is_away_or_full_is_passed_over_and_the_reason_is_said(world: World, at):
    row = several(world, 1)[0]
    record_absence(world.centre, world.unallocated_assessor, starts_on=today(), ends_on=today() + DAY,
                   by=world.lead_iqa, at=at)  # fmt: skip
    for user in (world.assessor, world.second_assessor, world.area_senco):
        set_limit(Membership.objects.get(user=user, role=Role.ASSESSOR), 1, by=world.centre_admin, at=at)
    one = propose([row], ["assessor"], centre_id=world.centre.pk, at=at)[0]
    assert one.user is None
    assert sorted(refusal.message for refusal in one.refusals) == [
        "Asha Patel has 1 learner, and the limit is 1.", "Ben Okoro has 1 learner, and the limit is 1.",
        "Carys Jones has 1 learner, and the limit is 1.", "Dev Shah is away.",
    ]  # fmt: skip


def test_a_second_assessor_is_shared_out_where_the_assessor_is_not_qualified(world: World, at):
    make_unqualified(world.area_senco, since=today() - 30 * DAY)
    found = propose([world.registration, world.other_registration], ["second_assessor"], centre_id=world.centre.pk,
                    at=at)  # fmt: skip
    assert [(one.registration, one.user.name) for one in found] == [(world.other_registration, "Asha Patel")]


def test_sharing_out_takes_twelve_queries_whatever_the_cohorts_size(world: World, at):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ground = ground_of(Registration.objects.filter(cohort=world.cohort), centre_id=world.centre.pk,
                               starts_on=today(), at=at)  # fmt: skip
            for part in (Part.ASSESSOR, Part.SECOND_ASSESSOR, Part.IQA):
                ground.share_out(part)
        return len(captured)

    several(world, 1)
    first = queries()
    several(world, 4)
    assert queries() == first <= 12


# Absence and cover


def away(world: World, first: int = 0, last: int = 10, **more: Any) -> Absence:
    return record_absence(world.centre, world.assessor, starts_on=today() + first * DAY, ends_on=today() + last * DAY,
                          by=world.centre_admin, at=timezone.now(), **more)  # fmt: skip


def cover(world: World, absence: Absence, user: User | None) -> int:
    return set_cover(absence, {world.registration.pk: user}, by=world.lead_iqa, at=timezone.now())


def alone(world: World) -> None:
    """Asha Patel is the learner's only assessor."""
    finish(Allocation.objects.get(user=world.second_assessor), ends_on=today() - DAY, reason="Elsewhere",
           by=world.centre_admin, at=timezone.now())  # fmt: skip


def test_an_absence_is_recorded_by_the_centre_for_days_to_come_once(world: World, at):
    with refused("allocation-right"):
        record_absence(world.centre, world.assessor, starts_on=today(), ends_on=today(), by=world.iqa, at=at)
    for first, last, code in ((2, 1, "absence-dates"), (-3, -1, "absence-past")):
        with refused(code):
            away(world, first, last)
    with refused("absence-staff"):
        record_absence(world.centre, world.trainee, starts_on=today(), ends_on=today(), by=world.centre_admin, at=at)
    event = last_event()
    away(world)
    assert actions_since(event) == ["absence.recorded"]
    with refused("absence-recorded"):
        away(world, 10, 12)


def test_new_work_goes_to_whoever_is_not_away(world: World):
    assert assessor_of(world.registration) == world.assessor
    away(world)
    assert assessor_of(world.registration) == world.second_assessor
    alone(world)
    assert assessor_of(world.registration) == world.assessor  # somebody away is better than nobody


def test_cover_begins_with_the_absence_takes_what_waits_and_gives_it_back(world: World, at, monkeypatch):
    alone(world)
    waiting = make_submission(world.registration, "1.1")
    absence = away(world, 2, 10, moves_work=True)
    assert cover(world, absence, world.unallocated_assessor) == 1
    assert cover(world, absence, world.unallocated_assessor) == 0  # nothing new
    row = Allocation.objects.get(covers=absence)
    assert (row.user, row.starts_on, row.ends_on) == (world.unallocated_assessor, today() + 2 * DAY, absence.ends_on)
    assert assessor_of(world.registration) == world.assessor
    begin_covers(at)
    waiting.refresh_from_db()
    assert waiting.assessor == world.assessor
    with on(today() + 2 * DAY, monkeypatch) as later:
        begin_covers(later)
        begin_covers(later)
        waiting.refresh_from_db()
        assert waiting.assessor == world.unallocated_assessor
        assert assessor_of(world.registration) == world.unallocated_assessor
        assert reassign_all(at=later) == 0
    with on(today() + 11 * DAY, monkeypatch) as later:
        assert reassign_all(at=later) == 1
        waiting.refresh_from_db()
        assert waiting.assessor == world.assessor


def test_what_waits_moves_at_once_when_the_absence_has_begun_and_only_if_it_says_so(world: World):
    alone(world)
    waiting = make_submission(world.registration, "1.1")
    absence = away(world)
    cover(world, absence, world.unallocated_assessor)
    waiting.refresh_from_db()
    assert waiting.assessor == world.assessor
    Absence.objects.update(moves_work=True)
    absence.refresh_from_db()
    cover(world, absence, None)
    assert not Allocation.objects.filter(covers=absence, ends_on__gte=today()).exists()
    cover(world, absence, world.area_senco)
    waiting.refresh_from_db()
    assert waiting.assessor == world.area_senco
    assert any("Carys Jones assesses your work" in title for title in titles(world.trainee))


def test_cover_is_chosen_within_the_rules(world: World, at):
    absence = away(world)
    near = make_person("Nell Near", (Role.ASSESSOR, world.centre), (Role.PRACTITIONER, world.setting))
    record_absence(world.centre, world.area_senco, starts_on=today() + 9 * DAY, ends_on=today() + 20 * DAY,
                   by=world.lead_iqa, at=at)  # fmt: skip
    for user, code in ((near, "rule-08-undeclared-interest"), (world.area_senco, "allocation-away"),
                       (world.second_assessor, "allocation-held")):  # fmt: skip
        with refused(code):
            cover(world, absence, user)
    line = cover_lines(absence, at=at, suggest=True)[0]
    assert [one.user for one in line.can] == [world.unallocated_assessor] == [line.suggested]
    assert {one.user for one in line.cannot} == {near, world.area_senco, world.second_assessor}


def test_who_comes_back_early_gets_their_work_back_and_cover_ends(world: World, at):
    alone(world)
    waiting = make_submission(world.registration, "1.1")
    absence = away(world, moves_work=True)
    cover(world, absence, world.unallocated_assessor)
    Absence.objects.update(starts_on=today() - 3 * DAY)
    Allocation.objects.filter(covers=absence).update(starts_on=today() - 3 * DAY)
    with refused("absence-later"):
        come_back(absence, ends_on=absence.ends_on, by=world.centre_admin, at=at)
    left = come_back(absence, ends_on=today() - DAY, by=world.centre_admin, at=at)
    assert left.ends_on == Allocation.objects.get(covers=absence).ends_on == today() - DAY
    assert reassign_all(at=at) == 1
    waiting.refresh_from_db()
    assert waiting.assessor == world.assessor


def test_an_absence_called_off_before_it_begins_leaves_no_cover(world: World, at):
    absence = away(world, 2, 5)
    cover(world, absence, world.unallocated_assessor)
    assert come_back(absence, ends_on=today() - DAY, by=world.centre_admin, at=at) is None
    row = Allocation.objects.get(user=world.unallocated_assessor)
    assert (row.covers, row.ends_on < row.starts_on) == (None, True)
    assert not Absence.objects.exists()
    assert give(world, world.unallocated_assessor).pk


# Borrowed assessors


def lent(world: World, days: int = 30) -> Membership:
    return borrow(world.centre, world.other.assessor.email.upper(), starts_on=today(), ends_on=today() + days * DAY,
                  by=world.centre_admin, at=timezone.now())  # fmt: skip


def test_a_borrowed_assessor_sees_only_what_is_allocated_to_them_and_only_while_lent(world: World, at, monkeypatch):
    """Rule 35."""
    mine = make_submission(world.registration, "1.1")
    other = make_submission(world.other_registration, "1.1")
    made = lent(world)
    assert made.lent_by == world.other.centre
    guest = User.objects.get(pk=world.other.assessor.pk)
    seen = Submission.objects.visible_to(guest)
    assert not seen.filter(pk__in=[mine.pk, other.pk]).exists()
    allocation = give(world, guest)
    assert allocation.ends_on == made.ends_on
    assert set(seen.filter(pk__in=[mine.pk, other.pk])) == {mine}
    ours = Registration.objects.visible_to(guest).filter(centre=world.centre)
    assert set(ours) == {world.registration}
    with refused("allocation-lent"):
        give(world, guest, registration=world.other_registration, ends_on=made.ends_on + DAY)
    with on(made.ends_on + DAY, monkeypatch):
        assert not Submission.objects.visible_to(guest).filter(pk=mine.pk).exists()


def test_who_lends_and_who_is_lent_are_told(world: World):
    lent(world)
    for person in (world.other.assessor, world.other.centre_admin, world.other.lead_iqa):
        assert "Havenshire Training" in titles(person)[0]


def test_borrowing_says_nothing_of_whom_it_cannot_borrow(world: World, at):
    said = set()
    for email in ("nobody@people.example", world.trainee.email, world.assessor.email, world.other.trainee.email):
        with refused("borrow-nobody") as caught:
            borrow(world.centre, email, starts_on=today(), ends_on=today(), by=world.centre_admin, at=at)
        said.add(caught.value.message)
    assert len(said) == 1
    with refused("allocation-right"):
        borrow(world.centre, world.other.assessor.email, starts_on=today(), ends_on=today(), by=world.iqa, at=at)
    lent(world)
    with refused("membership-held"):
        lent(world)


def test_a_borrowed_assessor_goes_back_early_and_their_work_moves_on(world: World, at):
    made = lent(world)
    allocation = give(world, User.objects.get(pk=world.other.assessor.pk))
    own = Membership.objects.get(user=world.assessor, role=Role.ASSESSOR)
    with refused("borrow-own"):
        give_back(own, ends_on=today(), by=world.centre_admin, at=at)
    with refused("allocation-right"):
        give_back(made, ends_on=today(), by=world.other.centre_admin, at=at)
    give_back(made, ends_on=today(), by=world.centre_admin, at=at)
    allocation.refresh_from_db()
    made.refresh_from_db()
    assert allocation.ends_on == made.ends_on == today()
    with refused("membership-ended"):
        give_back(made, ends_on=today(), by=world.centre_admin, at=at)


def test_an_assessor_of_the_centre_is_not_borrowed_for_it(world: World, at):
    """Though she works for the authority too."""
    with refused("membership-held"):
        borrow(world.centre, world.area_senco.email, starts_on=today(), ends_on=today(), by=world.centre_admin, at=at)
