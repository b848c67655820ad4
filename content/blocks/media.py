"""Pictures, sound, video and files."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

from content.diagrams import DIAGRAMS
from content.fields import INNER_FEATURES, SafeRichTextBlock
from content.uploads import FILM, SOUND


def check_endings(value: Any, **endings: tuple[str, ...]) -> None:
    """Each named file, if one is chosen, is of a kind that a page can play. Raises StructBlockValidationError."""
    errors = {}
    for name, allowed in endings.items():
        file = value.get(name)
        if file is not None and file.file_extension.lower() not in allowed:
            wanted = " or ".join(f".{ending}" for ending in allowed)
            errors[name] = ValidationError(f"Choose a file that ends in {wanted}. This one is {file.filename}.")
    if errors:
        raise StructBlockValidationError(block_errors=errors)


class PictureBlock(blocks.StructBlock):
    """A picture with its alternative text, or said to be decorative."""

    image = ImageBlock()
    caption = blocks.CharBlock(required=False, max_length=300)
    credit = blocks.CharBlock(required=False, max_length=200, help_text="Who made it, and under which licence.")

    class Meta:
        icon = "image"
        template = "content/blocks/picture.html"


class DiagramValue(blocks.StructValue):
    """A diagram as a page shows it."""

    @property
    def src(self) -> str:
        """Its file among the product's own; nothing for a name that is none of them."""
        return f"images/diagrams/{self['name']}.svg" if self["name"] in dict(DIAGRAMS) else ""


class DiagramBlock(blocks.StructBlock):
    """One of the product's own drawings, with all that it shows in words."""

    name = blocks.ChoiceBlock(choices=DIAGRAMS)
    alt = blocks.CharBlock(max_length=250, label="Alternative text")
    long = SafeRichTextBlock(features=INNER_FEATURES, label="All of it in words")
    caption = blocks.CharBlock(required=False, max_length=300)

    class Meta:
        icon = "site"
        template = "content/blocks/diagram.html"
        value_class = DiagramValue


class AudioBlock(blocks.StructBlock):
    """Something to listen to, with its words."""

    title = blocks.CharBlock(max_length=160)
    file = DocumentChooserBlock(help_text="mp3, m4a, ogg or wav")
    transcript = SafeRichTextBlock(features=INNER_FEATURES)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        check_endings(cleaned, file=SOUND)
        return cleaned

    class Meta:
        icon = "media"
        template = "content/blocks/audio.html"


class VideoBlock(blocks.StructBlock):
    """Something to watch, with captions and its words."""

    title = blocks.CharBlock(max_length=160)
    file = DocumentChooserBlock(help_text="mp4 or webm")
    captions = DocumentChooserBlock(help_text="A WebVTT file (.vtt)")
    transcript = SafeRichTextBlock(features=INNER_FEATURES, help_text="What is said, and what is only seen.")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        check_endings(cleaned, file=FILM, captions=("vtt",))
        return cleaned

    class Meta:
        icon = "media"
        template = "content/blocks/video.html"


class DownloadBlock(blocks.StructBlock):
    """A file to keep, and what is in it."""

    title = blocks.CharBlock(max_length=160)
    file = DocumentChooserBlock()
    about = blocks.CharBlock(max_length=300, required=False)

    class Meta:
        icon = "download"
        template = "content/blocks/download.html"
