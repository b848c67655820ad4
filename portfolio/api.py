"""The door of the portfolio room."""

from .domain.counts import evidence_counts, open_counts, refresh_evidence, refresh_open
from .domain.submit import Candidate, candidates, grant_attempt, submit_criteria
from .domain.write import Link, declare, discard_draft, new_version, save_draft, set_links, start_evidence
from .models import (
    AttemptGrant,
    Evidence,
    EvidenceFile,
    EvidenceLink,
    EvidenceVersion,
    Submission,
    SubmittedCriterion,
    SubmittedVersion,
)

__all__ = [
    "AttemptGrant",
    "Candidate",
    "Evidence",
    "EvidenceFile",
    "EvidenceLink",
    "EvidenceVersion",
    "Link",
    "Submission",
    "SubmittedCriterion",
    "SubmittedVersion",
    "candidates",
    "declare",
    "discard_draft",
    "evidence_counts",
    "grant_attempt",
    "new_version",
    "open_counts",
    "refresh_evidence",
    "refresh_open",
    "save_draft",
    "set_links",
    "start_evidence",
    "submit_criteria",
]
