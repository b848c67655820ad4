"""Mapping in the editor, and what an author reads there when publishing would open a gap."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from courses.framework.api import Criterion
from courses.pages.coverage import facts_of, gaps_after
from courses.pages.mapping import MappingComparison
from courses.pages.models import CoursePage, LessonPage, UnitPage
from tests.courses.coverage_course import both as both
from tests.courses.coverage_course import course as course
from tests.courses.coverage_course import made as made
from tests.courses.coverage_course import world as world
from tests.factories import World

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def author(world: World, course: CoursePage, client_of: Callable[..., Client]) -> Client:
    return client_of(world.publisher)


@pytest.fixture
def lesson(course: CoursePage) -> LessonPage:
    return LessonPage.objects.get(path__startswith=course.path, slug="lesson-2")


def typed(page: LessonPage, mapping: list[str], **more: Any) -> dict[str, Any]:
    """What the editor sends for a lesson."""
    data = {
        "title": page.title, "slug": page.slug, "summary": page.summary, "minutes": page.minutes, "kind": page.kind,
        "body": streamfield([("text", rich_text("<p>Words of the author.</p>"))]),
        "seo_title": "", "search_description": "", "go_live_at": "", "expire_at": "", "change_note": "",
        "checked_by": "", "checked_on": "", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0,
        "comments-MIN_NUM_FORMS": 0, "comments-MAX_NUM_FORMS": "",
    }  # fmt: skip
    return nested_form_data(data | more) | {"mapping": mapping}


def edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def values(page: LessonPage) -> list[str]:
    return [f"{row.criterion_id}:{row.use}" for row in page.criterion_uses.all()]


def test_every_statement_stands_there_with_its_text_and_its_boxes_the_own_section_first(
    author: Client, lesson: LessonPage
):
    html = author.get(edit(lesson)).content.decode()
    assert html.count('name="mapping"') == 180
    assert html.count('name="mapping"') - html.split("<details")[0].count('name="mapping"') > 0
    own, others = html.split("data-mapping-others")
    assert all(f"<b>{code}</b>" in own for code in ("2.1", "2.2.a"))
    assert all(f"<b>{code}</b>" in others for code in ("1.2.a", "4.5"))
    criterion = Criterion.objects.get(code="1.2.a")
    assert f"{criterion.outcome.text} {criterion.text}" in others
    assert html.count(" checked ") >= len(values(lesson))
    assert reverse("coverage", args=[lesson.get_parent().get_parent().pk]) in html


def test_ticking_and_unticking_changes_the_mapping_and_leaves_the_rest_in_place(author: Client, lesson: LessonPage):
    before = {(row.criterion_id, row.use): row.pk for row in lesson.criterion_uses.all()}
    criterion = Criterion.objects.get(code="1.1")
    wanted = [*values(lesson), f"{criterion.pk}:practises"]
    answer = author.post(edit(lesson), typed(lesson, wanted, **{"action-publish": "1"}))
    assert answer.status_code == 302
    after = {(row.criterion_id, row.use): row.pk for row in LessonPage.objects.get(pk=lesson.pk).criterion_uses.all()}
    assert after == before | {(criterion.pk, "practises"): after[criterion.pk, "practises"]}


def test_publishing_without_a_mapping_is_refused_by_name_and_nothing_typed_is_lost(
    author: Client, course: CoursePage, lesson: LessonPage
):
    gone = lesson.criterion_uses.select_related("criterion").first()
    left = [value for value in values(lesson) if value != f"{gone.criterion_id}:{gone.use}"]
    answer = author.post(edit(lesson), typed(lesson, left, **{"action-publish": "1"}), follow=True)
    html = answer.content.decode()
    assert answer.redirect_chain == [(edit(lesson), 302)]
    assert "It was not published. What you wrote is saved as a draft." in html
    assert f"{gone.criterion.code} would no longer be taught" in html
    assert f"/authoring/courses/{course.pk}/coverage/#criterion-{gone.criterion.code}" in html
    assert "Words of the author." in html
    stands = LessonPage.objects.get(pk=lesson.pk)
    assert (stands.live_revision_id, stands.has_unpublished_changes) == (lesson.live_revision_id, True)
    assert "Words of the author." in str(stands.get_latest_revision_as_object().body)
    assert sorted(values(stands.get_latest_revision_as_object())) == sorted(left)
    assert gaps_after(facts_of(course)) == []


def test_saving_a_draft_without_a_mapping_is_no_ones_business(author: Client, lesson: LessonPage):
    assert author.post(edit(lesson), typed(lesson, [])).status_code == 302
    assert values(LessonPage.objects.get(pk=lesson.pk).get_latest_revision_as_object()) == []


@pytest.mark.parametrize("act", ["unpublish", "delete"])
def test_taking_a_page_away_in_the_editor_is_refused_on_the_page_that_one_is_on(
    author: Client, lesson: LessonPage, act: str
):
    address = reverse(f"wagtailadmin_pages:{act}", args=[lesson.pk])
    answer = author.post(address, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert "2.1 would no longer be taught" in answer.content.decode()
    assert LessonPage.objects.get(pk=lesson.pk).live


@pytest.mark.parametrize("act", ["unpublish", "delete"])
def test_bulk_actions_do_nothing_at_all_when_one_page_would_open_a_gap(author: Client, course: CoursePage, act: str):
    spare = LessonPage.objects.get(path__startswith=course.path, slug="lesson-1").copy(
        update_attrs={"slug": "spare"}, keep_live=True
    )
    needed = LessonPage.objects.get(path__startswith=course.path, slug="lesson-2")
    where = reverse("wagtail_bulk_action", args=["wagtailcore", "page", act])
    address = f"{where}?id={spare.pk}&id={needed.pk}&next=/cms/"
    answer = author.post(address, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert "2.1 would no longer be taught" in answer.content.decode()
    assert Page.objects.filter(pk__in=[spare.pk, needed.pk], live=True).count() == 2


def test_two_versions_are_compared_by_what_they_map(author: Client, lesson: LessonPage):
    first = lesson.latest_revision
    gone = lesson.criterion_uses.select_related("criterion").order_by("criterion__position").first()
    wanted = [*values(lesson)[1:], f"{Criterion.objects.get(code='1.1').pk}:practises"]
    author.post(edit(lesson), typed(lesson, wanted))
    second = LessonPage.objects.get(pk=lesson.pk).latest_revision
    html = author.get(reverse("wagtailadmin_pages:revisions_compare", args=[lesson.pk, first.pk, second.pk])).content
    assert f"Removed: {gone.criterion.code} teaches" in html.decode()
    assert "Added: 1.1 practises" in html.decode()
    assert not MappingComparison("Mapping", lesson, lesson).has_changed()


def test_a_mapping_that_does_not_exist_is_refused(author: Client, lesson: LessonPage):
    answer = author.post(edit(lesson), typed(lesson, ["999999:teaches"]))
    assert answer.status_code == 200
    assert "not one of the available choices" in answer.content.decode()


def test_guidance_offers_the_statements_of_its_own_section(author: Client, course: CoursePage):
    unit = UnitPage.objects.get(path__startswith=course.path, slug="unit-2")
    html = author.get(edit(unit)).content.decode()
    assert "2.1 " in html.split("Choose a statement")[1]
    assert "4.5 " not in html
