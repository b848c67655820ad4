"""What an assessor's phone shows when there is no signal. The rest is every phone's: lms.common.device."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown for a page of the assessor's when there is no signal: the pages that this phone keeps. The same for
    everybody: the phone itself fills it in."""
    return render(request, "assessment/offline.html")
