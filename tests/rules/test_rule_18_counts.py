"""Rule 18: a criterion is achieved if and only if a current achieved decision counts."""

import itertools

import pytest
from django.core.management import CommandError, call_command

from assessment.api import Decision
from assessment.status import differences, rebuild, true_counts
from courses.delivery.api import CriterionStatus, set_counts
from tests.factories import (
    World,
    criterion,
    decide_all,
    make_draft,
    make_ready_evidence,
    make_submission,
    settle,
    submit,
)
from tests.helpers import lifted, statuses


def row(world: World, code: str = "1.1") -> CriterionStatus:
    return CriterionStatus.objects.get(registration=world.registration, criterion=criterion(code))


def test_each_step_moves_the_status_of_its_criterion_and_of_no_other(world: World, at):
    assert statuses(world.registration) == {}
    make_draft(world.registration, "4.8")
    make_ready_evidence(world.registration, "1.1")
    assert statuses(world.registration) == {"1.1": "in_progress", "4.8": "in_progress"}
    submission = submit(world.registration, "1.1")
    assert statuses(world.registration) == {"1.1": "submitted", "4.8": "in_progress"}
    decide_all(submission, by=world.assessor)
    assert statuses(world.registration) == {"1.1": "submitted", "4.8": "in_progress"}
    settle(submission, by=world.assessor)
    assert statuses(world.registration) == {"1.1": "achieved", "4.8": "in_progress"}
    assert list(differences(world.registration)) == []
    assert statuses(world.other_registration) == {}


def test_resubmitting_after_changes_needed_waits_again(world: World):
    settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    make_submission(world.registration, "1.1", title="Another piece")
    assert statuses(world.registration) == {"1.1": "submitted"}


def test_what_was_achieved_and_is_then_referred_is_no_longer_achieved(world: World):
    settle(make_submission(world.registration, "1.1", "1.2.a"), by=world.assessor)
    settle(make_submission(world.registration, "1.1", title="Another piece"), by=world.assessor, outcome="referred")
    assert statuses(world.registration) == {"1.1": "referred", "1.2.a": "achieved"}
    assert list(differences(world.registration)) == []


@pytest.mark.django_db
def test_the_status_follows_from_the_counts_for_every_combination(world: World):
    status = row(world)
    with lifted():
        for evidence, waiting, achieved, referred, holds in itertools.product((0, 2), *[(0, 1)] * 4):
            if achieved and referred:
                continue
            CriterionStatus.objects.filter(pk=status.pk).update(
                evidence_count=evidence, open_submissions=waiting, achieved_decisions=achieved,
                referred_decisions=referred, holds=holds,
            )  # fmt: skip
            expected = (
                "achieved" if achieved else "on_hold" if holds else "submitted" if waiting else "referred" if referred
                else "in_progress" if evidence else "not_started"
            )  # fmt: skip
            assert row(world).status == expected


@pytest.mark.parametrize("state", ["provisional", "pending_scrutiny", "reopened", "superseded"])
def test_a_decision_in_another_state_does_not_count(world: World, state: str):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    with lifted():
        Decision.objects.update(state=state, released_at=None)
    assert true_counts(world.registration)[criterion("1.1").pk]["achieved_decisions"] == 0
    assert list(differences(world.registration)) == [
        f"registration {world.registration.pk}, criterion {criterion('1.1').pk}: achieved_decisions is 1, not 0"
    ]


def test_rebuild_status_check_finds_nothing_to_change(world: World, capsys):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    call_command("rebuild_status", "--check")
    assert capsys.readouterr().out == "Every status is right.\n"


def test_rebuild_status_names_the_first_wrong_count_and_mends_it(world: World, capsys):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    set_counts(world.registration.pk, {criterion("1.1").pk: {"evidence_count": 7}})
    with pytest.raises(CommandError, match="evidence_count is 7, not 1"):
        call_command("rebuild_status", "--check")
    assert row(world).evidence_count == 7
    call_command("rebuild_status")
    assert row(world).evidence_count == 1
    call_command("rebuild_status", "--check")


def test_rebuild_adds_rows_that_are_missing(world: World):
    CriterionStatus.objects.filter(registration=world.registration).delete()
    with pytest.raises(CommandError, match="no status row"):
        call_command("rebuild_status", "--check")
    rebuild(world.registration)
    assert CriterionStatus.objects.filter(registration=world.registration).count() == 60
    assert list(differences(world.registration)) == []
