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
from .queries import criteria_of

__all__ = [
    "AssessmentPolicy",
    "Criterion",
    "CriterionMapping",
    "Framework",
    "Outcome",
    "PathwayLevel",
    "Qualification",
    "Section",
    "criteria_of",
    "load_file",
    "policy_of",
    "set_policy",
]
