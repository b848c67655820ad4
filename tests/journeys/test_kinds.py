"""Every kind of evidence that a learner makes: on a 360 px phone, by keyboard alone, looked at by axe. The kinds that
an assessor records are in test_records, those made from the learner's own records in test_skills."""

import re

import pytest

from portfolio.api import EvidenceVersion, candidates
from portfolio.kinds import BY_LEARNER, Kind
from tests.factories import make_world
from tests.helpers import check_files

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
TEXT = "I noticed that Child A follows a picture better than a word, so I made a board for the coats and bags."
DATE = {"happened_on_day": "3", "happened_on_month": "11", "happened_on_year": "2026"}


class Keys:
    """Somebody without a mouse: Tab until it is there, then type, Space or Enter."""

    def __init__(self, visitor) -> None:
        self.visitor, self.page = visitor, visitor.page

    def reach(self, selector: str) -> "Keys":
        """Tabs to an element, as often as it takes; focus must be seen on the way."""
        target = self.page.locator(selector).first
        for _ in range(150):
            if target.evaluate("element => element === document.activeElement"):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {selector} on {self.page.url}")

    def type(self, selector: str, text: str) -> "Keys":
        self.reach(selector)
        self.page.keyboard.insert_text(text)
        return self

    def tick(self, selector: str) -> "Keys":
        self.reach(selector)
        self.page.keyboard.press("Space")
        return self

    def enter(self, selector: str) -> "Keys":
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self

    def choose(self, name: str, value: str) -> "Keys":
        """A radio button: Tab to the group, arrows to the choice."""
        self.reach(f"input[type=radio][name={name}]")
        self.page.keyboard.press("Space")
        wanted = self.page.locator(f"input[type=radio][name={name}][value={value}]")
        for _ in range(20):
            if wanted.is_checked():
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never reach {value}")


SAVE = "button[name=then][value=next]"
# What besides the text each kind asks for, as a person types it.
ASKED = {
    Kind.CERTIFICATE: {"source": "The Makaton Charity", **DATE},
    Kind.HELD_IN_SETTING: {"source": "Our manager", "place": "The locked cupboard in the office"},
}


@pytest.mark.parametrize("kind", BY_LEARNER)
def test_each_kind_is_made_on_a_phone_by_keyboard(visit, kind):
    world = make_world()
    trainee = visit().arrive_as(world.trainee)
    keys, first = Keys(trainee), kind == BY_LEARNER[0]  # the steps that all kinds share are looked at once
    trainee.go("/portfolio/evidence/new/?criterion=1.4").looks_if(first)
    keys.choose("kind", kind.value).type("input[name=title]", f"My {kind.label.lower()}").enter(SAVE)

    for name, text in ASKED.get(kind, {}).items():
        if trainee.page.locator(f"[name={name}]").evaluate(
            "element => element.compareDocumentPosition(document.querySelector('[name=text]')) & 4"
        ):
            keys.type(f"[name={name}]", text)
    keys.type("textarea[name=text]", TEXT)
    for name, text in ASKED.get(kind, {}).items():
        if not trainee.page.locator(f"[name={name}]").input_value():
            keys.type(f"[name={name}]", text)
    trainee.looks()
    keys.enter(SAVE)
    if "/files/" in trainee.page.url:
        trainee.page.locator("input[type=file]").set_input_files(
            {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Monday: pointed. Tuesday: chose a picture."}
        )
        trainee.page.wait_for_timeout(300)
        check_files()
        trainee.looks_if(first)
        keys.enter(SAVE)
    trainee.sees("Which criteria does it meet?").looks_if(first)
    keys.enter(SAVE)
    keys.type("textarea[name$=why]", "It shows what I do first.").enter(SAVE)
    trainee.sees("Your declarations").looks_if(first)
    keys.tick("input[name=no_child_identified]").tick("input[name=authentic]").enter(SAVE)
    trainee.looks()

    version = EvidenceVersion.objects.get()
    assert (version.kind, version.text, version.is_declared) == (kind, TEXT, True)
    check_files()
    assert [re.sub(r".*: ", "", reason.message) for c in candidates(world.registration, at=version.saved_at)
            for reason in c.reasons] == []  # fmt: skip
