"""The plain page, the floor that other pages are compared with."""

from wagtail.fields import StreamField
from wagtail.models import Page

from content.blocks import BodyBlock


class PlainPage(Page):
    """A page with a body, routed, restricted and rendered by Wagtail as it comes."""

    body = StreamField(BodyBlock())
    template = "bench/plain_page.html"

    class Meta:
        app_label = "plain"
