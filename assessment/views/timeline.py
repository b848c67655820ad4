"""What happened in a portfolio, month by month."""

from datetime import date
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from assessment.queries_timeline import Timeline
from assessment.views.learner import viewed_registration
from lms.accounts.api import User
from portfolio.queries import by_section, criteria_of


@require_safe
@login_required
def timeline(request: HttpRequest) -> HttpResponse:
    """Evidence, submissions and feedback of one month, newest first: the last month in which anything happened unless
    `?month=2026-11` names another; `?criterion=1.1` shows only what is about it. Allocated staff see what was
    submitted (`?registration=`)."""
    user, registration = cast(User, request.user), viewed_registration(request)
    criteria = criteria_of(registration)
    chosen = next((row for row in criteria if row.code == request.GET.get("criterion", "")), None)
    history = Timeline(user, registration, chosen)
    months = history.months()
    month = _month(request.GET.get("month", ""), months)
    later, earlier = _beside(month, list(months))
    own = registration.learner_id == user.pk
    kept = {"registration": request.GET.get("registration", ""), "criterion": chosen.code if chosen else ""}
    context = {
        "is_own": own, "learner": None if own else registration.learner, "registration": registration,
        "month": month, "entries": [happened.entry for happened in history.of(month)] if month else [],
        "choices": [(f"{m:%Y-%m}", f"{date_format(m, 'F Y')} ({count})", m == month) for m, count in months.items()],
        "earlier": _link(earlier, kept), "later": _link(later, kept), "chosen": chosen,
        "sections": by_section(criteria), "kept": kept,
    }  # fmt: skip
    return render(request, "assessment/timeline.html", context)


def _month(asked: str, months: dict[date, int]) -> date | None:
    """The month that was asked for if anything happened in it, else the last one."""
    return next((month for month in months if f"{month:%Y-%m}" == asked), next(iter(months), None))


def _beside(month: date | None, months: list[date]) -> tuple[date | None, date | None]:
    """The months with anything in them after and before this one."""
    if month is None:
        return None, None
    place = months.index(month)
    return (months[place - 1] if place else None), (months[place + 1] if place + 1 < len(months) else None)


def _link(month: date | None, kept: dict[str, str]) -> tuple[str, str] | None:
    if month is None:
        return None
    query = {name: value for name, value in kept.items() if value} | {"month": f"{month:%Y-%m}"}
    return f"?{urlencode(query)}", date_format(month, "F Y")
