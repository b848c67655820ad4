"""Rule 21: a skill is achieved on evidence of practice only; knowledge on anything. In the domain and the database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessment.api import Decision, release
from portfolio.api import EvidenceVersion, candidates
from portfolio.domain.attest import attest
from tests.factories import (
    World,
    decide_all,
    link_and_declare,
    make_draft,
    make_held,
    make_ready_evidence,
    make_record,
    make_submission,
    make_witness,
    settle,
    submit,
)
from tests.helpers import (
    COUNT,
    actions_since,
    database_refuses,
    last_event,
    last_notice,
    refused,
    run_sql,
    statuses,
    told_since,
)

pytestmark = pytest.mark.django_db
Kind = EvidenceVersion.Kind
WRITTEN = (Kind.REFLECTIVE_ACCOUNT, Kind.CASE_STUDY, Kind.WRITTEN_ANSWER, Kind.CERTIFICATE, Kind.SKILLS_CHECK,
           Kind.CPD_LOG)  # fmt: skip
OWN = (Kind.REFLECTIVE_ACCOUNT, Kind.SKILLS_CHECK, Kind.CPD_LOG)
LIAISE, REFLECT, KNOW = "4.5", "2.4", "1.1"


def written(world: World, kind: str, *codes: str) -> EvidenceVersion:
    version = make_draft(world.registration, kind=kind)
    EvidenceVersion.objects.filter(pk=version.pk).update(source="A college", happened_on=timezone.localdate())
    return link_and_declare(version, *codes)


def recorded(world: World, kind: str, code: str, **fields) -> EvidenceVersion:
    return link_and_declare(make_record(world.registration, kind, by=world.assessor, **fields), code)


def count(submission) -> int:
    return run_sql(f"{COUNT} WHERE submission_id = %s",
                   timezone.now(), submission.pk)  # fmt: skip


def refuses(world: World, code: str, reason: str, rule: str) -> None:
    """The code is submitted and cannot be achieved: the domain gives the reason, a raw write is refused too."""
    submission = submit(world.registration, code)
    decide_all(submission, by=world.assessor)
    with refused(reason):
        release(submission, by=world.assessor, at=timezone.now())
    with database_refuses(rule):
        count(submission)


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_was_only_written_does_not_achieve_a_skill(world: World, kind: str):
    written(world, kind, LIAISE)
    refuses(world, LIAISE, "rule-21-practice", "Rule 21")


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if kind not in OWN])
def test_other_writing_does_not_achieve_a_skill_of_ones_own_development(world: World, kind: str):
    written(world, kind, REFLECT)
    refuses(world, REFLECT, "rule-21-practice", "Rule 21")


@pytest.mark.parametrize("kind", OWN)
def test_the_learners_own_records_show_a_skill_of_their_own_development(world: World, kind: str):
    written(world, kind, REFLECT)
    settle(submit(world.registration, REFLECT), by=world.assessor)
    assert statuses(world.registration) == {REFLECT: "achieved"}


@pytest.mark.parametrize("kind", WRITTEN)
def test_knowledge_is_achieved_on_anything(world: World, kind: str):
    written(world, kind, KNOW)
    settle(submit(world.registration, KNOW), by=world.assessor)
    assert statuses(world.registration) == {KNOW: "achieved"}


def test_a_work_product_or_an_observation_achieves_a_skill(world: World):
    make_ready_evidence(world.registration, "4.2.a")
    recorded(world, Kind.OBSERVATION, LIAISE)
    settle(submit(world.registration, "4.2.a", LIAISE), by=world.assessor)
    assert statuses(world.registration) == {"4.2.a": "achieved", LIAISE: "achieved"}


def test_a_discussion_achieves_a_skill_when_it_was_about_own_practice(world: World):
    recorded(world, Kind.PROFESSIONAL_DISCUSSION, LIAISE, own_practice=True)
    recorded(world, Kind.PROFESSIONAL_DISCUSSION, "4.2.a", own_practice=False)
    settle(submit(world.registration, LIAISE), by=world.assessor)
    refuses(world, "4.2.a", "rule-21-practice", "Rule 21")


def test_it_is_enough_that_one_of_the_versions_shows_practice(world: World):
    written(world, Kind.CASE_STUDY, LIAISE)
    make_ready_evidence(world.registration, LIAISE)
    settle(submit(world.registration, LIAISE), by=world.assessor)
    assert statuses(world.registration) == {LIAISE: "achieved"}


def test_practice_that_the_decision_does_not_rest_on_does_not_help(world: World):
    account = written(world, Kind.CASE_STUDY, LIAISE)
    make_ready_evidence(world.registration, LIAISE)
    submission = submit(world.registration, LIAISE)
    decide_all(submission, by=world.assessor)
    Decision.objects.get().relied_on.exclude(version=account).delete()
    with refused("rule-21-practice"):
        release(submission, by=world.assessor, at=timezone.now())
    with database_refuses("Rule 21"):
        count(submission)


def test_a_skill_can_be_referred_on_anything(world: World):
    written(world, Kind.CASE_STUDY, LIAISE)
    settle(submit(world.registration, LIAISE), by=world.assessor, outcome="referred")
    assert statuses(world.registration) == {LIAISE: "referred"}


def test_the_refusal_says_what_would_do(world: World):
    written(world, Kind.CASE_STUDY, REFLECT, LIAISE)
    submission = submit(world.registration, LIAISE, REFLECT)
    decide_all(submission, by=world.assessor)
    with refused("rule-21-practice", "rule-21-practice") as caught:
        release(submission, by=world.assessor, at=timezone.now())
    by_code = {reason.message[:3]: reason.message for reason in caught.value.reasons}
    assert "4.5 is a skill." in by_code[LIAISE]
    assert "an observation" in by_code[LIAISE]
    assert "reflective account" not in by_code[LIAISE]
    assert "a reflective account" in by_code[REFLECT]


def test_the_learner_is_warned_before_submitting_and_may_submit_all_the_same(world: World, at):
    written(world, Kind.CASE_STUDY, LIAISE, KNOW)
    found = {c.criterion.code: c for c in candidates(world.registration, at=at)}
    assert all(candidate.ready for candidate in found.values())
    assert {code: candidate.lacks_practice for code, candidate in found.items()} == {KNOW: False, LIAISE: True}
    assert "your own practice" in found[LIAISE].practice_missing
    assert found[KNOW].practice_missing == ""


# Held in the setting


def test_nothing_is_achieved_on_a_document_that_nobody_has_seen(world: World):
    make_held(world.registration, KNOW)
    refuses(world, KNOW, "rule-06-not-seen", "Rule 6")


def test_a_document_that_was_seen_shows_practice(world: World, at):
    version = make_held(world.registration, LIAISE)
    submission = submit(world.registration, LIAISE)
    event, notice = last_event(), last_notice()
    attest(version, seen_on=timezone.localdate(), place="Office", note="A plan.", by=world.assessor, at=at)
    assert actions_since(event) == ["evidence.attested"]
    assert told_since(notice) == [("Tara Walsh", "attested")]
    settle(submission, by=world.assessor)
    assert statuses(world.registration) == {LIAISE: "achieved"}


def test_what_an_attestation_asks_for(world: World, at):
    version = make_held(world.registration, KNOW)
    said = {"seen_on": timezone.localdate(), "place": "Office", "note": "A plan.", "at": at}
    with refused("attest-what"):
        attest(version, **said, by=world.assessor)
    submit(world.registration, KNOW)
    with refused("attest-date"):
        attest(version, **said | {"seen_on": timezone.localdate() + timedelta(days=1)}, by=world.assessor)
    with refused("attest-place"):
        attest(version, **said | {"place": " "}, by=world.assessor)
    with refused("attest-note"):
        attest(version, **said | {"note": " "}, by=world.assessor)
    for person, code in (("trainee", "rule-22-own-work"), ("unallocated_assessor", "rule-22-not-allocated"),
                         ("iqa", "rule-22-not-allocated"), ("setting_manager", "rule-22-not-allocated")):  # fmt: skip
        with refused(code):
            attest(version, **said, by=getattr(world, person))
    attest(version, **said, by=world.second_assessor)
    with refused("attest-once"):
        attest(version, **said, by=world.assessor)


def test_only_a_document_in_the_setting_is_attested(world: World, at):
    make_submission(world.registration, KNOW)
    with refused("attest-what"):
        attest(EvidenceVersion.objects.get(), seen_on=timezone.localdate(), place="Office", note="A plan.",
               by=world.assessor, at=at)  # fmt: skip


def test_a_document_says_where_it_is_and_who_keeps_it_before_it_is_submitted(world: World, at):
    make_held(world.registration, KNOW, place="", source="")
    reasons = candidates(world.registration, at=at)[0].reasons
    assert [reason.code for reason in reasons] == ["rule-01-kept-where", "rule-01-kept-by"]
    with refused("rule-01-kept-where", "rule-01-kept-by"):
        submit(world.registration, KNOW)


# Witnesses (rule 22)


def test_an_expert_witness_shows_a_skill_and_another_witness_not_alone(world: World):
    expert = make_witness(world.registration, by=world.assessor)
    other = make_witness(world.registration, by=world.assessor, expert=False)
    recorded(world, Kind.WITNESS_TESTIMONY, LIAISE, witness=expert)
    recorded(world, Kind.WITNESS_TESTIMONY, "4.2.a", witness=other)
    settle(submit(world.registration, LIAISE), by=world.assessor)
    refuses(world, "4.2.a", "rule-21-practice", "Rule 21")
