"""The skills check: rating every outcome, finishing, doing it again, and using it as evidence (2.3-2.5, rule 21)."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from courses.delivery.api import Registration, set_state
from lms.audit.models import AuditEvent
from portfolio.api import EvidenceVersion
from portfolio.domain.own_records import skills_evidence
from portfolio.domain.plan import write_goal
from portfolio.domain.skills import discard_check, finish_check, rate, start_check
from portfolio.models import SkillsCheck, SkillsRating
from portfolio.queries_skills import checks_of, outcomes_of, result_of
from tests.conftest import Queries
from tests.factories import World
from tests.factories.development import make_check, make_goal, outcome, rate_all
from tests.helpers import refused

pytestmark = pytest.mark.alike
SKILLS = "/portfolio/skills/"


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    """The trainee, signed in."""
    return client_of(world.trainee)


def page(response: HttpResponse, status: int = 200) -> str:
    """The words of a page's main part, as they are read."""
    assert response.status_code == status, f"{response.status_code} {response.get('Location', '')}"
    main = response.content.decode().split('<main id="main-content">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def once(browser: Client, url: str) -> dict[str, str]:
    """The once-token of a page's form."""
    return {"once": re.search(r'name="once" value="([^"]+)"', browser.get(url).content.decode()).group(1)}


def fields(world: World, **answers: object) -> dict[str, object]:
    """What a form sends: `fields(world, confidence_1_1=4)`."""
    found = {}
    for name, value in answers.items():
        asked, _, code = name.partition("_")
        found[f"o{outcome(world.registration, code.replace('_', '.')).pk}-{asked}"] = value
    return found


def actions(registration: Registration) -> list[str]:
    """What the log says about skills, in order."""
    stream = f"registration:{registration.pk:012d}"
    rows = AuditEvent.objects.filter(stream__name=stream, subject__startswith="skills_check").order_by("sequence")
    return list(rows.values_list("action", flat=True))


def started(world: World) -> SkillsCheck:
    return start_check(world.registration, by=world.trainee, at=timezone.now())


# The acts


def test_a_check_asks_about_every_outcome_of_the_framework_once(world: World):
    check = started(world)
    again = started(world)
    assert (again.pk, check.number, len(outcomes_of(world.registration))) == (check.pk, 1, 31)
    assert actions(world.registration) == ["skills.started"]


def test_answers_are_kept_one_by_one_and_can_be_changed_and_taken_back(world: World, at):
    check, one = started(world), outcome(world.registration, "2.4").pk
    rate(check, {one: {"confidence": 2}}, by=world.trainee, at=at)
    rate(check, {one: {"competence": 3, "note": "On Mondays"}}, by=world.trainee, at=at)
    rate(check, {one: {"confidence": 4}}, by=world.trainee, at=at)
    rating = SkillsRating.objects.get()
    assert (rating.confidence, rating.competence, rating.note) == (4, 3, "On Mondays")
    rate(check, {one: {"confidence": None}}, by=world.trainee, at=at)
    rating.refresh_from_db()
    assert (rating.confidence, rating.competence) == (None, 3)


@pytest.mark.parametrize("answer", [0, 6, -1, 99])
def test_an_answer_off_the_scale_is_refused_and_nothing_of_the_page_is_saved(world: World, at, answer: int):
    check, one, other = started(world), outcome(world.registration, "1.1").pk, outcome(world.registration, "1.3").pk
    with refused("rating-unknown"):
        rate(check, {other: {"confidence": 3}, one: {"competence": answer}}, by=world.trainee, at=at)


def test_an_outcome_of_another_framework_is_refused(world: World, at):
    check = started(world)
    with refused("outcome-unknown"):
        rate(check, {10_000_000: {"confidence": 3}}, by=world.trainee, at=at)


def test_finishing_lists_every_outcome_that_lacks_an_answer_and_where_to_give_it(world: World, at):
    check = rate_all(started(world), world.registration)
    half, none = outcome(world.registration, "1.10"), outcome(world.registration, "4.2")
    rate(check, {half.pk: {"competence": None}, none.pk: {"confidence": None, "competence": None}}, by=world.trainee,
         at=at)  # fmt: skip
    with refused("skills-unrated", "skills-unrated") as caught:
        finish_check(check, by=world.trainee, at=at)
    assert [(reason.message, reason.fix_url) for reason in caught.value.reasons] == [
        ("1.10 does not say yet how well you can do it.", "/portfolio/skills/1/1/rate/#rating-1.10"),
        ("4.2 is not rated yet.", "/portfolio/skills/1/4/rate/#rating-4.2"),
    ]


def test_a_finished_check_is_never_changed_and_the_next_one_has_the_next_number(world: World, at):
    check = make_check(world.registration)
    one = outcome(world.registration, "1.1").pk
    with refused("skills-finished"):
        rate(check, {one: {"confidence": 5}}, by=world.trainee, at=at)
    with refused("skills-finished"):
        discard_check(check, by=world.trainee, at=at)
    assert finish_check(check, by=world.trainee, at=at + timedelta(days=1)).finished_at == check.finished_at
    assert started(world).number == 2
    assert actions(world.registration) == ["skills.started", "skills.finished", "skills.started"]


def test_an_open_check_can_be_deleted_and_leaves_its_number_free(world: World, at):
    make_check(world.registration)
    check = rate_all(started(world), world.registration)
    discard_check(check, by=world.trainee, at=at)
    assert SkillsRating.objects.filter(check_of__number=2).count() == 0
    assert started(world).number == 2
    with refused("skills-gone"):
        finish_check(check, by=world.trainee, at=at)


@pytest.mark.parametrize("who", ["assessor", "other_trainee", "superuser"])
def test_nobody_but_the_learner_rates_or_finishes(world: World, at, who: str):
    check, stranger = rate_all(started(world), world.registration), getattr(world, who)
    for act in (lambda: start_check(world.registration, by=stranger, at=at),
                lambda: rate(check, {}, by=stranger, at=at), lambda: finish_check(check, by=stranger, at=at),
                lambda: discard_check(check, by=stranger, at=at)):  # fmt: skip
        with refused("rule-01-owner"):
            act()
    assert list(SkillsCheck.objects.visible_to(stranger)) == []


def test_a_closed_registration_takes_no_check(world: World, at, browser: Client):
    check = rate_all(started(world), world.registration)
    set_state(world.registration, Registration.State.SUSPENDED, by=None, role="centre", at=at)
    with refused("registration-closed"):
        finish_check(check, by=world.trainee, at=at)
    text = page(browser.get(SKILLS))
    assert "Your registration is closed (suspended)" in text
    assert "Carry on" not in text


def test_the_log_holds_numbers_and_never_what_the_learner_wrote(world: World, at):
    check = started(world)
    rate(check, {outcome(world.registration, "1.1").pk: {"note": "a secret doubt"}}, by=world.trainee, at=at)
    rate_all(check, world.registration)
    finish_check(check, by=world.trainee, at=at)
    said = "".join(AuditEvent.objects.values_list("canonical", flat=True))
    assert "skills_check" in said
    assert "secret" not in said


# What it shows


def test_gaps_are_the_lowest_first_and_at_least_five_unless_all_is_at_the_top(world: World):
    make_check(world.registration, 5, o1_4=(1, 2), o2_6=(2, 2), o3_1=(4, 4), o4_4=(3, 5))
    result = result_of(world.registration, checks_of(world.registration, world.trainee))
    assert [row.outcome.code for row in result.gaps] == ["1.4", "2.6", "4.4", "3.1"]
    make_check(world.registration, 2)
    result = result_of(world.registration, checks_of(world.registration, world.trainee))
    assert len(result.gaps) == 31
    make_check(world.registration, 4)
    result = result_of(world.registration, checks_of(world.registration, world.trainee))
    assert [row.outcome.code for row in result.gaps] == ["1.1", "1.2", "1.3", "1.4", "1.5"]


def test_the_latest_is_compared_with_the_first_or_with_any_other(world: World):
    for rating in (1, 3, 4):
        make_check(world.registration, rating, o2_4=(5 - rating, 5 - rating))
    checks = checks_of(world.registration, world.trainee)

    def compared(**asked: int) -> tuple:
        result = result_of(world.registration, checks, **asked)
        return (result.earlier.number if result.earlier else None, result.check.number,
                len(result.went_up), [row.outcome.code for row in result.went_down])  # fmt: skip

    assert compared() == (1, 3, 30, ["2.4"])
    assert compared(first=2) == (2, 3, 30, ["2.4"])
    assert compared(first=2, last=1) == (1, 2, 30, ["2.4"])
    assert compared(first=3, last=3) == (None, 3, 0, [])
    assert compared(first=77, last=-4) == (1, 3, 30, ["2.4"])


def test_the_pictures_say_what_the_tables_say(world: World, browser: Client):
    make_check(world.registration, 2, o1_1=(1, 3))
    make_check(world.registration, 4, o1_1=(5, 3))
    html = browser.get(SKILLS).content.decode()
    charts = re.findall(r"<svg class=\"chart\".*?</svg>", html, re.DOTALL)
    names = [re.findall(r'chart__name"[^>]*>([^<]+)<', chart) for chart in charts]
    codes = [row.code for row in outcomes_of(world.registration).values()]
    assert names[0] == ["1", "2", "3", "4"]
    assert [code for part in names[1:] for code in part] == codes
    # Then and now of every answer that changed: both of 30 outcomes and one of 1.1.
    assert sum(len(re.findall(r"chart__line--", chart)) for chart in charts[1:]) == 61
    assert sum(len(re.findall(r"(?:sure|can)--now", chart)) for chart in charts[1:]) == 62
    rows = re.findall(r"<th scope=\"row\"><span class=\"rating__code\">([\d.]+)</span>", html)
    assert rows == codes
    first = re.search(r">1.1</span>.*?</th>(.*?)</tr>", html.split('class="ratings"')[1], re.DOTALL).group(1)
    assert " ".join(re.sub(r"<[^>]+>", " ", first).split()) == "1 → then, now 5 Very sure 3 With some help"
    assert "style=" not in html.split("<main")[1]


def test_overview_of_a_beginner_says_what_it_is_for_and_of_a_returner_how_far(world: World, browser: Client):
    assert "Start your skills check" in page(browser.get(SKILLS))
    check = started(world)
    one = outcome(world.registration, "1.1").pk
    rate(check, {one: {"confidence": 2, "competence": 2}}, by=world.trainee, at=timezone.now())
    response = browser.get(SKILLS)
    assert "You have rated 1 of 31 statements" in page(response)
    assert 'href="/portfolio/skills/1/1/rate/"' in response.content.decode()
    rate_all(check, world.registration)
    assert 'href="/portfolio/skills/1/finish/"' in browser.get(SKILLS).content.decode()


def test_overview_keeps_the_last_result_while_the_next_check_is_open(world: World, browser: Client):
    make_check(world.registration)
    started(world)
    text = page(browser.get(SKILLS))
    assert "Carry on with your skills check" in text
    assert "What skills check 1 shows" in text


@pytest.mark.parametrize("query", ["?from=x&to=%00", "?from=99999999999999999999", "?to=-1", "?from=²"])
def test_overview_ignores_checks_that_it_does_not_know(world: World, browser: Client, query: str):
    make_check(world.registration)
    assert "What skills check 1 shows" in page(browser.get(SKILLS + query))


# The pages


def test_a_whole_check_without_javascript(world: World, browser: Client):
    answer = browser.post(SKILLS + "start/", once(browser, SKILLS))
    rated = 0
    for number in range(1, 5):
        assert answer["Location"] == f"/portfolio/skills/1/{number}/rate/"
        names = re.findall(r'name="(o\d+-(?:confidence|competence))" value="3"',
                           browser.get(answer["Location"]).content.decode())  # fmt: skip
        rated += len(names)
        answer = browser.post(answer["Location"], dict.fromkeys(names, "4") | {"then": "next"})
    assert (rated, answer["Location"]) == (62, "/portfolio/skills/1/finish/")
    assert "You have rated all 31 statements" in page(browser.get(answer["Location"]))
    done = browser.post(answer["Location"], once(browser, answer["Location"]))
    assert done["Location"] == SKILLS
    assert SkillsCheck.objects.get().finished_at
    assert set(SkillsRating.objects.values_list("confidence", "competence")) == {(4, 4)}


def test_a_section_can_be_left_half_done_and_comes_back_as_it_was(world: World, browser: Client):
    started(world)
    url = SKILLS + "1/2/rate/"
    answer = browser.post(url, fields(world, confidence_2_4=4, note_2_4="I keep a\r\ndiary") | {"then": "later"})
    assert answer["Location"] == SKILLS
    html = browser.get(url).content.decode()
    one = outcome(world.registration, "2.4").pk
    assert re.findall(r'name="([^"]+)" value="(\d)" checked', html) == [(f"o{one}-confidence", "4")]
    assert "I keep a\ndiary</textarea>" in html
    assert 'class="saved" data-saved role="status">Saved ' in html


def test_an_unknown_answer_is_named_and_the_others_are_kept(world: World, browser: Client):
    started(world)
    response = browser.post(
        SKILLS + "1/2/rate/", fields(world, confidence_2_3=5, competence_2_4=9, note_2_5="Words") | {"then": "next"}
    )
    assert "There is a problem Choose one of the five answers." in page(response, 422)
    html = response.content.decode()
    target = re.search(r'<a href="#(id_o\d+-competence_0)">Choose', html).group(1)
    assert f'id="{target}"' in html
    assert "Words</textarea>" in html
    kept = SkillsRating.objects.values_list("outcome__code", "confidence", "competence", "note")
    assert sorted(kept) == [("2.3", 5, None, ""), ("2.5", None, None, "Words")]


def test_answers_are_saved_as_they_are_given(world: World, browser: Client):
    started(world)
    said = browser.post(SKILLS + "1/autosave/", fields(world, confidence_4_2=2))
    assert said.status_code == 200
    assert re.fullmatch(r"\d\d:\d\d", said.json()["saved_at"])
    browser.post(SKILLS + "1/autosave/", fields(world, note_1_1="Two"))
    kept = SkillsRating.objects.values_list("outcome__code", "confidence", "competence", "note")
    assert sorted(kept) == [("1.1", None, None, "Two"), ("4.2", 2, None, "")]
    wrong = browser.post(SKILLS + "1/autosave/", fields(world, confidence_4_2=7))
    assert (wrong.status_code, wrong.json()["message"]) == (422, "Not saved: Choose one of the five answers.")


def test_a_note_changed_on_another_device_is_shown_and_neither_is_lost(world: World, browser: Client, at):
    check, one = started(world), outcome(world.registration, "1.1").pk
    url = SKILLS + "1/1/rate/"
    base = re.search(rf'name="(base\.o{one}-note)" value="([^"]+)"', browser.get(url).content.decode()).groups()
    rate(check, {one: {"note": "From my phone"}}, by=world.trainee, at=at)
    typed = fields(world, note_1_1="From my laptop") | {base[0]: base[1]}
    said = browser.post(SKILLS + "1/autosave/", typed)
    assert (said.status_code, said.json()["conflicts"][f"o{one}-note"]["text"]) == (409, "From my phone")
    html = browser.post(url, typed | {"then": "next"}).content.decode()
    assert "From my laptop</textarea>" in html
    assert "From my phone</textarea>" in html
    assert SkillsRating.objects.get().note == "From my phone"


def test_a_finished_check_is_read_and_not_rated(world: World, browser: Client):
    make_check(world.registration)
    for step in ("1/rate/", "finish/", "delete/"):
        assert browser.get(f"{SKILLS}1/{step}")["Location"] == SKILLS
    response = browser.post(SKILLS + "1/1/rate/", fields(world, note_1_1="Too late") | {"then": "next"})
    assert "This skills check is finished" in page(response, 422)
    assert "Too late</textarea>" in response.content.decode()
    assert browser.post(SKILLS + "1/autosave/", fields(world, confidence_1_1=1)).status_code == 409
    assert SkillsRating.objects.exclude(confidence=3).count() == 0


def test_finishing_too_early_lists_what_lacks_with_links(world: World, browser: Client):
    started(world)
    url = SKILLS + "1/finish/"
    html = browser.get(url).content.decode()
    assert html.count('href="/portfolio/skills/1/') >= 31
    assert "You cannot finish yet: 31 reasons" in page(browser.get(url))
    forged = once(browser, "/portfolio/plan/new/")
    assert "1.1 is not rated yet." in page(browser.post(url, forged), 422)
    assert SkillsCheck.objects.get().finished_at is None


def test_another_persons_check_and_an_unknown_section_are_not_found(world: World, client_of, browser: Client):
    started(world)
    assert client_of(world.other_trainee).get(SKILLS + "1/1/rate/").status_code == 404
    assert client_of(world.other_trainee).post(SKILLS + "1/autosave/").status_code == 404
    assert browser.get(SKILLS + "1/9/rate/").status_code == 404
    assert browser.get(SKILLS + "7/1/rate/").status_code == 404


# As evidence


def test_evidence_says_what_the_check_and_the_plan_said_on_the_day(world: World, browser: Client, at):
    make_check(world.registration, 2, at=at - timedelta(days=70))
    make_check(world.registration, 4, at=at, o1_4=(1, 2))
    make_goal(world.registration, "Learn to interpret", code="1.4", action="Watch one meeting")
    url = f"{SKILLS}evidence/?from=1&to=2"
    shown = page(browser.get(url))
    answer = browser.post(url, once(browser, url))
    version = EvidenceVersion.objects.get()
    assert answer["Location"] == f"/portfolio/evidence/{version.evidence.ref}/declare/"
    assert version.kind == "skills_check"
    assert sorted(version.links.values_list("criterion__code", flat=True)) == ["2.3", "2.4", "2.5"]
    today = timezone.localdate()
    said = f"Taken from my skills check and development plan, on {today.day} {today:%B %Y}."
    for words in (said, "How sure I feel: 2 (a little sure), now 4 (sure)", "Goal 1 (for 1.4): Learn to interpret",
                  "What I will do: Watch one meeting", "MY GAPS, THE LOWEST FIRST\n1.4 "):  # fmt: skip
        assert words in version.text
    assert " ".join(version.text.split()) in shown
    make_goal(world.registration, "Another goal")
    make_check(world.registration, 5)
    assert EvidenceVersion.objects.get().text == version.text


def test_a_draft_made_of_a_check_can_have_another_title_and_stays_what_it_is(world: World, browser: Client, at):
    make_check(world.registration, 2, at=at)
    url = f"{SKILLS}evidence/?to=1"
    browser.post(url, once(browser, url))
    version = EvidenceVersion.objects.get()
    kind = f"/portfolio/evidence/new/?draft={version.evidence.ref}"
    assert "What kind of evidence is it?" not in page(browser.get(kind))
    assert browser.post(kind, {"title": "Where I stood in autumn", "kind": "observation"}).status_code == 302
    version.refresh_from_db()
    assert (version.kind, version.title) == ("skills_check", "Where I stood in autumn")


def test_evidence_needs_a_finished_check(world: World, browser: Client, at):
    started(world)
    with refused("skills-none"):
        skills_evidence(world.registration, by=world.trainee, at=at)
    assert "Finish a skills check first" in page(browser.get(SKILLS + "evidence/"))


def test_nobody_makes_evidence_of_another_persons_check(world: World, at):
    make_check(world.registration)
    with refused("skills-none"):
        skills_evidence(world.registration, by=world.assessor, at=at)


# Size


@pytest.mark.parametrize(("url", "exactly"), [(SKILLS, 8), (SKILLS + "evidence/", 8)])
def test_pages_of_results_take_the_same_queries_at_one_and_three(
    world: World, browser: Client, queries: Queries, url: str, exactly: int
):
    def one() -> None:
        make_check(world.registration)
        write_goal(world.registration, goal="One", by=world.trainee, at=timezone.now())

    one()
    queries.pin(browser, url, grow=lambda: [one(), one()], exactly=exactly)


@pytest.mark.parametrize(("url", "exactly"), [(SKILLS + "1/1/rate/", 7), (SKILLS + "1/finish/", 7)])
def test_pages_of_an_open_check_take_the_same_queries_at_one_and_three_answers(
    world: World, browser: Client, queries: Queries, url: str, exactly: int
):
    check = started(world)

    def answer(*codes: str) -> None:
        said = {outcome(world.registration, code).pk: {"confidence": 2, "note": "Why"} for code in codes}
        rate(check, said, by=world.trainee, at=timezone.now())

    answer("1.1")
    queries.pin(browser, url, grow=lambda: answer("1.3", "2.4"), exactly=exactly)
