"""Every table of the `courses` app, gathered for Django. The rooms own them."""

from courses.delivery.models import (
    AccessGrant,
    Allocation,
    Cohort,
    CriterionStatus,
    LearnerNumber,
    NumberMatch,
    Placement,
    Registration,
    StudyProgress,
)
from courses.framework.models import (
    AssessmentPolicy,
    Criterion,
    CriterionMapping,
    Framework,
    Outcome,
    Pathway,
    PathwayLevel,
    Qualification,
    Section,
)
from courses.pages.models import CataloguePage, CoursePage, LessonPage, PageCriterion, SitePage, TaskPage, UnitPage

__all__ = [
    "AccessGrant",
    "Allocation",
    "AssessmentPolicy",
    "CataloguePage",
    "Cohort",
    "CoursePage",
    "Criterion",
    "CriterionMapping",
    "CriterionStatus",
    "Framework",
    "LearnerNumber",
    "LessonPage",
    "NumberMatch",
    "Outcome",
    "PageCriterion",
    "Pathway",
    "PathwayLevel",
    "Placement",
    "Qualification",
    "Registration",
    "Section",
    "SitePage",
    "StudyProgress",
    "TaskPage",
    "UnitPage",
]
