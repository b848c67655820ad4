"""What a learner answers, marks and writes while studying. Never evidence by itself, never a decision."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lms.common.models import notes

from ..visibility import TutorDraftQuerySet
from .registering import Registration


class StudyAnswer(models.Model):
    """A learner's answer to one block of one page: a question, a scenario's path, a reflection, ticks of a list, a
    draft. The learner's alone. `value` is the last answer; `tries` how often; `is_right` the last (None: nothing to be
    right about); `done_at` when it was first answered in full; `evidence` the ref of what they made of it in their
    portfolio, a room above this one. Kept when its page is published anew."""

    class Kind(models.TextChoices):
        CHECK = "check", "Knowledge check"
        SCENARIO = "scenario", "Scenario"
        REFLECTION = "reflection", "Reflection"
        DRAFT = "draft", "Draft for comments"
        CHECKLIST = "checklist", "Checklist"
        ACTIVITY = "h5p", "Interactive activity"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="study_answers")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    block = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    value = models.JSONField(default=dict)
    tries = models.PositiveIntegerField(default=0)
    is_right = models.BooleanField(null=True)
    saved_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    evidence = models.UUIDField(null=True)

    personal_data = notes("id", "page", "block", "kind", registration="whose answer",
                          evidence="which evidence they made of it",
                          value="what they answered or wrote", tries="how often", is_right="whether right",
                          saved_at="when last", done_at="when first answered in full")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "page", "block"], name="study_answer_once_a_block")
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} answers {self.block}"


class Bookmark(models.Model):
    """A place in a lesson that a learner wants to find again."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="bookmarks")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    anchor = models.SlugField(max_length=120, blank=True)
    title = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    personal_data = notes("id", "page", registration="whose bookmark", anchor="which place", title="which place",
                          made_at="when they marked it")  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "page", "anchor"], name="bookmark_once_a_place")]

    def __str__(self) -> str:
        return self.title


class StudyNote(models.Model):
    """A learner's private note beside a page. Nobody else ever reads it."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="study_notes")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    personal_data = notes(
        "id", "page", registration="whose note", text="what they wrote", saved_at="when they wrote it"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "page"], name="study_note_once_a_page")]

    def __str__(self) -> str:
        return f"Note of {self.registration_id} on page {self.page_id}"


class TutorDraft(models.Model):
    """A draft that a learner sent to their tutor for comments: formative, never a decision, never an attempt.

    States: sent (`commented_at` None; the learner may take it back, which takes the row away, until a tutor has begun:
    `commented_by`) -> commented. Sent again it is a new row with the next number. The tutor's comments are autosaved
    and reach the learner when sent.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="tutor_drafts")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    block = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    sent_at = models.DateTimeField()
    comments = models.TextField(blank=True)
    commented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="drafts_commented"
    )
    commented_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = TutorDraftQuerySet.as_manager()
    personal_data = notes("id", "ref", "page", "block", "number", registration="whose draft", text="what they wrote",
                          sent_at="when sent", comments="what the tutor wrote", commented_by="who commented",
                          commented_at="when commented", read_at="when the learner read the comments")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "page", "block", "number"], name="tutor_draft_numbered"),
            models.CheckConstraint(
                condition=Q(commented_at__isnull=True) | Q(commented_by__isnull=False) & ~Q(comments=""),
                name="tutor_draft_comments_are_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(commented_at__isnull=True) | Q(commented_at__gte=F("sent_at")),
                name="tutor_draft_commented_after_it_was_sent",
            ),
        ]
        indexes = [models.Index(fields=["registration", "sent_at"], condition=Q(commented_at__isnull=True),
                                name="tutor_draft_what_waits")]  # fmt: skip

    def __str__(self) -> str:
        return f"Draft {self.number} of {self.registration_id}"
