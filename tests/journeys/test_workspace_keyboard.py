"""An assessor decides twelve criteria without a mouse: ten one by one, two together, then releases them."""

import pytest
from django.core.management import call_command

from assessment.api import Decision
from assessment.models import DeskLease
from tests.factories import make_ready_evidence, make_world, submit

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
MOST = 6  # key presses for a criterion whose evidence is judged, besides typed text


class Keys:
    """A keyboard that counts what is pressed, and not what is typed."""

    def __init__(self, page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def go(self, key: str) -> None:
        """Presses a key that leads to another page."""
        with self.page.expect_navigation():
            self.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


def achieved(keys: Keys) -> None:
    keys.press("s", "w")
    keys.type("The account is concrete and shows what was done.")
    keys.press("Escape")
    keys.go("1")


def changes_needed(keys: Keys) -> None:
    keys.press("w")
    keys.type("It says what, and not yet why.")
    keys.press("Escape", "f")
    keys.type("Say why you did it, and what changed for the child.")
    keys.press("Escape")
    keys.go("2")


def focus_on(keys: Keys, words: str) -> None:
    """Goes from one control to the next until it is the one with these words."""
    for _ in range(120):
        keys.press("Tab")
        if words in keys.page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"“{words}” cannot be reached with the Tab key")


def test_ten_criteria_and_two_together_by_keyboard_alone(visit):
    world = make_world()
    codes = [c.code for c in world.qualification.framework.criteria.order_by("position")[:12]]
    make_ready_evidence(world.registration, *codes[:4], title="Snack time")
    make_ready_evidence(world.registration, *codes[4:], title="A meeting with the parents")
    submission = submit(world.registration, *codes)
    assessor = visit(width=1280).arrive_as(world.assessor)
    keys = Keys(assessor.page)
    assessor.go(f"/assess/submissions/{submission.ref}/").sees("Once you open it")
    keys.go("o")
    assessor.sees("Judge this evidence once").looks()
    assessor.page.wait_for_function("() => document.querySelector('[data-here]')")

    for number, code in enumerate(codes[:10]):
        assessor.sees(f"Criterion {code}")
        is_judged = "Judge this evidence once" not in assessor.page.locator("#evidence").inner_text()
        assert is_judged == (number not in (0, 4))
        if not is_judged:
            keys.press("v", "a", "c", "r")
        keys.pressed = 0
        (changes_needed if number in (2, 7) else achieved)(keys)
        assert keys.pressed <= MOST, f"{code} took {keys.pressed} key presses"
        if number == 2:
            assessor.sees(f"{code} is saved: changes needed, draft.")
            keys.go("u")
            assessor.sees(f"{code} is as it was: not decided.", f"Criterion {code}").looks()
            assert Decision.objects.get(criterion__code=code).outcome == ""
            keys.go("2")
    assert DeskLease.objects.get().user == world.assessor
    colleague = visit().arrive_as(world.second_assessor)
    colleague.go(f"/assess/submissions/{submission.ref}/").sees("Asha Patel has had this open since")

    assessor.sees(f"Decide {codes[10]} together with {codes[11]}")
    keys.go("t")
    assessor.sees("Decide 2 criteria together").looks()
    keys.pressed = 0
    for number in range(2):
        keys.press(*("j",) * number, "s", "w")
        keys.type(f"Each has words of its own: {number + 1}.")
        keys.press("Escape", "1")
    keys.go("d")
    assert keys.pressed <= 2 * MOST
    assessor.sees(f"{codes[10]}, {codes[11]} are saved", "Release them together").looks()
    assert [d.rationale[-2:] for d in Decision.objects.order_by("criterion__position")][10:] == ["1.", "2."]

    focus_on(keys, "Release to Tara Walsh")
    keys.go("Enter")
    assessor.sees("Released to Tara Walsh: 10 achieved and 2 with changes needed.")
    call_command("verify_audit")
