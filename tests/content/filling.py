"""Values for every block there is, found by walking the blocks: a new one is covered without a line here."""

import json
from collections.abc import Iterator
from typing import Any

from wagtail import blocks

from content.blocks import BodyBlock


def filled(block: Any, *, rich: str, words: str, chosen: dict[str, int] | None = None) -> Any:
    """A raw value of a block, as an import would bring it: every rich text is `rich`, every plain one `words`.
    `chosen`: what choosers choose, by model name."""
    again = {"rich": rich, "words": words, "chosen": chosen}
    if isinstance(block, blocks.RichTextBlock):
        return rich
    if isinstance(block, blocks.StructBlock):
        return {name: filled(child, **again) for name, child in block.child_blocks.items()}
    if isinstance(block, blocks.ListBlock):
        return [filled(block.child_block, **again) for _ in range(max(1, block.meta.min_num or 1))]
    if isinstance(block, blocks.ChooserBlock):
        return (chosen or {}).get(block.model_class._meta.model_name)
    if isinstance(block, blocks.ChoiceBlock):
        return next(value for value, _ in block.field.choices if value)
    if isinstance(block, blocks.BooleanBlock):
        return False
    return "a-step" if isinstance(block, blocks.RegexBlock) else words


def every_block(*, rich: str, words: str = "Words", chosen: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """A raw body with one of each block."""
    return [
        {"type": name, "value": filled(block, rich=rich, words=words, chosen=chosen),
         "id": f"00000000-0000-4000-8000-{number:012d}"}
        for number, (name, block) in enumerate(BodyBlock().child_blocks.items())
    ]  # fmt: skip


def rich_texts(block: Any, raw: Any) -> Iterator[str]:
    """Every rich text in a raw value."""
    if isinstance(block, blocks.RichTextBlock):
        yield raw
    elif isinstance(block, blocks.StreamBlock):
        for child in raw:
            yield from rich_texts(block.child_blocks[child["type"]], child["value"])
    elif isinstance(block, blocks.StructBlock):
        for name, child in block.child_blocks.items():
            yield from rich_texts(child, raw.get(name))
    elif isinstance(block, blocks.ListBlock):
        for item in raw or ():
            is_new = isinstance(item, dict) and set(item) == {"type", "value", "id"}
            yield from rich_texts(block.child_block, item["value"] if is_new else item)


def posted(block: Any, raw: Any, rich: Any, prefix: str) -> dict[str, str]:
    """A raw value as the editor's form sends it. `rich(text)`: what its text editor sends for a rich text."""
    if isinstance(block, blocks.RichTextBlock):
        return {prefix: rich(raw)}
    if isinstance(block, blocks.StreamBlock | blocks.ListBlock):
        fields = {f"{prefix}-count": str(len(raw))}
        for number, item in enumerate(raw):
            here, is_stream = f"{prefix}-{number}", isinstance(block, blocks.StreamBlock)
            child = block.child_blocks[item["type"]] if is_stream else block.child_block
            fields |= {f"{here}-deleted": "", f"{here}-order": str(number)}
            fields |= {f"{here}-{key}": item[key] if is_stream else "" for key in ("id", "type")}
            fields |= posted(child, item["value"] if is_stream else item, rich, f"{here}-value")
        return fields
    if isinstance(block, blocks.StructBlock):
        return {
            name: value
            for key, child in block.child_blocks.items()
            for name, value in posted(child, raw[key], rich, f"{prefix}-{key}").items()
        }
    return {} if raw is False else {prefix: "" if raw is None else str(raw)}


def typed(text: str, *links: str) -> str:
    """What the editor's text field sends: a paragraph of `text` and one that is a link for each address."""
    paragraphs = [{"key": "aaaaa", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [],
                   "entityRanges": []}]  # fmt: skip
    entities = {}
    for number, address in enumerate(links):
        entities[str(number)] = {"type": "LINK", "mutability": "MUTABLE", "data": {"url": address}}
        pressed = [{"key": number, "offset": 0, "length": 8}]
        paragraphs.append({**paragraphs[0], "key": f"b{number:04d}", "text": "Press me", "entityRanges": pressed})
    return json.dumps({"blocks": paragraphs, "entityMap": entities})
