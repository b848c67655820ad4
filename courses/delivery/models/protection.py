"""What opens evidence to somebody, what hides it, and concerns for a child's safety."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from lms.accounts.models import Organisation
from lms.common import triggers
from lms.common.models import notes

from ..visibility import HoldQuerySet, SafeguardingQuerySet
from .registering import Registration


class AccessGrant(models.Model):
    """Opens evidence to somebody whom no allocation lets in: what a learner shares with their setting, later what
    a sample or a review picks. `subject` is the evidence's ref. Never changed but for its end."""

    class Reason(models.TextChoices):
        SHARED = "shared", "Shared by the learner"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="access_grants")
    subject = models.UUIDField()
    reason = models.CharField(max_length=20, choices=Reason.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal_data = notes("id", "subject", "reason", registration="whose evidence", organisation="opened to whom",
                          granted_by="who opened it", granted_at="when opened", ended_at="until when")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "organisation", "reason"],
                condition=Q(ended_at__isnull=True),
                name="access_grant_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.subject}"


class Hold(models.Model):
    """A privacy hold (rule 4): somebody says that a child can be recognised in a piece of evidence (`subject`, its
    ref). Its versions up to `through_number` are hidden from all but the owner, the reporter and the data-protection
    role; nothing is decided on them, and decisions that rest on them do not count meanwhile.

    States: open -> replacement asked for (still hidden) -> released | destroyed, by the data-protection role.
    """

    class State(models.TextChoices):
        OPEN = "open", "On hold"
        REPLACE = "replace", "The learner was asked to replace it"
        RELEASED = "released", "Released"
        DESTROYED = "destroyed", "Destroyed"

    HIDING = (State.OPEN, State.REPLACE)

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="holds")
    subject = models.UUIDField()
    through_number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.TextField()
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    objects = HoldQuerySet.as_manager()
    personal_data = notes(
        "id", "ref", "subject", "through_number", "state", registration="whose evidence",
        reason="the reporter's words; may say which child: special category", reported_by="who reported it",
        reported_at="when reported", decided_by="who decided", decided_at="when decided",
        answer="why it was decided so",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state__in=["open", "replace"]), name="rule_04_one_open_hold_a_piece"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (Q(state__in=["replace", "released", "destroyed"], decided_at__isnull=False,
                     decided_by__isnull=False) & ~Q(answer="")),
                name="rule_04_hold_is_decided_with_reason",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["subject"], condition=Q(state__in=["open", "replace"]), name="hold_hides_now")]

    def __str__(self) -> str:
        return f"Hold on {self.subject}"


class SafeguardingConcern(models.Model):
    """A concern for a child's safety, for the safeguarding lead of a centre alone (rule 5). Its history stands in an
    audit stream of its own; nothing of it shows at the learner, in an export, a review or a registration's history.
    States: open -> closed by the lead."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    concern = models.TextField()
    about = models.ForeignKey(Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = SafeguardingQuerySet.as_manager()
    personal_data = notes(
        "id", "ref", "centre", raised_by="who raised it", raised_at="when raised",
        concern="about a child's safety: special category, restricted", about="in whose work it arose",
        closed_by="who closed it", closed_at="when closed",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_by__isnull=False), name="rule_05_closed_by_somebody"
            )
        ]

    def __str__(self) -> str:
        return f"Concern {self.pk}"

    @property
    def reference(self) -> str:
        """What the raiser quotes when they ask about it; says nothing of it."""
        return f"{self.ref.hex[:4]}-{self.ref.hex[4:8]}".upper()


class SafeguardingNote(models.Model):
    """What the safeguarding lead did about a concern. Never changed."""

    concern = models.ForeignKey(SafeguardingConcern, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    personal_data = notes("id", "concern", text="about a child's safety: special category, restricted",
                          written_by="who wrote it", written_at="when written")  # fmt: skip

    def __str__(self) -> str:
        return f"Note {self.pk} on concern {self.concern_id}"


triggers.refuse(
    "rule_04_hold_stays", "courses_hold", "UPDATE",
    when="""OLD.state IN ('released', 'destroyed') OR (OLD.state = 'replace' AND NEW.state = 'open')
            OR NEW.subject <> OLD.subject OR NEW.registration_id <> OLD.registration_id
            OR NEW.through_number <> OLD.through_number OR NEW.reported_by_id <> OLD.reported_by_id""",
    message="Rule 4: a hold stays on record; it ends once, released or destroyed.",
)  # fmt: skip
triggers.refuse(
    "rule_04_hold_stays", "courses_hold", "DELETE", when="TRUE",
    message="Rule 4: a hold stays on record; it ends once, released or destroyed.",
)  # fmt: skip
triggers.refuse(
    "rule_05_concern_stays", "courses_safeguardingconcern", "UPDATE",
    when="""OLD.closed_at IS NOT NULL OR NEW.concern <> OLD.concern OR NEW.raised_by_id <> OLD.raised_by_id
            OR NEW.centre_id <> OLD.centre_id""",
    message="Rule 5: a safeguarding concern stays on record.",
)  # fmt: skip
triggers.refuse(
    "rule_05_concern_stays", "courses_safeguardingconcern", "DELETE", when="TRUE",
    message="Rule 5: a safeguarding concern stays on record.",
)  # fmt: skip
triggers.refuse(
    "rule_05_note_stays", "courses_safeguardingnote", "UPDATE DELETE", when="TRUE",
    message="Rule 5: what was done about a concern stays on record.",
)  # fmt: skip
