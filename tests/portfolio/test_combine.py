"""Several photographs made into one document."""

import io
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from lms.common import jobs
from lms.common.models import Job
from portfolio.api import EvidenceFile, EvidenceLink, Link, declare, set_links
from portfolio.domain.attach import remove_file
from portfolio.domain.combine import combine_now, combine_photos
from portfolio.processing.words import PARTS_GONE
from tests.factories import World, criterion, make_draft, make_file, submit
from tests.helpers import actions_since, check_files, last_event, refused
from tests.portfolio.test_processing import bytes_of, stored, text_pdf

pytestmark = [pytest.mark.slow, pytest.mark.alike, pytest.mark.django_db]


def photo(colour: str, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (60, 40), colour).save(out, kind)
    return out.getvalue()


@pytest.fixture
def draft(world: World):
    return make_draft(world.registration, "1.1")


@pytest.fixture
def photos(draft) -> list[EvidenceFile]:
    return [make_file(draft, "red.jpg", photo("red")), make_file(draft, "clear.png", photo("#00ff0080", "PNG", "RGBA")),
            make_file(draft, "blue.jpg", photo("blue"))]  # fmt: skip


def ids(*files: EvidenceFile) -> list[int]:
    return [file.pk for file in files]


def test_the_document_has_the_photographs_as_pages_in_the_order_chosen(
    draft, photos, world: World, django_capture_on_commit_callbacks
):
    red, clear, blue = photos
    links = [Link(criterion("1.1").pk, file_id=blue.pk, region="10 10 20 20")]
    set_links(draft, links, by=world.trainee, at=timezone.now())
    event = last_event()
    with django_capture_on_commit_callbacks(execute=True):
        made = combine_photos(draft, ids(blue, clear, red), name="The plan", by=world.trainee, at=timezone.now())
        assert (made.state, made.name, draft.files.count()) == ("checking", "The plan.pdf", 4)
        check_files()
    made.refresh_from_db()
    assert (list(draft.files.all()), made.content_type, made.pages) == ([made], "application/pdf", 3)
    assert (made.size, bytes_of(made.stored_as)[:5]) == (made.stored_size, b"%PDF-")
    colours = []
    for page in made.renditions.order_by("number"):
        with Image.open(io.BytesIO(bytes_of(page.stored_as))) as shown:
            bands = shown.convert("RGB").getpixel((9, 9))
        colours.append(bands.index(max(bands)))
    assert colours == [2, 1, 0]  # blue, green, red
    link = EvidenceLink.objects.get()
    assert (link.file, link.page, link.region) == (made, 1, "")
    assert actions_since(event) == ["evidence.files_combined", "evidence.file_ready", *["evidence.file_removed"] * 3]
    assert len(stored()) == 4


def test_combining_takes_the_declarations_back_and_stands_in_the_way_until_it_is_done(draft, photos, world: World):
    at = timezone.now()
    declare(draft, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    combine_photos(draft, ids(*photos), by=world.trainee, at=at)
    draft.refresh_from_db()
    assert not draft.is_declared
    declare(draft, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    with refused("rule-01-file-checking"):
        submit(world.registration, "1.1")
    check_files()
    assert submit(world.registration, "1.1").pk


def test_what_cannot_be_combined_is_refused(draft, photos, world: World):
    red, clear, _ = photos
    text = make_file(draft, "a.txt", b"a")
    other = make_file(make_draft(world.registration, "1.3"), "x.jpg", photo("red"))
    at = timezone.now()
    for chosen, code in (([red], "combine-two"), ([red, red], "combine-two"), ([red, text], "combine-gone"),
                         ([red, other], "combine-gone"), ([red, clear, red], "combine-gone")):  # fmt: skip
        with refused(code):
            combine_photos(draft, ids(*chosen), by=world.trainee, at=at)
    with refused("rule-01-owner"):
        combine_photos(draft, ids(red, clear), by=world.assessor, at=at)


def test_a_photograph_removed_meanwhile_ends_in_words_and_the_others_stay(draft, photos, world: World):
    made = combine_photos(draft, ids(*photos), by=world.trainee, at=timezone.now())
    remove_file(photos[1], by=world.trainee, at=timezone.now())
    check_files()
    made.refresh_from_db()
    assert (made.state, made.problem) == ("refused", f"“Photographs.pdf” {PARTS_GONE}")
    assert set(draft.files.values_list("name", flat=True)) == {"red.jpg", "blue.jpg", "Photographs.pdf"}


def test_running_it_twice_makes_one_document_and_giving_up_keeps_the_photographs(draft, photos, world, monkeypatch):
    made = combine_photos(draft, ids(*photos[:2]), by=world.trainee, at=timezone.now())
    for _ in range(2):
        combine_now(made.pk, ids(*photos[:2]), at=None)
    assert draft.files.count() == 2
    more = make_file(draft, "x.jpg", photo("white"))
    again = combine_photos(draft, ids(photos[2], more), by=world.trainee, at=timezone.now())
    monkeypatch.setattr("portfolio.domain.combine.examine", lambda path, name: 1 / 0)
    job = Job.objects.get(key=f"combine-{again.pk}")
    Job.objects.filter(pk=job.pk).update(attempts=jobs.MAX_ATTEMPTS - 1)
    jobs.run(job.pk)
    again.refresh_from_db()
    assert (again.state, again.name, draft.files.count()) == ("refused", "Photographs 2.pdf", 4)


def test_the_page_asks_for_the_order_and_says_what_is_wrong(
    draft, photos, world: World, client_of: Callable[..., Client]
):
    browser, url = client_of(world.trainee), f"/portfolio/evidence/{draft.evidence.ref}/combine/"
    make_file(draft, "plan.pdf", text_pdf("A"))
    files_page = browser.get(f"/portfolio/evidence/{draft.evidence.ref}/files/").content.decode()
    assert "Make your 3 photographs into one document" in files_page
    html = browser.get(url).content.decode()
    assert html.count('<li class="combine-row">') == 3
    once = re.search(r'name="once" value="([^"]+)"', html).group(1)
    fields = [f"photo{file.pk}" for file in photos]
    twice = browser.post(url, {"once": once, "name": "My pages", **dict.fromkeys(fields, "1")})
    assert twice.status_code == 422
    assert "“red.jpg” is page 1 already." in twice.content.decode()
    assert 'value="My pages"' in twice.content.decode()
    few = browser.post(url, {"once": once, "name": "x", **dict.fromkeys(fields, ""), fields[0]: "1"})
    assert (few.status_code, "Choose two photographs or more" in few.content.decode()) == (422, True)
    form = {"once": once, "name": "My pages", **dict(zip(fields, "321", strict=True))}
    done = browser.post(url, form)
    assert done["Location"].endswith("/files/")
    made = EvidenceFile.objects.get(name="My pages.pdf")
    assert Job.objects.get(key=f"combine-{made.pk}").payload["part_ids"] == ids(*reversed(photos))
    assert (
        browser.post(url, {"once": once, "name": "My pages", **dict(zip(fields, "321", strict=True))}).status_code
        == 302
    )
    assert EvidenceFile.objects.filter(name__startswith="My pages").count() == 1


def test_one_photograph_is_not_enough(draft, world: World, client_of: Callable[..., Client]):
    make_file(draft, "red.jpg", photo("red"))
    html = client_of(world.trainee).get(f"/portfolio/evidence/{draft.evidence.ref}/combine/").content.decode()
    assert "Not enough photographs" in html


def test_the_page_takes_the_same_queries_for_two_photographs_and_five(draft, world: World, client_of, queries):
    for name in "ab":
        make_file(draft, f"{name}.jpg", photo(f"#{ord(name):02x}0000"))

    def grow() -> None:
        for name in "cde":
            make_file(draft, f"{name}.jpg", photo(f"#{ord(name):02x}0000"))

    queries.pin(client_of(world.trainee), f"/portfolio/evidence/{draft.evidence.ref}/combine/", grow=grow, exactly=8)
