"""What Wagtail's editor asks before it acts on a page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail import hooks
from wagtail.models import Page

from lms.common.refusals import tell_editor

from .guard import why_not_live


@hooks.register("before_publish_page")
def keep_as_draft(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Publishing that the guard would refuse ends in the editor, with the draft saved and every reason named. What is
    to be published later is looked at then."""
    if page.go_live_at is not None and page.go_live_at > timezone.now():
        return None
    reasons = why_not_live(page)
    if not reasons:
        return None
    tell_editor(request, reasons, "It was not published. What you wrote is saved as a draft.")
    return redirect("wagtailadmin_pages:edit", page.pk)
