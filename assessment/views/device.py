"""What an assessor's phone asks for besides pages: its worker, the page for when there is no signal, and whether it may
send (who is signed in, and a fresh anti-forgery token)."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that opens kept pages without a signal. It holds nothing of anybody's, and its script changes
    when the built one does."""
    without, script = json.dumps(reverse("assessment:offline")), json.dumps(static("sw.js"))
    body = f"self.OFFLINE = {without};\nimportScripts({script});\n"
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return HttpResponse(body, content_type="text/javascript; charset=utf-8", headers=headers)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown for a page of the assessor's when there is no signal: the pages that this phone keeps. The same for
    everybody: the phone itself fills it in."""
    return render(request, "assessment/offline.html")


@never_cache
@require_safe
def hello(request: HttpRequest) -> JsonResponse:
    """Who is signed in and a token to send forms with; 401 for nobody. A phone asks before it sends what it kept."""
    if not request.user.is_authenticated:
        return JsonResponse({"reasons": ["You have been signed out. Sign in again, then send it."]}, status=401)
    return JsonResponse({"user": str(request.user.pk), "token": get_token(request)})
