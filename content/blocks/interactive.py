"""Interactive activities (H5P): which one, and what of it counts."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.snippets.blocks import SnippetChooserBlock

COUNTS = [
    ("opened", "Opening it"), ("completed", "Completing it"), ("passed", "Reaching a mark"),
]  # fmt: skip


class InteractiveBlock(blocks.StructBlock):
    """An interactive activity of its own package, played apart from the page; its result is study progress. Without
    JavaScript and on paper its text alternative stands for it."""

    activity = SnippetChooserBlock("content.H5PActivity")
    counts = blocks.ChoiceBlock(choices=COUNTS, default="completed", label="What counts")
    mark = blocks.IntegerBlock(
        required=False, min_value=1, max_value=100, label="Mark to reach, in per cent",
        help_text="For “Reaching a mark” only.",
    )  # fmt: skip

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["counts"] == "passed" and not cleaned["mark"] and not self.is_deferred_validation:
            raise StructBlockValidationError(block_errors={"mark": ValidationError("Say which mark counts.")})
        return cleaned

    class Meta:
        icon = "media"
        template = "content/live/h5p.html"
