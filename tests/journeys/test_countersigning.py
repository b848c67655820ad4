"""An assessor who is not qualified yet, and the one who countersigns: hands on, one decision comes back with a note, is
decided again and agreed to; the trainee sees nothing but “Submitted” until then. With and without JavaScript."""

import pytest
from django.core.management import call_command

from assessment.api import Decision
from assessment.models import SecondCheck
from courses.delivery.api import CriterionStatus
from portfolio.api import Submission
from tests.factories import World, make_opened, make_unqualified, make_world

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
NOTE = "The second paragraph says who, but not why. Ask for that."


def statuses(world: World) -> dict[str, str]:
    rows = CriterionStatus.objects.filter(registration=world.registration).exclude(status="not_started")
    return dict(rows.values_list("criterion__code", "status"))


def achieve(assessor, submission: Submission, code: str, *, again: bool = False) -> None:
    """Judges what is not judged yet, and decides that one criterion is achieved."""
    page = assessor.go(f"/assess/submissions/{submission.ref}/?criterion={code}").page
    for test in ("valid", "authentic", "current", "reliable"):
        box = page.locator(f"input[name$='-{test}'][type=checkbox]")
        if box.count():
            box.first.check(force=True)
    page.locator("#id_sufficient").set_checked(True, force=True)
    page.locator("#id_rationale").fill(f"{code} is shown{', and why' if again else ''}.")
    with page.expect_navigation():
        page.locator("button[name=outcome][value=achieved]").click()


def hand_on(assessor, submission: Submission) -> None:
    assessor.go(f"/assess/submissions/{submission.ref}/release/").sees("Ben Okoro")
    assessor.press("Hand on to the second assessor")


def answer(checker, submission: Submission, answers: dict[str, str]) -> None:
    """Fills in the check: "yes", or a note for why not."""
    page = checker.page
    for code, said in answers.items():
        pk = Decision.objects.exclude(state="superseded").get(submission=submission, criterion__code=code).pk
        page.locator(f"input[name=d{pk}-agrees][value={'yes' if said == 'yes' else 'no'}]").check(force=True)
        if said != "yes":
            page.locator(f"#id_d{pk}-note").fill(said)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_unqualified_assessor_is_countersigned(visit, javascript):
    world = make_world()
    make_unqualified(world.assessor)
    submission = make_opened(world.registration, "1.1", "1.2.a")
    trainee = visit(javascript=javascript).arrive_as(world.trainee)
    assessor = visit(javascript=javascript, width=1280).arrive_as(world.assessor)
    checker = visit(javascript=javascript, width=1280).arrive_as(world.second_assessor)
    receipt = f"/portfolio/submissions/{submission.ref}/"

    assessor.go("/assess/competence/").sees("Decisions are countersigned").looks_if(javascript)
    for code in ("1.1", "1.2.a"):
        achieve(assessor, submission, code)
    hand_on(assessor, submission)
    assessor.go("/assess/checks/?lane=mine").sees("Handed on by you", "Tara Walsh", "Countersigning")
    trainee.go(receipt).sees("Submitted: a second assessor is checking").looks_if(javascript)
    assert statuses(world) == {"1.1": "submitted", "1.2.a": "submitted"}

    checker.go("/assess/").press("See what to check").sees("To countersign", "Asha Patel").looks_if(javascript)
    checker.press("Tara Walsh").sees("Countersign 2 decisions for Tara Walsh", "1.1 is shown.").looks_if(javascript)
    checker.press("Send your check").sees("Say whether you agree to 1.1.").looks_if(javascript)
    answer(checker, submission, {"1.1": "yes", "1.2.a": NOTE})
    if javascript:  # the session ends, or the page is left: what was typed is still there
        checker.page.reload()
        checker.sees("Countersign 2 decisions")
        assert NOTE in [box.input_value() for box in checker.page.locator("textarea").all()]
    checker.press("Send your check").sees("1.2.a sent back to Asha Patel with your note").looks_if(javascript)
    trainee.go(receipt).sees("You have submitted 2 criteria")
    assert statuses(world) == {"1.1": "submitted", "1.2.a": "submitted"}

    assessor.go("/notices/").sees("Ben Okoro does not agree to 1 decision: 1.2.a")
    assessor.go(f"/assess/submissions/{submission.ref}/?criterion=1.2.a").sees(NOTE)
    achieve(assessor, submission, "1.2.a", again=True)
    hand_on(assessor, submission)

    checker.go("/assess/checks/").press("Tara Walsh").sees("Countersign 1 decision for", NOTE, "Agreed to already")
    checker.looks_if(javascript)
    checker.press("Agree to all that have no answer").sees("Nothing is sent yet")
    checker.press("Send your check").sees("You agreed. The decisions count, and Tara Walsh has been told.")
    trainee.go(receipt).sees("2 of 2 criteria achieved")
    trainee.go("/portfolio/criteria/1.2.a/").sees("Achieved")
    assert statuses(world) == {"1.1": "achieved", "1.2.a": "achieved"}
    assert list(SecondCheck.objects.order_by("pk").values_list("agrees", flat=True)) == [True, False, True]
    call_command("verify_audit")
    call_command("rebuild_status", "--check")
