"""Notes in the evidence: who writes them where, and when the learner reads them."""

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from assessment.api import declare_interest, release
from assessment.domain.annotate import annotate, change_annotation, remove_annotation
from assessment.models import Annotation
from lms.audit.models import AuditEvent
from lms.common.errors import Refused
from portfolio.api import EvidenceVersion, Link, Submission, declare, set_links
from portfolio.domain.share import share_with_setting
from tests.factories import (
    World,
    criterion,
    decide_all,
    make_file,
    make_opened,
    make_ready_evidence,
    make_submission,
    opened,
    settle,
    submit,
)
from tests.world_once import world_again

from .test_staff_views import at_desk, once

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
TEXT = "First I watched.\n\nThen I asked the parents.\n\nThen we wrote a plan."


@pytest.fixture
def world() -> World:
    return world_again()


def a_picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return out.getvalue()


def version_of(submission: Submission) -> EvidenceVersion:
    return EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct().get()


def write(
    submission: Submission, by: Any, text: str = "Say when.", place: Link | None = None, **more: Any
) -> Annotation:
    place = place or Link(0)
    return annotate(submission, version_of(submission), text=text, place=place, by=by, at=timezone.now(), **more)


def refused(code: str, act: Any, *args: Any, **values: Any) -> None:
    before = list(Annotation.objects.values_list("pk", "text"))
    with pytest.raises(Refused) as caught:
        act(*args, **values)
    assert caught.value.code == code
    assert list(Annotation.objects.values_list("pk", "text")) == before


def test_an_assessor_writes_changes_and_removes_a_note_while_the_submission_is_open(world):
    submission = make_opened(world.registration, "1.1", text=TEXT)
    note = write(submission, world.assessor, " Say when. ", Link(0, paragraph=2), criterion_id=criterion("1.1").pk)
    assert (note.text, note.paragraph, note.criterion.code) == ("Say when.", 2, "1.1")
    note = change_annotation(note, text="Say when and where.", criterion_id=None, place=Link(0, "At the end"),
                             by=world.assessor, at=timezone.now())  # fmt: skip
    note.refresh_from_db()
    assert (note.text, note.paragraph, note.where, note.criterion) == ("Say when and where.", None, "At the end", None)
    remove_annotation(note, by=world.assessor, at=timezone.now())
    remove_annotation(note, by=world.assessor, at=timezone.now())
    actions = list(AuditEvent.objects.filter(action__startswith="evidence.annot").values_list("action", flat=True))
    assert actions == ["evidence.annotated", "evidence.annotated", "evidence.annotation_removed"]
    assert "when" not in "".join(AuditEvent.objects.values_list("canonical", flat=True))


def test_who_may_not_decide_writes_no_note(world):
    submission = make_opened(world.registration, "1.1")
    refused("rule-08-own-work", write, submission, world.trainee)
    refused("rule-06-not-allocated", write, submission, world.iqa)
    declare_interest(world.registration, "family", "", by=world.second_assessor, at=timezone.now())
    refused("rule-08-open-interest", write, submission, world.second_assessor)


def test_a_note_is_written_only_at_an_open_desk_about_what_was_submitted(world):
    unopened = make_submission(world.registration, "1.1")
    refused("submission-unopened", write, unopened, world.assessor)
    submission = opened(unopened)
    refused("note-empty", write, submission, world.assessor, "  ")
    refused("note-other-criterion", write, submission, world.assessor, criterion_id=criterion("1.3").pk)
    elsewhere = version_of(make_submission(world.other_registration, "1.1"))
    refused("note-other-evidence", annotate, submission, elsewhere, text="x", by=world.assessor, at=timezone.now())
    refused("place-paragraph", write, submission, world.assessor, place=Link(0, paragraph=9))
    decide_all(submission, by=world.assessor)
    Submission.objects.filter(pk=submission.pk).update(handed_on_at=timezone.now())
    refused("submission-handed-on", write, submission, world.assessor)
    Submission.objects.filter(pk=submission.pk).update(handed_on_at=None)
    note = write(submission, world.assessor)
    release(submission, by=world.assessor, at=timezone.now())
    refused("submission-released", write, submission, world.assessor)
    refused("submission-released", remove_annotation, note, by=world.assessor, at=timezone.now())


def test_a_colleague_removes_but_does_not_rewrite_a_note(world):
    submission = make_opened(world.registration, "1.1")
    note = write(submission, world.assessor)
    values = {"text": "Mine now", "criterion_id": None, "place": Link(0)}
    refused("note-of-another", change_annotation, note, **values, by=world.second_assessor, at=timezone.now())
    remove_annotation(note, by=world.second_assessor, at=timezone.now())
    assert not Annotation.objects.exists()


# On screen


def new_note(browser: Any, submission: Submission, query: str = "", **typed: Any) -> Any:
    address = f"{at_desk(submission)}notes/new/?version={version_of(submission).pk}&criterion=1.1{query}"
    page = browser.get(address)
    fields = {"once": once(page), "note-why": "Say when.", "note-about": "", "note-where": "", **typed}
    return browser.post(address, fields)


def test_a_note_is_written_at_a_paragraph_in_words_without_a_script(world, client_of):
    submission = make_opened(world.registration, "1.1", text=TEXT)
    browser = client_of(world.assessor)
    answer = new_note(browser, submission, **{"note-place": "p2"})
    note = Annotation.objects.get()
    assert answer["Location"] == f"{at_desk(submission, '1.1')}#note-{note.ref}"
    assert note.paragraph == 2
    page = browser.get(at_desk(submission, "1.1")).content.decode()
    assert f'href="#note-{note.ref}"' in page  # from the paragraph to its note
    assert f'href="#paragraph-{note.version_id}-2">Paragraph 2</a>' in page


def test_the_address_of_a_new_note_names_a_place_and_nonsense_is_ignored(world, client_of):
    version = make_ready_evidence(world.registration, "1.1", text=TEXT)
    file = make_file(version, "plan.png", a_picture())
    submission = make_opened_with(world, version)
    browser, at = client_of(world.assessor), f"notes/new/?version={version.pk}&criterion=1.1"
    for query, place in (("&paragraph=3", "p3"), (f"&file={file.pk}&page=1", f"f{file.pk}"), ("&paragraph=x", ""),
                         ("&file=999999", ""), ("&start=5", "")):  # fmt: skip
        form = browser.get(f"{at_desk(submission)}{at}{query}").context["form"]
        assert form["place"].value() == place, query
    assert browser.get(f"{at_desk(submission)}notes/new/?version=999999").status_code == 404


def make_opened_with(world: World, version: EvidenceVersion) -> Submission:
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())
    return opened(submit(world.registration, "1.1"))


def test_a_refused_note_comes_back_with_what_was_typed(world, client_of):
    submission = make_opened(world.registration, "1.1", "1.2.a", text=TEXT)
    browser = client_of(world.assessor)
    page = new_note(browser, submission, **{"note-why": "  ", "note-where": "Near the end"})
    assert page.status_code == 422
    text = page.content.decode()
    assert 'href="#id_note-why"' in text
    assert 'value="Near the end"' in text
    assert not Annotation.objects.exists()


def test_the_learner_reads_notes_once_they_are_released_and_not_before(world, client_of):
    submission = make_opened(world.registration, "1.1", text=TEXT)
    note = write(submission, world.assessor, "A word of mine", Link(0, paragraph=1))
    pages = [f"/portfolio/submissions/{submission.ref}/", f"/portfolio/evidence/{note.version.evidence.ref}/"]
    learner, colleague = client_of(world.trainee), client_of(world.iqa)
    assert "A word of mine" in colleague.get(at_desk(submission)).content.decode()
    for page in pages:
        assert "A word of mine" not in learner.get(page).content.decode(), page
    decide_all(submission, by=world.assessor)
    release(submission, by=world.assessor, at=timezone.now())
    for page in pages:
        assert learner.get(page).content.decode().count("A word of mine") == 1, page
        assert "A word of mine" in colleague.get(page).content.decode(), page


def test_whoever_reads_shared_evidence_in_the_setting_reads_no_notes(world, client_of):
    submission = make_opened(world.registration, "1.1")
    note = write(submission, world.assessor, "A word of mine")
    settle(submission, by=world.assessor)
    share_with_setting(note.version.evidence, by=world.trainee, at=timezone.now())
    page = client_of(world.setting_manager).get(f"/portfolio/evidence/{note.version.evidence.ref}/")
    assert page.status_code == 200
    assert "A word of mine" not in page.content.decode()


def test_notes_and_next_steps_cost_the_workspace_two_queries_however_many(world, client_of):
    submission = make_opened(world.registration, "1.1")
    browser = client_of(world.assessor)
    write(submission, world.assessor)
    browser.get(at_desk(submission, "1.1"))
    with CaptureQueriesContext(connection) as one:
        browser.get(at_desk(submission, "1.1"))
    ours = [
        query["sql"]
        for query in one
        if "assessment_annotation" in query["sql"] or "assessment_nextstep" in query["sql"]
    ]
    assert len(ours) == 2
    write(submission, world.assessor, "Two")
    write(submission, world.second_assessor, "Three", criterion_id=criterion("1.1").pk)
    with CaptureQueriesContext(connection) as three:
        browser.get(at_desk(submission, "1.1"))
    assert len(three) == len(one)


def test_the_place_that_a_link_names_is_marked_where_the_file_is_shown(world, client_of):
    version = make_ready_evidence(world.registration, "1.1", text=TEXT)
    picture = make_file(version, "plan.png", a_picture())
    set_links(version, [Link(criterion("1.1").pk, file_id=picture.pk, region="10 20 30 40")], by=world.trainee,
              at=timezone.now())  # fmt: skip
    submission = make_opened_with(world, version)
    text = client_of(world.assessor).get(at_desk(submission)).content.decode()
    viewer = text[
        text.index('<section class="viewer"') : text.index("</section>", text.index('<section class="viewer"'))
    ]
    assert '<rect class="marked__edge" x="10" y="20" width="30" height="40"/>' in viewer
    assert text.count("marked__edge") == 1
