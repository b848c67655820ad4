"""What has changed in a page since its reader finished it."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from courses.delivery.api import see_again

from .queries import address
from .views import own_registration, study_page


@require_POST
def seen(request: HttpRequest, page_id: int) -> HttpResponse:
    """ "I have read it": what changed is not shown any more. Idempotent by nature."""
    page = study_page(page_id)
    if not request.user.is_authenticated:
        return redirect_to_login(address(page))
    see_again(own_registration(request.user, page), page.pk, at=timezone.now())
    messages.success(request, "Thank you. This page counts as read, as before.")
    return redirect(address(page))
