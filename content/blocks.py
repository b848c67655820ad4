"""What a lesson is made of. Each block renders without JavaScript and on paper."""

from typing import Any

from wagtail import blocks
from wagtail.rich_text import RichText

from .sanitiser import sanitise

FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link"]
INNER_FEATURES = ["bold", "italic", "ol", "ul", "link"]


class SafeRichTextBlock(blocks.RichTextBlock):
    """Rich text that has passed the sanitiser when it is saved."""

    def clean(self, value: Any) -> RichText:
        cleaned = super().clean(value)
        return RichText(sanitise(cleaned.source))


class TitledBlock(blocks.StructBlock):
    """A box with a title and text."""

    title = blocks.CharBlock(max_length=120)
    text = SafeRichTextBlock(features=INNER_FEATURES)


class QuotationBlock(blocks.StructBlock):
    """Somebody else's words, with their source."""

    text = SafeRichTextBlock(features=["bold", "italic"])
    source = blocks.CharBlock(max_length=200)

    class Meta:
        icon = "openquote"
        template = "content/blocks/quotation.html"


class BodyBlock(blocks.StreamBlock):
    """The body of a lesson or task."""

    text = SafeRichTextBlock(features=FEATURES, icon="pilcrow", template="content/blocks/text.html")
    key_point = TitledBlock(icon="key", label="Key point", template="content/blocks/key_point.html")
    example = TitledBlock(icon="user", label="Worked example", template="content/blocks/example.html")
    activity = TitledBlock(icon="clipboard-list", label="In your setting", template="content/blocks/activity.html")
    reflection = SafeRichTextBlock(
        features=INNER_FEATURES, icon="comment", label="Question to think about",
        template="content/blocks/reflection.html",
    )  # fmt: skip
    quotation = QuotationBlock(label="Quotation")
