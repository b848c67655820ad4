"""The design system's tags, built into every template. `docs/components.md` shows each in use.

What a page draws many times (status, grid cell, ring) is built here; the rest are templates in `templates/components/`
whose first lines declare their props.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import pi
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# The six statuses: the same word and the same sign everywhere (screens.md, principle 8).
STATUS_WORDS = {
    "not_started": "Not started",
    "draft": "Draft",
    "submitted": "Submitted",
    "changes_needed": "Changes needed",
    "achieved": "Achieved",
    "on_hold": "On hold",
}
SIGN_PATHS = {
    "not_started": '<circle cx="8" cy="8" r="5.5"/>',
    "draft": '<path d="M2.5 13.5 3 10.6 10.7 3l2.3 2.3-7.6 7.7z"/>',
    "submitted": '<path d="M3 8h9M8.5 4l4 4-4 4"/>',
    "changes_needed": '<path d="M8 2v7.5M8 13.4v.1"/>',
    "achieved": '<path d="m2.5 8.5 4 4 7-8.5"/>',
    "on_hold": '<path d="M5.2 3v10M10.8 3v10"/>',
    "information": '<path d="M8 7v6M8 3v.1"/>',
}
SIGNS = {
    status: mark_safe(f'<svg class="sign" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{path}</svg>')
    for status, path in SIGN_PATHS.items()
}
TAGS = {
    status: mark_safe(f'<strong class="tag tag--{status}">{SIGNS[status]}{word}</strong>')
    for status, word in STATUS_WORDS.items()
}
RING_RADIUS = 40


@register.simple_tag
def status_tag(status: str) -> SafeString:
    """A status as its sign and its word. Raises KeyError for a status that is none of the six."""
    return TAGS[status]


@register.filter
def status_word(status: str) -> str:
    """The word of a status, for a sentence."""
    return STATUS_WORDS[status]


@register.simple_tag
def sign(status: str) -> SafeString:
    """The sign of a status alone, hidden from screen readers: put its word beside it."""
    return SIGNS[status]


@register.simple_tag
def section_number(code: str) -> SafeString:
    """A section's number in its colour."""
    return format_html('<span class="section-number section-{}">{}</span>', code, code)


@register.simple_tag
def section_ring(code: str, title: str, done: int, total: int, url: str = "") -> SafeString:
    """How much of a section is achieved, as a ring. `title` is the short one; with `url` the whole ring is a link."""
    length = 2 * pi * RING_RADIUS
    arc = SafeString("")
    if done and total:
        arc = format_html(
            '<circle class="ring__arc" cx="50" cy="50" r="{}" stroke-dasharray="{} {}" transform="rotate(-90 50 50)"/>',
            RING_RADIUS, f"{length * done / total:.1f}", f"{length:.1f}",
        )  # fmt: skip
    picture = format_html(
        '<svg viewBox="0 0 100 100" role="img" aria-label="Section {}: {} of {} achieved">'
        '<circle class="ring__track" cx="50" cy="50" r="{}"/>{}'
        '<text x="50" y="57" aria-hidden="true">{}/{}</text></svg>',
        code, done, total, RING_RADIUS, arc, done, total,
    )  # fmt: skip
    body = format_html('{}<span class="ring__title">{}&nbsp;·&nbsp;{}</span>', picture, code, title)
    if url:
        return format_html('<a class="ring section-{}" href="{}">{}</a>', code, url, body)
    return format_html('<div class="ring section-{}">{}</div>', code, body)


@register.simple_tag
def legend() -> SafeString:
    """The six statuses with their signs."""
    items = format_html_join("", "<li>{}</li>", ((tag,) for tag in TAGS.values()))
    return format_html('<ul class="legend" aria-label="What the signs mean">{}</ul>', items)


@register.simple_tag
def criteria_grid(sections: Iterable[Mapping[str, Any]], with_legend: bool = True, heading: str = "h2") -> SafeString:
    """Every criterion as a cell, by section. `sections`: dicts of code, title, colour (1-4) and cells, which are dicts
    of code, url, status and label (the statement in short, shown on pointing and read after the name)."""
    if heading not in ("h2", "h3"):
        raise ValueError("A section of the grid is headed by h2 or h3.")
    parts = format_html_join("", "{}", ((_grid_section(section, heading),) for section in sections))
    return format_html('{}<div class="stack">{}</div>', legend() if with_legend else "", parts)


def _grid_section(section: Mapping[str, Any], heading: str) -> SafeString:
    cells = list(section["cells"])
    achieved = sum(cell["status"] == "achieved" for cell in cells)
    drawn = format_html_join(
        "",
        '<li><a class="cell cell--{}" href="{}" title="{}">{}{}'
        '<span class="govuk-visually-hidden">, {}</span></a></li>',
        (
            (cell["status"], cell["url"], cell.get("label", ""), cell["code"], SIGNS[cell["status"]],
             STATUS_WORDS[cell["status"]])
            for cell in cells
        ),
    )  # fmt: skip
    return format_html(
        '<section class="card grid-section section-{}"><{}><span class="section-number">{}</span> '
        '<span class="grid-section__title">{}</span> '
        '<span class="grid-section__count">{} of {} achieved</span></{}><ul class="cells">{}</ul></section>',
        section["colour"], mark_safe(heading), section["code"], section["title"], achieved, len(cells),
        mark_safe(heading), drawn,
    )  # fmt: skip


@register.simple_tag
def statement(criterion: Any, plain: bool = False, level: str = "") -> SafeString:
    """A criterion's code and wording, always under its outcome's stem when it is one of the outcome's items. Needs
    `outcome` fetched with it. `plain` leaves out the frame; `level` ("h2", "h3") makes the code a heading."""
    outcome = criterion.outcome
    stem = SafeString("")
    if criterion.code != outcome.code:
        stem = format_html('<p class="statement__stem">{}</p>', outcome.text)
    code = format_html('<span class="statement__code">{}</span>', criterion.code)
    if level in ("h2", "h3", "h4"):
        code = format_html(
            '<{} class="statement__code"><span class="govuk-visually-hidden">Criterion </span>{}</{}>',
            mark_safe(level), criterion.code, mark_safe(level),
        )  # fmt: skip
    return format_html(
        '<div class="statement section-{}{}">{}<div class="statement__text">{}<p>{}</p></div></div>',
        criterion.code.split(".")[0], " statement--plain" if plain else "", stem, code, criterion.text,
    )  # fmt: skip


@register.simple_tag
def numbering_note() -> SafeString:
    """Says that the codes are ours (domain.md, The qualification)."""
    return mark_safe('<p class="numbering">The numbers are ours: the published specification has bullets.</p>')


@register.simple_tag(takes_context=True)
def once(context: template.Context) -> SafeString:
    """The once-token of a form that changes something: posted twice, it makes one thing."""
    from lms.common.once import issue

    return format_html('<input type="hidden" name="once" value="{}">', issue(context["request"].user))


@register.simple_tag
def base(name: str, text: str | None) -> SafeString:
    """What is saved of a long text while it is shown to be edited, so that a second tab overwrites nothing unseen."""
    from lms.common.conflicts import PREFIX, base_of

    return format_html('<input type="hidden" name="{}" value="{}">', f"{PREFIX}{name}", base_of(text or ""))


@register.inclusion_tag("components/conflict.html")
def conflict(reasons: Iterable[Any], name: str) -> dict:
    """The other text of a field, when a save was refused because it had been changed elsewhere."""
    found = (reason.theirs.get(name) for reason in reasons or () if hasattr(reason, "theirs"))
    return {"name": name, "theirs": next((text for text in found if text is not None), None)}


@register.simple_tag
def field(bound_field: BoundField, **props: Any) -> SafeString:
    """One field of a form with label, hint and error. Props: size (s, m, l), heading (the label is the page's h1),
    inline; label and hint put other words in place of the form's."""
    bound_field.label = props.pop("label", bound_field.label)
    bound_field.help_text = props.pop("hint", bound_field.help_text)
    context = {"field": bound_field, **props}
    return mark_safe(bound_field.renderer.render(bound_field.template_name, context))


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet | None, reasons: Iterable[Any] = (), message: str = "") -> dict:
    """What went wrong, first thing on the page; every link leads to a field that exists and takes focus. `reasons`
    are refusals (lms.common.errors), `message` a sentence of one's own; nothing is drawn when nothing is wrong."""
    entries: list[dict[str, Any]] = [{"text": message, "href": ""}] if message else []
    entries += [{"text": reason.message, "href": getattr(reason, "fix_url", "") or ""} for reason in reasons]
    entries += chain.from_iterable(_form_errors(form) for form in forms if form)
    return {"entries": entries}


def _form_errors(form: BaseForm | BaseFormSet) -> list[dict[str, Any]]:
    if isinstance(form, BaseFormSet):
        whole = [{"text": error, "href": ""} for error in form.non_form_errors()]
        return whole + list(chain.from_iterable(_form_errors(one) for one in form.forms))
    entries: list[dict[str, Any]] = [{"text": error, "href": ""} for error in form.non_field_errors()]
    bound_fields: Iterator[Any] = iter(form)
    for bound_field in bound_fields:
        target = bound_field.error_target
        entries += [{"text": error, "href": f"#{target}" if target else ""} for error in bound_field.messages]
    return entries


@register.simple_tag
def button(
    text: str, url: str = "", kind: str = "", name: str = "", value: str = "", shortcut: str = "", **attrs: Any
) -> SafeString:
    """A button, or a link that looks like one when `url` is given. `kind`: "" (the main act), secondary, warning,
    small, or several with a space. `shortcut` is a key; other attributes are written with _ for - (form_id: form)."""
    classes = " ".join(["govuk-button", *(f"govuk-button--{one}" for one in kind.split())])
    pairs = [("class", classes), ("data-shortcut", shortcut), *((k.replace("_", "-"), v) for k, v in attrs.items())]
    if url:
        pairs += [("href", url), ("role", "button"), ("draggable", "false"), ("data-module", "govuk-button")]
    else:
        pairs += [("type", attrs.get("type", "submit")), ("name", name), ("value", value)]
    seen = {k: v for k, v in pairs if v not in ("", None, False)}
    body = format_html("{} <kbd>{}</kbd>", text, shortcut.upper()) if shortcut else text
    tag = mark_safe("a" if url else "button")
    return format_html("<{}{}>{}</{}>", tag, format_html_join("", ' {}="{}"', seen.items()), body, tag)


@register.simple_tag
def saved_at(when: Any = None) -> SafeString:
    """Where autosave says "Saved 14:02". `when`: a datetime or the text of the time, or nothing yet."""
    from django.utils import timezone

    text = when
    if hasattr(when, "tzinfo"):
        text = (timezone.localtime(when) if when.tzinfo else when).strftime("%H:%M")
    return format_html('<p class="saved" data-saved role="status">{}</p>', f"Saved {text}" if text else "")


@register.filter
def item(rows: Mapping[Any, Any] | None, key: Any) -> Any:
    """`{{ guidance|item:criterion.pk }}`: what a mapping has for a key, None when it has nothing."""
    return rows.get(key) if rows else None


@register.filter
def undo_address(message: Any) -> str:
    """Where the "Undo" of a message posts to, or "": `messages.success(…, extra_tags=f"undo:{address}")`."""
    tags = message.extra_tags or ""
    return tags.removeprefix("undo:") if tags.startswith("undo:/") else ""


@register.inclusion_tag("components/next_step.html")
def next_step(eyebrow: str, title: str, text: str = "", url: str = "", button: str = "", level: str = "h2") -> dict:
    """The one plain next step: the only orange thing on a page."""
    return {"eyebrow": eyebrow, "title": title, "text": text, "url": url, "button": button, "level": level}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Mapping[str, Any]], level: str = "h3") -> dict:
    """What happened, newest first as given: dicts of title, when, and if known who, text, status, url, link."""
    return {"entries": entries, "level": level}


@register.inclusion_tag("components/task_list.html")
def task_list(items: Iterable[Mapping[str, Any]]) -> dict:
    """Things to do: dicts of title, url, hint, status (one of the six) or state (other words)."""
    return {"items": items}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Mapping[str, Any]]) -> dict:
    """Facts by name: dicts of key, value, and if it can be changed url and action (the verb)."""
    return {"rows": rows}


@register.inclusion_tag("components/pagination.html")
def pagination(page: Any, shown: str = "") -> dict:
    """Ways to the neighbouring pages of a keyset page (lms.common.paging). `shown`: "25 of 310 trainees"."""
    return {"page": page, "shown": shown or getattr(page, "shown", "")}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*items: Any) -> dict:
    """The way here: a list of (label, url), or label and url in turn. The page itself is left out."""
    pairs = items[0] if len(items) == 1 else list(zip(items[::2], items[1::2], strict=True))
    return {"items": pairs}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str = "", action_url: str = "", action_label: str = "", level: str = "h2") -> dict:
    """Nothing here yet: why, and what to do about it."""
    return {"title": title, "text": text, "action_url": action_url, "action_label": action_label, "level": level}


@register.inclusion_tag("components/reasons.html")
def why_not(title: str, reasons: Iterable[Any], level: str = "h2") -> dict:
    """Why something cannot be done yet, each reason with where it is mended: refusals, or dicts of message, fix_url."""
    return {"title": title, "reasons": list(reasons), "level": level}
