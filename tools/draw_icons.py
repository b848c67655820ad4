"""Draws the product's icons for a phone's first screen (assets/images/icon-*.png) from the favicon's geometry.

`python -m tools.draw_icons`, after the mark has changed; the pictures are kept in the repository.
"""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "images"
BRAND, PATH, WHITE = "#0b4f54", "#ffd43b", "#ffffff"
CURVES = (((5, 26.5), (12.5, 26.5), (9.5, 18.2), (16, 17)), ((16, 17), (22.5, 15.8), (19.5, 7.2), (27, 5.5)))
DOTS = ((5, 26.5, 3.3, WHITE), (16, 17, 3.3, WHITE), (27, 5.5, 4.2, PATH))
STROKE, SMOOTH = 3.4, 4
# Name, pixels, and how much of the width the mark takes: a maskable icon may be cut to a circle of four fifths.
ICONS = (("icon-180", 180, 0.8), ("icon-192", 192, 0.8), ("icon-512", 512, 0.8), ("icon-maskable-512", 512, 0.58))


def points(curve: tuple[tuple[float, float], ...], steps: int = 400) -> Iterator[tuple[float, float]]:
    """Points of a cubic Bézier curve, close together."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    for step in range(steps + 1):
        t = step / steps
        u = 1 - t
        weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
        yield (weights[0] * ax + weights[1] * bx + weights[2] * cx + weights[3] * dx,
               weights[0] * ay + weights[1] * by + weights[2] * cy + weights[3] * dy)  # fmt: skip


def draw(size: int, share: float) -> Image.Image:
    """The mark on the brand's ground, which fills the square: phones round its corners themselves."""
    big = size * SMOOTH
    scale = big * share / 32
    margin = (big - 32 * scale) / 2
    picture = Image.new("RGB", (big, big), BRAND)
    pen = ImageDraw.Draw(picture)

    def dot(x: float, y: float, radius: float, colour: str) -> None:
        cx, cy, r = margin + x * scale, margin + y * scale, radius * scale
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=colour)

    for curve in CURVES:
        for x, y in points(curve):
            dot(x, y, STROKE / 2, PATH)
    for x, y, radius, colour in DOTS:
        dot(x, y, radius, colour)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Writes every icon."""
    for name, size, share in ICONS:
        draw(size, share).quantize(64).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
