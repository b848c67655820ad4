"""Files of evidence: how they arrive, what is kept of them, and what is shown."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.delivery.models import Registration
from lms.common.models import notes

from .evidence import EvidenceVersion


class EvidenceFile(models.Model):
    """A file of a version, in the private evidence store. Versions may share a stored file, never a row.

    States: checking (quarantined: nobody opens it, not even its learner) -> ready | refused (its bytes are destroyed,
    `problem` says why in the learner's words). `size` and `sha256` are of the file as it was sent; what is served may
    be a copy without its metadata. `scanned_at` stays empty where no virus scanner is configured."""

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        READY = "ready", "Ready"
        REFUSED = "refused", "Not taken"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(EvidenceVersion, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=160)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHECKING)
    problem = models.CharField(max_length=300, blank=True)
    stored_as = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    stored_size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    scanned_at = models.DateTimeField(null=True)

    personal_data = notes(
        "id", "ref", "version", "state", "content_type", "size", "stored_size", "sha256", "pages", "checked_at",
        "scanned_at", problem="why it was not taken; names the file", name="the learner's name for the file",
        stored_as="where the confidential file is", added_at="when added",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="checking") | Q(state="ready", problem="", checked_at__isnull=False)
                | (Q(state="refused", stored_as="") & ~Q(problem="")),
                name="evidence_file_state_is_whole",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        """Checked and there to be opened."""
        return self.state == self.State.READY

    @property
    def media(self) -> str:
        """How a page shows it: image, audio, video, pages (a document as pictures), text, or "" (download only)."""
        kind = self.content_type.split("/")[0]
        if kind in ("image", "audio", "video"):
            return kind
        return "pages" if self.pages else "text"


class FileRendition(models.Model):
    """What is shown of a file, made when it was checked: the picture of a page (with the page's text), sanitised HTML
    of a document, or its plain text. Never the original."""

    class Kind(models.TextChoices):
        PAGE = "page", "Page"
        HTML = "html", "HTML"
        TEXT = "text", "Text"

    file = models.ForeignKey(EvidenceFile, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    number = models.PositiveSmallIntegerField(default=1)
    stored_as = models.CharField(max_length=120, blank=True)
    width = models.PositiveSmallIntegerField(null=True)
    height = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)

    personal_data = notes("id", "file", "kind", "number", "width", "height", stored_as="where the picture is",
                          text="what the file says; may hold facts about children: special category")  # fmt: skip

    class Meta:
        ordering = ["file_id", "kind", "number"]
        constraints = [models.UniqueConstraint(fields=["file", "kind", "number"], name="rendition_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of file {self.file_id}"


class Upload(models.Model):
    """A file on its way in parts (tus). Its bytes stand in the spool until the last one is here; then it becomes an
    EvidenceFile. States: open -> finished (`file` is set) | gone (ended by the learner, or expired: the row goes)."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(EvidenceVersion, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=160)
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    file = models.OneToOneField(EvidenceFile, on_delete=models.SET_NULL, null=True, related_name="upload")

    personal_data = notes("id", "ref", "version", "length", "offset", "file", user="who sends it",
                          name="the sender's name for the file", created_at="when it began",
                          expires_at="until when it can be resumed")  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(offset__lte=models.F("length")), name="upload_is_not_longer_than_said")
        ]

    def __str__(self) -> str:
        return f"Upload {self.ref}"


class Report(models.Model):
    """A document made of a portfolio in a job, such as the evidence location sheet. States: asked for -> made
    (`stored_as`) | not made (`problem`). Kept for a day."""

    class Kind(models.TextChoices):
        LOCATION_SHEET = "location_sheet", "Evidence location sheet"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    stored_as = models.CharField(max_length=120, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    personal_data = notes("id", "ref", "kind", "made_at", "problem", registration="whose portfolio",
                          asked_by="who asked", asked_at="when asked",
                          stored_as="where the confidential document is")  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of registration {self.registration_id}"
