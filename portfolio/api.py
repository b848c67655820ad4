"""The door of the portfolio room."""

from .domain.bin import discard_draft, restore_draft
from .domain.counts import evidence_counts, items_on_hold, open_counts, refresh_evidence, refresh_open
from .domain.submit import Candidate, candidates, grant_attempt, submit_criteria
from .domain.withdraw import withdraw
from .domain.write import Link, declare, new_version, save_draft, set_links, start_evidence
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
    "items_on_hold",
    "new_version",
    "open_counts",
    "refresh_evidence",
    "refresh_open",
    "restore_draft",
    "save_draft",
    "set_links",
    "start_evidence",
    "submit_criteria",
    "withdraw",
]
