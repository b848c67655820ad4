"""What an author sees of their courses: where to edit, and how much of the specification they cover."""

from dataclasses import dataclass, field
from operator import attrgetter

from django.db.models import Count
from django.urls import reverse

from courses.framework.api import Criterion, Section
from courses.pages.models import CoursePage, PageCriterion
from courses.pages.queries import address
from lms.accounts.api import Role, User


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


def courses_to_edit(user: User) -> list[CourseCoverage]:
    """The courses of the organisations where the user is author or reviewer (all, for the system administrator),
    with their coverage. Four queries at most."""
    rows = CoursePage.objects.select_related("qualification__framework").order_by("title", "pk")
    if not user.is_superuser:
        owners = user.organisations(Role.AUTHOR, Role.REVIEWER)
        rows = rows.filter(qualification__awarding_organisation__in=owners)
    found = [CourseCoverage(course) for course in rows]
    if not found:
        return []
    frameworks = {entry.course.qualification.framework_id for entry in found}
    sections = list(Section.objects.filter(framework__in=frameworks).annotate(criteria=Count("outcomes__criteria")))
    where = dict(Criterion.objects.filter(framework__in=frameworks).values_list("pk", "outcome__section_id"))
    uses = PageCriterion.objects.filter(
        criterion__framework__in=frameworks, page__live=True, use__in=(TEACHES, ASSESSES)
    )
    pages = list(uses.values_list("page__path", "criterion_id", "use"))
    for entry in found:
        inside = {(criterion, use) for path, criterion, use in pages if path.startswith(entry.course.path)}
        for section in sections:
            if section.framework_id == entry.course.qualification.framework_id:
                here = [use for criterion, use in inside if where[criterion] == section.pk]
                entry.sections.append(Coverage(section, section.criteria, here.count(TEACHES), here.count(ASSESSES)))
    return found


TEACHES, ASSESSES = PageCriterion.Use.TEACHES, PageCriterion.Use.ASSESSES
