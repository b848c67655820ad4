"""Raw statements against rules 4 and 5: what is on hold, what was destroyed, and concerns for a child's safety."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from assessment.api import place_hold
from courses.delivery.api import Hold, SafeguardingConcern, note_concern, raise_concern
from lms.accounts.api import Role
from portfolio.api import EvidenceVersion
from portfolio.models import Tombstone
from tests.factories import make_person, make_ready_evidence

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]
NOW = timezone.now()
TOMBSTONE = "INSERT INTO portfolio_tombstone (version_id, words, files, size, reason, destroyed_by_id, destroyed_at) VALUES (%s, 1, 0, 1, 'Why', %s, %s)"  # noqa: E501


def _hold(s: "State", version: EvidenceVersion) -> Hold:
    return place_hold(version.evidence, "A face", by=s.world.trainee, at=NOW)


def _settled(s: "State") -> Hold:
    hold = _hold(s, s.decided)
    Hold.objects.filter(pk=hold.pk).update(state="released", answer="No", decided_by=s.world.trainee, decided_at=NOW)
    return hold


def _tombstone(s: "State") -> Tombstone:
    _hold(s, s.decided)
    return Tombstone.objects.create(version=s.decided, words=1, files=0, size=1, reason="Why",
                                    destroyed_by=s.world.trainee, destroyed_at=NOW)  # fmt: skip


def _ready_on_hold(s: "State") -> Sql:
    version = make_ready_evidence(s.world.registration, "1.3", title="Ready and on hold")
    _hold(s, version)
    return ("UPDATE portfolio_evidenceversion SET state = 'submitted', submitted_at = %s WHERE id = %s", NOW,
            version.pk)  # fmt: skip


def _concern(s: "State") -> SafeguardingConcern:
    return raise_concern(s.world.centre, "Something", by=s.world.trainee, at=NOW)


def _closed(s: "State") -> Sql:
    row = _concern(s)
    SafeguardingConcern.objects.filter(pk=row.pk).update(closed_at=NOW, closed_by=s.world.lead_iqa)
    return ("UPDATE courses_safeguardingconcern SET closed_at = NULL WHERE id = %s", row.pk)


def _note(s: "State") -> int:
    lead = make_person("Selma Ray", (Role.SAFEGUARDING_LEAD, s.world.centre))
    return note_concern(_concern(s), "I called", by=lead, at=NOW).pk


HOLDS: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "4: a hold that has ended opened again": (
        "Rule 4", lambda s: ("UPDATE courses_hold SET answer = 'Other' WHERE id = %s", _settled(s).pk)),
    "4: a hold on fewer versions": (
        "Rule 4", lambda s: ("UPDATE courses_hold SET through_number = 0 WHERE id = %s", _hold(s, s.decided).pk)),
    "4: a hold taken away": ("Rule 4", lambda s: ("DELETE FROM courses_hold WHERE id = %s", _hold(s, s.decided).pk)),
    "4: content destroyed without a hold": (
        "Rule 4", lambda s: (TOMBSTONE, s.decided.pk, s.world.lead_iqa.pk, NOW)),
    "4: a tombstone rewritten": (
        "Rule 4", lambda s: ("UPDATE portfolio_tombstone SET reason = 'x' WHERE id = %s", _tombstone(s).pk)),
    "4: a tombstone taken away": ("Rule 4", lambda s: ("DELETE FROM portfolio_tombstone WHERE id = %s",
                                                       _tombstone(s).pk)),
    "4: words changed instead of destroyed": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidenceversion SET text = 'Other' WHERE id = %s",
                             _tombstone(s).version_id)),
    "4: what is on hold submitted": ("Rule 4", _ready_on_hold),
    "5: a concern rewritten": (
        "Rule 5", lambda s: ("UPDATE courses_safeguardingconcern SET concern = 'x' WHERE id = %s", _concern(s).pk)),
    "5: a closed concern opened": ("Rule 5", _closed),
    "5: a concern taken away": ("Rule 5", lambda s: ("DELETE FROM courses_safeguardingconcern WHERE id = %s",
                                                     _concern(s).pk)),
    "5: a note on a concern rewritten": (
        "Rule 5", lambda s: ("UPDATE courses_safeguardingnote SET text = 'x' WHERE id = %s", _note(s))),
    "5: a note on a concern taken away": (
        "Rule 5", lambda s: ("DELETE FROM courses_safeguardingnote WHERE id = %s", _note(s))),
}  # fmt: skip
