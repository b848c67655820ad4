"""What an author sees of their courses: where to edit, and how much of the specification they cover."""

from dataclasses import dataclass, field
from operator import attrgetter

from django.db.models import Count, QuerySet
from django.urls import reverse

from courses.framework.api import Section
from courses.pages.authors import being_copied
from courses.pages.coverage import ASSESSES, TEACHES, facts_of_all
from courses.pages.models import CoursePage
from courses.pages.queries import address
from lms.accounts.api import AUTHORING_ROLES, User


@dataclass
class Coverage:
    """How many of a section's criteria a course teaches and assesses."""

    section: Section
    total: int
    taught: int = 0
    assessed: int = 0


@dataclass
class CourseCoverage:
    """A course with its editing addresses and the coverage of each section."""

    course: CoursePage
    sections: list[Coverage] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The course as its readers see it."""
        return address(self.course)

    @property
    def edit_url(self) -> str:
        """The course's own page in the editor."""
        return reverse("wagtailadmin_pages:edit", args=[self.course.pk])

    @property
    def units_url(self) -> str:
        """Its units in the editor."""
        return reverse("wagtailadmin_explore", args=[self.course.pk])

    @property
    def coverage_url(self) -> str:
        """Which page covers which statement, and what is missing."""
        return reverse("coverage", args=[self.course.pk])

    @property
    def total(self) -> int:
        """Criteria in all."""
        return sum(map(attrgetter("total"), self.sections))

    @property
    def taught(self) -> int:
        """Criteria that a lesson or task teaches."""
        return sum(map(attrgetter("taught"), self.sections))

    @property
    def assessed(self) -> int:
        """Criteria that a lesson or task assesses."""
        return sum(map(attrgetter("assessed"), self.sections))


def own_courses(user: User) -> QuerySet[CoursePage]:
    """The courses of the organisations where the user is author, reviewer or publisher; all, for the system
    administrator. Each with `is_being_copied`: a copy that is not there yet."""
    rows = CoursePage.objects.annotate(is_being_copied=being_copied())
    rows = rows.select_related("qualification__framework").order_by("title", "pk")
    if user.is_superuser:
        return rows
    return rows.filter(qualification__awarding_organisation__in=user.organisations(*AUTHORING_ROLES))


def courses_to_edit(user: User) -> list[CourseCoverage]:
    """The user's courses with what readers find covered in each section. Four queries at most."""
    found = [CourseCoverage(course) for course in own_courses(user)]
    if not found:
        return []
    frameworks = {entry.course.qualification.framework_id for entry in found}
    sections = list(Section.objects.filter(framework__in=frameworks).annotate(criteria=Count("outcomes__criteria")))
    for entry, facts in zip(found, facts_of_all([entry.course for entry in found]), strict=True):
        covered = {pair for page in facts.reachable for pair in page.uses}
        where = {criterion.pk: criterion.outcome.section_id for criterion in facts.criteria}
        for section in sections:
            if section.framework_id == entry.course.qualification.framework_id:
                here = [use for criterion, use in covered if where.get(criterion) == section.pk]
                entry.sections.append(Coverage(section, section.criteria, here.count(TEACHES), here.count(ASSESSES)))
    return found
