"""Taking a submission back until it is opened (rules 2 and 20); the receipt; versions side by side."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessment.api import open_submission
from courses.framework.api import policy_of, set_policy
from lms.audit.models import AuditEvent
from portfolio.api import EvidenceVersion, Submission, SubmittedVersion, declare, new_version, save_draft, withdraw
from portfolio.compare import ADDED, REMOVED, SAME, Run, paragraphs_of
from portfolio.domain.attach import add_file
from portfolio.models import Attestation
from portfolio.policies import attempts_left
from tests.factories import (
    World,
    criterion,
    make_draft,
    make_file,
    make_ready_evidence,
    make_submission,
    opened,
    settle,
    submit,
)
from tests.helpers import actions_since, database_refuses, last_event, last_notice, refused, statuses, told_since

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
RECEIPT = "/portfolio/submissions/%s/"


def take_back(submission: Submission, at: Any) -> Submission:
    return withdraw(submission, by=submission.registration.learner, at=at)


def states(*versions: EvidenceVersion) -> list[str]:
    return [EvidenceVersion.objects.get(pk=version.pk).state for version in versions]


def once(page: Any) -> str:
    return page.content.decode().split('name="once" value="')[1].split('"')[0]


# The act


def test_what_nobody_has_opened_comes_back_as_drafts_with_their_declarations(world: World, at):
    version = make_ready_evidence(world.registration, "1.1", "1.2.a", at=at - timedelta(days=1))
    submission = submit(world.registration, "1.1", "1.2.a", at=at)
    event, notice = last_event(), last_notice()
    row = take_back(submission, at)
    assert (row.withdrawn_at, row.is_open, row.can_be_withdrawn) == (at, False, False)
    before, version = version, EvidenceVersion.objects.get(pk=version.pk)
    assert (version.state, version.submitted_at, version.text) == ("draft", None, before.text)
    assert version.is_declared
    assert version.authenticity_declared_at == before.authenticity_declared_at
    assert not SubmittedVersion.objects.exists()
    assert set(row.items.values_list("criterion__code", "is_open")) == {("1.1", False), ("1.2.a", False)}
    assert statuses(world.registration) == {"1.1": "in_progress", "1.2.a": "in_progress"}
    assert actions_since(event) == ["submission.withdrawn"]
    assert f'"1.1":[{version.pk}]' in AuditEvent.objects.latest("pk").canonical
    assert told_since(notice) == [("Asha Patel", "withdrawn")]


def test_it_is_edited_and_submitted_again_as_the_first_attempt(world: World, at):
    version = make_ready_evidence(world.registration, "1.1")
    take_back(submit(world.registration, "1.1"), at)
    version = save_draft(version, text="Better words.", by=world.trainee, at=at)
    assert not version.is_declared
    with refused("rule-03-child-identity", "rule-01-authenticity"):
        submit(world.registration, "1.1")
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    again = submit(world.registration, "1.1")
    assert (again.number, again.items.get().attempt) == (2, 1)
    assert settle(again, by=world.assessor).released_at is not None


def test_rule_20_what_was_taken_back_is_no_attempt_and_may_be_sent_unchanged(world: World, at):
    set_policy(world.qualification, by=None, at=at, attempt_limit=1)
    make_ready_evidence(world.registration, "1.1")
    pk, policy = criterion("1.1").pk, policy_of(world.qualification.pk, at=at)
    for _ in range(3):
        submission = submit(world.registration, "1.1", at=at)
        assert attempts_left(world.registration, [pk], policy) == {pk: 0}
        take_back(submission, at)
        assert attempts_left(world.registration, [pk], policy) == {pk: 1}
    assert list(Submission.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_rule_02_once_opened_it_cannot_be_taken_back(world: World, at):
    submission = opened(make_submission(world.registration, "1.1"), at=at)
    with refused("submission-opened") as caught:
        take_back(submission, at)
    assert f"{at:%B %Y}" in caught.value.message
    assert Submission.objects.get().can_be_withdrawn is False


def test_neither_released_nor_twice_nor_by_another(world: World, at):
    released = settle(make_submission(world.registration, "1.1"), by=world.assessor)
    with refused("submission-released"):
        take_back(released, at)
    waiting = make_submission(world.registration, "1.2.a")
    for person in (world.assessor, world.other_trainee, world.iqa, world.lead_iqa):
        with refused("rule-01-owner"):
            withdraw(waiting, by=person, at=at)
    take_back(waiting, at)
    with refused("submission-withdrawn"):
        take_back(waiting, at)


def test_what_also_waits_elsewhere_stays_submitted(world: World, at):
    version = make_ready_evidence(world.registration, "1.1", "1.2.a")
    other = make_ready_evidence(world.registration, "1.1", title="Another")
    first, second = submit(world.registration, "1.2.a"), submit(world.registration, "1.1")
    assert states(version, other) == ["submitted", "submitted"]
    take_back(second, at)
    assert states(version, other) == ["submitted", "draft"]
    take_back(first, at)
    assert states(version, other) == ["draft", "draft"]


def test_what_a_released_submission_rests_on_is_decided_then(world: World, at):
    version = make_ready_evidence(world.registration, "1.1", "1.2.a")
    first, second = submit(world.registration, "1.2.a"), submit(world.registration, "1.1")
    settle(first, by=world.assessor)
    assert states(version) == ["submitted"]  # it still waits in the second
    take_back(second, at)
    assert states(version) == ["decided"]


def test_a_version_with_a_newer_draft_comes_back_but_is_not_edited(world: World, at, client_of):
    first = make_ready_evidence(world.registration, "1.1")
    submission = submit(world.registration, "1.1")
    second = new_version(first.evidence, by=world.trainee, at=at)
    take_back(submission, at)
    assert states(first, second) == ["draft", "draft"]
    with refused("draft-not-latest"):
        save_draft(first, text="Other", by=world.trainee, at=at)
    page = client_of(world.trainee).get(f"/portfolio/evidence/{first.evidence.ref}/versions/1/").content.decode()
    assert "You took this version back" in page
    assert "Taken back" in page
    save_draft(second, text="Goes on", by=world.trainee, at=at)


def test_a_document_that_an_assessor_has_been_to_see_is_not_taken_back(world: World, at):
    submission = make_submission(world.registration, "1.1")
    held = make_draft(world.registration, "1.2.a", kind="held_in_setting")
    save_draft(held, place="The office", source="The manager", by=world.trainee, at=at)
    declare(held, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    second = submit(world.registration, "1.2.a")
    Attestation.objects.create(version=held, seen_by=world.assessor, seen_on=at.date(), place="Here", note="x",
                               attested_at=at)  # fmt: skip
    with refused("submission-attested"):
        take_back(second, at)
    with database_refuses("Rule 2"):  # a raw write past the domain
        Submission.objects.filter(pk=second.pk).update(withdrawn_at=at)
        SubmittedVersion.objects.filter(version=held).delete()
        EvidenceVersion.objects.filter(pk=held.pk).update(state="draft", submitted_at=None)
    take_back(submission, at)


# Its pages


def test_trainee_takes_it_back_from_the_receipt_after_being_asked(world: World, client_of):
    browser, submission = client_of(world.trainee), make_submission(world.registration, "1.1")
    address = f"{RECEIPT % submission.ref}withdraw/"
    receipt = browser.get(RECEIPT % submission.ref).content.decode()
    assert submission.reference in receipt
    assert f'href="{address}"' in receipt
    asked = browser.get(address)
    assert "Take back submission 1?" in asked.content.decode()
    form = {"once": once(asked)}
    assert [browser.post(address, form).status_code for _ in range(2)] == [302, 302]
    page = browser.get(RECEIPT % submission.ref).content.decode()
    assert "taken back" in page
    assert "1.1" in page
    listed = browser.get("/portfolio/submissions/").content.decode()
    assert "Withdrawn" in listed
    assert browser.get(address).status_code == 302


def test_an_opened_one_says_when_it_was_opened_and_a_late_press_reads_why(world: World, client_of, at):
    browser, submission = client_of(world.trainee), make_submission(world.registration, "1.1")
    address = f"{RECEIPT % submission.ref}withdraw/"
    form = {"once": once(browser.get(address))}
    open_submission(submission, by=world.assessor, at=at)
    late = browser.post(address, form)
    assert late.status_code == 422
    assert "Your assessor opened it on" in late.content.decode()
    page = browser.get(RECEIPT % submission.ref).content.decode()
    assert "so it can no longer be taken back" in page
    assert "Take this submission back" not in page


def test_withdrawn_submission_is_gone_for_staff_who_read_why(world: World, client_of, at):
    submission = make_submission(world.registration, "1.1")
    take_back(submission, at)
    browser = client_of(world.assessor)
    assert browser.get(RECEIPT % submission.ref).status_code == 404
    gone = browser.get(f"/assess/submissions/{submission.ref}/")
    assert gone.status_code == 409
    assert "took this submission back" in gone.content.decode()
    assert client_of(world.unallocated_assessor).get(f"/assess/submissions/{submission.ref}/").status_code == 404
    assert "Nothing waits for you" in browser.get("/assess/").content.decode()


def test_submission_pages_take_the_same_queries_at_one_and_three(world: World, client_of, queries, at):
    take_back(make_submission(world.registration, "1.1"), at)

    def grow() -> None:
        for code in ("1.2.a", "1.2.b"):
            take_back(make_submission(world.registration, "1.1", code), at)

    queries.pin(client_of(world.trainee), "/portfolio/submissions/", grow=grow, exactly=7)


# The check before sending


def test_without_the_declaration_nothing_is_sent_and_nothing_ticked_is_lost(world: World, client_of):
    browser = client_of(world.trainee)
    make_ready_evidence(world.registration, "1.1", "1.2.a")
    page = browser.get("/portfolio/submit/check/?criterion=1.1&criterion=1.2.a")
    form = {"once": once(page), "criterion": ["1.1", "1.2.a"]}
    answer = browser.post("/portfolio/submit/check/", form)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Tick the box to say that you have checked" in text
    assert 'href="#id_checked"' in text
    assert 'name="criterion" value="1.2.a"' in text
    assert not Submission.objects.exists()
    assert browser.post("/portfolio/submit/check/", form | {"checked": "on"}).status_code == 302
    assert Submission.objects.get().items.count() == 2


# Versions side by side


def test_words_added_and_removed_are_told_from_those_that_stayed():
    before, after = "We met on Monday.\nIt went well.", "We met twice on Monday.\nIt went well.\nThen we ate."
    assert paragraphs_of(before, after) == [
        [Run(SAME, "We met "), Run(ADDED, "twice "), Run(SAME, "on Monday.")],
        [Run(SAME, "It went well.")],
        [Run(ADDED, "Then we ate.")],
    ]
    assert paragraphs_of("Gone.", "") == [[Run(REMOVED, "Gone.")]]
    assert paragraphs_of("", "") == []


def test_very_long_passages_are_compared_in_good_time():
    words = " ".join(f"word{n}" for n in range(9000))
    assert [run.change for run in paragraphs_of(words, f"{words} more")[0]] == [REMOVED, ADDED]


@pytest.fixture
def changed(world: World, at) -> EvidenceVersion:
    """Version 1 submitted, version 2 a draft with another text, title, file and links."""
    first = make_draft(world.registration, "1.1", "1.2.a", text="We met on Monday.")
    make_file(first)
    declare(first, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submit(world.registration, "1.1")
    second = new_version(first.evidence, by=world.trainee, at=at)
    return save_draft(second, text="We met twice on Monday.", title="A new title", by=world.trainee, at=at)


def test_learner_compares_the_two_latest_versions(world: World, client_of, changed):
    page = client_of(world.trainee).get(f"/portfolio/evidence/{changed.evidence.ref}/compare/")
    text, found = page.content.decode(), page.context["found"]
    assert (found.before.number, found.after.number) == (1, 2)
    assert "[added: </span>twice" in text
    assert [fact.label for fact in found.facts] == ["Title"]
    assert ([file.name for file in found.files.same], found.files.any) == (["notes.txt"], False)
    assert (len(found.links.same), found.links.any) == (2, False)
    turned = client_of(world.trainee).get(f"/portfolio/evidence/{changed.evidence.ref}/compare/?a=2&b=1")
    assert turned.context["found"].before.number == 1


def test_files_and_links_that_came_or_went_are_listed(world: World, client_of, changed, at):
    from portfolio.api import Link, set_links
    from portfolio.domain.attach import remove_file

    remove_file(changed.files.get(), by=world.trainee, at=at)
    add_file(changed, SimpleUploadedFile("plan.txt", b"Plan"), by=world.trainee, at=at)
    links = [Link(criterion("1.1").pk, where="Page 9"), Link(criterion("1.3").pk)]
    set_links(changed, links, by=world.trainee, at=at)
    found = client_of(world.trainee).get(f"/portfolio/evidence/{changed.evidence.ref}/compare/").context["found"]
    assert ([f.name for f in found.files.added], [f.name for f in found.files.removed]) == (["plan.txt"], ["notes.txt"])
    assert [link.criterion.code for link in found.links.added] == ["1.3"]
    assert [link.criterion.code for link in found.links.removed] == ["1.2.a"]
    assert [(b.where, a.where) for b, a in found.links.changed] == [("Second paragraph", "Page 9")]


def test_who_sees_one_version_only_is_led_to_it_and_a_draft_cannot_be_asked_for(world: World, client_of, changed):
    address = f"/portfolio/evidence/{changed.evidence.ref}/compare/"
    reader: Client = client_of(world.assessor)
    assert reader.get(address).url == f"/portfolio/evidence/{changed.evidence.ref}/"
    assert client_of(world.trainee).get(f"{address}?a=1&b=7").status_code == 404
    assert client_of(world.other_trainee).get(address).status_code == 404


def test_comparing_takes_9_queries_whatever_there_is(world: World, client_of, changed, queries, at):
    def grow() -> None:
        for name in ("a.txt", "b.txt"):
            add_file(changed, SimpleUploadedFile(name, name.encode()), by=world.trainee, at=at)
        declare(changed, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)

    queries.pin(client_of(world.trainee), f"/portfolio/evidence/{changed.evidence.ref}/compare/", grow=grow, exactly=9)
