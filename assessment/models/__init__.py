"""The tables of assessment."""

from .decisions import Decision, DecisionVersion, SecondCheck, VersionJudgement
from .desk import Annotation, DeskLease, NextStep, Phrase
from .interests import DualRoleDeclaration, DualRolePolicy, InterestDeclaration, Objection
from .planning import AssessmentPlan, CalendarKey, PlannedAssessment

__all__ = [
    "Annotation",
    "AssessmentPlan",
    "CalendarKey",
    "Decision",
    "DecisionVersion",
    "DeskLease",
    "DualRoleDeclaration",
    "DualRolePolicy",
    "InterestDeclaration",
    "NextStep",
    "Objection",
    "Phrase",
    "PlannedAssessment",
    "SecondCheck",
    "VersionJudgement",
]

from assessment import rules  # noqa: F401  (registers the triggers that defend the rules)
