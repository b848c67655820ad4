"""Middleware of the shell: content security policy for each part, and refusals as pages."""

from collections.abc import Callable

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url

from .errors import Refused
from .refusals import page_of

# Wagtail's admin has inline scripts and styles of its own, and previews pages in a frame.
CMS_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "frame-src": [SELF],
    "object-src": [NONE],
    "base-uri": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
}


class ContentPolicy(CSPMiddleware):
    """The strict policy everywhere; `/cms/` has one of its own. And what of the device a page may use."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # A preview is a page of the site shown in the editor's frame.
        if request.path.startswith("/cms/") or getattr(request, "is_preview", False):
            response._csp_replace = CMS_POLICY  # type: ignore[attr-defined]  # how django-csp takes it
            if response.headers.get("X-Frame-Options") == "DENY":
                response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return super().process_response(request, response)


def _asks_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """A whole form came without a session and is being sent to the sign-in. A script gets its redirect: it keeps the
    text itself."""
    to_login = response.status_code == 302 and response.headers["Location"].startswith(resolve_url(settings.LOGIN_URL))
    return request.method == "POST" and to_login and request.headers.get("X-Requested-With") is None


def typed_in(request: HttpRequest) -> list[str]:
    """What a person wrote in a form: texts longer than a code or a choice."""
    return [text for values in request.POST.lists() for text in values[1] if " " in text.strip()]


class RefusalPages:
    """A refusal that no view caught becomes a page that says why, never a server error; an address that
    takes only forms says so in words (HTTP 405); a form sent after the session ended gives back what was typed
    (HTTP 401) where a redirect to the sign-in would lose it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not request.path.startswith("/cms/"):
            # Whoever is asked to sign in while sending a form comes back to its address without the form.
            page = render(request, "405.html", status=405)
            page["Allow"] = response.headers.get("Allow", "POST")
            return page
        typed = typed_in(request) if _asks_to_sign_in(request, response) else []
        if typed:
            return render(request, "signed_out.html", {"typed": typed, "back": request.get_full_path()}, status=401)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        return page_of(request, exception)
