"""Where authors, reviewers and publishers may act: each awarding organisation has a group for each of these roles with
rights on its own courses, and one workflow: review, then publishing.

Wagtail decides by groups; memberships decide who is in them, so that a role that ends takes its rights along.
"""

from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from wagtail.models import GroupApprovalTask, GroupPagePermission, Workflow, WorkflowPage, WorkflowTask

from lms.accounts.api import AUTHORING_ROLES, Membership, Organisation, Role
from lms.accounts.memberships import on_change
from lms.common.housekeeping import each_night
from lms.common.jobs import still_to_do

from .library import CHOOSES, WRITES, give_library, give_words
from .models import CoursePage

RIGHTS = {
    Role.AUTHOR: ("add_page", "change_page"),
    Role.REVIEWER: ("change_page",),
    # To move a published page into another unit, Wagtail asks for the right to add pages there.
    Role.PUBLISHER: ("add_page", "change_page", "publish_page", "lock_page", "unlock_page"),
}
COPY_KEY = "course-copy-"  # and the copy's number: the work of filling it
TASKS = (("Review", Role.REVIEWER), ("Publish", Role.PUBLISHER))


def group_of(organisation: Organisation, role: str) -> Group:
    """The group of an awarding organisation's authors, reviewers or publishers, made when first asked for."""
    group, created = Group.objects.get_or_create(name=f"{Role(role).label}s of organisation {organisation.pk}")
    if created:
        group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    give_library(group, organisation, WRITES if role == Role.AUTHOR else CHOOSES)
    give_words(group, writes=role == Role.AUTHOR)
    return group


def workflow_of(organisation: Organisation) -> Workflow:
    """The workflow of an awarding organisation's courses: its reviewers approve, then its publishers, which publishes.
    Made when first asked for."""
    reviewers = group_of(organisation, Role.REVIEWER)
    made = Workflow.objects.filter(workflow_tasks__task__groupapprovaltask__groups=reviewers).first()
    if made is not None:
        return made
    workflow = Workflow.objects.create(name=f"review ({organisation.name})")
    for place, (name, role) in enumerate(TASKS):
        task = GroupApprovalTask.objects.create(name=name)
        task.groups.add(group_of(organisation, role))
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=place)
    return workflow


def being_copied() -> Exists:
    """For a query of courses: the course is a copy that is still being made. Until then it is nobody's to edit."""
    return still_to_do(Concat(Value(COPY_KEY), Cast(OuterRef("pk"), CharField())))


def open_course_to_authors(course: CoursePage) -> None:
    """Gives the organisation's authors, reviewers and publishers their rights on a course of theirs, no others, and the
    course its workflow."""
    organisation = course.qualification.awarding_organisation
    for role, rights in RIGHTS.items():
        group = group_of(organisation, role)
        held = GroupPagePermission.objects.filter(group=group, page=course)
        held.exclude(permission__codename__in=rights).delete()
        for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=rights):
            GroupPagePermission.objects.get_or_create(group=group, page=course, permission=permission)
    WorkflowPage.objects.update_or_create(page_id=course.pk, defaults={"workflow": workflow_of(organisation)})


@on_change
def follow_membership(membership: Membership) -> None:
    """Puts a person into their group when an authoring role at an awarding organisation begins and takes them out when
    none is left."""
    awarding = Organisation.Kind.AWARDING_ORGANISATION
    if membership.role not in AUTHORING_ROLES or membership.organisation.kind != awarding:
        return
    group = group_of(membership.organisation, membership.role)
    same = Membership.objects.current().filter(
        user_id=membership.user_id, organisation_id=membership.organisation_id, role=membership.role
    )
    if same.exists():
        membership.user.groups.add(group)
    else:
        membership.user.groups.remove(group)


@each_night
def follow_dates(at: datetime) -> None:
    """Roles also begin and end by date, when nobody acts: each night the groups are brought in step with them, and the
    courses' rights with what each role may do."""
    roles = Membership.objects.filter(role__in=AUTHORING_ROLES).select_related("user", "organisation")
    for membership in roles.order_by("pk"):
        follow_membership(membership)
    whole = CoursePage.objects.exclude(being_copied())
    for course in whole.select_related("qualification__awarding_organisation").order_by("pk"):
        open_course_to_authors(course)
