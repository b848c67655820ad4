"""The CPD log: entries, hours, reflection, totals, export, and the log as evidence (2.5)."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses.delivery.api import Registration, set_state
from lms.audit.models import AuditEvent
from portfolio.api import EvidenceVersion
from portfolio.domain.cpd import MOST_MINUTES, change_entry, reflect, remove_entry, write_entry
from portfolio.domain.own_records import cpd_evidence
from portfolio.forms_skills import DurationField
from portfolio.models import CpdEntry
from portfolio.queries_skills import cpd_rows, cpd_totals, in_words
from tests.conftest import Queries
from tests.factories import World
from tests.factories.development import make_entry, outcome
from tests.helpers import refused

from .test_skills import once, page

pytestmark = pytest.mark.alike
CPD = "/portfolio/cpd/"
TYPED = {"kind": "visit", "title": "A morning at Old Forge", "done_on_day": "3", "done_on_month": "3",
         "done_on_year": "2026", "minutes_hours": "2", "minutes_minutes": "30", "place": "Old Forge"}  # fmt: skip


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    """The trainee, signed in."""
    return client_of(world.trainee)


def fresh(entry: CpdEntry) -> CpdEntry:
    return CpdEntry.objects.get(pk=entry.pk)


# Hours and minutes


@pytest.mark.parametrize(
    ("hours", "minutes", "spent"),
    [("1", "30", 90), ("", "45", 45), ("2", "", 120), ("1.5", "", 90), ("1,5", "", 90), ("1½", "", 90), ("½", "", 30),
     ("1 ½", "15", 105), (" 3 ", "", 180), ("0", "5", 5), ("", "90", 90), ("200", "0", 12000), ("0.25", "", 15)],
)  # fmt: skip
def test_a_length_of_time_is_read_as_people_type_it(hours: str, minutes: str, spent: int):
    assert DurationField().clean([hours, minutes]) == spent


@pytest.mark.parametrize(
    ("hours", "minutes", "code"),
    [("", "", "required"), ("0", "0", "required"), ("0", "", "required"), ("two", "", "invalid"), ("-1", "", "invalid"),
     ("1e3", "", "invalid"), ("1:30", "", "invalid"), ("²", "", "invalid"), ("٣", "", "invalid"), ("1.", "", "invalid"),
     ("99999", "", "invalid"), ("201", "", "most"), ("200", "1", "most")],
)  # fmt: skip
def test_what_is_no_length_of_time_is_named(hours: str, minutes: str, code: str):
    with pytest.raises(ValidationError) as caught:
        DurationField().clean([hours, minutes])
    assert caught.value.code == code


@given(st.integers(1, MOST_MINUTES))
def test_every_length_of_time_comes_back_from_its_own_boxes(spent: int):
    field = DurationField()
    assert field.clean([str(part) for part in field.widget.decompress(spent)]) == spent


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_typing_is_a_length_of_time_or_a_refusal(hours: str, minutes: str):
    try:
        spent = DurationField().clean([hours, minutes])
    except ValidationError:
        return
    assert 0 < spent <= MOST_MINUTES


@given(st.integers(1, MOST_MINUTES))
def test_words_for_a_length_of_time_add_up(spent: int):
    found = dict(reversed(part) for part in re.findall(r"(\d+) (hour|minute)s?", in_words(spent)))
    assert int(found.get("hour", 0)) * 60 + int(found.get("minute", 0)) == spent
    assert "1 hours" not in f" {in_words(60)}"


# The acts


@pytest.mark.parametrize(
    ("change", "code"),
    [({"kind": "lunch"}, "cpd-kind"), ({"title": "  "}, "cpd-title"), ({"minutes": 0}, "cpd-minutes"),
     ({"minutes": MOST_MINUTES + 1}, "cpd-minutes"), ({"done_on": date(2199, 1, 1)}, "cpd-future")],
)  # fmt: skip
def test_an_entry_says_what_when_and_for_how_long(world: World, at, change: dict, code: str):
    facts = {"kind": "course", "title": "A course", "done_on": timezone.localdate(), "minutes": 60} | change
    entry = make_entry(world.registration)
    with refused(code):
        write_entry(world.registration, by=world.trainee, at=at, **facts)
    with refused(code):
        change_entry(entry, by=world.trainee, at=at, **facts)


def test_every_act_is_logged_with_codes_and_no_words(world: World, at):
    entry = make_entry(world.registration, "A secret visit", place="Hidden", reflection="Private", codes=("2.4",))
    facts = {"kind": "visit", "title": "A secret visit", "done_on": entry.done_on, "minutes": 60, "place": "Hidden"}
    change_entry(entry, by=world.trainee, at=at, **facts)
    change_entry(entry, by=world.trainee, at=at, **facts)
    remove_entry(entry, by=world.trainee, at=at)
    rows = AuditEvent.objects.filter(subject=f"cpd:{entry.pk}").order_by("pk")
    assert list(rows.values_list("action", flat=True)) == ["cpd.written"] * 3 + ["cpd.removed"]
    said = "".join(rows.values_list("canonical", flat=True))
    assert '"2.4"' in said
    assert not any(word in said for word in ("secret", "Hidden", "Private"))


@pytest.mark.parametrize("who", ["assessor", "other_trainee", "setting_manager"])
def test_nobody_but_the_learner_writes_the_log(world: World, at, who: str):
    entry, stranger = make_entry(world.registration), getattr(world, who)
    facts = {"kind": "course", "title": "x", "done_on": entry.done_on, "minutes": 60}
    for act in (lambda: write_entry(world.registration, by=stranger, at=at, **facts),
                lambda: change_entry(entry, by=stranger, at=at, **facts),
                lambda: reflect(entry, reflection="x", by=stranger, at=at),
                lambda: remove_entry(entry, by=stranger, at=at)):  # fmt: skip
        with refused("rule-01-owner"):
            act()
    assert list(CpdEntry.objects.visible_to(stranger)) == []


def test_an_outcome_of_another_framework_is_refused_with_the_whole_page(world: World, at):
    entry = make_entry(world.registration, codes=("2.4",))
    with refused("outcome-unknown"):
        reflect(entry, reflection="New", outcome_ids={10_000_000}, by=world.trainee, at=at)


def test_totals_are_those_of_the_rows_by_kind_and_month(world: World):
    for kind, day, minutes in [("release", date(2026, 1, 5), 60), ("release", date(2026, 3, 5), 30),
                               ("visit", date(2026, 3, 31), 120), ("course", date(2025, 3, 1), 45)]:  # fmt: skip
        make_entry(world.registration, kind=kind, done_on=day, minutes=minutes)
    make_entry(world.other_registration, minutes=999)
    totals = cpd_totals(cpd_rows(world.registration, world.trainee))
    assert (totals.minutes, totals.entries, totals.release, totals.visits) == (255, 4, 90, 120)
    assert [(share.name, share.minutes, share.entries, share.part) for share in totals.kinds] == [
        ("Visit to another setting", 120, 1, 100),
        ("Release time", 90, 2, 75),
        ("Course or training", 45, 1, 38),
    ]
    assert [(share.name, share.minutes) for share in totals.months] == [
        ("March 2025", 45), ("January 2026", 60), ("March 2026", 150)]  # fmt: skip
    year = cpd_totals(cpd_rows(world.registration, world.trainee, year=2025))
    assert (year.minutes, [share.name for share in year.months]) == (45, ["March 2025"])


# The pages


def test_an_entry_is_made_in_two_steps(world: World, browser: Client):
    form = once(browser, CPD + "new/") | TYPED
    answer = browser.post(CPD + "new/", form)
    entry = CpdEntry.objects.get()
    assert answer["Location"] == f"{CPD}{entry.ref}/learned/"
    assert browser.post(CPD + "new/", form)["Location"] == answer["Location"]
    assert (entry.kind, entry.minutes, entry.done_on, entry.place) == ("visit", 150, date(2026, 3, 3), "Old Forge")
    answer = browser.post(answer["Location"], {"reflection": "They wait.\r\nSo will I.", "outcome": ["2.5", "1.8"]})
    assert answer["Location"] == f"{CPD}#entry-{entry.ref}"
    assert fresh(entry).reflection == "They wait.\nSo will I."
    assert sorted(entry.outcomes.values_list("code", flat=True)) == ["1.8", "2.5"]
    text = page(browser.get(CPD))
    for words in ("2 hours 30 minutes", "Visit to another setting", "They wait.", "Helped with 1.8 2.5"):
        assert words in text


@pytest.mark.parametrize(
    ("change", "message"),
    [({"kind": ""}, "Choose what kind of activity it was."), ({"title": " "}, "Say in a few words what you did."),
     ({"minutes_hours": "", "minutes_minutes": ""}, "Enter how long it took, such as 1 hour 30 minutes."),
     ({"done_on_year": "2199"}, "The date must be today or in the past."),
     ({"minutes_hours": "two"}, "Enter hours and minutes as numbers"), ({"title": "x" * 161}, "160 characters")],
)  # fmt: skip
def test_a_wrong_entry_is_named_and_kept_as_typed(world: World, browser: Client, change: dict, message: str):
    typed = TYPED | change
    response = browser.post(CPD + "new/", once(browser, CPD + "new/") | typed)
    assert message in page(response, 422)
    html = response.content.decode()
    for target in re.findall(r'<a href="#([^"]+)">', html.split("error-summary")[1].split("</ul>")[0]):
        assert f'id="{target}"' in html
    assert f'value="{typed["place"]}"' in html
    assert not CpdEntry.objects.exists()


def test_an_entry_can_be_corrected(world: World, browser: Client):
    entry = make_entry(world.registration, minutes=75, reflection="Kept")
    url = f"{CPD}{entry.ref}/"
    html = browser.get(url).content.decode()
    assert re.findall(r'name="minutes_(\w+)"[^>]*value="(\d*)"', html) == [("hours", "1"), ("minutes", "15")]
    assert browser.post(url, TYPED)["Location"] == url + "learned/"
    assert (fresh(entry).title, fresh(entry).minutes, fresh(entry).reflection) == (
        "A morning at Old Forge", 150, "Kept")  # fmt: skip


def test_what_was_learned_is_saved_as_it_is_typed_and_a_second_tab_overwrites_nothing(world: World, browser: Client):
    entry = make_entry(world.registration, reflection="One", codes=("2.4",))
    url = f"{CPD}{entry.ref}/"
    base = re.search(r'name="base.reflection" value="([^"]+)"', browser.get(url + "learned/").content.decode()).group(1)
    said = browser.post(url + "autosave/", {"reflection": "One, two", "base.reflection": base})
    assert re.fullmatch(r"\d\d:\d\d", said.json()["saved_at"])
    stale = browser.post(url + "autosave/", {"reflection": "Other tab", "base.reflection": base})
    assert (stale.status_code, stale.json()["conflicts"]["reflection"]["text"]) == (409, "One, two")
    page_again = browser.post(url + "learned/", {"reflection": "Other tab", "base.reflection": base})
    assert page_again.status_code == 422
    assert "Other tab</textarea>" in page_again.content.decode()
    assert "One, two</textarea>" in page_again.content.decode()
    assert browser.post(url + "autosave/", {"reflection": "a\0b"}).status_code == 422
    assert (fresh(entry).reflection, entry.outcomes.count()) == ("One, two", 1)


def test_ticked_outcomes_open_their_section(world: World, browser: Client):
    entry = make_entry(world.registration, codes=("3.1",))
    html = browser.get(f"{CPD}{entry.ref}/learned/").content.decode()
    assert re.findall(r'<details class="govuk-details pick section-(\d)" open>', html) == ["3"]
    assert re.findall(r'value="([\d.]+)" checked', html) == ["3.1"]


def test_deleting_asks_first(world: World, browser: Client):
    entry = make_entry(world.registration, codes=("2.4",))
    url = f"{CPD}{entry.ref}/delete/"
    assert "Delete “Autism awareness” from your log?" in page(browser.get(url))
    assert browser.post(url, once(browser, url))["Location"] == CPD
    assert not CpdEntry.objects.exists()


def test_log_is_narrowed_by_kind_and_year_and_goes_on_to_the_next_page(world: World, browser: Client):
    for number in range(21):
        make_entry(world.registration, f"Course {number:02}", done_on=date(2025, 5, 1) + timedelta(days=number))
    make_entry(world.registration, "A visit", kind="visit", done_on=date(2026, 1, 1))

    def titles(url: str) -> list[str]:
        return re.findall(r"<h3>([^<]+)</h3>", browser.get(url).content.decode())

    assert titles(CPD)[:2] == ["A visit", "Course 20"]
    assert titles(f"{CPD}?year=2026") == ["A visit"]
    assert titles(f"{CPD}?kind=visit&year=2025") == []
    assert "Nothing in your log matches" in page(browser.get(f"{CPD}?kind=visit&year=2025"))
    first = browser.get(f"{CPD}?kind=course").content.decode()
    following = re.search(r'<a href="([^"]+)" rel="next">', first).group(1).replace("&amp;", "&")
    assert titles(following) == ["Course 00"]
    assert len(titles(f"{CPD}?kind=nonsense&year=%00")) == 20
    assert "Time spent in 2026" in page(browser.get(f"{CPD}?year=2026"))


def test_empty_log_explains(browser: Client):
    text = page(browser.get(CPD))
    assert "Nothing in your log yet" in text
    assert "spreadsheet" not in text


def test_export_is_what_the_page_shows_and_runs_nothing(world: World, browser: Client):
    make_entry(world.registration, "=HYPERLINK(1)", reflection="+1, “quoted”\nnew line", codes=("2.4", "1.10"),
               done_on=date(2026, 2, 3), minutes=95, place="@home")  # fmt: skip
    make_entry(world.registration, "A visit", kind="visit", done_on=date(2025, 2, 3))
    make_entry(world.other_registration, "Not mine")
    response = browser.get(f"{CPD}export.csv?year=2026")
    assert response["Content-Disposition"] == 'attachment; filename="cpd-log.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[1:] == [["03/02/2026", "Course or training", "'=HYPERLINK(1)", "1", "35", "'@home",
                         "'+1, “quoted”\nnew line", "1.10, 2.4"]]  # fmt: skip
    assert len(browser.get(f"{CPD}export.csv").content.decode().splitlines()) == 4


def test_a_closed_registration_shows_the_log_and_changes_nothing(world: World, browser: Client, at):
    entry = make_entry(world.registration)
    set_state(world.registration, Registration.State.WITHDRAWN, by=None, role="centre", at=at)
    with refused("registration-closed"):
        remove_entry(entry, by=world.trainee, at=at)
    set_state(world.registration, Registration.State.SUSPENDED, by=None, role="centre", at=at)
    text = page(browser.get(CPD))
    assert "Autism awareness" in text
    assert "Delete" not in text


def test_another_persons_entry_is_not_found(world: World, client_of):
    entry = make_entry(world.registration)
    for who in (world.other_trainee, world.assessor):
        for part in ("", "learned/", "delete/"):
            assert client_of(who).get(f"{CPD}{entry.ref}/{part}").status_code == 404
        assert client_of(who).post(f"{CPD}{entry.ref}/autosave/", {"reflection": "x"}).status_code == 404


# As evidence


def test_evidence_says_what_the_period_said_on_the_day(world: World, browser: Client):
    make_entry(world.registration, "Before", done_on=date(2026, 1, 31))
    make_entry(world.registration, "Plans", kind="release", done_on=date(2026, 2, 1), minutes=90,
               reflection="An hour each", codes=("2.7", "1.12"), place="Quince Tree")  # fmt: skip
    last = make_entry(world.registration, "A visit", kind="visit", done_on=date(2026, 2, 28), minutes=60)
    days = {"since_day": "1", "since_month": "2", "since_year": "2026", "until_day": "28", "until_month": "2",
            "until_year": "2026"}  # fmt: skip
    url = CPD + "evidence/?" + "&".join(f"{name}={value}" for name, value in days.items())
    shown = page(browser.get(url))
    answer = browser.post(CPD + "evidence/", once(browser, url) | days)
    version = EvidenceVersion.objects.get()
    assert answer["Location"] == f"/portfolio/evidence/{version.evidence.ref}/declare/"
    assert (version.kind, version.happened_on) == ("cpd_log", date(2026, 2, 28))
    assert version.title == "CPD log, 1 February 2026 to 28 February 2026"
    assert sorted(version.links.values_list("criterion__code", flat=True)) == ["2.3", "2.4", "2.5"]
    for words in ("In all: 2 hours 30 minutes, 2 entries", "Release time: 1 hour 30 minutes",
                  "Visits to other settings: 1 hour", "It helped me with: 1.12, 2.7", "What I learned: An hour each",
                  "It stays as it is when the record changes later."):  # fmt: skip
        assert words in version.text
    assert "Before" not in version.text
    assert " ".join(version.text.split()) in shown
    remove_entry(last, by=world.trainee, at=timezone.now())
    assert EvidenceVersion.objects.get().text == version.text


def test_evidence_of_an_empty_or_impossible_period_is_refused(world: World, browser: Client, at):
    make_entry(world.registration, done_on=date(2026, 1, 31))
    with refused("cpd-none"):
        cpd_evidence(world.registration, since=date(2020, 1, 1), until=date(2020, 2, 1), by=world.trainee, at=at)
    days = {"since_day": "2", "since_month": "2", "since_year": "2026", "until_day": "1", "until_month": "2",
            "until_year": "2026"}  # fmt: skip
    response = browser.get(CPD + "evidence/", days)
    assert "The last day must be the first day or later." in page(response, 422)
    with refused("cpd-none"):
        cpd_evidence(world.registration, since=date(2026, 1, 1), until=date(2026, 2, 1), by=world.assessor, at=at)


# Size


@pytest.mark.parametrize(
    ("url", "exactly"), [(CPD, 9), (CPD + "export.csv", 6), (CPD + "evidence/", 9), (CPD + "new/", 5)]
)
def test_pages_take_the_same_queries_at_one_and_three(
    world: World, browser: Client, queries: Queries, url: str, exactly: int
):
    make_entry(world.registration, codes=("2.4",))

    def grow() -> None:
        for kind, code in (("visit", "1.1"), ("release", "1.3")):
            make_entry(world.registration, kind=kind, codes=(code,), done_on=date(2026, 1, 1))

    queries.pin(browser, url, grow=grow, exactly=exactly)


def test_the_page_of_an_entry_takes_the_same_queries_whatever_it_helped_with(
    world: World, browser: Client, queries: Queries, at
):
    entry = make_entry(world.registration, codes=("2.4",))
    pks = {outcome(world.registration, code).pk for code in ("1.1", "2.4", "3.1")}
    grow = lambda: reflect(entry, outcome_ids=pks, by=world.trainee, at=at)  # noqa: E731
    queries.pin(browser, f"{CPD}{entry.ref}/learned/", grow=grow, exactly=7)
