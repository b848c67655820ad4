"""Whose files go where: a learner's into their draft, an assessor's into a record that they have not signed."""

from lms.accounts.api import User
from portfolio.models import EvidenceVersion

from .record import locked_record
from .write import locked_draft


def locked_for_files(version: EvidenceVersion, by: User) -> EvidenceVersion:
    """The version, locked with its registration and read afresh, if `by` may add files to it and take them away.
    Raises Refused (rules 2 and 23)."""
    return locked_record(version, by) if version.recorded_by_id else locked_draft(version, by)


def acting_as(version: EvidenceVersion) -> str:
    """In which role somebody who may change its files does so, for the audit."""
    return "assessor" if version.recorded_by_id else "learner"
