"""Pages of the demonstration only: signing in as one of its people, and the emails that it sent."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.api import User
from lms.common.context import DEMO_PEOPLE
from lms.notices.mailbox import newest_messages

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise Http404


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the demonstration's people. Idempotent by nature: twice is once."""
    _only_in_demo()
    email = request.POST.get("person", "")
    if email not in {person["email"] for person in DEMO_PEOPLE}:
        raise Http404("There is no such person in the demonstration.")
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        messages.error(request, "The demonstration’s people are not there yet. Run: manage.py load_demo")
        return redirect("account_login")
    login(request, user, backend=BACKEND)
    following = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    return redirect(following if safe else "home")


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest emails that the demonstration sent, with their links."""
    _only_in_demo()
    letters = []
    for message in newest_messages():
        body, sent = message.get_body(("plain",)), message["Date"]
        letters.append({
            "subject": message["Subject"], "to": message["To"], "date": sent.datetime if sent else None,
            "body": body.get_content() if body else "",
        })  # fmt: skip
    return render(request, "dashboards/mailbox.html", {"letters": letters})
