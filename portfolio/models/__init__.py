"""The evidence portfolio: pieces of evidence, their versions and files, what they prove, and submissions."""

from portfolio import rules  # noqa: F401  (registers the triggers that defend the rules)

from .evidence import Attestation, Evidence, EvidenceLink, EvidenceVersion, Tombstone, Witness
from .files import EvidenceFile, FileRendition, Report, Upload
from .skills import CpdEntry, DevelopmentGoal, SkillsCheck, SkillsRating
from .submission import AttemptGrant, Submission, SubmittedCriterion, SubmittedVersion

__all__ = [
    "AttemptGrant",
    "Attestation",
    "CpdEntry",
    "DevelopmentGoal",
    "Evidence",
    "EvidenceFile",
    "EvidenceLink",
    "EvidenceVersion",
    "FileRendition",
    "Report",
    "SkillsCheck",
    "SkillsRating",
    "Submission",
    "SubmittedCriterion",
    "SubmittedVersion",
    "Tombstone",
    "Upload",
    "Witness",
]
