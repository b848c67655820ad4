"""Which decisions count, worked out from the audit log alone: an independent reading of rules 4, 9, 10 and 18."""

import json
from dataclasses import dataclass, field

from courses.delivery.api import Registration, registration_stream
from lms.audit.models import AuditEvent


@dataclass
class Decided:
    """A decision as the log tells of it."""

    criterion: int
    submission: int
    outcome: str
    needs: set[str]
    versions: set[int]
    agreed: set[str] = field(default_factory=set)
    counted: bool = False
    gone: bool = False  # superseded, or reopened


class Recount:
    """Reads a learner's stream from its beginning."""

    def __init__(self, registration: Registration) -> None:
        self.submitted: dict[int, set[str]] = {}  # submission -> codes
        self.decided: dict[int, Decided] = {}
        self.holds: dict[int, set[int]] = {}  # open hold -> versions
        events = AuditEvent.objects.filter(stream__name=registration_stream(registration.pk)).order_by("sequence")
        for action, subject, canonical in events.values_list("action", "subject", "canonical"):
            read = getattr(self, "on_" + action.replace(".", "_"), None)
            if read is not None:
                read(int(subject.split(":")[1].split("/")[0]), json.loads(canonical)["changes"])

    def counting(self) -> dict[int, tuple[int, str]]:
        """By criterion: the decision that counts, and its outcome."""
        held = {version for versions in self.holds.values() for version in versions}
        return {
            one.criterion: (pk, one.outcome) for pk, one in self.decided.items()
            if one.counted and not one.gone and not one.versions & held
        }  # fmt: skip

    def on_submission_submitted(self, pk: int, changes: dict) -> None:
        self.submitted.setdefault(pk, set()).update(changes)

    def on_decision_released(self, pk: int, changes: dict) -> None:
        self.decided[pk] = Decided(
            changes["criterion"], changes["submission"], changes["outcome"], set(changes["needs"]),
            set(changes["versions"]),
        )  # fmt: skip
        self._complete(changes["submission"])

    def on_decision_checked(self, pk: int, changes: dict) -> None:
        one = self.decided[pk]
        if changes["agrees"]:
            one.agreed.add(changes["kind"])
            self._complete(one.submission)
        else:
            one.gone = True

    def on_decision_reopened(self, pk: int, changes: dict) -> None:
        self.decided[pk].gone = True

    def on_hold_placed(self, pk: int, changes: dict) -> None:
        self.holds[pk] = set(changes["versions"])

    def on_hold_released(self, pk: int, changes: dict) -> None:
        self.holds.pop(pk)

    def on_hold_replace(self, pk: int, changes: dict) -> None:
        for one in self.decided.values():
            one.gone = one.gone or (not one.counted and bool(one.versions & self.holds[pk]))

    def on_hold_destroyed(self, pk: int, changes: dict) -> None:
        versions = self.holds.pop(pk)
        for one in self.decided.values():
            one.gone = one.gone or bool(one.versions & versions)

    def _complete(self, submission: int) -> None:
        """When each criterion of a submission has a decision with all that it needs, they all count together."""
        live = [one for one in self.decided.values() if one.submission == submission and not one.gone]
        if len(live) < len(self.submitted[submission]) or any(one.needs - one.agreed for one in live):
            return
        for one in live:
            for earlier in self.decided.values():
                earlier.gone = earlier.gone or (
                    earlier.counted and earlier.submission != submission and earlier.criterion == one.criterion
                )
            one.counted = True
