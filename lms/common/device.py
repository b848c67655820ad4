"""What a browser that works without a signal asks for: its workers, the page for when there is none, whether it may
send, and how the product is put on a phone's first screen. And what it is told of each page: whose it is, and whether
the browser may keep a copy (decision 0016)."""

import json
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .context import PRODUCT_NAME

KEEP, USER, LATE = "Device-Keep", "Device-User", "Device-Late"
COLOUR = "#0b4f54"
SIGNED_OUT = "You have been signed out. Sign in again, then send it."
SOMEBODY_ELSE = "Somebody else is signed in here now. Nothing was sent in their name."


Response = TypeVar("Response", bound=HttpResponseBase)


def keep(response: Response, kind: str) -> Response:
    """Lets the reader's own browser keep a copy of this page: a lesson, a table of contents, a trainee's home, the
    form of a draft. Nothing is kept without this."""
    response.headers[KEEP] = kind
    return response


def is_late(request: HttpRequest) -> bool:
    """This was written without a signal, some time ago."""
    return LATE in request.headers


class Device:
    """Says on each page who is signed in (0 for nobody), so that a browser never shows one person another's copies; and
    refuses what was written by somebody else than who is signed in. A page that sets a cookie is not kept: it carries
    a message for once, or begins a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html") and hasattr(request, "user"):
            response.headers[USER] = str(request.user.pk or 0)
        # The anti-forgery cookie goes with every form anew, and says nothing.
        said_once = set(response.cookies) - {settings.CSRF_COOKIE_NAME}
        if KEEP in response.headers and (said_once or response.status_code != 200):
            del response.headers[KEEP]
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Who wrote it (header `Device-User`, from scripts) must be who is signed in, if anybody is."""
        writer = request.headers.get(USER)
        if request.method != "POST" or writer is None or not request.user.is_authenticated:
            return None
        if writer == str(request.user.pk):
            return None
        return JsonResponse({"message": SOMEBODY_ELSE, "reasons": [SOMEBODY_ELSE]}, status=401)


@require_safe
def worker(request: HttpRequest, script: str, without: str) -> HttpResponse:
    """A service worker. It holds nothing of anybody's, and its text changes when the built script does. `without`: the
    name of its page for when there is no signal."""
    body = f"self.OFFLINE = {json.dumps(reverse(without))};\nimportScripts({json.dumps(static(script))});\n"
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return HttpResponse(body, content_type="text/javascript; charset=utf-8", headers=headers)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown for a trainee's page that is not kept when there is no signal: the same for everybody, and the
    browser fills in what it keeps."""
    return render(request, "offline.html")


@never_cache
@require_safe
def hello(request: HttpRequest) -> JsonResponse:
    """Who is signed in and a token to send forms with; 401 for nobody. A browser asks before it sends what it kept."""
    if not request.user.is_authenticated:
        return JsonResponse({"reasons": [SIGNED_OUT]}, status=401)
    return JsonResponse({"user": str(request.user.pk), "token": get_token(request)})


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to put the product on its first screen."""
    icons = [
        {"src": static(f"images/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in (
            ("icon-192", 192, "any"), ("icon-512", 512, "any"), ("icon-maskable-512", 512, "maskable"),
        )
    ]  # fmt: skip
    icons.append({"src": static("images/favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"})
    about = {
        "id": "/", "name": PRODUCT_NAME, "short_name": "SENCO", "lang": "en-GB", "start_url": reverse("learn"),
        "scope": "/", "display": "standalone", "theme_color": COLOUR, "background_color": "#fbf9f5",
        "description": "Study, write and gather evidence for the Level 3 Early Years SENCO qualification.",
        "icons": icons,
    }  # fmt: skip
    headers = {"Cache-Control": "public, max-age=3600"}
    return JsonResponse(about, content_type="application/manifest+json", headers=headers)
