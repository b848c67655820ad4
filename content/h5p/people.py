"""Who uploads activities, who approves libraries, and who is told."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.urls import reverse

from content.models import H5PLibrary
from content.policies import writes_for
from lms.accounts.api import Organisation, User
from lms.common.housekeeping import each_night
from lms.notices.api import tell

APPROVERS = "H5P approvers"
RIGHT = "content.approve_h5plibrary"


def may_upload(user: User, organisation: Organisation | None) -> bool:
    """Authors upload for their organisation; what is of the product, the system administrator."""
    return user.is_superuser or (organisation is not None and organisation.pk in writes_for(user))


def may_approve(user: User) -> bool:
    """A right of its own: what is approved runs in every reader's browser."""
    return user.has_perm(RIGHT)


def approvers() -> Group:
    """The group of those who approve libraries. The system administrator puts people into it."""
    group, created = Group.objects.get_or_create(name=APPROVERS)
    if created or not group.permissions.exists():
        group.permissions.set(Permission.objects.filter(content_type__app_label="content",
                                                        codename="approve_h5plibrary"))  # fmt: skip
    return group


@each_night
def keep_group(at: datetime) -> None:
    """The group is there to put people into."""
    approvers()


def tell_approvers(libraries: Iterable[H5PLibrary], *, at: datetime) -> None:
    """New libraries wait. Tells those who approve; when nobody does, the system administrators."""
    names = [one.name for one in libraries]
    if not names:
        return
    right = Q(codename="approve_h5plibrary", content_type__app_label="content")
    rights = Permission.objects.filter(right)
    active = User.objects.filter(is_active=True)
    chosen = active.filter(Q(user_permissions__in=rights) | Q(groups__permissions__in=rights)).distinct()
    people = list(chosen.order_by("pk")) or list(active.filter(is_superuser=True).order_by("pk"))
    what = f"{names[0][:80]} needs" if len(names) == 1 else f"{len(names)} H5P libraries need"
    for person in people:
        tell(person, "h5p-waiting", f"{what} your approval before an activity can be used.", url=waiting_url(), at=at)


def waiting_url() -> str:
    """Where libraries wait."""
    return reverse("h5p_admin:waiting")


def tell_uploader(user: User | None, title: str, *, url: str, at: datetime) -> None:
    """Tells whoever uploaded something how it went; nobody when the product did."""
    if user is not None and user.is_active:
        tell(user, "h5p-upload", title[:200], url=url, at=at)
