"""Words explained, law and guidance, and what the reader's own authority says."""

from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from content.models import LocalInformation


class WordsBlock(blocks.StructBlock):
    """Glossary terms of the lesson: explained on demand where each first occurs, and together in this box."""

    terms = blocks.ListBlock(SnippetChooserBlock("content.GlossaryTerm"), min_num=1, max_num=12)

    class Meta:
        icon = "openquote"
        template = "content/blocks/words.html"


class CitationBlock(blocks.StructBlock):
    """A legal reference, and why it matters here."""

    reference = SnippetChooserBlock("content.LegalReference")
    why = blocks.CharBlock(required=False, max_length=300)


class LawBlock(blocks.StructBlock):
    """Law and guidance that the lesson rests on, with edition, status and the day it was last checked."""

    references = blocks.ListBlock(CitationBlock(), min_num=1, max_num=12)

    class Meta:
        icon = "doc-full-inverse"
        template = "content/blocks/law.html"


class LocalBlock(blocks.StructBlock):
    """What the reader's own local authority says under one heading; a national lesson stays one lesson."""

    slot = blocks.ChoiceBlock(choices=LocalInformation.Slot.choices)

    class Meta:
        icon = "site"
        template = "content/live/local.html"
