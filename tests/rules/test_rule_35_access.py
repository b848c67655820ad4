"""Rule 35: access follows allocation; each list is compared as a whole set of people."""

from datetime import timedelta

import pytest

from courses.delivery.api import Cohort, Registration, end_allocation
from lms.accounts.api import User, end_membership
from portfolio.api import Evidence, EvidenceVersion, Submission, discard_draft, new_version
from portfolio.domain.share import share_with_setting, stop_sharing
from tests.factories import World, allocate_assessor, make_draft, make_person, make_submission
from tests.helpers import actions_since, last_event, refused

OTHER = ("lead_iqa", "eqa", "author", "authority_manager", "centre_admin", "setting_manager", "assessor", "trainee")


def everybody(world: World) -> dict[str, User]:
    """Each person of both tenants by the name of their field."""
    ours = {name: value for name, value in vars(world).items() if isinstance(value, User)}
    return ours | {f"other.{name}": getattr(world.other, name) for name in OTHER}


def who_sees(world: World, rows, pk: int) -> set[str]:
    """Everybody to whom a row is visible. People are read afresh: memberships are remembered for one request."""
    return {
        name
        for name, person in everybody(world).items()
        if rows.visible_to(User.objects.get(pk=person.pk)).filter(pk=pk).exists()
    }


ALLOCATED = {"assessor", "second_assessor", "iqa"}


def test_who_sees_a_registration(world: World):
    assert who_sees(world, Registration.objects, world.registration.pk) == ALLOCATED | {
        "trainee", "lead_iqa", "centre_admin", "authority_manager", "area_senco", "setting_manager",
    }  # fmt: skip
    assert who_sees(world, Registration.objects, world.other.registration.pk) == {
        "other.trainee", "other.assessor", "other.lead_iqa", "other.centre_admin", "other.authority_manager",
        "other.setting_manager",
    }  # fmt: skip


def test_who_sees_a_cohort(world: World):
    assert who_sees(world, Cohort.objects, world.cohort.pk) == {
        "authority_manager", "area_senco", "lead_iqa", "centre_admin",
    }  # fmt: skip


def test_a_draft_is_seen_by_its_learner_alone(world: World):
    version = make_draft(world.registration, "1.1")
    assert who_sees(world, Evidence.objects, version.evidence_id) == {"trainee"}
    assert who_sees(world, EvidenceVersion.objects, version.pk) == {"trainee"}


def test_submitted_evidence_is_seen_by_its_learner_and_whoever_is_allocated(world: World):
    submission = make_submission(world.registration, "1.1")
    evidence = Evidence.objects.get()
    expected = ALLOCATED | {"trainee"}
    assert who_sees(world, Evidence.objects, evidence.pk) == expected
    assert who_sees(world, EvidenceVersion.objects, evidence.versions.get().pk) == expected
    assert who_sees(world, Submission.objects, submission.pk) == expected


def test_the_draft_of_the_next_version_is_its_learners_alone(world: World, at):
    make_submission(world.registration, "1.1")
    second = new_version(Evidence.objects.get(), by=world.trainee, at=at)
    assert who_sees(world, EvidenceVersion.objects, second.pk) == {"trainee"}
    assert who_sees(world, Evidence.objects, second.evidence_id) == ALLOCATED | {"trainee"}


def test_a_superuser_sees_no_evidence_by_that(world: World):
    make_submission(world.registration, "1.1")
    for model in (Evidence, EvidenceVersion, Submission, Registration, Cohort):
        assert not model.objects.visible_to(world.superuser).exists()


def test_access_ends_with_the_allocation(world: World, at):
    make_submission(world.registration, "1.1")
    allocation = world.registration.allocations.get(user=world.assessor)
    end_allocation(allocation, ends_on=at.date(), by=None, at=at)
    evidence = Evidence.objects.get()
    assert "assessor" in who_sees(world, Evidence.objects, evidence.pk)  # the last day is still a day
    end_allocation(allocation, ends_on=allocation.starts_on, by=None, at=at)
    assert who_sees(world, Evidence.objects, evidence.pk) == {"trainee", "second_assessor", "iqa"}


def test_access_does_not_begin_before_the_allocation(world: World, at):
    make_submission(world.registration, "1.1")
    allocation = allocate_assessor(world.registration, world.unallocated_assessor)
    allocation.starts_on = at.date() + timedelta(days=2)
    allocation.save()
    assert who_sees(world, Evidence.objects, Evidence.objects.get().pk) == ALLOCATED | {"trainee"}


@pytest.mark.parametrize("role", ["supporter", "tutor", "mentor"])
def test_whoever_supports_sees_progress_and_no_evidence(world: World, role: str):
    make_submission(world.registration, "1.1")
    helper = make_person("Hel Per")
    allocate_assessor(world.registration, helper, role)
    assert list(Registration.objects.visible_to(helper)) == [world.registration]
    for model in (Evidence, EvidenceVersion, Submission):
        assert not model.objects.visible_to(helper).exists()


def test_an_assessor_from_another_authority_sees_what_is_allocated_and_no_more(world: World):
    make_submission(world.registration, "1.1")
    make_submission(world.other_registration, "1.1")
    allocate_assessor(world.registration, world.other.assessor)
    assert set(Registration.objects.visible_to(world.other.assessor)) == {world.registration, world.other.registration}
    assert set(Evidence.objects.visible_to(world.other.assessor)) == set(world.registration.evidence.all())


def test_an_authoritys_people_see_evidence_only_when_they_are_allocated(world: World):
    make_submission(world.registration, "1.1")
    make_submission(world.other_registration, "1.1")
    assert set(Evidence.objects.visible_to(world.area_senco)) == set(world.other_registration.evidence.all())
    assert not Evidence.objects.visible_to(world.authority_manager).exists()


def test_the_setting_manager_sees_progress_and_only_what_is_shared(world: World, at):
    make_submission(world.registration, "1.1")
    evidence = Evidence.objects.get()
    assert not Evidence.objects.visible_to(world.setting_manager).exists()
    event = last_event()
    share_with_setting(evidence, by=world.trainee, at=at)
    assert actions_since(event) == ["evidence.shared"]
    assert who_sees(world, Evidence.objects, evidence.pk) == ALLOCATED | {"trainee", "setting_manager"}
    assert who_sees(world, EvidenceVersion.objects, evidence.versions.get().pk) == ALLOCATED | {
        "trainee", "setting_manager",
    }  # fmt: skip
    assert not Submission.objects.visible_to(world.setting_manager).exists()
    stop_sharing(evidence, by=world.trainee, at=at)
    assert actions_since(event) == ["evidence.shared", "evidence.unshared"]
    assert who_sees(world, Evidence.objects, evidence.pk) == ALLOCATED | {"trainee"}


def test_a_shared_draft_is_read_only_once_it_is_submitted(world: World, at):
    version = make_draft(world.registration, "1.1")
    share_with_setting(version.evidence, by=world.trainee, at=at)
    assert not Evidence.objects.visible_to(world.setting_manager).exists()
    discard_draft(version, by=world.trainee, at=at)
    submitted = make_submission(world.registration, "1.1").items.get().versions.get()
    share_with_setting(submitted.evidence, by=world.trainee, at=at)
    assert Evidence.objects.visible_to(world.setting_manager).count() == 1


def test_the_setting_manager_sees_it_only_while_the_learner_works_there(world: World, at):
    make_submission(world.registration, "1.1")
    share_with_setting(Evidence.objects.get(), by=world.trainee, at=at)
    world.registration.placements.update(ends_on=at.date() - timedelta(days=1))
    assert not Evidence.objects.visible_to(world.setting_manager).exists()
    assert not Registration.objects.visible_to(world.setting_manager).exists()


def test_the_setting_manager_sees_it_only_while_they_manage_it(world: World, at):
    make_submission(world.registration, "1.1")
    share_with_setting(Evidence.objects.get(), by=world.trainee, at=at)
    membership = world.setting_manager.memberships.get()
    end_membership(membership, ends_on=membership.starts_on, by=None, at=at)
    assert not Evidence.objects.visible_to(User.objects.get(pk=world.setting_manager.pk)).exists()


def test_what_was_shared_with_one_setting_closes_when_the_learner_moves_to_another_of_the_same_manager(
    world: World, at
):
    both = make_person("Bo Marsh", ("setting_manager", world.setting), ("setting_manager", world.other_setting))
    make_submission(world.registration, "1.1")
    share_with_setting(Evidence.objects.get(), by=world.trainee, at=at)
    assert Evidence.objects.visible_to(both).count() == 1
    yesterday = at.date() - timedelta(days=1)
    world.registration.placements.update(starts_on=yesterday - timedelta(days=9), ends_on=yesterday)
    world.registration.placements.create(setting=world.other_setting, starts_on=at.date())
    assert not Evidence.objects.visible_to(both).exists()


def test_what_one_learner_shares_opens_nothing_of_another(world: World, at):
    make_submission(world.registration, "1.1")
    make_submission(world.other_registration, "1.1")
    share_with_setting(world.registration.evidence.get(), by=world.trainee, at=at)
    assert set(Evidence.objects.visible_to(world.setting_manager)) == set(world.registration.evidence.all())


def test_only_the_learner_shares(world: World, at):
    make_submission(world.registration, "1.1")
    for person in (world.assessor, world.setting_manager, world.other_trainee):
        with refused("rule-01-owner"):
            share_with_setting(Evidence.objects.get(), by=person, at=at)
        with refused("rule-01-owner"):
            stop_sharing(Evidence.objects.get(), by=person, at=at)


def test_without_a_setting_on_record_there_is_nobody_to_share_with(world: World, at):
    make_submission(world.registration, "1.1")
    world.registration.placements.all().delete()
    with refused("share-no-setting"):
        share_with_setting(Evidence.objects.get(), by=world.trainee, at=at)


def test_the_queue_holds_open_submissions_of_ones_own_learners(world: World, at):
    mine = make_submission(world.registration, "1.1")
    theirs = make_submission(world.other_registration, "1.1")
    assert list(Submission.objects.in_queue_of(world.assessor)) == [mine]
    assert list(Submission.objects.in_queue_of(world.area_senco)) == [theirs]
    for person in (world.iqa, world.lead_iqa, world.unallocated_assessor, world.other.assessor, world.trainee):
        assert not Submission.objects.in_queue_of(person).exists()
    Submission.objects.filter(pk=mine.pk).update(released_at=at)
    assert not Submission.objects.in_queue_of(world.assessor).exists()
