"""An author's rights in Wagtail follow their role: on their own organisation's courses, while it is held."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page

from courses.pages.authors import group_of, open_course_to_authors
from courses.pages.models import CataloguePage, CoursePage, UnitPage
from lms.accounts.api import Membership, Role, User, end_membership, grant_membership
from lms.common import housekeeping
from tests.factories import World

AUTHORING = [Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER]


@pytest.fixture
def course(world: World) -> CoursePage:
    """The course of the first tenant's awarding organisation."""
    return CoursePage.objects.get(qualification=world.qualification)


@pytest.fixture
def other_course(world: World) -> CoursePage:
    """One of the other tenant's."""
    made = CoursePage(title="Northern course", slug="northern", summary="Theirs", introduction="<p>Hello</p>",
                      qualification=world.other.qualification, live=False)  # fmt: skip
    CataloguePage.objects.get().add_child(instance=made)
    open_course_to_authors(made)
    return made


def fresh(user: User) -> User:
    """Without what Django remembers of a person's rights."""
    return User.objects.get(pk=user.pk)


def rights(user: User, page: Page) -> set[str]:
    tester = page.permissions_for_user(fresh(user))
    verbs = ("edit", "publish", "add_subpage", "delete", "move", "set_view_restrictions", "unpublish", "lock")
    return {verb for verb in verbs if getattr(tester, f"can_{verb}")()}


def test_an_author_edits_the_course_of_their_organisation_and_no_other_and_does_not_publish(
    world: World, course: CoursePage, other_course: CoursePage
):
    unit = UnitPage.objects.child_of(course).first()
    for page in (course, unit, unit.get_children().first().specific):
        assert "edit" in rights(world.author, page)
        assert not {"publish", "unpublish", "lock", "delete", "move"} & rights(world.author, page)
        assert rights(world.other.author, page) == set()
    assert rights(world.other.author, other_course) == {"edit", "add_subpage", "delete", "move"}, "it is a draft"
    assert rights(world.author, other_course) == set()
    for page in (Page.objects.get(depth=1), CataloguePage.objects.get()):
        assert rights(world.author, page) == set()


def test_a_reviewer_edits_and_does_not_publish(world: World, course: CoursePage, at):
    grant_membership(world.eqa, world.ao, Role.REVIEWER, starts_on=timezone.localdate(), by=None, at=at)
    found = rights(world.eqa, course)
    assert "edit" in found
    assert not {"publish", "unpublish", "set_view_restrictions"} & found


def test_a_publisher_publishes_locks_and_takes_offline(world: World, course: CoursePage, other_course: CoursePage):
    assert {"edit", "publish", "unpublish", "lock"} <= rights(world.publisher, course)
    assert rights(world.publisher, other_course) == set()


def test_rights_that_a_role_no_longer_has_are_taken_back(world: World, course: CoursePage):
    author, publisher = group_of(world.ao, Role.AUTHOR), group_of(world.ao, Role.PUBLISHER)
    may_publish = GroupPagePermission.objects.get(group=publisher, page=course, permission__codename="publish_page")
    GroupPagePermission.objects.create(group=author, page=course, permission=may_publish.permission)
    assert "publish" in rights(world.author, course)
    open_course_to_authors(course)
    assert "publish" not in rights(world.author, course)
    assert "publish" in rights(world.publisher, course)


def test_nobody_else_of_the_tenant_has_any_right_on_its_course(world: World, course: CoursePage):
    for user in (world.trainee, world.assessor, world.area_senco, world.lead_iqa, world.eqa, world.authority_manager,
                 world.centre_admin, world.setting_manager):  # fmt: skip
        assert rights(user, course) == set(), user


def test_the_editor_opens_the_authors_course_and_not_the_others(
    world: World, course: CoursePage, other_course: CoursePage, client_of: Callable[..., Client]
):
    browser = client_of(world.author)
    assert browser.get(f"/cms/pages/{course.pk}/edit/").status_code == 200
    refused = browser.get(f"/cms/pages/{other_course.pk}/edit/")
    assert refused.status_code == 302  # Wagtail sends back to its first page and says why
    assert refused["Location"] == "/cms/"
    assert client_of(world.assessor).get(f"/cms/pages/{course.pk}/edit/").status_code == 403


@pytest.mark.parametrize("role", AUTHORING)
def test_a_person_is_in_the_group_while_the_role_is_held(world: World, course: CoursePage, at, role: Role):
    today, user = timezone.localdate(), world.lead_iqa
    group = group_of(world.ao, role)
    assert group not in user.groups.all()
    membership = grant_membership(user, world.ao, role, starts_on=today, by=None, at=at)
    assert list(user.groups.all()) == [group]
    assert "edit" in rights(user, course)
    end_membership(membership, ends_on=today - timedelta(days=0), by=None, at=at)
    assert list(user.groups.all()) == [group], "it is the last day"
    housekeeping.clear(at=at)
    assert list(user.groups.all()) == [group]
    Membership.objects.filter(pk=membership.pk).update(starts_on=today - timedelta(9), ends_on=today - timedelta(1))
    housekeeping.clear(at=at)
    assert list(user.groups.all()) == []
    assert rights(user, course) == set()


def test_a_role_ended_yesterday_takes_its_rights_along_at_once_and_leaves_the_other_role_its_own(
    world: World, course: CoursePage, at
):
    today = timezone.localdate()
    grant_membership(world.author, world.ao, Role.REVIEWER, starts_on=today, by=None, at=at)
    author = Membership.objects.get(user=world.author, role=Role.AUTHOR)
    end_membership(author, ends_on=today - timedelta(days=1), by=None, at=at)
    assert list(world.author.groups.all()) == [group_of(world.ao, Role.REVIEWER)]
    assert "publish" not in rights(world.author, course)
    assert "edit" in rights(world.author, course)


def test_a_role_that_starts_tomorrow_brings_its_rights_tomorrow(world: World, course: CoursePage, at, monkeypatch: Any):
    tomorrow = timezone.localdate() + timedelta(days=1)
    grant_membership(world.lead_iqa, world.ao, Role.AUTHOR, starts_on=tomorrow, by=None, at=at)
    housekeeping.clear(at=at)
    assert rights(world.lead_iqa, course) == set()
    monkeypatch.setattr(timezone, "localdate", lambda *args: tomorrow)
    housekeeping.clear(at=at + timedelta(days=1))
    assert "edit" in rights(world.lead_iqa, course)


def test_an_author_given_the_role_again_before_the_old_one_ends_keeps_it(world: World, course: CoursePage, at):
    today = timezone.localdate()
    first = Membership.objects.get(user=world.author, role=Role.AUTHOR)
    end_membership(first, ends_on=today, by=None, at=at)
    grant_membership(world.author, world.ao, Role.AUTHOR, starts_on=today, by=None, at=at)
    housekeeping.clear(at=at)
    assert "edit" in rights(world.author, course)
