"""Pages for when something is refused, missing or broken: each says plainly what one can do next."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader

LAST_RESORT = (
    '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Something went wrong</title>'
    "<h1>Something went wrong</h1><p>It is our fault, not yours. Go back, wait a minute and try again.</p></html>"
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came back without its anti-forgery token: mostly a page left open over a sign-out (setting
    CSRF_FAILURE_VIEW). `reason` is Django's technical one and is not shown."""
    return render(request, "csrf_failure.html", status=403)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A right is missing (handler403)."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Nothing is here, or it is another organisation's: the two look the same on purpose (handler404)."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """We failed (handler500). Uses no database and no context processor, since either may be what failed."""
    try:
        return HttpResponseServerError(loader.get_template("500.html").render())
    except Exception:  # the template or the list of assets may be what is broken
        return HttpResponseServerError(LAST_RESORT)
