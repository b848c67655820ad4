"""The record of staff: what one may assess, certificates, proof, CPD, and the reminders before something ends."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from assessment.domain.remind_staff import remind_staff
from assessment.queries_competence import cpd_totals, endings
from courses.framework.api import set_policy
from lms.accounts.api import Role, StaffCpd, StaffQualification, User
from lms.accounts.competence import Facts, check_proof, record_qualification, write_cpd
from lms.common.errors import Refused
from lms.notices.api import Notice
from portfolio.files import store_room
from tests.factories import World, make_person, make_unqualified
from tests.world_once import world_again

pytestmark = pytest.mark.django_db
ASSESSING, OCCUPATIONAL = StaffQualification.Kind.ASSESSING, StaffQualification.Kind.OCCUPATIONAL
LIST_QUERIES, RECORD_QUERIES, OWN_QUERIES = 13, 13, 12
PAGE, STAFF = "/assess/competence/", "/quality/staff/"
HELD = {"title": "CAVA", "awarded_by": "Example Awards", "state": "held", "awarded_on_day": "14",
        "awarded_on_month": "6", "awarded_on_year": "2019"}  # fmt: skip


@pytest.fixture
def world() -> World:
    return world_again()


def once(page: Any) -> str:
    return re.search(r'name="once" value="([^"]+)"', page.content.decode())[1]


def send(client: Client, address: str, **data: Any) -> Any:
    """What a person posts from a page: with the page's once-token."""
    return client.post(address, {"once": once(client.get(address)), **data})


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def png() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (20, 10), "teal").save(out, "PNG")
    return SimpleUploadedFile("certificate.png", out.getvalue(), "image/png")


def ending(user: User, by: User, days: int, kind: str = ASSESSING, title: str = "CAVA") -> StaffQualification:
    """Held and proved until so many days from now."""
    facts = Facts(kind, title, awarded_on=timezone.localdate() - timedelta(days=900),
                  expires_on=timezone.localdate() + timedelta(days=days))  # fmt: skip
    return check_proof(record_qualification(user, facts, by=user, at=timezone.now()), by=by, at=timezone.now())


def stored() -> int:
    """How many files the private store holds."""
    folders, files = store_room().listdir("") if store_room().exists("") else ([], [])
    return len(files) + sum(len(store_room().listdir(folder)[1]) for folder in folders)


def test_a_qualification_counts_once_the_centre_has_seen_proof(world):
    assessor = make_unqualified(world.assessor)
    mine, centre = signed_in(assessor), signed_in(world.lead_iqa)
    assert "Decisions are countersigned: no assessing qualification on the record" in mine.get(PAGE).content.decode()
    assert send(mine, f"{PAGE}new/?kind=assessing", **HELD).status_code == 302
    row = assessor.staff_qualifications.get(title="CAVA")
    assert row.awarded_on == date(2019, 6, 14)
    page = mine.get(PAGE).content.decode()
    assert "Proof not seen yet" in page
    assert "Decisions are countersigned" in page
    record = f"{STAFF}{assessor.pk}/"
    assert "I have seen proof" in centre.get(record).content.decode()
    answer = centre.post(f"{STAFF}qualifications/{row.ref}/seen/", {"once": once(centre.get(record))}, follow=True)
    assert "It counts from now on" in answer.content.decode()
    assert "Leila Haddad saw proof" in mine.get(PAGE).content.decode()
    assert "Qualified" in mine.get(PAGE).content.decode()


def test_the_certificate_is_kept_privately_and_only_the_right_people_open_it(world):
    before = stored()
    answer = send(signed_in(world.assessor), f"{PAGE}new/?kind=assessing", certificate=png(), **HELD)
    assert answer.status_code == 302
    row = world.assessor.staff_qualifications.get(file_name="certificate.png")
    assert stored() == before + 1
    address = f"{PAGE}{row.ref}/certificate/"
    for user, status in ((world.assessor, 200), (world.lead_iqa, 200), (world.centre_admin, 200),
                         (world.second_assessor, 404), (world.iqa, 404), (world.other.lead_iqa, 404),
                         (world.trainee, 404)):  # fmt: skip
        answer = signed_in(user).get(address)
        assert answer.status_code == status, user
        if status == 200:
            assert answer["Content-Type"] == "image/png"
            assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("upload", "problem"),
    [
        (SimpleUploadedFile("proof.txt", b"I hold it", "text/plain"), "Add a PDF, JPEG or PNG"),
        (
            SimpleUploadedFile("proof.pdf", b"\x89PNG\r\n\x1a\n" + bytes(40), "application/pdf"),
            "is not what its name says",
        ),
        (SimpleUploadedFile("proof.png", b"\x89PNG\r\n\x1a\nnonsense", "image/png"), "damaged"),
    ],
    ids=["another kind", "mistyped", "broken"],
)
def test_a_certificate_that_cannot_be_taken_leaves_nothing_and_loses_nothing_typed(world, upload, problem):
    before, rows = stored(), StaffQualification.objects.count()
    upload.seek(0)
    answer = send(signed_in(world.assessor), f"{PAGE}new/?kind=assessing", certificate=upload, **HELD)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert problem in page
    assert 'value="Example Awards"' in page
    assert (stored(), StaffQualification.objects.count()) == (before, rows)


def test_a_form_sent_twice_keeps_one_record_and_one_file(world):
    client, address, before = signed_in(world.assessor), f"{PAGE}new/?kind=assessing", stored()
    token = once(client.get(address))
    for _ in range(2):
        assert client.post(address, {"once": token, "certificate": png(), **HELD}).status_code == 302
    assert world.assessor.staff_qualifications.filter(title="CAVA", awarded_by="Example Awards").count() == 1
    assert stored() == before + 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"awarded_on_year": "2199"}, "today or in the past"),
        ({"awarded_on_day": "", "awarded_on_month": "", "awarded_on_year": ""}, "Enter the date of the award"),
        ({"expires_on_day": "1", "expires_on_month": "1", "expires_on_year": "2018"}, "cannot run out before"),
        ({"state": "working"}, "Enter the date since when"),
        ({"title": ""}, "Give the title"),
    ],
    ids=["to come", "no date", "out before", "since when", "no title"],
)
def test_dates_that_cannot_be_are_refused_in_words(world, changes, problem):
    answer = send(signed_in(world.assessor), f"{PAGE}new/?kind=assessing", **{**HELD, **changes})
    assert answer.status_code == 422
    assert problem in answer.content.decode()


def test_what_was_worked_towards_becomes_held_and_must_be_proved(world):
    assessor = make_unqualified(world.assessor)
    row = record_qualification(assessor, Facts(ASSESSING, "CAVA", working_towards_since=date(2026, 1, 5)), by=assessor,
                               at=timezone.now())  # fmt: skip
    client = signed_in(assessor)
    assert "working towards the qualification since 5 January 2026" in client.get(PAGE).content.decode()
    assert send(client, f"{PAGE}{row.ref}/", **HELD).status_code == 302
    row.refresh_from_db()
    assert (row.awarded_on, row.checked_at) == (date(2019, 6, 14), None)


def test_taking_off_the_record_needs_a_reason_and_counts_at_once(world):
    row = world.assessor.staff_qualifications.get()
    own, centre = signed_in(world.assessor), signed_in(world.centre_admin)
    address = f"{PAGE}{row.ref}/remove/"
    assert "can take it off the record" in send(own, address, reason="mistake").content.decode()
    assert send(centre, address).status_code == 422
    assert send(centre, address, reason="revoked").status_code == 302
    page = centre.get(f"{STAFF}{world.assessor.pk}/").content.decode()
    assert "Whoever awarded it has revoked it" in page
    assert "Decisions are countersigned" in page


def test_only_the_persons_own_centre_keeps_their_record(world):
    with pytest.raises(Refused) as refusal:
        record_qualification(world.assessor, Facts(ASSESSING, "CAVA", awarded_on=date(2020, 1, 1)),
                             by=world.other.lead_iqa, at=timezone.now())  # fmt: skip
    assert refusal.value.code == "qualification-right"
    page = signed_in(world.other.lead_iqa).get(STAFF).content.decode()
    assert "Nia Bell" in page
    assert "Asha Patel" not in page


def test_the_list_of_staff_is_narrowed(world):
    make_unqualified(world.unallocated_assessor)
    ending(world.second_assessor, world.lead_iqa, 20, OCCUPATIONAL, "Nursery SENCO")
    record_qualification(world.iqa, Facts(OCCUPATIONAL, "SENCO", awarded_on=date(2020, 1, 1)), by=world.iqa,
                         at=timezone.now())  # fmt: skip
    client, found = signed_in(world.lead_iqa), {}
    for asked in ("", "q=asha", "role=iqa", "show=to_prove", "show=ends", "role=assessor&show=unqualified"):
        page = client.get(f"{STAFF}?{asked}")
        found[asked] = {member.user.name for member in page.context["page"]}
    everybody = {"Asha Patel", "Ben Okoro", "Carys Jones", "Dev Shah", "Ivo Novak", "Leila Haddad"}
    assert found == {
        "": everybody, "q=asha": {"Asha Patel"}, "role=iqa": {"Ivo Novak"}, "show=to_prove": {"Ivo Novak"},
        "show=ends": {"Ben Okoro"}, "role=assessor&show=unqualified": {"Dev Shah"},
    }  # fmt: skip


def test_queries_do_not_grow_with_the_staff(world, django_assert_num_queries):
    client = signed_in(world.lead_iqa)
    client.get(STAFF)
    for _ in range(2):
        with django_assert_num_queries(LIST_QUERIES):
            client.get(STAFF)
        with django_assert_num_queries(RECORD_QUERIES):
            client.get(f"{STAFF}{world.assessor.pk}/")
        for number in range(3):
            make_person(None, (Role.ASSESSOR, world.centre))
            record_qualification(world.assessor, Facts(OCCUPATIONAL, f"Job {number}", awarded_on=date(2020, 1, 1)),
                                 by=world.lead_iqa, at=timezone.now())  # fmt: skip


def test_queries_do_not_grow_with_ones_own_record(world, django_assert_num_queries):
    client = signed_in(world.assessor)
    client.get(PAGE)
    for _ in range(2):
        with django_assert_num_queries(OWN_QUERIES):
            client.get(PAGE)
        for number in range(3):
            record_qualification(world.assessor, Facts(OCCUPATIONAL, f"Job {number}", awarded_on=date(2020, 1, 1)),
                                 by=world.assessor, at=timezone.now())  # fmt: skip
            write_cpd(world.assessor, happened_on=timezone.localdate(), title="Course", minutes=60, learned="",
                      is_assessment=False, by=world.assessor, at=timezone.now())  # fmt: skip


def test_the_log_of_development_adds_up_the_last_twelve_months(world):
    client = signed_in(world.assessor)
    today = timezone.localdate()
    day = {
        "happened_on_day": str(today.day),
        "happened_on_month": str(today.month),
        "happened_on_year": str(today.year),
    }
    answer = send(client, f"{PAGE}cpd/new/", title="Standardisation", minutes_hours="1", minutes_minutes="30",
                  is_assessment="on", learned="To look twice.", **day)  # fmt: skip
    assert answer.status_code == 302
    for ago, minutes in ((300, 60), (400, 999)):
        write_cpd(world.assessor, happened_on=today - timedelta(days=ago), title="Course", minutes=minutes,
                  is_assessment=False, learned="", by=world.assessor, at=timezone.now())  # fmt: skip
    totals = cpd_totals(world.assessor)
    assert (totals.minutes, totals.assessing) == (150, 90)
    page = client.get(PAGE).content.decode()
    assert "2 hours 30 minutes" in page
    assert "To look twice." in page
    entry = StaffCpd.objects.get(title="Standardisation")
    answer = send(client, f"{PAGE}cpd/{entry.ref}/", title="Standardisation of section 2", minutes_hours="2", **day)
    assert answer.status_code == 302
    assert StaffCpd.objects.get(pk=entry.pk).minutes == 120
    assert send(client, f"{PAGE}cpd/{entry.ref}/remove/").status_code == 302
    assert not StaffCpd.objects.filter(pk=entry.pk).exists()


def test_nobody_writes_in_anothers_log(world):
    with pytest.raises(Refused):
        write_cpd(world.assessor, happened_on=timezone.localdate(), title="Course", minutes=60, is_assessment=False,
                  learned="", by=world.lead_iqa, at=timezone.now())  # fmt: skip


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__name", flat=True))


def test_the_person_and_their_lead_iqa_are_told_once_at_60_30_and_7_days(world):
    ending(world.assessor, world.centre_admin, 200, OCCUPATIONAL, "Nursery SENCO")
    now = timezone.now().replace(hour=12)  # the same day in summer time, too
    heard = []
    for left in (61, 60, 59, 31, 30, 8, 7, 7, 0, -1):
        remind_staff(now + timedelta(days=200 - left))
        heard.append({days: told(f"staff-ends-{days}") for days in (60, 30, 7)})
    both = {"Asha Patel", "Leila Haddad"}
    assert heard[0] == {60: set(), 30: set(), 7: set()}
    assert heard[1] == heard[2] == {60: both, 30: set(), 7: set()} == heard[3]
    assert heard[4] == heard[5] == {60: both, 30: both, 7: set()}
    assert heard[6] == heard[9] == {60: both, 30: both, 7: both}
    assert Notice.objects.filter(kind__startswith="staff-ends").count() == 6


def test_nobody_is_reminded_of_what_is_renewed_already(world):
    assert endings(timezone.localdate()) == []
    ending(world.assessor, world.lead_iqa, 20)  # besides the one without end that the factory gives
    assert endings(timezone.localdate()) == []


def test_the_end_of_the_working_towards_period_is_said_before(world):
    assessor = make_unqualified(world.assessor)
    set_policy(world.qualification, by=None, at=timezone.now() - timedelta(days=400), working_towards_months=12)
    since = timezone.localdate() - timedelta(days=340)
    record_qualification(assessor, Facts(ASSESSING, "CAVA", working_towards_since=since), by=assessor,
                         at=timezone.now())  # fmt: skip
    remind_staff(timezone.now())
    titles = set(Notice.objects.filter(kind="staff-ends-30").values_list("title", flat=True))
    assert {title.split(" ends on")[0] for title in titles} == {
        "Your time to work towards an assessing qualification",
        "Asha Patel’s time to work towards an assessing qualification",
    }
