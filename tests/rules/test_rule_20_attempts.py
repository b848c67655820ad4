"""Rule 20: attempts for each criterion up to the awarding organisation's limit; the lead IQA may grant one more."""

from courses.framework.api import policy_of, set_policy
from portfolio.api import AttemptGrant, SubmittedCriterion, grant_attempt, withdraw
from portfolio.policies import attempts_left
from tests.factories import World, criterion, make_learner, make_ready_evidence, make_submission, settle, submit
from tests.helpers import actions_since, last_event, last_notice, refused, statuses, told_since


def refer(world: World, *codes: str, times: int = 1) -> None:
    for _ in range(times):
        settle(make_submission(world.registration, *codes), by=world.assessor, outcome="referred")


def test_without_a_limit_there_is_always_another_attempt(world: World, at):
    refer(world, "1.1", times=4)
    assert attempts_left(world.registration, [criterion("1.1").pk], policy_of(world.qualification.pk, at=at)) == {}
    make_submission(world.registration, "1.1")
    assert list(SubmittedCriterion.objects.order_by("attempt").values_list("attempt", flat=True)) == [1, 2, 3, 4, 5]


def test_at_the_limit_it_is_refused_and_says_who_can_grant_more(world: World, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=2)
    refer(world, "1.1", times=2)
    make_ready_evidence(world.registration, "1.1")
    with refused("rule-20-attempts") as caught:
        submit(world.registration, "1.1")
    assert "lead internal quality assurer" in caught.value.message
    assert statuses(world.registration) == {"1.1": "referred"}


def test_attempts_are_counted_for_each_criterion_by_itself(world: World, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=1)
    refer(world, "1.1")
    make_submission(world.registration, "1.2.a")
    ids = [criterion(code).pk for code in ("1.1", "1.2.a", "4.8")]
    left = attempts_left(world.registration, ids, policy_of(world.qualification.pk, at=at))
    assert left == dict(zip(ids, (0, 0, 1), strict=True))


def test_a_grant_gives_exactly_one_more(world: World, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=1)
    refer(world, "1.1")
    event, notice = last_event(), last_notice()
    grant_attempt(world.registration, criterion("1.1"), " Long illness ", by=world.lead_iqa, at=at)
    grant = AttemptGrant.objects.get()
    assert (grant.reason, grant.granted_by, grant.granted_at) == ("Long illness", world.lead_iqa, at)
    assert actions_since(event) == ["attempt.granted"]
    assert told_since(notice) == [("Tara Walsh", "attempt")]
    refer(world, "1.1")
    make_ready_evidence(world.registration, "1.1")
    with refused("rule-20-attempts"):
        submit(world.registration, "1.1")


def test_only_the_lead_iqa_of_the_centre_grants(world: World, at):
    others = (world.trainee, world.assessor, world.iqa, world.centre_admin, world.eqa, world.other.lead_iqa)
    for person in others:
        with refused("rule-20-right"):
            grant_attempt(world.registration, criterion("1.1"), "Please", by=person, at=at)


def test_a_grant_needs_a_reason(world: World, at):
    with refused("rule-20-reason"):
        grant_attempt(world.registration, criterion("1.1"), " \n ", by=world.lead_iqa, at=at)


def test_a_grant_is_for_a_criterion_of_the_learners_qualification(world: World, at):
    from courses.framework.api import Criterion, Framework, Outcome, Section

    framework = Framework.objects.create(
        code="draft", title="Draft", publisher="X", edition="1", level=4, sector="early_years", licence="",
        attribution="", source_digest="",
    )  # fmt: skip
    section = Section.objects.create(framework=framework, code="1", title="One", position=1)
    outcome = Outcome.objects.create(
        framework=framework, section=section, code="1.1", text="x", kind="skill", position=1
    )
    foreign = Criterion.objects.create(framework=framework, outcome=outcome, code="1.1", text="x", position=1)
    with refused("criterion-unknown"):
        grant_attempt(world.registration, foreign, "Please", by=world.lead_iqa, at=at)


def test_another_learners_attempts_and_grants_do_not_count(world: World, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=1)
    refer(world, "1.1")
    other = make_learner(world.cohort, assessor=world.assessor)
    grant_attempt(other, criterion("1.1"), "Illness", by=world.lead_iqa, at=at)
    make_ready_evidence(world.registration, "1.1")
    with refused("rule-20-attempts"):
        submit(world.registration, "1.1")
    make_submission(other, "1.1")


def test_the_limit_of_another_qualification_does_not_hold_here(world: World, at):
    set_policy(world.other.qualification, by=None, at=at, attempt_limit=1)
    refer(world, "1.1", times=2)


def test_what_was_taken_back_is_no_attempt(world: World, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=1)
    pk, policy = criterion("1.1").pk, policy_of(world.qualification.pk, at=at)
    withdraw(make_submission(world.registration, "1.1"), by=world.trainee, at=at)
    assert attempts_left(world.registration, [pk], policy) == {pk: 1}
    assert submit(world.registration, "1.1").items.get().attempt == 1
    assert attempts_left(world.registration, [pk], policy) == {pk: 0}
