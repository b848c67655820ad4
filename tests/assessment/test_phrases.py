"""The phrases library: one's own, the centre's, and what the workspace asks for."""

from typing import Any

import pytest
from django.utils import timezone

from assessment.domain import phrases as domain
from assessment.domain.phrases import add_phrase, change_phrase, count_use, remove_phrase
from assessment.models import Phrase
from assessment.queries_notes import found_phrases, phrases_for
from lms.accounts.api import Organisation, User
from lms.common.errors import Refused
from tests.factories import World
from tests.world_once import world_again

from .test_staff_views import once

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
LIBRARY = "/assess/phrases/"


@pytest.fixture
def world() -> World:
    return world_again()


def phrase(by: User, title: str = "Dates", *, centre: Organisation | None = None, use: str = "feedback",
           text: str = "{first name}, say when for {criterion}.") -> Phrase:  # fmt: skip
    return add_phrase(centre=centre, use=use, title=title, text=text, by=by, at=timezone.now())


def refused(code: str, act: Any, *args: Any, **values: Any) -> None:
    before = list(Phrase.objects.values())
    with pytest.raises(Refused) as caught:
        act(*args, **values)
    assert caught.value.code == code
    assert list(Phrase.objects.values()) == before


def test_an_assessor_keeps_their_own_and_the_lead_iqa_the_centres(world):
    mine, ours = phrase(world.assessor), phrase(world.lead_iqa, "Ours", centre=world.centre)
    theirs = phrase(world.other.assessor, "Theirs")
    assert set(phrases_for(world.assessor)) == {mine, ours}
    assert set(phrases_for(world.second_assessor)) == {ours}
    assert set(phrases_for(world.lead_iqa)) == {ours}
    assert set(phrases_for(world.other.assessor)) == {theirs}
    values = {"use": "rationale", "title": "New", "text": "New", "at": timezone.now()}
    refused("phrase-right", change_phrase, ours, **values, by=world.assessor)
    refused("phrase-right", change_phrase, mine, **values, by=world.second_assessor)
    refused("phrase-right", remove_phrase, mine, by=world.lead_iqa, at=timezone.now())
    refused("phrase-right", phrase, world.assessor, centre=world.centre)
    refused("phrase-right", phrase, world.iqa)
    assert change_phrase(ours, **values, by=world.lead_iqa).title == "New"
    remove_phrase(mine, by=world.assessor, at=timezone.now())
    assert not Phrase.objects.filter(pk=mine.pk).exists()


def test_a_phrase_needs_a_use_a_name_and_words_and_there_is_an_end(world, monkeypatch):
    refused("phrase-use", phrase, world.assessor, use="lunch")
    refused("phrase-title", phrase, world.assessor, " ")
    refused("phrase-title", phrase, world.assessor, "x" * 61)
    refused("phrase-text", phrase, world.assessor, text=" ")
    monkeypatch.setattr(domain, "MOST", 1)
    phrase(world.assessor)
    refused("phrases-full", phrase, world.assessor, "Another")
    phrase(world.second_assessor)


def test_the_most_used_come_first_and_words_find_them(world, client_of):
    first, second = (
        phrase(world.assessor, "A date"),
        phrase(world.assessor, "Z practice", use="rationale", text="Seen."),
    )
    browser = client_of(world.assessor)
    assert browser.post(f"{LIBRARY}{second.ref}/used/").status_code == 200
    count_use(second, by=world.assessor, at=timezone.now())
    listed = browser.get(f"{LIBRARY}list/").json()["phrases"]
    assert [one["title"] for one in listed] == ["Z practice", "A date"]
    assert listed[1] | {"used": ""} == {
        "title": "A date",
        "text": first.text,
        "use": "feedback",
        "own": True,
        "used": "",
    }
    assert list(found_phrases(world.assessor, words="SAY date")) == [first]
    assert list(found_phrases(world.assessor, use="rationale")) == [second]
    page = browser.get(f"{LIBRARY}?q=nothing").content.decode()
    assert "No phrase matches" in page


def test_a_phrase_is_added_changed_and_deleted_on_screen(world, client_of):
    browser = client_of(world.assessor)
    assert "No phrases yet" in browser.get(LIBRARY).content.decode()
    page = browser.get(f"{LIBRARY}new/")
    assert "keeper" not in page.context["form"].fields
    bad = browser.post(f"{LIBRARY}new/", {"once": once(page), "title": "Dates", "use": "feedback", "text": " "})
    assert (bad.status_code, 'href="#id_text"' in bad.content.decode()) == (422, True)
    browser.post(f"{LIBRARY}new/", {"once": once(page), "title": "Dates", "use": "feedback", "text": "Say when."})
    row = Phrase.objects.get()
    assert (row.owner, row.centre, row.text) == (world.assessor, None, "Say when.")
    at = f"{LIBRARY}{row.ref}/"
    browser.post(at, {"once": once(browser.get(at)), "title": "Dates", "use": "rationale", "text": "When."})
    row.refresh_from_db()
    assert (row.use, row.text) == ("rationale", "When.")
    assert client_of(world.second_assessor).get(at).status_code == 404
    browser.post(f"{at}remove/", {"once": once(browser.get(f"{at}remove/"))})
    assert not Phrase.objects.exists()


def test_the_lead_iqa_keeps_the_centres_library(world, client_of):
    browser = client_of(world.lead_iqa)
    page = browser.get(f"{LIBRARY}new/")
    browser.post(
        f"{LIBRARY}new/", {"once": once(page), "title": "House style", "use": "feedback", "text": "Well done."}
    )
    row = Phrase.objects.get()
    assert (row.owner, row.centre) == (None, world.centre)
    for who in (world.assessor, world.iqa):
        reader = client_of(who)
        assert "House style" in reader.get(LIBRARY).content.decode()
        assert reader.get(f"{LIBRARY}{row.ref}/").status_code == 403
    assert client_of(world.trainee).get(LIBRARY).status_code == 403


def test_the_library_takes_as_many_queries_for_three_as_for_one(world, client_of, queries):
    phrase(world.assessor)

    def grow() -> None:
        phrase(world.assessor, "Two")
        phrase(world.lead_iqa, "Three", centre=world.centre)

    queries.pin(client_of(world.assessor), LIBRARY, grow=grow, exactly=6)
