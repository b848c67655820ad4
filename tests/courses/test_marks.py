"""Bookmarks, notes, one's own answers, the size of the text, and paper: all one's own."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.delivery.api import add_bookmark, save_note
from courses.delivery.models import Bookmark, StudyAnswer, StudyNote
from courses.pages.models import LessonPage
from courses.pages.queries import address, rendered
from lms.common.conflicts import EditedElsewhere, base_of
from tests.factories.lessons import chosen, live, make_lesson, spare
from tests.world_once import world_again

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
LISTS = ("bookmarks", "notes", "answers")


def first_lesson() -> LessonPage:
    return LessonPage.objects.order_by("path").first()


def text_of(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_place_is_bookmarked_listed_found_and_removed_with_a_way_back(client_of):
    world, lesson = world_again(), make_lesson()
    browser, (anchor, heading) = client_of(world.trainee), rendered(lesson).headings[0]
    url = reverse("study:bookmark", args=[lesson.pk])
    for _ in range(2):
        assert browser.post(url, {"anchor": anchor}).url == f"{address(lesson)}#{anchor}"
    mark = Bookmark.objects.get()
    assert (mark.title, mark.registration) == (heading, world.registration)
    assert heading in text_of(browser, reverse("bookmarks"))
    assert heading in text_of(browser, reverse("bookmarks") + "?q=going")
    assert "Nothing found" in text_of(browser, reverse("bookmarks") + "?q=unheard")
    removed = browser.post(reverse("study:bookmark_remove", args=[lesson.pk]), {"anchor": anchor, "back": "list"})
    assert not Bookmark.objects.exists()
    (message,) = get_messages(removed.wsgi_request)
    browser.post(message.extra_tags.removeprefix("undo:"))
    assert Bookmark.objects.get().title == heading


def test_a_bookmark_at_a_paragraph_that_was_edited_leads_to_its_heading(client_of):
    world, lesson = world_again(), make_lesson("## Snack\n\nPip eats under the table.\n\n## After\n\nPip sleeps.")
    browser, places = client_of(world.trainee), rendered(lesson).places
    anchor = next(place for place, heading in places.items() if place.startswith("p-") and heading == "Snack")
    browser.post(reverse("study:bookmark", args=[lesson.pk]), {"anchor": anchor})
    browser.post(reverse("study:remember", args=[lesson.pk]), {"anchor": anchor})
    go = reverse("study:at", args=[lesson.pk]) + f"?at={anchor}"
    assert browser.get(go).url == f"{address(lesson)}#{anchor}"
    make_lesson("## Before\n\nNew.\n\n## Snack\n\nPip eats under the table.\n\n## After\n\nPip sleeps.", lesson)
    assert browser.get(go).url == f"{address(lesson)}#{anchor}"  # edits elsewhere change nothing
    make_lesson("## Before\n\nNew.\n\n## Snack\n\nPip eats below the table.\n\n## After\n\nPip sleeps.", lesson)
    assert browser.get(go).url == f"{address(lesson)}#snack"
    assert 'data-resume="snack"' in text_of(browser, address(lesson))
    make_lesson("## Quite another\n\nText.", lesson)
    assert browser.get(go).url == address(lesson)
    assert browser.post(reverse("study:bookmark", args=[lesson.pk]), {"anchor": anchor}).status_code == 409


def test_a_note_is_kept_as_typed_and_never_overwritten_unseen(client_of):
    world, lesson = world_again(), first_lesson()
    browser = client_of(world.trainee)
    autosave = reverse("study:note_autosave", args=[lesson.pk])
    first = browser.post(autosave, {"text": "Ask Ola.", "base.text": base_of("")})
    assert first.json()["bases"] == {"base.text": base_of("Ask Ola.")}
    late = browser.post(autosave, {"text": "Ask Ruth.", "base.text": base_of("")})
    assert (late.status_code, late.json()["conflicts"]["text"]["text"]) == (409, "Ask Ola.")
    form = browser.post(reverse("study:note", args=[lesson.pk]), {"text": "Ask Ruth.", "base.text": base_of("")})
    assert form.status_code == 422
    assert {"Ask Ola.", "Ask Ruth."} <= {line.strip() for line in form.content.decode().replace(">", "<").split("<")}
    assert StudyNote.objects.get().text == "Ask Ola."
    assert "Ask Ola." in text_of(browser, address(lesson))
    assert "Ask Ola." in text_of(browser, reverse("notes") + "?q=ola")
    browser.post(reverse("study:note", args=[lesson.pk]), {"text": "  ", "base.text": base_of("Ask Ola.")})
    assert not StudyNote.objects.exists()


def test_two_tabs_that_write_a_first_note_do_not_overwrite_one_another():
    world, lesson, now = world_again(), first_lesson(), timezone.now()
    save_note(world.registration, lesson.pk, "One", at=now, bases={"text": base_of("")})
    with pytest.raises(EditedElsewhere) as refused:
        save_note(world.registration, lesson.pk, "Two", at=now, bases={"text": base_of("")})
    assert refused.value.theirs == {"text": "One"}


def test_what_one_keeps_is_read_by_nobody_else(client_of):
    """The word is on the owner's own pages, so that there is something to leak."""
    world, lesson, now = world_again(), make_lesson(), timezone.now()
    save_note(world.registration, lesson.pk, "quillwort", at=now)
    add_bookmark(world.registration, lesson.pk, "", "quillwort place", at=now)
    StudyAnswer.objects.create(registration=world.registration, page=lesson, block=live(lesson, "reflection").block,
                               kind="reflection", value={"text": "quillwort thought"}, saved_at=now)  # fmt: skip
    pages = [reverse(name) for name in LISTS] + [address(lesson), reverse("study:note", args=[lesson.pk])]
    pages += [f"{address(lesson.get_parent())}print/?answers=on"]
    owner = client_of(world.trainee)
    assert [("quillwort" in text_of(owner, url)) for url in pages] == [True] * len(pages)
    people = [user for tenant in (world, world.other) for user in vars(tenant).values()
              if hasattr(user, "current_memberships") and user != world.trainee]  # fmt: skip
    assert len(people) > 18
    for user in people:
        browser = client_of(user)
        for url in pages:
            assert "quillwort" not in browser.get(url).content.decode(), f"{user} at {url}"


def test_my_answers_say_what_i_answered_and_at_which_try(client_of):
    world, lesson = world_again(), make_lesson()
    browser, check = client_of(world.trainee), live(lesson, "single")
    url = reverse("study:answer", args=[lesson.pk, check.block])
    for text in ("The SENCO alone", "The SENCO and key person, with the parents"):
        browser.post(url, chosen(text))
    thought = live(lesson, "reflection")
    browser.post(reverse("study:answer", args=[lesson.pk, thought.block]), {"text": "The loudest is mine."})
    mine = text_of(browser, reverse("answers"))
    for words in ("Who decides", "The SENCO and key person, with the parents", "Right on the second try",
                  "The loudest is mine.", "Add it to my portfolio", f"#block-{check.block}"):  # fmt: skip
        assert words in mine, words
    make_lesson("All is new here.", lesson)
    assert "The loudest is mine." in text_of(browser, reverse("answers"))  # nothing written is lost
    spare(lesson)
    LessonPage.objects.get(pk=lesson.pk).unpublish()
    assert "The loudest is mine." in text_of(browser, reverse("answers"))


def test_paper_has_everything_and_ones_own_answers_only_if_asked(client_of):
    world, lesson = world_again(), make_lesson()
    browser, thought = client_of(world.trainee), live(lesson, "reflection")
    browser.post(reverse("study:answer", args=[lesson.pk, thought.block]), {"text": "The loudest is mine."})
    unit = address(lesson.get_parent().specific)
    plain = text_of(browser, f"{unit}print/")
    for page in LessonPage.objects.child_of(lesson.get_parent()):
        assert page.title in plain
    for words in ("Who decides", "Whose voice is loudest", "Statements covered"):
        assert words in plain, words
    assert "The loudest is mine." not in plain
    assert "The loudest is mine." in text_of(browser, f"{unit}print/?answers=on")
    one = text_of(browser, f"{unit}print/?only={lesson.pk}")
    assert "Whose voice is loudest" in one
    assert one.count("paper__sheet") < plain.count("paper__sheet")
    assert browser.get(f"{unit}print/?only=0").status_code == 404
    assert client_of(world.other.trainee).get(f"{unit}print/").status_code == 403


def test_the_size_of_the_text_is_kept_in_the_browser_and_worn_by_the_lesson(client_of):
    world, lesson = world_again(), first_lesson()
    browser, url = client_of(world.trainee), reverse("comfort")
    assert 'class="study "' in text_of(browser, address(lesson))
    answer = browser.post(url, {"size": "largest", "spacing": "wide", "next": address(lesson)})
    assert answer.url == address(lesson)
    assert 'class="study reading--largest reading--wide"' in text_of(browser, address(lesson))
    assert browser.post(url, {"size": "x", "spacing": "y", "next": "https://example.org/"}).url == "/courses/"
    assert browser.cookies["reading"].value == "normal.normal"
    browser.cookies["reading"] = '"><script>'
    assert 'class="study "' in text_of(browser, address(lesson))


def test_lists_and_paper_take_few_queries_however_much_there_is(client_of, queries):
    world, lesson, now = world_again(), make_lesson(), timezone.now()
    browser, registration = client_of(world.trainee), world.registration
    pages = [lesson, *LessonPage.objects.exclude(pk=lesson.pk).order_by("path")[:2]]

    def fill(some: list[LessonPage]) -> None:
        for page in some:
            save_note(registration, page.pk, "A note", at=now)
            add_bookmark(registration, page.pk, "", page.title, at=now)
            StudyAnswer.objects.create(registration=registration, page=page, block=live(lesson, "reflection").block,
                                       kind="reflection", value={"text": "A thought"}, saved_at=now)  # fmt: skip

    fill(pages[:1])
    before = {name: len(queries.of(browser, reverse(name))) for name in LISTS}
    paper = f"{address(lesson.get_parent().specific)}print/?answers=on"
    before["paper"] = len(queries.of(browser, paper))
    fill(pages[1:])
    after = {name: len(queries.of(browser, reverse(name))) for name in LISTS} | {
        "paper": len(queries.of(browser, paper))
    }
    print(before)
    assert after == before
    assert max(before.values()) <= 12
