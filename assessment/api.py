"""The door of the assessment room."""

from .domain.decide import draft_decision, release, take_over
from .domain.interest import declare_interest, resolve_interest
from .domain.judge import judge_version
from .models import Decision, DecisionVersion, InterestDeclaration, VersionJudgement
from .policies import has_open_interest, why_not_decide
from .progression import Progress, is_complete, progress_of

__all__ = [
    "Decision",
    "DecisionVersion",
    "InterestDeclaration",
    "Progress",
    "VersionJudgement",
    "declare_interest",
    "draft_decision",
    "has_open_interest",
    "is_complete",
    "judge_version",
    "progress_of",
    "release",
    "resolve_interest",
    "take_over",
    "why_not_decide",
]
