"""On a phone: a draft is deleted, taken back, deleted again and restored from the bin, by keyboard; words are found
inside a file; the location sheet is made and saved."""

import pypdfium2
import pytest

from lms.common import jobs
from lms.common.models import Job
from portfolio.api import EvidenceVersion
from tests.factories import make_draft, make_file, make_submission, make_world, settle

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def press_by_key(visitor, name: str) -> None:
    """Reaches a link or button of the page's main part by Tab alone, and presses Enter."""
    page = visitor.page
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = "document.activeElement.closest('#main-content') && document.activeElement.innerText"
        if (page.evaluate(focused) or "").strip().startswith(name):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"“{name}” cannot be reached by keyboard on {page.url}")


def test_deleting_undoing_and_restoring_by_keyboard(visit):
    world = make_world()
    version = make_draft(world.registration, "1.1", title="The morning at the sand tray")
    trainee = visit().arrive_as(world.trainee).go(f"/portfolio/evidence/{version.evidence.ref}/")
    press_by_key(trainee, "Delete this draft")
    trainee.sees("Delete the draft “The morning at the sand tray”?", "You can take it back for 30 days.").looks()
    press_by_key(trainee, "Delete this draft")
    trainee.sees("It is in your bin.", "No evidence yet").looks()
    press_by_key(trainee, "Undo")
    trainee.sees("“The morning at the sand tray” is back, as you left it.")
    press_by_key(trainee, "Delete this draft")
    press_by_key(trainee, "Delete this draft")
    trainee.go("/portfolio/evidence/")
    press_by_key(trainee, "Bin (1)")
    trainee.sees("30 days left", "1 draft in the bin").looks()
    press_by_key(trainee, "Restore")
    trainee.sees("is back, as you left it.")
    assert EvidenceVersion.objects.get().binned_at is None
    press_by_key(trainee, "Delete this draft")
    press_by_key(trainee, "Delete this draft")
    trainee.go("/portfolio/bin/")
    press_by_key(trainee, "Delete for good")
    trainee.looks()
    press_by_key(trainee, "Delete for good")
    trainee.sees("is gone for good.", "Nothing in the bin").looks()
    assert not EvidenceVersion.objects.exists()


def test_the_undo_works_without_javascript(visit):
    world = make_world()
    version = make_draft(world.registration, "1.1", title="Not lost")
    trainee = visit(javascript=False).arrive_as(world.trainee).go(f"/portfolio/evidence/{version.evidence.ref}/delete/")
    trainee.press("Delete this draft").sees("It is in your bin.").press("Undo").sees("“Not lost” is back")


def test_finding_words_inside_a_file_and_saving_the_location_sheet(visit):
    world = make_world()
    settle(make_submission(world.registration, "1.1", title="My role", text="What I do."), by=world.assessor)
    version = make_draft(world.registration, "1.2.a", title="Notes of a meeting", text="See the file.")
    make_file(version, "notes.txt", b"We agreed that the speech therapist visits every second Tuesday.")
    trainee = visit().arrive_as(world.trainee).go("/portfolio/evidence/").looks()
    trainee.page.get_by_label("Words in the evidence or its files").fill("therapist")
    trainee.page.keyboard.press("Enter")
    trainee.page.wait_for_url("**q=therapist**")
    trainee.sees("1 of 2 pieces of evidence matches.", "Notes of a meeting", "In notes.txt:").looks()
    assert trainee.page.locator(".found-in mark").inner_text() == "therapist"
    trainee.page.get_by_text("Narrow it down").click()
    trainee.page.get_by_label("Status", exact=True).select_option("decided")
    trainee.press("Show").sees("Nothing found", "Show all your evidence").looks()
    trainee.go("/portfolio/timeline/").sees("Feedback on submission 1", "Achieved: 1.1").looks()
    trainee.go("/portfolio/storage/").sees("Your largest files", "notes.txt").looks()
    trainee.go("/portfolio/location-sheet/").looks().press("Make it").sees("Your sheet is being made.").looks()
    jobs.run(Job.objects.get(kind="assessment.location_sheet").pk)
    save = trainee.page.get_by_role("button", name="Save the sheet (PDF)")
    save.wait_for()  # the page asks by itself
    trainee.looks()
    with trainee.page.expect_download() as waiting:
        save.click()
    saved = waiting.value
    assert saved.suggested_filename == "evidence-location-sheet-tara-walsh.pdf"
    document = pypdfium2.PdfDocument(saved.path())
    assert "Notes of a meeting (version 1)" in " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
