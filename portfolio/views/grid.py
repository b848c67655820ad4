"""The portfolio's first page: every criterion as a cell, and what can be done next."""

from collections import Counter

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses.delivery.api import Registration, current_registration
from portfolio.api import candidates
from portfolio.queries import SectionOf, statuses_by_section

ORDER = ("achieved", "submitted", "changes_needed", "draft", "not_started")


@login_required
@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    """The learner's criteria as a grid; `?status=` shows those of one status, `?view=list` all, with their wording."""
    registration = current_registration(request)
    sections = statuses_by_section(registration)
    counts = Counter(row.shown for section in sections for row in section.rows)
    status = request.GET.get("status", "")
    status = status if status in ORDER else ""
    as_list = bool(status) or request.GET.get("view") == "list"
    total = sum(counts.values())
    context = {
        "registration": registration, "is_open": registration.state in Registration.OPEN_STATES, "total": total,
        "achieved": counts["achieved"], "status": status, "as_list": as_list,
        "filters": [(name, counts[name]) for name in ORDER], "is_new": counts["not_started"] == total,
        "ready": _ready(registration, sections), "shown": counts[status] if status else total,
    }  # fmt: skip
    if as_list:
        context["sections"] = _rows(sections, status, _address())
    else:
        address = _address()
        context["sections"] = [_cells(section, address) for section in sections]
    return render(request, "portfolio/grid.html", context)


def _ready(registration: Registration, sections: list[SectionOf]) -> int:
    """How many criteria can be submitted now."""
    if not any(row.evidence_count for section in sections for row in section.rows):
        return 0
    if registration.state not in Registration.OPEN_STATES:
        return 0
    return sum(candidate.ready for candidate in candidates(registration, at=timezone.now()))


def _cells(section: SectionOf, address: str) -> dict:
    """A section as the grid component wants it."""
    cells = [
        {"code": row.criterion.code, "url": address % row.criterion.code, "status": row.shown,
         "label": row.criterion.full_text}
        for row in section.rows
    ]  # fmt: skip
    return {"code": section.section.code, "title": section.section.title, "colour": section.section.position,
            "cells": cells}  # fmt: skip


def _rows(sections: list[SectionOf], status: str, address: str) -> list[dict]:
    """Sections with those of their rows that have the status (any, if none is asked for)."""
    found = []
    for section in sections:
        rows = [(row, address % row.criterion.code) for row in section.rows if not status or row.shown == status]
        if rows:
            found.append({"section": section.section, "rows": rows})
    return found


def _address() -> str:
    """The address of a criterion's page with a place for its code: looked up once, not sixty times."""
    return reverse("assessment:criterion", args=["code"]).replace("code", "%s")
