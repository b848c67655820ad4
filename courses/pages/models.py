"""The course in Wagtail: catalogue > course > unit > lesson or task."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, PagePermissionTester, PageViewRestriction
from wagtail.search import index

from content.blocks import COUNTS, BodyBlock
from content.fields import SafeRichTextField
from content.finding import Passage, found_by, passages_of
from content.places import elements_of
from courses.delivery.models import Cohort
from courses.framework.models import Criterion, Qualification, Section
from lms.accounts.models import Organisation
from lms.common import triggers
from lms.common.models import notes

from .indexing import put_off
from .mapping import StatementsPanel, StudyPageForm, UnitPageForm

INTRODUCTION = ["bold", "italic", "ol", "ul", "link"]
GUIDANCE_HELP = (
    "Trainees read it beside the statement and when they choose criteria; assessors beside the decision. Once the unit "
    "is saved, only the statements of its section are offered."
)


class ShownPage(Page):
    """A page that the course's views render, in Wagtail's preview too."""

    # No shared passwords: people here have sign-ins of their own.
    private_page_options = ["login", "groups"]
    # A copy is nobody's yet, and nothing is set for a time.
    exclude_fields_in_copy = ["go_live_at", "expire_at", "locked", "locked_at", "locked_by"]

    # Words are found by their stems, alike on both databases (content.finding).
    search_fields = [*Page.search_fields, index.SearchField("found_by")]

    class Meta:
        abstract = True

    def found_by(self) -> str:
        """What the page is found by: its title, its summary and what may be read on it."""
        return found_by(self.title, getattr(self, "summary", ""), *(passage.text for passage in self.passages))

    def get_indexed_instance(self) -> Page | None:
        """The page for the search index; None when many are written and it is indexed with them."""
        page = super().get_indexed_instance()
        return None if page is None or put_off(page) else page

    @property
    def passages(self) -> list[Passage]:
        """What may be read on the page, paragraph by paragraph."""
        return [Passage(one.text, "") for one in elements_of(getattr(self, "introduction", ""))]

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
    subpage_types = ["courses.CoursePage", "courses.AuthorityPage"]
    personal_data = notes()


class CoursePage(ShownPage):
    """A course towards one qualification. Public."""

    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="courses")
    summary = models.CharField(max_length=300)
    introduction = SafeRichTextField(features=INTRODUCTION)

    parent_page_types = ["courses.CataloguePage"]
    subpage_types = ["courses.UnitPage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("qualification"),
        FieldPanel("summary"),
        FieldPanel("introduction"),
    ]
    personal_data = notes("qualification", "summary", "introduction")

    def copy(self, *args: Any, update_attrs: dict[str, Any] | None = None, **kwargs: Any) -> "CoursePage":
        """As Wagtail's, with every mapping and guidance. The copy is a draft, whatever its pages are: a course is
        published on its own, when nothing is missing."""
        draft = {"live": False, "has_unpublished_changes": True}
        return super().copy(*args, update_attrs=draft | (update_attrs or {}), **kwargs)


class UnitPage(ShownPage):
    """A unit. It maps to exactly one section of the specification; a section may have several units. Public."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="units")
    summary = models.CharField(max_length=300)
    introduction = SafeRichTextField(features=INTRODUCTION)

    base_form_class = UnitPageForm
    parent_page_types = ["courses.CoursePage"]
    subpage_types = ["courses.LessonPage", "courses.TaskPage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("section"),
        FieldPanel("summary"),
        FieldPanel("introduction"),
        InlinePanel(
            "guidance",
            label="statement",
            heading="What good evidence looks like",
            help_text=GUIDANCE_HELP,
        ),
    ]
    personal_data = notes("section", "summary", "introduction")


class CriterionGuidance(Orderable):
    """What good evidence looks like for a criterion: for the trainee, and for the assessor."""

    unit = ParentalKey(UnitPage, on_delete=models.CASCADE, related_name="guidance")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="guidance")
    for_trainee = SafeRichTextField(features=INTRODUCTION)
    for_assessor = SafeRichTextField(features=INTRODUCTION, blank=True)

    panels = [
        FieldPanel("criterion", heading="Statement"),
        FieldPanel("for_trainee", heading="For the trainee: what would show it"),
        FieldPanel("for_assessor", heading="For the assessor: what to look for"),
    ]
    personal_data = notes("id", "sort_order", "unit", "criterion", "for_trainee", "for_assessor")

    class Meta(Orderable.Meta):
        constraints = [models.UniqueConstraint(fields=["unit", "criterion"], name="guidance_once_a_criterion")]

    def __str__(self) -> str:
        return f"{self.unit_id} about {self.criterion_id}"


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
    # Of the source file, and of what was loaded from it: an edit made in the editor since is seen by the second.
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Said when publishing: who had finished the page is told, and this is taken back.
    changed_in_substance = models.BooleanField(
        default=False, help_text="Tell trainees who have finished this page that it has changed in substance."
    )
    change_note = models.CharField(max_length=300, blank=True, help_text="What has changed, in a sentence to them.")

    base_form_class = StudyPageForm

    class Meta:
        abstract = True

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("minutes"),
        StatementsPanel(heading="Statements of the specification"),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("checked_by"), FieldPanel("checked_on")], heading="Expert review"),
        MultiFieldPanel([FieldPanel("changed_in_substance"), FieldPanel("change_note")], heading="When you publish"),
    ]

    @property
    def passages(self) -> list[Passage]:
        """What may be read in the body before anything is answered (content.finding)."""
        return passages_of(self.body.get_prep_value())

    exclude_fields_in_copy = [*ShownPage.exclude_fields_in_copy, "changed_in_substance", "change_note"]

    def clean(self) -> None:
        super().clean()
        if self.changed_in_substance and not self.change_note.strip():
            raise ValidationError({"change_note": "Say in a sentence what has changed: trainees read it."})


STUDY_NOTES = notes(
    "summary", "minutes", "body", "references", "checked_on", "source_digest", "loaded_digest", "changed_in_substance",
    "change_note",
    checked_by="name of the expert who checked the content",
)  # fmt: skip


class LessonPage(StudyPage):
    """A short lesson, or a unit's opening page, closing page or case study. For registered learners and the course's
    staff."""

    class Kind(models.TextChoices):
        LESSON = "lesson", "Lesson"
        OPENING = "opening", "Opening page"
        CLOSING = "closing", "Closing page"
        CASE_STUDY = "case_study", "Case study"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LESSON)

    content_panels = [*StudyPage.content_panels[:1], FieldPanel("kind"), *StudyPage.content_panels[1:]]
    parent_page_types = ["courses.UnitPage"]
    subpage_types: list[str] = []
    personal_data = {**STUDY_NOTES, **notes("kind")}


class TaskPage(StudyPage):
    """An assessment task: what to produce, and what good evidence looks like."""

    parent_page_types = ["courses.UnitPage"]
    subpage_types: list[str] = []
    personal_data = STUDY_NOTES


class FixedPage(PagePermissionTester):
    """What may be done to a page that stays where it is as long as what it stands for: nobody moves, unpublishes,
    copies or deletes it in the editor."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_copy(self) -> bool:
        return False


class AuthorityPage(ShownPage):
    """Where a local authority keeps the lessons that it adds to its own run of courses. Its own staff's, and its own
    trainees'; the authority never changes, and the page stays."""

    authority = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="authority_page", editable=False
    )

    parent_page_types = ["courses.CataloguePage"]
    subpage_types = ["courses.LocalLessonPage"]
    is_creatable = False  # made for an authority on first need (courses.pages.local)
    personal_data = notes("authority")

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return FixedPage(user, self)


class LocalLessonForm(StudyPageForm):
    """A local lesson in the editor: it stands after a unit of a course that the authority's own cohorts follow."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            field = cast(forms.ModelChoiceField, self.fields["unit"])
            field.queryset = units_for(self.parent_page.specific.authority_id)
            field.help_text = "Your own trainees find the lesson after the unit’s own lessons and tasks."


class LocalLessonPage(StudyPage):
    """A lesson that an authority adds to a unit for its own trainees: shown after the unit's own pages."""

    unit = models.ForeignKey(UnitPage, on_delete=models.PROTECT, related_name="local_lessons")

    base_form_class = LocalLessonForm
    content_panels = [
        *StudyPage.content_panels[:1],
        FieldPanel("unit", widget=forms.Select, heading="After which unit?"),
        *StudyPage.content_panels[1:],
    ]
    parent_page_types = ["courses.AuthorityPage"]
    subpage_types: list[str] = []
    personal_data = {**STUDY_NOTES, **notes("unit")}

    @property
    def authority_id(self) -> int:
        """The authority that the lesson belongs to: that of the page above it. One query, unless it was read along
        (courses.pages.queries.local_lessons)."""
        known: int | None = getattr(self, "of_authority", None)
        if known is None:
            known = AuthorityPage.objects.values_list("authority_id", flat=True).get(path=self.path[: -self.steplen])
        return known


def units_for(authority: Organisation | int) -> models.QuerySet[UnitPage]:
    """The units after which an authority may place its own lessons: those of live courses that its cohorts follow."""
    cohorts = Cohort.objects.filter(local_authority=authority)
    courses = CoursePage.objects.live().filter(qualification__in=cohorts.values("qualification"))
    below = models.Q(pk__in=[])
    for path in courses.values_list("path", flat=True):
        below |= models.Q(path__startswith=path)
    return UnitPage.objects.live().filter(below).order_by("path")


triggers.refuse(
    "local_lessons_keep_their_authority", "courses_authoritypage", "UPDATE",
    when="NEW.authority_id <> OLD.authority_id",
    message="An authority’s lessons belong to it for good.",
)  # fmt: skip


class PageChange(models.Model):
    """A change in substance with which a page was published: who had finished it before is told."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="changes_in_substance")
    note = models.CharField(max_length=300)
    published_at = models.DateTimeField()

    personal_data = notes("id", "page", "note", "published_at")

    class Meta:
        indexes = [models.Index(fields=["page", "-published_at"], name="page_change_newest")]

    def __str__(self) -> str:
        return f"{self.page_id}: {self.note}"


class PageActivity(models.Model):
    """A page shows an interactive activity: which block, and what of it counts. Written when the page is saved, so that
    nobody has to look for activities in bodies. `to_finish`: the blocks that the page is not finished without."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="activity_uses")
    activity = models.ForeignKey("content.H5PActivity", on_delete=models.PROTECT, related_name="page_uses")
    block = models.UUIDField()
    counts = models.CharField(max_length=10, choices=COUNTS)
    mark = models.PositiveSmallIntegerField(default=0)
    to_finish = models.JSONField(default=list)

    personal_data = notes("id", "page", "activity", "block", "counts", "mark", "to_finish")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "block"], name="page_shows_activity_once_a_block")]

    def __str__(self) -> str:
        return f"{self.page_id} shows {self.activity_id}"


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
