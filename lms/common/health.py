"""Health addresses for whoever runs the product."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from . import scanner, triggers


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The product can serve: the database answers and every trigger that defends a rule is in place. Says too whether
    the virus scanner answers ("none", "ok" or "away"): without it files wait, and everything else goes on."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        absent = triggers.missing()
    except Exception as error:
        return JsonResponse({"status": "unavailable", "reason": type(error).__name__}, status=503)
    if absent:
        return JsonResponse({"status": "unavailable", "missing_triggers": absent}, status=503)
    return JsonResponse({"status": "ok", "scanner": scanner.state()})
