"""A course teaches and assesses every criterion, or it is not published: whichever way somebody tries."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowTask

from courses.framework.api import Criterion
from courses.pages.coverage import Change, CourseFacts, PageFacts, after, facts_of, gaps_after, opened
from courses.pages.guard import as_one_change
from courses.pages.models import CoursePage, CriterionGuidance, LessonPage, PageCriterion, TaskPage, UnitPage
from lms.common.errors import Refused, reasons_of
from tests.courses.coverage_course import ASSESSES, TEACHES, add_page, make_course
from tests.courses.coverage_course import both as both
from tests.courses.coverage_course import course as course
from tests.courses.coverage_course import made as made
from tests.factories import make_person, make_qualification

# Signals of Wagtail, for which the engine makes no difference.
pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def named(refusal: Any) -> list[str]:
    """The codes that a refusal names."""
    return [reason.message.split(" ")[0] for reason in reasons_of(refusal.value)]


def one(course: CoursePage, model: type, number: str = "1") -> Any:
    return model.objects.get(path__startswith=course.path, slug__endswith=f"-{number}")


def unmap(page: Any, code: str) -> Any:
    """The page's draft without a mapping."""
    page.criterion_uses.remove(*[row for row in page.criterion_uses.all() if row.criterion.code == code])
    return page


def test_deleting_any_one_mapping_blocks_publishing_the_course_and_names_the_criterion():
    course = make_course(make_qualification(), live=False)
    rows = list(PageCriterion.objects.filter(page__path__startswith=course.path).select_related("criterion"))
    assert len(rows) == 120
    for row in rows:
        row.delete()
        with pytest.raises(Refused) as refusal:
            course.save_revision().publish()
        assert named(refusal) == [row.criterion.code]
        assert row.criterion.full_text.rstrip(".") in refusal.value.message
        where = f"/authoring/courses/{course.pk}/coverage/#criterion-{row.criterion.code}"
        assert reasons_of(refusal.value)[0].fix_url == where
        row.save(force_insert=True)
    course.save_revision().publish()
    assert CoursePage.objects.get(pk=course.pk).live


def test_deleting_any_one_mapping_blocks_publishing_its_page_and_names_the_criterion(course: CoursePage):
    """Every one of the 120 mappings, each from the page as it stands."""
    asked = 0
    for row in PageCriterion.objects.filter(page__path__startswith=course.path).select_related("criterion", "page"):
        code = row.criterion.code
        revision = unmap(row.page.specific, code).save_revision()
        with pytest.raises(Refused) as refusal:
            revision.publish()
        assert named(refusal) == [code]
        assert f"no longer be {'taught' if row.use == TEACHES else 'assessed'}" in refusal.value.message
        stands = Page.objects.get(pk=row.page_id)
        assert (stands.has_unpublished_changes, stands.latest_revision_id) == (True, revision.pk)
        asked += 1
    assert asked == 120
    assert gaps_after(facts_of(course)) == []


def test_a_page_that_leaves_nothing_out_can_be_changed_taken_offline_and_deleted(course: CoursePage):
    spare = add_page(one(course, UnitPage), LessonPage, "spare-1b", [(Criterion.objects.get(code="1.1"), TEACHES)])
    first = one(course, LessonPage)
    unmap(first, "1.1").save_revision().publish()
    with pytest.raises(Refused):
        spare.unpublish()
    first.criterion_uses.add(PageCriterion(criterion=Criterion.objects.get(code="1.1"), use=TEACHES))
    first.save_revision().publish()
    spare.unpublish()
    spare.save_revision().publish()
    spare.delete()
    assert gaps_after(facts_of(course)) == []


def way_unpublish(page: Page) -> None:
    page.unpublish()


def way_unpublish_as_plain_page(page: Page) -> None:
    Page.objects.get(pk=page.pk).unpublish()


def way_expire(page: Page) -> None:
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timezone.timedelta(hours=1))
    call_command("publish_scheduled")


def way_delete(page: Page) -> None:
    page.delete()


def way_delete_as_plain_page(page: Page) -> None:
    Page.objects.get(pk=page.pk).delete()


def way_delete_set(page: Page) -> None:
    Page.objects.filter(pk=page.pk).delete()


def way_move(page: Page) -> None:
    Page.objects.get(pk=page.pk).move(UnitPage.objects.exclude(path__startswith=page.path[:16]).first(), "last-child")


def way_save(page: Page) -> None:
    page.live = False
    page.save()


def way_schedule(page: Page) -> None:
    for row in page.criterion_uses.all():
        page.criterion_uses.remove(row)
    page.save_revision(approved_go_live_at=timezone.now() - timezone.timedelta(hours=1))
    call_command("publish_scheduled")


def way_workflow(page: Page) -> None:
    for row in page.criterion_uses.all():
        page.criterion_uses.remove(row)
    page.save_revision()
    approver = make_person("Root", is_superuser=True)
    workflow, task = Workflow.objects.create(name="Look"), GroupApprovalTask.objects.create(name="Look")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    state = workflow.start(page, approver)
    state.current_task_state.task.specific.on_action(state.current_task_state, approver, "approve")


WAYS = [way_unpublish, way_unpublish_as_plain_page, way_expire, way_delete, way_delete_as_plain_page, way_delete_set,
        way_move, way_save, way_schedule, way_workflow]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__[4:])
def test_no_way_of_taking_a_lesson_from_readers_opens_a_gap(course: CoursePage, way: Any):
    page = one(course, LessonPage, "4")
    wanted = list(page.criterion_uses.order_by("criterion__position").values_list("criterion__code", flat=True))
    with pytest.raises(Refused) as refusal, transaction.atomic():
        way(page)
    assert named(refusal) == wanted
    stands = LessonPage.objects.get(pk=page.pk)
    assert (stands.live, stands.path) == (True, page.path)
    assert gaps_after(facts_of(course)) == []


@pytest.mark.parametrize("way", [way_unpublish, way_unpublish_as_plain_page, way_delete, way_delete_set, way_move])
def test_a_unit_takes_its_pages_along(course: CoursePage, way: Any):
    if way is way_move:
        other = make_course(make_qualification(), "other", live=False)
        with pytest.raises(Refused) as refusal:
            Page.objects.get(pk=one(course, UnitPage).pk).move(other, "last-child")
    else:
        with pytest.raises(Refused) as refusal, transaction.atomic():
            way(one(course, UnitPage))
    first = Criterion.objects.filter(outcome__section__code="1").order_by("position")
    assert named(refusal) == list(first.values_list("code", flat=True))
    assert "taught or assessed" in refusal.value.message


def test_two_pages_that_stand_in_for_each_other_do_not_go_together(course: CoursePage):
    criteria = [row.criterion for row in one(course, LessonPage).criterion_uses.all()]
    add_page(one(course, UnitPage), LessonPage, "spare-1b", [(c, TEACHES) for c in criteria])
    both = LessonPage.objects.filter(path__startswith=one(course, UnitPage).path)
    assert both.count() == 2
    with pytest.raises(Refused), transaction.atomic():
        both.delete()
    both.first().delete()
    assert gaps_after(facts_of(course)) == []


def test_a_lesson_moves_to_another_place_and_another_unit_of_its_course(course: CoursePage):
    lesson, task = one(course, LessonPage), one(course, TaskPage)
    lesson.move(task, "right")
    Page.objects.get(pk=lesson.pk).move(one(course, UnitPage, "2"), "last-child")
    assert gaps_after(facts_of(course)) == []


def test_a_course_can_be_taken_offline_and_deleted_with_all_that_is_in_it(course: CoursePage):
    course.unpublish()
    one(course, LessonPage).unpublish()
    Page.objects.get(pk=course.pk).delete()
    other = make_course(make_qualification(), "other")
    Page.objects.get(pk=other.pk).delete()
    assert not CoursePage.objects.filter(pk__in=[course.pk, other.pk]).exists()


def test_a_draft_can_always_be_saved(course: CoursePage):
    page = unmap(one(course, LessonPage), "1.1")
    page.save_revision()
    unit = one(course, UnitPage)
    unit.title = "Renamed"
    unit.save_revision().publish()
    assert gaps_after(facts_of(course)) == []


def test_a_gap_that_was_there_stands_in_the_way_of_the_course_and_of_nothing_else(course: CoursePage):
    PageCriterion.objects.filter(page__path__startswith=course.path, criterion__code="1.1").delete()
    lesson = one(course, LessonPage)
    lesson.title = "Better"
    lesson.save_revision().publish()
    with pytest.raises(Refused) as refusal:
        course.save_revision().publish()
    assert named(refusal) == ["1.1"]


def test_a_new_course_begins_as_a_draft(course: CoursePage):
    begun = CoursePage(title="New", slug="new", summary="New", introduction="<p>New</p>",
                       qualification=course.qualification)  # fmt: skip
    with pytest.raises(Refused, match="begins as a draft"):
        course.get_parent().add_child(instance=begun)


def test_a_mapping_may_move_between_pages_in_one_change(course: CoursePage):
    first, second = one(course, LessonPage), one(course, LessonPage, "2")
    with as_one_change(course):
        unmap(first, "1.1").save_revision().publish()
        second.criterion_uses.add(PageCriterion(criterion=Criterion.objects.get(code="1.1"), use=TEACHES))
        second.save_revision().publish()
    assert gaps_after(facts_of(course)) == []
    with pytest.raises(Refused), as_one_change(course):
        unmap(second, "1.1").save_revision().publish()
    assert gaps_after(facts_of(course)) == []


@pytest.mark.parametrize("keep_live", [True, False])
def test_a_copied_course_keeps_every_mapping_and_all_guidance(course: CoursePage, keep_live: bool):
    unit = one(course, UnitPage)
    criterion = Criterion.objects.get(code="1.1")
    unit.guidance.add(
        CriterionGuidance(criterion=criterion, for_trainee="<p>Show it.</p>", for_assessor="<p>Look for it.</p>")
    )
    unit.save_revision().publish()
    copied = course.copy(recursive=True, keep_live=keep_live, update_attrs={"slug": "copied", "title": "Copied"})
    assert not CoursePage.objects.get(pk=copied.pk).live

    def uses(of: CoursePage) -> set[tuple[str, int, str]]:
        rows = PageCriterion.objects.filter(page__path__startswith=of.path)
        return set(rows.values_list("page__slug", "criterion_id", "use"))

    assert uses(copied) == uses(course)
    assert len(uses(copied)) == 120
    there = UnitPage.objects.get(path__startswith=copied.path, slug="unit-1").guidance.get()
    assert (there.criterion, there.for_trainee, there.for_assessor) == (
        criterion, "<p>Show it.</p>", "<p>Look for it.</p>")  # fmt: skip
    for page in Page.objects.filter(path__startswith=copied.path, depth__gt=copied.depth).specific():
        page.get_latest_revision().publish()
    CoursePage.objects.get(pk=copied.pk).get_latest_revision().publish()
    assert uses(copied) == uses(course)
    assert CoursePage.objects.get(pk=copied.pk).live


def facts(*pages: PageFacts) -> CourseFacts:
    criteria = tuple(Criterion(pk=number, code=str(number), text="x") for number in (1, 2))
    return CourseFacts(CoursePage(path="0" * 16, depth=4), criteria, pages)


def test_gaps_are_found_from_the_facts_alone():
    unit = PageFacts(10, "0" * 16 + "0001", True)
    lesson = PageFacts(11, unit.path + "0001", True, frozenset({(1, TEACHES), (2, TEACHES)}))
    task = PageFacts(12, unit.path + "0002", True, frozenset({(1, ASSESSES)}))
    before = facts(unit, lesson, task)
    assert [gap.words for gap in gaps_after(before)] == ["2 is taught but never assessed: map it on a task."]
    gone = gaps_after(before, Change(gone=(lesson.path,)))
    assert [(gap.code, gap.missing) for gap in gone] == [("1", (TEACHES,)), ("2", (TEACHES, ASSESSES))]
    assert [(gap.code, gap.missing) for gap in opened(gaps_after(before), gone)] == [
        ("1", (TEACHES,)),
        ("2", (TEACHES,)),
    ]
    hidden = gaps_after(before, Change(offline=frozenset({unit.pk})))
    assert [gap.words for gap in hidden] == [
        f"{code} is neither taught nor assessed: map it on a lesson and on a task." for code in (1, 2)
    ]
    mended = PageFacts(13, unit.path + "0003", False, frozenset({(2, ASSESSES)}))
    assert gaps_after(before, Change(published=(mended,))) == []
    assert after(before, Change(published=(mended,))).pages[-1].is_live
