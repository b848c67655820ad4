"""What the learner's evidence covers and what not, against their own qualification and those it is mapped to."""

import csv
from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courses.delivery.api import Registration, current_registration
from courses.framework.api import Framework
from lms.common.templatetags.ui import status_word
from portfolio.queries_coverage import Coverage, Report, coverage_of, mapped_frameworks, report_on

from .access import user_of

HEAD = ["Criterion", "Statement", "Kind", "Status", "Pieces of evidence", "Evidence"]
MAPPED_HEAD = ["Criterion", "Statement", "Your criteria", "Pieces of evidence", "Evidence"]
ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet take a cell for a formula


@login_required
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Criteria without evidence, evidence for no criterion, and how the evidence is spread; `?framework=` reports the
    same evidence against a framework that the learner's own is mapped to; `?format=csv` saves either as a table."""
    registration = current_registration(request)
    found = coverage_of(registration, user_of(request))
    frameworks = mapped_frameworks(registration)
    chosen = _chosen(frameworks, request.GET.get("framework", ""))
    report = report_on(chosen, found) if chosen else None
    if request.GET.get("format") == "csv":
        return _table(report, found)
    context = {
        "registration": registration, "coverage": found, "frameworks": frameworks, "report": report,
        "is_open": registration.state in Registration.OPEN_STATES,
    }  # fmt: skip
    return render(request, "portfolio/coverage.html", context)


def _chosen(frameworks: list[Framework], code: str) -> Framework | None:
    """The framework that is asked for; None for the learner's own. Raises Http404 for one that is not mapped to it."""
    if not code:
        return None
    found = next((framework for framework in frameworks if framework.code == code), None)
    if found is None:
        raise Http404("Your qualification is not mapped to this framework.")
    return found


def _table(report: Report | None, found: Coverage) -> HttpResponse:
    """The report, or the learner's own coverage, as a table for a spreadsheet."""
    name = report.framework.code if report else "evidence"
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-coverage.csv"'
    response.write("\ufeff")  # so that a spreadsheet reads the letters as they are
    rows = _report_rows(report) if report else _own_rows(found)
    csv.writer(response).writerows([_plain(cell) for cell in row] for row in rows)
    return response


def _own_rows(found: Coverage) -> Iterable[list[str]]:
    yield HEAD
    for row in found.rows:
        status = status_word(row.status.shown)
        yield [row.criterion.code, row.criterion.full_text, row.criterion.outcome.get_kind_display(), status,
               str(len(row.pieces)), "; ".join(piece.title for piece in row.pieces)]  # fmt: skip


def _report_rows(report: Report) -> Iterable[list[str]]:
    yield MAPPED_HEAD
    for row in report.rows:
        own = "; ".join(
            f"{one.criterion.code} {relation} ({status_word(one.status.shown)})" for one, relation in row.own
        )
        yield [row.criterion.code, row.criterion.full_text, own, str(len(row.pieces)),
               "; ".join(piece.title for piece in row.pieces)]  # fmt: skip


def _plain(cell: str) -> str:
    """Text that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.startswith(ACTIVE) else cell
