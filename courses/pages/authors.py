"""Where authors may edit: each awarding organisation has a group of authors with rights on its own courses.

Wagtail decides by groups; memberships decide who is in them, so that a role that ends takes its rights along.
"""

from datetime import datetime

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission

from lms.accounts.api import Membership, Organisation, Role
from lms.accounts.memberships import on_change
from lms.common.housekeeping import each_night

from .models import CoursePage

AUTHOR_RIGHTS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
REVIEWER_RIGHTS = ("change_page",)


def group_of(organisation: Organisation, role: str) -> Group:
    """The group of an awarding organisation's authors or reviewers, made when first asked for."""
    group, created = Group.objects.get_or_create(name=f"{Role(role).label}s of organisation {organisation.pk}")
    if created:
        group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    return group


def open_course_to_authors(course: CoursePage) -> None:
    """Gives the organisation's authors and reviewers their rights on a course of theirs."""
    organisation = course.qualification.awarding_organisation
    for role, rights in ((Role.AUTHOR, AUTHOR_RIGHTS), (Role.REVIEWER, REVIEWER_RIGHTS)):
        group = group_of(organisation, role)
        for codename in rights:
            permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
            GroupPagePermission.objects.get_or_create(group=group, page=course, permission=permission)


@on_change
def follow_membership(membership: Membership) -> None:
    """Puts a person into their group when an authoring role begins and takes them out when none is left."""
    if membership.role not in (Role.AUTHOR, Role.REVIEWER):
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
    """Roles also begin and end by date, when nobody acts: each night the groups are brought in step with them."""
    roles = Membership.objects.filter(role__in=(Role.AUTHOR, Role.REVIEWER)).select_related("user", "organisation")
    for membership in roles.order_by("pk"):
        follow_membership(membership)
