"""Pieces of evidence: their versions, what each version proves, and who saw or witnessed it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When

from courses.delivery.models import Registration
from courses.framework.models import Criterion
from lms.common.models import notes
from portfolio import kinds
from portfolio.visibility import EvidenceQuerySet, VersionQuerySet


class Evidence(models.Model):
    """One piece of a learner's evidence. What it says stands in its versions."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="evidence")
    created_at = models.DateTimeField()

    objects = EvidenceQuerySet.as_manager()
    personal_data = notes("id", "ref", registration="whose evidence", created_at="when it was started")

    class Meta:
        verbose_name_plural = "evidence"
        indexes = [models.Index(fields=["registration", "-created_at"], name="evidence_of_a_learner")]

    def __str__(self) -> str:
        return f"Evidence {self.pk}"


class Witness(models.Model):
    """Somebody at work who saw the learner's practice. Expert only under rule 22: knows the unit, is competent in the
    occupation, has an assessing qualification or a role that evaluates staff, and the assessor wrote down how this was
    verified. Rows are never changed: a correction is a new row, so that what was submitted keeps its witness."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="witnesses")
    name = models.CharField(max_length=120)
    job = models.CharField(max_length=120)
    workplace = models.CharField(max_length=160)
    knows_unit = models.BooleanField(default=False)
    is_competent = models.BooleanField(default=False)
    has_assessing_qualification = models.BooleanField(default=False)
    evaluates_staff = models.BooleanField(default=False)
    verified_how = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    is_expert = models.GeneratedField(
        expression=Case(
            When(
                Q(knows_unit=True, is_competent=True) & ~Q(verified_how="")
                & (Q(has_assessing_qualification=True) | Q(evaluates_staff=True)),
                then=Value(True),
            ),
            default=Value(False),
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(), db_persist=True,
    )  # fmt: skip

    personal_data = notes(
        "id", "ref", registration="whose work they saw", name="the witness's name", job="the witness's job",
        workplace="where the witness works", knows_unit="about the witness", is_competent="about the witness",
        has_assessing_qualification="about the witness", evaluates_staff="about the witness",
        verified_how="how the assessor verified the witness", recorded_by="which assessor", recorded_at="when recorded",
        is_expert="about the witness",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "witnesses"

    def __str__(self) -> str:
        return f"Witness {self.pk} of registration {self.registration_id}"


class EvidenceVersion(models.Model):
    """What a piece of evidence says. States: draft -> submitted -> decided. Only a draft can be edited, put in the bin
    or deleted; after that a change makes the next version and this one stays readable (rule 2). A submission that is
    withdrawn before its assessor opened it makes its versions drafts again.

    An observation, a witness testimony and a professional discussion are recorded by the learner's assessor
    (`recorded_by`) and signed (`signed_at`): from then on the learner links, declares and submits them, and what they
    say is fixed unless the recorder takes the signature back while it is a draft.

    `place`: the setting where it happened, or where a document is kept. `source`: who awarded a certificate, who keeps
    a document, or the question that was answered."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        DECIDED = "decided", "Decided"

    Kind = kinds.Kind

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    is_latest = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    kind = models.CharField(max_length=24, choices=kinds.Kind.choices)
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True)
    happened_on = models.DateField(null=True, blank=True)
    place = models.CharField(max_length=160, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.CharField(max_length=160, blank=True)
    own_practice = models.BooleanField(default=False)
    witness = models.ForeignKey(Witness, on_delete=models.PROTECT, null=True, blank=True, related_name="versions")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    ai_used = models.TextField(blank=True)
    authenticity_declared_at = models.DateTimeField(null=True)
    child_identity_declared_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    binned_at = models.DateTimeField(null=True)

    is_held: bool  # on hold (rule 4), where a query asked for it

    objects = VersionQuerySet.as_manager()
    personal_data = notes(
        "id", "evidence", "number", "is_latest", "state",
        kind="what kind of evidence", title="the learner's words", ai_used="the learner's words",
        text="the learner's words; may hold facts about children under pseudonyms: special category",
        happened_on="when it happened", place="where it happened or is kept", minutes="how long it took",
        source="who awarded it or keeps it", own_practice="whether it was about their own practice",
        witness="who saw it", recorded_by="which assessor recorded it", signed_at="when it was signed",
        authenticity_declared_at="when declared", child_identity_declared_at="when declared",
        created_at="when started", saved_at="when last saved", submitted_at="when submitted",
        binned_at="when put in the bin",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="evidence_version_number_once"),
            models.UniqueConstraint(
                fields=["evidence"], condition=Q(is_latest=True), name="evidence_has_one_latest_version"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "decided"]), name="evidence_version_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(authenticity_declared_at__isnull=False),
                name="rule_01_authenticity_declared_before_submitting",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(child_identity_declared_at__isnull=False),
                name="rule_03_child_identity_declared_before_submitting",
            ),
            models.CheckConstraint(
                condition=Q(binned_at__isnull=True) | Q(state="draft", is_latest=False),
                name="only_a_draft_is_in_the_bin",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=kinds.RECORDED, recorded_by__isnull=False)
                | (~Q(kind__in=kinds.RECORDED) & Q(recorded_by__isnull=True, signed_at__isnull=True)),
                name="recorded_kinds_have_a_recorder",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(recorded_by__isnull=True) | Q(signed_at__isnull=False),
                name="recorded_evidence_is_signed_before_submitting",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | ~Q(kind="observation")
                | (Q(happened_on__isnull=False, minutes__isnull=False, minutes__gt=0) & ~Q(place="")),
                name="rule_23_observation_has_date_setting_duration",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | ~Q(kind="professional_discussion")
                | Q(happened_on__isnull=False),
                name="rule_23_discussion_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | ~Q(kind="witness_testimony")
                | Q(happened_on__isnull=False, witness__isnull=False),
                name="rule_22_testimony_has_a_witness",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(kind="certificate") | (Q(happened_on__isnull=False) & ~Q(source="")),
                name="rule_24_certificate_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(kind="held_in_setting") | (~Q(place="") & ~Q(source="")),
                name="held_document_says_where_and_with_whom",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["binned_at"], condition=Q(binned_at__isnull=False), name="version_bin_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    @property
    def is_draft(self) -> bool:
        """Still to be edited by its learner."""
        return self.state == self.State.DRAFT

    @property
    def is_recorded(self) -> bool:
        """Recorded by an assessor: the learner does not write it."""
        return self.recorded_by_id is not None

    @property
    def is_declared(self) -> bool:
        """Both declarations stand for what this version says now."""
        return bool(self.authenticity_declared_at and self.child_identity_declared_at)

    @property
    def is_seen(self) -> bool:
        """An assessor has attested to having seen this document, which is held in the setting."""
        return hasattr(self, "attestation")

    @property
    def is_destroyed(self) -> bool:
        """Its content was destroyed because a child could be recognised in it (rule 4)."""
        return hasattr(self, "tombstone")

    @property
    def words(self) -> int:
        """How many words its text has."""
        return len(self.text.split())


class Attestation(models.Model):
    """An assessor has seen a document that stays in the setting: when, where, and what it showed. One for each
    version, never changed; no criterion is achieved on such a document without it."""

    version = models.OneToOneField(EvidenceVersion, on_delete=models.PROTECT, related_name="attestation")
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen_on = models.DateField()
    place = models.CharField(max_length=160)
    note = models.TextField()
    attested_at = models.DateTimeField()

    personal_data = notes(
        "id", version="whose evidence", seen_by="who saw it", seen_on="when it was seen", place="where it was seen",
        note="the assessor's words", attested_at="when attested",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"Version {self.version_id} seen on {self.seen_on:%d %B %Y}"


class Tombstone(models.Model):
    """What is left of a version whose content was destroyed because a child could be recognised in it (rule 4): which
    version, how large it was, and why. Never changed."""

    version = models.OneToOneField(EvidenceVersion, on_delete=models.PROTECT, related_name="tombstone")
    words = models.PositiveIntegerField()
    files = models.PositiveSmallIntegerField()
    size = models.PositiveBigIntegerField()
    reason = models.TextField()
    destroyed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    destroyed_at = models.DateTimeField()

    personal_data = notes("id", "version", "words", "files", "size", reason="why it was destroyed",
                          destroyed_by="who destroyed it", destroyed_at="when destroyed")  # fmt: skip

    def __str__(self) -> str:
        return f"Version {self.version_id} destroyed on {self.destroyed_at:%d %B %Y}"


class EvidenceLink(models.Model):
    """A version proves a criterion: where in it, and why. The locator points into the version's text (`paragraph`) or
    into one of its files: a `page`, a time in a recording (`start_seconds` to `end_seconds`), or a region of a picture
    or page (`region`: left, top, width and height in whole percent, separated by spaces). `where` says it in words."""

    version = models.ForeignKey(EvidenceVersion, on_delete=models.CASCADE, related_name="links")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="evidence_links")
    where = models.CharField(max_length=160, blank=True)
    why = models.TextField(blank=True)
    file = models.ForeignKey("EvidenceFile", on_delete=models.SET_NULL, null=True, blank=True, related_name="links")
    paragraph = models.PositiveSmallIntegerField(null=True, blank=True)
    page = models.PositiveSmallIntegerField(null=True, blank=True)
    start_seconds = models.PositiveIntegerField(null=True, blank=True)
    end_seconds = models.PositiveIntegerField(null=True, blank=True)
    region = models.CharField(max_length=15, blank=True)

    personal_data = notes("id", "version", "criterion", "file", "paragraph", "page", "start_seconds", "end_seconds",
                          "region", where="the learner's words", why="the learner's words")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "criterion"], name="evidence_link_once"),
            models.CheckConstraint(
                condition=Q(file__isnull=False)
                | Q(page__isnull=True, start_seconds__isnull=True, end_seconds__isnull=True, region=""),
                name="page_time_and_region_are_in_a_file",
            ),
            models.CheckConstraint(
                condition=Q(end_seconds__isnull=True) | Q(end_seconds__gte=models.F("start_seconds")),
                name="time_in_recording_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} -> {self.criterion_id}"

    @property
    def has_place(self) -> bool:
        """It says where in the evidence, in words or by a locator (rule 23 asks it of a discussion)."""
        return bool(self.where or self.file_id or self.paragraph)
