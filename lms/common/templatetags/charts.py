"""Charts drawn as SVG on the server: no script, no inline style. Each stands beside a table with the same numbers."""

from collections.abc import Iterable, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
WIDTH, HEIGHT, FLOOR, TOP = 640, 220, 180, 14


@register.simple_tag
def bar(value: float | None, most: float) -> SafeString:
    """A bar in a cell of a table, as long as `value` is of `most`. The number stands beside it in words, so the bar is
    hidden from screen readers. Nothing for None."""
    if value is None or not most:
        return SafeString("")
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bar__track" width="100" height="10"/><rect class="bar__value" width="{}" height="10"/></svg>',
        f"{min(100.0, 100 * value / most):.1f}",
    )  # fmt: skip


@register.simple_tag
def columns(title: str, points: Iterable[tuple[str, Sequence[int]]], names: Sequence[str]) -> SafeString:
    """Stacked columns over time. `points`: the label of each column and its parts, from the bottom; `names`: what the
    parts are. Parts differ by pattern as well as by colour. `title` says what it shows, for screen readers too."""
    rows = list(points)
    most = max((sum(parts) for _, parts in rows), default=0)
    if not most:
        return SafeString("")
    step = WIDTH / len(rows)
    drawn = format_html_join("", "{}", ((_column(n, step, row, most),) for n, row in enumerate(rows)))
    key = format_html_join(
        "", '<li><svg class="chart__key" viewBox="0 0 12 12" aria-hidden="true" focusable="false">'
        '<rect class="chart__part chart__part--{}" width="12" height="12"/></svg>{}</li>', enumerate(names),
    )  # fmt: skip
    return format_html(
        '<figure class="chart">'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}. The table after it has the numbers.">'
        '<line class="chart__floor" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>'
        '<figcaption><ul class="chart__names">{}</ul></figcaption></figure>',
        WIDTH, HEIGHT, title, WIDTH, FLOOR, FLOOR, drawn, key,
    )  # fmt: skip


def _column(number: int, step: float, row: tuple[str, Sequence[int]], most: int) -> SafeString:
    label, parts = row
    wide, middle, foot = min(step * 0.62, 56), step * (number + 0.5), float(FLOOR)
    drawn = SafeString("")
    for place, value in enumerate(parts):
        tall = (FLOOR - TOP) * value / most
        foot -= tall
        if value:
            drawn = format_html(
                '{}<rect class="chart__part chart__part--{}" x="{}" y="{}" width="{}" height="{}"/>', drawn, place,
                f"{middle - wide / 2:.1f}", f"{foot:.1f}", f"{wide:.1f}", f"{tall:.1f}",
            )  # fmt: skip
    total = sum(parts)
    number_above = format_html('<text class="chart__number" x="{}" y="{}">{}</text>', f"{middle:.1f}",
                               f"{foot - 3:.1f}", total) if total else SafeString("")  # fmt: skip
    return format_html('{}{}<text class="chart__label" x="{}" y="{}">{}</text>', drawn, number_above,
                       f"{middle:.1f}", FLOOR + 20, label)  # fmt: skip
