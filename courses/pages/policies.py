"""Who may read the course (addresses in the design): course and units are public, lessons and tasks are not."""

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from content.models.local import authorities_of
from courses.delivery.api import Allocation, Cohort, Registration, in_force
from lms.accounts.api import AUTHORING_ROLES, Organisation, Role, User

from .models import CoursePage, LocalLessonPage, StudyPage


def registrations_on(user: User, course: CoursePage) -> QuerySet[Registration]:
    """The user's own registrations that the course serves: their cohort follows it, or it leads to its qualification.
    The first counts."""
    rows = Registration.objects.filter(learner=user, qualification_id=course.qualification_id)
    return rows.exclude(state=Registration.State.WITHDRAWN).select_related("cohort__local_authority")


def registration_for(user: User, course: CoursePage) -> Registration | None:
    """The user's own registration that the course serves."""
    found = registrations_on(user, course).first()
    if found:
        user.is_learner = True  # the header asks next
    return found


def may_read_as_staff(user: User, course: CoursePage) -> bool:
    """A staff role on the course: its awarding organisation's authors, reviewers, publishers and EQAs; people allocated
    to a learner of it; tutors of a centre that teaches it; centre and authority people of a cohort that follows it."""
    if course.qualification.awarding_organisation_id in user.organisations(*AUTHORING_ROLES, Role.EQA):
        return True
    if not user.current_memberships:
        return False
    allocated = Allocation.objects.filter(in_force(), user=user, registration__qualification_id=course.qualification_id)
    taught = Registration.objects.filter(qualification_id=course.qualification_id)
    if user.has_role(Role.TUTOR) and taught.filter(centre__in=user.organisations(Role.TUTOR)).exists():
        return True
    return allocated.exists() or Cohort.objects.visible_to(user).filter(course_id=course.pk).exists()


def may_copy(user: User, course: CoursePage) -> bool:
    """An author of the awarding organisation to whose qualification the course leads. Needs `qualification` fetched."""
    return user.is_superuser or course.qualification.awarding_organisation_id in user.organisations(Role.AUTHOR)


def courses_for(user: User | None) -> QuerySet[CoursePage]:
    """Every published course with its qualification, each with `is_mine`: this user is a learner on it; `is_read`: they
    may read its lessons, as a learner or as staff; `authority`: the id of the one whose cohort the learner is in. One
    query; None: a visitor."""
    rows = CoursePage.objects.live().select_related("qualification").order_by("path")
    if user is None:
        never = Value(False, output_field=BooleanField())
        return rows.annotate(is_mine=never, is_read=never, authority=Value(None, output_field=IntegerField()))
    own = Registration.objects.filter(learner=user, qualification=OuterRef("qualification"))
    own = own.exclude(state=Registration.State.WITHDRAWN)
    mine = Exists(own)
    staff = Q(qualification__awarding_organisation__in=user.organisations(*AUTHORING_ROLES, Role.EQA))
    if user.current_memberships:
        allocated = Allocation.objects.filter(
            in_force(), user=user, registration__qualification=OuterRef("qualification")
        )
        cohorts = Cohort.objects.visible_to(user).filter(course=OuterRef("pk"))
        staff |= Q(Exists(allocated)) | Q(Exists(cohorts))
    return rows.annotate(
        is_mine=mine, is_read=ExpressionWrapper(Q(mine) | staff, output_field=BooleanField()),
        authority=Subquery(own.values("cohort__local_authority")[:1]),
    )  # fmt: skip


def authority_of(registration: Registration | None) -> Organisation | None:
    """The local authority that runs the learner's cohort."""
    return registration.cohort.local_authority if registration is not None and registration.cohort else None


def authority_for(user: User, registration: Registration | None) -> Organisation | None:
    """Whose own lessons a reader finds in a course: those of their cohort's authority; staff of one, its."""
    return authority_of(registration) if registration else staff_authority(user)


def staff_authority(user: User) -> Organisation | None:
    """The local authority whose staff the user is, for what they are shown as its trainees see it."""
    mine = authorities_of(user) if user.is_authenticated else []
    return mine[0] if mine else None


def is_for(page: StudyPage, authority: Organisation | None) -> bool:
    """An authority's own lesson is for that authority's trainees only; every other page is for all."""
    if not isinstance(page, LocalLessonPage):
        return True
    return authority is not None and page.authority_id == authority.pk


def may_read_local(user: User, page: LocalLessonPage, course: CoursePage) -> bool:
    """Staff who read an authority's own lesson: the authority's, and staff of the course who work with one of its
    learners."""
    if page.authority_id in {one.pk for one in authorities_of(user)}:
        return True
    learners = Registration.objects.filter(
        cohort__local_authority=page.authority_id, qualification_id=course.qualification_id
    )
    seen = learners.visible_to(user) | learners.filter(centre__in=user.organisations(Role.TUTOR))
    return may_read_as_staff(user, course) and seen.exists()
