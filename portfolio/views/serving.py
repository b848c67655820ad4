"""Sending what the private store of evidence holds."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lms.common import serving
from lms.common.serving import sealed
from portfolio.files import store_room

__all__ = ["sealed", "send"]


def send(request: HttpRequest, stored_as: str, *, name: str, content_type: str, inline: bool) -> HttpResponseBase:
    """An evidence file for somebody who may have it: see `lms.common.serving.send`. No browser keeps it."""
    return serving.send(request, store_room(), stored_as, name=name, content_type=content_type, inline=inline)
