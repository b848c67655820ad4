"""Who may read the course (addresses in the design): course and units are public, lessons and tasks are not."""

from courses.delivery.api import Allocation, Cohort, Registration, in_force
from lms.accounts.api import Role, User

from .models import CoursePage

COURSE_STAFF = (Role.AUTHOR, Role.REVIEWER)


def registration_for(user: User, course: CoursePage) -> Registration | None:
    """The user's own registration that the course serves: their cohort follows it, or it leads to its qualification."""
    rows = Registration.objects.filter(learner=user, qualification_id=course.qualification_id)
    found = rows.exclude(state=Registration.State.WITHDRAWN).select_related("cohort").first()
    if found:
        user.is_learner = True  # the header asks next
    return found


def may_read_as_staff(user: User, course: CoursePage) -> bool:
    """A staff role on the course: its awarding organisation's authors, reviewers and EQAs; people allocated to a
    learner of it; centre and authority people of a cohort that follows it."""
    if course.qualification.awarding_organisation_id in user.organisations(*COURSE_STAFF, Role.EQA):
        return True
    if not user.current_memberships:
        return False
    allocated = Allocation.objects.filter(in_force(), user=user, registration__qualification_id=course.qualification_id)
    return allocated.exists() or Cohort.objects.visible_to(user).filter(course_id=course.pk).exists()
