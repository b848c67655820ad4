"""The append-only log (rule 39): who, in which role, when, and what changed, chained by hashes."""

from django.conf import settings
from django.db import models

from lms.common import triggers
from lms.common.models import notes

from .actions import Action


class AuditStream(models.Model):
    """The head of one chain: a registration, an organisation, a safeguarding case. Locked last in a transaction."""

    name = models.CharField(max_length=80, unique=True)
    last_sequence = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="")

    personal_data = notes("id", "name", "last_sequence", "last_hash")

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """One act. Holds ids, codes and salted digests, never evidence text, names or child data (rule 39)."""

    stream = models.ForeignKey(AuditStream, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=40)
    acting_as = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=60, choices=Action.choices)
    subject = models.CharField(max_length=80)
    canonical = models.TextField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    personal_data = notes(
        "id", "stream", "sequence", "at", "action", "subject", "previous_hash", "hash",
        actor="who acted, by id",
        role="in which role",
        acting_as="for which organisation, by id",
        canonical="ids, codes and salted digests only",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "sequence"], name="audit_one_event_per_place"),
            models.CheckConstraint(condition=models.Q(action__in=Action.values), name="audit_action_in_closed_list"),
        ]
        indexes = [models.Index(fields=["subject", "at"], name="audit_what_happened_to")]

    def __str__(self) -> str:
        return f"{self.stream_id}/{self.sequence} {self.action}"


triggers.refuse(
    "rule_39_log_is_append_only",
    "lms_auditevent",
    "UPDATE DELETE",
    when="TRUE",
    message="Rule 39: the audit log is append-only.",
)
triggers.refuse(
    "rule_39_chain_has_no_gap",
    "lms_auditevent",
    "INSERT",
    when="""NOT EXISTS (SELECT 1 FROM lms_auditstream s WHERE s.id = NEW.stream_id
            AND s.last_sequence + 1 = NEW.sequence AND s.last_hash = NEW.previous_hash)""",
    message="Rule 39: an audit event must follow the last one of its stream.",
)
triggers.refuse(
    "rule_39_head_goes_forward",
    "lms_auditstream",
    "UPDATE",
    when="""NEW.name <> OLD.name OR NOT EXISTS (SELECT 1 FROM lms_auditevent e WHERE e.stream_id = NEW.id
            AND e.sequence = NEW.last_sequence AND e.hash = NEW.last_hash AND e.sequence = OLD.last_sequence + 1)""",
    message="Rule 39: the head of an audit stream moves only to its next event.",
)
triggers.refuse(
    "rule_39_stream_begins_empty",
    "lms_auditstream",
    "INSERT",
    when="NEW.last_sequence <> 0 OR NEW.last_hash <> ''",
    message="Rule 39: an audit stream begins empty.",
)
triggers.refuse(
    "rule_39_stream_stays",
    "lms_auditstream",
    "DELETE",
    when="TRUE",
    message="Rule 39: an audit stream cannot be deleted.",
)
