"""Who may fetch a picture or file of a lesson: who may read a page that shows it, and who may put it on one."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from wagtail.documents.models import Document
from wagtail.documents.permissions import permission_policy as of_documents
from wagtail.images.models import Image
from wagtail.images.permissions import permission_policy as of_images
from wagtail.models import ReferenceIndex

from content.models import LocalInformation, LocalLink
from content.queries import pages_using
from courses.delivery.api import Registration
from lms.accounts.api import User

from .library import owner_of
from .models import AuthorityPage, CoursePage
from .policies import may_read_as_staff, registration_for
from .queries import COURSE_PATH


def may_choose(user: User, file: Document | Image) -> bool:
    """May put it on a page: authors, reviewers and publishers of its organisation."""
    policy: Any = of_images if isinstance(file, Image) else of_documents
    return bool(policy.user_has_any_permission_for_instance(user, ["choose", "change"], file))


def may_fetch(user: User, file: Document | Image) -> bool:
    """May choose it; or reads a live page of the organisation whose file it is that shows it: of a course, or of what
    their own local authority adds. A page of another organisation that names the file opens it to nobody."""
    if may_choose(user, file):
        return True
    owner = owner_of(file.collection)
    if owner is None:
        return False
    pages = [page for page in pages_using([file])[file.pk] if page.live]
    paths = {page.path[:COURSE_PATH] for page in pages}
    courses = CoursePage.objects.filter(path__in=paths, live=True, qualification__awarding_organisation=owner)
    for course in courses.select_related("qualification"):
        if registration_for(user, course) is not None or may_read_as_staff(user, course):
            return True
    return _is_local(file, owner, paths) and _is_of_authority(user, owner)


def _is_local(file: Document | Image, authority: int, paths: set[str]) -> bool:
    """An authority's own lessons or local information show it."""
    if AuthorityPage.objects.filter(path__in=paths, authority=authority).exists():
        return True
    own = LocalInformation.objects.filter(authority=authority)
    if isinstance(file, Document) and LocalLink.objects.filter(information__in=own, document=file).exists():
        return True
    named = ReferenceIndex.objects.filter(
        to_content_type=ContentType.objects.get_for_model(file), to_object_id=str(file.pk),
        base_content_type=ContentType.objects.get_for_model(LocalInformation),
    )  # fmt: skip
    return own.filter(pk__in=[int(pk) for pk in named.values_list("object_id", flat=True)]).exists()


def _is_of_authority(user: User, authority: int) -> bool:
    """Its own staff, and trainees of its cohorts."""
    if authority in {membership.organisation_id for membership in user.current_memberships}:
        return True
    rows = Registration.objects.filter(learner=user, cohort__local_authority=authority)
    return rows.exclude(state=Registration.State.WITHDRAWN).exists()
