"""The pathway: what a level needs, why it is not open yet, and the page that says so."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from assessment.pathway import Standing, duration_in_words, statuses_named, statuses_needed, steps, why_not_yet
from courses.delivery.api import Registration
from courses.framework.api import PathwayLevel, Qualification, set_policy
from lms.accounts.api import StaffQualification
from tests.factories import make_qualification, make_submission, settle
from tests.world_once import world_again

EVERY_LEVEL = frozenset({3, 4, 5, 6, 7})


def level(number: int, sector: str = "early_years", teacher_status: str = "none") -> PathwayLevel:
    return PathwayLevel(
        sector=sector, level=number, tiers=["advanced"], entry="in pathway; experience considered",
        duration_months=[24], mode="part_time", teacher_status=teacher_status,
    )  # fmt: skip


def standing(**facts) -> Standing:
    return Standing(**({"sector": "early_years", "working_on": 3, "open_levels": EVERY_LEVEL} | facts))


def codes(found) -> list[str]:
    return [reason.code for reason in found]


class TestWhyNotYet:
    def test_the_next_level_is_open_once_this_one_is_awarded(self):
        assert why_not_yet(level(4), standing(held=3)) == []

    def test_a_level_that_is_held_from_elsewhere_counts(self):
        assert why_not_yet(level(4), standing(held=6, still_needed=20)) == []

    def test_criteria_that_are_still_needed_are_counted(self):
        (reason,) = why_not_yet(level(4), standing(still_needed=43))
        assert reason.message == "You need your Level 3 first. It still needs 43 more criteria."
        (reason,) = why_not_yet(level(4), standing(still_needed=1))
        assert reason.message.endswith("It still needs 1 more criterion.")

    def test_all_achieved_is_not_awarded_yet(self):
        (reason,) = why_not_yet(level(4), standing(still_needed=0))
        assert (reason.code, "not confirmed yet" in reason.message) == ("level-below", True)

    def test_a_later_level_needs_the_one_below_it(self):
        (reason,) = why_not_yet(level(6), standing(held=3))
        assert reason.message == "You need a qualification at Level 5 first."

    @pytest.mark.parametrize("held", [None, 3])
    def test_a_level_without_an_open_qualification_is_never_open(self, held):
        found = why_not_yet(level(4), standing(held=held, open_levels=EVERY_LEVEL - {4}))
        assert codes(found)[-1] == "nothing-open"
        assert found[-1].message == "No qualification is open to new entrants at this level at present."

    @pytest.mark.parametrize(
        ("status", "sector", "needs", "is_open"),
        [
            ("QTS", "early_years", "QTS|QTLS|EYTS(0-5 only)", True),
            ("QTLS", "early_years", "QTS|QTLS|EYTS(0-5 only)", True),
            ("EYTS", "early_years", "QTS|QTLS|EYTS(0-5 only)", True),
            (None, "early_years", "QTS|QTLS|EYTS(0-5 only)", False),
            ("EYTS", "further_education", "QTS|QTLS", False),
            ("QTLS", "further_education", "QTS|QTLS", True),
        ],
    )
    def test_level_7_needs_teacher_status_and_eyts_counts_in_early_years_only(self, status, sector, needs, is_open):
        person = standing(sector=sector, working_on=6, held=6, teacher_statuses=frozenset({status} - {None}))
        found = why_not_yet(level(7, sector, needs), person)
        assert codes(found) == ([] if is_open else ["teacher-status"])

    def test_the_words_for_early_years_say_that_eyts_is_for_birth_to_five(self):
        (reason,) = why_not_yet(level(7, teacher_status="QTS|QTLS|EYTS(0-5 only)"), standing(working_on=6, held=6))
        assert "QTS" in reason.message
        assert "QTLS" in reason.message
        assert "EYTS (early years teacher status, for work with children from birth to five)" in reason.message

    @pytest.mark.parametrize("number", [3, 4])
    def test_further_education_starts_at_level_5(self, number):
        person = standing(sector="further_education", working_on=2, held=3)
        (reason,) = why_not_yet(level(number, "further_education"), person)
        assert reason.code == "further-education-floor"
        assert "The awarding organisation may make an exception." in reason.message

    def test_duration_and_mode_are_advice_and_never_a_reason(self):
        slow = level(4)
        slow.duration_months, slow.mode = [600], "full_time"
        assert why_not_yet(slow, standing(held=3)) == []

    def test_every_reason_is_given_at_once(self):
        found = why_not_yet(level(7, teacher_status="QTS|QTLS"), standing(still_needed=2, open_levels=frozenset()))
        assert codes(found) == ["level-below", "teacher-status", "nothing-open"]


class TestWords:
    def test_teacher_statuses_are_read_out_of_titles_and_of_the_pathway(self):
        assert statuses_needed("QTS|QTLS|EYTS(0-5 only)") == ["QTS", "QTLS", "EYTS"]
        assert statuses_needed("none") == []
        assert statuses_named(["Qts, 2019", "Early years teacher status (EYTS)"]) == {"QTS", "EYTS"}
        assert statuses_named(["Paediatric first aid"]) == frozenset()

    @pytest.mark.parametrize(
        ("months", "mode", "words"),
        [([6, 12], "part_time", "about 6 to 12 months part-time"), ([24], "full_time", "about 24 months full-time")],
    )
    def test_durations(self, months, mode, words):
        assert duration_in_words(months, mode) == words


@pytest.mark.django_db
class TestRealPathway:
    @pytest.mark.parametrize("sector", ["early_years", "further_education"])
    def test_every_level_has_plain_words_for_everything(self, sector):
        found = steps(PathwayLevel.objects.filter(sector=sector), standing(sector=sector))
        assert [step.level for step in found] == [3, 4, 5, 6, 7]
        assert [step.place for step in found] == ["here", "next", "later", "later", "later"]
        for step in found:
            assert "in pathway" not in step.entry
            assert "blocked" not in step.entry
            assert "_" not in step.duration

    def test_level_4_is_in_two_tiers_of_which_the_programme_decides(self):
        found = {step.level: step.tier for step in steps(PathwayLevel.objects.filter(sector="early_years"), standing())}
        assert found == {
            3: "Foundation", 4: "Foundation or intermediate: your programme decides", 5: "Intermediate",
            6: "Advanced", 7: "Advanced",
        }  # fmt: skip

    def test_level_7_in_early_years_takes_qts_qtls_or_eyts(self):
        last = steps(PathwayLevel.objects.filter(sector="early_years"), standing(working_on=6, held=6))[-1]
        assert codes(last.reasons) == ["teacher-status"]
        assert not last.is_open_to_them


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def world(self):
        return world_again()

    @pytest.fixture
    def trainee(self, world, client_of):
        return client_of(world.trainee)

    def test_it_says_where_i_am_and_the_one_next_step(self, world, trainee):
        settle(make_submission(world.registration, "1.1", "2.1"), by=world.assessor)
        page = text_of(trainee.get("/pathway/"))
        for words in (
            "Level 3 You are here", "Level 4 Comes next", "Finish your Level 3",
            "58 more criteria are needed", "1 of 20 achieved. 19 more needed.", "1 of 11 achieved. 10 more needed.",
            "You need your Level 3 first. It still needs 58 more criteria.",
            "Foundation or intermediate: your programme decides", "This is advice, not a rule.",
        ):  # fmt: skip
            assert words in page

    def test_it_never_says_eligible_nor_calls_the_npq_a_level(self, trainee):
        page = text_of(trainee.get("/pathway/")).lower()
        assert "no qualification is open to new entrants at this level" in page
        assert "eligible" not in page
        assert "npq" not in page

    def test_rule_19_an_illustrative_list_says_its_minimum(self, world, trainee):
        assert "list of examples" not in text_of(trainee.get("/pathway/"))
        at = timezone.now() - timedelta(hours=1)
        set_policy(world.qualification, list_minimums={"4.2": 4}, by=None, at=at)
        page = text_of(trainee.get("/pathway/"))
        assert "4.2 is a list of examples: you need at least 4 of the 9. You have 0." in page
        assert "55 more criteria are needed" in page

    def test_when_everything_is_achieved_the_centre_checks(self, world, trainee):
        codes_ = list(world.qualification.framework.criteria.values_list("code", flat=True))
        settle(make_submission(world.registration, *codes_), by=world.assessor)
        page = text_of(trainee.get("/pathway/"))
        assert "Your centre checks the assessment" in page
        assert "the award is not confirmed yet" in page

    def test_after_the_award_an_open_level_can_be_asked_for(self, world, trainee):
        Registration.objects.filter(pk=world.registration.pk).update(state="awarded")
        page = text_of(trainee.get("/pathway/"))
        assert "Your Level 3 is awarded" in page
        assert "Level 4 is not open to you yet" in page
        make_qualification(world.ao, level=4)
        assert "Ask about Level 4" in text_of(trainee.get("/pathway/"))

    def test_a_qualification_closed_to_new_entrants_opens_nothing(self, world, trainee):
        Registration.objects.filter(pk=world.registration.pk).update(state="awarded")
        make_qualification(world.ao, level=4, open_to_new_entrants=False)
        assert Qualification.objects.filter(level=4).exists()
        assert "Ask about Level 4" not in text_of(trainee.get("/pathway/"))

    def test_teacher_status_on_record_is_no_reason_any_more(self, world, trainee):
        assert "None is on record for you" in text_of(trainee.get("/pathway/"))
        StaffQualification.objects.create(
            user=world.trainee, kind="teacher_status", title="EYTS", awarded_on=timezone.localdate()
        )
        assert "None is on record for you" not in text_of(trainee.get("/pathway/"))

    def test_its_queries_do_not_grow(self, world, trainee, queries):
        make_submission(world.registration, "1.1")
        queries.pin(
            trainee, "/pathway/", grow=lambda: settle(make_submission(world.registration, "1.3", "1.4"),
                                                      by=world.assessor), exactly=11,
        )  # fmt: skip
