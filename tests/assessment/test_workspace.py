"""The workspace for hundreds of decisions: judged once, several together, undone, who is there, and what is held."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessment.api import Decision, VersionJudgement, draft_decision, judge_version
from assessment.domain.draft_several import Draft, DraftsRefused, draft_several, undo
from assessment.domain.lease import forget_leases, leave, stay
from assessment.models import DeskLease, DraftStep
from assessment.queries_desk import LEASE
from courses.delivery.models import Hold
from lms.common.conflicts import base_of
from portfolio.api import EvidenceVersion, Submission
from portfolio.models import Tombstone
from tests.factories import (
    World,
    allocate_assessor,
    criterion,
    decide_all,
    judge_all,
    make_draft,
    make_opened,
    make_ready_evidence,
    make_submission,
    make_unqualified,
    opened,
    settle,
    submit,
)
from tests.helpers import nothing_changes, refused
from tests.world_once import world_again

from .test_staff_views import at_desk, once, press, ticks, versions_of

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
CODES = ("1.1", "1.2.a", "1.2.b")


@pytest.fixture
def world() -> World:
    return world_again()


@pytest.fixture
def submission(world: World) -> Submission:
    """Three criteria on one piece of evidence, which is judged."""
    found = make_opened(world.registration, *CODES, title="Snack time")
    judge_all(found, by=world.assessor)
    return found


def ids(*codes: str) -> list[int]:
    return [criterion(code).pk for code in codes]


def said(submission: Submission, code: str = "1.1") -> tuple[str, str, str]:
    decision = Decision.objects.get(submission=submission, criterion__code=code)
    return decision.outcome, decision.rationale, decision.feedback


# Judged once


def test_judged_evidence_folds_to_a_line_that_says_what_it_serves(world, client_of, submission):
    page = client_of(world.assessor).get(at_desk(submission))
    text = page.content.decode()
    assert "Judged once, for 1.1, 1.2.a, 1.2.b" in text
    assert 'class="judge judge--now"' not in text
    assert "judge__change" in text
    VersionJudgement.objects.all().delete()
    text = client_of(world.assessor).get(at_desk(submission)).content.decode()
    assert "It counts for 1.1, 1.2.a, 1.2.b." in text
    assert 'class="judge judge--now"' in text


def test_a_judgement_that_is_refused_unfolds(world, client_of, submission):
    (version,) = versions_of(submission)
    data = {name: "True" if value == "False" else value for name, value in ticks(version, valid=None).items()}
    answer = press(client_of(world.assessor), submission, "1.1", "outcome=achieved", **data)
    assert answer.status_code == 422
    assert 'class="judge judge--now"' in answer.content.decode()


# Earlier attempts


def test_an_earlier_decision_says_what_has_changed_since(world, client_of, at):
    first = make_submission(world.registration, "1.1", title="Try one", at=at - timedelta(days=9))
    settle(first, by=world.assessor, outcome="referred", at=at - timedelta(days=5))
    evidence = EvidenceVersion.objects.get().evidence
    from portfolio.api import declare, new_version

    version = new_version(evidence, by=world.trainee, at=at - timedelta(days=4))
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    again = opened(submit(world.registration, "1.1"))
    page = client_of(world.assessor).get(at_desk(again))
    ((decision, changed),) = page.context["desk"].earlier
    assert (decision.outcome, [(row.number, number) for row, number in changed]) == ("referred", [(2, 1)])
    assert f"{reverse('portfolio:compare', args=[evidence.ref])}?a=1&amp;b=2" in page.content.decode()


# Undo


def decide_in_browser(browser: Client, submission: Submission, button: str, **fields: Any) -> Any:
    return press(browser, submission, "1.1", button, **fields)


def test_a_saved_decision_is_undone_from_the_message_and_put_back_again(world, client_of, submission):
    browser = client_of(world.assessor)
    press(browser, submission, "1.1", "outcome=referred", rationale="First", feedback="Mend it")
    answer = press(browser, submission, "1.1", "outcome=achieved", rationale="Second", feedback="Good", sufficient="on")
    assert said(submission) == ("achieved", "Second", "Good")
    for expected in (("referred", "First", "Mend it"), ("achieved", "Second", "Good")):
        page = browser.get(answer.url)
        assert 'form="undo"' in page.content.decode()
        answer = browser.post(at_desk(submission, name="undo"), {"once": once(page), "criterion": "1.1"})
        assert said(submission) == expected
        assert "undone=1.1" in answer.url
        assert "1.1 is as it was" in browser.get(answer.url).content.decode()


def test_undoing_the_first_decision_keeps_the_words_and_what_was_ticked_before(world, submission, at):
    one = ids("1.1")
    draft = Draft(one[0], outcome="achieved", sufficient=True, rationale="Clear", feedback="Good",
                  version_ids={v.pk for v in versions_of(submission)})  # fmt: skip
    draft_several(submission, [draft], by=world.assessor, at=at)
    undo(submission, one, by=world.assessor, at=at)
    assert said(submission) == ("", "Clear", "Good")
    assert Decision.objects.get().sufficient is False
    undo(submission, one, by=world.assessor, at=at)
    assert said(submission) == ("achieved", "Clear", "Good")


def test_undo_after_typing_loses_nothing(world, submission, at):
    one = ids("1.1")[0]
    for outcome, words in (("referred", "One"), ("achieved", "Two")):
        draft_several(submission, [Draft(one, outcome=outcome, rationale=words)], by=world.assessor, at=at)
    draft_decision(submission, one, rationale="Three, typed and saved by itself", by=world.assessor, at=at)
    undo(submission, [one], by=world.assessor, at=at)
    assert said(submission)[:2] == ("referred", "One")
    undo(submission, [one], by=world.assessor, at=at)
    assert said(submission)[:2] == ("achieved", "Three, typed and saved by itself")


def test_without_javascript_a_decision_is_taken_back_and_its_words_stay(world, client_of, submission):
    browser = client_of(world.assessor)
    press(browser, submission, "1.1", "outcome=achieved", rationale="Clear", sufficient="on")
    assert "Take this decision back" in browser.get(at_desk(submission, "1.1")).content.decode()
    answer = press(browser, submission, "1.1", "outcome=take-back", rationale="Clear", sufficient="on")
    assert said(submission) == ("", "Clear", "")
    assert answer.url == at_desk(submission, "1.1") + "&saved=1.1#decision"
    undo(submission, ids("1.1"), by=world.assessor, at=timezone.now())
    assert said(submission) == ("achieved", "Clear", "")


def test_nothing_is_undone_after_release_nor_in_a_colleagues_draft(world, client_of, submission, at):
    draft = Draft(ids("1.1")[0], outcome="achieved", rationale="Mine")
    draft_several(submission, [draft], by=world.assessor, at=at)
    with nothing_changes(), refused("nothing-to-undo"):
        undo(submission, ids("1.1"), by=world.second_assessor, at=at)
    page = client_of(world.assessor).get(at_desk(submission, "1.1") + "&saved=1.1")
    settle(submission, by=world.assessor)
    assert not DraftStep.objects.exists()
    data = {"once": once(page), "criterion": "1.1"}
    answer = client_of(world.assessor).post(at_desk(submission, name="undo"), data)
    assert (answer.status_code, [reason.code for reason in answer.context["reasons"]]) == (422, ["nothing-to-undo"])


# Several together


def together(submission: Submission, *codes: str) -> str:
    return at_desk(submission, name="together") + "?" + "&".join(f"criterion={code}" for code in codes)


def of_page(page: Any, **fields: dict[str, str]) -> dict[str, Any]:
    """The form of the page for several, filled in by criterion: `of_page(page, c1={"outcome": "achieved"})`."""
    data: dict[str, Any] = {"once": once(page), "criterion": [line.code for line in page.context["chosen"]]}
    for form in page.context["forms"]:
        data[f"{form.prefix}-versions"] = form["versions"].value()
        for name, value in fields.get(form.line.code, {}).items():
            data[f"{form.prefix}-{name}"] = value
    return data


def filled(outcome: str, words: str) -> dict[str, str]:
    done = {"outcome": outcome, "rationale": words, "feedback": f"{words} for you"}
    return done | ({"sufficient": "on"} if outcome == "achieved" else {})


def test_workspace_offers_the_other_criteria_on_the_same_evidence(world, client_of):
    make_ready_evidence(world.registration, "1.3", title="Elsewhere")
    make_ready_evidence(world.registration, *CODES)
    submission = opened(submit(world.registration, *CODES, "1.3"))
    browser = client_of(world.assessor)
    page = browser.get(at_desk(submission, "1.1"))
    assert [line.code for line in page.context["desk"].beside] == ["1.2.a", "1.2.b"]
    assert together(submission, *CODES).replace("&", "&amp;") in page.content.decode()
    assert not browser.get(at_desk(submission, "1.3")).context["desk"].beside
    groups = browser.get(together(submission)).context["groups"]
    assert [[line.code for line in group.lines] for group in groups] == [list(CODES), ["1.3"]]


def test_several_are_decided_on_one_page_with_words_of_their_own(world, client_of, submission):
    browser = client_of(world.assessor)
    page = browser.get(together(submission, *CODES))
    data = of_page(page, **{"1.1": filled("achieved", "One"), "1.2.a": filled("referred", "Two"),
                            "1.2.b": filled("achieved", "Three")})  # fmt: skip
    answer = browser.post(together(submission), data)
    assert answer.url == at_desk(submission, name="release") + "?saved=1.1,1.2.a,1.2.b"
    assert [said(submission, code) for code in CODES] == [
        ("achieved", "One", "One for you"), ("referred", "Two", "Two for you"), ("achieved", "Three", "Three for you")
    ]  # fmt: skip
    page = browser.get(answer.url)
    assert "1.1, 1.2.a, 1.2.b are saved" in page.content.decode()
    browser.post(at_desk(submission, name="undo"), {"once": once(page), "criterion": list(CODES)})
    assert [said(submission, code)[0] for code in CODES] == ["", "", ""]


def test_what_is_missing_is_said_at_its_own_criterion(world, client_of, submission):
    browser = client_of(world.assessor)
    page = browser.get(together(submission, "1.1", "1.2.a"))
    data = of_page(page, **{"1.1": filled("achieved", "One"), "1.2.a": {"outcome": "referred", "rationale": "Two"}})
    answer = browser.post(together(submission), data)
    assert answer.url == together(submission, "1.1", "1.2.a") + "&saved=1.1,1.2.a#work"
    page = browser.get(answer.url)
    faults = {form.line.code: [(f.code, f.fix_url) for f in form.faults] for form in page.context["forms"]}
    field = f"#id_c{ids('1.2.a')[0]}-feedback"
    assert faults == {"1.1": [], "1.2.a": [("rule-07-feedback", field)]}
    assert f'id="{field[1:]}"' in page.content.decode()


def test_the_evidence_is_judged_there_and_nothing_typed_is_lost(world, client_of):
    submission = make_opened(world.registration, *CODES)
    (version,) = versions_of(submission)
    browser = client_of(world.assessor)
    page = browser.get(together(submission, "1.1", "1.2.a"))
    typed = of_page(page, **{"1.1": filled("achieved", "One")})
    answer = browser.post(together(submission), {**typed, **ticks(version), "judge": str(version.pk)})
    assert answer.url == together(submission, "1.1", "1.2.a") + f"#evidence-{version.pk}"
    assert VersionJudgement.objects.get().all_hold
    assert said(submission) == ("achieved", "One", "One for you")
    assert Decision.objects.count() == 1
    page = browser.get(together(submission, "1.1", "1.2.a"))
    without_note = {name: "True" if value == "False" else value for name, value in ticks(version, valid=None).items()}
    answer = browser.post(
        together(submission), {**of_page(page, **{"1.2.a": filled("referred", "Long")}), **without_note}
    )
    assert answer.status_code == 422
    assert "Long for you" in answer.content.decode()
    assert f'href="#id_v{version.pk}-note"' in answer.content.decode()


def test_all_or_none_is_saved(world, submission, at):
    one, two = ids("1.1", "1.2.a")
    draft_decision(submission, two, rationale="Theirs", by=world.second_assessor, at=at)
    drafts = [Draft(one, outcome="achieved", rationale="Mine"), Draft(two, outcome="achieved", rationale="Mine")]
    with nothing_changes(), refused("decision-held") as caught:
        draft_several(submission, drafts, by=world.assessor, at=at)
    assert isinstance(caught.value, DraftsRefused)
    assert set(caught.value.by_criterion) == {two}


def test_each_text_is_saved_as_it_is_typed_and_a_second_tab_overwrites_nothing(world, client_of, submission):
    browser = client_of(world.assessor)
    name = f"c{ids('1.2.a')[0]}-rationale"
    save = at_desk(submission, name="together_autosave")
    answer = browser.post(save, {name: "Typing", f"base.{name}": base_of("")})
    assert answer.json()["bases"][f"base.{name}"] == base_of("Typing")
    assert said(submission, "1.2.a") == ("", "Typing", "")
    assert Decision.objects.count() == 1
    stale = browser.post(save, {name: "Other", f"base.{name}": base_of("")})
    assert stale.status_code == 409
    assert stale.json()["conflicts"][name]["text"] == "Typing"
    page = browser.get(together(submission, "1.1", "1.2.a"))
    data = of_page(page, **{"1.2.a": filled("achieved", "Other")}) | {f"base.{name}": base_of("")}
    answer = browser.post(together(submission), data)
    assert answer.status_code == 422
    assert f'id="other-{name}"' in answer.content.decode()


def test_the_page_for_several_opens_to_who_may_decide_only(world, client_of, submission):
    workspace = at_desk(submission)
    assert client_of(world.iqa).get(together(submission, "1.1", "1.2.a")).url == workspace
    assert client_of(world.trainee).get(together(submission, "1.1", "1.2.a")).status_code == 404
    assert client_of(world.assessor).get(together(submission, "1.1", "4.1")).status_code == 404
    unopened = make_submission(world.registration, "1.4", "1.5")
    assert client_of(world.assessor).get(together(unopened, "1.4", "1.5")).url == at_desk(unopened)


# Who is there


def test_a_lease_says_who_has_it_open_and_since_when_and_keeps_nobody_out(world, client_of, submission, at):
    came = at - timedelta(minutes=3)
    stay(submission, by=world.second_assessor, at=came)
    stay(submission, by=world.second_assessor, at=at)
    assert DeskLease.objects.get().since == came
    browser = client_of(world.assessor)
    since = timezone.localtime(came).strftime("%H:%M")
    assert f"Ben Okoro has had this open since {since}" in browser.get(at_desk(submission)).content.decode()
    assert "Ben Okoro has it open now" in browser.get("/assess/").content.decode()
    answer = browser.post(at_desk(submission, name="here"))
    assert answer.json()["others"] == [{"name": "Ben Okoro", "since": since}]
    assert press(browser, submission, "1.1", "outcome=achieved", rationale="Mine").status_code == 302
    assert "has had this open" not in client_of(world.iqa).get("/quality/").content.decode()


def test_a_lease_ends_without_a_sign_and_soon_after_leaving_the_last_page(world, submission, at):
    def is_there(when: Any) -> bool:
        return DeskLease.objects.filter(seen_at__gte=when - LEASE).exists()

    first = stay(submission, by=world.assessor, at=at)
    assert is_there(at + LEASE)
    assert not is_there(at + LEASE + timedelta(seconds=1))
    second = stay(submission, by=world.assessor, at=at + timedelta(seconds=1))
    leave(submission, seen_at=first.seen_at, by=world.assessor, at=at + timedelta(seconds=2))
    assert is_there(at + timedelta(minutes=3)), "the page that was opened next has given a sign since"
    leave(submission, seen_at=second.seen_at, by=world.assessor, at=at + timedelta(seconds=3))
    assert is_there(at + timedelta(seconds=20))
    assert not is_there(at + timedelta(minutes=1))
    again = stay(submission, by=world.assessor, at=at + timedelta(hours=1))
    assert again.since == at + timedelta(hours=1)
    forget_leases(at + timedelta(days=1))
    assert not DeskLease.objects.exists()


def test_a_page_says_that_it_is_left(world, client_of, submission):
    browser = client_of(world.assessor)
    seen = browser.post(at_desk(submission, name="here")).json()["seen"]
    before = DeskLease.objects.get().seen_at
    assert browser.post(at_desk(submission, name="here"), {"left": seen}).json() == {}
    assert DeskLease.objects.get().seen_at < before - timedelta(minutes=4)


def test_without_javascript_each_act_is_a_sign(world, client_of):
    submission = make_submission(world.registration, "1.1")
    browser = client_of(world.assessor)
    browser.post(at_desk(submission, name="open"), {"once": once(browser.get(at_desk(submission)))})
    assert DeskLease.objects.get().user == world.assessor
    DeskLease.objects.all().delete()
    press(browser, submission, "1.1", "outcome=", rationale="Half")
    assert DeskLease.objects.get().user == world.assessor


def test_nobody_is_at_a_desk_where_they_may_not_decide(world, client_of, submission):
    assert client_of(world.iqa).post(at_desk(submission, name="here")).status_code == 409
    assert client_of(world.trainee).post(at_desk(submission, name="here")).status_code == 404
    settle(submission, by=world.assessor)
    assert client_of(world.assessor).post(at_desk(submission, name="here")).status_code == 409
    assert not DeskLease.objects.exists()


# Second checks


def test_release_says_who_countersigns_and_the_workspace_is_read_only_meanwhile(world, client_of, submission, at):
    decide_all(submission, by=world.assessor)
    make_unqualified(world.assessor)
    browser = client_of(world.assessor)
    page = browser.get(at_desk(submission, name="release"))
    text = page.content.decode()
    assert "Your decisions will be countersigned by Ben Okoro before Tara sees them" in text
    assert "Release to" not in text
    answer = browser.post(at_desk(submission, name="release"), {"once": once(page)}, follow=True)
    assert "Handed on to a second assessor" in answer.content.decode()
    text = browser.get(at_desk(submission, "1.1")).content.decode()
    assert "A second assessor is checking these decisions" in text
    assert "Achieved, being checked" in text
    assert 'name="rationale"' not in text
    assert browser.get(at_desk(submission, name="release")).url == at_desk(submission)


def test_release_says_when_nobody_can_countersign(world, client_of, at):
    alone = make_opened(world.other_registration, "1.1")
    decide_all(alone, by=world.area_senco)
    make_unqualified(world.area_senco)
    text = client_of(world.area_senco).get(at_desk(alone, name="release")).content.decode()
    assert "Nobody who may do that is allocated to Una yet" in text


def test_what_a_second_assessor_returned_shows_their_note_and_is_decided_again(world, client_of, submission, at):
    from assessment.api import check_submission, release

    decide_all(submission, by=world.assessor)
    make_unqualified(world.assessor)
    release(submission, by=world.assessor, at=at)
    verdicts = {
        decision.pk: (decision.criterion.code != "1.1", "" if decision.criterion.code != "1.1" else "Too thin for me")
        for decision in Decision.objects.select_related("criterion")
    }
    check_submission(submission, "countersign", verdicts, by=world.second_assessor, at=at)
    browser = client_of(world.assessor)
    page = browser.get(at_desk(submission))
    text = page.content.decode()
    assert page.context["desk"].line.code == "1.1"
    for words in ("Ben Okoro did not agree", "Too thin for me", "Decide again", 'name="rationale"'):
        assert words in text, words
    assert 'name="rationale"' not in browser.get(at_desk(submission, "1.2.a")).content.decode()
    assert [reason.code for reason in page.context["left"]] == ["rule-06-undecided"]
    answer = press(browser, submission, "1.1", "outcome=achieved", rationale="It shows all", sufficient="on")
    assert answer.url == at_desk(submission, name="release") + "?saved=1.1"
    assert "Hand on to the second assessor" in browser.get(answer.url).content.decode()


# On hold


def hold(version: EvidenceVersion, world: World, at: Any) -> Hold:
    return Hold.objects.create(
        registration=world.registration, subject=version.evidence.ref, through_number=version.number,
        reason="A face", reported_by=world.second_assessor, reported_at=at,
    )  # fmt: skip


def test_rule_04_what_rests_on_held_evidence_shows_nothing_of_it_and_cannot_be_decided(world, client_of, at):
    make_ready_evidence(world.registration, "1.1", title="Secret title", text="Secret words")
    make_ready_evidence(world.registration, "1.2.a", "1.3", title="Open piece")
    submission = opened(submit(world.registration, "1.1", "1.2.a", "1.3"))
    version = EvidenceVersion.objects.get(title="Secret title")
    browser = client_of(world.assessor)
    assert "Secret words" in browser.get(at_desk(submission, "1.1")).content.decode()
    draft = Draft(ids("1.1")[0], outcome="achieved", rationale="Mine", version_ids={version.pk})
    draft_several(submission, [draft], by=world.assessor, at=at)
    hold(version, world, at)
    for address in (at_desk(submission, "1.1"), at_desk(submission, name="release"), together(submission)):
        text = browser.get(address).content.decode()
        assert "Secret" not in text, address
    text = browser.get(at_desk(submission, "1.1")).content.decode()
    assert "A child may be identifiable" in text
    assert 'name="outcome"' not in text
    answer = press(browser, submission, "1.1", "outcome=referred", versions=[version.pk])
    assert [reason.code for reason in answer.context["reasons"]] == ["rule-04-hold"]
    assert 'name="outcome"' in browser.get(at_desk(submission, "1.2.a")).content.decode()


def test_rule_04_destroyed_evidence_is_named_as_such_and_its_criterion_can_be_referred(world, client_of, at):
    submission = make_opened(world.registration, "1.1", title="Secret title", text="Secret words")
    (version,) = versions_of(submission)
    judge_version(version, valid=True, authentic=True, current=True, reliable=True, by=world.assessor, at=at)
    report = hold(version, world, at)
    Tombstone.objects.create(version=version, words=2, files=0, size=12, reason="A face", destroyed_at=at,
                             destroyed_by=world.lead_iqa)  # fmt: skip
    report.state, report.decided_by, report.decided_at, report.answer = "destroyed", world.lead_iqa, at, "A face"
    report.save()
    text = client_of(world.assessor).get(at_desk(submission, "1.1")).content.decode()
    assert "This evidence was destroyed" in text
    assert "Secret words" not in text
    assert 'name="outcome"' in text


# Budgets


def test_workspace_takes_the_same_queries_whatever_it_holds(world, client_of, queries, at):
    submission = make_opened(world.registration, "1.1")
    draft_decision(submission, submission.items.get().criterion_id, by=world.assessor, at=at)
    browser = client_of(world.assessor)
    assert len(queries.of(browser, at_desk(submission))) == 18
    for number in range(3):
        make_ready_evidence(world.registration, "1.2.a", "1.2.b", "1.3", title=f"Piece {number}")
    larger = opened(submit(world.registration, "1.2.a", "1.2.b", "1.3"))
    decide_all(larger, by=world.assessor)
    stay(larger, by=world.second_assessor, at=at)
    assert len(queries.of(browser, at_desk(larger))) == 18


def test_the_page_for_several_takes_the_same_queries_for_any_number(world, client_of, queries, submission):
    browser = client_of(world.assessor)
    two, three = (len(queries.of(browser, together(submission, *CODES[:n]))) for n in (2, 3))
    assert two == three
    assert three <= 20


def test_a_dual_role_fits_the_budget(world, client_of, queries, at):
    submission = make_opened(world.registration, *CODES)
    decide_all(submission, by=world.assessor)
    allocate_assessor(world.registration, world.second_assessor, "second_assessor")
    make_draft(world.registration, "1.3")
    assert len(queries.of(client_of(world.second_assessor), at_desk(submission))) <= 20
