"""The door of the assessment room."""

from .domain.decide import draft_decision, release, take_over
from .domain.interest import declare_interest, resolve_interest
from .domain.judge import judge_version
from .domain.open import open_submission
from .domain.reassign import reassign, reassign_all, take
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
    "open_submission",
    "progress_of",
    "reassign",
    "reassign_all",
    "release",
    "resolve_interest",
    "take",
    "take_over",
    "why_not_decide",
]
