"""Pictures without anything that a camera or a program wrote into them (runs in the limited process)."""

import io
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from .kinds import HEIC, IMAGES, MAX_PIXELS, PAGE_HEIGHT, PAGE_WIDTH
from .sniff import Problem

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
MAX_FRAMES = 200
SAVE = {"JPEG": {"quality": 90}, "WEBP": {"quality": 88, "method": 2}, "PNG": {}, "GIF": {}}
MODES = {
    "JPEG": ("RGB", "L"),
    "WEBP": ("RGB", "RGBA"),
    "PNG": ("RGB", "RGBA", "L", "LA", "P"),
    "GIF": ("RGB", "RGBA", "L"),
}
BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, AttributeError,
          ZeroDivisionError, EOFError, NotImplementedError, OverflowError)  # fmt: skip


def open_picture(source: BinaryIO, content_type: str) -> Image.Image:
    """The picture, decoded, upright and in plain colours. Raises Problem; one that says it has too many pixels is
    refused by what it says, without decoding it."""
    if content_type in HEIC:
        return _decoded(_open_heic(source))
    try:
        picture = Image.open(source, formats=[IMAGES[content_type]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Problem("pixels") from error
    except BROKEN as error:
        raise Problem("broken-picture") from error
    return _decoded(picture)


def _open_heic(source: BinaryIO) -> Image.Image:
    import pillow_heif

    try:
        found = pillow_heif.open_heif(source, convert_hdr_to_8bit=True)
        if found.size[0] * found.size[1] > MAX_PIXELS:
            raise Problem("pixels")
        return found.to_pillow()
    except BROKEN as error:
        raise Problem("broken-picture") from error


def _decoded(picture: Image.Image) -> Image.Image:
    if picture.width * picture.height > MAX_PIXELS:
        raise Problem("pixels")
    try:
        picture.load()
    except BROKEN as error:
        raise Problem("broken-picture") from error
    return picture


def clean(source: BinaryIO, content_type: str, out: Path) -> str:
    """Writes the picture anew without any metadata; returns its content type (HEIC becomes JPEG)."""
    if content_type in HEIC:
        content_type = "image/jpeg"
        picture = open_picture(source, HEIC[0])
    else:
        picture = open_picture(source, content_type)
    form = IMAGES[content_type]
    frames = _frames(picture, form)
    try:
        if len(frames) > 1:
            times = [frame.info.get("duration", 100) for frame in ImageSequence.Iterator(picture)][: len(frames)]
            frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=times, loop=0, **SAVE[form])
        else:
            frames[0].save(out, form, **SAVE[form])
    except BROKEN as error:
        raise Problem("broken-picture") from error
    return content_type


def _frames(picture: Image.Image, form: str) -> list[Image.Image]:
    """The pictures of a short animation, or the picture itself."""
    count = getattr(picture, "n_frames", 1)
    if form != "GIF" or not 1 < count <= MAX_FRAMES or count * picture.width * picture.height > MAX_PIXELS:
        return [plain(picture, MODES[form])]
    try:
        return [plain(frame, MODES[form]) for frame in ImageSequence.Iterator(picture)]
    except BROKEN:
        picture.seek(0)
        return [plain(picture, MODES[form])]


def plain(picture: Image.Image, modes: tuple[str, ...]) -> Image.Image:
    """The picture upright, in sRGB and in one of the modes; only its pixels are taken along."""
    try:
        upright = ImageOps.exif_transpose(picture)
    except BROKEN:  # what the camera wrote is damaged: the picture stays as it lies
        upright = picture.copy()
    upright = _in_srgb(upright)
    if upright.mode == "P" and "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if upright.mode not in modes:
        has_alpha = upright.mode in ("RGBA", "LA", "PA", "La", "RGBa") and "RGBA" in modes
        upright = _flat(upright) if upright.mode in ("RGBA", "LA") and not has_alpha else upright
        upright = upright.convert("RGBA" if has_alpha else "RGB")
    upright.info = {}
    upright.getexif().clear()
    return upright


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        done = ImageCms.profileToProfile(picture, known, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return done or picture
    except (ImageCms.PyCMSError, *BROKEN):
        return picture


def _flat(picture: Image.Image) -> Image.Image:
    """On white where it was transparent."""
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture)


def save_page(picture: Image.Image, out: Path) -> tuple[int, int]:
    """Writes a picture small enough for a page on the screen; returns its width and height."""
    shown = plain(picture, ("RGB", "RGBA"))
    shown.thumbnail((PAGE_WIDTH, PAGE_HEIGHT), Image.Resampling.LANCZOS)
    shown.save(out, "WEBP", quality=80, method=2)
    return shown.size


def combine(sources: list[BinaryIO], content_types: list[str], out: Path) -> None:
    """Several pictures as one PDF, a page each, in the order given. Raises Problem."""
    pages = []
    for source, content_type in zip(sources, content_types, strict=True):
        page = plain(_flat_of(open_picture(source, content_type)), ("RGB", "L"))
        page.thumbnail((2400, 2400), Image.Resampling.LANCZOS)
        pages.append(page)
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=200, quality=88)


def _flat_of(picture: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(picture)
    see_through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    return _flat(upright).convert("RGB") if see_through else upright
