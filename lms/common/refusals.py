"""Refusals as pages: why something was not done, on our own pages and in Wagtail's editor."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from wagtail.admin import messages

from .errors import Refused, reasons_of

MOST = 12  # reasons named in one message


def page_of(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The answer to a request that was refused where no view expected it: a page that says why (HTTP 409); in the
    editor the page that one came from, with the reasons on it."""
    if not request.path.startswith("/cms/") or request.method != "POST":
        return render(request, "refused.html", {"reasons": reasons_of(refusal)}, status=409)
    tell_editor(request, reasons_of(refusal), "That was not done. Drafts are kept.")
    match = request.resolver_match
    here = request.get_full_path()
    if match is not None and (match.url_name or "").startswith("workflow"):  # takes forms only
        here = reverse("wagtailadmin_pages:edit", args=[match.kwargs["page_id"]])
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return JsonResponse({"step": "success", "redirect": here})  # how its dialogs are told where to go
    return redirect(here)


def tell_editor(request: HttpRequest, reasons: list[Refused], what: str) -> None:
    """Leaves a message in Wagtail's editor: what was not done, and each reason with the link to where it is mended."""
    lines = format_html_join("", "<li>{}</li>", ((_line(reason),) for reason in reasons[:MOST]))
    more = f"And {len(reasons) - MOST} more." if len(reasons) > MOST else ""
    messages.error(request, format_html("<strong>{}</strong> <ul>{}</ul>{}", what, lines, more))


def _line(reason: Refused) -> str:
    if not reason.fix_url:
        return reason.message
    # The banner is red, and Wagtail has no colour for a link in it.
    style = "color: inherit; text-decoration: underline"
    return format_html('{} <a href="{}" style="{}">See where</a>', reason.message, reason.fix_url, style)
