"""Blocks of words, media and sources: readable without JavaScript, plain texts escaped, nothing inline."""

import io
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.utils.html import escape
from PIL import Image as Pixels
from wagtail.blocks import StreamValue
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.rich_text import RichText

from content.blocks import LIVE, BodyBlock, SafeRichTextBlock
from content.models import GlossaryTerm, LegalReference
from tests.content.filling import every_block, filled

pytestmark = pytest.mark.alike
HOSTILE = '<p onclick="x()">Hello <script>x()</script><a href="javascript:x()">you</a> <iframe src="/x"></iframe></p>'
HARMLESS = "<p>Hello <a>you</a> </p>"
WORDS = '<b>"it" & they</b>'
SHOWN = [name for name in BodyBlock().child_blocks if name not in LIVE]


def test_cleaning_rich_text_sanitises_it():
    found = SafeRichTextBlock().clean(RichText(HOSTILE))
    assert isinstance(found, RichText)
    assert found.source == HARMLESS


def test_cleaning_leaves_harmless_text_as_it_is():
    html = '<p>See <a linktype="page" id="3">the lesson</a> and <b>try</b> it.</p>'
    assert SafeRichTextBlock().clean(RichText(html)).source == html


def test_an_empty_text_is_still_asked_for():
    with pytest.raises(ValidationError):
        SafeRichTextBlock().clean(RichText(""))


def test_a_draft_is_sanitised_too_though_nothing_is_asked_for_yet():
    """Wagtail saves a draft with what is required put off: the sanitiser is not."""
    block = SafeRichTextBlock()
    block.defer_required_validation()
    assert block.clean(RichText(HOSTILE)).source == HARMLESS
    assert block.clean(RichText("")).source == ""


def body(raw: list[dict[str, Any]]) -> StreamValue:
    """A lesson's body as an import would hand it over."""
    return BodyBlock().to_python(raw)


@pytest.fixture
def chosen(db: None, settings: Any, tmp_path: Any) -> dict[str, int]:
    """Something for each chooser, under names that would do harm unescaped."""
    settings.MEDIA_ROOT = tmp_path
    pixels = io.BytesIO()
    Pixels.new("RGB", (900, 600), "teal").save(pixels, "PNG")
    picture = Image.objects.create(title=WORDS, file=ImageFile(pixels, "picture.png"))
    file = Document.objects.create(title=WORDS, file=ContentFile(b"RIFF", "talk.mp3"))
    term = GlossaryTerm.objects.create(term=WORDS, slug="a-term", also=WORDS, meaning=WORDS)
    law = LegalReference.objects.create(
        code="act-1", title=WORDS, kind="act", edition=WORDS, paragraph="1", says=WORDS, url="javascript:x()",
        status="proposed", checked_on="2026-11-22",
    )  # fmt: skip
    return {"image": picture.pk, "document": file.pk, "glossaryterm": term.pk, "legalreference": law.pk}


@pytest.mark.parametrize("kind", SHOWN)
def test_every_block_is_shown_with_its_words_escaped_and_nothing_inline(kind: str, chosen: dict[str, int]):
    raw = next(one for one in every_block(rich="<p>A text.</p>", words=WORDS, chosen=chosen) if one["type"] == kind)
    (child,) = body([raw])
    html = str(child.render({"owner": None}))
    tree = BeautifulSoup(html, "html.parser")
    assert not tree(["script", "style", "iframe", "b"]) or kind == "law"  # "Here:" is ours
    assert not [name for tag in tree(True) for name in tag.attrs if name.startswith("on") or name == "style"]
    assert "javascript:" not in html
    if kind != "text":
        assert escape(WORDS) in html
        assert WORDS not in html


def shown(kind: str, chosen: dict[str, int] | None = None, **values: Any) -> BeautifulSoup:
    raw = filled(BodyBlock().child_blocks[kind], rich="<p>A text.</p>", words="Words", chosen=chosen) | values
    (child,) = body([{"type": kind, "value": raw, "id": "1"}])
    return BeautifulSoup(str(child.render({"owner": None})), "html.parser")


@pytest.mark.django_db
@pytest.mark.parametrize("first", [True, False])
def test_a_table_says_what_its_cells_are_and_scrolls_in_a_box_that_the_keyboard_reaches(first: bool):
    rows = [{"cells": ["<p>Mon</p>", "<p>9</p>"]}, {"cells": ["<p>Tue</p>", "<p>10</p>"]}]
    tree = shown("table", caption="Hours", headings=["Day", "Hour"], rows=rows, first_column_is_heading=first)
    region = tree.find(attrs={"role": "region"})
    assert (region["tabindex"], region["aria-label"], tree.caption.text) == ("0", "Hours", "Hours")
    assert [th.text for th in tree.thead("th", scope="col")] == ["Day", "Hour"]
    assert [th.text for th in tree.tbody("th", scope="row")] == (["Mon", "Tue"] if first else [])


@pytest.mark.django_db
def test_a_row_with_a_cell_too_few_is_named():
    block = BodyBlock().child_blocks["table"]
    rows = [{"cells": ["<p>a</p>", "<p>b</p>"]}, {"cells": ["<p>a</p>"]}]
    value = {"caption": "C", "headings": ["A", "B"], "rows": rows, "first_column_is_heading": True}
    with pytest.raises(StructBlockValidationError) as caught:
        block.clean(block.to_python(value))
    assert "row 2" in str(caught.value.non_block_errors)


def test_a_picture_has_its_alternative_text_or_none_when_decorative(chosen: dict[str, int]):
    def picture(**values: Any) -> Any:
        return shown("picture", image={"image": chosen["image"], "decorative": False, "alt_text": ""} | values).img

    assert picture(alt_text="A coat peg")["alt"] == "A coat peg"
    assert picture(decorative=True, alt_text="A coat peg")["alt"] == ""
    image = picture()
    assert image["loading"] == "lazy"
    assert re.findall(r"\d+w", image["srcset"]) == ["400w", "800w", "900w"]  # it is never made larger
    assert (image["width"], image["height"]) == ("400", "266")


def test_a_picture_needs_an_alternative_text_unless_it_is_said_to_be_decorative(chosen: dict[str, int]):
    block = BodyBlock().child_blocks["picture"]
    for is_fine, facts in ((False, {}), (True, {"decorative": True}), (True, {"alt_text": "A peg"})):
        raw = {"image": {"image": chosen["image"], "decorative": False, "alt_text": ""} | facts}
        value = block.to_python(raw | {"caption": "", "credit": ""})
        if is_fine:
            block.clean(value)
        else:
            with pytest.raises(StructBlockValidationError):
                block.clean(value)


@pytest.mark.django_db
def test_a_diagram_is_one_of_ours_and_stands_in_words_too():
    tree = shown("diagram", name="referral-path", alt="A path")
    assert tree.img["src"].startswith("/static/images/diagrams/referral-path")
    assert tree.img["alt"] == "A path"
    assert "A text." in tree.details.text
    assert shown("diagram", name="../../secret").img is None


def test_sound_and_film_play_by_hand_and_always_stand_in_words(chosen: dict[str, int]):
    audio = shown("audio", chosen)
    assert audio.audio["src"] == f"/files/{chosen['document']}/talk.mp3"
    assert audio.audio.has_attr("controls")
    assert not audio.audio.has_attr("autoplay")
    assert "A text." in audio.details.text
    video = shown("video", chosen)
    assert (video.track["kind"], video.track["srclang"]) == ("captions", "en")
    assert "A text." in video.details.text
    without = shown("video")
    assert without.video is None
    assert "A text." in without.details.text


def test_a_film_in_the_place_of_captions_is_named(chosen: dict[str, int]):
    block = BodyBlock().child_blocks["video"]
    with pytest.raises(StructBlockValidationError) as caught:
        block.clean(block.to_python(filled(block, rich="<p>x</p>", words="x", chosen=chosen)))
    assert set(caught.value.block_errors) == {"file", "captions"}
    sound = BodyBlock().child_blocks["audio"]
    sound.clean(sound.to_python(filled(sound, rich="<p>x</p>", words="x", chosen=chosen)))


def test_a_download_says_what_it_is_and_how_large(chosen: dict[str, int]):
    text = shown("download", chosen, title="A sheet").get_text(" ", strip=True)
    assert "A sheet" in text
    assert "(MP3, 4\xa0bytes)" in text
    assert "no longer here" in shown("download", title="A sheet").text


def test_law_says_its_status_in_words_and_leads_to_https_only(chosen: dict[str, int]):
    row = LegalReference.objects.get(pk=chosen["legalreference"])
    tree = shown("law", chosen)
    assert "Proposed" in tree.text
    assert "22 November 2026" in tree.text
    assert tree.a is None
    row.url = "https://www.legislation.gov.uk/x"
    row.save()
    assert shown("law", chosen).a["href"] == row.url


def test_words_and_law_of_another_organisation_are_left_out(chosen: dict[str, int], world: Any):
    for model, key in ((GlossaryTerm, "glossaryterm"), (LegalReference, "legalreference")):
        model.objects.filter(pk=chosen[key]).update(organisation=world.other.ao)
    raw = [one for one in every_block(rich="<p>x</p>", chosen=chosen) if one["type"] in ("words", "law")]
    for owner, is_there in ((None, False), (world.ao.pk, False), (world.other.ao.pk, True)):
        for child in body(raw):
            assert (escape(WORDS) in str(child.render({"owner": owner}))) == is_there
