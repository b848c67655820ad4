"""What a course covers, for the authors, reviewers and publishers of its organisation."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from courses.pages.models import CoursePage
from lms.accounts.api import User
from lms.common.tables import csv_response

from .authoring import own_courses
from .coverage import HEADER, USES, Asked, coverage_page, export_rows


def _course(request: HttpRequest, pk: int) -> CoursePage:
    """A course of the user's own organisation; 404 for everybody else."""
    return get_object_or_404(own_courses(cast(User, request.user)), pk=pk)


@require_safe
@login_required
def coverage(request: HttpRequest, pk: int) -> HttpResponse:
    """Which page teaches, practises or assesses which statement, what is missing first (`?section=1&show=gaps&
    use=assesses&page=12&state=drafts`). Of a copy that is still being made: that it is."""
    course = _course(request, pk)
    if course.is_being_copied:
        return render(request, "dashboards/course_being_copied.html", {"course": course})
    seen = coverage_page(course, Asked.of(request.GET))
    query = request.GET.copy()
    query.pop("state", None)
    context = {"seen": seen, "asked": seen.asked, "uses": USES, "query": query.urlencode()}
    return render(request, "dashboards/coverage.html", context)


@require_safe
@login_required
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The whole matrix as a table to save, whatever is filtered on the page."""
    course = _course(request, pk)
    if course.is_being_copied:
        return redirect("coverage", course.pk)
    return csv_response(f"coverage-{slugify(course.title)}", HEADER,
                        export_rows(course, drafts=Asked.of(request.GET).drafts))  # fmt: skip
