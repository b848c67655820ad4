"""Specifications and qualifications: what must be achieved, who owns it, and the pathway of levels."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Q, Value, When

from lms.common import triggers
from lms.common.models import notes

SECTORS = [("early_years", "Early years"), ("further_education", "Further education")]
KINDS = [("knowledge", "Knowledge"), ("skill", "Skill")]
# Words for small places (a ring, a chip); a section without one is called by its title.
SHORT_TITLES = {
    "SEN identification and early action": "SEN and early action",
    "The role of the Early Years SENCO": "The SENCO role",
    "Supporting colleagues in their work with children with SEN": "Supporting colleagues",
    "Liaising with professionals or agencies beyond the setting": "Working beyond",
}
QN_VALIDATOR = RegexValidator(r"^\d{3}/\d{4}/[\dX]$", "A qualification number looks like 603/3434/4.")


class Framework(models.Model):
    """A published set of sections, outcomes and criteria. Draft until published, then never changed:
    a new edition is a new framework, with mappings between them."""

    code = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=160)
    edition = models.CharField(max_length=80)
    first_published = models.DateField(null=True)
    level = models.PositiveSmallIntegerField()
    sector = models.CharField(max_length=20, choices=SECTORS)
    standing = models.CharField(max_length=120, blank=True)
    licence = models.CharField(max_length=120)
    attribution = models.TextField()
    codes_note = models.TextField(blank=True)
    source_digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True)

    personal_data = notes(
        "id", "code", "title", "publisher", "edition", "first_published", "level", "sector", "standing", "licence",
        "attribution", "codes_note", "source_digest", "published_at",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title}, {self.edition}"


class Section(models.Model):
    """One of the framework's parts. A course unit maps to exactly one."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="sections")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()

    personal_data = notes("id", "framework", "code", "title", "position")

    class Meta:
        ordering = ["framework_id", "position"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="section_code_once_per_framework")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def short_title(self) -> str:
        """What it is called where there is little room."""
        return SHORT_TITLES.get(self.title, self.title)


class Outcome(models.Model):
    """A top-level statement. `list_force`: all = its items are a closed list; including = these and possibly more;
    examples = illustrative (rule 19); empty = it has no items and is its own single criterion."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="outcomes")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="outcomes")
    code = models.CharField(max_length=20)
    text = models.TextField()
    kind = models.CharField(max_length=10, choices=KINDS)
    list_force = models.CharField(max_length=10, blank=True)
    note = models.TextField(blank=True)
    footnote = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()
    # A skill about one's own development (2.3-2.5 of the DfE's list): the learner's own records show it (rule 21).
    about_own_development = models.GeneratedField(
        expression=Case(When(Q(kind="skill", text__contains=" own "), then=Value(True)), default=Value(False),
                        output_field=models.BooleanField()),
        output_field=models.BooleanField(), db_persist=True,
    )  # fmt: skip

    personal_data = notes("id", "framework", "section", "code", "text", "kind", "list_force", "note", "footnote",
                          "position", "about_own_development")  # fmt: skip

    class Meta:
        ordering = ["framework_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "code"], name="outcome_code_once_per_framework"),
            models.CheckConstraint(
                condition=Q(list_force__in=["", "all", "including", "examples"]), name="outcome_list_force_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Criterion(models.Model):
    """What a learner is assessed against. A lettered one only makes sense under its outcome's stem."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="criteria")
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="criteria")
    code = models.CharField(max_length=20)
    text = models.TextField()
    position = models.PositiveSmallIntegerField()

    personal_data = notes("id", "framework", "outcome", "code", "text", "position")

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["framework_id", "position"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="criterion_code_once_per_framework")]

    def __str__(self) -> str:
        return f"{self.code} {self.full_text}"

    @property
    def has_stem(self) -> bool:
        """True when the statement is one item of its outcome's list. Needs `outcome` fetched."""
        return self.code != self.outcome.code

    @property
    def full_text(self) -> str:
        """The statement as it must always be read: a lettered one after its outcome's stem."""
        return f"{self.outcome.text} {self.text}" if self.has_stem else self.text


class CriterionMapping(models.Model):
    """A criterion of one framework answers one of another: an AO's units onto the DfE's statements, or an old
    edition onto a new one. Evidence mapped once reports against either."""

    class Relation(models.TextChoices):
        EXACT = "exact", "Means the same"
        PART = "part", "Covers part of it"
        RELATED = "related", "Is related"

    source = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="mapped_to")
    target = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="mapped_from")
    relation = models.CharField(max_length=10, choices=Relation.choices)

    personal_data = notes("id", "source", "target", "relation")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="criterion_mapped_once_per_pair"),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="criterion_not_mapped_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.relation} {self.target_id}"


class Qualification(models.Model):
    """An awarding organisation's qualification on a framework. Numbers that are not known stay empty."""

    awarding_organisation = models.ForeignKey("lms.Organisation", on_delete=models.PROTECT, related_name="+")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="qualifications")
    code = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    number = models.CharField("qualification number", max_length=10, blank=True, validators=[QN_VALIDATOR])
    level = models.PositiveSmallIntegerField()
    sector = models.CharField(max_length=20, choices=SECTORS)
    credits = models.PositiveSmallIntegerField(null=True, blank=True)
    guided_hours = models.PositiveSmallIntegerField("guided learning hours", null=True, blank=True)
    total_hours = models.PositiveSmallIntegerField("total qualification time", null=True, blank=True)
    open_to_new_entrants = models.BooleanField(default=True)

    personal_data = notes(
        "id", "awarding_organisation", "framework", "code", "title", "number", "level", "sector", "credits",
        "guided_hours", "total_hours", "open_to_new_entrants",
    )  # fmt: skip

    def __str__(self) -> str:
        return self.title


class AssessmentPolicy(models.Model):
    """The awarding organisation's settings for assessing a qualification (domain.md: "AO setting"). Rows are never
    changed: a new row from a date on is the history."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="policies")
    in_force_from = models.DateTimeField()
    attempt_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    list_minimums = models.JSONField(default=dict)
    decision_days = models.PositiveSmallIntegerField(default=14)
    countersigning = models.BooleanField(default=True)
    working_towards_months = models.PositiveSmallIntegerField(null=True, blank=True)
    occupational_competence = models.BooleanField(default=False)
    ai_use = models.TextField()
    set_by = models.ForeignKey("lms.User", on_delete=models.PROTECT, null=True, related_name="+")

    personal_data = notes(
        "id", "qualification", "in_force_from", "attempt_limit", "list_minimums", "decision_days", "countersigning",
        "working_towards_months", "occupational_competence", "ai_use",
        set_by="who set it",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "assessment policies"
        indexes = [models.Index(fields=["qualification", "-in_force_from"], name="policy_in_force_now")]

    def __str__(self) -> str:
        return f"Policy of {self.qualification_id} from {self.in_force_from:%d %B %Y}"


class Pathway(models.Model):
    """The levels from 3 to 7 as a source describes them, with what in it is ambiguous."""

    code = models.SlugField(max_length=80, unique=True)
    source = models.TextField()
    reading = models.TextField()
    ambiguities = models.JSONField()
    differentiation = models.JSONField()
    top_up_modules = models.CharField(max_length=200)
    source_digest = models.CharField(max_length=64)

    personal_data = notes("id", "code", "source", "reading", "ambiguities", "differentiation", "top_up_modules",
                          "source_digest")  # fmt: skip

    def __str__(self) -> str:
        return self.code


class PathwayLevel(models.Model):
    """One level for one sector: its tiers, entry rule, and advice on duration, mode and support (never a block)."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="levels")
    sector = models.CharField(max_length=20, choices=SECTORS)
    level = models.PositiveSmallIntegerField()
    tiers = models.JSONField()
    entry = models.CharField(max_length=200)
    duration_months = models.JSONField()
    mode = models.CharField(max_length=20)
    support = models.JSONField()
    area_senco_assessor = models.JSONField()
    teacher_status = models.CharField(max_length=60)
    delivery_models = models.JSONField()
    sources = models.JSONField()
    ambiguity_codes = models.JSONField()

    personal_data = notes(
        "id", "pathway", "sector", "level", "tiers", "entry", "duration_months", "mode", "support",
        "area_senco_assessor", "teacher_status", "delivery_models", "sources", "ambiguity_codes",
    )  # fmt: skip

    class Meta:
        ordering = ["sector", "level"]
        constraints = [
            models.UniqueConstraint(fields=["pathway", "sector", "level"], name="pathway_level_once_per_sector"),
            models.CheckConstraint(condition=Q(level__gte=3, level__lte=7), name="pathway_level_is_3_to_7"),
        ]

    def __str__(self) -> str:
        return f"{self.get_sector_display()}, Level {self.level}"


PUBLISHED = "EXISTS (SELECT 1 FROM courses_framework f WHERE f.id = {row}.framework_id AND f.published_at IS NOT NULL)"
PUBLISHED_MESSAGE = "A published framework cannot be changed: a new edition is a new framework."
triggers.refuse(
    "published_framework_stays", "courses_framework", "UPDATE DELETE",
    when="OLD.published_at IS NOT NULL", message=PUBLISHED_MESSAGE,
)  # fmt: skip
for _table in ("courses_section", "courses_outcome", "courses_criterion"):
    triggers.refuse(
        f"published_{_table[8:]}_stays", _table, "UPDATE DELETE",
        when=PUBLISHED.format(row="OLD"), message=PUBLISHED_MESSAGE,
    )  # fmt: skip
    triggers.refuse(
        f"published_{_table[8:]}_is_complete", _table, "INSERT UPDATE",
        when=PUBLISHED.format(row="NEW"), message=PUBLISHED_MESSAGE,
    )  # fmt: skip
for _table, _parent in (("courses_outcome", "section"), ("courses_criterion", "outcome")):
    triggers.refuse(
        f"{_table[8:]}_stands_in_its_own_framework", _table, "INSERT UPDATE",
        when=f"EXISTS (SELECT 1 FROM courses_{_parent} p WHERE p.id = NEW.{_parent}_id "
             "AND p.framework_id <> NEW.framework_id)",
        message="A part of a framework stands under a part of the same framework.",
    )  # fmt: skip
triggers.refuse(
    "policy_history_stays", "courses_assessmentpolicy", "UPDATE DELETE",
    when="TRUE", message="An assessment policy is never changed: a new one takes over from a date.",
)  # fmt: skip
