"""Rule 37: a registration is pinned to one qualification edition; another level is another registration."""

from datetime import date

from django.utils import timezone

from courses.delivery.api import CriterionStatus, Registration, register_learner, set_state
from tests.factories import World, make_cohort, make_person, make_qualification
from tests.helpers import actions_since, last_event, nothing_changes, refused


def register(world: World, learner, qualification, at, **fields) -> Registration:
    return register_learner(
        learner, qualification, centre=world.centre, registered_on=timezone.localdate(), by=world.centre_admin, at=at,
        **fields,
    )  # fmt: skip


def test_registering_makes_a_status_row_for_every_criterion_and_an_audited_act(world: World, at):
    learner, event = make_person("New Comer"), last_event()
    made = register(world, learner, world.qualification, at, cohort=world.cohort, setting=world.setting)
    assert (made.state, made.target_on, made.qualification) == ("active", world.cohort.ends_on, world.qualification)
    assert list(made.placements.values_list("setting", flat=True)) == [world.setting.pk]
    rows = CriterionStatus.objects.filter(registration=made)
    assert set(rows.values_list("criterion_id", flat=True)) == set(
        world.qualification.framework.criteria.values_list("pk", flat=True)
    )
    assert set(rows.values_list("status", flat=True)) == {"not_started"}
    assert actions_since(event) == ["registration.registered"]


def test_the_same_qualification_twice_is_refused(world: World, at):
    with refused("rule-37-registered"):
        register(world, world.trainee, world.qualification, at)


def test_another_qualification_is_another_registration(world: World, at):
    other = make_qualification(world.ao, level=4)
    second = register(world, world.trainee, other, at)
    assert set(world.trainee.registrations.all()) == {world.registration, second}


def test_after_withdrawing_one_may_register_again(world: World, at):
    event = last_event()
    set_state(world.registration, Registration.State.WITHDRAWN, by=world.centre_admin, role="centre", at=at)
    assert actions_since(event) == ["registration.state"]
    again = register(world, world.trainee, world.qualification, at)
    assert again.pk != world.registration.pk


def test_a_cohort_towards_another_qualification_takes_nobody_for_this_one(world: World, at):
    cohort, learner = make_cohort(make_qualification(world.ao), world.centre), make_person()
    with refused("rule-37-cohort"):
        register(world, learner, world.qualification, at, cohort=cohort)


def test_setting_the_state_that_it_has_changes_nothing(world: World, at):
    with nothing_changes():
        set_state(world.registration, Registration.State.ACTIVE, by=None, role="system", at=at)


def test_several_people_in_one_setting_and_one_person_in_several(world: World, at):
    first = register(world, make_person(), world.qualification, at, setting=world.setting)
    first.placements.create(setting=world.other_setting, starts_on=date(2026, 1, 5))
    assert set(first.placements.values_list("setting_id", flat=True)) == {world.setting.pk, world.other_setting.pk}
    assert world.setting.placements.count() == 2
