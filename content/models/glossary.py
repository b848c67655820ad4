"""Words of the field, explained."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from content.finding import found_by
from lms.accounts.models import Organisation
from lms.common.models import notes

from .owned import OwnedQuerySet


class GlossaryTerm(index.Indexed, models.Model):
    """A word or phrase, what else it is called, and what it means. `organisation`: the awarding organisation whose
    authors keep it; None: it comes with the product and is for all."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="glossary_terms", editable=False
    )
    term = models.CharField(max_length=80)
    slug = models.SlugField(max_length=90)
    also = models.CharField("also written", max_length=300, blank=True, help_text="Other forms, separated by commas.")
    meaning = models.TextField(max_length=600, help_text="One or two plain sentences.")

    objects = OwnedQuerySet.as_manager()
    panels: ClassVar = [FieldPanel("term"), FieldPanel("slug"), FieldPanel("also"), FieldPanel("meaning")]
    search_fields: ClassVar = [
        index.SearchField("term", boost=4), index.SearchField("also", boost=2), index.SearchField("meaning"),
        index.SearchField("found_by"), index.FilterField("organisation"), index.AutocompleteField("term"),
    ]  # fmt: skip
    personal_data = notes("id", "organisation", "term", "slug", "also", "meaning")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="glossary_term_once_per_organisation"),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(organisation__isnull=True), name="glossary_term_of_all_once"
            ),
        ]

    def __str__(self) -> str:
        return self.term

    def found_by(self) -> str:
        """What the term is found by: stems of its forms and its meaning, alike on both databases."""
        return found_by(self.term, self.also, self.meaning)

    @property
    def anchor(self) -> str:
        """Where a page shows it: the end of `#word-…`."""
        return f"word-{self.slug}"

    @property
    def others(self) -> str:
        """What else it is called, as a reader is told: "also SEN, special needs"."""
        return ", ".join(filter(None, (one.strip() for one in self.also.split(","))))

    @property
    def forms(self) -> list[str]:
        """The term and its other forms, the longest first."""
        others = [one.strip() for one in self.also.split(",")]
        return sorted({self.term, *filter(None, others)}, key=lambda one: (-len(one), one))
