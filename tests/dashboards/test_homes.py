"""The front page, the trainee's home, details, notices, authoring and help."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from courses.delivery.api import LearnerNumber, NumberMatch
from courses.framework.api import set_policy
from lms.accounts.models import Role
from lms.dashboards.views import part_of_day
from lms.notices.api import tell
from lms.notices.models import Notice
from tests.factories import (
    make_draft,
    make_learner,
    make_person,
    make_qualification,
    make_ready_evidence,
    make_submission,
    settle,
)
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
VALID = ["1000000000", "1234567899", "5555555554", "9276308686"]


@pytest.fixture
def world():
    return world_again()


@pytest.fixture
def trainee(world, client_of):
    return client_of(world.trainee)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def once(browser, url: str) -> str:
    return re.search(r'name="once" value="([^"]+)"', browser.get(url).content.decode()).group(1)


class TestFrontPage:
    def test_somebody_who_has_not_signed_in_reads_what_it_is_and_can_sign_in(self):
        page = text_of(Client().get("/"))
        for words in ("Level 3 SENCO qualification", "Learn", "Collect evidence", "Submit", "Hear back", "Sign in"):
            assert words in page

    @pytest.mark.parametrize(
        ("who", "where"),
        [("trainee", "/learn/"), ("assessor", "/assess/"), ("lead_iqa", "/quality/"), ("eqa", "/reviews/"),
         ("author", "/authoring/"), ("authority_manager", "/cohorts/")],
    )  # fmt: skip
    def test_each_role_lands_on_its_own_home(self, world, client_of, who, where):
        assert client_of(getattr(world, who)).get("/").url == where

    def test_somebody_without_a_role_is_told_so_and_whom_to_ask(self, client_of):
        person = make_person("Nell Gray")
        page = text_of(client_of(person).get("/"))
        assert "you have no role yet" in page
        assert "ask your centre" in page
        assert person.email in page


class TestTraineeHome:
    def test_it_says_what_next_how_long_and_how_far(self, trainee):
        page = text_of(trainee.get("/learn/"))
        for words in ("Tara", "Your next step · about", "0 of 60 criteria achieved", "hours of lessons left"):
            assert words in page
        for section in ("SEN and early action", "The SENCO role", "Supporting colleagues", "Working beyond"):
            assert section in page

    def test_it_lists_what_waits_for_the_trainee(self, world, trainee):
        settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
        make_draft(world.registration, "1.3", title="A plan with gaps")
        page = text_of(trainee.get("/learn/"))
        assert "1.1 Changes to make" in page
        assert "Asha Patel asked for them on" in page
        assert "A plan with gaps" in page
        assert "Asha Patel has assessed your work" in page  # the unread notice

    def test_another_trainees_work_is_not_in_it(self, world, client_of, trainee):
        make_draft(world.other_registration, "1.3", title="Somebody else’s plan")
        assert "Somebody else’s plan" in text_of(client_of(world.other_trainee).get("/learn/"))
        assert "Somebody else’s plan" not in text_of(trainee.get("/learn/"))

    def test_a_forecast_is_given_from_five_criteria_on(self, world, trainee):
        settle(make_submission(world.registration, "1.1", "1.3", "1.4", "1.5"), by=world.assessor)
        page = text_of(trainee.get("/learn/"))
        assert "At this pace" not in page
        assert "When you have achieved 5 criteria, we can say when you might finish." in page
        settle(make_submission(world.registration, "1.6"), by=world.assessor)
        assert "At this pace you finish in about" in text_of(trainee.get("/learn/"))

    def test_somebody_without_a_registration_has_no_such_page(self, world, client_of):
        assert client_of(world.assessor).get("/learn/").status_code == 404

    def test_nobody_sees_it_without_signing_in(self):
        assert Client().get("/learn/").url == "/account/login/?next=/learn/"

    def test_it_takes_fourteen_queries_at_one_and_at_three_of_everything(self, world, trainee, queries):
        def add(code: str, other: str, draft: str) -> None:
            settle(make_submission(world.registration, code), by=world.assessor, outcome="referred")
            make_submission(world.registration, other)
            make_draft(world.registration, draft)
            make_ready_evidence(world.registration, draft)

        def grow() -> None:
            add("1.3", "1.8", "2.3")
            add("1.4", "1.9", "2.4")

        add("1.1", "1.6", "2.1")
        queries.pin(trainee, "/learn/", grow=grow, exactly=14)

    def test_a_limit_of_attempts_costs_one_query_more(self, world, trainee, queries):
        set_policy(world.qualification, by=None, at=timezone.now() - timedelta(days=1), attempt_limit=2)
        make_submission(world.registration, "1.1")
        queries.pin(trainee, "/learn/", grow=lambda: make_submission(world.registration, "1.3", "1.4"), exactly=15)

    @pytest.mark.parametrize(
        ("hour", "word"),
        [(0, "morning"), (11, "morning"), (12, "afternoon"), (17, "afternoon"), (18, "evening"), (23, "evening")],
    )
    def test_the_greeting_follows_the_hour(self, hour, word):
        assert part_of_day(hour) == word


class TestChoosingARegistration:
    @pytest.fixture
    def second(self, world):
        return make_learner(
            qualification=make_qualification(world.ao, title="Level 4 Certificate", level=4),
            centre=world.centre, learner=world.trainee,
        )  # fmt: skip

    def test_the_trainee_turns_to_the_other_one_and_stays_there(self, second, trainee):
        assert "Level 4 Certificate" in text_of(trainee.get("/learn/"))
        for _ in range(2):
            assert trainee.post("/learn/registration/", {"registration": second.ref}).url == "/learn/"
        assert trainee.session["registration"] == str(second.ref)
        assert trainee.get("/learn/").context["registration"] == second

    def test_with_one_there_is_nothing_to_choose(self, trainee):
        assert "Choose the one to work on" not in text_of(trainee.get("/learn/"))

    def test_another_persons_is_not_found(self, world, trainee):
        answer = trainee.post("/learn/registration/", {"registration": world.other_registration.ref})
        assert answer.status_code == 404
        assert "registration" not in trainee.session

    def test_reading_the_address_changes_nothing(self, second, trainee):
        assert trainee.get("/learn/registration/", {"registration": second.ref}).status_code == 405


class TestDetails:
    def test_they_name_centre_assessors_and_setting(self, trainee):
        page = text_of(trainee.get("/learn/details/"))
        for words in ("Havenshire Training", "Asha Patel", "Ben Okoro", "Willow Tree Nursery", "Spring cohort"):
            assert words in page

    @pytest.mark.parametrize("number", VALID)
    def test_rule_40_a_number_that_can_be_right_is_saved(self, world, trainee, number):
        answer = self.give(trainee, number)
        assert answer.status_code == 302
        assert LearnerNumber.objects.get(learner=world.trainee).uln == number
        assert number in text_of(trainee.get("/learn/details/"))

    @pytest.mark.parametrize("number", ["9276308687", "0123456789", "123", "abc"])
    def test_rule_40_a_number_that_cannot_be_right_is_refused_with_words_and_stays_in_the_box(self, trainee, number):
        answer = self.give(trainee, number)
        assert answer.status_code == 422
        assert "This is not a unique learner number. It has 10 digits" in text_of(answer)
        assert f'value="{number}"' in answer.content.decode()
        assert 'href="#id_uln"' in answer.content.decode()
        assert not LearnerNumber.objects.exists()

    def test_an_empty_box_says_what_to_enter(self, trainee):
        answer = self.give(trainee, "")
        assert answer.status_code == 422
        assert "or 9999999999 if you do not know it yet" in text_of(answer)

    def test_rule_40_not_yet_known_is_accepted_and_not_kept(self, trainee):
        answer = trainee.post(
            "/learn/details/", {"uln": "9999999999", "once": once(trainee, "/learn/details/")}, follow=True
        )
        assert "as soon as you know it" in text_of(answer)
        assert not LearnerNumber.objects.exists()

    def test_rule_40_a_number_of_somebody_else_goes_to_the_centre_and_discloses_nothing(self, world, trainee):
        LearnerNumber.objects.create(learner=world.other_trainee, uln=VALID[0])
        answer = trainee.post(
            "/learn/details/", {"uln": VALID[0], "once": once(trainee, "/learn/details/")}, follow=True
        )
        page = text_of(answer)
        assert "Thank you. Your centre will check this number." in page
        assert "Una" not in page
        assert VALID[0] not in page
        assert NumberMatch.objects.get().registration == world.registration

    def test_a_form_sent_twice_asks_the_centre_once(self, world, trainee):
        LearnerNumber.objects.create(learner=world.other_trainee, uln=VALID[0])
        form = {"uln": VALID[0], "once": once(trainee, "/learn/details/")}
        assert [trainee.post("/learn/details/", form).status_code for _ in range(2)] == [302, 302]
        assert NumberMatch.objects.count() == 1

    def test_a_form_without_its_token_keeps_what_was_typed(self, trainee):
        answer = trainee.post("/learn/details/", {"uln": VALID[0]})
        assert answer.status_code == 422
        assert "open for too long" in text_of(answer)
        assert f'value="{VALID[0]}"' in answer.content.decode()

    def give(self, browser, number):
        return browser.post("/learn/details/", {"uln": number, "once": once(browser, "/learn/details/")})


class TestNotices:
    def tell(self, user, number):
        for n in range(number):
            tell(user, "feedback", f"Something happened {n}", url="/learn/", at=timezone.now())

    def test_reading_the_page_marks_nothing_as_read_and_the_button_does(self, world, trainee):
        self.tell(world.trainee, 2)
        trainee.get("/notices/")
        assert Notice.objects.filter(user=world.trainee, read_at__isnull=True).count() == 2
        for _ in range(2):
            assert trainee.post("/notices/").url == "/notices/"
        assert not Notice.objects.filter(user=world.trainee, read_at__isnull=True).exists()

    def test_a_person_sees_their_own_only(self, world, client_of, trainee):
        self.tell(world.assessor, 1)
        assert "Something happened 0" in text_of(client_of(world.assessor).get("/notices/"))
        assert "No notices yet" in text_of(trainee.get("/notices/"))

    def test_older_ones_are_on_the_next_page(self, world, trainee):
        self.tell(world.trainee, 22)
        first = trainee.get("/notices/")
        assert len(first.context["page"]) == 20
        second = trainee.get(first.context["page"].next_url)
        assert {n.pk for n in first.context["page"]} & {n.pk for n in second.context["page"]} == set()
        assert len(second.context["page"]) == 2

    def test_its_queries_do_not_grow(self, world, trainee, queries):
        self.tell(world.trainee, 1)
        queries.pin(trainee, "/notices/", grow=lambda: self.tell(world.trainee, 2), exactly=6)


class TestAuthoring:
    def test_an_author_sees_their_courses_with_coverage_and_where_to_edit(self, world, client_of):
        answer = client_of(world.author).get("/authoring/")
        (entry,) = answer.context["courses"]
        assert entry.total == 60
        assert [row.section.code for row in entry.sections] == ["1", "2", "3", "4"]
        assert 0 < entry.assessed <= 60
        assert 0 < entry.taught <= 60
        assert f"/cms/pages/{entry.course.pk}/" in answer.content.decode()

    def test_a_page_that_is_taken_down_covers_nothing(self, world, client_of):
        from courses.pages.models import LessonPage, TaskPage

        LessonPage.objects.update(live=False)
        TaskPage.objects.update(live=False)
        (entry,) = client_of(world.author).get("/authoring/").context["courses"]
        assert (entry.taught, entry.assessed) == (0, 0)

    def test_another_awarding_organisations_author_sees_none_of_them(self, world, client_of):
        assert client_of(world.other.author).get("/authoring/").context["courses"] == []

    def test_a_reviewer_is_told_what_a_reviewer_can_do(self, world, client_of):
        reviewer = make_person("Rae Lund", (Role.REVIEWER, world.ao))
        assert "You can read what is handed in, comment" in text_of(client_of(reviewer).get("/authoring/"))

    def test_nobody_else_may_open_it(self, world, client_of):
        for person in (world.trainee, world.assessor, world.authority_manager):
            assert client_of(person).get("/authoring/").status_code == 403


def test_help_is_public_and_explains_the_six_words():
    page = text_of(Client().get("/help/"))
    for word in ("Not started", "Draft", "Submitted", "Changes needed", "Achieved", "On hold"):
        assert word in page
    assert "Child A" in page
