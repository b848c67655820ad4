"""Words and law: written by their own organisation's authors, read by whom they concern, checked in time."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.utils import timezone

from content import freshness
from content.blocks import BodyBlock
from content.domain.check_law import check_reference
from content.models import GlossaryTerm, LegalReference
from content.queries import refused_because_used
from courses.pages.authors import group_of
from courses.pages.domain.remind_law import tell_what_is_due
from courses.pages.glossary import by_letter, searched, terms_for
from courses.pages.models import LessonPage
from courses.pages.queries import address, rendered
from lms.accounts.api import Role, grant_membership
from lms.common.errors import Refused
from tests.factories import World
from tests.helpers import actions_since, last_event, last_notice, nothing_changes, told_since

TERMS, LAW = "/cms/snippets/content/glossaryterm/", "/cms/snippets/content/legalreference/"

pytestmark = pytest.mark.alike
TODAY = date(2026, 11, 22)


def make_term(term: str, organisation: Any = None, **facts: Any) -> GlossaryTerm:
    values = {"slug": term.lower().replace(" ", "-"), "meaning": f"What {term} means."} | facts
    return GlossaryTerm.objects.create(term=term, organisation=organisation, **values)


def make_law(code: str, organisation: Any = None, *, days: int = 0, **facts: Any) -> LegalReference:
    """A reference that was checked so many days ago."""
    values = {"title": f"Act {code}", "kind": "act", "edition": "2014", "says": "It says so.", "status": "in_force",
              "url": "https://www.legislation.gov.uk/x",
              "checked_on": timezone.localdate() - timedelta(days=days)} | facts  # fmt: skip
    return LegalReference.objects.create(code=code, organisation=organisation, **values)


def lesson_with(*raw: tuple[str, Any]) -> LessonPage:
    """The first lesson, with this body and published."""
    page = LessonPage.objects.order_by("path").first()
    blocks = [{"type": kind, "value": value, "id": f"00000000-0000-4000-8000-{number:012d}"}
              for number, (kind, value) in enumerate(raw)]  # fmt: skip
    page.body = BodyBlock().to_python(blocks)
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)


def without_the_products(model: type[LegalReference | GlossaryTerm]) -> None:
    """Takes away what comes with the product, although its lessons use it."""
    rows = model.objects.all()
    rows._raw_delete(rows.db)


def citing(row: LegalReference) -> LessonPage:
    return lesson_with(("law", {"references": [{"reference": row.pk, "why": "Because"}]}))


@pytest.fixture
def author(world: World, client_of: Callable[..., Client]) -> Client:
    """The author's browser."""
    group_of(world.ao, Role.AUTHOR)
    return client_of(world.author)


# In the editor


@pytest.fixture
def three(world: World) -> dict[str, Any]:
    """A word of the product, one of the author's organisation, one of another."""
    return {
        "shipped": make_term("Ours"),
        "own": make_term("Mine", world.ao),
        "foreign": make_term("Theirs", world.other.ao),
    }


def test_an_author_sees_their_own_and_the_products(author: Client, three: dict[str, Any]):
    text = author.get(TERMS).content.decode()
    assert ("Mine" in text, "Ours" in text, "Theirs" in text) == (True, True, False)
    assert f"{TERMS}edit/{three['own'].pk}/" in text
    assert f"{TERMS}edit/{three['shipped'].pk}/" not in text
    assert f"{TERMS}inspect/{three['shipped'].pk}/" in text
    found = author.get(TERMS, {"q": "mine"}).content.decode()
    assert ("Mine" in found, "Ours" in found) == (True, False)


@pytest.mark.parametrize("page", ["edit", "delete", "usage", "history", "inspect", "copy"])
def test_another_organisations_is_not_there(author: Client, three: dict[str, Any], page: str):
    assert author.get(f"{TERMS}{page}/{three['foreign'].pk}/").status_code == 404
    assert author.get(f"{TERMS}{page}/{three['own'].pk}/").status_code == 200


@pytest.mark.parametrize("page", ["edit", "delete"])
def test_the_products_own_is_read_and_copied_but_not_changed(author: Client, three: dict[str, Any], page: str):
    shipped, url = three["shipped"], f"{TERMS}{page}/{three['shipped'].pk}/"
    before = list(GlossaryTerm.objects.order_by("pk").values())
    for answer in (author.get(url), author.post(url, {"term": "x"})):
        assert (answer.status_code, answer["Location"]) == (302, "/cms/")
    assert author.post(f"{TERMS}copy/{shipped.pk}/", {"term": "x"}).status_code == 405
    assert list(GlossaryTerm.objects.order_by("pk").values()) == before
    assert author.get(f"{TERMS}inspect/{shipped.pk}/").status_code == 200
    assert "Ours" in author.get(f"{TERMS}copy/{shipped.pk}/").content.decode()


def test_a_new_word_belongs_to_its_authors_organisation(author: Client, world: World):
    form = {"term": "Early help", "slug": "", "also": "", "meaning": "Help before it is late."}
    assert author.post(f"{TERMS}add/", form).status_code == 302
    row = GlossaryTerm.objects.get(term="Early help")
    assert (row.organisation, row.slug) == (world.ao, "early-help")
    again = author.post(f"{TERMS}add/", form)
    assert again.status_code == 200
    assert "You have one with this short name already." in again.content.decode()


def test_a_reviewer_reads_words_and_writes_none(world: World, three: dict[str, Any], client_of: Any, at):
    grant_membership(world.eqa, world.ao, Role.REVIEWER, starts_on=timezone.localdate(), by=None, at=at)
    reviewer = client_of(world.eqa)
    assert "Mine" in reviewer.get(TERMS).content.decode()
    assert reviewer.get(f"{TERMS}edit/{three['own'].pk}/")["Location"] == "/cms/"
    assert reviewer.get(f"{TERMS}add/")["Location"] == "/cms/"


def test_only_ones_own_and_the_products_can_be_chosen(author: Client, three: dict[str, Any]):
    chooser = "/cms/snippets/choose/content/glossaryterm/"
    for term, is_there in (("Mine", True), ("Ours", True), ("Theirs", False)):
        text = author.get(f"{chooser}results/", {"q": term}).content.decode()
        assert (f"chosen/{GlossaryTerm.objects.get(term=term).pk}/" in text) is is_there, term
    assert author.get(f"{chooser}chosen/{three['own'].pk}/").status_code == 200
    assert author.get(f"{chooser}chosen/{three['foreign'].pk}/").status_code == 404
    found = author.get(f"{chooser}results/", {"q": "Theirs"}).content.decode()
    assert f"chosen/{three['foreign'].pk}/" not in found


def test_what_is_used_is_not_deleted_and_says_where(author: Client, world: World):
    own = make_term("Mine", world.ao)
    page = lesson_with(("words", {"terms": [own.pk]}))
    assert page.title in refused_because_used(own)
    answer = author.post(f"{TERMS}delete/{own.pk}/")
    assert answer["Location"] == f"{TERMS}usage/{own.pk}/"
    assert page.title in author.get(answer["Location"]).content.decode()
    author.post(f"/cms/bulk/content/glossaryterm/delete/?id={own.pk}")
    with pytest.raises(Refused, match="is used in"), transaction.atomic():
        GlossaryTerm.objects.filter(pk=own.pk).delete()
    assert GlossaryTerm.objects.filter(pk=own.pk).exists()
    lesson_with(("text", "<p>Without it.</p>"))
    assert author.post(f"{TERMS}delete/{own.pk}/").status_code == 302
    assert not GlossaryTerm.objects.filter(pk=own.pk).exists()


def test_several_at_once_are_ones_own_too(author: Client, three: dict[str, Any]):
    address = "/cms/bulk/content/glossaryterm/delete/?id="
    assert author.post(f"{address}{three['foreign'].pk}").status_code == 404
    assert author.post(f"{address}{three['shipped'].pk}")["Location"] == "/cms/"
    assert GlossaryTerm.objects.count() >= 3


# In lessons


def test_words_are_marked_once_and_lead_to_their_box(world: World, client_of: Callable[..., Client]):
    own = make_term("Wobble", world.ao)
    page = lesson_with(
        ("text", "<h2>Wobble first</h2><p>A Wobble, and a Wobble.</p>"),
        ("key_point", {"title": "Wobble", "text": "<p>Wobble again</p>"}), ("words", {"terms": [own.pk]}),
    )  # fmt: skip
    html = client_of(world.trainee).get(address(page)).content.decode()
    assert html.count('class="term"') == 1
    assert 'A <a class="term" href="#word-wobble">Wobble</a>, and a Wobble.</p>' in html
    assert 'id="word-wobble"' in html


def test_a_lesson_kept_rendered_follows_its_words_and_law(world: World, django_capture_on_commit_callbacks: Any, at):
    row = make_law("a", world.ao, days=9)
    page = citing(row)
    before = rendered(page)
    assert rendered(page) is before
    with django_capture_on_commit_callbacks(execute=True):
        check_reference(row, by=world.author, at=at)
    after = "".join(map(str, rendered(page).pieces))
    assert f"Last checked {timezone.localdate().day} " in after
    known = freshness.version()
    assert freshness.version() == known


# Law that is due


@pytest.mark.parametrize(
    ("status", "days", "is_due"),
    [
        ("in_force", 182, False), ("in_force", 183, True), ("proposed", 0, True), ("superseded", 999, False),
    ],
)  # fmt: skip
def test_law_is_due_half_a_year_after_it_was_checked(status: str, days: int, is_due: bool):
    row = LegalReference(status=status, checked_on=TODAY - timedelta(days=days))
    assert row.is_due(TODAY) == is_due


def test_checking_is_recorded_once_a_day_and_by_its_own_authors_only(world: World, at):
    row, shipped = make_law("a", world.ao, days=200), make_law("b", days=200)
    event = last_event()
    check_reference(row, by=world.author, at=at)
    check_reference(row, by=world.author, at=at)
    assert actions_since(event) == ["content.legal_checked"]
    row.refresh_from_db()
    assert row.checked_on == timezone.localdate(at)
    for wrong, by in ((row, world.other.author), (shipped, world.author), (row, world.eqa)):
        with nothing_changes(), pytest.raises(PermissionDenied):
            check_reference(wrong, by=by, at=at)
    check_reference(shipped, by=world.superuser, at=at)
    assert actions_since(event) == ["content.legal_checked"] * 2


def test_the_report_says_what_is_due_and_which_of_ones_own_lessons_cite_it(author: Client, world: World):
    without_the_products(LegalReference)
    row = make_law("old", world.ao, days=300, title="Old Act")
    make_law("new", world.ao, days=1, title="New Act")
    make_law("foreign", world.other.ao, days=300, title="Foreign Act")
    make_law("soon", None, status="proposed", title="Proposed Act")
    page = citing(row)
    text = author.get("/authoring/law/").content.decode()
    assert page.title in text
    names = ("Old Act", "New Act", "Foreign Act", "Proposed Act")
    assert [name in text for name in names] == [True, False, False, True]
    assert "1 more reference is in order" in text
    table = b"".join(author.get("/authoring/law/table/").streaming_content).decode()
    assert [name in table for name in names] == [True, True, False, True]
    assert page.title in table


def test_the_report_takes_as_many_queries_for_three(author: Client, world: World, queries: Any):
    make_law("a", world.ao, days=300)

    def grow() -> None:
        citing(make_law("b", world.ao, days=300))
        make_law("c", days=300)

    grow_first = make_law("z", world.ao, days=300)
    citing(grow_first)
    queries.pin(author, "/authoring/law/", grow=grow, exactly=9)


def test_authors_are_told_once_when_law_comes_due(world: World, at):
    without_the_products(LegalReference)
    notice = last_notice()
    row, shipped = make_law("a", world.ao, days=181), make_law("b", days=100)
    citing(shipped)
    tell_what_is_due(at)
    assert told_since(notice) == []
    for days, told in ((2, 1), (3, 1), (81, 1), (83, 2), (84, 2)):
        tell_what_is_due(at + timedelta(days=days))
        assert told_since(notice) == [(world.author.name, "law_due")] * told, days
    assert row.is_due(timezone.localdate(at) + timedelta(days=2))


# The glossary


def test_everybody_reads_the_products_words_and_a_trainee_their_courses_too(world: World):
    without_the_products(GlossaryTerm)
    make_term("Ours", meaning="The product's.")
    make_term("Ours", world.ao, meaning="The organisation's.")
    make_term("Mine", world.ao)
    make_term("Theirs", world.other.ao)
    assert [term.term for term in terms_for(None)] == ["Ours"]
    assert [(term.term, term.meaning[:20]) for term in terms_for(world.trainee)] == [
        ("Mine", "What Mine means."), ("Ours", "The organisation's.")
    ]  # fmt: skip
    assert [term.term for term in terms_for(world.other.trainee)] == ["Ours", "Theirs"]
    assert [term.term for term in terms_for(world.author)] == ["Mine", "Ours"]


def test_words_are_found_by_any_form_and_stand_under_their_letter():
    rows = [GlossaryTerm(term=term, slug=term, also=also, meaning=meaning) for term, also, meaning in (
        ("education plan", "EHC plan", "A plan."), ("Élan", "", "x"), ("plan", "", "y"), ("2-year check", "", "A plan"),
    )]  # fmt: skip
    assert [term.term for term in searched(rows, "  PLAN ")] == ["plan", "education plan", "2-year check"]
    assert [term.term for term in searched(rows, "ehc plan")] == ["education plan"]
    assert [(entry.letter, len(entry.terms)) for entry in by_letter(rows)] == [("E", 1), ("P", 1), ("#", 2)]


def test_the_glossary_page_searches_without_javascript(world: World, client_of: Callable[..., Client], queries: Any):
    make_term("Wobble")
    anybody = client_of(None)
    assert "What Wobble means." in anybody.get("/courses/glossary/").content.decode()
    found = anybody.get("/courses/glossary/", {"q": "<b>wob"})
    assert "No word has “&lt;b&gt;wob”" in found.content.decode()
    assert "1 word with" in anybody.get("/courses/glossary/", {"q": "wob"}).content.decode()

    def grow() -> None:
        make_term("Wibble")
        make_term("Webble", world.ao)

    queries.pin(client_of(world.trainee), "/courses/glossary/", grow=grow, exactly=7)
