"""The Area SENCO's two hats on the screen: her settings, declaring, policies, the report, objections."""

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assessment.domain.dual_role import declare_dual_role, set_dual_role_policy
from assessment.domain.object import object_to
from assessment.models import DualRoleDeclaration, DualRolePolicy, Objection
from courses.delivery.api import Allocation, allocate, record_support
from courses.framework.api import policy_of
from lms.accounts.api import Role, User
from lms.audit.models import AuditEvent
from tests.factories import World, allocate_assessor, make_learner, make_organisation, make_person, make_submission
from tests.factories import settle as settle_all
from tests.helpers import nothing_changes
from tests.permissions.forms import form_of

Browser = Callable[..., Client]
MINE, PEOPLE, POLICIES, REPORT = ("/assess/settings/", "/portfolio/people/", "/quality/dual-role/",
                                  "/quality/dual-role/report/")  # fmt: skip


def text(answer: Any) -> str:
    return answer.content.decode()


def post(browser: Client, page: str, **typed: Any) -> Any:
    """The page's own form, filled in, and the page that follows."""
    fields = form_of(text(browser.get(page)), page, page.partition("?")[0])
    return browser.post(page, {**fields, **typed}, follow=True)


def supporting(world: World, *settings: Any) -> None:
    record_support(world.authority, settings or [world.other_setting], world.area_senco,
                   starts_on=timezone.localdate(), by=world.authority_manager, at=timezone.now())  # fmt: skip


def declare_page(world: World) -> str:
    return f"/assess/learners/{world.other_registration.ref}/declare/"


@pytest.fixture
def ao_admin(world: World) -> User:
    return make_person("Olga Crane", (Role.CENTRE_ADMINISTRATOR, world.ao))


# My settings


def test_my_settings_show_trainees_there_and_who_assesses_them(world: World, client_of: Browser):
    supporting(world, world.setting, world.other_setting)
    page = text(client_of(world.area_senco).get(MINE))
    assert "You support 2 settings and assess 1 trainee" in page
    assert f"Assessed by {world.assessor.name}, {world.second_assessor.name}" in page
    assert "You assess them" in page
    assert world.trainee.name in page
    assert "portfolio/evidence" not in page
    found = text(client_of(world.area_senco).get(f"{MINE}?q={world.trainee.name}"))
    assert world.setting.name in found
    assert world.other_setting.name not in found
    assert "No setting or trainee of that name" in text(client_of(world.area_senco).get(f"{MINE}?q=zzz"))


def test_supporting_opens_no_evidence_and_no_other_authority_s_trainee(world: World, client_of: Browser):
    """Rule 35: a trainee of another authority's cohort works at a setting that she supports."""
    supporting(world, world.setting)
    submission = make_submission(world.registration, "1.1")
    assert client_of(world.area_senco).get(f"/assess/submissions/{submission.ref}/").status_code == 404
    make_learner(world.other.cohort, setting=world.setting, name="Nobody Here")
    assert "Nobody Here" not in text(client_of(world.area_senco).get(MINE))


def test_what_must_be_declared_stands_first(world: World, client_of: Browser):
    browser = client_of(world.area_senco)
    assert "Declare first" not in text(browser.get(MINE))
    allocate(world.registration, world.area_senco, Allocation.Role.ASSESSOR, starts_on=timezone.localdate(), by=None,
             at=timezone.now())  # fmt: skip
    assert "Declare first: 1 trainee" in text(browser.get(MINE))
    post(browser, f"/assess/learners/{world.registration.ref}/declare/", roles="none")
    assert "Declare first" not in text(browser.get(MINE))


def test_a_declaration_that_ends_soon_is_shown(world: World, client_of: Browser):
    allocation = allocate_assessor(world.registration, world.area_senco)
    DualRoleDeclaration.objects.create(
        allocation=allocation, registration=world.registration, user=world.area_senco, declared_at=timezone.now(),
        valid_until=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    page = text(client_of(world.area_senco).get(MINE))
    assert "Declare again soon" in page
    assert page.count("Declare again<") == 1


def test_my_settings_are_for_who_supports_some(world: World, client_of: Browser):
    for person in (world.assessor, world.centre_admin, world.trainee, world.authority_manager):
        assert client_of(person).get(MINE).status_code == 403
    assert "No setting yet" in text(client_of(world.area_senco).get(MINE))


def test_my_settings_take_the_same_queries_however_many(world: World, client_of: Browser, queries):
    def grow() -> None:
        for _ in range(2):
            place = make_organisation(local_authority=world.authority)
            make_learner(world.cohort, setting=place, assessor=world.area_senco)
            make_learner(world.cohort, setting=place, assessor=world.assessor)
            supporting(world, place)

    supporting(world)
    queries.pin(client_of(world.area_senco), MINE, grow=grow, exactly=12)


# Declaring


def test_what_the_records_say_is_not_asked_and_cannot_be_taken_away(world: World, client_of: Browser):
    supporting(world)
    browser = client_of(world.area_senco)
    page = text(browser.get(declare_page(world)))
    assert f"You support {world.other_setting.name}" in page
    assert 'value="supports"' not in page
    assert 'value="none"' not in page
    answer = post(browser, declare_page(world), detail="I visit once a term.")
    assert "Declared for a year. You may decide. Your decisions count at once." in text(answer)
    said = DualRoleDeclaration.objects.latest("pk")
    assert (said.supports, said.teaches, said.manages, said.detail) == (True, False, False, "I visit once a term.")


def test_an_answer_is_needed_and_none_excludes_the_rest(world: World, client_of: Browser):
    browser = client_of(world.area_senco)
    for roles, words in (([], "Tick what applies"), (["none", "teaches"], "not both")):
        with nothing_changes():
            answer = post(browser, declare_page(world), roles=roles, detail="Typed")
        assert answer.status_code == 422
        assert words in text(answer)
        assert "Typed</textarea>" in text(answer)


def test_undeclared_the_workspace_leads_to_the_declaration_and_back(world: World, client_of: Browser):
    allocate(world.registration, world.area_senco, Allocation.Role.ASSESSOR, starts_on=timezone.localdate(), by=None,
             at=timezone.now())  # fmt: skip
    submission = make_submission(world.registration, "1.1")
    browser, desk = client_of(world.area_senco), f"/assess/submissions/{submission.ref}/"
    page = text(browser.get(desk))
    way = f"/assess/learners/{world.registration.ref}/declare/?submission={submission.ref}"
    assert way in page
    answer = post(browser, way, roles="none")
    assert answer.redirect_chain == [(desk, 302)]
    assert "Declare your other roles" not in text(answer)


def test_only_the_assessor_declares(world: World, client_of: Browser):
    page = declare_page(world)
    for person, status in ((world.other_trainee, 403), (world.lead_iqa, 403), (world.authority_manager, 403),
                           (world.assessor, 404), (world.other.assessor, 404)):  # fmt: skip
        assert client_of(person).get(page).status_code == status


# What the trainee sees


def test_the_trainee_reads_who_works_with_them_and_what_was_declared(world: World, client_of: Browser):
    browser = client_of(world.other_trainee)
    assert "neither support, teach nor manage you" in text(browser.get(PEOPLE))
    declare_dual_role(world.other_registration, ["supports", "teaches"], "I visit you.", by=world.area_senco,
                      at=timezone.now())  # fmt: skip
    page = text(browser.get(PEOPLE))
    assert "<strong>support you or your setting</strong> and <strong>teach you</strong>" in page
    assert "“I visit you.”" in page
    assert "That is allowed for your qualification." in page
    set_dual_role_policy(world.authority, "foundation", "second_scrutiny", national_award=False,
                         by=world.authority_manager, at=timezone.now())  # fmt: skip
    assert "A second assessor confirms each of their decisions" in text(browser.get(PEOPLE))


def test_the_trainee_objects_and_reads_the_answer(world: World, client_of: Browser):
    trainee, lead = client_of(world.trainee), client_of(world.lead_iqa)
    pk = world.registration.allocations.get(user=world.assessor).pk
    assert f"/portfolio/people/{pk}/object/" in text(trainee.get(PEOPLE))
    with nothing_changes():
        assert "Say why you object." in text(post(trainee, f"/portfolio/people/{pk}/object/", reason=""))
    answer = post(trainee, f"/portfolio/people/{pk}/object/", reason="He is my neighbour.")
    assert f"{world.assessor.name} decides nothing for you" in text(answer)
    assert f"/portfolio/people/{pk}/object/" not in text(answer)
    row = Objection.objects.get()
    assert '<span class="count">1' in text(lead.get("/quality/"))
    assert "He is my neighbour." in text(lead.get(f"/quality/objections/{row.pk}/"))
    assert world.trainee.name in text(lead.get("/quality/objections/"))
    with nothing_changes():
        assert post(lead, f"/quality/objections/{row.pk}/", outcome="", answer="").status_code == 422
    post(lead, f"/quality/objections/{row.pk}/", outcome="not_upheld", answer="Neighbours may assess.")
    page = text(trainee.get(PEOPLE))
    assert "Your objection was not upheld" in page
    assert "Neighbours may assess." in page
    assert world.trainee.name in text(lead.get("/quality/objections/?show=decided"))


def test_upheld_without_another_assessor_the_lead_is_led_on(world: World, client_of: Browser):
    row = object_to(world.other_registration, world.area_senco, "No.", by=world.other_trainee, at=timezone.now())
    page = f"/quality/objections/{row.pk}/"
    browser = client_of(world.lead_iqa)
    assert "has no assessor. Allocate another one soon." in text(browser.get(page))
    answer = post(browser, page, outcome="upheld", answer="You are right.")
    assert "has no assessor now" in text(answer)
    people = text(client_of(world.other_trainee).get(PEOPLE))
    assert "upheld, another assessor decides" in people
    assert "You are right." in people


def test_who_an_objection_is_about_never_reads_the_reason(world: World, client_of: Browser):
    allocate_assessor(world.registration, world.lead_iqa)
    row = object_to(world.registration, world.lead_iqa, "A secret reason.", by=world.trainee, at=timezone.now())
    page = text(client_of(world.lead_iqa).get(f"/quality/objections/{row.pk}/"))
    assert "A secret reason." not in page
    assert "It is about you." in page
    assert client_of(world.other.lead_iqa).get(f"/quality/objections/{row.pk}/").status_code == 404
    assert client_of(world.iqa).get(f"/quality/objections/{row.pk}/").status_code == 403


def test_the_trainee_s_page_takes_the_same_queries_however_many_people(world: World, client_of: Browser, queries):
    def grow() -> None:
        for role in ("supporter", "mentor"):
            allocate_assessor(world.other_registration, make_person(), role)

    queries.pin(client_of(world.other_trainee), PEOPLE, grow=grow, exactly=10)


# Policies


def test_each_tier_shows_default_and_settings_and_what_holds(world: World, client_of: Browser, ao_admin: User):
    at = timezone.now()
    set_dual_role_policy(world.ao, "foundation", "always_sampled", national_award=True, by=ao_admin, at=at)
    page = text(client_of(world.authority_manager).get(POLICIES))
    assert "Allow, and always sample</strong>" in page
    assert "only with the National Award" in page
    answer = post(client_of(world.authority_manager), f"{POLICIES}{world.authority.pk}/foundation/", rule="forbid")
    assert "Foundation: Forbid. It holds from now on." in text(answer)
    assert "<strong>Forbid</strong>" in text(answer)
    assert "<strong>Allow, and always sample</strong>" in text(client_of(ao_admin).get(POLICIES))


def test_policies_are_changed_by_their_owner_only(world: World, client_of: Browser, ao_admin: User):
    assert client_of(ao_admin).get(f"{POLICIES}{world.ao.pk}/foundation/").status_code == 200
    for person, owner in (
        (ao_admin, world.authority),
        (ao_admin, world.other.ao),
        (world.lead_iqa, world.ao),
        (world.centre_admin, world.centre),
        (world.other.authority_manager, world.authority),
    ):
        assert client_of(person).get(f"{POLICIES}{owner.pk}/foundation/").status_code == 404
    assert client_of(ao_admin).get(f"{POLICIES}{world.ao.pk}/nonsense/").status_code == 404
    for person in (world.assessor, world.trainee, world.eqa):
        assert client_of(person).get(POLICIES).status_code == 403


def test_the_awarding_organisation_sets_how_a_qualification_is_assessed(
    world: World, client_of: Browser, ao_admin: User
):
    browser, page = client_of(ao_admin), f"/quality/policy/{world.qualification.pk}/"
    assert world.qualification.title in text(browser.get("/quality/policy/"))
    assert f"{POLICIES}" in text(browser.get("/cohorts/"))
    with nothing_changes():
        answer = post(browser, page, decision_days="0", attempt_limit="many")
    assert answer.status_code == 422
    assert text(answer).count("Give a whole number") == 4  # in the summary and at the fields
    answer = post(browser, page, decision_days="10", attempt_limit="2", working_towards_months="18",
                  countersigning="on")  # fmt: skip
    now = policy_of(world.qualification.pk, at=timezone.now())
    assert (now.decision_days, now.attempt_limit, now.working_towards_months, now.countersigning,
            now.occupational_competence) == (10, 2, 18, True, False)  # fmt: skip
    assert "for 18 months." in text(answer)
    assert ao_admin.name in text(answer)
    assert client_of(world.centre_admin).get("/quality/policy/").status_code == 403
    assert client_of(world.centre_admin).get(page).status_code == 404
    assert browser.get(f"/quality/policy/{world.other.qualification.pk}/").status_code == 404


# The report


@pytest.fixture
def decided(world: World) -> None:
    """The Area SENCO has decided two criteria in a dual role, another assessor one without."""
    declare_dual_role(world.other_registration, ["supports"], "", by=world.area_senco, at=timezone.now())
    settle_all(make_submission(world.other_registration, "1.1", "1.2.a"), by=world.area_senco)
    settle_all(make_submission(world.registration, "1.1"), by=world.assessor)


def test_the_report_shows_every_dual_role_decision_and_no_other(world: World, client_of: Browser, decided: None,
                                                                 ao_admin: User):  # fmt: skip
    for person in (world.lead_iqa, world.authority_manager, ao_admin):
        page = text(client_of(person).get(REPORT))
        assert "2 decisions." in page
        assert page.count("also supports, declared") == 2
        assert world.trainee.name not in page
    for person in (world.other.lead_iqa, world.other.authority_manager):
        assert "No decision has been made in a dual role" in text(client_of(person).get(REPORT))
    for person in (world.area_senco, world.iqa, world.centre_admin, world.eqa, world.other_trainee):
        assert client_of(person).get(REPORT).status_code == 403


def test_the_report_is_filtered(world: World, client_of: Browser, decided: None):
    browser = client_of(world.lead_iqa)
    assert "2 decisions." in text(browser.get(f"{REPORT}?decider={world.area_senco.pk}&cohort={world.cohort.ref}"))
    assert "2 decisions." in text(browser.get(f"{REPORT}?rule=allow"))
    assert "Nothing matches these filters" in text(browser.get(f"{REPORT}?rule=forbid"))
    assert "2 decisions." in text(browser.get(f"{REPORT}?decider=nonsense"))


def test_saving_the_report_is_on_record_once_a_day(world: World, client_of: Browser, decided: None):
    browser = client_of(world.lead_iqa)
    assert browser.get(f"{REPORT}export/").status_code == 405
    for _ in range(2):
        answer = browser.post(f"{REPORT}export/", {"form": "csv"})
    rows = list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["Trainee", world.other_trainee.name, world.other_trainee.name]
    assert {row[6] for row in rows[1:]} == {"supports"}
    browser.post(f"{REPORT}export/?rule=forbid", {"form": "xlsx"})
    found = AuditEvent.objects.filter(action="report.exported").order_by("pk")
    assert [event.stream.name for event in found] == [f"organisation:{world.centre.pk:012d}"] * 2
    assert world.other_trainee.name not in "".join(event.canonical for event in found)
    assert client_of(world.iqa).post(f"{REPORT}export/", {"form": "csv"}).status_code == 403


def test_the_report_takes_the_same_queries_however_long(world: World, client_of: Browser, decided: None, queries):
    def grow() -> None:
        settle_all(make_submission(world.other_registration, "1.3", "1.4"), by=world.area_senco)

    queries.pin(client_of(world.lead_iqa), REPORT, grow=grow, exactly=9)


def test_history_and_objections_take_the_same_queries(world: World, client_of: Browser, queries, ao_admin: User):
    rules = iter([*DualRolePolicy.STRICTEST_FIRST] * 2)

    def grow() -> None:
        for _ in range(2):
            set_dual_role_policy(world.ao, "foundation", next(rules), national_award=False, by=ao_admin,
                                 at=timezone.now())  # fmt: skip

    def object_more() -> None:
        for user in (make_person(), make_person()):
            allocate_assessor(world.registration, user)
            object_to(world.registration, user, "No.", by=world.trainee, at=timezone.now())

    set_dual_role_policy(world.ao, "foundation", "forbid", national_award=True, by=ao_admin, at=timezone.now())
    queries.pin(client_of(ao_admin), POLICIES, grow=grow, exactly=10)
    object_to(world.registration, world.assessor, "No.", by=world.trainee, at=timezone.now())
    queries.pin(client_of(world.lead_iqa), "/quality/objections/", grow=object_more, exactly=7)
