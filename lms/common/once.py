"""Once-tokens: a signed token in each form, unique in the database, so that a form posted twice makes one thing."""

import secrets
from collections.abc import Callable
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone

from .errors import Refused
from .models import OnceToken

SALT = "once"
MAX_AGE_SECONDS = 7 * 24 * 3600


def issue(user: Any) -> str:
    """A fresh token for a form shown to this user."""
    return signing.dumps([user.pk or 0, secrets.token_urlsafe(12)], salt=SALT)


def read(request: HttpRequest) -> str:
    """The token that came with the form. Raises Refused when it is missing, forged, another person's or too old."""
    try:
        owner, token = signing.loads(request.POST.get("once", ""), salt=SALT, max_age=MAX_AGE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        owner, token = None, ""
    if owner is None or owner != request.user.pk:
        raise Refused("once-expired", "This page was open for too long. Nothing was lost: check it and send it again.")
    return token


def act_once(request: HttpRequest, action: Callable[[], str]) -> HttpResponseRedirect:
    """Runs `action` in one transaction with the form's token and redirects to the address that it returns.

    The same form posted again changes nothing and gets the same redirect. If `action` raises, the token stays
    unused, so that the person can mend the form and send it again.
    """
    return redirect(once(read(request), int(request.user.pk or 0), action))


def once(token: str, user_id: int, action: Callable[[], str]) -> str:
    """Runs `action` in one transaction with a token and returns the address that it returns; with the same token
    again, that address and nothing else. `token`: nobody else can have it (it comes from `read`, or is made of the
    user's id and a number that their device chose)."""
    try:
        with transaction.atomic():
            row = OnceToken.objects.create(token=token, used_by_id=user_id, used_at=timezone.now())
            url = action()
            OnceToken.objects.filter(pk=row.pk).update(result_url=url)
    except IntegrityError:
        earlier = OnceToken.objects.filter(token=token).first()
        if earlier is None:
            raise
        url = earlier.result_url
    return url
