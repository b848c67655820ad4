"""The Area SENCO with two hats, and the trainee who objects, in a browser."""

import pytest
from django.utils import timezone

from assessment.api import Decision
from assessment.domain.reassign import find_assessors
from assessment.models import DualRoleDeclaration
from courses.delivery.api import Allocation, SettingSupport, allocate
from lms.accounts.api import Role
from portfolio.api import Submission
from tests.factories import allocate_assessor, decide_all, make_person, make_submission, make_world
from tests.helpers import statuses

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_area_senco_with_two_hats_declares_decides_and_is_scrutinised(visit):
    world = make_world()
    senco, mine = world.area_senco, world.registration
    make_person("Olga Crane", (Role.CENTRE_ADMINISTRATOR, world.ao))

    authority = visit(width=1280).arrive_as(world.authority_manager)
    authority.go("/cohorts/").press("Who supports which setting").sees("Willow Tree Nursery", "Nobody").looks()
    authority.page.get_by_label("Willow Tree Nursery").check()
    authority.page.get_by_label("Who supports them?").select_option(label="Carys Jones")
    authority.press("Record the support").sees("Carys Jones supports Willow Tree Nursery")
    assert SettingSupport.objects.get().user == senco
    authority.go("/quality/dual-role/").sees("What holds").looks()
    authority.go(f"/quality/dual-role/{world.authority.pk}/foundation/").looks()
    authority.page.get_by_label("Allow with second scrutiny").check()
    authority.press("Set the policy").sees("Foundation: Allow with second scrutiny")

    mine.allocations.filter(role="assessor").delete()
    allocate(mine, senco, Allocation.Role.ASSESSOR, starts_on=timezone.localdate(), by=None, at=timezone.now())
    submission = make_submission(mine, "1.1", "1.2.a")
    area = visit(width=1280).arrive_as(senco)
    area.go("/assess/settings/").sees("Declare first: 1 trainee", "Willow Tree Nursery", "0 of 60").looks()
    area.go(f"/assess/submissions/{submission.ref}/").press("Declare your other roles")
    area.sees("You support Willow Tree Nursery", "Is there anything more?").looks()
    area.page.get_by_label("What should they know about it?").fill("I visit your nursery once a term.")
    area.press("Declare this").sees("Each decision counts once a second assessor has confirmed it.")
    assert DualRoleDeclaration.objects.latest("pk").supports

    trainee = visit().arrive_as(world.trainee)
    trainee.go("/portfolio/people/").sees("support you or your setting", "once a term", "A second assessor").looks()

    decide_all(submission, by=senco)
    area.go(f"/assess/submissions/{submission.ref}/release/")
    area.page.locator("#main-content form button[type=submit]").last.click()
    area.page.wait_for_load_state()
    assert set(Decision.objects.values_list("state", "dual_role")) == {("pending_scrutiny", "second_scrutiny")}
    assert statuses(mine) == {"1.1": "submitted", "1.2.a": "submitted"}

    allocate_assessor(mine, world.unallocated_assessor, "second_assessor")
    other = visit(width=1280).arrive_as(world.unallocated_assessor)
    other.go(f"/assess/checks/{submission.ref}/scrutiny/")
    for decision in Decision.objects.order_by("pk"):
        other.page.locator(f"input[name='d{decision.pk}-agrees'][type=radio]").first.check()
    other.press("Send your check")
    assert statuses(mine) == {"1.1": "achieved", "1.2.a": "achieved"}

    lead = visit(width=1280).arrive_as(world.lead_iqa)
    lead.go("/quality/dual-role/report/").sees("2 decisions.", "Confirmed by Dev Shah", "also supports").looks()


def test_a_trainee_objects_and_another_assessor_decides(visit):
    world = make_world()
    submission = make_submission(world.registration, "1.1")
    trainee = visit().arrive_as(world.trainee)
    trainee.go(f"/portfolio/submissions/{submission.ref}/").press("Who assesses you, and how to object").looks()
    trainee.press("Object to Asha Patel").looks()
    trainee.press("Send my objection").sees("Say why you object.").looks()
    trainee.page.get_by_label("Why do you object?").fill("She is my neighbour.")
    trainee.press("Send my objection").sees("Asha Patel decides nothing for you.")

    assessor = visit(width=1280).arrive_as(world.assessor)
    assessor.go(f"/assess/submissions/{submission.ref}/").sees("The learner has objected to you")

    lead = visit(width=1280).arrive_as(world.lead_iqa)
    lead.go("/quality/").press("Objections of trainees").sees("Asha Patel").looks()
    lead.press("Tara Walsh").sees("She is my neighbour.", "Ben Okoro").looks()
    lead.page.get_by_label("Upheld: another assessor decides").check()
    lead.page.get_by_label("Your answer to the trainee").fill("Neighbours should not assess each other.")
    lead.press("Record my decision").sees("Upheld. Tara Walsh and Asha Patel have been told.")

    find_assessors()
    assert Submission.objects.get(pk=submission.pk).assessor == world.second_assessor
    trainee.go("/portfolio/people/").sees("Ben Okoro", "upheld, another assessor decides", "Neighbours should not")
    trainee.looks()
