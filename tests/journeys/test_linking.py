"""Pointing at the right place on a phone: a suggestion taken, a part of a picture marked, a time set, and the way back
from what was said to the place. By finger, by keyboard and without JavaScript."""

import io
import wave

import pytest
from PIL import Image

from portfolio.api import EvidenceLink, EvidenceVersion
from tests.factories import make_draft, make_file, make_mapped_qualification, make_world

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
WROTE = (
    "The boy says single words and points at what he wants. He uses Makaton signs at snack time.\n\n"
    "I rang the speech and language therapist. The SALT modelled two games, and we agreed on a joint visit."
)
REACHES = """(player, time) => new Promise((done) => {
    const look = () => (player.readyState > 0 && player.currentTime >= time ? done() : setTimeout(look, 50));
    look();
})"""
LOCATORS = ("paragraph", "page", "start_seconds", "end_seconds", "region")


def a_picture() -> bytes:
    """A photograph's bytes."""
    written = io.BytesIO()
    Image.new("RGB", (600, 400), "#cfe8e6").save(written, "JPEG")
    return written.getvalue()


def a_recording(seconds: int = 150) -> bytes:
    """A quiet recording's bytes."""
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setparams((1, 1, 4000, 0, "NONE", ""))
        sound.writeframes(b"\x80" * 4000 * seconds)
    return written.getvalue()


def a_draft(world) -> EvidenceVersion:
    """A draft about communication with a picture and a recording."""
    version = make_draft(world.registration, text=WROTE, title="Snack time", kind="case_study")
    assert make_file(version, "photo.jpg", a_picture()).is_ready
    assert make_file(version, "call.wav", a_recording()).is_ready
    return version


def places(version: EvidenceVersion) -> dict[str, dict]:
    """Where each link points, by criterion."""
    rows = EvidenceLink.objects.filter(version=version).values("criterion__code", *LOCATORS)
    return {row.pop("criterion__code"): {name: value for name, value in row.items() if value} for row in rows}


def choose(card, name: str) -> None:
    """Chooses a place by a part of what it is called."""
    select = card.locator("select")
    label = next(text for text in select.locator("option").all_inner_texts() if name in text)
    select.select_option(label=label)


def test_a_suggestion_a_marked_part_and_a_time_on_a_phone(visit):
    world = make_world()
    version = a_draft(world)
    trainee = visit().arrive_as(world.trainee)
    page, url = trainee.page, f"/portfolio/evidence/{version.evidence.ref}/"

    trainee.go(f"{url}criteria/").sees(
        "Suggested from what you wrote", "Because you wrote: speech and language"
    ).looks()
    suggested = page.locator("fieldset", has=page.locator("#suggested"))
    for code in ("1.2.a", "4.2.c"):
        suggested.locator(f"input[value='{code}']").check()
    trainee.press("Save and continue").sees("Where and why")

    first, second = page.locator("[data-locator]").all()
    choose(first, "Paragraph 2")
    assert first.locator("[data-locator-text]").inner_text().startswith("I rang the speech")
    choose(first, "photo.jpg")
    first.get_by_role("button", name="Mark a part").click()
    first.locator("img").wait_for()
    picture = first.locator(".locator__picture").bounding_box()
    page.mouse.move(picture["x"] + picture["width"] * 0.2, picture["y"] + picture["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(picture["x"] + picture["width"] * 0.6, picture["y"] + picture["height"] * 0.7, steps=4)
    page.mouse.up()
    assert "Marked." in first.get_by_role("status").inner_text()
    first.get_by_label("Left", exact=True).press("Shift+ArrowUp")  # by keyboard: ten to the right

    choose(second, "call.wav")
    second.locator("audio").evaluate(REACHES, 0)
    second.locator("audio").evaluate("player => { player.currentTime = 80 }")
    second.get_by_role("button", name="Use the current time as the start").click()
    second.get_by_label("To (optional)").fill("2:05")
    second.locator("xpath=..").get_by_label("Why does it meet this?").fill("I rang and we agreed on a visit.")
    page.get_by_text("Saved ").wait_for()
    trainee.looks()
    assert places(version) == {"1.2.a": {"region": "30 10 40 60"}, "4.2.c": {"start_seconds": 80, "end_seconds": 125}}

    page.reload()
    assert first.get_by_label("Left", exact=True).input_value() == "30"
    assert second.get_by_label("From").input_value() == "1:20"
    trainee.press("Save and continue").sees("Your declarations")

    trainee.go(url).sees("Marked part of photo.jpg", "From 1:20 to 2:05 in call.wav", "Not pointed at yet").looks()
    page.get_by_role("link", name="From 1:20 to 2:05 in call.wav").click()
    page.locator("audio").evaluate(REACHES, 80)
    assert page.url.endswith(url)


def test_wrong_numbers_are_said_and_kept_without_javascript(visit):
    world = make_world()
    version = a_draft(world)
    trainee = visit(javascript=False).arrive_as(world.trainee)
    page = trainee.page
    trainee.go(f"/portfolio/evidence/{version.evidence.ref}/criteria/")
    page.locator("input[value='4.2.c']").check()
    trainee.press("Save and continue")
    card = page.locator("[data-locator]")
    choose(card, "call.wav")
    card.locator("summary").click()
    card.get_by_label("From").fill("half past")
    trainee.press("Save and continue").sees("Give the time in minutes and seconds")
    assert card.get_by_label("From").input_value() == "half past"
    card.get_by_label("From").fill("0:30")
    trainee.press("Save and continue").sees("Your declarations")
    assert places(version) == {"4.2.c": {"start_seconds": 30}}


def test_coverage_and_its_report_on_a_phone(visit):
    world = make_world()
    make_mapped_qualification()
    make_draft(world.registration, "1.1", "4.2.c", kind="reflective_account")
    trainee = visit().arrive_as(world.trainee)
    trainee.go("/portfolio/").press("What your evidence covers").sees("2 of 60 criteria have evidence.").looks()
    trainee.press("Units of Northern Awards").sees("2 of 7 statements have evidence", "Your 1.1 means the same").looks()
