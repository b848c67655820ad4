"""System checks: no rich text of ours may be stored or shown past the sanitiser."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import Error, register
from wagtail.blocks import Block, RawHTMLBlock, RichTextBlock, StreamBlock
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField

from .fields import SafeRichTextBlock, SafeRichTextField, SafeStreamBlock

OUR_APPS = ("lms", "content", "courses", "portfolio", "assessment")
HINT = "Use content.fields: SafeRichTextField, SafeRichTextBlock, SafeStreamBlock."


@register()
def author_html_is_sanitised(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """`manage.py check` fails for a model or block of ours that holds an author's HTML and is not the safe kind."""
    models = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]
    return [
        Error(f"{model._meta.label}.{path}: {what}", hint=HINT, id="content.E001")
        for model in models
        for field in model._meta.local_fields
        for path, what in unsafe_parts(field)
    ]


def unsafe_parts(field: Any) -> Iterator[tuple[str, str]]:
    """Where in a field an author's HTML would not be sanitised, and why."""
    if isinstance(field, RichTextField) and not isinstance(field, SafeRichTextField):
        yield field.name, "rich text that no sanitiser sees."
    if isinstance(field, StreamField):
        for path, block in walk(field.stream_block, field.name):
            if isinstance(block, RawHTMLBlock | EmbedBlock):
                yield path, f"a block that shows HTML as it is ({type(block).__name__})."
            elif isinstance(block, RichTextBlock) and not isinstance(block, SafeRichTextBlock):
                yield path, "a rich text block that no sanitiser sees."
            elif isinstance(block, StreamBlock) and not isinstance(block, SafeStreamBlock):
                yield path, "a stream that is stored as it came in."


def walk(block: Block, path: str) -> Iterator[tuple[str, Block]]:
    """A block and all blocks inside it, each with its path."""
    yield path, block
    inside = dict(getattr(block, "child_blocks", {}))
    if hasattr(block, "child_block"):
        inside["item"] = block.child_block
    for name, child in inside.items():
        yield from walk(child, f"{path}.{name}")
