"""A copied course keeps every mapping, all guidance and the ids of blocks. It is begun at once, and filled by a job."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page, PageViewRestriction, ReferenceIndex

from courses.framework.api import Criterion, CriterionMapping
from courses.pages.authors import follow_dates
from courses.pages.copying import carrying, copy_course, fill_copy, give_up_copy
from courses.pages.models import CoursePage, CriterionGuidance, LessonPage, PageCriterion, UnitPage
from lms.accounts.api import User
from lms.audit.models import AuditEvent
from lms.common.errors import Refused
from lms.common.jobs import MAX_ATTEMPTS, run
from lms.common.models import Job
from lms.notices.models import Notice
from tests.factories import World
from tests.factories.learning import make_qualification
from tests.factories.mapping import make_mapped_qualification

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def shipped() -> CoursePage:
    return CoursePage.objects.select_related("qualification").order_by("path").first()


def begun(world: World, at, **changes) -> tuple[CoursePage, Job]:
    """An empty copy and the work of filling it."""
    course = shipped()
    given = {"title": "Copy", "slug": "copy", "qualification": course.qualification, "by": world.author} | changes
    made = copy_course(course, at=at, **given)
    return made, Job.objects.get(key=f"course-copy-{made.pk}")


def copied(world: World, at, **changes) -> CoursePage:
    made, job = begun(world, at, **changes)
    fill_copy(**job.payload)
    return CoursePage.objects.select_related("qualification").get(pk=made.pk)


def rights(course: CoursePage) -> set[tuple]:
    rows = GroupPagePermission.objects.filter(page=course)
    return set(rows.values_list("group__name", "permission__codename"))


def below(course: CoursePage) -> list[Page]:
    return list(course.get_descendants().order_by("path").specific())


def mappings(course: CoursePage) -> set[tuple]:
    rows = PageCriterion.objects.filter(page__path__startswith=course.path)
    return set(rows.values_list("page__slug", "page__depth", "criterion", "use"))


def guidance(course: CoursePage) -> set[tuple]:
    rows = CriterionGuidance.objects.filter(unit__path__startswith=course.path)
    return set(rows.values_list("unit__slug", "criterion", "for_trainee", "for_assessor"))


def test_every_mapping_all_guidance_and_every_block_id_of_the_original_is_in_the_copy(world: World, at):
    course, made = shipped(), copied(world, at)
    assert len(mappings(course)) > 60
    assert mappings(made) == mappings(course)
    assert guidance(made) == guidance(course)
    assert [(page.slug, type(page)) for page in below(made)] == [(page.slug, type(page)) for page in below(course)]
    for one, other in zip(below(course), below(made), strict=True):
        if not isinstance(one, UnitPage):
            assert other.body.get_prep_value() == one.body.get_prep_value()


def test_its_newest_drafts_have_the_mappings_too(world: World, at):
    for page in below(copied(world, at)):
        if isinstance(page, LessonPage):
            draft = page.get_latest_revision_as_object()
            assert {(r.criterion_id, r.use) for r in draft.criterion_uses.all()} == {
                (r.criterion_id, r.use) for r in page.criterion_uses.all()
            }


def test_everything_in_it_is_a_draft_and_nothing_is_set_for_a_time(world: World, at):
    course = shipped()
    Page.objects.filter(pk=below(course)[3].pk).update(expire_at=at, locked=True)
    LessonPage.objects.update(changed_in_substance=True, change_note="It changed.")
    made = copied(world, at)
    pages = [made, *below(made)]
    assert {page.live for page in pages} == {False}
    assert {(page.expire_at, page.go_live_at, page.locked) for page in pages} == {(None, None, False)}
    assert {page.changed_in_substance for page in pages if isinstance(page, LessonPage)} == {False}


def test_it_has_its_workflow_its_rights_and_an_entry_in_the_log(world: World, at):
    made = copied(world, at)
    assert made.get_workflow() == shipped().get_workflow()
    assert rights(made) == rights(shipped()) != set()
    event = AuditEvent.objects.get(action="course.copied")
    assert (event.actor_id, event.subject) == (world.author.pk, f"page:{made.pk}")


def test_until_it_is_filled_it_is_an_empty_draft_that_nobody_edits_or_copies(world: World, at):
    made, job = begun(world, at)
    follow_dates(timezone.now())
    assert (made.live, made.get_children().count(), rights(made)) == (False, 0, set())
    assert not made.permissions_for_user(world.author).can_edit()
    with pytest.raises(Refused, match="still being copied"):
        copy_course(made, title="Copy", slug="more", qualification=made.qualification, by=world.author, at=at)
    fill_copy(**job.payload)
    assert made.permissions_for_user(User.objects.get(pk=world.author.pk)).can_edit()


def test_whoever_asked_is_told_once_however_often_the_job_runs(world: World, at):
    made, job = begun(world, at)
    assert run(job.pk)
    pages = made.get_descendants().count()
    fill_copy(**job.payload)
    give_up_copy(**job.payload)
    assert CoursePage.objects.get(pk=made.pk).get_descendants().count() == pages == len(below(shipped()))
    (notice,) = Notice.objects.filter(kind="authoring.copy")
    assert (notice.user, notice.title) == (world.author, "“Copy” is copied: everything in it is a draft.")
    assert notice.url == f"/authoring/courses/{made.pk}/coverage/?state=drafts"


def test_a_copy_that_fails_for_good_goes_and_its_author_is_told(world: World, at, monkeypatch):
    made, job = begun(world, at)
    with monkeypatch.context() as broken:
        broken.setattr("courses.pages.copying.open_course_to_authors", lambda course: 1 / 0)
        Job.objects.filter(pk=job.pk).update(attempts=MAX_ATTEMPTS - 2)
        assert run(job.pk)
        assert CoursePage.objects.get(pk=made.pk).get_descendants().count() == 0, "all or nothing"
        Job.objects.filter(pk=job.pk).update(run_after=at)
        assert run(job.pk)
    assert list(CoursePage.objects.all()) == [shipped()]
    (notice,) = Notice.objects.filter(kind="authoring.copy")
    assert "The copy “Copy” could not be made" in notice.title
    assert AuditEvent.objects.get(action="course.copy_given_up").subject == f"page:{made.pk}"
    assert copied(world, at).get_descendants().count() == len(below(shipped())), "its address is free again"


@pytest.mark.parametrize("gone", ["copy", "source"])
def test_a_copy_or_course_that_is_gone_meanwhile_leaves_nothing(world: World, at, gone):
    made, job = begun(world, at)
    if gone == "copy":
        made.delete()
    payload = job.payload | ({"source_id": 0} if gone == "source" else {})
    fill_copy(**payload)
    assert list(CoursePage.objects.all()) == [shipped()]
    assert Notice.objects.filter(kind="authoring.copy").count() == (gone == "source")


def test_who_may_see_which_page_goes_along(world: World, at):
    group = Group.objects.create(name="Pilot")
    closed = [shipped(), below(shipped())[0], below(shipped())[2]]
    for page in closed:
        PageViewRestriction.objects.create(page=page, restriction_type="groups").groups.add(group)
    made = copied(world, at)
    rows = PageViewRestriction.objects.filter(page__path__startswith=made.path, groups=group)
    assert set(rows.values_list("page", flat=True)) == {made.pk, below(made)[0].pk, below(made)[2].pk}


def test_its_pages_are_found_and_known_where_they_are_used(world: World, at):
    def uses(course: CoursePage) -> list[int]:
        rows = ReferenceIndex.objects.filter(base_content_type__model="page")
        return [rows.filter(object_id=str(page.pk)).count() for page in below(course)]

    lesson, made = LessonPage.objects.order_by("path").first(), copied(world, at)
    assert uses(made) == uses(shipped())
    assert any(uses(made))
    found = {page.pk for page in Page.objects.all().search(lesson.title, operator="and")}
    assert {lesson.pk, next(page.pk for page in below(made) if page.slug == lesson.slug)} <= found


def test_copying_does_not_look_up_everything_again_for_each_row(world: World, at, django_assert_max_num_queries):
    _, job = begun(world, at)
    with django_assert_max_num_queries(60 * len(below(shipped()))):
        fill_copy(**job.payload)


def test_only_an_author_of_its_organisation_copies_to_a_qualification_of_it_at_a_free_address(world: World, at):
    for by in (world.reviewer, world.publisher, world.other.author, world.trainee):
        with pytest.raises(Refused, match="Authors of its organisation"):
            copied(world, at, by=by)
    with pytest.raises(Refused, match="same organisation"):
        copied(world, at, qualification=world.other.qualification)
    with pytest.raises(Refused, match="has this address"):
        copied(world, at, slug=shipped().slug)
    assert CoursePage.objects.count() == 1


@pytest.fixture
def other_edition(world: World):
    """A qualification of the same organisation on other units, partly mapped."""
    mapped = make_mapped_qualification()
    return make_qualification(world.ao, framework=mapped.framework)


def followers(course: CoursePage, framework) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for row in CriterionMapping.objects.filter(relation__in=("exact", "part"), source__framework=framework):
        found.setdefault(row.target_id, set()).add(row.source_id)
    return found


def test_under_another_framework_mappings_follow_criterion_by_criterion(world: World, at, other_edition):
    course, follow = shipped(), followers(shipped(), other_edition.framework)
    made = copied(world, at, qualification=other_edition)
    wanted = {(slug, depth, new, use) for slug, depth, old, use in mappings(course) for new in follow.get(old, ())}
    assert wanted
    assert mappings(made) == wanted
    assert {page.section.framework for page in below(made) if isinstance(page, UnitPage)} == {other_edition.framework}
    for page in below(made):
        if isinstance(page, LessonPage):
            draft = page.get_latest_revision_as_object()
            assert {row.criterion.framework_id for row in draft.criterion_uses.all()} <= {other_edition.framework_id}


def test_what_cannot_go_along_is_listed_and_what_goes_in_part_too(world: World, other_edition):
    course, follow = shipped(), followers(shipped(), other_edition.framework)
    plan = carrying(course, other_edition)
    covered = {criterion for *_, criterion, _ in mappings(course)} | {row[1] for row in guidance(course)}
    assert {criterion.pk for criterion, _ in plan.lost} == covered - set(follow)
    assert all(titles for _, titles in plan.lost)
    codes = {criterion.code for criterion, _ in plan.partly}
    assert {"1.2.a", "1.7.b"} <= codes
    assert "1.1" not in codes, "the same is the same"
    assert "1.12" in {criterion.code for criterion, _ in plan.lost}, "only related"


def test_the_same_framework_loses_nothing(world: World):
    plan = carrying(shipped(), make_qualification(world.ao))
    assert (plan.is_same, plan.lost, plan.partly) == (True, [], [])


def test_blocks_that_name_criteria_follow_too(world: World, at, other_edition):
    lesson = LessonPage.objects.order_by("path").first()
    body = lesson.body.stream_block.get_prep_value(lesson.body)
    asked = {"prompt": "<p>Think.</p>", "criteria": ["1.1", "1.12"]}
    from content.blocks import BodyBlock

    lesson.body = BodyBlock().to_python([*body, {"type": "reflection", "value": asked}])
    lesson.save_revision().publish()
    made = copied(world, at, qualification=other_edition)
    copy = next(page for page in below(made) if page.slug == lesson.slug)
    assert list(copy.body[-1].value["criteria"]) == ["U1.1"]
    assert Criterion.objects.filter(code="U1.1", framework=other_edition.framework).exists()
