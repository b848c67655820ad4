"""What a local authority adds to its own run of courses: who may write there, its page of lessons, its overlay.

Wagtail decides by groups; memberships decide who is in them, as for authors of an awarding organisation
(courses.pages.authors). An authority has two: its staff, who enter the editor and keep local information and files,
and its authors, who write lessons below its own page and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TypeVar

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from wagtail.models import GroupPagePermission, Page

from content.models import LocalInformation
from content.models.local import LOCAL_STAFF, authorities_of
from content.overlay import is_due
from lms.accounts.api import Membership, Organisation, Role, User
from lms.accounts.memberships import on_change
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused
from lms.common.housekeeping import each_night

from .library import WRITES, give_activities, give_library
from .models import AuthorityPage, CataloguePage, LessonPage, LocalLessonPage, TaskPage, units_for
from .queries import address, local_lessons

LESSON_RIGHTS = ("add_page", "change_page", "publish_page")
Saved = TypeVar("Saved")


def staff_group(authority: Organisation) -> Group:
    """The group of an authority's staff, made when first asked for: they enter the editor, and keep its pictures and
    files."""
    group, created = Group.objects.get_or_create(name=f"Staff of organisation {authority.pk}")
    if created:
        group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
        give_library(group, authority, WRITES)
    return group


def author_group(authority: Organisation) -> Group:
    """The group of an authority's authors, who write below its own page and keep its activities."""
    group, _ = Group.objects.get_or_create(name=f"Local authors of organisation {authority.pk}")
    give_activities(group)
    return group


@on_change
def follow_membership(membership: Membership) -> None:
    """Puts a person into the groups of their authority while they hold a role there, and takes them out after."""
    authority = membership.organisation
    if authority.kind != Organisation.Kind.LOCAL_AUTHORITY or membership.role not in LOCAL_STAFF:
        return
    current = Membership.objects.current().filter(user_id=membership.user_id, organisation_id=authority.pk)
    roles = set(current.values_list("role", flat=True))
    for group, belongs in (
        (staff_group(authority), bool(roles & set(LOCAL_STAFF))), (author_group(authority), Role.AUTHOR in roles),
    ):  # fmt: skip
        (membership.user.groups.add if belongs else membership.user.groups.remove)(group)


@each_night
def follow_dates(at: datetime) -> None:
    """Roles also begin and end by date, when nobody acts."""
    rows = Membership.objects.filter(role__in=LOCAL_STAFF, organisation__kind=Organisation.Kind.LOCAL_AUTHORITY)
    for membership in rows.select_related("user", "organisation").order_by("pk"):
        follow_membership(membership)


def may_write_lessons(user: User, authority: Organisation) -> bool:
    """Lessons of an authority are written by its authors."""
    return authority.pk in user.organisations(Role.AUTHOR)


def lessons_page(authority: Organisation, *, by: User) -> AuthorityPage:
    """The page below which an authority's lessons stand, made on first need with its authors' rights. Refused for
    anybody but its authors, and while there is no course to add to."""
    if authority.kind != Organisation.Kind.LOCAL_AUTHORITY or not may_write_lessons(by, authority):
        raise Refused("local-author", f"Only the authors of {authority.name} add lessons.")
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=authority.pk)
        home = AuthorityPage.objects.filter(authority=authority).first()
        if home is None:
            catalogue = CataloguePage.objects.first()
            if catalogue is None:
                raise Refused("local-no-course", "There is no course yet to which lessons could be added.")
            home = AuthorityPage(title=authority.name, slug=_free_slug(catalogue, authority), authority=authority)
            catalogue.add_child(instance=home)
            home.save_revision().publish()
        for codename in LESSON_RIGHTS:
            right = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
            GroupPagePermission.objects.get_or_create(group=author_group(authority), page=home, permission=right)
    return home


def _free_slug(catalogue: Page, authority: Organisation) -> str:
    slug = slugify(authority.name)[:80] or "authority"
    taken = Page.objects.child_of(catalogue).filter(slug=slug).exists()
    return f"{slug}-{authority.pk}" if taken else slug


def keep_local(row: LocalInformation, save: Callable[[], Saved], *, by: User, at: datetime) -> Saved:
    """Writes what an authority says under one heading, with its links: `save` does, in one transaction with the note
    of who did. Refused for anybody but the authority's staff."""
    with transaction.atomic():
        _check_staff(row, by)
        saved = save()
        _record(Action.LOCAL_WRITTEN, row, by=by, at=at)
    return saved


def remove_local(row: LocalInformation, *, by: User, at: datetime) -> None:
    """Takes away what an authority says under one heading. Refused for anybody but its staff. Twice is once."""
    with transaction.atomic():
        _check_staff(row, by)
        found = LocalInformation.objects.select_for_update().filter(pk=row.pk).first()
        if found is not None:
            _record(Action.LOCAL_REMOVED, found, by=by, at=at)
            found.delete()


def _check_staff(row: LocalInformation, by: User) -> None:
    if row.authority_id not in {one.pk for one in authorities_of(by)}:
        raise Refused("local-staff", "Only the authority’s own staff write its local information.")


def _record(action: Action, row: LocalInformation, *, by: User, at: datetime) -> None:
    record(
        stream_of("organisation", row.authority_id), action, by=by, role="authority", at=at,
        subject=f"local_information:{row.slot}", changes={"links": row.links.count() if row.pk else 0},
    )  # fmt: skip


def lessons_of(authority: Organisation) -> list[LocalLessonPage]:
    """The lessons of an authority in the order of their units, live or not. One query."""
    return list(local_lessons(authority).select_related("unit").order_by("unit__path", "path"))


@dataclass
class Heading:
    """A heading of local information: what the authority says under it, if anything, and the pages that show it."""

    slot: str
    label: str
    row: LocalInformation | None = None
    pages: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_due(self) -> bool:
        """It is written, and time to check it again."""
        return self.row is not None and is_due(self.row.checked_on)


def headings_of(authority: Organisation) -> list[Heading]:
    """Every heading, with what the authority says and where its trainees read it: titles and addresses of live pages in
    the courses that its cohorts follow. Four queries."""
    found = {slot: Heading(slot, str(label)) for slot, label in LocalInformation.Slot.choices}
    for row in LocalInformation.objects.filter(authority=authority).prefetch_related("links"):
        found[row.slot].row = row
    units = [unit.path for unit in units_for(authority)]
    below = reduce(or_, (Q(path__startswith=path) for path in units), Q(pk__in=[]))
    pages = [page for model in (LessonPage, TaskPage) for page in model.objects.live().filter(below)]
    for page in sorted(pages, key=lambda page: page.path):
        slots = {block["value"]["slot"] for block in page.body.raw_data if block["type"] == "local"}
        for slot in slots & found.keys():
            found[slot].pages.append((page.title, address(page)))
    return list(found.values())
