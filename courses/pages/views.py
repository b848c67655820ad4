"""Serving the course: catalogue, course and units for everybody, lessons and tasks for who may read them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from wagtail import hooks
from wagtail.models import Page
from wagtail.views import serve_chain

from content.h5p.tokens import origin
from content.models.local import authorities_of
from courses.delivery.api import (
    Beside,
    Registration,
    beside_page,
    mark_comments_read,
    progress_by_page,
    remember_place,
)
from lms.accounts.api import Organisation, User
from lms.common.device import keep
from lms.common.errors import Refused

from .comfort import comfort_of
from .models import (
    AuthorityPage,
    CataloguePage,
    CoursePage,
    LessonPage,
    LocalLessonPage,
    PageChange,
    StudyPage,
    TaskPage,
    UnitPage,
)
from .outline import Outline, outline_of
from .policies import (
    authority_for,
    authority_of,
    is_for,
    may_read_as_staff,
    may_read_local,
    registration_for,
    registrations_on,
)
from .queries import (
    Rendered,
    StudyItem,
    address,
    course_of,
    live_study_page,
    local_lessons,
    one_page,
    rendered,
    root_path,
    study_items,
    units_of,
)
from .reading import left_of, pieces_for, players_for, reader_of, tried
from .substance import unseen_changes

MODELS = {1: (CataloguePage,), 2: (CoursePage, AuthorityPage), 3: (UnitPage, LocalLessonPage),
          4: (LessonPage, TaskPage)}  # fmt: skip
RefusedAnswers = Mapping[str, tuple[Refused, QueryDict]]


def find_page(path: str) -> Page | None:
    """The live page at an address below the site's root, found by its url_path instead of walking the tree."""
    url_path = f"{root_path()}{path}"
    for model in MODELS.get(path.count("/"), ()):
        page = one_page(model, url_path=url_path)
        if page is not None:
            return page
    return None


@require_http_methods(["GET", "HEAD"])
def serve(request: HttpRequest, path: str) -> HttpResponse:
    """A page of the course. View restrictions set in Wagtail hold here too."""
    page = find_page(path)
    if page is None:
        raise Http404
    for hook in hooks.get_hooks("before_serve_page"):
        answer = hook(page, request, [], {})
        if isinstance(answer, HttpResponse):
            return answer
    chain = serve_chain
    for hook in reversed(hooks.get_hooks("on_serve_page")):
        chain = hook(chain)
    return chain(page, request, [], {})


def show(request: HttpRequest, page: Page) -> HttpResponse:
    """Renders a page of any of the course's types; also the editor's preview of an unsaved one."""
    if isinstance(page, CoursePage):
        return _course(request, page)
    if isinstance(page, UnitPage):
        return _unit(request, page)
    if isinstance(page, StudyPage):
        return _study(request, page)
    if isinstance(page, AuthorityPage):
        return _authority(request, page)
    courses = CoursePage.objects.live().select_related("qualification").order_by("title")
    return render(request, "courses/catalogue.html", {"page": page, "courses": [(c, address(c)) for c in courses]})


def _authority(request: HttpRequest, page: AuthorityPage) -> HttpResponse:
    """The lessons of a local authority, for its own staff: its trainees find them in their course. 404 for others."""
    preview = bool(getattr(request, "is_preview", False))
    mine = authorities_of(request.user) if request.user.is_authenticated else []
    if not preview and page.authority_id not in {one.pk for one in mine}:
        raise Http404
    lessons = local_lessons(page.authority_id).filter(live=True).select_related("unit").order_by("unit__path", "path")
    return render(
        request, "courses/authority.html", {"page": page, "lessons": [(one, address(one)) for one in lessons]}
    )


def _course(request: HttpRequest, course: CoursePage) -> HttpResponse:
    registration = _registration(request, course)
    context = {"page": course, "outline": _outline(request, course, registration), "registration": registration,
               "changes": _changes(registration)}  # fmt: skip
    return keep(render(request, "courses/course.html", context), "contents")


def _unit(request: HttpRequest, unit: UnitPage) -> HttpResponse:
    course = course_of(unit)
    registration = _registration(request, course)
    outline = _outline(request, course, registration)
    units = [part.unit for part in outline.parts]
    place = next((n for n, one in enumerate(units) if one.pk == unit.pk), None)
    context = {
        "page": unit, "course": course, "course_url": address(course), "registration": registration,
        "part": outline.part_of(unit), "next": outline.next, "changes": _changes(registration),
        "before": outline.parts[place - 1] if place else None,
        "after": outline.parts[place + 1] if place is not None and place + 1 < len(units) else None,
    }  # fmt: skip
    return keep(render(request, "courses/unit.html", context), "contents")


def _outline(request: HttpRequest, course: CoursePage, registration: Registration | None) -> Outline:
    """The course as its reader finds it: with their authority's own lessons, and how far they are."""
    items = study_items(course, authority_for(cast(User, request.user), registration))
    return outline_of(units_of(course), items, progress_by_page(registration) if registration else {})


def _changes(registration: Registration | None) -> dict[int, PageChange]:
    """What has changed in the pages that the reader has finished, by page."""
    return unseen_changes(registration) if registration else {}


def _registration(request: HttpRequest, course: CoursePage) -> Registration | None:
    return registration_for(request.user, course) if request.user.is_authenticated else None


def admit(user: User, page: StudyPage, course: CoursePage, registration: Registration | None) -> Registration | None:
    """Lets somebody read a lesson or task: with their own registration on its course, if they have one, or as staff
    (None). Raises PermissionDenied for others, and Http404 for an authority's own lesson, of which they learn
    nothing."""
    if registration is not None:
        user.is_learner = True  # the header asks next
    if isinstance(page, LocalLessonPage):
        if registration is not None and is_for(page, authority_of(registration)):
            return registration
        if not may_read_local(user, page, course):
            raise Http404
        return None
    if registration is None and not may_read_as_staff(user, course):
        raise PermissionDenied("Lessons are for learners registered on this course and its staff.")
    return registration


def _study(request: HttpRequest, page: StudyPage, *, refused: RefusedAnswers | None = None,
           status: int = 200) -> HttpResponse:  # fmt: skip
    course = course_of(page)
    registration, beside = None, Beside()
    preview = bool(getattr(request, "is_preview", False))
    if not preview:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        registration, beside = beside_page(registrations_on(request.user, course), page.pk)
        registration = admit(request.user, page, course, registration)
    authority = authority_for(cast(User, request.user), registration)
    is_local = isinstance(page, LocalLessonPage)
    if is_local and registration is None:
        authority = Organisation.objects.get(pk=page.authority_id)
    items = study_items(course, authority)
    place = next((n for n, item in enumerate(items) if item.pk == page.pk), None)
    shared = rendered(page, preview=preview)
    reader = replace(reader_of(page, shared, registration, authority), token=get_token(request), refused=refused or {})
    if registration is None:
        reader = replace(reader, players=players_for(request, shared))
    if registration is None and "try" in request.GET:
        reader = tried(reader, shared, request.GET, at=timezone.now())
    progress = beside.progress
    context = {
        "change": unseen_changes(registration).get(page.pk)
        if registration and progress and progress.finished_at else None,
        "left": left_of(shared, reader.answers) if registration else [],
        "page": page, "course": course, "course_url": address(course), "registration": registration,
        "progress": progress, "shared": shared, "pieces": pieces_for(shared, reader),
        "hours": _hours(page.minutes), "add_evidence_url": reverse("portfolio:evidence_new"),
        "is_task": isinstance(page, TaskPage),
        "previous": items[place - 1] if place else None,
        "next": items[place + 1] if place is not None and place + 1 < len(items) else None,
        "unit_url": address(page.unit) if is_local else address(page).rsplit("/", 2)[0] + "/",
        "is_local": is_local, "authority": authority,
        **_in_unit(items, place), **_beside(shared, beside), "comfort": comfort_of(request),
    }  # fmt: skip
    response = render(request, "courses/study.html", context, status=status)
    if any(live.kind == "h5p" for live in shared.live):
        frames = [f"{origin(request)}/h5p/play/"]
        response._csp_update = {"frame-src": frames}  # type: ignore[attr-defined]  # how django-csp takes it
    return keep(response, "lesson") if registration else response


def _in_unit(items: list[StudyItem], place: int | None) -> dict[str, Any]:
    """Which page of its unit this is: the third of nineteen."""
    if place is None:
        return {}
    here = [item.pk for item in items if item.unit_path == items[place].unit_path]
    return {"item": items[place], "number": here.index(items[place].pk) + 1, "pages": len(here)}


def _beside(shared: Rendered, beside: Beside) -> dict[str, Any]:
    """The reader's note and bookmarks, and where they go on: not once they have finished, or when they were hardly
    past the beginning."""
    progress = beside.progress
    resume = ""
    if progress is not None and progress.anchor and progress.finished_at is None:
        resume = shared.nearest(progress.anchor, progress.anchor_title)
        resume = "" if resume in list(shared.places)[:2] else resume
    marked = [(row.anchor, row.title, shared.nearest(row.anchor, row.title)) for row in beside.bookmarks]
    return {"resume": resume, "resume_title": shared.places.get(resume, ""), "note": beside.note, "bookmarks": marked}


def shown_again(request: HttpRequest, page: StudyPage, refused: RefusedAnswers) -> HttpResponse:
    """A lesson or task with an answer that was refused: why, at its block, and what was sent (HTTP 422)."""
    return _study(request, page, refused=refused, status=422)


def _hours(minutes: int) -> str:
    """Minutes of work in words a busy person can plan with."""
    if minutes < 90:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours"


def study_page(page_id: int) -> StudyPage:
    """The live lesson or task of that number, or 404."""
    page = live_study_page(page_id)
    if page is None:
        raise Http404
    return page


def own_registration(user: User, page: StudyPage) -> Registration:
    """The reader's own registration on the page's course; 404 where there is none, and where the page is another
    authority's own lesson."""
    registration = registration_for(user, course_of(page))
    if registration is None or not is_for(page, authority_of(registration)):
        raise Http404
    return registration


@require_POST
def remember(request: HttpRequest, page_id: int) -> HttpResponse:
    """The reader's script says how far they have read. Idempotent by nature: the last place stays."""
    page = study_page(page_id)
    if not request.user.is_authenticated:
        return redirect_to_login(address(page))
    registration = own_registration(request.user, page)
    known = rendered(page).places
    anchor = request.POST.get("anchor", "")
    if anchor and anchor not in known:
        return JsonResponse({"error": "unknown place"}, status=400)
    now = timezone.now()
    if any(live.kind == "draft" for live in rendered(page).live):
        mark_comments_read(registration, page.pk, at=now)
    remember_place(registration, page.pk, anchor, known.get(anchor, ""), at=now)
    return JsonResponse({"saved_at": timezone.localtime(now).strftime("%H:%M")})
