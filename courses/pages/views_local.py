"""Where an authority's staff find all that they add to a course: local information by heading, lessons of their own."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from content.models.local import authorities_of
from lms.accounts.api import Organisation, Role, User
from lms.common.once import act_once

from .local import headings_of, lessons_of, lessons_page, may_write_lessons
from .models import AuthorityPage
from .queries import address


def _authority(request: HttpRequest, asked: str) -> tuple[Organisation, list[Organisation]]:
    """The authority that is asked for, or the person's own, and all that are theirs."""
    mine = authorities_of(cast(User, request.user))
    if not mine:
        raise PermissionDenied("Only the staff of a local authority see this page.")
    chosen = next((one for one in mine if str(one.pk) == asked), None) if asked else mine[0]
    if chosen is None:
        raise Http404
    return chosen, mine


@login_required
@require_safe
def information(request: HttpRequest) -> HttpResponse:
    """Every heading of local information: what it says, where trainees read it, what is missing or due; and the
    authority's own lessons. `?authority=` names one of several. Raises PermissionDenied for others than its staff."""
    authority, mine = _authority(request, request.GET.get("authority", ""))
    headings = headings_of(authority)
    lessons = [(one, address(one)) for one in lessons_of(authority)]
    home = AuthorityPage.objects.filter(authority=authority).first()
    context = {
        "authority": authority, "authorities": mine, "headings": headings, "lessons": lessons, "home": home,
        "writes": may_write_lessons(cast(User, request.user), authority),
        "sees_cohorts": cast(User, request.user).has_role(Role.COHORT_MANAGER, Role.AREA_SENCO),
        "missing": [one for one in headings if one.row is None and one.pages],
        "due": [one for one in headings if one.is_due],
    }  # fmt: skip
    return render(request, "courses/local_information.html", context)


@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Opens the editor with a new lesson of the authority's own; its page is made on first need."""
    authority, _ = _authority(request, request.POST.get("authority", ""))
    user = cast(User, request.user)
    if not may_write_lessons(user, authority):
        raise PermissionDenied("Lessons of an authority are written by its authors.")

    def act() -> str:
        home = lessons_page(authority, by=user)
        return reverse("wagtailadmin_pages:add", args=["courses", "locallessonpage", home.pk])

    return act_once(request, act)
