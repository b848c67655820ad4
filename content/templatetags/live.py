"""What the templates of live blocks (templates/content/live) ask for. Their context: made (content.made), block_id,
reader, answer, label, paper, csrf_token; refused and typed when an answer was just refused."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from content.asked import Asked, Path, Row, asked, path_of, ticked_of
from content.made import made_of
from content.models import LocalInformation

register = template.Library()
# Two presses are one; the block that comes back takes the place of the old one.
SENT_BY_SCRIPT = ' hx-post="{}" hx-target="closest [data-live]" hx-swap="outerHTML" hx-sync="this:drop"'


def _made(context: template.Context, kind: str) -> Any:
    # A block that is rendered by itself, outside a lesson, has only its value.
    return context.get("made") or made_of(kind, context["value"])


def _registration(context: template.Context) -> Any:
    return getattr(context.get("reader"), "registration", None)


@register.simple_tag(takes_context=True)
def question(context: template.Context) -> Asked:
    """The knowledge check as its reader sees it."""
    registration = _registration(context)
    seed = f"{registration.pk if registration else 'staff'} {context.get('block_id', '')}"
    return asked(_made(context, "check"), context.get("answer"), seed=seed, typed=context.get("typed"))


@register.simple_tag(takes_context=True)
def scenario(context: template.Context) -> Path:
    """The scenario as far as its reader has walked it."""
    return path_of(_made(context, "scenario"), context.get("answer"))


@register.simple_tag(takes_context=True)
def checklist(context: template.Context) -> list[Row]:
    """The lines of the checklist."""
    return ticked_of(_made(context, "checklist"), context.get("answer"))


@register.simple_tag(takes_context=True)
def reflection(context: template.Context) -> Any:
    """The reflection's question and criteria."""
    return _made(context, "reflection")


@register.simple_tag(takes_context=True)
def draft_task(context: template.Context) -> Any:
    """The draft block's title, prompt and criteria."""
    return _made(context, "draft")


@register.simple_tag(takes_context=True)
def interactive(context: template.Context) -> Any:
    """The interactive activity; None while there is nothing to show."""
    return _made(context, "h5p")


@register.simple_tag(takes_context=True)
def local_slot(context: template.Context) -> str:
    """The heading of local information."""
    return str(LocalInformation.Slot(context["value"]["slot"]).label)


@register.simple_tag(takes_context=True)
def answer_url(context: template.Context) -> str:
    """Where the block's answers go; "" for staff and in a preview, who can try it and keep nothing."""
    registration, reader = _registration(context), context.get("reader")
    return reverse("study:answer", args=[reader.page.pk, context["block_id"]]) if registration and reader else ""


@register.simple_tag(takes_context=True)
def answer_form(context: template.Context, **attrs: Any) -> SafeString:
    """The opening tag of a block's form with its hidden fields; `over` says which answer it shows, for one sent late.
    Without a registration it asks the page itself (GET): whoever looks at a lesson without being its learner can try
    the block, and nothing is kept. `live=False`: not sent by script; other attributes are written with _ for -."""
    url, block = answer_url(context), context.get("block_id", "")
    if not url:
        hidden = format_html('<input type="hidden" name="try" value="{}">', block)
        return format_html('<form method="get" action="#block-{}" novalidate>{}', block, hidden)
    pairs = {name.replace("_", "-"): value for name, value in attrs.items() if name != "live"}
    extra = "".join(format_html(' {}="{}"', name, value) for name, value in pairs.items())
    if attrs.get("live", True):
        extra += format_html(SENT_BY_SCRIPT, url)
    token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', context.get("csrf_token", ""))
    answer = context.get("answer")
    over = format_html('<input type="hidden" name="over" value="{}">', answer.saved_at.isoformat() if answer else "")
    return format_html('<form method="post" action="{}" novalidate{}>{}{}', url, mark_safe(extra), token, over)


@register.filter
def kept(answer: Any, name: str) -> str:
    """A text of what is kept, or ""."""
    return str(answer.value.get(name, "")) if answer else ""


@register.filter
def letter(place: int) -> str:
    """1 as a, 2 as b: how answers are named on paper."""
    return "abcdefghijklmnopqrst"[place - 1]
