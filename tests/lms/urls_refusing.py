"""The product's addresses and some views that raise what no view of ours should: see `test_middleware`."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from lms import urls as product
from lms.common.errors import Refused, SeveralRefused

MESSAGE = 'Say when <script>alert("1")</script> it was & why.'
RAISED: dict[str, Exception] = {
    "one": Refused("rule-00-test", MESSAGE),
    "several": SeveralRefused([Refused("a", "Say when it was."), Refused("b", "Say where it was.", fix_url="/help/")]),
    "broken": RuntimeError("the cause is not for everybody"),
    "forbidden": PermissionDenied("Only assessors read this."),
    "suspicious": SuspiciousOperation("odd"),
}


def raising(request: HttpRequest, what: str) -> HttpResponse:
    """Raises, as a view with a fault would."""
    raise RAISED[what]


urlpatterns = [path("raise/<str:what>/", raising), *product.urlpatterns]
handler403, handler404, handler500 = product.handler403, product.handler404, product.handler500
