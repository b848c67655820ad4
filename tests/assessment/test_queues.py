"""Each submission stands in exactly one assessor's queue: opening, taking, moving, and the nightly proof."""

import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessment.api import (
    declare_interest,
    draft_decision,
    judge_version,
    open_submission,
    reassign,
    reassign_all,
    release,
    take,
)
from assessment.queues import faults, keep_queues
from courses.delivery.api import Allocation, end_allocation
from lms.accounts.api import Role, end_membership, grant_membership
from lms.common import jobs
from lms.common.models import Job
from lms.notices.api import Notice
from portfolio.api import EvidenceVersion, Submission, SubmittedCriterion, withdraw
from portfolio.domain.submit import submit_criteria
from tests.factories import (
    World,
    allocate_assessor,
    criterion,
    decide_all,
    make_ready_evidence,
    make_submission,
    make_unqualified,
    opened,
    settle,
)
from tests.helpers import actions_since, last_event, last_notice, lifted, refused, run_sql, told_since

pytestmark = pytest.mark.django_db
YESTERDAY = timedelta(days=1)
HOLDS = {"valid": True, "authentic": True, "current": True, "reliable": True}


def end(world: World, person: Any, at: Any) -> None:
    """The person is no longer the trainee's assessor."""
    row = Allocation.objects.get(user=person, registration=world.registration, role="assessor")
    end_allocation(row, ends_on=timezone.localdate() - YESTERDAY, by=None, at=at)


def end_quietly(person: Any) -> None:
    """As `end`, but as if nobody had noticed."""
    run_sql("UPDATE courses_allocation SET ends_on = %s WHERE user_id = %s",
            (timezone.localdate() - YESTERDAY).isoformat(), person.pk)  # fmt: skip


def in_queues(world: World, submission: Submission) -> list[str]:
    """Names of all those in whose queue a submission stands."""
    people = (world.assessor, world.second_assessor, world.unallocated_assessor, world.area_senco, world.iqa)
    fresh = [type(person).objects.get(pk=person.pk) for person in people]
    return [p.name for p in fresh if Submission.objects.in_queue_of(p).filter(pk=submission.pk).exists()]


def run_jobs() -> None:
    for pk in Job.objects.filter(state="queued", kind="submissions.find_assessors").values_list("pk", flat=True):
        jobs.run(pk)


# Opening


def test_only_the_assessor_in_whose_queue_it_stands_opens_it_and_once(world: World, at):
    submission = make_submission(world.registration, "1.1")
    with refused("submission-elsewhere") as caught:
        open_submission(submission, by=world.second_assessor, at=at)
    assert "Asha Patel" in caught.value.message
    for person in (world.iqa, world.lead_iqa, world.unallocated_assessor, world.eqa):
        with refused("rule-06-not-allocated"):
            open_submission(submission, by=person, at=at)
    with refused("rule-08-own-work"):
        open_submission(submission, by=world.trainee, at=at)
    event = last_event()
    assert open_submission(submission, by=world.assessor, at=at).opened_at == at
    again = open_submission(submission, by=world.assessor, at=at + YESTERDAY)
    assert again.opened_at == at
    assert actions_since(event) == ["submission.opened"]


def test_rule_08_somebody_with_an_interest_does_not_open(world: World, at):
    submission = make_submission(world.registration, "1.1")
    declare_interest(world.registration, "family", "", by=world.assessor, at=at)
    with refused("rule-08-open-interest"):
        open_submission(submission, by=world.assessor, at=at)
    take(submission, by=world.second_assessor, at=at)
    assert open_submission(submission, by=world.second_assessor, at=at).opened_at == at


def test_neither_released_nor_withdrawn_is_opened(world: World, at):
    released = settle(make_submission(world.registration, "1.1"), by=world.assessor)
    gone = make_submission(world.registration, "1.2.a")
    withdraw(gone, by=world.trainee, at=at)
    with refused("submission-released"):
        open_submission(released, by=world.assessor, at=at)
    for act in (open_submission, take):
        with refused("submission-withdrawn"):
            act(gone, by=world.assessor, at=at)


def test_nothing_is_judged_or_decided_before_it_is_opened(world: World, at):
    submission = make_submission(world.registration, "1.1")
    version, pk = EvidenceVersion.objects.select_related("evidence").get(), criterion("1.1").pk
    with refused("submission-unopened"):
        judge_version(version, **HOLDS, by=world.assessor, at=at)
    with refused("submission-unopened"):
        draft_decision(submission, pk, rationale="x", by=world.assessor, at=at)
    opened(submission)
    judge_version(version, **HOLDS, by=world.assessor, at=at)
    draft_decision(submission, pk, rationale="x", by=world.assessor, at=at)


def test_a_page_is_read_before_it_is_opened_and_shows_no_evidence(world: World, client_of):
    submission = make_submission(world.registration, "1.1", text="Words of the evidence")
    address = f"/assess/submissions/{submission.ref}/"
    page = client_of(world.assessor).get(address).content.decode()
    assert "Once you open it, Tara Walsh can no longer take it back." in page
    assert "Words of the evidence" not in page
    other = client_of(world.second_assessor).get(address).content.decode()
    assert "Take this submission" in other
    assert "Open the submission" not in other
    reading = client_of(world.iqa).get(address).content.decode()
    assert "Words of the evidence" in reading
    assert "You are reading this as quality assurer" in reading
    assert Submission.objects.get().opened_at is None


def posted(browser: Any, page: str, act: str) -> Any:
    """Presses the only button of a page that posts to an address ending in `act`."""
    html = browser.get(page).content.decode()
    form = next(part for part in html.split("<form")[1:] if f'{act}"' in part.split(">")[0])
    action, once = form.split('action="')[1].split('"')[0], form.split('name="once" value="')[1].split('"')[0]
    return browser.post(action, {"once": once})


def test_assessor_opens_from_the_queue_and_goes_on_to_the_evidence(world: World, client_of):
    submission = make_submission(world.registration, "1.1", text="Words of the evidence")
    browser = client_of(world.assessor)
    assert "Not opened" in browser.get("/assess/").content.decode()
    answer = posted(browser, "/assess/", "/open/")
    assert answer.url == f"/assess/submissions/{submission.ref}/"
    assert "Words of the evidence" in browser.get(answer.url).content.decode()
    assert f'href="{answer.url}"' in browser.get("/assess/").content.decode()


def test_a_colleague_takes_a_submission_from_the_tab_of_other_assessors(world: World, client_of):
    submission = make_submission(world.registration, "1.1")
    browser = client_of(world.second_assessor)
    assert "Nothing waits for you" in browser.get("/assess/").content.decode()
    page = browser.get("/assess/?show=others")
    assert [row.pk for row in page.context["page"]] == [submission.pk]
    notice = last_notice()
    posted(browser, "/assess/?show=others", "/take/")
    assert told_since(notice) == [("Asha Patel", "reassigned")]
    assert in_queues(world, submission) == ["Ben Okoro"]


def test_the_tab_of_other_assessors_takes_9_queries_however_long_it_is(world: World, client_of, queries):
    make_submission(world.registration, "1.1")

    def grow() -> None:
        for code in ("1.2.a", "1.2.b"):
            make_submission(world.registration, code)

    queries.pin(client_of(world.second_assessor), "/assess/?show=others", grow=grow, exactly=9)


def test_drafts_of_whose_queue_it_was_stay_until_each_is_taken_over(world: World, at):
    submission = opened(make_submission(world.registration, "1.1"))
    draft_decision(submission, criterion("1.1").pk, rationale="Mine", by=world.assessor, at=at)
    event = last_event()
    take(submission, by=world.second_assessor, at=at)
    take(submission, by=world.second_assessor, at=at)
    assert actions_since(event) == ["submission.reassigned"]
    with refused("decision-held"):
        draft_decision(submission, criterion("1.1").pk, rationale="x", by=world.second_assessor, at=at)


def test_who_may_not_decide_takes_nothing(world: World, at):
    submission = make_submission(world.registration, "1.1")
    with refused("rule-06-not-allocated"):
        take(submission, by=world.unallocated_assessor, at=at)
    declare_interest(world.registration, "family", "", by=world.second_assessor, at=at)
    with refused("rule-08-open-interest"):
        take(submission, by=world.second_assessor, at=at)


# Moving by itself


def test_a_submission_stands_in_one_queue_and_moves_when_the_allocation_ends(world: World, at):
    submission = make_submission(world.registration, "1.1")
    assert in_queues(world, submission) == ["Asha Patel"]
    end(world, world.assessor, at)
    assert in_queues(world, submission) == []
    event, notice = last_event(), last_notice()
    run_jobs()
    assert in_queues(world, submission) == ["Ben Okoro"]
    assert actions_since(event) == ["submission.reassigned"]
    assert told_since(notice) == [("Asha Patel", "reassigned"), ("Ben Okoro", "reassigned")]
    assert list(faults()) == []


def test_what_ended_by_date_moves_in_the_night(world: World, at):
    submission = make_submission(world.registration, "1.1")
    end_quietly(world.assessor)
    assert not Job.objects.filter(kind="submissions.find_assessors").exists()
    keep_queues(at)
    assert in_queues(world, submission) == ["Ben Okoro"]


def test_it_moves_when_the_role_ends(world: World, at):
    submission = make_submission(world.registration, "1.1")
    role = world.assessor.memberships.get(role=Role.ASSESSOR)
    end_membership(role, ends_on=role.starts_on, by=None, at=at)
    run_jobs()
    assert in_queues(world, submission) == ["Ben Okoro"]


def test_it_moves_to_who_is_allocated_longest_and_may_decide(world: World, at):
    submission = make_submission(world.registration, "1.1")
    allocate_assessor(world.registration, world.unallocated_assessor)
    declare_interest(world.registration, "family", "", by=world.second_assessor, at=at)
    end(world, world.assessor, at)
    assert reassign(submission, at=at).assessor == world.unallocated_assessor
    assert reassign(submission, at=at) is None  # it stands in a queue


def test_what_is_submitted_goes_to_somebody_who_holds_the_role(world: World, at):
    role = world.assessor.memberships.get(role=Role.ASSESSOR)
    end_membership(role, ends_on=role.starts_on, by=None, at=at)
    assert make_submission(world.registration, "1.1").assessor == world.second_assessor
    end_quietly(world.second_assessor)
    make_ready_evidence(world.registration, "1.2.a")
    with refused("no-assessor"):
        submit_criteria(world.registration, {criterion("1.2.a").pk}, by=world.trainee, at=at)


# The nightly proof


def test_in_a_sound_world_nothing_is_found(world: World, at):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    opened(make_submission(world.registration, "1.2.a"))
    make_submission(world.other_registration, "1.1")
    withdraw(make_submission(world.registration, "1.3"), by=world.trainee, at=at)
    event, notice = last_event(), last_notice()
    keep_queues(at)
    assert list(faults()) == []
    assert (actions_since(event), told_since(notice)) == ([], [])
    out = StringIO()
    call_command("check_queues", stdout=out)
    assert "one assessor's queue" in out.getvalue()


@pytest.fixture
def orphan(world: World) -> Submission:
    """A submission whose assessor has gone unnoticed, and nobody else is there."""
    submission = make_submission(world.registration, "1.1", "1.2.a")
    end_quietly(world.assessor)
    end_quietly(world.second_assessor)
    return submission


def test_a_planted_orphan_raises_an_alarm_once(world: World, orphan: Submission, at, caplog):
    event, notice = last_event(), last_notice()
    with caplog.at_level(logging.ERROR, logger="senco.queues"):
        keep_queues(at)
        keep_queues(at + YESTERDAY)
    assert len(caplog.records) == 4  # two criteria, each night
    assert "criterion 1.1: is in nobody's queue" in caplog.text
    assert actions_since(event) == ["submission.queue_alarm"]
    assert sorted(told_since(notice)) == [("Cleo Marsh", "queue-alarm"), ("Leila Haddad", "queue-alarm")]
    said = Notice.objects.latest("pk")
    assert "Allocate an assessor" in said.title
    assert said.url == f"/cohorts/registrations/{world.registration.ref}/team/"


def test_the_command_names_the_first_fault_and_fails(world: World, orphan: Submission):
    with pytest.raises(CommandError) as caught:
        call_command("check_queues")
    assert str(caught.value) == (
        f"registration {world.registration.pk}, submission {orphan.pk}, criterion 1.1: is in nobody's queue (2 in all)"
    )


def test_when_somebody_is_allocated_it_moves_and_the_alarm_can_be_raised_anew(world: World, orphan: Submission, at):
    keep_queues(at)
    allocate_assessor(world.registration, world.unallocated_assessor)
    event = last_event()
    run_jobs()
    assert in_queues(world, orphan) == ["Dev Shah"]
    keep_queues(at)
    assert actions_since(event) == ["submission.reassigned", "submission.queue_alarm"]  # the latter: all clear
    end_quietly(world.unallocated_assessor)
    notice = last_notice()
    keep_queues(at)
    assert len(told_since(notice)) == 2


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("UPDATE portfolio_submittedcriterion SET is_open = FALSE WHERE submission_id = %s", "closed-undecided"),
        ("UPDATE portfolio_submission SET withdrawn_at = submitted_at WHERE id = %s", "open-in-closed"),
        ("UPDATE lms_user SET is_active = FALSE WHERE id = (SELECT assessor_id FROM portfolio_submission "
         "WHERE id = %s)", "in-no-queue"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_is_found(world: World, sql: str, kind: str, at):
    submission = make_submission(world.registration, "1.1")
    with lifted():
        run_sql(sql, submission.pk)
    assert [(fault.kind, fault.submission_id) for fault in faults()] == [(kind, submission.pk)]


def test_decisions_whose_only_second_assessor_may_not_check_them_are_astray(world: World, at):
    submission = opened(make_submission(world.registration, "1.1"))
    make_unqualified(world.assessor)
    decide_all(submission, by=world.assessor)
    release(submission, by=world.assessor, at=at)
    assert list(faults()) == []
    make_unqualified(world.second_assessor)
    assert [(fault.kind, fault.submission_id) for fault in faults()] == [("in-no-lane", submission.pk)]


def test_a_draft_decision_is_no_decision(world: World, at):
    submission = opened(make_submission(world.registration, "1.1"))
    draft_decision(submission, criterion("1.1").pk, outcome="achieved", by=world.assessor, at=at)
    SubmittedCriterion.objects.update(is_open=False)
    assert [fault.kind for fault in faults()] == ["closed-undecided"]


def test_the_proof_takes_four_queries_however_much_is_submitted(world: World, queries):
    make_submission(world.registration, "1.1")
    with queries(4):
        list(faults())
    for code in ("1.2.a", "1.2.b"):
        make_submission(world.registration, code)
    with queries(4):
        list(faults())


def test_an_assessor_elsewhere_is_no_replacement(world: World, orphan: Submission, at):
    grant_membership(world.other.assessor, world.centre, Role.ASSESSOR, starts_on=at.date(), by=None, at=at)
    assert reassign_all(at=at) == 0
