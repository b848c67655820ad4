"""How much room the learner's evidence takes up, and where it could be less."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses.delivery.api import Registration, current_registration
from portfolio.queries_storage import Storage, storage_of

BAR = 100  # the widest bar of the picture


@dataclass
class Bar:
    """One kind of file in the picture: its share of the largest, so that the smallest can still be seen."""

    kind: str
    number: int
    size: int
    width: float


@login_required
@require_safe
def storage(request: HttpRequest) -> HttpResponse:
    """The learner's stored files: in all, by kind (a picture and a table), the largest, the bin, unfinished uploads."""
    registration = current_registration(request)
    found = storage_of(registration, at=timezone.now())
    context = {"storage": found, "bars": _bars(found), "is_open": registration.state in Registration.OPEN_STATES}
    return render(request, "portfolio/storage.html", context)


def _bars(found: Storage) -> list[Bar]:
    most = max((size for _, _, size in found.by_kind), default=0) or 1
    return [Bar(kind, number, size, max(round(BAR * size / most, 1), 0.5)) for kind, number, size in found.by_kind]
