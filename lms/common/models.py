"""Tables that belong to no room: work to be done, and forms that act once."""

from django.conf import settings
from django.db import models
from django.db.models import Q

NO_PERSON = "none"


def notes(*none: str, **about: str) -> dict[str, str]:
    """Personal-data notes of a model: fields in `none` hold nothing about a person, the others say what they hold.

    Read by export and erasure; a test holds that every field of every model of ours has one.
    """
    return {**dict.fromkeys(none, NO_PERSON), **about}


class Job(models.Model):
    """Work to be done outside a request. The row is the truth; the broker's message only says "look at this row".

    States: queued -> running (claimed by a worker under a lease) -> done | failed (after its last attempt).
    A lease that runs out without a heartbeat makes the job queued again: a killed worker loses nothing.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001 (null = may repeat)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    personal_data = notes(
        "id", "kind", "key", "state", "attempts", "run_after", "sent_at", "lease_until", "lease_token",
        "created_at", "done_at",
        payload="ids of rows only, never text",
        error="technical message; ids only",
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(
                fields=["run_after"],
                name="job_what_is_waiting",
                condition=Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"


class OnceToken(models.Model):
    """A form that has acted. Its token is unique, so the same form posted twice makes one thing."""

    token = models.CharField(max_length=64, unique=True)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    used_at = models.DateTimeField(db_index=True)
    result_url = models.CharField(max_length=500, blank=True)

    personal_data = notes("id", "token", "result_url", used_by="who sent the form",
                          used_at="when they sent it")  # fmt: skip

    def __str__(self) -> str:
        return self.token
