"""Second checks: the lanes and their counts, the check itself, what the learner sees meanwhile, and what waits for
nobody."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assessment.api import Decision, declare_interest, release, resolve_interest
from assessment.domain.check import to_check
from assessment.models import InterestDeclaration, Objection, SecondCheck
from assessment.policies import waiting_for, why_not_check
from assessment.queries_checks import COUNTERSIGN, LANES, SCRUTINY, checkable_by, lane_counts, without_checker
from courses.delivery.api import SettingSupport
from courses.framework.api import set_policy
from lms.accounts.api import Role, User, grant_membership
from lms.notices.api import Notice
from portfolio.api import Submission
from tests.factories import (
    World,
    allocate_assessor,
    decide_all,
    declare_roles,
    make_learner,
    make_opened,
    make_person,
    make_qualified,
    make_unqualified,
)
from tests.world_once import world_again

pytestmark = pytest.mark.django_db
LANE_QUERIES, CHECK_QUERIES, WAITING_QUERIES = 8, 21, 6
PAGE = "/assess/checks/"


@pytest.fixture
def world() -> World:
    """Asha is not qualified yet; Ben, the second assessor of her trainee, is."""
    world = world_again()
    make_unqualified(world.assessor)
    return world


def handed_on(world: World, *codes: str, registration: Any = None, by: User | None = None) -> Submission:
    by = by or world.assessor
    submission = make_opened(registration or world.registration, *codes)
    decide_all(submission, by=by)
    return release(submission, by=by, at=timezone.now())


def unavoidable(world: World) -> None:
    """Asha, qualified again, has an interest in the result that cannot be avoided."""
    make_qualified(world.assessor)
    interest = declare_interest(world.registration, "friendship", "", by=world.assessor, at=timezone.now())
    resolve_interest(interest, resolution="Nobody else knows the setting.", outcome="unavoidable", by=world.lead_iqa,
                     at=timezone.now())  # fmt: skip


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(submission: Submission, kind: str = COUNTERSIGN) -> str:
    return f"{PAGE}{submission.ref}/{kind}/"


def send(client: Client, submission: Submission, answers: dict[str, str], kind: str = COUNTERSIGN, **more: str) -> Any:
    """Answers by code: "yes", or a note for why not."""
    token = re.search(r'name="once" value="([^"]+)"', client.get(at(submission, kind)).content.decode())[1]
    data = {"once": token, **more}
    for decision in to_check(submission, kind):
        answer = answers.get(decision.criterion.code)
        if answer is not None:
            data[f"d{decision.pk}-agrees"] = "yes" if answer == "yes" else "no"
            data[f"d{decision.pk}-note"] = "" if answer == "yes" else answer
    return client.post(at(submission, kind), data)


def states(submission: Submission) -> dict[str, str]:
    rows = submission.decisions.exclude(state="superseded")
    return dict(rows.values_list("criterion__code", "state"))


def test_all_agreed_counts_and_the_learner_is_told(world):
    submission = handed_on(world, "1.1", "1.2.a")
    client = signed_in(world.second_assessor)
    page = client.get(at(submission)).content.decode()
    assert "Countersign 2 decisions for Tara Walsh" in page
    assert "Asha Patel decided" in page
    answer = send(client, submission, {"1.1": "yes", "1.2.a": "yes"})
    assert answer.status_code == 302
    assert "Tara Walsh has been told" in client.get(answer.url).content.decode()
    assert states(submission) == {"1.1": "counts", "1.2.a": "counts"}
    assert Notice.objects.filter(user=world.trainee, kind="feedback").count() == 1


def test_what_is_not_agreed_goes_back_with_the_note_and_the_rest_stays_agreed(world):
    submission = handed_on(world, "1.1", "1.2.a")
    answer = send(signed_in(world.second_assessor), submission, {"1.1": "yes", "1.2.a": "Look at paragraph 2."})
    assert answer.status_code == 302
    assert states(submission) == {"1.1": "provisional", "1.2.a": "reopened"}
    assert Notice.objects.filter(user=world.assessor, kind="returned").count() == 1
    page = signed_in(world.assessor).get(f"/assess/submissions/{submission.ref}/?criterion=1.2.a").content.decode()
    assert "Look at paragraph 2." in page
    assert not Notice.objects.filter(user=world.trainee, kind="feedback").exists()


@pytest.mark.parametrize(
    ("answers", "problem"),
    [({"1.1": "yes"}, "Say whether you agree to 1.2.a."), ({"1.1": "yes", "1.2.a": " "}, "Say why you do not agree")],
    ids=["no answer", "no note"],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(world, answers, problem):
    submission = handed_on(world, "1.1", "1.2.a")
    first = to_check(submission, COUNTERSIGN)[0]
    client = signed_in(world.second_assessor)
    answer = send(client, submission, answers, **{f"d{first.pk}-note": "A good piece."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert problem in page
    link = re.search(rf'href="#(id_d\d+-\w+)">{re.escape(problem)}', page)[1]
    assert f'id="{link}"' in page
    assert re.search(rf'id="id_d{first.pk}-agrees_0"[^>]* checked', page)
    assert not SecondCheck.objects.exists()


def test_agree_to_all_fills_in_what_has_no_answer_and_sends_nothing(world):
    submission = handed_on(world, "1.1", "1.2.a")
    answer = send(signed_in(world.second_assessor), submission, {"1.1": "Not this one."}, all="yes")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Nothing is sent yet" in page
    assert "Not this one." in page
    one, two = to_check(submission, COUNTERSIGN)
    assert re.search(rf'id="id_d{one.pk}-agrees_1"[^>]* checked', page)
    assert re.search(rf'id="id_d{two.pk}-agrees_0"[^>]* checked', page)
    assert not SecondCheck.objects.exists()


def test_a_check_that_came_too_late_shows_what_was_typed(world):
    submission = handed_on(world, "1.1")
    third = make_person("Cara Third", (Role.ASSESSOR, world.centre))
    allocate_assessor(world.registration, third, "second_assessor")
    late = signed_in(third)
    token = re.search(r'name="once" value="([^"]+)"', late.get(at(submission)).content.decode())[1]
    decision = to_check(submission, COUNTERSIGN)[0]
    send(signed_in(world.second_assessor), submission, {"1.1": "yes"})
    data = {"once": token, f"d{decision.pk}-agrees": "no", f"d{decision.pk}-note": "I see it otherwise."}
    answer = late.post(at(submission), data)
    assert answer.status_code == 422
    assert "do not wait for this check any more" in answer.content.decode()
    assert "I see it otherwise." in answer.content.decode()


def test_the_same_form_sent_twice_is_one_check(world):
    submission = handed_on(world, "1.1")
    client = signed_in(world.second_assessor)
    token = re.search(r'name="once" value="([^"]+)"', client.get(at(submission)).content.decode())[1]
    data = {"once": token, f"d{to_check(submission, COUNTERSIGN)[0].pk}-agrees": "yes"}
    urls = {client.post(at(submission), data).url for _ in range(2)}
    assert urls == {PAGE}
    assert SecondCheck.objects.count() == 1


def test_the_learner_reads_that_a_second_assessor_checks_and_nothing_of_the_decision(world):
    submission = handed_on(world, "1.1")
    client = signed_in(world.trainee)
    page = client.get(f"/portfolio/submissions/{submission.ref}/").content.decode()
    assert "Submitted: a second assessor is checking" in page
    grid = client.get("/portfolio/").content.decode() + client.get("/portfolio/criteria/1.1/").content.decode()
    for words in (Decision.objects.get().rationale, "countersign"):
        assert words not in page + grid
    assert client.get(at(submission)).status_code == 404


def test_the_assessor_and_the_iqa_read_the_state_and_check_nothing(world):
    submission = handed_on(world, "1.1")
    for user, why in ((world.assessor, "You made these decisions"), (world.iqa, "not a second assessor")):
        client = signed_in(user)
        page = client.get(at(submission)).content.decode()
        assert why in page
        assert "Send your check" not in page
        assert client.post(at(submission), {}).status_code == 422
    assert signed_in(world.unallocated_assessor).get(at(submission)).status_code == 404
    assert signed_in(world.other.assessor).get(at(submission)).status_code == 404
    handed = signed_in(world.assessor).get(f"{PAGE}?lane=mine").content.decode()
    assert "Tara Walsh" in handed
    assert "Countersigning" in handed
    assert "Tara Walsh" not in signed_in(world.second_assessor).get(f"{PAGE}?lane=mine").content.decode()


def test_scrutiny_follows_countersigning(world):
    make_unqualified(world.assessor)
    interest = declare_interest(world.registration, "friendship", "", by=world.assessor, at=timezone.now())
    resolve_interest(interest, resolution="Nobody else.", outcome="unavoidable", by=world.lead_iqa, at=timezone.now())
    submission = handed_on(world, "1.1")
    client = signed_in(world.second_assessor)
    assert client.get(at(submission, SCRUTINY)).status_code == 200
    assert lane_counts(world.second_assessor) == {COUNTERSIGN: 1, SCRUTINY: 0}
    answer = send(client, submission, {"1.1": "yes"})
    assert "Now somebody else confirms" in client.get(answer.url).content.decode()
    assert lane_counts(world.second_assessor) == {COUNTERSIGN: 0, SCRUTINY: 1}
    send(client, submission, {"1.1": "yes"}, SCRUTINY)
    assert states(submission) == {"1.1": "counts"}


def stand_in_the_way(world: World, user: User, what: str) -> None:
    """Something by which the user may not check, one thing at a time."""
    today, registration = timezone.localdate(), world.registration
    allocation = registration.allocations.get(user=user, role="assessor")
    if what in ("open", "stands_aside", "unavoidable", "cleared"):
        row = declare_interest(registration, "money", "", by=user, at=timezone.now())
        if what != "open":
            resolve_interest(row, resolution="Settled.", outcome=what, by=world.lead_iqa, at=timezone.now())
    elif what == "works here":
        grant_membership(user, world.setting, Role.PRACTITIONER, starts_on=today, by=None, at=timezone.now())
    elif what in ("objected", "objection not upheld"):
        ended = {} if what == "objected" else {
            "outcome": "not_upheld", "decided_at": timezone.now(), "decided_by": world.lead_iqa, "answer": "No."
        }  # fmt: skip
        Objection.objects.create(registration=registration, about=user, reason="I know them.", raised_at=timezone.now(),
                                 **ended)  # fmt: skip
    elif what in ("supporter", "tutor"):
        allocate_assessor(registration, user, what)
    elif what == "supports the setting":
        SettingSupport.objects.create(authority=world.authority, setting=world.setting, user=user, starts_on=today)
    elif what == "declared":
        declare_roles(allocation, manages=True)
    elif what == "declared nothing since":
        declare_roles(allocation, manages=True)
        declare_roles(allocation)
    elif what == "not qualified":
        make_unqualified(user)
    elif what == "not competent":
        set_policy(world.qualification, by=None, at=timezone.now() - timedelta(days=1), occupational_competence=True)
    elif what == "ended":
        allocation.ends_on = today - timedelta(days=1)
        allocation.save()
    elif what == "no role":
        user.memberships.update(ends_on=today - timedelta(days=1))


@pytest.mark.parametrize("kind", LANES)
@pytest.mark.parametrize(
    "what",
    ["nothing", "open", "stands_aside", "unavoidable", "cleared", "works here", "objected", "objection not upheld",
     "supporter", "tutor", "supports the setting", "declared", "declared nothing since", "not qualified",
     "not competent", "ended", "no role"],
)  # fmt: skip
def test_a_lane_holds_exactly_what_the_policy_lets_one_check(world, what, kind):
    """The query of the lanes and `why_not_check` say the same of every reason (rules 9 and 10)."""
    if kind == SCRUTINY:
        unavoidable(world)
    submission = handed_on(world, "1.1")
    assert waiting_for(submission) == kind
    stand_in_the_way(world, world.second_assessor, what)
    user = User.objects.get(pk=world.second_assessor.pk)
    may = why_not_check(user, Submission.objects.get(pk=submission.pk), kind) is None
    assert checkable_by(user).filter(lane=kind).exists() == may
    assert sum(lane_counts(user).values()) == int(may)
    assert without_checker(world.lead_iqa) == int(not may)
    if what in ("nothing", "cleared", "objection not upheld", "declared nothing since"):
        assert may


def test_lane_and_count_agree_and_the_longest_waiting_comes_first(world, django_assert_num_queries):
    submissions = [handed_on(world, "1.1")]
    client = signed_in(world.second_assessor)
    client.get(PAGE)
    with django_assert_num_queries(LANE_QUERIES):
        client.get(PAGE)
    for _ in range(2):
        registration = make_learner(world.cohort, assessor=world.assessor)
        allocate_assessor(registration, world.second_assessor, "second_assessor")
        submissions.append(handed_on(world, "1.1", registration=registration))
    with django_assert_num_queries(LANE_QUERIES):
        page = client.get(PAGE)
    assert [row.pk for row in page.context["page"]] == [submission.pk for submission in submissions]
    assert ("countersign", "To countersign", 3) in page.context["tabs"]
    assert "3 submissions" in page.content.decode()
    assert 'class="count">3<' in client.get("/assess/").content.decode()


def test_the_check_asks_as_much_for_one_decision_as_for_three(world, django_assert_num_queries):
    client = signed_in(world.second_assessor)
    one = handed_on(world, "1.1")
    client.get(at(one))
    with django_assert_num_queries(CHECK_QUERIES):
        client.get(at(one))
    send(client, one, {"1.1": "yes"})
    three = handed_on(world, "1.3", "1.4", "1.5")
    with django_assert_num_queries(CHECK_QUERIES):
        client.get(at(three))


def test_where_nobody_may_check_the_centre_is_told_and_sees_it(world, django_assert_num_queries):
    make_unqualified(world.second_assessor)
    handed_on(world, "1.1")
    told = set(Notice.objects.filter(kind="second-check").values_list("user__name", flat=True))
    assert told == {"Leila Haddad", "Cleo Marsh"}
    for user in (world.lead_iqa, world.centre_admin):
        client = signed_in(user)
        client.get("/quality/checks/")
        with django_assert_num_queries(WAITING_QUERIES):
            page = client.get("/quality/checks/").content.decode()
        assert "Nobody allocated may check 1 of these" in page
        assert f"/cohorts/registrations/{world.registration.ref}/team/" in page
    assert "Tara Walsh" not in signed_in(world.other.lead_iqa).get("/quality/checks/").content.decode()
    assert 'class="count">1<' in signed_in(world.lead_iqa).get("/quality/").content.decode()
    third = make_person("Cara Third", (Role.ASSESSOR, world.centre))
    allocate_assessor(world.registration, third, "second_assessor")
    assert without_checker(world.lead_iqa) == 0
    assert "Cara Third" in signed_in(world.lead_iqa).get("/quality/checks/").content.decode()


def test_an_interest_that_is_open_keeps_its_person_out(world):
    submission = handed_on(world, "1.1")
    declare_interest(world.registration, "family", "", by=world.second_assessor, at=timezone.now())
    assert InterestDeclaration.objects.filter(resolved_at__isnull=True).count() == 1
    client = signed_in(world.second_assessor)
    assert "You have a personal interest in this result" in client.get(at(submission)).content.decode()
