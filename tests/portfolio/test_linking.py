"""Where in a piece of evidence a criterion is met: chosen, checked, said in words, and shown."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from portfolio.api import EvidenceLink, EvidenceVersion, Link, new_version, save_draft, set_links
from portfolio.models import EvidenceFile, FileRendition
from portfolio.places import describe, not_pointed_at
from tests.conftest import Queries
from tests.factories import World, criterion, make_draft, make_ready_evidence, make_submission, opened, submit
from tests.helpers import refused

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
TEXT = "First I watched.\n\nThen I asked\nthe parents.\n\n\nLast we made a plan."
TYPES = {"pdf": "application/pdf", "m4a": "audio/mp4", "mp4": "video/mp4", "jpg": "image/jpeg", "xlsx": "text/csv"}
LOCATORS = {"file_id": None, "paragraph": None, "page": None, "start_seconds": None, "end_seconds": None, "region": ""}


def add(version: EvidenceVersion, name: str, *, pages: int = 0, **fields: Any) -> EvidenceFile:
    """A checked file of a version, with what is shown of its pages."""
    now = timezone.now()
    made = EvidenceFile.objects.create(
        version=version, name=name, content_type=TYPES[name.rsplit(".", 1)[1]], size=9, stored_size=9, sha256="0" * 64,
        pages=pages, added_at=now, **{"state": "ready", "stored_as": f"x/{name}", "checked_at": now, **fields},
    )  # fmt: skip
    FileRendition.objects.bulk_create(
        FileRendition(file=made, kind="page", number=n, stored_as=f"x/{n}", width=9, height=9)
        for n in range(1, pages + 1)
    )
    return made


@pytest.fixture
def version(world: World) -> EvidenceVersion:
    """A draft of three paragraphs, linked to 1.1."""
    made = make_draft(world.registration, "1.1", text=TEXT)
    EvidenceLink.objects.filter(version=made).update(where="", why="")
    return made


@pytest.fixture
def browser(world: World, client_of: Callable[..., Client]) -> Client:
    """The trainee, signed in."""
    return client_of(world.trainee)


def page(response: HttpResponse, status: int = 200) -> str:
    """The words of a page's main part, as they are read."""
    assert response.status_code == status, f"{response.status_code} {response.get('Location', '')}"
    main = response.content.decode().split('<main id="main-content">')[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def why_page(version: EvidenceVersion) -> str:
    return f"/portfolio/evidence/{version.evidence.ref}/criteria/?part=why"


def send(browser: Client, version: EvidenceVersion, url: str = "", **typed: str) -> HttpResponse:
    """Sends the step's form for 1.1."""
    prefix = f"link{criterion('1.1').pk}"
    return browser.post(url or why_page(version), {f"{prefix}-{name}": value for name, value in typed.items()})


def saved(version: EvidenceVersion) -> dict[str, Any]:
    """Where the link to 1.1 points."""
    link = version.links.get(criterion=criterion("1.1"))
    return {name: value for name in LOCATORS if (value := getattr(link, name)) not in (None, "")}


def located(world: World, version: EvidenceVersion, **place: Any) -> EvidenceLink:
    """The link to 1.1, pointing somewhere."""
    pk = criterion("1.1").pk
    set_links(version, [Link(pk, **place)], by=world.trainee, at=timezone.now())
    return version.links.select_related("file").get()


# The domain's check


def test_a_place_that_is_there_is_kept(world: World, version: EvidenceVersion):
    plan, call = add(version, "plan.pdf", pages=3), add(version, "call.m4a")
    photo = add(version, "photo.jpg")
    for place, said in (
        ({"paragraph": 3}, "paragraph 3"),
        ({"file_id": plan.pk}, "plan.pdf"),
        ({"file_id": plan.pk, "page": 3}, "page 3 of plan.pdf"),
        ({"file_id": plan.pk, "page": 1, "region": "0 0 100 50"}, "marked part of page 1 of plan.pdf"),
        ({"file_id": call.pk, "start_seconds": 80}, "at 1:20 in call.m4a"),
        ({"file_id": call.pk, "start_seconds": 80, "end_seconds": 125}, "from 1:20 to 2:05 in call.m4a"),
        ({"file_id": photo.pk, "region": "10 20 30 40"}, "marked part of photo.jpg"),
        ({"where": "In the folder"}, ""),
    ):
        assert describe(located(world, version, **place)) == said


def test_a_place_that_is_not_there_is_refused(world: World, version: EvidenceVersion):
    plan, call = add(version, "plan.pdf", pages=3), add(version, "call.m4a")
    photo, sheet = add(version, "photo.jpg"), add(version, "sheet.xlsx")
    gone = add(version, "gone.pdf", state="refused", stored_as="", problem="It is locked.")
    others = add(make_draft(world.registration, "1.3"), "other.pdf", pages=2)
    for place, code in (
        ({"paragraph": 4}, "place-paragraph"),
        ({"paragraph": 1, "file_id": plan.pk}, "place-two"),
        ({"page": 1}, "place-no-file"),
        ({"region": "1 1 1 1"}, "place-no-file"),
        ({"start_seconds": 3}, "place-no-file"),
        ({"file_id": others.pk}, "file-unknown"),
        ({"file_id": gone.pk}, "place-file-refused"),
        ({"file_id": plan.pk, "page": 4}, "place-page"),
        ({"file_id": sheet.pk, "page": 1}, "place-page"),
        ({"file_id": plan.pk, "page": 1, "start_seconds": 3}, "place-time"),
        ({"file_id": call.pk, "end_seconds": 9}, "place-start"),
        ({"file_id": call.pk, "start_seconds": 10, "end_seconds": 9}, "place-end"),
        ({"file_id": plan.pk, "region": "1 1 1 1"}, "place-region"),
        ({"file_id": photo.pk, "region": "90 1 20 1"}, "place-region-shape"),
    ):
        with refused(code):
            located(world, version, **place)


def test_what_was_saved_stays_when_its_paragraph_goes(world: World, version: EvidenceVersion, browser: Client):
    located(world, version, paragraph=3)
    save_draft(version, text="Shorter now.", by=world.trainee, at=timezone.now())
    assert "Paragraph 3, which is not there any more" in page(browser.get(why_page(version)))
    assert send(browser, version, why="Still true").status_code == 302
    assert saved(version) == {"paragraph": 3}
    send(browser, version, place="p1")
    assert saved(version) == {"paragraph": 1}


def test_places_go_along_into_a_new_version(world: World):
    version = make_ready_evidence(world.registration, "1.1")
    plan = add(version, "plan.pdf", pages=2)
    located(world, version, file_id=plan.pk, page=2)
    EvidenceVersion.objects.filter(pk=version.pk).update(
        authenticity_declared_at=timezone.now(), child_identity_declared_at=timezone.now()
    )
    submit(world.registration, "1.1")
    link = new_version(version.evidence, by=world.trainee, at=timezone.now()).links.select_related("file").get()
    assert describe(link) == "page 2 of plan.pdf"
    assert link.file_id != plan.pk


# The form


def test_only_what_fits_is_asked(version: EvidenceVersion, browser: Client):
    prefix = f"link{criterion('1.1').pk}"

    def asked() -> set[str]:
        names = re.findall(rf'name="{prefix}-(\w+)"', browser.get(why_page(version)).content.decode())
        return set(names)

    assert asked() == {"place", "where", "why"}
    call = add(version, "call.m4a")
    assert asked() == {"place", "where", "why", "start", "end"}
    call.delete()
    add(version, "plan.pdf", pages=2)
    assert asked() == {"place", "where", "why", "page", "left", "top", "width", "height"}
    EvidenceFile.objects.all().delete()
    EvidenceVersion.objects.update(text="")
    assert asked() == {"where", "why"}


def test_the_choice_names_each_paragraph_and_file(version: EvidenceVersion, browser: Client):
    add(version, "plan.pdf", pages=2)
    add(version, "call.m4a", state="checking", checked_at=None)
    add(version, "gone.pdf", state="refused", stored_as="", problem="It is locked.")
    html = browser.get(why_page(version)).content.decode()
    options = re.findall(r"<option[^>]*>([^<]+)</option>", html)
    assert options == ["Not in one place", "Paragraph 1: First I watched.", "Paragraph 2: Then I asked the parents.",
                       "Paragraph 3: Last we made a plan.", "plan.pdf (2 pages)",
                       "call.m4a (being checked)"]  # fmt: skip
    assert 'data-media="pages" data-pages="2" data-name="plan.pdf"' in html


def test_places_are_saved_without_a_script(version: EvidenceVersion, browser: Client):
    plan, call = add(version, "plan.pdf", pages=3), add(version, "call.m4a")
    photo, note = add(version, "photo.jpg", pages=1), add(version, "note.pdf", pages=1)
    edges = {"left": "10", "top": "20", "width": "30", "height": "40"}
    for typed, expected in (
        ({"place": "p2"}, {"paragraph": 2}),
        ({"place": f"f{plan.pk}", "page": " 2 "}, {"file_id": plan.pk, "page": 2}),
        ({"place": f"f{plan.pk}", "page": "2", **edges}, {"file_id": plan.pk, "page": 2, "region": "10 20 30 40"}),
        ({"place": f"f{note.pk}", **edges}, {"file_id": note.pk, "page": 1, "region": "10 20 30 40"}),
        ({"place": f"f{photo.pk}", **edges}, {"file_id": photo.pk, "page": 1, "region": "10 20 30 40"}),
        ({"place": f"f{call.pk}", "start": "1:20", "end": "2:05"},
         {"file_id": call.pk, "start_seconds": 80, "end_seconds": 125}),
        ({"place": f"f{call.pk}", "start": "0:00"}, {"file_id": call.pk, "start_seconds": 0}),
        ({"place": f"f{call.pk}"}, {"file_id": call.pk}),
        ({"place": ""}, {}),
    ):  # fmt: skip
        empty = dict.fromkeys(("page", "start", "end", *edges), "")
        assert send(browser, version, **empty | typed).status_code == 302
        assert saved(version) == expected


def test_what_does_not_fit_the_chosen_place_is_left_out(version: EvidenceVersion, browser: Client):
    add(version, "plan.pdf", pages=3)
    call = add(version, "call.m4a")
    send(browser, version, place=f"f{call.pk}", start="1:00", page="twelve", left="900")
    assert saved(version) == {"file_id": call.pk, "start_seconds": 60}
    send(browser, version, place="p1", start="nonsense")
    assert saved(version) == {"paragraph": 1}


@pytest.mark.parametrize(("file", "typed", "message"), [
    ("plan", {"page": "9"}, "plan.pdf has 3 pages. Give a page from 1 to 3."),
    ("plan", {"page": "two"}, "Give the page as a whole number, like 3."),
    ("plan", {"page": "0"}, "Give the page as a whole number, like 3."),
    ("plan", {"left": "1", "top": "1", "width": "1", "height": "1"}, "Say which page the marked part is on."),
    ("plan", {"page": "1", "left": "5"}, "Give all four numbers of the marked part, or none."),
    ("plan", {"page": "1", "left": "60", "top": "0", "width": "50", "height": "5"},
     "Left and width together must be 100 or less."),
    ("plan", {"page": "1", "left": "0", "top": "99", "width": "5", "height": "2"},
     "Top and height together must be 100 or less."),
    ("plan", {"page": "1", "left": "0", "top": "0", "width": "0", "height": "2"},
     "A marked part is at least 1 wide and 1 high."),
    ("plan", {"page": "1", "left": "x", "top": "0", "width": "5", "height": "2"},
     "Left: give a whole number from 0 to 100."),
    ("call", {"start": "soon"}, "Give the time in minutes and seconds, like 1:20, or 1:02:30."),
    ("call", {"end": "1:00"}, "Say when it starts, too."),
    ("call", {"start": "2:00", "end": "1:00"}, "The end must come after the start."),
    ("", {"page": "2"}, "Choose the file that this page, time or marked part is in."),
])  # fmt: skip
def test_what_is_wrong_is_said_in_words_and_nothing_typed_is_lost(
    version: EvidenceVersion, browser: Client, file: str, typed: dict[str, str], message: str
):
    files = {"plan": add(version, "plan.pdf", pages=3), "call": add(version, "call.m4a")}
    place = f"f{files[file].pk}" if file else ""
    response = send(browser, version, place=place, why="Because I did it", **typed)
    html = response.content.decode()
    assert page(response, 422).count(message) == 2  # in the summary, and at the field
    target = re.search(r'govuk-error-summary__list">\s*<li><a href="#([^"]+)"', html).group(1)
    assert f'id="{target}"' in html
    assert all(f'value="{value}"' in html for value in typed.values())
    assert saved(version) == {}
    assert version.links.get().why == "Because I did it"
    assert '<details class="govuk-details locator__exact" open>' in html


def test_a_place_of_another_version_cannot_be_chosen(world: World, version: EvidenceVersion, browser: Client):
    others = add(make_draft(world.registration, "1.3"), "other.pdf", pages=2)
    assert send(browser, version, place=f"f{others.pk}").status_code == 422
    assert send(browser, version, place="p99").status_code == 422
    assert saved(version) == {}


# Autosave


def autosave(version: EvidenceVersion) -> str:
    return f"/portfolio/evidence/{version.evidence.ref}/autosave/"


def test_places_are_saved_as_they_are_chosen_one_field_at_a_time(version: EvidenceVersion, browser: Client):
    plan = add(version, "plan.pdf", pages=3)
    for name, value in (("place", f"f{plan.pk}"), ("page", "2"), ("why", "It says so")):
        assert re.fullmatch(r"\d\d:\d\d", send(browser, version, autosave(version), **{name: value}).json()["saved_at"])
    assert saved(version) == {"file_id": plan.pk, "page": 2}
    assert version.links.get().why == "It says so"


def test_autosave_keeps_what_is_right_and_says_what_is_not(version: EvidenceVersion, browser: Client):
    plan = add(version, "plan.pdf", pages=3)
    answer = send(browser, version, autosave(version), place=f"f{plan.pk}", page="7", why="It says so")
    assert answer.status_code == 200
    assert answer.json()["saved_at"].endswith(", but not all of it: plan.pdf has 3 pages. Give a page from 1 to 3.")
    assert saved(version) == {}
    assert version.links.get().why == "It says so"


# Shown


def test_places_lead_there_on_every_page(world: World, version: EvidenceVersion, client_of: Callable[..., Client]):
    plan, call = add(version, "plan.pdf", pages=2), add(version, "call.m4a")
    ids = [criterion(code).pk for code in ("1.1", "1.3", "1.4", "1.5")]
    places = [{"paragraph": 2}, {"file_id": plan.pk, "page": 2}, {"file_id": call.pk, "start_seconds": 80},
              {"file_id": plan.pk, "page": 1, "region": "10 20 30 40"}]  # fmt: skip
    links = [Link(pk, **place) for pk, place in zip(ids, places, strict=True)]
    set_links(version, links, by=world.trainee, at=timezone.now())
    html = client_of(world.trainee).get(f"/portfolio/evidence/{version.evidence.ref}/").content.decode()
    found = dict(re.findall(r'<a class="place" href="([^"]+)"[^>]*>([^<]+)</a>', html))
    assert found == {
        f"#paragraph-{version.pk}-2": "Paragraph 2",
        f"#file-{plan.pk}-page-2": "Page 2 of plan.pdf",
        f"/portfolio/files/{call.ref}/#t=80": "At 1:20 in call.m4a",
        f"#file-{plan.pk}-page-1": "Marked part of page 1 of plan.pdf",
    }
    assert all(f'id="{anchor[1:]}"' in html for anchor in found if anchor.startswith("#"))
    assert f'data-seek="80" data-file="{call.ref}"' in html
    assert '<rect class="marked__edge" x="10" y="20" width="30" height="40"/>' in html
    criterion_page = client_of(world.trainee).get("/portfolio/criteria/1.1/").content.decode()
    own = f"/portfolio/evidence/{version.evidence.ref}/versions/1/#paragraph-{version.pk}-2"
    assert f'href="{own}">Paragraph 2</a>' in criterion_page


def test_the_assessor_and_the_check_page_are_pointed_there(
    world: World, browser: Client, client_of: Callable[..., Client]
):
    version = make_ready_evidence(world.registration, "1.1", text=TEXT)
    EvidenceLink.objects.filter(version=version).update(paragraph=3)
    check = browser.get("/portfolio/submit/check/?criterion=1.1").content.decode()
    assert f"/versions/1/#paragraph-{version.pk}-3" in check
    submission = opened(submit(world.registration, "1.1"))
    html = client_of(world.assessor).get(f"/assess/submissions/{submission.ref}/").content.decode()
    assert f'Look at: <a class="place" href="#paragraph-{version.pk}-3">Paragraph 3</a>' in html
    assert f'<li id="paragraph-{version.pk}-3" tabindex="-1" class="here"><p>Last we made a plan.</p></li>' in html


def test_evidence_page_takes_the_same_queries_at_one_and_three_places(
    world: World, version: EvidenceVersion, browser: Client, queries: Queries
):
    plan = add(version, "plan.pdf", pages=9)
    located(world, version, file_id=plan.pk, page=1)

    def grow() -> None:
        links = [Link(criterion(code).pk, file_id=plan.pk, page=n) for n, code in enumerate(("1.1", "1.3", "1.4"), 1)]
        set_links(version, links, by=world.trainee, at=timezone.now())

    queries.pin(browser, f"/portfolio/evidence/{version.evidence.ref}/", grow=grow, exactly=PINNED["evidence"])


def test_why_step_takes_the_same_queries_at_one_and_three_criteria(
    world: World, version: EvidenceVersion, browser: Client, queries: Queries
):
    add(version, "plan.pdf", pages=9)

    def grow() -> None:
        add(version, "call.m4a")
        links = [Link(criterion(code).pk) for code in ("1.1", "1.3", "1.4")]
        set_links(version, links, by=world.trainee, at=timezone.now())

    queries.pin(browser, why_page(version), grow=grow, exactly=PINNED["why"])


def test_criteria_step_takes_the_same_queries_at_one_and_three_files(
    version: EvidenceVersion, browser: Client, queries: Queries
):
    add(version, "plan.pdf", pages=2)
    queries.pin(browser, why_page(version).split("?")[0], exactly=PINNED["criteria"],
                grow=lambda: [add(version, "two.pdf", pages=2), add(version, "three.pdf", pages=2)])  # fmt: skip


PINNED = {"evidence": 13, "why": 9, "criteria": 11}


# Not pointed at yet


def missed(version: EvidenceVersion) -> list[str]:
    fresh = EvidenceVersion.objects.get(pk=version.pk)
    return [str(part) for part in not_pointed_at(fresh, fresh.links.all())]


def test_parts_that_nothing_points_to_are_named(world: World, version: EvidenceVersion):
    plan = add(version, "plan.pdf", pages=6)
    add(version, "call.m4a")
    assert missed(version) == ["paragraphs 1 to 3", "pages 1 to 6 of plan.pdf", "call.m4a"]
    located(world, version, paragraph=2)
    assert missed(version) == ["paragraphs 1 and 3", "pages 1 to 6 of plan.pdf", "call.m4a"]
    located(world, version, file_id=plan.pk, page=2)
    assert missed(version) == ["paragraphs 1 to 3", "pages 1 and 3 to 6 of plan.pdf", "call.m4a"]
    located(world, version, file_id=plan.pk)
    assert missed(version) == ["paragraphs 1 to 3", "call.m4a"]


def test_nothing_is_missed_without_a_link_or_with_a_single_part(world: World, version: EvidenceVersion):
    one = make_draft(world.registration, "1.1", text="One paragraph.")
    assert missed(one) == []
    set_links(version, [], by=world.trainee, at=timezone.now())
    assert missed(version) == []


def test_missed_parts_are_told_to_the_learner_only_and_block_nothing(
    world: World, browser: Client, client_of: Callable[..., Client]
):
    version = make_ready_evidence(world.registration, "1.1", text=TEXT)
    said = "Not pointed at yet: paragraphs 1 to 3. That is fine if the rest only gives the background."
    url = f"/portfolio/evidence/{version.evidence.ref}/"
    assert said in page(browser.get(url))
    assert said in page(browser.get(why_page(version)))
    submit(world.registration, "1.1")
    assert said not in page(client_of(world.assessor).get(url))


def test_text_of_one_paragraph_is_not_numbered(world: World, browser: Client):
    version = make_submission(world.registration, "1.1", text="Only one.").items.get().versions.get()
    html = browser.get(f"/portfolio/evidence/{version.evidence.ref}/").content.decode()
    assert '<ol class="numbered">' not in html
    assert f'id="paragraph-{version.pk}-1"' in html
