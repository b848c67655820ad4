"""Local information: what one authority says inside national lessons, to its own trainees, kept by its own staff."""

import re
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from content.models import LocalInformation, LocalLink
from content.overlay import is_due, words_of
from courses.pages.local import keep_local, remove_local
from courses.pages.local_admin import LocalInformationViewSet
from courses.pages.queries import address
from lms.accounts.api import Role, grant_membership
from tests.factories import make_cohort, make_learner, make_person
from tests.factories.tutoring import make_author, make_draft_lesson, make_local
from tests.helpers import actions_since, database_refuses, last_event, refused, run_sql

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
LIST = "/cms/local-information/"
KEYED = ("edit", "delete", "usage", "history", "history-results")


def form(**values: Any) -> dict[str, Any]:
    """What the editor's form sends, with one link."""
    rows = {"links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0", "links-MIN_NUM_FORMS": "0",
            "links-MAX_NUM_FORMS": "1000"}  # fmt: skip
    text = '{"blocks": [{"key": "a", "text": "Ring us.", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], '
    return {**rows, "slot": "contacts", "text": text + '"entityRanges": [], "data": {}}], "entityMap": {}}',
            "checked_on": "", **values}  # fmt: skip


@pytest.fixture
def neighbour(world: Any) -> Any:
    """A learner of the same course whose cohort is another authority's."""
    cohort = make_cohort(world.qualification, world.centre, world.other.authority, name="Northmoor here")
    return make_learner(cohort, name="Nell Field")


def test_each_learner_reads_what_their_own_authority_says(client_of, world, neighbour):
    lesson = make_draft_lesson()
    make_local(world.authority, text="<p>Ring Haven on 0300.</p>", Offer="https://haven.example/")
    make_local(world.other.authority, text="<p>Ring North on 0400.</p>")
    for learner, own, foreign in (
        (world.trainee, "Haven on 0300", "North on"), (neighbour.learner, "North on 0400", "Haven on"),
        (world.trainee, "Haven on 0300", "North on"),
    ):  # fmt: skip
        page = client_of(learner).get(address(lesson)).content.decode()
        assert own in page
        assert foreign not in page
    page = client_of(world.trainee).get(address(lesson)).content.decode()
    assert f"From Havenshire Council, checked {timezone.localdate():%-d %B %Y}" in page
    assert 'href="https://haven.example/"' in page
    assert "Havenshire Council has not written anything here yet" in page  # funding


def test_without_an_authority_one_is_told_whom_to_ask(client_of, world):
    lesson = make_draft_lesson()
    alone = make_learner(qualification=world.qualification, centre=world.centre, name="Ida Lone")
    assert "Ask the early years SEND team" in client_of(alone.learner).get(address(lesson)).content.decode()


def test_staff_are_told_whose_words_they_see(client_of, world):
    lesson = make_draft_lesson()
    make_local(world.authority, text="<p>Ring Haven on 0300.</p>")
    page = client_of(world.authority_manager).get(address(lesson)).content.decode()
    assert "Trainees of Havenshire Council read this here" in page
    assert "Haven on 0300" in page
    page = client_of(world.author).get(address(lesson)).content.decode()
    assert "Each trainee reads here what their own local authority says" in page
    assert "Haven on 0300" not in page


def test_what_is_written_is_shown_at_once(world, django_capture_on_commit_callbacks):
    assert words_of(world.authority.pk) == {}
    with django_capture_on_commit_callbacks(execute=True):
        row = make_local(world.authority, text="<p>One.</p>")
    assert words_of(world.authority.pk)["contacts"].text == "<p>One.</p>"
    LocalLink.objects.create(information=row, title="Two", url="https://two.example/")
    assert [link.title for link in words_of(world.authority.pk)["contacts"].links] == ["Two"]
    row.delete()
    assert words_of(world.authority.pk) == {}


def test_local_words_are_sanitised(world):
    make_local(world.authority, text='<p onclick="x()">Hi<script>x()</script></p>')
    assert words_of(world.authority.pk)["contacts"].text == "<p>Hi</p>"


def test_after_half_a_year_it_is_due():
    today = timezone.localdate()
    assert [is_due(day) for day in (today, today - timedelta(182), today - timedelta(183), None)] == [
        False, False, True, True,
    ]  # fmt: skip


def test_every_view_of_the_editor_with_a_key_is_404_for_another_authority(client_of, world):
    row = make_local(world.other.authority)
    views = {
        str(p.pattern).split("/")[0] for p in LocalInformationViewSet().get_urlpatterns() if "pk" in str(p.pattern)
    }
    assert views == set(KEYED)
    owner, other = client_of(world.other.authority_manager), client_of(world.authority_manager)
    for view in KEYED:
        assert owner.get(f"{LIST}{view}/{row.pk}/").status_code == 200, view
        for browser in (other, client_of(world.area_senco), client_of(world.superuser)):
            assert browser.get(f"{LIST}{view}/{row.pk}/").status_code == 404, view
            assert browser.post(f"{LIST}{view}/{row.pk}/", form(slot="funding")).status_code == 404, view
    assert LocalInformation.objects.get().slot == "contacts"


def test_the_list_and_the_reports_of_the_editor_know_no_other_authority(client_of, world):
    make_local(world.other.authority, text="<p>Ring North.</p>")
    owner = client_of(world.other.authority_manager)
    assert owner.post(f"{LIST}new/?slot=funding", form(slot="funding")).status_code == 302
    page = owner.get(LIST).content.decode()
    assert "Contacts" in page
    assert "Funding" in page
    other = client_of(make_author(world.authority))
    page = BeautifulSoup(other.get(LIST).content, "html.parser").get_text()
    assert "Contacts" not in page
    assert "Funding" not in page
    for report in ("/cms/reports/site-history/", "/cms/", "/cms/pages/"):
        answer = other.get(report, follow=True)
        assert "Northmoor" not in answer.content.decode(), report
        assert "local-information/edit" not in answer.content.decode(), report


def test_who_keeps_it_writes_through_the_editor_and_it_is_written_down(client_of, world):
    browser, event = client_of(world.area_senco), last_event()
    link = {"links-TOTAL_FORMS": "1", "links-0-title": "Our page", "links-0-url": "https://haven.example/",
            "links-0-ORDER": "1", "links-0-id": "", "links-0-DELETE": ""}  # fmt: skip
    answer = browser.post(f"{LIST}new/?slot=contacts", form(**link))
    assert answer.status_code == 302, BeautifulSoup(answer.content, "html.parser").find_all(class_="w-field__errors")
    assert answer.url == reverse("local:information")
    row = LocalInformation.objects.get()
    assert (row.authority, row.links.get().url) == (world.authority, "https://haven.example/")
    assert "Ring us." in row.text
    browser.post(f"{LIST}edit/{row.pk}/", form(checked_on=str(timezone.localdate()), slot="funding"))
    row.refresh_from_db()
    assert (row.slot, row.checked_on) == ("contacts", timezone.localdate())  # the heading stays
    browser.post(f"{LIST}delete/{row.pk}/")
    assert actions_since(event) == ["local.written", "local.written", "local.removed"]
    assert not LocalInformation.objects.exists()


def test_a_link_is_an_address_or_a_file(client_of, world):
    link = {"links-TOTAL_FORMS": "1", "links-0-title": "Nothing", "links-0-url": "", "links-0-ORDER": "1"}
    answer = client_of(world.area_senco).post(f"{LIST}new/?slot=contacts", form(**link))
    assert "Give a link or choose a file." in answer.content.decode()
    bad = {**link, "links-0-url": "javascript:alert(1)"}
    assert client_of(world.area_senco).post(f"{LIST}new/?slot=contacts", form(**bad)).status_code == 200
    assert not LocalInformation.objects.exists()


def test_a_heading_is_offered_once(client_of, world):
    make_local(world.authority)
    browser = client_of(world.authority_manager)
    page = BeautifulSoup(browser.get(f"{LIST}new/?slot=funding").content, "html.parser")
    offered = {option["value"]: option.has_attr("selected") for option in page.select("select[name=slot] option")}
    assert "contacts" not in offered
    assert offered["funding"]
    assert "Select a valid choice" in browser.post(f"{LIST}new/", form()).content.decode()
    assert browser.get(f"{LIST}new/?authority={world.other.authority.pk}").status_code == 404


def test_only_its_staff_write_whatever_calls_the_domain(world, at):
    row = make_local(world.authority)
    for person in (world.other.authority_manager, world.trainee, world.author, world.centre_admin):
        with refused("local-staff"):
            remove_local(row, by=person, at=at)
        with refused("local-staff"):
            keep_local(row, row.save, by=person, at=at)


def test_the_authority_of_local_information_never_changes(world):
    row = make_local(world.authority)
    with database_refuses("one authority for good"):
        run_sql("UPDATE content_localinformation SET authority_id = %s WHERE id = %s", world.other.authority.pk, row.pk)


def test_a_role_that_ends_takes_the_editor_along(client_of, world, at):
    person = make_person("Ray Ends")
    assert client_of(person).get("/cms/").status_code == 403
    grant_membership(person, world.authority, Role.COHORT_MANAGER, starts_on=timezone.localdate(), by=None, at=at)
    assert client_of(person).get(LIST).status_code == 200
    person.memberships.update(
        starts_on=timezone.localdate() - timedelta(9), ends_on=timezone.localdate() - timedelta(1)
    )
    assert client_of(person).get(LIST).status_code == 403


def test_the_page_says_what_is_missing_where_it_is_shown_and_what_is_due(client_of, world, queries):
    lesson = make_draft_lesson()
    make_local(world.authority, checked_on=timezone.localdate() - timedelta(200))
    browser = client_of(world.authority_manager)
    page = browser.get(reverse("local:information")).content.decode()
    said = " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())
    assert re.search(r"headings? not written yet: [^.]*\bFunding\b", said)
    assert "Due for review: Contacts" in said
    assert re.search(r"Shown (in|on \d+ pages)", said)
    assert lesson.title in said
    assert reverse("local:information") in browser.get(reverse("delivery:cohorts")).content.decode()
    assert browser.get(f"{reverse('local:information')}?authority={world.other.authority.pk}").status_code == 404
    for person in (world.trainee, world.author, world.centre_admin):
        assert client_of(person).get(reverse("local:information")).status_code == 403

    def grow() -> None:
        for slot in ("funding", "referral"):
            make_local(world.authority, slot, one="https://a.example/", two="https://b.example/")

    queries.pin(browser, reverse("local:information"), grow=grow, exactly=13)
