"""Which of their registrations a learner is looking at."""

from typing import cast

from django.http import Http404, HttpRequest

from lms.accounts.models import User

from .models import Registration

SESSION_KEY = "registration"


def registrations_of(user: User) -> list[Registration]:
    """A learner's own registrations, those in work first, then the newest. One query."""
    rows = Registration.objects.filter(learner=user).exclude(state=Registration.State.WITHDRAWN)
    found = list(rows.select_related("qualification", "cohort").order_by("-registered_on", "-pk"))
    user.is_learner = bool(found)  # the header asks next
    return sorted(found, key=lambda row: row.state not in Registration.OPEN_STATES)


def current_registration(request: HttpRequest, rows: list[Registration] | None = None) -> Registration:
    """The registration that the learner chose, else the one in work. Raises Http404 for somebody without any.
    `rows` are the learner's registrations, if they are at hand."""
    rows = registrations_of(cast(User, request.user)) if rows is None else rows
    if not rows:
        raise Http404("You are not registered for a qualification.")
    chosen = request.session.get(SESSION_KEY)
    return next((row for row in rows if str(row.ref) == chosen), rows[0])
