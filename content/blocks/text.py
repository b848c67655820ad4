"""Words: boxes, quotations, tables, parts that open."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from content.fields import INNER_FEATURES, SafeRichTextBlock


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


class RowBlock(blocks.StructBlock):
    """A row of a table: its cells in order."""

    cells = blocks.ListBlock(SafeRichTextBlock(features=["bold", "italic", "link"], required=False), min_num=1)


class TableBlock(blocks.StructBlock):
    """A table with a caption and a heading row; the first cell of each row is its heading when the author says so."""

    caption = blocks.CharBlock(max_length=200)
    headings = blocks.ListBlock(blocks.CharBlock(max_length=80), min_num=2, max_num=6)
    rows = blocks.ListBlock(RowBlock(), min_num=1, max_num=40)
    first_column_is_heading = blocks.BooleanBlock(required=False, default=True)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        columns = len(cleaned["headings"])
        wrong = [number for number, row in enumerate(cleaned["rows"], 1) if len(row["cells"]) != columns]
        if wrong:
            which = ", ".join(map(str, wrong[:5]))
            message = f"Each row needs {columns} cells, one under each heading. Look at row {which}."
            raise StructBlockValidationError(non_block_errors=[ValidationError(message)])
        return cleaned

    class Meta:
        icon = "table"
        template = "content/blocks/table.html"


class PartBlock(blocks.StructBlock):
    """A part of an accordion."""

    heading = blocks.CharBlock(max_length=120)
    text = SafeRichTextBlock(features=INNER_FEATURES)


class AccordionBlock(blocks.StructBlock):
    """Parts that open one by one; all open on paper."""

    title = blocks.CharBlock(max_length=120)
    parts = blocks.ListBlock(PartBlock(), min_num=2, max_num=12)

    class Meta:
        icon = "list-ul"
        template = "content/blocks/accordion.html"
