"""Rich text that cannot be saved unsanitised, whichever way it comes in."""

from typing import Any

from django.db import models
from wagtail import blocks
from wagtail.fields import RichTextField
from wagtail.rich_text import RichText

from .sanitiser import sanitise

FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]
INNER_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]


class SafeRichTextField(RichTextField):
    """A page's or snippet's rich text. It passes the sanitiser when a form is cleaned, when a draft is kept, and
    whenever a row is written: one by one, in bulk, or by an update."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("features", INNER_FEATURES)
        super().__init__(*args, **kwargs)

    def clean(self, value: Any, model_instance: models.Model | None) -> str:
        return sanitise(super().clean(value, model_instance) or "")

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if hasattr(value, "resolve_expression"):
            return value
        value = sanitise(value or "")
        setattr(model_instance, self.attname, value)  # what is shown next is what was saved
        return value

    def get_prep_value(self, value: Any) -> Any:
        """What is written to the database, by save, bulk_create, bulk_update and update alike."""
        value = super().get_prep_value(value)
        return sanitise(value) if isinstance(value, str) else value

    def value_from_object(self, obj: models.Model) -> Any:
        """What a revision keeps of it, and what a form shows."""
        return sanitise(super().value_from_object(obj) or "")


class SafeRichTextBlock(blocks.RichTextBlock):
    """Rich text of a lesson. It passes the sanitiser when a form is cleaned, whenever it is stored, and when it is read
    from what is stored: a body written past this class is shown harmless too."""

    def to_python(self, value: Any) -> RichText:
        return RichText(sanitise(str(value or "")))

    def clean(self, value: Any) -> RichText:
        cleaned = super().clean(value)
        return RichText(sanitise(cleaned.source))

    def get_prep_value(self, value: Any) -> str:
        return sanitise(super().get_prep_value(value) or "")


class SafeStreamBlock(blocks.StreamBlock):
    """A stream whose stored form always went through its blocks. Wagtail hands on what it was given as raw data
    unread; an import must not come in that way."""

    def get_prep_value(self, value: Any) -> Any:
        for _ in value or ():
            pass  # reading a child makes its block of the raw data
        return super().get_prep_value(value)
