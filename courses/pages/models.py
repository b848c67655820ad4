"""The course in Wagtail: catalogue > course > unit > lesson or task."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page, PageViewRestriction
from wagtail.search import index

from content.blocks import BodyBlock
from content.sanitiser import sanitise
from courses.framework.models import Criterion, Qualification, Section
from lms.common.models import notes

INTRODUCTION = ["bold", "italic", "ol", "ul", "link"]


class ShownPage(Page):
    """A page that the course's views render, in Wagtail's preview too."""

    # No shared passwords: people here have sign-ins of their own.
    private_page_options = ["login", "groups"]

    class Meta:
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from .views import show  # views need the models

        return show(request, self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        return self.serve(request)

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """As Wagtail's, in one query: restrictions on the page and on those above it."""
        if self.alias_of_id:
            return super().get_view_restrictions()
        paths = [self.path[: depth * self.steplen] for depth in range(1, self.depth + 1)]
        return PageViewRestriction.objects.filter(page__path__in=paths)


class SitePage(Page):
    """The root of the site's pages. The public front page itself is the shell's."""

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["courses.CataloguePage"]
    personal_data = notes()


class CataloguePage(ShownPage):
    """The list of courses, at /courses/."""

    max_count = 1
    parent_page_types = ["courses.SitePage"]
    subpage_types = ["courses.CoursePage"]
    personal_data = notes()


class CoursePage(ShownPage):
    """A course towards one qualification. Public."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="courses")
    summary = models.CharField(max_length=300)
    introduction = RichTextField(features=INTRODUCTION)

    parent_page_types = ["courses.CataloguePage"]
    subpage_types = ["courses.UnitPage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("qualification"),
        FieldPanel("summary"),
        FieldPanel("introduction"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("introduction")]
    personal_data = notes("qualification", "summary", "introduction")

    def clean(self) -> None:
        super().clean()
        self.introduction = sanitise(self.introduction)


class UnitPage(ShownPage):
    """A unit. It maps to exactly one section of the specification; a section may have several units. Public."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="units")
    summary = models.CharField(max_length=300)
    introduction = RichTextField(features=INTRODUCTION)

    parent_page_types = ["courses.CoursePage"]
    subpage_types = ["courses.LessonPage", "courses.TaskPage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("section"),
        FieldPanel("summary"),
        FieldPanel("introduction"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary")]
    personal_data = notes("section", "summary", "introduction")

    def clean(self) -> None:
        super().clean()
        self.introduction = sanitise(self.introduction)


class StudyPage(ShownPage):
    """What lessons and tasks have in common: a body, honest minutes, the statements covered, sources."""

    summary = models.CharField(max_length=300)
    minutes = models.PositiveSmallIntegerField(help_text="How long it honestly takes.")
    body = StreamField(BodyBlock())
    references = models.JSONField(default=list, blank=True)
    checked_by = models.CharField(
        max_length=120, blank=True, help_text="The early years SEND practitioner who has checked the content."
    )
    checked_on = models.DateField(null=True, blank=True)
    source_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("minutes"),
        InlinePanel("criterion_uses", label="statement covered", heading="Statements of the specification"),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("checked_by"), FieldPanel("checked_on")], heading="Expert review"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]


STUDY_NOTES = notes(
    "summary", "minutes", "body", "references", "checked_on", "source_digest",
    checked_by="name of the expert who checked the content",
)  # fmt: skip


class LessonPage(StudyPage):
    """A short lesson. For registered learners and the course's staff."""

    parent_page_types = ["courses.UnitPage"]
    subpage_types: list[str] = []
    personal_data = STUDY_NOTES


class TaskPage(StudyPage):
    """An assessment task: what to produce, and what good evidence looks like."""

    parent_page_types = ["courses.UnitPage"]
    subpage_types: list[str] = []
    personal_data = STUDY_NOTES


class PageCriterion(Orderable):
    """A lesson or task teaches, practises or assesses a criterion. One indexed table for every page."""

    class Use(models.TextChoices):
        TEACHES = "teaches", "Teaches"
        PRACTISES = "practises", "Practises"
        ASSESSES = "assesses", "Assesses"

    page = ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="criterion_uses")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="page_uses")
    use = models.CharField(max_length=10, choices=Use.choices)

    panels = [FieldPanel("criterion"), FieldPanel("use")]
    personal_data = notes("id", "sort_order", "page", "criterion", "use")

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["page", "criterion", "use"], name="page_uses_criterion_once_each_way")
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.use} {self.criterion_id}"
