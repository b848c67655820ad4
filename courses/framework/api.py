"""The door of the framework room."""

from .load import load_file
from .models import (
    AssessmentPolicy,
    Criterion,
    CriterionMapping,
    Framework,
    Outcome,
    PathwayLevel,
    Qualification,
    Section,
)
from .policies import policy_of, set_policy

__all__ = [
    "AssessmentPolicy",
    "Criterion",
    "CriterionMapping",
    "Framework",
    "Outcome",
    "PathwayLevel",
    "Qualification",
    "Section",
    "load_file",
    "policy_of",
    "set_policy",
]
