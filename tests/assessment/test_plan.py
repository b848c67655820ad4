"""The assessment plan: written, proposed, agreed, revised; what it leaves out; what the database keeps."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from assessment.api import declare_interest
from assessment.domain.plan import (
    Line,
    LineChanged,
    agree_plan,
    begin_plan,
    discard_plan,
    propose_plan,
    remove_line,
    save_line,
    save_reason,
    send_back_plan,
    take_back_plan,
)
from assessment.models import AssessmentPlan, PlannedAssessment
from assessment.queries_plan import next_planned, next_visits, plan_page
from courses.delivery.api import Registration, end_allocation, set_state
from courses.framework.api import set_policy
from tests.assessment.planning import agreed, drafted, line, proposed
from tests.factories import World, make_submission, settle
from tests.helpers import actions_since, last_event, last_notice, refused, told_since

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
TODAY = timezone.localdate()
State = AssessmentPlan.State


@pytest.fixture
def mine(world: World) -> Registration:
    return world.registration


def page(registration: Registration, *, drafts: bool = True):
    return plan_page(registration, today=TODAY, at=timezone.now(), drafts=drafts)


def lines_of(plan: AssessmentPlan) -> set[Line]:
    return {Line.of(row) for row in plan.lines.all()}


class TestWriting:
    def test_a_draft_is_saved_whatever_it_lacks(self, world, mine, at):
        plan = begin_plan(mine, by=world.assessor, at=at)
        assert (plan.number, plan.state) == (1, State.DRAFT)
        halves = [Line(), Line(is_visit=True), Line(starts=time(14), is_visit=True), Line(place="Willow Tree"),
                  Line(what="Only words"), line("1.1", due_on=None)]  # fmt: skip
        for half in halves:
            save_line(plan, uuid4(), half, by=world.assessor, at=at)
        assert lines_of(plan) == set(halves)

    def test_the_same_form_sent_twice_makes_one_line(self, world, mine, at):
        plan, ref = begin_plan(mine, by=world.assessor, at=at), uuid4()
        for words in ("First", "First", "Then another"):
            save_line(plan, ref, line("1.1", what=words), by=world.assessor, at=at)
        assert lines_of(plan) == {line("1.1", what="Then another")}

    def test_what_a_colleague_saved_meanwhile_is_not_overwritten_unseen(self, world, mine, at):
        plan, ref = begin_plan(mine, by=world.assessor, at=at), uuid4()
        seen = line("1.1", what="As both saw it")
        save_line(plan, ref, seen, by=world.assessor, at=at)
        theirs, ours = line("1.1", what="Theirs"), line("1.2.a", what="Ours")
        save_line(plan, ref, theirs, base=seen.base, by=world.second_assessor, at=at)
        with refused("plan-line-changed") as caught:
            save_line(plan, ref, ours, base=seen.base, by=world.assessor, at=at)
        assert isinstance(caught.value, LineChanged)
        assert caught.value.saved == theirs
        save_line(plan, ref, ours, base=theirs.base, by=world.assessor, at=at)
        assert lines_of(plan) == {ours}

    def test_criteria_of_another_qualification_are_refused(self, world, mine, at):
        plan = begin_plan(mine, by=world.assessor, at=at)
        with refused("plan-criterion-unknown"):
            save_line(plan, uuid4(), Line(criteria=frozenset({999_999})), by=world.assessor, at=at)

    def test_only_an_assessor_allocated_today_writes_it(self, world, mine, at):
        end_allocation(mine.allocations.get(user=world.second_assessor), ends_on=TODAY - timedelta(days=1), by=None,
                       at=at)  # fmt: skip
        plan = begin_plan(mine, by=world.assessor, at=at)
        for person in (world.second_assessor, world.iqa, world.unallocated_assessor, world.centre_admin):
            with refused("plan-not-allocated"):
                save_line(plan, uuid4(), Line(what="Mine"), by=person, at=at)
        with refused("plan-own-work"):
            propose_plan(plan, by=world.trainee, at=at)

    def test_nobody_writes_it_with_an_interest_or_once_the_registration_is_closed(self, world, mine, at):
        declare_interest(mine, "family", "", by=world.second_assessor, at=at)
        with refused("rule-08-open-interest"):
            begin_plan(mine, by=world.second_assessor, at=at)
        set_state(mine, Registration.State.SUSPENDED, by=None, role="centre", at=at)
        with refused("registration-closed"):
            begin_plan(mine, by=world.assessor, at=at)

    def test_a_line_is_removed_and_a_draft_deleted(self, world, mine, at):
        plan = drafted(mine, line("1.1"), line("1.3"), by=world.assessor)
        gone = plan.lines.first()
        remove_line(plan, gone.ref, by=world.assessor, at=at)
        remove_line(plan, gone.ref, by=world.assessor, at=at)
        assert plan.lines.count() == 1
        discard_plan(plan, by=world.assessor)
        assert not AssessmentPlan.objects.exists()
        assert not PlannedAssessment.objects.exists()


class TestProposing:
    def test_it_names_everything_that_is_missing(self, world, mine, at):
        plan = begin_plan(mine, by=world.assessor, at=at)
        with refused("plan-empty"):
            propose_plan(plan, by=world.assessor, at=at)
        save_line(plan, uuid4(), Line(is_visit=True), by=world.assessor, at=at)
        every = ("what", "method", "criteria", "due", "time", "place")
        with refused(*(f"plan-line-{name}" for name in every)):
            propose_plan(plan, by=world.assessor, at=at)

    def test_the_trainee_is_told_and_it_is_on_record_without_words(self, world, mine, at):
        plan = drafted(mine, line("1.1", what="Nothing of this in the log"), by=world.assessor)
        event, notice = last_event(), last_notice()
        propose_plan(plan, by=world.assessor, at=at)
        assert AssessmentPlan.objects.get().state == State.PROPOSED
        assert told_since(notice) == [(world.trainee.name, "plan-proposed")]
        assert actions_since(event) == ["plan.proposed"]
        assert "Nothing" not in _log()

    def test_a_revision_says_why(self, world, mine, at):
        agreed(mine, line("1.1"), by=world.assessor)
        plan = begin_plan(mine, by=world.assessor, at=at)
        with refused("plan-reason"):
            propose_plan(plan, by=world.assessor, at=at)
        save_reason(plan, " More time ", by=world.assessor, at=at)
        propose_plan(plan, by=world.assessor, at=at)
        assert AssessmentPlan.objects.get(number=2).reason == "More time"

    def test_while_it_waits_nothing_is_written(self, world, mine, at):
        plan = proposed(mine, line("1.1"), by=world.assessor)
        with refused("plan-waits"):
            begin_plan(mine, by=world.assessor, at=at)
        for act in (
            lambda: save_line(plan, uuid4(), line("1.3"), by=world.assessor, at=at),
            lambda: remove_line(plan, plan.lines.get().ref, by=world.assessor, at=at),
            lambda: discard_plan(plan, by=world.assessor),
            lambda: propose_plan(plan, by=world.assessor, at=at),
        ):
            with refused("plan-not-draft"):
                act()

    def test_taken_back_it_stays_on_record_and_a_copy_goes_on(self, world, mine, at):
        plan = proposed(mine, line("1.1"), by=world.assessor)
        event, notice = last_event(), last_notice()
        take_back_plan(plan, by=world.second_assessor, at=at)
        assert told_since(notice) == [(world.trainee.name, "plan-taken-back")]
        assert actions_since(event) == ["plan.sent_back"]
        with refused("plan-answered"):
            agree_plan(plan, by=world.trainee, at=at)
        copy = begin_plan(mine, by=world.assessor, at=at)
        assert (copy.number, lines_of(copy)) == (2, lines_of(plan))


class TestAnswering:
    def test_agreed_it_is_in_force_and_its_writer_is_told(self, world, mine, at):
        plan = proposed(mine, line("1.1"), by=world.second_assessor)
        event, notice = last_event(), last_notice()
        agree_plan(plan, by=world.trainee, at=at)
        assert page(mine).in_force.plan == plan
        assert told_since(notice) == [(world.second_assessor.name, "plan-agreed")]
        assert actions_since(event) == ["plan.agreed"]
        with refused("plan-answered"):
            send_back_plan(plan, "On second thoughts", by=world.trainee, at=at)

    def test_sent_back_needs_a_comment_and_leaves_the_other_in_force(self, world, mine, at):
        first = agreed(mine, line("1.1"), by=world.assessor)
        second = proposed(mine, line("1.3"), by=world.assessor, reason="More")
        with refused("plan-comment"):
            send_back_plan(second, "  ", by=world.trainee, at=at)
        notice = last_notice()
        send_back_plan(second, "Not in that week, please.", by=world.trainee, at=at)
        assert told_since(notice) == [(world.assessor.name, "plan-sent-back")]
        seen = page(mine)
        assert (seen.in_force.plan, seen.sent_back, seen.open) == (first, second, None)
        third = begin_plan(mine, by=world.assessor, at=at)
        assert (third.number, third.reason, lines_of(third)) == (3, "More", lines_of(second))

    def test_only_the_trainee_answers_while_the_registration_is_open(self, world, mine, at):
        plan = proposed(mine, line("1.1"), by=world.assessor)
        for person in (world.assessor, world.other_trainee, world.lead_iqa):
            with refused("plan-not-learner"):
                agree_plan(plan, by=person, at=at)
        set_state(mine, Registration.State.BREAK, by=None, role="centre", at=at)
        with refused("registration-closed"):
            agree_plan(plan, by=world.trainee, at=at)

    def test_when_its_writer_has_gone_those_who_assess_now_are_told(self, world, mine, at):
        plan = proposed(mine, line("1.1"), by=world.second_assessor)
        end_allocation(mine.allocations.get(user=world.second_assessor), ends_on=TODAY - timedelta(days=1), by=None,
                       at=at)  # fmt: skip
        notice = last_notice()
        agree_plan(plan, by=world.trainee, at=at)
        assert told_since(notice) == [(world.assessor.name, "plan-agreed")]


class TestRevising:
    def test_a_revision_keeps_each_line_under_its_ref(self, world, mine, at):
        first = agreed(mine, line("1.1"), line("1.3", visit=True), by=world.assessor)
        copy = begin_plan(mine, by=world.assessor, at=at)
        assert {row.ref: Line.of(row) for row in copy.lines.all()} == {
            row.ref: Line.of(row) for row in first.lines.all()
        }

    def test_it_says_what_is_new_changed_and_left_out(self, world, mine, at):
        agreed(mine, line("1.1", what="Kept"), line("1.3", what="Changed"), line("1.4", what="Out"), by=world.assessor)
        copy = begin_plan(mine, by=world.assessor, at=at)
        rows = {row.what: row for row in copy.lines.all()}
        save_line(copy, rows["Changed"].ref, line("1.3", "1.5", what="Changed"), by=world.assessor, at=at)
        remove_line(copy, rows["Out"].ref, by=world.assessor, at=at)
        save_line(copy, uuid4(), line("1.6", what="New"), by=world.assessor, at=at)
        shown = page(mine).open
        assert {row.line.what: row.change for row in shown.lines} == {"Kept": "", "Changed": "changed", "New": "new"}
        assert [row.line.what for row in shown.removed] == ["Out"]

    def test_after_feedback_the_referred_criteria_get_a_line_once(self, world, mine, at):
        agreed(mine, line("1.1"), by=world.assessor)
        submission = settle(make_submission(mine, "1.3", "1.4"), by=world.assessor, outcome="referred")
        for _ in range(2):
            plan = begin_plan(mine, after=submission, by=world.assessor, at=at)
        assert plan.number == 2
        assert plan.reason == f"After the feedback on submission {submission.number}."
        assert [_codes(row) for row in plan.lines.all()] == [{"1.1"}, {"1.3", "1.4"}]

    def test_feedback_without_changes_adds_nothing(self, world, mine, at):
        submission = settle(make_submission(mine, "1.3"), by=world.assessor)
        assert not begin_plan(mine, after=submission, by=world.assessor, at=at).lines.exists()


class TestCoverage:
    def test_it_names_what_no_line_covers_and_forgets_what_is_achieved(self, world, mine, at):
        everything = [code for code in _all_codes(mine) if code not in ("1.3", "1.4", "3.1")]
        drafted(mine, line(*everything), by=world.assessor)
        settle(make_submission(mine, "1.4"), by=world.assessor)
        gaps = page(mine).open.gaps
        assert [(gap.section.code, gap.items) for gap in gaps] == [("1", ["1.3"]), ("3", ["3.1"])]

    def test_of_a_list_of_examples_the_minimum_is_enough(self, world, mine, at):
        set_policy(world.qualification, by=None, at=at - timedelta(minutes=1), list_minimums={"4.2": 4})
        others = [code for code in _all_codes(mine) if not code.startswith("4.2.")]
        plan = drafted(mine, line(*others, "4.2.a", "4.2.b"), by=world.assessor)
        assert [gap.items for gap in page(mine).open.gaps] == [["2 more of 4.2"]]
        save_line(plan, uuid4(), line("4.2.c", "4.2.d"), by=world.assessor, at=at)
        assert page(mine).open.gaps == []

    def test_a_line_shows_how_far_it_is_and_when_it_is_late(self, world, mine, at):
        agreed(mine, line("1.3", "1.4", what="Late", due_on=TODAY - timedelta(days=1)),
               line("1.5", what="Sent", due_on=TODAY - timedelta(days=1)), line("1.6", what="Today", due_on=TODAY),
               by=world.assessor)  # fmt: skip
        settle(make_submission(mine, "1.3"), by=world.assessor)
        make_submission(mine, "1.5")
        rows = {row.line.what: row for row in page(mine).in_force.lines}
        assert (rows["Late"].achieved, rows["Late"].is_late, rows["Late"].is_done) == (1, True, False)
        assert (rows["Sent"].waits, rows["Sent"].is_late) == (True, False)
        assert not rows["Today"].is_late
        settle(make_submission(mine, "1.4"), by=world.assessor)
        assert next(row for row in page(mine).in_force.lines if row.line.what == "Late").is_done


class TestReading:
    def test_the_trainee_sees_a_revision_from_when_they_are_asked(self, world, mine, at):
        plan = drafted(mine, line("1.1"), by=world.assessor)
        assert page(mine, drafts=False).revisions == []
        propose_plan(plan, by=world.assessor, at=at)
        assert page(mine, drafts=False).open.plan == plan

    def test_next_is_what_is_open_first_and_visits_that_have_not_been(self, world, mine, at):
        assert next_planned(mine, today=TODAY) == next_planned(world.other_registration, today=TODAY)
        agreed(mine, line("1.1", what="Done", due_on=TODAY), line("1.3", what="Been", visit=True,
               due_on=TODAY - timedelta(days=1)), line("1.4", what="Meeting", visit=True, due_on=TODAY),
               line("1.5", what="Soon", due_on=TODAY + timedelta(days=1)), by=world.assessor)  # fmt: skip
        settle(make_submission(mine, "1.1"), by=world.assessor)
        first = next_planned(mine, today=TODAY).next
        assert (first.text, first.is_visit, first.who, first.place) == ("Meeting", True, world.assessor.name, "Here")
        later = next_planned(mine, today=TODAY + timedelta(days=2))
        assert (later.next.text, later.next.day) == ("Soon", TODAY + timedelta(days=1))
        proposed(mine, line("1.6"), by=world.second_assessor, reason="More")
        asked = next_planned(mine, today=TODAY).asked
        assert (asked.number, asked.who) == (2, world.second_assessor.name)

    def test_a_visit_is_its_writers_and_passes_on_when_they_leave(self, world, mine, at):
        agreed(mine, line("1.4", visit=True), line("1.5"), by=world.second_assessor)
        whose = {person: len(next_visits(person, today=TODAY)) for person in (world.assessor, world.second_assessor)}
        assert whose == {world.assessor: 0, world.second_assessor: 1}
        end_allocation(mine.allocations.get(user=world.second_assessor), ends_on=TODAY - timedelta(days=1), by=None,
                       at=at)  # fmt: skip
        visit = next_visits(world.assessor, today=TODAY)[0]
        assert (visit.visitor, next_visits(world.second_assessor, today=TODAY)) == (world.assessor.name, [])

    def test_a_visit_of_a_plan_no_longer_in_force_is_no_visit(self, world, mine, at):
        agreed(mine, line("1.4", visit=True), by=world.assessor)
        plan = begin_plan(mine, by=world.assessor, at=at)
        save_line(plan, plan.lines.get().ref, line("1.4"), by=world.assessor, at=at)
        assert len(next_visits(world.assessor, today=TODAY)) == 1
        propose_plan(plan, reason="No visit", by=world.assessor, at=at)
        agree_plan(plan, by=world.trainee, at=at)
        assert next_visits(world.assessor, today=TODAY) == []


def test_a_visit_begins_at_its_time_in_london():
    row = PlannedAssessment(is_visit=True, due_on=date(2026, 7, 1), starts=time(14))
    assert row.starts_at.isoformat() == "2026-07-01T14:00:00+01:00"
    row.is_visit = False
    assert row.starts_at is None


def _codes(row: PlannedAssessment) -> set[str]:
    return {each.code for each in row.criteria.all()}


def _all_codes(registration: Registration) -> list[str]:
    return list(registration.criterion_statuses.values_list("criterion__code", flat=True))


def _log() -> str:
    from lms.audit.models import AuditEvent

    return " ".join(AuditEvent.objects.values_list("canonical", flat=True))
