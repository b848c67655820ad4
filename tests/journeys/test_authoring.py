"""An author writes a lesson, maps it and hands it in; the reviewer comments; a gap blocks what depends on it until the
publisher has published it; the trainee reads it, and reads what changed. In Chromium, in Wagtail's own editor."""

import re

import pytest
from django.db.models import Count
from django.urls import reverse
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from wagtail.models import Comment, Page

from courses.framework.api import Criterion
from courses.pages.models import LessonPage, PageCriterion
from lms.audit.models import AuditEvent
from lms.common.jobs import run
from lms.common.models import Job
from tests.courses.test_substance import finish
from tests.factories import World, make_world

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
NOTE = "The example is now about a child who has just started."
# The editor takes what stands in a page after two seconds for how it began; then it saves by itself. Its answer comes
# half a second after the author has pressed a button.
HELD_UP = """
    document.addEventListener("w-unsaved:watch-edits", () => window.watches = true);
    const send = window.fetch;
    window.fetch = async (address, options) => {
      const answer = await send(address, options);
      if (options?.method === "post" && new URL(address, location).pathname === location.pathname) {
        window.arrived = true;
        await new Promise((go) => window.addEventListener("submit", () => setTimeout(go, 500), true));
      }
      return answer;
    };
"""


def taught_once() -> tuple[LessonPage, Criterion]:
    """A lesson, and a statement that no other page teaches."""
    rows = PageCriterion.objects.filter(use="teaches", page__live=True, page__lessonpage__isnull=False)
    once = PageCriterion.objects.filter(use="teaches").values("criterion").annotate(n=Count("page")).filter(n=1)
    row = rows.filter(criterion__in=once.values("criterion")).select_related("criterion").order_by("page__path")[0]
    return LessonPage.objects.get(pk=row.page_id), row.criterion


class Editor:
    """Somebody at Wagtail's editor."""

    def __init__(self, visitor) -> None:
        self.visitor, self.tab = visitor, visitor.page

    def edit(self, page: Page) -> "Editor":
        self.visitor.go(reverse("wagtailadmin_pages:edit", args=[page.pk]))
        return self

    def fill(self, **fields: str) -> "Editor":
        for name, value in fields.items():
            self.tab.locator(f"[name={name}]").fill(value)
        return self

    def map(self, use: str, criterion: Criterion, on: bool = True) -> "Editor":
        self.tab.get_by_label(f"{use} {criterion.code}", exact=True).set_checked(on)
        return self

    def write(self, text: str) -> "Editor":
        """A first block of text."""
        self.tab.locator("[data-contentpath=body]").get_by_role("button", name="Insert a block").first.click()
        self.tab.get_by_role("option", name="Text", exact=True).click()
        self.tab.locator("[data-contentpath=body] .public-DraftEditor-content").click()
        self.tab.keyboard.type(text)
        # the text field puts what was typed into the form a moment later
        self.tab.wait_for_function(
            "text => [...document.querySelectorAll('[name^=body-]')].some(field => field.value.includes(text))",
            arg=text,
        )
        return self

    def until(self, flag: str) -> "Editor":
        """Waits for something that HELD_UP tells."""
        self.tab.wait_for_function(f"() => window.{flag}")
        return self

    def act(self, name: str) -> "Editor":
        """One of the actions at the foot, or in their menu."""
        button = self.tab.get_by_role("button", name=re.compile(name)).first
        if not button.is_visible():
            self.tab.locator("footer [data-w-dropdown-target=toggle]").last.click()
        # a new document, not any navigation: what the editor saves by itself changes the address of the old one
        self.tab.evaluate("document.documentElement.dataset.before = ''")
        button.click()
        self.tab.locator("html:not([data-before])").wait_for(state="attached")
        self.tab.wait_for_load_state()
        return self

    def reads(self, *texts: str) -> "Editor":
        """What the editor's messages say."""
        for text in texts:
            expect(self.tab.locator(".messages").get_by_text(text).first).to_be_visible()
        return self


def hand_round(author: "Editor", reviewer: "Editor", page: Page) -> None:
    """Handed in, approved, and with the publisher."""
    author.act("Submit to review")
    reviewer.edit(page).act("^Approve$")


def test_from_a_first_sentence_to_a_lesson_that_is_read(visit):
    world = make_world()
    old, criterion = taught_once()
    unit = old.get_parent()
    finish(world.registration, old)
    author, reviewer, publisher = (
        Editor(visit(width=1280).arrive_as(person)) for person in (world.author, world.reviewer, world.publisher)
    )  # fmt: skip
    author.visitor.go("/authoring/").sees("Nothing waits for you now").looks()

    # A lesson, mapped, and the old one that no longer teaches the statement.
    author.tab.add_init_script(HELD_UP)
    author.visitor.go(f"/cms/pages/add/courses/lessonpage/{unit.pk}/")
    author.until("watches").fill(title="A child who has just started", summary="What to look at first.", minutes="8")
    author.map("Teaches", criterion).write("Begin with what the child likes.")
    # The page is there already, and the editor does not know it yet: it is not made twice.
    author.until("arrived").act("Submit to review")
    new = LessonPage.objects.get(title="A child who has just started")
    kept = [str(block.id) for block in old.body]
    author.edit(old).map("Teaches", criterion, on=False)
    author.tab.locator("[name=changed_in_substance]").check()
    author.fill(change_note=NOTE)
    hand_round(author, reviewer, old)

    # The reviewer comments on the new one; the author sees that on their home.
    reviewer.visitor.go("/authoring/").sees("To review", "A child who has just started").looks()
    reviewer.edit(new)
    comment(reviewer.tab, "summary", "Say for whom.")
    author.visitor.go("/authoring/").sees("Comments to answer", "Last from Rhys Doyle")

    # Published in the wrong order, the gap blocks it by name, and nothing is lost.
    publisher.visitor.go("/authoring/").sees("To publish", old.title).looks()
    publisher.edit(old).act("^Approve and Publish$").reads(criterion.code)
    assert Page.objects.get(pk=old.pk).workflow_in_progress
    assert PageCriterion.objects.filter(page=old, criterion=criterion, use="teaches").exists()
    reviewer.edit(new).act("^Approve$")
    publisher.edit(new).act("^Approve and Publish$")
    publisher.edit(old).act("^Approve and Publish$")
    assert not PageCriterion.objects.filter(page=old, criterion=criterion, use="teaches").exists()
    assert [str(block.id) for block in LessonPage.objects.get(pk=old.pk).body] == kept
    assert AuditEvent.objects.filter(action="course.page_published", subject=f"page:{new.pk}").count() == 1

    # The trainee is told what changed, reads it, and reads the new lesson.
    for job in Job.objects.filter(kind="courses.tell_change", state="queued"):
        run(job.pk)
    trainee = visit().arrive_as(world.trainee)
    trainee.go("/notices/").sees(NOTE)
    trainee.go(old.get_url()).sees("since you finished", NOTE).looks()
    trainee.press("I have read it").sees("counts as read")
    assert NOTE not in trainee.page.locator("main").inner_text()
    trainee.go(unit.get_url()).press(new.title).sees("Begin with what the child likes.").looks()


def comment(tab: Tab, field: str, text: str) -> None:
    """A comment beside a field, saved."""
    panel = tab.locator(f"[data-contentpath={field}]").first
    panel.hover()
    panel.locator("[data-comment-add]").first.click()
    tab.locator(".comment textarea, [data-comments] textarea").last.fill(text)
    # the editor saves by itself
    with tab.expect_response(lambda answer: answer.request.method == "POST" and "/edit/" in answer.url):
        tab.get_by_role("button", name="Comment", exact=True).click()
    expect(tab.get_by_text(text).first).to_be_visible()
    assert Comment.objects.filter(text=text).exists()


def test_copying_a_course(visit):
    world: World = make_world()
    author = visit(width=1280).arrive_as(world.author)
    author.go("/authoring/").press("Copy this course").sees("The copy has every unit").looks()
    author.press("Copy the course").sees("is being copied", "Nobody can edit it before then").looks()
    author.go("/authoring/").sees("Nobody can edit it before then").looks()
    run(Job.objects.get(kind="courses.copy").pk)
    author.go("/notices/").press("is copied: everything in it is a draft").sees("If every draft were published").looks()
