"""A draft goes to the tutor and comes back: the trainee on a phone, the tutor at a desk; with script and without."""

import pytest
from playwright.sync_api import expect

from courses.delivery.api import TutorDraft
from courses.pages.queries import address
from lms.accounts.api import Role, User
from tests.factories import make_person, make_world
from tests.factories.tutoring import draft_block, make_draft_lesson, make_local

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("script", [True, False], ids=["by script", "without script"])
def test_a_trainee_sends_a_draft_and_reads_what_the_tutor_wrote(visit, script):
    world = make_world()
    tutor: User = make_person("Tilda Moss", (Role.TUTOR, world.centre))
    lesson = make_draft_lesson()
    make_local(world.authority, text="<p>Ring us on 01632 960 140.</p>", Offer="https://haven.example/")
    where = f"{address(lesson)}#block-{draft_block(lesson)}"
    trainee = visit(javascript=script).arrive_as(world.trainee)

    trainee.go(where).sees("Ring us on 01632 960 140.", "From Havenshire Council", "Send to Tilda Moss for comments")
    box = trainee.page.locator(".lesson-box--draft textarea[name=text]")
    box.fill("Lewis lines up cars before he eats.")
    if script:
        trainee.page.locator(".lesson-box--draft [data-saved]", has_text="Saved").wait_for()
        trainee.page.reload()
        expect(box).to_have_value("Lewis lines up cars before he eats.")
    trainee.press("Send to Tilda Moss for comments").sees("With Tilda Moss since", "Take it back to change it")
    trainee.looks_if(script)
    trainee.press("Take it back to change it")
    box.fill("Lewis lines up cars before he eats, each day.")
    trainee.press("Send to Tilda Moss for comments")

    desk = visit(javascript=script, width=1280).arrive_as(tutor)
    desk.go("/").sees("Drafts for comments", "Tara Walsh").looks_if(script)
    desk.press("Tara Walsh").sees("Write three sentences to a therapist", "each day.").looks_if(script)
    comments = desk.page.get_by_label("Your comments")
    comments.fill("Say since when.")
    if script:
        desk.page.locator("[data-saved]", has_text="Saved").first.wait_for()
        trainee.page.reload()
        trainee.sees("Tilda Moss has begun to comment")
    desk.press("Send your comments").sees("Tara Walsh has your comments.")
    desk.go("/tutor/drafts/?show=commented").sees("Tara Walsh")

    trainee.go("/notices/").sees("Tilda Moss commented on your draft")
    trainee.go(where).sees("Tilda Moss wrote", "Say since when.", "Your next version").looks_if(script)
    box.fill("Lewis has lined up cars each day since March.")
    trainee.press("Send the next version to Tilda Moss")
    assert [row.number for row in TutorDraft.objects.order_by("number")] == [1, 2]
    desk.go("/tutor/drafts/").press("Tara Walsh").sees("since March", "Version 1")
