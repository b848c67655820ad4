"""The door of the assessment room."""

from .domain.check import check_submission
from .domain.decide import draft_decision, take_over
from .domain.hold import ask_to_replace, destroy_held, place_hold, release_hold
from .domain.interest import declare_interest, resolve_interest
from .domain.judge import judge_version
from .domain.open import open_submission
from .domain.reassign import reassign, reassign_all, take
from .domain.release import release
from .domain.replace import hand_in_replacement
from .models import Decision, DecisionVersion, InterestDeclaration, SecondCheck, VersionJudgement
from .policies import why_not_decide
from .progression import Progress, is_complete, progress_of

__all__ = [
    "Decision",
    "DecisionVersion",
    "InterestDeclaration",
    "Progress",
    "SecondCheck",
    "VersionJudgement",
    "ask_to_replace",
    "check_submission",
    "declare_interest",
    "destroy_held",
    "draft_decision",
    "hand_in_replacement",
    "is_complete",
    "judge_version",
    "open_submission",
    "place_hold",
    "progress_of",
    "reassign",
    "reassign_all",
    "release",
    "release_hold",
    "resolve_interest",
    "take",
    "take_over",
    "why_not_decide",
]
