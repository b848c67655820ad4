"""The tables of assessment."""

from .decisions import Decision, DecisionVersion, SecondCheck, VersionJudgement
from .desk import Annotation, DeskLease, DraftStep, NextStep, Phrase
from .interests import DualRoleDeclaration, DualRolePolicy, InterestDeclaration, Objection
from .planning import AssessmentPlan, CalendarKey, PlannedAssessment

__all__ = [
    "Annotation",
    "AssessmentPlan",
    "CalendarKey",
    "Decision",
    "DecisionVersion",
    "DeskLease",
    "DraftStep",
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

from assessment import rules, rules_desk, rules_plan  # noqa: F401  (registers the triggers that defend the rules)
