"""On site with a phone: an assessor records and signs by keyboard; the trainee links, declares and submits; a document
is seen in the setting; skills are achieved on all of it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Locator

from portfolio.api import EvidenceVersion
from portfolio.models import Attestation, Witness
from tests.factories import make_world

from .test_main_job import run_jobs, statuses, submit

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
SAW = "She opened the review with the parents' own words, then agreed the next step with the speech therapist."
DESK = 1280


class Keys:
    """Somebody who uses the keyboard only: everything is reached with Tab."""

    def __init__(self, visitor: Any) -> None:
        self.visitor, self.page = visitor, visitor.page

    def to(self, target: Locator) -> "Keys":
        """Tabs until the target has focus."""
        handle = target.first.element_handle()
        for _ in range(150):
            if self.page.evaluate("one => document.activeElement === one", handle):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {target}")

    def type(self, label: str, text: str) -> "Keys":
        """Types into the field with this label."""
        self.to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        return self

    def choose(self, label: str) -> "Keys":
        """Ticks a box, or chooses one of several with the arrows."""
        wanted = self.page.get_by_label(label, exact=True).first
        if wanted.get_attribute("type") == "checkbox":
            self.to(wanted)
            self.page.keyboard.press("Space")
            return self
        group = self.page.locator(f"input[name='{wanted.get_attribute('name')}']")
        self.to(group)
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if wanted.is_checked():
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows do not reach “{label}”")

    def press(self, name: str) -> "Keys":
        """Presses a button or follows a link, and waits for the page that it opens."""
        main = self.page.locator("#main-content")
        self.to(main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self


def begin(assessor: Any, keys: Keys, kind: str, title: str) -> None:
    assessor.go("/assess/learners/").sees("Tara Walsh")
    keys.press("Record evidence for Tara Walsh").choose(kind).type("Give it a title", title)
    keys.press("Start the record")


def on_the_day(keys: Keys) -> None:
    day = timezone.localdate()
    keys.type("Day", str(day.day)).type("Month", str(day.month)).type("Year", str(day.year))


def sign(assessor: Any, keys: Keys) -> None:
    keys.press("Check and sign")
    assessor.looks()
    keys.press("Sign this record")
    assessor.sees("You have signed this record")
    assessor.looks()


def observe(assessor: Any, keys: Keys) -> None:
    begin(assessor, keys, "Observation", "A review with parents")
    keys.press("Check and sign")
    assessor.sees("You cannot sign it yet", "Say in which setting it was.").looks()
    keys.press("Say in which setting it was.")
    on_the_day(keys)
    keys.type("In which setting?", "Willow Tree Nursery").type("For how many minutes?", "45")
    keys.type("What was seen", SAW)
    assessor.looks()
    sign(assessor, keys)


def take_testimony(assessor: Any, keys: Keys) -> None:
    begin(assessor, keys, "Witness testimony", "What her manager saw")
    keys.press("Add a witness")
    assessor.looks()
    keys.type("Name", "Wanda Fox").type("Job", "Nursery manager").type("Where do they work?", "Willow Tree Nursery")
    keys.choose("They know the unit").choose("They are competent in this work")
    keys.choose("Their job is to judge how staff work")
    keys.type("How did you verify this person?", "I met her at the setting and saw her name on the staff board.")
    keys.press("Add this witness")
    assessor.sees("Wanda Fox is recorded as an expert witness")
    on_the_day(keys)
    keys.type("What the witness says", "Tara rings the speech therapist herself, and writes down what they agree.")
    sign(assessor, keys)


def discuss(assessor: Any, keys: Keys) -> None:
    begin(assessor, keys, "Professional discussion", "How she works with the advisory teacher")
    on_the_day(keys)
    keys.type(
        "Notes of the discussion", "I asked how she asks for help. She named three calls.\n\nThen we spoke of 4.5."
    )
    assert keys.page.get_by_label("It was about the trainee’s own practice", exact=True).is_checked()
    keys.press("Choose criteria").choose("4.2.c " + criterion_text("4.2.c"))
    assessor.looks()
    keys.press("Save and say where")
    keys.type("Where in the record is 4.2.c met? (optional)", "First paragraph")
    keys.press("Save criteria")
    sign(assessor, keys)


def criterion_text(code: str) -> str:
    from tests.factories import criterion

    return criterion(code).text


def link_and_declare(trainee: Any, title: str, *codes: str) -> None:
    version = EvidenceVersion.objects.get(title=title)
    trainee.go(f"/portfolio/evidence/{version.evidence.ref}/").sees("Asha Patel recorded this about your work").looks()
    trainee.go(f"/portfolio/evidence/{version.evidence.ref}/criteria/")
    for code in codes:
        trainee.page.locator(f"input[name=criterion][value='{code}']").check()
    trainee.press("Save and continue").sees("Where and why").looks()
    for field in trainee.page.locator("input[name$=-where]").all():
        field.fill("First paragraph")
    trainee.press("Save and continue").sees("This is a true record of my practice").looks()
    declare(trainee)


def declare(trainee: Any) -> None:
    trainee.page.locator("input[name=no_child_identified]").check()
    trainee.page.locator("input[name=authentic]").check()
    trainee.press("Save and finish")


def describe_document(trainee: Any) -> None:
    trainee.go("/portfolio/evidence/new/?criterion=4.2.d")
    trainee.page.get_by_label("Held in the setting").check()
    trainee.page.get_by_label("Give it a title").fill("Support plan for Child A")
    trainee.press("Save and continue").sees("The document stays where it is.").looks()
    trainee.page.get_by_label("What is the document, and what does it show?").fill(
        "The plan that I wrote, reviewed twice."
    )
    trainee.page.get_by_label("Where is it kept?").fill("Willow Tree Nursery, office")
    trainee.page.get_by_label("Who keeps it?").fill("The manager")
    trainee.press("Save and continue").sees("Which criteria does it meet?")
    trainee.press("Save and continue").press("Save and continue").sees("Your declarations")
    declare(trainee)


def see_document(assessor: Any, keys: Keys) -> None:
    assessor.go("/assess/learners/").sees("Documents to see", "Support plan for Child A").looks()
    keys.press("I have seen it")
    assessor.looks()
    on_the_day(keys)
    keys.type("What did it show?", "A plan with two reviews and the parents' words.")
    keys.press("Record that I have seen it")
    assessor.sees("It is on record that you have seen it.")


def test_an_assessor_records_on_site_and_skills_are_achieved_on_it(visit):
    world = make_world()
    assessor, trainee = visit().arrive_as(world.assessor), visit().arrive_as(world.trainee)
    keys = Keys(assessor)
    assessor.go("/assess/learners/").looks()
    observe(assessor, keys)
    take_testimony(assessor, keys)
    discuss(assessor, keys)
    assert Witness.objects.get().is_expert
    assert EvidenceVersion.objects.filter(signed_at__isnull=False).count() == 3

    trainee.go("/notices/").sees("signed a record of your work")
    link_and_declare(trainee, "A review with parents", "4.5")
    link_and_declare(trainee, "What her manager saw", "4.2.a")
    link_and_declare(trainee, "How she works with the advisory teacher", "4.2.c")
    describe_document(trainee)
    codes = ("4.2.a", "4.2.c", "4.2.d", "4.5")
    submit(trainee, codes, look=False)
    see_document(assessor, keys)
    assert Attestation.objects.get().seen_by == world.assessor

    desk = visit(width=DESK).arrive_as(world.assessor)
    judge_each(desk, codes)
    achieve_each(desk, codes)
    assert statuses(world.registration) == dict.fromkeys(codes, "achieved")
    trainee.go("/portfolio/criteria/4.5/").sees("Achieved", "A review with parents").looks()
    call_command("verify_audit")
    call_command("rebuild_status", "--check")


def judge_each(desk: Any, codes: tuple[str, ...]) -> None:
    """Each piece is judged once, beside the first criterion that it is claimed for."""
    desk.go("/assess/").press("Open Tara Walsh").sees("Skill: there is evidence of practice here.").looks()
    start = desk.page.url.split("?")[0]
    for code in codes:
        desk.page.goto(f"{start}?criterion={code}")
        for word in ("valid", "authentic", "current", "reliable"):
            desk.page.locator(f"input[type=checkbox][name$='-{word}']").first.check(force=True)
        desk.press("Save judgement")


def achieve_each(desk: Any, codes: tuple[str, ...]) -> None:
    """Decides every criterion and releases."""
    start = desk.page.url.split("?")[0]
    for code in codes:
        desk.page.goto(f"{start}?criterion={code}")
        desk.page.locator("textarea[name=rationale]").fill("It was seen in practice.")
        desk.page.locator("input[name=sufficient]").check(force=True)
        with desk.page.expect_navigation():
            desk.page.locator("button[name=outcome][value=achieved]").click()
    desk.page.goto(f"{start}release/")
    desk.sees("Release to Tara Walsh").press("Release to Tara Walsh")
    run_jobs()
