"""Interactive activities (H5P): packages as they were uploaded, and the libraries that run them.

A package is JavaScript. Its libraries run only once somebody with that right has approved them, and a version is bound
to the very bytes of them for good: an upload never changes what another activity runs.
"""

import uuid
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from wagtail.search import index

from content.fields import SafeRichTextField
from lms.accounts.models import Organisation, User
from lms.common import triggers
from lms.common.models import notes

from .owned import READERS, OwnedQuerySet

PERSON = settings.AUTH_USER_MODEL


class H5PLibraryQuerySet(models.QuerySet):
    """Libraries are shared by everybody's activities."""

    def visible_to(self, user: User) -> "H5PLibraryQuerySet":
        """Everybody who edits content sees them, and whoever approves them."""
        sees = user.is_superuser or user.has_role(*READERS) or user.has_perm("content.approve_h5plibrary")
        return self.all() if sees else self.none()

    def named(self, name: str, major: int, minor: int) -> "H5PLibraryQuerySet":
        """The approved ones of a name and version, the newest first."""
        return self.filter(
            machine_name=name, major=major, minor=minor, state=H5PLibrary.State.APPROVED
        ).order_by("-patch", "-decided_at", "-pk")  # fmt: skip


class H5PLibrary(models.Model):
    """Scripts and styles of one name, version and content. Two of one version with other bytes are two libraries.

    States: waiting -> approved | refused by an approver, each of whom may change it later. `files`: path -> bytes.
    `dependencies`: what must be loaded before it, as [name, major, minor]. Its bytes lie in the private store under
    its `tree_hash`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for approval"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    machine_name = models.CharField("name", max_length=255)
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    patch = models.PositiveIntegerField()
    tree_hash = models.CharField("hash of its files", max_length=64)
    title = models.CharField(max_length=255)
    runnable = models.BooleanField(default=False)
    preloaded_js = models.JSONField(default=list)
    preloaded_css = models.JSONField(default=list)
    dependencies = models.JSONField(default=list)
    meta = models.JSONField(default=dict)
    files = models.JSONField(default=dict)
    size = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    asked_for = models.TextField("what it is for", max_length=500, blank=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField("why", max_length=500, blank=True)
    accessibility = models.TextField("known accessibility failures", max_length=1000, blank=True)

    objects = H5PLibraryQuerySet.as_manager()
    personal_data = notes(
        "id", "machine_name", "major", "minor", "patch", "tree_hash", "title", "runnable", "preloaded_js",
        "preloaded_css", "dependencies", "files", "size", "state", "accessibility",
        meta="names the author of the software", asked_by="who uploaded it first", asked_at="when they did",
        asked_for="what they need it for", decided_by="who decided", decided_at="when they decided",
        decision_note="why they decided so",
    )  # fmt: skip

    class Meta:
        verbose_name = "H5P library"
        verbose_name_plural = "H5P libraries"
        permissions = [("approve_h5plibrary", "Can approve H5P libraries")]
        constraints = [
            models.UniqueConstraint(
                fields=["machine_name", "major", "minor", "patch", "tree_hash"], name="h5p_library_once_by_its_bytes"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(decided_at__isnull=False), name="h5p_library_says_when_it_was_decided"
            ),
        ]
        indexes = [
            models.Index(fields=["machine_name", "major", "minor"], name="h5p_library_by_version"),
            models.Index(fields=["tree_hash"], name="h5p_library_by_its_bytes"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.name})"

    @property
    def name(self) -> str:
        """Name and version, as authors read it: "H5P.Blanks 1.14.6"."""
        return f"{self.machine_name} {self.major}.{self.minor}.{self.patch}"

    @property
    def key(self) -> tuple[str, int, int]:
        """What a dependency names."""
        return self.machine_name, self.major, self.minor


class H5PActivityQuerySet(OwnedQuerySet):
    """Activities by what may be done with them. Whose they are, as for words and law."""

    def listed(self) -> "H5PActivityQuerySet":
        """Those that nobody has deleted."""
        return self.filter(retired_at__isnull=True)

    def usable(self) -> "H5PActivityQuerySet":
        """What a page may show: its libraries are approved, and its text alternative is written."""
        ready = H5PVersion.objects.filter(state=H5PVersion.State.READY).exclude(text_alternative="")
        return self.listed().filter(current__in=ready.values("pk"))

    def of_organisations(self, ids: Iterable[int]) -> "H5PActivityQuerySet":
        """An organisation's own only."""
        return self.filter(organisation__in=list(ids))


class H5PActivity(index.Indexed, models.Model):
    """An interactive activity that authors put into lessons. `organisation` as for a glossary term. `current`: the
    version that pages show; None until its libraries are approved. `retired_at`: deleted, when no page showed it."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="h5p_activities", editable=False
    )
    title = models.CharField(max_length=255)
    current = models.ForeignKey(
        "H5PVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = H5PActivityQuerySet.as_manager()
    search_fields: ClassVar = [
        index.SearchField("title", boost=2), index.AutocompleteField("title"), index.FilterField("organisation"),
        index.FilterField("retired_at"), index.FilterField("current"),
    ]  # fmt: skip
    personal_data = notes("id", "ref", "organisation", "title", "current", "retired_at",
                          created_by="who uploaded it", created_at="when they did")  # fmt: skip

    class Meta:
        verbose_name = "activity"
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return self.title


class H5PVersion(models.Model):
    """One upload of an activity, bound to the bytes of its libraries (H5PPin).

    States: waiting (a library is not approved yet) -> ready | refused. `content_hash` is of its content and of its
    libraries: where its files and its merged script lie in the private store, and when a learner's place is lost.
    `text_alternative`: what stands for it without JavaScript; without one no page may show it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for approval"
        READY = "ready", "Ready"
        REFUSED = "refused", "Refused"

    activity = models.ForeignKey(H5PActivity, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    main_library = models.ForeignKey(H5PLibrary, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64, db_index=True)
    title = models.CharField(max_length=255)
    language = models.CharField(max_length=10, default="und")
    original = models.CharField("key of the package", max_length=200)
    sha256 = models.CharField("hash of the package", max_length=64)
    size = models.PositiveBigIntegerField()
    text_alternative = SafeRichTextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    libraries = models.ManyToManyField(H5PLibrary, through="H5PPin", related_name="versions")

    personal_data = notes(
        "id", "activity", "number", "main_library", "content_hash", "title", "language", "original", "sha256", "size",
        "text_alternative", "state", "libraries", created_by="who uploaded it", created_at="when they did",
    )  # fmt: skip

    class Meta:
        verbose_name = "version of an activity"
        ordering = ["activity", "number"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "number"], name="h5p_version_number_once_an_activity")
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class H5PPin(models.Model):
    """A library that a version runs, by its bytes. `position`: the order in which they are loaded."""

    version = models.ForeignKey(H5PVersion, on_delete=models.CASCADE, related_name="pins")
    library = models.ForeignKey(H5PLibrary, on_delete=models.PROTECT, related_name="pins")
    position = models.PositiveIntegerField()
    is_main = models.BooleanField(default=False)

    personal_data = notes("id", "version", "library", "position", "is_main")

    class Meta:
        verbose_name = "library of a version"
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "library"], name="h5p_pin_once_a_version"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(is_main=True), name="h5p_version_has_one_main_library"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.library_id} in {self.version_id}"


class H5PUploadQuerySet(models.QuerySet):
    """Uploads by who sent them."""

    def visible_to(self, user: User) -> "H5PUploadQuerySet":
        """One's own organisations', the system administrator everything."""
        if user.is_superuser:
            return self.all()
        return self.filter(Q(by=user) | Q(organisation__in=user.organisations(*READERS)))


class H5PUpload(models.Model):
    """A package that an author sent. States: waiting -> checking -> stored | refused, all by the job.

    `step`, `done` and `total` are what the author is shown while it runs; `reasons`: why it was refused, each with
    `code` and `message`. `activity`: the one whose new version it is; None: a new activity.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CHECKING = "checking", "Being checked"
        STORED = "stored", "Stored"
        REFUSED = "refused", "Refused"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=160)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    purpose = models.TextField("what it is for", max_length=500, blank=True)
    title = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    step = models.CharField(max_length=120, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list)
    activity = models.ForeignKey(H5PActivity, on_delete=models.CASCADE, null=True, blank=True, related_name="uploads")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.ForeignKey(H5PVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="uploads")
    quarantine = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    objects = H5PUploadQuerySet.as_manager()
    personal_data = notes(
        "id", "ref", "name", "size", "sha256", "title", "state", "step", "done", "total", "reasons", "activity",
        "organisation", "version", "quarantine", purpose="what the sender needs it for", by="who sent it",
        at="when they sent it",
    )  # fmt: skip

    class Meta:
        verbose_name = "upload of an activity"
        indexes = [models.Index(fields=["state", "at"], name="h5p_upload_stale_ones")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether the job has said its last word on it."""
        return self.state in (self.State.STORED, self.State.REFUSED)


triggers.refuse(
    "h5p_library_is_its_bytes", "content_h5plibrary", "UPDATE",
    when="""NEW.machine_name <> OLD.machine_name OR NEW.major <> OLD.major OR NEW.minor <> OLD.minor
            OR NEW.patch <> OLD.patch OR NEW.tree_hash <> OLD.tree_hash""",
    message="A library is its name, version and bytes for good.",
)  # fmt: skip
triggers.refuse(
    "h5p_version_is_its_bytes", "content_h5pversion", "UPDATE",
    when="""NEW.activity_id <> OLD.activity_id OR NEW.number <> OLD.number OR NEW.content_hash <> OLD.content_hash
            OR NEW.main_library_id <> OLD.main_library_id OR NEW.sha256 <> OLD.sha256""",
    message="A version is what was uploaded for good.",
)  # fmt: skip
triggers.refuse(
    "h5p_pin_never_changes", "content_h5ppin", "UPDATE",
    when="NEW.version_id <> OLD.version_id OR NEW.library_id <> OLD.library_id OR NEW.position <> OLD.position",
    message="A version runs the libraries that it was stored with.",
)  # fmt: skip
triggers.refuse(
    "h5p_version_runs_approved_libraries", "content_h5pversion", "UPDATE",
    when="""NEW.state = 'ready' AND EXISTS (
            SELECT 1 FROM content_h5ppin p JOIN content_h5plibrary l ON l.id = p.library_id
            WHERE p.version_id = NEW.id AND l.state <> 'approved')""",
    message="A library of this activity is not approved.",
)  # fmt: skip
triggers.refuse(
    "h5p_pin_of_a_version_that_is_ready", "content_h5ppin", "INSERT",
    when="""EXISTS (SELECT 1 FROM content_h5pversion v WHERE v.id = NEW.version_id AND v.state = 'ready') AND EXISTS (
            SELECT 1 FROM content_h5plibrary l WHERE l.id = NEW.library_id AND l.state <> 'approved')""",
    message="An activity that is ready runs approved libraries only.",
)  # fmt: skip
triggers.refuse(
    "h5p_library_stays_approved_while_it_runs", "content_h5plibrary", "UPDATE",
    when="""NEW.state <> 'approved' AND EXISTS (
            SELECT 1 FROM content_h5ppin p JOIN content_h5pversion v ON v.id = p.version_id
            WHERE p.library_id = NEW.id AND v.state = 'ready')""",
    message="An activity that is ready runs this library.",
)  # fmt: skip
