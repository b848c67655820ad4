"""What a lesson is made of. Each block renders without JavaScript and on paper.

A **live** block shows something of its reader (an answer, a tick, their own authority's words) or takes an answer; a
lesson's body is kept rendered with room for them (`content.pieces`). Answers belong to the block's id in the page.
"""

from content.fields import FEATURES, SafeRichTextBlock, SafeStreamBlock

from .activities import (
    ActivityBlock,
    CheckBlock,
    ChecklistBlock,
    DraftBlock,
    ReflectionBlock,
    ScenarioBlock,
)
from .interactive import COUNTS, InteractiveBlock
from .media import AudioBlock, DiagramBlock, DownloadBlock, PictureBlock, VideoBlock
from .references import LawBlock, LocalBlock, WordsBlock
from .text import AccordionBlock, QuotationBlock, TableBlock, TitledBlock

# Blocks that hold something of their reader, and those of them that a page is not finished without.
LIVE = ("check", "scenario", "reflection", "draft", "checklist", "h5p", "local")
ANSWERED = ("check", "scenario", "reflection", "draft", "checklist", "h5p")
TO_FINISH = ("check", "scenario", "h5p")

__all__ = ["ANSWERED", "COUNTS", "LIVE", "TO_FINISH", "BodyBlock", "SafeRichTextBlock"]


class BodyBlock(SafeStreamBlock):
    """The body of a lesson or task."""

    text = SafeRichTextBlock(features=FEATURES, icon="pilcrow", template="content/blocks/text.html", group="Words")
    key_point = TitledBlock(icon="key", label="Key point", template="content/blocks/key_point.html", group="Words")
    example = TitledBlock(icon="user", label="Worked example", template="content/blocks/example.html", group="Words")
    callout = TitledBlock(icon="warning", label="Callout", template="content/blocks/callout.html", group="Words")
    quotation = QuotationBlock(label="Quotation", group="Words")
    table = TableBlock(label="Table", group="Words")
    accordion = AccordionBlock(label="Accordion", group="Words")
    picture = PictureBlock(label="Picture", group="Pictures, sound, files")
    diagram = DiagramBlock(label="Diagram of ours", group="Pictures, sound, files")
    audio = AudioBlock(label="Sound", group="Pictures, sound, files")
    video = VideoBlock(label="Video", group="Pictures, sound, files")
    download = DownloadBlock(label="File to download", group="Pictures, sound, files")
    scenario = ScenarioBlock(label="Scenario", group="To do")
    check = CheckBlock(label="Knowledge check", group="To do")
    reflection = ReflectionBlock(label="Reflection", group="To do")
    draft = DraftBlock(label="Draft for comments", group="To do")
    activity = ActivityBlock(label="In your setting", group="To do")
    checklist = ChecklistBlock(label="Checklist", group="To do")
    h5p = InteractiveBlock(label="Interactive activity", group="To do")
    words = WordsBlock(label="Words explained", group="Sources and local facts")
    law = LawBlock(label="Law and guidance", group="Sources and local facts")
    local = LocalBlock(label="Local information", group="Sources and local facts")
