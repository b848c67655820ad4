"""Drafts for comments: sent, taken back, commented on; by whom, to whom, and never twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from courses.delivery.api import (
    StudyAnswer,
    TutorDraft,
    drafts_on,
    end_allocation,
    mark_comments_read,
    save_comments,
    send_comments,
    send_draft,
    take_back,
    tutors_of,
)
from courses.pages.models import LessonPage
from lms.common.conflicts import EditedElsewhere, base_of
from tests.factories import World, allocate_assessor, make_person
from tests.factories.tutoring import begin, comment, draft_block, make_draft_lesson, make_sent, make_tutor, write
from tests.helpers import actions_since, last_event, last_notice, nothing_changes, refused, told_since

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def lesson(db: None) -> LessonPage:
    return make_draft_lesson()


@pytest.fixture
def tutor(world: World) -> Any:
    return make_tutor(world.centre)


def send(world: World, lesson: LessonPage, at: Any) -> TutorDraft:
    return send_draft(world.registration, lesson.pk, draft_block(lesson), by=world.trainee, at=at)


def back(world: World, lesson: LessonPage, at: Any) -> bool:
    return take_back(world.registration, lesson.pk, draft_block(lesson), by=world.trainee, at=at)


def test_what_is_saved_is_sent_told_and_written_down(world, tutor, lesson, at):
    write(world.registration, lesson, "Lewis lines up cars.\n")
    event, notice = last_event(), last_notice()
    draft = send(world, lesson, at)
    assert (draft.number, draft.text) == (1, "Lewis lines up cars.")
    assert actions_since(event) == ["tutor_draft.sent"]
    assert told_since(notice) == [("Tilda Moss", "draft")]
    assert StudyAnswer.objects.get().done_at == at


def test_two_presses_are_one(world, tutor, lesson, at):
    draft = make_sent(world.registration, lesson)
    with nothing_changes():
        assert send(world, lesson, at).pk == draft.pk


def test_an_allocated_tutor_comes_before_the_centres(world, tutor, at):
    assert tutors_of(world.registration) == [tutor]
    own = make_person("Omar Reed")
    allocation = allocate_assessor(world.registration, own, "tutor")
    assert tutors_of(world.registration) == [own]
    end_allocation(allocation, ends_on=timezone.localdate() - timedelta(days=1), by=None, at=at)
    assert tutors_of(world.registration) == [tutor]


def test_nobody_is_their_own_tutor(world):
    make_tutor(world.other.centre)
    assert tutors_of(world.registration) == []


def test_whom_a_page_names(world, lesson, tutor):
    assert drafts_on(world.registration, lesson.pk).tutor == "Tilda Moss"
    make_tutor(world.centre, "Una Tutor")
    assert drafts_on(world.registration, lesson.pk).tutor == "your tutors"
    allocate_assessor(world.registration, make_person("Omar Reed"), "tutor")
    assert drafts_on(world.registration, lesson.pk).tutor == "Omar Reed"
    assert drafts_on(world.other.registration, lesson.pk).tutor == ""


def test_without_words_or_a_tutor_nothing_is_sent(world, lesson, at):
    with refused("draft-empty"):
        send(world, lesson, at)
    write(world.registration, lesson, "  \n ")
    with refused("draft-empty"):
        send(world, lesson, at)
    write(world.registration, lesson, "Something.")
    with refused("draft-no-tutor"):
        send(world, lesson, at)


def test_another_version_waits_for_the_comments_and_differs_from_the_last(world, tutor, lesson, at):
    first = make_sent(world.registration, lesson)
    write(world.registration, lesson, "Lewis lines up cars before he eats.")
    with refused("draft-waits"):
        send(world, lesson, at)
    comment(first, tutor)
    second = send(world, lesson, at)
    assert second.number == 2
    comment(second, tutor)
    with refused("draft-same"):
        send(world, lesson, at)
    assert [(one.number, one.is_waiting) for one in drafts_on(world.registration, lesson.pk).sent.popitem()[1]] == [
        (1, False), (2, False),
    ]  # fmt: skip


def test_it_is_the_learners_alone_to_send_and_take_back(world, tutor, lesson, at):
    write(world.registration, lesson, "Mine.")
    with refused("draft-own"):
        send_draft(world.registration, lesson.pk, draft_block(lesson), by=tutor, at=at)
    with refused("draft-own"):
        take_back(world.registration, lesson.pk, draft_block(lesson), by=world.other_trainee, at=at)


def test_nothing_is_sent_from_a_registration_that_is_not_open(world, tutor, lesson, at):
    write(world.registration, lesson, "Mine.")
    world.registration.state = "break"
    world.registration.save()
    with refused("draft-closed"):
        send(world, lesson, at)


def test_it_may_be_taken_back_until_somebody_has_begun(world, tutor, lesson, at):
    draft = make_sent(world.registration, lesson)
    begin(draft, tutor)
    with refused("draft-begun") as caught:
        back(world, lesson, at)
    assert "Tilda Moss has begun" in caught.value.message
    begin(draft, tutor, "")  # thought better of it
    event = last_event()
    assert back(world, lesson, at)
    assert actions_since(event) == ["tutor_draft.taken_back"]
    assert not TutorDraft.objects.exists()
    assert StudyAnswer.objects.get().value == {"text": "Lewis lines up cars."}
    assert not back(world, lesson, at)
    with refused("draft-gone"):
        begin(draft, tutor)


def test_comments_reach_the_learner_once_they_are_sent(world, tutor, lesson, at):
    draft = make_sent(world.registration, lesson)
    begin(draft, tutor, "Half a thou")
    (seen,) = drafts_on(world.registration, lesson.pk).sent[str(draft.block)]
    assert (seen.comments, seen.begun_by, seen.is_waiting) == ("", "Tilda Moss", True)
    event, notice = last_event(), last_notice()
    comment(draft, tutor, "Say when and where.")
    (seen,) = drafts_on(world.registration, lesson.pk).sent[str(draft.block)]
    assert (seen.comments, seen.is_waiting) == ("Say when and where.", False)
    assert actions_since(event) == ["tutor_draft.commented"]
    assert told_since(notice) == [("Tara Walsh", "draft")]
    with refused("draft-commented"):
        comment(draft, tutor, "And more.")


def test_only_a_tutor_of_the_learner_comments(world, tutor, lesson):
    draft = make_sent(world.registration, lesson)
    for somebody in (world.assessor, world.trainee, make_tutor(world.other.centre), world.lead_iqa):
        with refused("draft-tutor"):
            begin(draft, somebody)
    allocate_assessor(world.registration, make_person("Omar Reed"), "tutor")
    with refused("draft-tutor"):
        begin(draft, tutor)


def test_a_colleague_leaves_to_whom_has_begun_and_goes_on_for_whom_has_gone(world, tutor, lesson, at):
    draft = make_sent(world.registration, lesson)
    own, after = make_person("Omar Reed"), make_person("Ada Next")
    allocation = allocate_assessor(world.registration, own, "tutor")
    allocate_assessor(world.registration, after, "tutor")
    begin(draft, own, "Say when.")
    with refused("draft-colleague"):
        comment(draft, after)
    end_allocation(allocation, ends_on=timezone.localdate() - timedelta(days=1), by=None, at=at)
    assert comment(draft, after, "Say when, and where.").commented_by == after


def test_comments_without_words_or_over_newer_ones_are_refused(world, tutor, lesson, at):
    draft = make_sent(world.registration, lesson)
    with refused("comments-empty"):
        comment(draft, tutor, " ")
    begin(draft, tutor, "From the other tab.")
    with nothing_changes(), pytest.raises(EditedElsewhere) as caught:
        save_comments(draft, "From this tab.", bases={"comments": base_of("")}, by=tutor, at=at)
    assert caught.value.theirs == {"comments": "From the other tab."}
    with refused("comments-long"):
        send_comments(draft, "x" * 20_001, url="/", by=tutor, at=at)


def test_who_reads_a_draft(world, tutor, lesson):
    draft = make_sent(world.registration, lesson)
    everybody = [value for value in vars(world).values() if type(value).__name__ == "User"]
    everybody += [tutor, make_tutor(world.other.centre)]
    readers = {user.name for user in everybody if TutorDraft.objects.visible_to(user).filter(pk=draft.pk).exists()}
    assert readers == {"Tara Walsh", "Tilda Moss"}
    own = make_person("Omar Reed")
    allocate_assessor(world.registration, own, "tutor")
    assert not TutorDraft.objects.for_tutor(tutor).exists()
    assert TutorDraft.objects.for_tutor(own).get() == draft
    world.registration.state = "withdrawn"
    world.registration.save()
    assert not TutorDraft.objects.for_tutor(own).exists()


def test_the_first_reading_is_what_counts(world, tutor, lesson, at):
    draft = make_sent(world.registration, lesson)
    mark_comments_read(world.registration, lesson.pk, at=at)
    comment(draft, tutor)
    for later in range(2):
        mark_comments_read(world.registration, lesson.pk, at=at + timedelta(hours=later))
    draft.refresh_from_db()
    assert draft.read_at == at
