"""Rule 4: what is on hold because a child may be recognised in it is not judged, decided or counted."""

from collections.abc import Collection

from lms.common.errors import Refused
from portfolio.models import EvidenceVersion
from portfolio.visibility import on_hold as is_on_hold


def held_versions(version_ids: Collection[int]) -> set[int]:
    """Those of the versions that are on hold now. One query, none for no versions."""
    if not version_ids:
        return set()
    return set(EvidenceVersion.objects.filter(is_on_hold(), pk__in=version_ids).values_list("pk", flat=True))


def on_hold(code: str = "") -> Refused:
    """Rule 4, as a reason: the criterion rests on what is on hold, or, without a code, this evidence is."""
    subject = f"{code} rests on evidence" if code else "This is evidence"
    return Refused("rule-04-hold", f"{subject} that is on hold: somebody has reported that a child may be recognised "
                   "in it. It can be decided when the hold has ended.")  # fmt: skip


def why_on_hold(version_ids: Collection[int], code: str = "") -> Refused | None:
    """Rule 4: the reason why nothing can be decided on these versions now; None when none is on hold."""
    return on_hold(code) if held_versions(version_ids) else None
