"""Writing and checking the hash chain (rule 39)."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from django.conf import settings
from django.db import transaction

from .actions import Action
from .models import AuditEvent, AuditStream


def stream_of(kind: str, pk: int) -> str:
    """The name of the stream of a registration, an organisation, a person or a framework."""
    return f"{kind}:{pk:012d}"


def digest(value: str, *, salt: str) -> str:
    """A salted digest: shows that something changed, or is the same, without saying what it is."""
    key = hashlib.sha256(f"{settings.SECRET_KEY}:{salt}".encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]


def canonical_text(stream: str, sequence: int, at: datetime, actor: int | None, role: str, acting_as: str,
                   action: str, subject: str, changes: dict[str, Any], previous_hash: str) -> str:  # fmt: skip
    """The text that is hashed: RFC 8785 canonical JSON, stored as it was hashed."""
    return rfc8785.dumps(
        {
            "stream": stream,
            "sequence": sequence,
            "at": at.astimezone(UTC).isoformat(),
            "actor": actor,
            "role": role,
            "acting_as": acting_as,
            "action": action,
            "subject": subject,
            "changes": changes,
            "previous": previous_hash,
        }  # fmt: skip
    ).decode()


def record(
    stream: str,
    action: Action,
    *,
    by: Any,
    role: str,
    subject: str,
    at: datetime,
    changes: dict[str, Any] | None = None,
    acting_as: str = "",
) -> AuditEvent:
    """Appends one act to a stream, in the transaction of the change itself.

    Call it after the change's own writes, so that the stream's head is the last row locked; streams in name order
    when there are several. `by` is the acting user (None = the system). `changes` holds ids, codes and digests.
    Raises RuntimeError outside a transaction and ValueError for an act that is not in the closed list.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit event is written in the transaction of the change that it records.")
    action = Action(action)
    head = AuditStream.objects.select_for_update().filter(name=stream).first()
    if head is None:
        AuditStream.objects.get_or_create(name=stream)
        head = AuditStream.objects.select_for_update().get(name=stream)
    sequence, actor = head.last_sequence + 1, getattr(by, "pk", None)
    text = canonical_text(
        stream, sequence, at, actor, role, acting_as, action.value, subject, changes or {}, head.last_hash
    )
    event = AuditEvent.objects.create(
        stream=head, sequence=sequence, at=at, actor_id=actor, role=role, acting_as=acting_as, action=action,
        subject=subject, canonical=text, previous_hash=head.last_hash, hash=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    head.last_sequence, head.last_hash = sequence, event.hash
    head.save(update_fields=["last_sequence", "last_hash"])
    return event


@dataclass(frozen=True)
class Fault:
    """The first event of a stream that does not hold, and what is wrong with it."""

    stream: str
    sequence: int
    reason: str


FIELDS = {"stream", "sequence", "at", "actor", "role", "acting_as", "action", "subject", "changes", "previous"}


def _read(canonical: str) -> dict[str, Any]:
    """What a canonical text says; nothing when it is no such text (a forger may have written anything)."""
    try:
        text = json.loads(canonical)
    except ValueError:
        return {}
    return text if isinstance(text, dict) and text.keys() == FIELDS else {}


def _columns_agree(event: AuditEvent, stream: AuditStream, text: dict[str, Any]) -> bool:
    return bool(text) and (
        text["stream"] == stream.name and text["sequence"] == event.sequence and text["actor"] == event.actor_id
        and text["role"] == event.role and text["acting_as"] == event.acting_as and text["action"] == event.action
        and text["subject"] == event.subject and text["at"] == event.at.astimezone(UTC).isoformat()
        and text["previous"] == event.previous_hash
    )  # fmt: skip


def _first_fault(stream: AuditStream) -> Fault | None:
    previous, expected = "", 1
    for event in stream.events.order_by("sequence").iterator(chunk_size=500):
        if event.sequence != expected:
            return Fault(stream.name, expected, "event is missing")
        if event.previous_hash != previous:
            return Fault(stream.name, event.sequence, "does not follow the event before it")
        if hashlib.sha256(event.canonical.encode()).hexdigest() != event.hash:
            return Fault(stream.name, event.sequence, "hash does not match its text")
        if not _columns_agree(event, stream, _read(event.canonical)):
            return Fault(stream.name, event.sequence, "columns do not match its text")
        previous, expected = event.hash, expected + 1
    if (stream.last_sequence, stream.last_hash) != (expected - 1, previous):
        return Fault(stream.name, stream.last_sequence, "head does not match the last event")
    return None


def verify() -> Iterator[Fault]:
    """Walks every chain; yields the first fault of each broken stream."""
    for stream in AuditStream.objects.order_by("name").iterator(chunk_size=500):
        fault = _first_fault(stream)
        if fault:
            yield fault
