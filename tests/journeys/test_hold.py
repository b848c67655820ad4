"""A child's name in evidence: reported by an assessor, hidden, mended by the trainee, the old version destroyed; and a
concern for a child's safety that only the safeguarding lead reads."""

from typing import Any

import pytest

from lms.accounts.api import Role
from portfolio.api import EvidenceVersion
from portfolio.models import Tombstone
from tests.factories import World, make_person, make_world
from tests.factories.work import make_ready_evidence, opened, submit

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
NAMED = "Ayesha did not answer when we called. Her mother told us that Ayesha hears little on the left."
MENDED = "Child A did not answer when we called. A parent told us that the child hears little on the left."
DESK = 1280


@pytest.fixture
def held(transactional_db: None) -> tuple[World, EvidenceVersion]:
    """A submission that names a child, open at its assessor's desk."""
    world = make_world()
    version = make_ready_evidence(world.registration, "1.1", title="A hearing check", text=NAMED)
    opened(submit(world.registration, "1.1"))
    return world, version


def report(assessor: Any, version: EvidenceVersion) -> None:
    assessor.go(f"/portfolio/evidence/{version.evidence.ref}/").sees("Ayesha").looks()
    assessor.press("Report that a child can be recognised").looks().press("Report it and put it on hold")
    assessor.sees("Say where in it a child can be recognised").looks()
    assessor.page.get_by_label("Where in it can a child be recognised").fill("The name in the first sentence.")
    assessor.press("Report it and put it on hold").sees("Thank you. It is on hold now").looks()


def ask(protection: Any) -> None:
    protection.go("/holds/").sees("Evidence of Tara Walsh").looks()
    protection.press("Evidence of Tara Walsh").sees("Ayesha", "The name in the first sentence.").looks()
    protection.press("Ask for a new version").looks()
    protection.page.get_by_label("Why?").fill("Use “Child A” instead of the name.")
    protection.press("Ask the learner to replace it").sees("The learner has been asked").looks()


def mend(trainee: Any, version: EvidenceVersion) -> None:
    piece = f"/portfolio/evidence/{version.evidence.ref}/"
    trainee.go(piece).sees("Your centre asks you for a new version", "Use “Child A” instead of the name.").looks()
    trainee.press("Start a new version")
    trainee.page.locator("textarea[name=text]").fill(MENDED)
    trainee.press("Save and continue")
    trainee.go(f"{piece}declare/")
    for name in ("no_child_identified", "authentic"):
        trainee.page.locator(f"input[name={name}]").check()
    trainee.page.locator("main form").first.get_by_role("button").last.click()
    trainee.page.wait_for_load_state()
    trainee.go(piece).sees("Hand it in for 1.1").looks()
    trainee.press("Hand in the new version").sees("Your new version is with your assessor").looks()


def destroy(protection: Any) -> None:
    protection.go("/holds/").sees("Version 2 has been submitted since")
    protection.press("Evidence of Tara Walsh").press("Destroy it").sees("This cannot be undone, by anybody").looks()
    protection.page.get_by_label("Why?").fill("It named a child.")
    protection.press("Destroy it now").sees("Tick the box").looks()
    protection.page.get_by_label("I understand that this cannot be undone").check()
    protection.press("Destroy it now").sees("Evidence that was destroyed").looks()
    protection.go("/holds/").sees("Nothing is on hold").looks()


def test_a_name_is_reported_mended_and_destroyed(held: tuple[World, EvidenceVersion], visit: Any):
    world, version = held
    dora = make_person("Dora Quist", (Role.DATA_PROTECTION, world.centre))
    assessor, iqa = visit(width=DESK).arrive_as(world.assessor), visit().arrive_as(world.iqa)
    submission = version.submitted_for.get().submission
    iqa.go(f"/portfolio/submissions/{submission.ref}/").sees("A hearing check")
    report(assessor, version)
    iqa.go(f"/portfolio/submissions/{submission.ref}/").sees("On hold").looks()
    assert "A hearing check" not in iqa.page.content()
    protection = visit(width=DESK).arrive_as(dora)
    ask(protection)
    mend(visit().arrive_as(world.trainee), version)
    destroy(protection)
    assessor.go(f"/assess/submissions/{submission.ref}/").sees("Child A did not answer", "destroyed").looks()
    assert "Ayesha" not in assessor.page.content()
    trainee = visit().arrive_as(world.trainee)
    trainee.go(f"/portfolio/evidence/{version.evidence.ref}/versions/1/").sees("What it said was destroyed").looks()
    assert Tombstone.objects.get().version_id == version.pk


def test_a_concern_is_raised_and_read_by_the_lead_alone(held: tuple[World, EvidenceVersion], visit: Any):
    world, _ = held
    lead = make_person("Selma Ray", (Role.SAFEGUARDING_LEAD, world.centre))
    trainee = visit().arrive_as(world.trainee)
    trainee.go("/learn/")
    trainee.page.get_by_role("link", name="Raise a safeguarding concern").click()
    trainee.sees("Call 999").looks().press("Tell the safeguarding lead").sees("Say what you saw or heard").looks()
    trainee.page.get_by_label("What did you see or hear?").fill("She was afraid to go home.")
    trainee.press("Tell the safeguarding lead").sees("Your concern is recorded", "Your reference").looks()
    reader = visit(width=DESK).arrive_as(lead)
    reader.go("/").sees("Safeguarding concerns").looks()
    reader.page.locator(".hold-rows a").first.click()
    reader.sees("Open it when nobody can look over your shoulder").looks()
    reader.press("Read this concern").sees("She was afraid to go home.").looks()
    reader.page.get_by_label("What was done?").fill("I called social care.")
    reader.press("Add this note").sees("Your note is kept", "I called social care.").looks()
    reader.page.get_by_label("What was done?").fill("They have taken it on.")
    reader.press("Add it and close the concern").sees("Closed").looks()
