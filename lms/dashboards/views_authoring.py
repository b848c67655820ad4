"""The home of authors, reviewers and publishers, and copying a course."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from courses.pages.copying import Carrying, carrying, copy_course
from courses.pages.models import CoursePage
from courses.pages.policies import may_copy
from lms.accounts.api import AUTHORING_ROLES, Role, User, may_edit_content
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once

from .authoring import courses_to_edit, own_courses
from .desk import desk_of
from .forms import CopyForm

DOES = {
    Role.AUTHOR: "write and change lessons and tasks, and hand them in",
    Role.REVIEWER: "read what is handed in, comment, ask for changes and approve it",
    Role.PUBLISHER: "publish what has been reviewed, set a time for it, and take pages offline",
}


@require_safe
@login_required
def authoring(request: HttpRequest) -> HttpResponse:
    """What waits for an author, reviewer or publisher, and their courses."""
    user = cast(User, request.user)
    if not may_edit_content(user):
        raise PermissionDenied("This page is for authors, reviewers and publishers of a course.")
    roles = [role for role in AUTHORING_ROLES if user.is_superuser or user.has_role(role)]
    courses = courses_to_edit(user)
    desk = desk_of(user, [entry.course for entry in courses if not entry.course.is_being_copied])
    context = {
        "courses": courses, "desk": desk, "does": [DOES[role] for role in roles],
        "is_author": Role.AUTHOR in roles, "now": timezone.now(),
    }  # fmt: skip
    return render(request, "dashboards/authoring.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy of a course of the user's own organisation; first says which mappings could not go along."""
    user = cast(User, request.user)
    course = get_object_or_404(own_courses(user), pk=pk)
    if not may_copy(user, course):
        raise PermissionDenied("Authors copy courses.")
    if course.is_being_copied:
        return redirect("coverage", course.pk)
    start = {"title": f"{course.title} (copy)", "slug": f"{course.slug}-copy", "qualification": course.qualification_id}
    form = CopyForm(request.POST or None, initial=start, course=course)
    plan: Carrying | None = None
    if form.is_valid():
        target = form.cleaned_data["qualification"]
        plan = carrying(course, target)
        if not (plan.lost or plan.partly) or request.POST.get("agreed") == str(target.pk):
            try:
                return act_once(request, lambda: _begun(request, course, form.cleaned_data))
            except Refused as refusal:
                for reason in reasons_of(refusal):
                    form.add_error("slug" if reason.code == "copy-slug" else None, reason.message)
                plan = None
    context = {"course": course, "form": form, "plan": plan,
               "target": form.cleaned_data.get("qualification") if plan else None}  # fmt: skip
    return render(request, "dashboards/course_copy.html", context, status=422 if form.is_bound else 200)


def _begun(request: HttpRequest, course: CoursePage, typed: dict) -> str:
    made = copy_course(course, title=typed["title"], slug=typed["slug"], qualification=typed["qualification"],
                       by=cast(User, request.user), at=timezone.now())  # fmt: skip
    return f"{reverse('coverage', args=[made.pk])}?state=drafts"
