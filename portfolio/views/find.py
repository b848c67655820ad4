"""The list of a learner's evidence: finding one piece among hundreds, and going on with a draft."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from courses.delivery.api import Registration, current_registration
from lms.common.paging import keyset
from portfolio.forms_find import FindForm
from portfolio.queries import criteria_of
from portfolio.queries_find import ORDERS, binned, counts, for_list, found, lines, months

from .access import user_of

CHIPS = [("", "All"), ("draft", "Your drafts"), ("submitted", "Submitted"), ("decided", "Decided")]


@login_required
@require_safe
def evidence_list(request: HttpRequest) -> HttpResponse:
    """All pieces of the learner's evidence, narrowed by words (also inside files), kind, status, criterion and month.
    `?state=draft` lists what can be gone on with, on another device too."""
    registration = current_registration(request)
    form = FindForm(request.GET, criteria=criteria_of(registration), months=months(registration))
    asked = form.asked()
    rows = found(registration, asked)
    page = keyset(request, for_list(rows), ORDERS[form.order])
    by_state = counts(registration)
    context = {
        "form": form, "page": page, "lines": lines(page.items, registration, asked.words), "asked": asked,
        "registration": registration, "is_open": registration.state in Registration.OPEN_STATES,
        "total": by_state[""], "matching": rows.count() if asked.narrows else by_state[""],
        "chips": [(label, _address(state), by_state[state], asked.state == state) for state, label in CHIPS],
        "filters": sum(map(bool, (asked.kind, asked.criteria, asked.since, asked.until))),
        "in_bin": _in_bin(request, registration),
    }  # fmt: skip
    return render(request, "portfolio/evidence_list.html", context)


def _address(state: str) -> str:
    return reverse("portfolio:evidence_list") + (f"?{urlencode({'state': state})}" if state else "")


def _in_bin(request: HttpRequest, registration: Registration) -> int:

    return binned(user_of(request)).filter(evidence__registration=registration).count()
