"""The evidence portfolio: pieces of evidence, their versions and files, what they prove, and submissions."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.delivery.models import Registration
from courses.framework.models import Criterion
from lms.common import triggers
from lms.common.models import notes

from .visibility import EvidenceQuerySet, SubmissionQuerySet, VersionQuerySet


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


class EvidenceVersion(models.Model):
    """What a piece of evidence says. States: draft -> submitted -> decided. Only a draft can be edited or deleted;
    after that a change makes the next version and this one stays readable (rule 2)."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        DECIDED = "decided", "Decided"

    class Kind(models.TextChoices):
        REFLECTIVE_ACCOUNT = "reflective_account", "Reflective account"
        WORK_PRODUCT = "work_product", "Work product"
        CASE_STUDY = "case_study", "Case study"
        WRITTEN_ANSWER = "written_answer", "Written answer"

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    is_latest = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    kind = models.CharField(max_length=24, choices=Kind.choices)
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True)
    happened_on = models.DateField(null=True, blank=True)
    ai_used = models.TextField(blank=True)
    authenticity_declared_at = models.DateTimeField(null=True)
    child_identity_declared_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)

    objects = VersionQuerySet.as_manager()
    personal_data = notes(
        "id", "evidence", "number", "is_latest", "state",
        kind="what kind of evidence", title="the learner's words", ai_used="the learner's words",
        text="the learner's words; may hold facts about children under pseudonyms: special category",
        happened_on="when it happened", authenticity_declared_at="when declared",
        child_identity_declared_at="when declared", created_at="when started", saved_at="when last saved",
        submitted_at="when submitted",
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
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    @property
    def is_draft(self) -> bool:
        """Still to be edited by its learner."""
        return self.state == self.State.DRAFT

    @property
    def is_declared(self) -> bool:
        """Both declarations stand for what this version says now."""
        return bool(self.authenticity_declared_at and self.child_identity_declared_at)

    @property
    def words(self) -> int:
        """How many words its text has."""
        return len(self.text.split())


class EvidenceFile(models.Model):
    """A file of a version, in the private evidence store. Versions may share a stored file, never a row."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(EvidenceVersion, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=160)
    stored_as = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    personal_data = notes(
        "id", "ref", "version", "content_type", "size", "sha256",
        name="the learner's name for the file", stored_as="where the confidential file is", added_at="when added",
    )  # fmt: skip

    def __str__(self) -> str:
        return self.name


class EvidenceLink(models.Model):
    """A version proves a criterion: where in it, and why."""

    version = models.ForeignKey(EvidenceVersion, on_delete=models.CASCADE, related_name="links")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="evidence_links")
    where = models.CharField(max_length=160, blank=True)
    why = models.TextField(blank=True)

    personal_data = notes("id", "version", "criterion", where="the learner's words", why="the learner's words")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "criterion"], name="evidence_link_once")]

    def __str__(self) -> str:
        return f"{self.version_id} -> {self.criterion_id}"


class Submission(models.Model):
    """Criteria that a learner has put forward together. States: open -> released (every criterion decided and the
    learner told)."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    submitted_at = models.DateTimeField()
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    released_at = models.DateTimeField(null=True)

    objects = SubmissionQuerySet.as_manager()
    personal_data = notes("id", "ref", "number", registration="whose submission", submitted_at="when sent",
                          assessor="who assesses it", due_on="by when", released_at="when released")  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "number"], name="submission_number_once")]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(released_at__isnull=True), name="submission_queue"),
        ]

    def __str__(self) -> str:
        return f"Submission {self.number} of registration {self.registration_id}"

    @property
    def is_open(self) -> bool:
        """Waiting for its assessor."""
        return self.released_at is None


class SubmittedCriterion(models.Model):
    """One criterion of a submission, as attempt number so-and-so (rule 20). Open until the submission is released."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="items")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField()
    is_open = models.BooleanField(default=True)
    versions = models.ManyToManyField(EvidenceVersion, through="SubmittedVersion", related_name="submitted_for")

    personal_data = notes("id", "submission", "criterion", "is_open", "versions",
                          registration="whose submission", attempt="which attempt")  # fmt: skip

    class Meta:
        verbose_name_plural = "submitted criteria"
        constraints = [
            models.UniqueConstraint(fields=["submission", "criterion"], name="submitted_criterion_once"),
            models.UniqueConstraint(
                fields=["registration", "criterion"],
                condition=Q(is_open=True),
                name="criterion_waits_in_one_submission",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: criterion {self.criterion_id}, attempt {self.attempt}"


class SubmittedVersion(models.Model):
    """A version that a submitted criterion rests on."""

    item = models.ForeignKey(SubmittedCriterion, on_delete=models.PROTECT, related_name="submitted_versions")
    version = models.ForeignKey(EvidenceVersion, on_delete=models.PROTECT, related_name="+")

    personal_data = notes("id", "item", "version")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "version"], name="submitted_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id} rests on version {self.version_id}"


class AttemptGrant(models.Model):
    """A further attempt at a criterion, granted by the lead IQA with a reason (rule 20). Never changed."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="attempt_grants")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    personal_data = notes("id", "criterion", registration="for whom", reason="why it was granted", granted_by="by whom",
                          granted_at="when granted")  # fmt: skip

    def __str__(self) -> str:
        return f"Attempt for {self.registration_id} on {self.criterion_id}"


_CONTENT = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in ("evidence_id", "number", "kind", "title", "text",
                                                                "ai_used"))  # fmt: skip
_DATES = " OR ".join(
    f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')"
    for name in ("happened_on", "authenticity_declared_at", "child_identity_declared_at", "submitted_at")
)
FROZEN = "Rule 2: submitted evidence cannot be changed: a change makes a new version."
triggers.refuse(
    "rule_02_submitted_version_stays", "portfolio_evidenceversion", "UPDATE",
    when=f"OLD.state <> 'draft' AND ({_CONTENT} OR {_DATES} OR NEW.state = 'draft' "
         "OR (OLD.state = 'decided' AND NEW.state <> 'decided'))",
    message=FROZEN,
)  # fmt: skip
triggers.refuse(
    "rule_02_submitted_version_stays", "portfolio_evidenceversion", "DELETE",
    when="OLD.state <> 'draft'", message=FROZEN,
)  # fmt: skip
_LIVE = "EXISTS (SELECT 1 FROM portfolio_evidenceversion v WHERE v.id = {row}.version_id AND v.state <> 'draft')"
for _table in ("evidencefile", "evidencelink"):
    triggers.refuse(
        f"rule_02_{_table}_of_submitted_stays", f"portfolio_{_table}", "UPDATE DELETE",
        when=_LIVE.format(row="OLD"), message=FROZEN,
    )  # fmt: skip
    triggers.refuse(
        f"rule_02_{_table}_of_submitted_stays", f"portfolio_{_table}", "INSERT",
        when=_LIVE.format(row="NEW"), message=FROZEN,
    )  # fmt: skip
triggers.refuse(
    "rule_01_submitted_has_content_and_criterion", "portfolio_evidenceversion", "UPDATE",
    when="""OLD.state = 'draft' AND NEW.state <> 'draft' AND (
            NOT EXISTS (SELECT 1 FROM portfolio_evidencelink l WHERE l.version_id = NEW.id)
            OR (NEW.text = '' AND NOT EXISTS (SELECT 1 FROM portfolio_evidencefile f WHERE f.version_id = NEW.id)))""",
    message="Rule 1: evidence is submitted with a criterion and with a text or a file.",
)  # fmt: skip
triggers.refuse(
    "rule_01_evidence_begins_as_draft", "portfolio_evidenceversion", "INSERT", when="NEW.state <> 'draft'",
    message="Rule 1: evidence begins as a draft and is submitted with what rule 1 asks for.",
)  # fmt: skip
triggers.refuse(
    "rule_02_evidence_stays_with_its_learner", "portfolio_evidence", "UPDATE",
    when="NEW.registration_id <> OLD.registration_id OR NEW.ref <> OLD.ref", message=FROZEN,
)  # fmt: skip
SUBMITTED = "Rules 2 and 20: what was submitted, and how often, stays on record."
triggers.refuse(
    "rule_02_submission_stays", "portfolio_submission", "UPDATE",
    when="NEW.registration_id <> OLD.registration_id OR NEW.number <> OLD.number "
         "OR NEW.submitted_at <> OLD.submitted_at OR OLD.released_at IS NOT NULL",
    message=SUBMITTED,
)  # fmt: skip
triggers.refuse(
    "rule_20_attempt_stays", "portfolio_submittedcriterion", "UPDATE",
    when="NEW.submission_id <> OLD.submission_id OR NEW.registration_id <> OLD.registration_id "
         "OR NEW.criterion_id <> OLD.criterion_id OR NEW.attempt <> OLD.attempt OR (NEW.is_open AND NOT OLD.is_open)",
    message=SUBMITTED,
)  # fmt: skip
triggers.refuse(
    "rule_02_submitted_versions_stay", "portfolio_submittedversion", "UPDATE", when="TRUE", message=SUBMITTED
)
for _table in ("submission", "submittedcriterion", "submittedversion"):
    triggers.refuse(f"rule_20_{_table}_stays", f"portfolio_{_table}", "DELETE", when="TRUE", message=SUBMITTED)
triggers.refuse(
    "rule_20_grant_stays", "portfolio_attemptgrant", "UPDATE DELETE", when="TRUE",
    message="Rule 20: a granted attempt stays on record.",
)  # fmt: skip
