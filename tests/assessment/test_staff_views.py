"""Queue, workspace, release, stepping aside, and the homes of quality assurance."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessment.api import Decision, InterestDeclaration, VersionJudgement, declare_interest, draft_decision
from courses.delivery.api import Allocation, end_allocation
from courses.framework.api import set_policy
from lms.accounts.api import Role, grant_membership
from lms.notices.api import Notice
from portfolio.api import AttemptGrant, EvidenceVersion, Submission
from tests.factories import (
    World,
    decide_all,
    judge_all,
    make_learner,
    make_opened,
    make_ready_evidence,
    make_submission,
    opened,
    settle,
    submit,
)
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
QUEUE = "/assess/"


@pytest.fixture
def world() -> World:
    return world_again()


def at_desk(submission: Submission, code: str = "", *, name: str = "workspace") -> str:
    return reverse(f"assessment:{name}", args=[submission.ref]) + (f"?criterion={code}" if code else "")


def once(page: Any) -> str:
    """The once-token of a page's form."""
    return re.search(r'name="once" value="([^"]+)"', page.content.decode())[1]


def ticks(*versions: EvidenceVersion, **values: Any) -> dict[str, Any]:
    """All four boxes of these versions, as the browser sends them, changed by `values`."""
    tests = {"valid": "on", "authentic": "on", "current": "on", "reliable": "on", "note": "", **values}
    data: dict[str, Any] = {}
    for version in versions:
        for name, value in tests.items():
            data[f"initial-v{version.pk}-{name}"] = "" if name == "note" else "False"
            if value is not None:
                data[f"v{version.pk}-{name}"] = value
    return data


def versions_of(submission: Submission) -> list[EvidenceVersion]:
    return list(EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct().order_by("pk"))


def press(browser: Client, submission: Submission, code: str, button: str, **fields: Any) -> Any:
    """Presses a button of the workspace with these fields filled in, everything relied on, as a browser would."""
    page = browser.get(at_desk(submission, code))
    name, _, value = button.partition("=")
    data = {"once": once(page), "criterion": code, name: value, "rationale": "", "feedback": "",
            "versions": [v.pk for v in versions_of(submission)], **fields}  # fmt: skip
    return browser.post(at_desk(submission, name="judge" if name == "judge" else "decide"), data)


# The queue


def test_queue_lists_open_submissions_of_ones_learners_oldest_due_first(world, client_of, at):
    newer = make_submission(world.registration, "1.1", at=at - timedelta(days=2))
    older = make_submission(world.registration, "1.2.a", "1.2.b", at=at - timedelta(days=20))
    make_submission(world.other_registration, "1.1")
    page = client_of(world.assessor).get(QUEUE)
    assert [row.pk for row in page.context["page"]] == [older.pk, newer.pk]
    assert page.context["counts"] == {"all": 2, "others": 0, "overdue": 1}
    text = page.content.decode()
    assert "Overdue by 6 days" in text
    assert "2 submissions" in text


def test_queue_says_what_is_decided_and_which_conflict_there_is(world, client_of, at):
    first = make_opened(world.registration, "1.1", "1.2.a")
    draft_decision(first, first.items.first().criterion_id, outcome="achieved", by=world.assessor, at=at)
    draft_decision(first, first.items.last().criterion_id, outcome="achieved", by=world.second_assessor, at=at)
    row = client_of(world.assessor).get(QUEUE).context["page"].items[0]
    assert (row.criteria, row.decided, row.conflict) == (2, 1, "")
    declare_interest(world.registration, "family", "", by=world.assessor, at=at)
    assert "You declared an interest" in client_of(world.assessor).get(QUEUE).content.decode()
    grant_membership(world.second_assessor, world.setting, Role.PRACTITIONER, starts_on=at.date(), by=None, at=at)
    assert "You work at their setting" in client_of(world.second_assessor).get(f"{QUEUE}?show=others").content.decode()


def test_queue_filters_and_its_counts_match_the_list(world, client_of, at):
    late = make_submission(world.registration, "1.1", at=at - timedelta(days=30))
    make_submission(world.registration, "1.2.a")
    browser = client_of(world.assessor)
    for query, expected in (("overdue=on", [late.pk]), ("q=tara&overdue=on", [late.pk]), ("q=nobody", []),
                            (f"cohort={world.cohort.ref}&overdue=on", [late.pk])):  # fmt: skip
        page = browser.get(f"{QUEUE}?{query}")
        assert [row.pk for row in page.context["page"]] == expected, query
        assert page.context["total"] == len(expected), query
    nonsense = browser.get(f"{QUEUE}?cohort={uuid4()}")
    assert nonsense.context["total"] == 2


def test_released_submissions_move_to_the_second_tab(world, client_of):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    browser = client_of(world.assessor)
    assert "Nothing waits for you" in browser.get(QUEUE).content.decode()
    assert "1 of 1 achieved" in browser.get(f"{QUEUE}?show=released").content.decode()


def test_queue_goes_on_after_25_submissions(world, client_of, at):
    codes = [c.code for c in world.qualification.framework.criteria.order_by("position")[:27]]
    for number, code in enumerate(codes):
        make_submission(world.registration, code, at=at - timedelta(days=number % 3, minutes=number))
    browser = client_of(world.assessor)
    first = browser.get(QUEUE).context["page"]
    second = browser.get(first.next_url).context["page"]
    assert (len(first), len(second)) == (25, 2)
    assert len({row.pk for row in first} | {row.pk for row in second}) == 27


def test_only_assessors_have_a_queue(world, client_of):
    assert client_of(world.iqa).get(QUEUE).status_code == 403
    assert client_of(None).get(QUEUE).status_code == 302


def test_queue_takes_10_queries_however_long_it_is(world, client_of, queries):
    make_submission(world.registration, "1.1")

    def grow() -> None:
        more = make_learner(world.cohort, setting=world.setting, assessor=world.assessor, name="Vera Lin")
        make_submission(more, "1.1", "1.2.a")
        make_submission(world.registration, "1.2.b")

    queries.pin(client_of(world.assessor), QUEUE, grow=grow, exactly=10)


# The workspace


def test_workspace_shows_evidence_beside_the_first_undecided_criterion(world, client_of, at):
    submission = make_opened(world.registration, "1.1", "1.2.a", title="Meeting a family")
    item = submission.items.order_by("criterion__position").first()
    draft_decision(submission, item.criterion_id, outcome="achieved", by=world.assessor, at=at)
    page = client_of(world.assessor).get(at_desk(submission))
    text = page.content.decode()
    assert page.context["desk"].line.code == "1.2.a"
    for words in ("Meeting a family", "It shows what I did", "Second paragraph", "Feedback to Tara", "Achieved, draft",
                  page.context["desk"].line.item.criterion.outcome.text):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("who", "status"),
    [("assessor", 200), ("second_assessor", 200), ("iqa", 200), ("unallocated_assessor", 404), ("trainee", 404),
     ("lead_iqa", 404), ("authority_manager", 404), ("setting_manager", 404), ("superuser", 404)],
)  # fmt: skip
def test_rule_35_workspace_opens_for_allocated_staff_only(world, client_of, who, status):
    submission = make_opened(world.registration, "1.1")
    for name in ("workspace", "release", "declare_interest"):
        assert client_of(getattr(world, who)).get(at_desk(submission, name=name)).status_code == status, name


def test_workspace_closes_when_the_allocation_ends(world, client_of, at):
    submission = make_opened(world.registration, "1.1")
    browser = client_of(world.assessor)
    assert browser.get(at_desk(submission)).status_code == 200
    allocation = Allocation.objects.get(user=world.assessor, registration=world.registration)
    end_allocation(allocation, ends_on=timezone.localdate() - timedelta(days=1), by=None, at=at)
    assert browser.get(at_desk(submission)).status_code == 404


def test_a_criterion_that_is_not_in_the_submission_is_404(world, client_of):
    submission = make_opened(world.registration, "1.1")
    assert client_of(world.assessor).get(at_desk(submission, "4.1")).status_code == 404


def test_deciding_in_one_press_judges_the_evidence_too_and_goes_on_to_the_next(world, client_of):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    answer = press(client_of(world.assessor), submission, "1.1", "outcome=achieved", sufficient="on",
                   rationale="Clear", feedback="Good", **ticks(*versions_of(submission)))  # fmt: skip
    assert answer.status_code == 302
    assert answer.url == at_desk(submission, "1.2.a") + "&saved=1.1#work"
    decision = Decision.objects.get(criterion__code="1.1")
    assert (decision.state, decision.outcome, decision.sufficient) == ("draft", "achieved", True)
    assert VersionJudgement.objects.get().all_hold


def test_after_the_last_criterion_comes_the_check(world, client_of):
    submission = make_opened(world.registration, "1.1")
    answer = press(client_of(world.assessor), submission, "1.1", "outcome=achieved", sufficient="on",
                   rationale="Clear", **ticks(*versions_of(submission)))  # fmt: skip
    assert answer.url == at_desk(submission, name="release") + "?saved=1.1"


def test_a_decision_that_cannot_be_released_stays_open_and_says_what_it_lacks(world, client_of):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    browser = client_of(world.assessor)
    answer = press(browser, submission, "1.1", "outcome=referred")
    assert answer.url == at_desk(submission, "1.1") + "#work"
    page = browser.get(answer.url)
    assert [(fault.code, fault.fix_url) for fault in page.context["faults"]] == [
        ("rule-06-rationale", at_desk(submission, "1.1") + "#id_rationale"),
        ("rule-06-unjudged", at_desk(submission, "1.1") + "#evidence"),
        ("rule-07-feedback", at_desk(submission, "1.1") + "#id_feedback"),
    ]


def test_judging_alone_keeps_what_was_typed_and_goes_to_the_next_evidence(world, client_of):
    make_ready_evidence(world.registration, "1.1", title="First")
    make_ready_evidence(world.registration, "1.1", title="Second")
    submission = opened(submit(world.registration, "1.1"))
    first, second = versions_of(submission)
    answer = press(client_of(world.assessor), submission, "1.1", f"judge={first.pk}", rationale="Half way",
                   **ticks(first))  # fmt: skip
    assert answer.url == at_desk(submission, "1.1") + f"#evidence-{second.pk}"
    assert VersionJudgement.objects.get().version == first
    decision = Decision.objects.get()
    assert (decision.rationale, decision.outcome) == ("Half way", "")


def test_a_refused_judgement_loses_nothing(world, client_of):
    submission = make_opened(world.registration, "1.1")
    (version,) = versions_of(submission)
    answer = press(client_of(world.assessor), submission, "1.1", "outcome=achieved", rationale="Long thought",
                   feedback="Kind words", sufficient="on", **ticks(version, valid=None))  # fmt: skip
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_v{version.pk}-note"' in text
    assert f'id="id_v{version.pk}-note"' in text
    assert "Long thought" in text
    assert "Kind words" in text
    boxes = {box["name"].split("-")[1]: box["on"] for box in answer.context["pieces"][0][1].boxes}
    assert boxes == {"valid": False, "authentic": True, "current": True, "reliable": True}
    assert not Decision.objects.exists()
    assert not VersionJudgement.objects.exists()


def test_boxes_that_nobody_touched_do_not_undo_a_colleagues_judgement(world, client_of):
    submission = make_opened(world.registration, "1.1")
    browser = client_of(world.assessor)
    page = browser.get(at_desk(submission, "1.1"))
    judge_all(submission, by=world.second_assessor)
    untouched = ticks(*versions_of(submission), valid=None, authentic=None, current=None, reliable=None)
    answer = browser.post(at_desk(submission, name="decide"), {"once": once(page), "criterion": "1.1",
                          "outcome": "", **untouched})  # fmt: skip
    assert answer.status_code == 302
    assert VersionJudgement.objects.get().judged_by == world.second_assessor


def test_the_same_form_sent_twice_decides_once(world, client_of):
    submission = make_opened(world.registration, "1.1")
    browser = client_of(world.assessor)
    data = {"once": once(browser.get(at_desk(submission))), "criterion": "1.1", "outcome": "referred",
            "rationale": "First", "feedback": "Mend it"}  # fmt: skip
    first = browser.post(at_desk(submission, name="decide"), data)
    second = browser.post(at_desk(submission, name="decide"), {**data, "rationale": "Second"})
    assert first.url == second.url
    assert Decision.objects.get().rationale == "First"


def test_autosave_keeps_text_and_a_new_draft_rests_on_everything(world, client_of):
    make_ready_evidence(world.registration, "1.1", title="First")
    make_ready_evidence(world.registration, "1.1", title="Second")
    submission = opened(submit(world.registration, "1.1"))
    browser = client_of(world.assessor)
    answer = browser.post(at_desk(submission, name="decide_autosave"), {"criterion": "1.1", "rationale": "Typing"})
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved_at"])
    assert Decision.objects.get().rationale == "Typing"
    page = browser.get(at_desk(submission))
    assert page.context["decision_form"]["versions"].value() == [str(v.pk) for v in versions_of(submission)]


def test_what_a_colleague_decides_is_not_shown_and_may_be_taken_over(world, client_of, at):
    submission = make_opened(world.registration, "1.1")
    item = submission.items.get()
    draft_decision(submission, item.criterion_id, outcome="referred", rationale="Secret words", by=world.assessor,
                   at=at)  # fmt: skip
    browser = client_of(world.second_assessor)
    text = browser.get(at_desk(submission)).content.decode()
    assert "Asha Patel is deciding 1.1" in text
    assert "Secret words" not in text
    refused = browser.post(at_desk(submission, name="decide_autosave"), {"criterion": "1.1", "rationale": "Mine"})
    assert (refused.status_code, "Asha Patel" in refused.json()["message"]) == (409, True)
    ask = browser.get(at_desk(submission, "1.1", name="take_over"))
    answer = browser.post(at_desk(submission, name="take_over"), {"once": once(ask), "criterion": "1.1"})
    assert answer.url == at_desk(submission, "1.1") + "#work"
    assert not Decision.objects.exists()
    assert Notice.objects.filter(user=world.assessor, kind="taken-over").count() == 1


def test_a_decision_taken_meanwhile_by_a_colleague_shows_what_was_typed(world, client_of, at):
    submission = make_opened(world.registration, "1.1")
    browser = client_of(world.assessor)
    token = once(browser.get(at_desk(submission)))
    draft_decision(submission, submission.items.get().criterion_id, by=world.second_assessor, at=at)
    answer = browser.post(at_desk(submission, name="decide"), {"once": token, "criterion": "1.1", "outcome": "achieved",
                          "rationale": "My long thought"})  # fmt: skip
    assert answer.status_code == 422
    assert "Ben Okoro is deciding 1.1 already" in answer.content.decode()
    assert "My long thought" in answer.content.decode()


def test_a_quality_assurer_reads_without_a_form_and_without_drafts(world, client_of, at):
    submission = make_opened(world.registration, "1.1")
    draft_decision(submission, submission.items.get().criterion_id, rationale="Draft words", outcome="referred",
                   by=world.assessor, at=at)  # fmt: skip
    text = client_of(world.iqa).get(at_desk(submission)).content.decode()
    assert "You are reading this as quality assurer" in text
    assert "Draft words" not in text
    assert 'name="rationale"' not in text


def test_rule_08_somebody_who_works_at_the_setting_reads_only_and_is_told_why(world, client_of, at):
    submission = make_opened(world.registration, "1.1")
    grant_membership(world.assessor, world.setting, Role.PRACTITIONER, starts_on=at.date(), by=None, at=at)
    browser = client_of(world.assessor)
    page = browser.get(at_desk(submission))
    assert page.context["why_not"].code == "rule-08-undeclared-interest"
    assert 'name="rationale"' not in page.content.decode()


def test_earlier_decisions_on_the_criterion_are_at_hand(world, client_of):
    settle(make_submission(world.registration, "1.1", title="Try one"), by=world.assessor, outcome="referred")
    make_ready_evidence(world.registration, "1.1", title="Try two")
    again = opened(submit(world.registration, "1.1"))
    page = client_of(world.assessor).get(at_desk(again))
    assert [decision.outcome for decision in page.context["desk"].history] == ["referred"]
    assert "attempt 2" in page.content.decode()
    locked = {piece.version.title: form is None for piece, form in page.context["pieces"]}
    assert locked == {"Try one": True, "Try two": False}


# Release


def test_release_lists_every_reason_with_where_it_is_mended(world, client_of):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    browser = client_of(world.assessor)
    page = browser.get(at_desk(submission, name="release"))
    assert [(reason.code, reason.fix_url) for reason in page.context["left"]] == [
        ("rule-06-undecided", at_desk(submission, code) + "#work") for code in ("1.1", "1.2.a")
    ]
    assert "Release to" not in page.content.decode()


def test_release_tells_the_learner_and_returns_to_the_queue(world, client_of):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    decide_all(submission, by=world.assessor, outcomes={"1.2.a": "referred"})
    browser = client_of(world.assessor)
    page = browser.get(at_desk(submission, name="release"))
    answer = browser.post(at_desk(submission, name="release"), {"once": once(page)}, follow=True)
    assert answer.redirect_chain == [(QUEUE, 302)]
    assert "Released to Tara Walsh: 1 achieved and 1 with changes needed" in answer.content.decode()
    submission.refresh_from_db()
    assert submission.released_at is not None
    assert browser.get(at_desk(submission, name="release")).url == at_desk(submission)


def test_release_of_an_unfinished_submission_is_refused_with_all_reasons(world, client_of):
    submission = make_opened(world.registration, "1.1", "1.2.a")
    decide_all(submission, by=world.assessor)
    browser = client_of(world.assessor)
    token = once(browser.get(at_desk(submission, name="release")))
    Decision.objects.all().delete()
    answer = browser.post(at_desk(submission, name="release"), {"once": token})
    assert answer.status_code == 422
    assert [reason.code for reason in answer.context["reasons"]] == ["rule-06-undecided"] * 2


def test_a_released_submission_is_read_only(world, client_of):
    submission = settle(make_submission(world.registration, "1.1"), by=world.assessor)
    browser = client_of(world.assessor)
    text = browser.get(at_desk(submission)).content.decode()
    assert 'name="rationale"' not in text
    assert "A released decision rests on it" in text


# Stepping aside


def test_rule_08_declaring_an_interest_makes_the_workspace_read_only(world, client_of):
    submission = make_opened(world.registration, "1.1")
    browser = client_of(world.assessor)
    address = at_desk(submission, name="declare_interest")
    token = once(browser.get(address))
    wrong = browser.post(address, {"once": token, "kind": ""})
    assert wrong.status_code == 422
    answer = browser.post(address, {"once": token, "kind": "friendship", "detail": "We row together"}, follow=True)
    assert answer.context["why_not"].code == "rule-08-open-interest"
    assert InterestDeclaration.objects.get().detail == "We row together"


# Quality assurance


def test_lead_iqa_resolves_an_interest_at_their_own_centre(world, client_of, at):
    declared = declare_interest(world.registration, "money", "", by=world.assessor, at=at)
    address = reverse("assessment:resolve_interest", args=[declared.pk])
    assert client_of(world.iqa).get(address).status_code == 403
    assert client_of(world.other.lead_iqa).get(address).status_code == 404
    browser = client_of(world.lead_iqa)
    assert "Asha Patel" in browser.get("/quality/").content.decode()
    token = once(browser.get(address))
    assert browser.post(address, {"once": token, "resolution": ""}).status_code == 422
    answer = browser.post(address, {"once": token, "outcome": "cleared", "resolution": "The loan is paid back"})
    assert answer.url == "/quality/"
    declared.refresh_from_db()
    assert declared.resolved_by == world.lead_iqa
    assert browser.post(address, {"once": token, "outcome": "cleared", "resolution": "Twice"}).url == "/quality/"


def test_lead_iqa_grants_an_attempt_where_none_is_left(world, client_of, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=1)
    settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    address = reverse("assessment:grant_attempt", args=[world.registration.ref, "1.1"])
    assert client_of(world.iqa).get(address).status_code == 403
    assert client_of(world.other.lead_iqa).get(address).status_code == 404
    browser = client_of(world.lead_iqa)
    assert [row.criterion.code for row in browser.get("/quality/").context["limits"]] == ["1.1"]
    token = once(browser.get(address))
    answer = browser.post(address, {"once": token, "reason": "Was ill"})
    assert answer.url == "/quality/"
    assert AttemptGrant.objects.get().reason == "Was ill"
    assert browser.get("/quality/").context["limits"] == []
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"once": token, "reason": "Was ill"}).url == "/quality/"
    assert AttemptGrant.objects.count() == 1


def test_without_a_limit_nobody_is_at_it(world, client_of, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=None)
    settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    assert client_of(world.lead_iqa).get("/quality/").context["limits"] == []


def test_iqa_sees_the_learners_allocated_to_them(world, client_of):
    make_submission(world.registration, "1.1")
    page = client_of(world.iqa).get("/quality/")
    (row,) = page.context["page"]
    assert (row.learner, row.achieved, row.waiting, row.referred, row.total) == (world.trainee, 0, 1, 0, 60)
    assert client_of(world.assessor).get("/quality/").status_code == 403


def test_quality_takes_the_same_queries_for_any_number_of_learners(world, client_of, queries, at):
    make_submission(world.registration, "1.1")

    def grow() -> None:
        for name in ("Wren", "Xan"):
            more = make_learner(world.cohort, setting=world.setting, assessor=world.assessor, name=name)
            make_submission(more, "1.1")
            declare_interest(more, "money", "", by=world.assessor, at=at)

    queries.pin(client_of(world.lead_iqa), "/quality/", grow=grow, exactly=10)


def test_eqa_reads_the_specification_and_no_learners_work(world, client_of):
    page = client_of(world.eqa).get("/reviews/")
    assert sum(len(criteria) for _, criteria in page.context["found"].sections) == 60
    assert "Reviews of a centre are not part of this release" in page.content.decode()
    assert client_of(world.lead_iqa).get("/reviews/").status_code == 403
