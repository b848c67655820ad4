"""A learner's pages that show decisions: criterion, submissions, feedback; and who else may read them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from courses.delivery.api import Allocation, Registration, end_allocation
from courses.framework.api import set_policy
from portfolio.api import grant_attempt, new_version
from tests.factories import (
    decide_all,
    make_draft,
    make_ready_evidence,
    make_submission,
    settle,
    submit,
)
from tests.factories.work import FEEDBACK, RATIONALE
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
URL = "/portfolio/criteria/1.1/"


@pytest.fixture
def world():
    return world_again()


@pytest.fixture
def trainee(world, client_of):
    return client_of(world.trainee)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def of(world, url=URL):
    return f"{url}?registration={world.registration.ref}"


def again(world, code="1.1", title="A better piece"):
    """Changes made to the evidence of a referred criterion, submitted again."""
    make_ready_evidence(world.registration, code, title=title)
    return submit(world.registration, code)


class TestCriterion:
    def test_it_shows_the_statement_its_kind_and_where_the_course_teaches_it(self, trainee):
        page = text_of(trainee.get(URL))
        for words in ("Criterion 1.1", "Explain what Special Educational Needs (SEN) are", "This is knowledge",
                      "Not started", "what SEN means", "The numbers are ours"):  # fmt: skip
            assert words in page

    def test_a_lettered_criterion_stands_under_its_stem(self, trainee):
        page = text_of(trainee.get("/portfolio/criteria/4.2.a/"))
        assert "Liaise with professionals, agencies and services beyond the setting" in page
        assert "This is a skill. It needs evidence from your practice" in page

    def test_evidence_is_listed_with_where_and_why_and_drafts_are_marked(self, world, trainee):
        make_draft(world.registration, "1.1", title="My plan")
        page = text_of(trainee.get(URL))
        for words in ("My plan", "Second paragraph", "It shows what I did", "Draft", "Carry on with this draft"):
            assert words in page

    def test_evidence_of_another_criterion_is_not_listed(self, world, trainee):
        make_draft(world.registration, "1.3", title="Something else")
        assert "Something else" in text_of(trainee.get("/portfolio/criteria/1.3/"))
        assert "Something else" not in text_of(trainee.get(URL))

    def test_a_code_that_the_qualification_does_not_have_is_not_found(self, trainee):
        assert trainee.get("/portfolio/criteria/9.9/").status_code == 404

    def test_feedback_leads_to_a_new_version_of_what_was_submitted(self, world, trainee):
        submission = make_submission(world.registration, "1.1")
        settle(submission, by=world.assessor, outcome="referred")
        evidence = submission.items.get().versions.get().evidence
        answer = trainee.get(URL)
        assert "Make the changes that Asha Patel asked for" in text_of(answer)
        assert FEEDBACK in text_of(answer)
        assert f'action="/portfolio/evidence/{evidence.ref}/new-version/"' in answer.content.decode()
        new_version(evidence, by=world.trainee, at=timezone.now())
        answer = trainee.get(URL)
        assert "new-version/" not in answer.content.decode()
        assert "Before it: version 1" in text_of(answer)

    def test_nothing_is_offered_to_start_again_where_no_change_is_needed(self, world, trainee):
        settle(make_submission(world.registration, "1.1"), by=world.assessor)
        assert "new-version/" not in trainee.get(URL).content.decode()

    def test_the_history_is_whole_newest_first_and_names_what_each_decision_rests_on(self, world, trainee):
        settle(make_submission(world.registration, "1.1", title="First"), by=world.assessor, outcome="referred")
        settle(again(world, title="Second"), by=world.second_assessor)
        history = trainee.get(URL).context["page"].history
        assert [(d.outcome, d.state, d.decider.name) for d in history] == [
            ("achieved", "counts", "Ben Okoro"), ("referred", "superseded", "Asha Patel"),
        ]  # fmt: skip
        page = text_of(trainee.get(URL))
        assert "(replaced by a later decision)" in page
        assert page.index("Ben Okoro") < page.index("Asha Patel")
        assert "It rests on First (version 1) ." in page

    def test_before_release_nothing_of_the_assessors_draft_is_shown(self, world, trainee):
        submission = make_submission(world.registration, "1.1")
        decide_all(submission, by=world.assessor, outcome="referred")
        for url in (URL, f"/portfolio/submissions/{submission.ref}/", "/portfolio/submissions/", "/learn/"):
            page = text_of(trainee.get(url))
            assert FEEDBACK not in page
            assert "Changes needed" not in page
        settle_now = text_of(trainee.get(URL))
        assert "No decision yet." in settle_now

    def test_the_assessors_rationale_is_not_shown_to_the_learner(self, world, trainee):
        settle(make_submission(world.registration, "1.1"), by=world.assessor)
        assert RATIONALE not in text_of(trainee.get(URL))

    def test_rule_20_attempts_left_are_told_and_at_the_limit_who_can_grant_more(self, world, trainee):
        assert "Attempts left" not in text_of(trainee.get(URL))
        set_policy(world.qualification, attempt_limit=2, by=None, at=timezone.now() - timedelta(days=1))
        settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
        assert "Attempts left for 1.1: 1" in text_of(trainee.get(URL))
        settle(again(world), by=world.assessor, outcome="referred")
        page = text_of(trainee.get(URL))
        assert "The lead internal quality assurer of your centre can grant another attempt." in page
        assert "Start new version" not in page
        criterion = world.qualification.framework.criteria.get(code="1.1")
        grant_attempt(world.registration, criterion, "Illness", by=world.lead_iqa, at=timezone.now())
        assert "Attempts left for 1.1: 1" in text_of(trainee.get(URL))

    def test_in_a_closed_registration_nothing_can_be_added(self, world, trainee):
        assert "Add evidence for this criterion" in text_of(trainee.get(URL))
        Registration.objects.filter(pk=world.registration.pk).update(state="suspended")
        assert "Add evidence for this criterion" not in text_of(trainee.get(URL))

    def test_its_queries_do_not_grow(self, world, trainee, queries):
        settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")

        def grow():
            for n in range(2):
                settle(again(world, title=f"Try {n}"), by=world.assessor, outcome="referred")

        queries.pin(trainee, URL, grow=grow, exactly=13)


class TestStaffReading:
    def test_an_allocated_assessor_and_iqa_read_what_is_submitted_and_change_nothing(self, world, client_of):
        make_submission(world.registration, "1.1", title="The submitted piece")
        make_draft(world.registration, "1.1", title="The draft piece")
        for person in (world.assessor, world.iqa):
            answer = client_of(person).get(of(world))
            page = text_of(answer)
            assert "Tara Walsh" in page
            assert "The submitted piece" in page
            assert "The draft piece" not in page
            assert 'method="post" action="/portfolio' not in answer.content.decode()
            assert "Add evidence" not in page

    @pytest.mark.parametrize(
        "who",
        ["other_trainee", "unallocated_assessor", "lead_iqa", "authority_manager", "centre_admin", "setting_manager",
         "eqa", "author", "superuser"],
    )  # fmt: skip
    @pytest.mark.parametrize("url", [URL, "/portfolio/submissions/"])
    def test_rule_35_nobody_else_finds_it(self, world, client_of, who, url):
        make_submission(world.registration, "1.1")
        assert client_of(getattr(world, who)).get(of(world, url)).status_code == 404

    def test_another_tenants_assessor_does_not_find_it(self, world, client_of):
        make_submission(world.registration, "1.1")
        assert client_of(world.other.assessor).get(of(world)).status_code == 404

    def test_access_ends_with_the_allocation(self, world, client_of):
        reader = client_of(world.second_assessor)
        assert reader.get(of(world)).status_code == 200
        allocation = Allocation.objects.get(user=world.second_assessor)
        end_allocation(
            allocation, ends_on=timezone.localdate() - timedelta(days=1), by=world.centre_admin, at=timezone.now()
        )
        assert reader.get(of(world)).status_code == 404

    def test_a_supporter_sees_no_evidence_here(self, world, client_of):
        from courses.delivery.api import allocate

        allocate(world.registration, world.unallocated_assessor, Allocation.Role.SUPPORTER,
                 starts_on=timezone.localdate(), by=None, at=timezone.now())  # fmt: skip
        assert client_of(world.unallocated_assessor).get(of(world)).status_code == 404

    def test_an_address_that_is_no_reference_is_not_found(self, world, client_of):
        assert client_of(world.assessor).get(f"{URL}?registration=nonsense").status_code == 404


class TestSubmission:
    def url(self, submission):
        return f"/portfolio/submissions/{submission.ref}/"

    def test_the_receipt_says_what_with_which_version_who_and_by_when(self, world, trainee):
        submission = make_submission(world.registration, "1.1", "1.3", title="My account")
        answer = trainee.get(self.url(submission))
        page = text_of(answer)
        for words in ("You have submitted 2 criteria", "Submission 1", "Asha Patel", "Criterion 1.1", "Criterion 1.3",
                      "My account", "version 1", "What happens next"):  # fmt: skip
            assert words in page
        assert f"{submission.due_on:%-d %B %Y}" in page
        assert "data-print" in answer.content.decode()

    def test_after_release_feedback_stands_beside_the_evidence_with_what_to_do_next(self, world, trainee):
        submission = make_submission(world.registration, "1.1", "1.3", title="My account")
        settle(submission, by=world.assessor, outcomes={"1.1": "referred"})
        page = text_of(trainee.get(self.url(submission)))
        for words in ("1 of 2 criteria achieved", "Make changes for 1.1", FEEDBACK, "Read what you wrote",
                      "In spring I noticed that Child A"):  # fmt: skip
            assert words in page

    def test_once_submitted_again_it_does_not_ask_for_the_change_any_more(self, world, trainee):
        submission = make_submission(world.registration, "1.1")
        settle(submission, by=world.assessor, outcome="referred")
        again(world)
        page = text_of(trainee.get(self.url(submission)))
        assert "Nothing to change here" in page
        assert "You have submitted 1.1 again since." in page

    def test_a_decision_that_was_replaced_says_so(self, world, trainee):
        submission = make_submission(world.registration, "1.1")
        settle(submission, by=world.assessor, outcome="referred")
        settle(again(world), by=world.assessor)
        page = text_of(trainee.get(self.url(submission)))
        assert "A later decision has replaced this one." in page
        assert "Nothing to change here" in page

    def test_what_the_learner_typed_is_shown_as_text(self, world, trainee):
        submission = make_submission(world.registration, "1.1", text="<b>bold</b> words", title="<i>T</i>")
        settle(submission, by=world.assessor)
        page = trainee.get(self.url(submission)).content.decode()
        assert "&lt;b&gt;bold&lt;/b&gt; words" in page
        assert "<i>T</i>" not in page

    def test_allocated_staff_read_it_without_being_told_what_to_do(self, world, client_of):
        submission = make_submission(world.registration, "1.1")
        settle(submission, by=world.assessor, outcome="referred")
        for person in (world.second_assessor, world.iqa):
            page = text_of(client_of(person).get(self.url(submission)))
            assert FEEDBACK in page
            assert "What to do next" not in page

    @pytest.mark.parametrize(
        "who",
        ["other_trainee", "unallocated_assessor", "lead_iqa", "authority_manager", "setting_manager", "superuser"],
    )
    def test_rule_35_nobody_else_finds_it(self, world, client_of, who):
        submission = make_submission(world.registration, "1.1")
        assert client_of(getattr(world, who)).get(self.url(submission)).status_code == 404

    @pytest.mark.parametrize("released", [False, True])
    def test_its_queries_do_not_grow(self, world, trainee, queries, released):
        small = make_submission(world.registration, "1.1")
        large = make_submission(world.registration, "1.3", "1.4", "1.5")
        if released:
            settle(small, by=world.assessor)
            settle(large, by=world.assessor)
        expected = 15 if released else 10
        assert len(queries.of(trainee, self.url(small))) == expected
        assert len(queries.of(trainee, self.url(large))) == expected


class TestSubmissions:
    def test_the_newest_stands_first_and_each_says_what_became_of_it(self, world, trainee):
        settle(make_submission(world.registration, "1.1"), by=world.assessor)
        make_submission(world.registration, "1.3", "1.4")
        page = text_of(trainee.get("/portfolio/submissions/"))
        assert page.index("Submission 2") < page.index("Submission 1")
        assert "2 criteria, submitted on" in page
        assert "Feedback given on" in page

    def test_before_the_first_it_says_what_will_stand_here(self, trainee):
        assert "You have not submitted anything yet" in text_of(trainee.get("/portfolio/submissions/"))

    def test_its_queries_do_not_grow(self, world, trainee, queries):
        make_submission(world.registration, "1.1")

        def grow():
            make_submission(world.registration, "1.3")
            make_submission(world.registration, "1.4")

        queries.pin(trainee, "/portfolio/submissions/", grow=grow, exactly=7)
