"""The main job, end to end: a trainee studies, links evidence and submits; an assessor asks for changes; the trainee
submits a new version; it is achieved; progress and pathway move. With and without JavaScript."""

import pytest
from django.core import mail
from django.core.management import call_command

from assessment.api import Decision
from courses.delivery.api import CriterionStatus, StudyProgress
from lms.common import jobs
from lms.common.models import Job
from portfolio.api import EvidenceVersion, Submission
from tests.factories import make_ready_evidence, make_world

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
WROTE = "Child A points at the banana and says nothing. I wrote down when, and asked the parents what they see at home."
ADDED = "Four weeks later we met again. Child A now uses two signs, and the parents use them at tea."
LESSON = "/courses/level-3-early-years-senco/noticing-and-acting-early/what-sen-means/"


def run_jobs() -> None:
    """What the worker does while people read on."""
    for pk in Job.objects.filter(state="queued").values_list("pk", flat=True):
        jobs.run(pk)


def study(trainee, *, look: bool) -> None:
    trainee.go("/learn/").sees("Your next step", "0 of 60")
    if look:
        trainee.looks()
    trainee.go("/courses/level-3-early-years-senco/")
    if look:
        trainee.looks()
    trainee.go(LESSON).sees("The meaning, in two halves")
    if look:
        trainee.looks()
    trainee.press("I have finished").sees("Who understood?", "still open in")
    assert not StudyProgress.objects.filter(finished_at__isnull=False).exists()
    trainee.go(LESSON)
    answer(trainee, script=look)
    assert StudyProgress.objects.filter(finished_at__isnull=False).count() == 1


def answer(trainee, *, script: bool) -> None:
    """The lesson's three questions, and its activity by its words."""
    page = trainee.page

    def send(button: str) -> None:
        with page.expect_response(lambda got: "/answers/" in got.url) if script else page.expect_navigation():
            page.get_by_role("button", name=button).first.click()

    for right in ("Not from what we know", "Yes, because under two"):
        page.get_by_label(right).check()
        send("Check my answer")
        trainee.sees("That’s right.")
    page.get_by_label("What do you say?").fill("Learning is harder for them, and they need something extra.")
    send("Compare with a model answer")
    trainee.sees("Does yours have this?")
    if script:
        page.get_by_role("button", name="Do this another way").click()
    send("I have done this activity another way")
    trainee.sees("Done another way")


def add_evidence(trainee, *, look: bool) -> None:
    page = trainee.page
    trainee.go("/portfolio/")
    if look:
        trainee.looks()
    trainee.press("Add evidence")
    if look:
        trainee.looks()
    page.get_by_label("Reflective account").check()
    page.get_by_label("Title").fill("Three children at snack time")
    trainee.press("Save and continue").sees("Never name a child")
    if look:
        trainee.looks()
    page.locator("textarea[name=text]").fill(WROTE)
    trainee.press("Save and continue")
    if look:
        trainee.looks()
    page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Monday: pointed. Tuesday: pointed and said 'na'."}
    )
    trainee.press("Save and continue").sees("Which criteria does it meet?")
    if look:
        trainee.looks()
    for code in ("1.1", "1.2.a"):
        page.locator(f"input[name=criterion][value='{code}']").check()
    trainee.press("Save and continue").sees("Where and why")
    if look:
        trainee.looks()
    page.locator("textarea[name$=why]").first.fill("It shows what SEN means for one child.")
    trainee.press("Save and continue").sees("Your declarations")
    if look:
        trainee.looks()
    page.locator("input[name=no_child_identified]").check()
    page.locator("input[name=authentic]").check()
    trainee.press("Save and finish").sees("Three children at snack time")
    if look:
        trainee.looks()


def submit(trainee, codes: tuple[str, ...], *, look: bool) -> None:
    run_jobs()  # the worker has checked the files meanwhile
    trainee.go("/portfolio/submit/")
    if look:
        trainee.looks()
    for code in codes:
        trainee.page.locator(f"input[name=criterion][value='{code}']").check()
    trainee.press("Continue").sees("Check before you submit", "Asha Patel")
    if look:
        trainee.looks()
        trainee.press("for assessment").sees("Tick the box to say that you have checked")
    trainee.page.locator("input[name=checked]").check()
    trainee.press("for assessment").sees("Asha Patel", "Your reference is")
    if look:
        trainee.looks()
    run_jobs()


def decide(assessor, outcomes: dict[str, str], *, look: bool) -> None:
    page = assessor.page
    assessor.go("/assess/").sees("Tara Walsh")
    if look:
        assessor.looks()
    assessor.press("Open Tara Walsh")
    for number, (code, outcome) in enumerate(outcomes.items()):
        page.goto(f"{page.url.split('?')[0]}?criterion={code}")
        if number == 0:
            for word in ("valid", "authentic", "current", "reliable"):
                page.locator(f"input[type=checkbox][name$='-{word}']").first.check(force=True)
            assessor.press("Save judgement")
            page.goto(f"{page.url.split('?')[0]}?criterion={code}")
        if look:
            assessor.looks()
        page.locator("textarea[name=rationale]").fill("The account is concrete and shows what was done.")
        if outcome == "Achieved":
            page.locator("input[name=sufficient]").check(force=True)
        else:
            page.locator("textarea[name=feedback]").fill("Say what you did after the meeting and what changed.")
        assessor.press(outcome)
    assessor.go(f"/assess/submissions/{Submission.objects.latest('pk').ref}/release/")
    if look:
        assessor.looks()
    assessor.press("Release to Tara Walsh")
    run_jobs()


def statuses(registration) -> dict[str, str]:
    rows = CriterionStatus.objects.filter(registration=registration).exclude(status="not_started")
    return dict(rows.values_list("criterion__code", "status"))


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_trainee_assessor_trainee_resubmission_achieved_pathway(visit, javascript):
    world = make_world()
    run_jobs()
    mail.outbox.clear()  # what the world's own allocations had to say
    trainee = visit(javascript=javascript).sign_in(world.trainee)
    assessor = visit(javascript=javascript, width=1280).sign_in(world.assessor)
    look = javascript

    study(trainee, look=look)
    add_evidence(trainee, look=look)
    submit(trainee, ("1.1", "1.2.a"), look=look)
    assert statuses(world.registration) == {"1.1": "submitted", "1.2.a": "submitted"}
    assert [message.to for message in mail.outbox] == [[world.assessor.email]]

    decide(assessor, {"1.1": "Achieved", "1.2.a": "Changes needed"}, look=look)
    assert statuses(world.registration) == {"1.1": "achieved", "1.2.a": "referred"}
    assert [message.to for message in mail.outbox] == [[world.assessor.email], [world.trainee.email]]

    trainee.go("/learn/").sees("Your next step", "1.2.a")
    trainee.go("/portfolio/criteria/1.2.a/").sees("Say what you did after the meeting")
    if look:
        trainee.looks()
    trainee.press("Start new version")
    evidence = EvidenceVersion.objects.get(number=2).evidence
    trainee.go(f"/portfolio/evidence/{evidence.ref}/write/")
    trainee.page.locator("textarea[name=text]").fill(f"{WROTE}\n\n{ADDED}")
    trainee.press("Save and continue")
    trainee.go(f"/portfolio/evidence/{evidence.ref}/declare/")
    trainee.page.locator("input[name=no_child_identified]").check()
    trainee.page.locator("input[name=authentic]").check()
    trainee.press("Save and finish")
    submit(trainee, ("1.2.a",), look=False)
    assert statuses(world.registration) == {"1.1": "achieved", "1.2.a": "submitted"}

    decide(assessor, {"1.2.a": "Achieved"}, look=False)
    assert statuses(world.registration) == {"1.1": "achieved", "1.2.a": "achieved"}
    trainee.go("/pathway/").sees("2 of 20 achieved", "No qualification is open to new entrants")
    trainee.go("/notices/")
    if look:
        trainee.looks()
        trainee.go("/pathway/").looks()
        assert len(trainee.looked_at | assessor.looked_at) >= 16
    texts = EvidenceVersion.objects.filter(evidence=evidence).order_by("number").values_list("text", flat=True)
    assert [text.replace("\r", "") for text in texts] == [WROTE, f"{WROTE}\n\n{ADDED}"]
    assert set(Decision.objects.values_list("criterion__code", "outcome", "state")) == {
        ("1.1", "achieved", "counts"),
        ("1.2.a", "referred", "superseded"),
        ("1.2.a", "achieved", "counts"),
    }
    call_command("verify_audit")
    call_command("rebuild_status", "--check")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_trainee_takes_a_submission_back_mends_it_and_cannot_once_it_is_opened(visit, javascript):
    world = make_world()
    evidence = make_ready_evidence(world.registration, "1.1", "1.2.a", text="Too soon").evidence
    trainee = visit(javascript=javascript).sign_in(world.trainee)
    assessor = visit(javascript=javascript, width=1280).sign_in(world.assessor)
    submit(trainee, ("1.1", "1.2.a"), look=False)
    trainee.press("Take this submission back").sees("It does not count as an attempt.").looks_if(javascript)
    trainee.press("Take it back").sees("taken back", "1.2.a").looks_if(javascript)
    trainee.go("/portfolio/submissions/").sees("Withdrawn").looks_if(javascript)
    assessor.go("/assess/").sees("Nothing waits for you")

    trainee.go(f"/portfolio/evidence/{evidence.ref}/write/")
    trainee.page.locator("textarea[name=text]").fill(WROTE)
    trainee.press("Save and continue").go(f"/portfolio/evidence/{evidence.ref}/declare/")
    trainee.page.locator("input[name=no_child_identified]").check()
    trainee.page.locator("input[name=authentic]").check()
    trainee.press("Save and finish")
    submit(trainee, ("1.1", "1.2.a"), look=False)
    again = Submission.objects.latest("pk")
    assert set(again.items.values_list("attempt", flat=True)) == {1}

    assessor.go(f"/assess/submissions/{again.ref}/").sees("Once you open it, Tara Walsh can no longer take it back.")
    assessor.looks_if(javascript).press("Open the submission").sees("Criterion 1.1", WROTE)
    trainee.go(f"/portfolio/submissions/{again.ref}/").sees("so it can no longer be taken back").looks_if(javascript)
    call_command("check_queues")
    call_command("verify_audit")
