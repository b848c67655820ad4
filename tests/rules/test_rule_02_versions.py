"""Rule 2: what is submitted stays as it is; a change makes the next version and the earlier one stays readable."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portfolio.api import (
    Evidence,
    EvidenceVersion,
    Link,
    declare,
    discard_draft,
    new_version,
    save_draft,
    set_links,
)
from portfolio.domain.attach import add_file, remove_file
from portfolio.files import store_room
from tests.factories import (
    World,
    criterion,
    make_draft,
    make_file,
    make_ready_evidence,
    make_submission,
    settle,
    submit,
)
from tests.helpers import actions_since, last_event, nothing_changes, refused, statuses


def text_file(words: bytes = b"Notes of the meeting") -> SimpleUploadedFile:
    return SimpleUploadedFile("notes.txt", words, content_type="text/plain")


def only_version(world: World) -> EvidenceVersion:
    return EvidenceVersion.objects.select_related("evidence").get(evidence__registration=world.registration)


@pytest.mark.parametrize("decided", [False, True])
def test_submitted_evidence_is_edited_by_nobody(world: World, at, decided: bool):
    version = make_ready_evidence(world.registration, "1.1")
    file = make_file(version, at=at)
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submission = submit(world.registration, "1.1")
    if decided:
        settle(submission, by=world.assessor)
    acts = [
        lambda by: save_draft(version, text="Changed", by=by, at=at),
        lambda by: save_draft(version, title="Changed", by=by, at=at),
        lambda by: set_links(version, [Link(criterion("4.8").pk)], by=by, at=at),
        lambda by: declare(version, authentic=False, no_child_identified=False, ai_used="", by=by, at=at),
        lambda by: add_file(version, text_file(b"More"), by=by, at=at),
        lambda by: remove_file(file, by=by, at=at),
        lambda by: discard_draft(version, by=by, at=at),
    ]
    for act in acts:
        with refused("rule-02-frozen"):
            act(world.trainee)
        with refused("rule-01-owner"):
            act(world.assessor)
    assert store_room().open(file.stored_as).read() == b"Notes of the meeting"


def test_a_change_makes_the_next_version_as_a_copy(world: World, at):
    first = make_ready_evidence(world.registration, "1.1", text="First words")
    file = make_file(first, at=at)
    declare(first, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submit(world.registration, "1.1")
    event = last_event()
    second = new_version(first.evidence, by=world.trainee, at=at)
    assert actions_since(event) == ["evidence.version"]
    assert (second.number, second.state, second.text, second.is_latest) == (2, "draft", "First words", True)
    assert (second.authenticity_declared_at, second.child_identity_declared_at) == (None, None)
    assert [(f.name, f.stored_as) for f in second.files.all()] == [("notes.txt", file.stored_as)]
    assert [(link.criterion.code, link.where, link.why) for link in second.links.all()] == [
        ("1.1", "Second paragraph", "It shows what I did")
    ]
    save_draft(second, text="Second words", by=world.trainee, at=at)
    first.refresh_from_db()
    assert (first.number, first.state, first.text, first.is_latest) == (1, "submitted", "First words", False)
    assert first.files.get().stored_as == file.stored_as


def test_a_second_draft_is_not_started_beside_the_first(world: World, at):
    make_submission(world.registration, "1.1")
    evidence = Evidence.objects.get()
    second = new_version(evidence, by=world.trainee, at=at)
    with nothing_changes():
        assert new_version(evidence, by=world.trainee, at=at) == second


def test_only_the_learner_starts_a_version(world: World, at):
    make_submission(world.registration, "1.1")
    for person in (world.assessor, world.other_trainee):
        with refused("rule-01-owner"):
            new_version(Evidence.objects.get(), by=person, at=at)


def test_the_achievement_of_version_1_stands_until_version_2_is_decided(world: World, at):
    settle(make_submission(world.registration, "1.1"), by=world.assessor)
    second = new_version(Evidence.objects.get(), by=world.trainee, at=at)
    save_draft(second, text="Better", by=world.trainee, at=at)
    assert statuses(world.registration) == {"1.1": "achieved"}
    declare(second, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submission = submit(world.registration, "1.1")
    assert statuses(world.registration) == {"1.1": "achieved"}
    settle(submission, by=world.assessor, outcome="referred")
    assert statuses(world.registration) == {"1.1": "referred"}
    assert dict(EvidenceVersion.objects.values_list("number", "state")) == {1: "decided", 2: "decided"}


def test_a_discarded_draft_of_a_new_version_leaves_the_earlier_one_as_the_latest(world: World, at):
    make_submission(world.registration, "1.1")
    first = only_version(world)
    second = new_version(first.evidence, by=world.trainee, at=at)
    set_links(second, [Link(criterion("4.8").pk)], by=world.trainee, at=at)
    assert statuses(world.registration) == {"1.1": "submitted", "4.8": "in_progress"}
    discard_draft(second, by=world.trainee, at=at)
    rows = EvidenceVersion.objects.order_by("number").values_list("number", "is_latest", "state", "binned_at")
    assert list(rows) == [(1, True, "submitted", None), (2, False, "draft", at)]
    assert statuses(world.registration) == {"1.1": "submitted"}


def test_a_file_that_an_earlier_version_has_outlives_its_removal_from_the_draft(
    world: World, at, django_capture_on_commit_callbacks
):
    first = make_ready_evidence(world.registration, "1.1")
    file = make_file(first, at=at)
    declare(first, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submit(world.registration, "1.1")
    second = new_version(first.evidence, by=world.trainee, at=at)
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(second.files.get(), by=world.trainee, at=at)
    assert not second.files.exists()
    assert store_room().open(file.stored_as).read() == b"Notes of the meeting"


def test_the_same_evidence_unchanged_is_not_submitted_twice(world: World):
    settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    with refused("nothing-new"):
        submit(world.registration, "1.1")
    make_ready_evidence(world.registration, "1.1", title="Another piece")
    submit(world.registration, "1.1")


def test_a_title_that_is_too_long_is_cut_when_it_is_typed_at_the_start_and_later(world: World, at):
    version = make_draft(world.registration, title="t" * 200)
    assert version.title == "t" * 160
    assert save_draft(version, title="u" * 200, by=world.trainee, at=at).title == "u" * 160
