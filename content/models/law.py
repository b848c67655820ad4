"""Acts, codes, frameworks and guidance, with edition and status."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.search import index

from content.sanitiser import is_safe_address
from lms.accounts.models import Organisation
from lms.common.models import notes

from .owned import OwnedQuerySet


class LegalReference(index.Indexed, models.Model):
    """A document of law or guidance, or one paragraph of it, as lessons cite it. `organisation` as for a glossary term.
    It is due for review `REVIEW_AFTER_DAYS` after it was last checked."""

    class Kind(models.TextChoices):
        ACT = "act", "Act"
        REGULATIONS = "regulations", "Regulations"
        CODE = "code", "Code of practice"
        FRAMEWORK = "framework", "Statutory framework"
        GUIDANCE = "guidance", "Guidance"

    class Status(models.TextChoices):
        IN_FORCE = "in_force", "In force"
        PROPOSED = "proposed", "Proposed"
        SUPERSEDED = "superseded", "Superseded"

    REVIEW_AFTER_DAYS = 182

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_references", editable=False
    )
    code = models.SlugField(max_length=60, help_text="A short name of its own, for example send-code-5-40.")
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    edition = models.CharField(max_length=120)
    paragraph = models.CharField(max_length=40, blank=True, help_text="Only one that you have seen in the document.")
    says = models.TextField(max_length=800, help_text="What it says, in our own words.")
    url = models.URLField("link", max_length=500)
    status = models.CharField(max_length=12, choices=Status.choices)
    checked_on = models.DateField("last checked")
    source = models.CharField(max_length=500, blank=True, help_text="Where it was seen, and by which words.")

    objects = OwnedQuerySet.as_manager()
    panels: ClassVar = [
        MultiFieldPanel([FieldPanel(name) for name in ("title", "kind", "edition", "paragraph", "url")], "What it is"),
        FieldPanel("says"),
        MultiFieldPanel([FieldPanel(name) for name in ("status", "checked_on", "source")], "Is it right?"),
        FieldPanel("code"),
    ]
    search_fields: ClassVar = [
        index.SearchField("title", boost=2), index.SearchField("paragraph"), index.SearchField("says"),
        index.FilterField("organisation"), index.FilterField("status"), index.AutocompleteField("title"),
    ]  # fmt: skip
    personal_data = notes("id", "organisation", "code", "title", "kind", "edition", "paragraph", "says", "url",
                          "status", "checked_on", "source")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="legal_reference_once_per_organisation"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(organisation__isnull=True), name="legal_reference_of_all_once"
            ),
        ]

    def __str__(self) -> str:
        where = f", {self.paragraph_in_words}" if self.paragraph else ""
        return f"{self.title} ({self.edition}){where}"

    @property
    def link(self) -> str:
        """Its address, if it is one to lead a reader to; else nothing."""
        return self.url if is_safe_address(self.url) else ""

    @property
    def paragraph_in_words(self) -> str:
        """ "paragraph 5.40"; "section 20" as it stands: only a bare number is called a paragraph."""
        return f"paragraph {self.paragraph}" if self.paragraph[:1].isdigit() else self.paragraph

    @property
    def due_on(self) -> date:
        """The first day on which somebody should look at it again. What is proposed may be decided any day."""
        if self.status == self.Status.PROPOSED:
            return self.checked_on
        return self.checked_on + timedelta(days=self.REVIEW_AFTER_DAYS + 1)

    def is_due(self, today: date) -> bool:
        """Checked more than `REVIEW_AFTER_DAYS` ago, or only proposed. What is superseded will not change any more."""
        return self.status != self.Status.SUPERSEDED and self.due_on <= today
