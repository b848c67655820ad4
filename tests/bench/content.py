"""The pages that the benchmark adds to the course: a lesson and a plain page with the same body of 800 words."""

from typing import Any

from wagtail.models import Page

from courses.framework.api import Criterion
from courses.pages.models import LessonPage, PageCriterion, UnitPage
from courses.pages.queries import address
from courses.pages.source import read_pages

WORDS = 800
SHOWN = ("text", "key_point", "example", "callout", "activity")  # what is the same for every reader
SOURCE = "assess-plan-do-review"


def body_of(words: int = WORDS) -> list[tuple[str, Any]]:
    """The shipped lesson's boxes of words, its running text cut or repeated to so many words."""
    blocks = [(block["type"], block["value"]) for block in read_pages()[SOURCE].body if block["type"] in SHOWN]
    boxes = [block for block in blocks if block[0] != "text"]
    text = [block for block in blocks if block[0] == "text"]
    left = words - sum(count(block) for block in boxes)
    found: list[tuple[str, Any]] = []
    for kind, html in text * 3:
        paragraphs = html.split("</p>")
        kept = []
        for paragraph in paragraphs:
            length = count((kind, paragraph))
            if length > left:
                break
            kept.append(paragraph)
            left -= length
        found.append((kind, "</p>".join([*kept, ""]) if kept else "<p></p>"))
        if left <= 0 or len(kept) < len(paragraphs):
            break
    found.append(("text", "<p>" + " ".join(["child"] * left) + "</p>"))
    return [*found, *boxes]


def count(block: tuple[str, Any]) -> int:
    """Words of a block, without its tags."""
    from django.utils.html import strip_tags

    value = block[1]
    text = value if isinstance(value, str) else " ".join(str(part) for part in value.values())
    return len(strip_tags(text.replace("<", " <")).split())


def add_pages() -> tuple[str, str]:
    """Adds both pages beside the shipped lessons; returns the address of the lesson and that of the plain page."""
    from tests.bench.plain.models import PlainPage

    unit, body = UnitPage.objects.order_by("path").first(), body_of()
    assert unit is not None
    lesson = LessonPage(title="A lesson of 800 words", slug="bench-lesson", summary="For the benchmark.", minutes=12,
                        body=body)  # fmt: skip
    lesson.criterion_uses = [
        PageCriterion(criterion=criterion, use="teaches", sort_order=order)
        for order, criterion in enumerate(Criterion.objects.order_by("position")[:4])
    ]
    plain = PlainPage(title="A plain page of 800 words", slug="bench-plain", body=body)
    for page in (lesson, plain):
        Page.objects.get(pk=unit.pk).add_child(instance=page)
        page.save_revision().publish()
    return address(lesson), "/plain" + address(plain)
