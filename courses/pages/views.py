"""Serving the course: catalogue, course and units for everybody, lessons and tasks for who may read them."""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST
from wagtail import hooks
from wagtail.models import Page
from wagtail.views import serve_chain

from courses.delivery.api import Registration, StudyProgress, finish_page, open_page, remember_place
from lms.accounts.api import User

from .models import CataloguePage, CoursePage, LessonPage, TaskPage, UnitPage
from .policies import may_read_as_staff, registration_for
from .queries import address, course_of, rendered, root_path, study_items, units_of

MODELS = {1: (CataloguePage,), 2: (CoursePage,), 3: (UnitPage,), 4: (LessonPage, TaskPage)}


def find_page(path: str) -> Page | None:
    """The live page at an address below the site's root, found by its url_path instead of walking the tree."""
    url_path = f"{root_path()}{path}"
    for model in MODELS.get(path.count("/"), ()):
        page = model.objects.filter(url_path=url_path, live=True).first()
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
    if isinstance(page, LessonPage | TaskPage):
        return _study(request, page)
    courses = CoursePage.objects.live().select_related("qualification").order_by("title")
    return render(request, "courses/catalogue.html", {"page": page, "courses": [(c, address(c)) for c in courses]})


def _course(request: HttpRequest, course: CoursePage) -> HttpResponse:
    items, done = study_items(course), _finished(request, course)
    units = [
        {"unit": unit, "url": address(unit), "items": [i for i in items if i.unit_path == unit.path]}
        for unit in units_of(course)
    ]
    context = {
        "page": course, "units": units, "done": done, "minutes": sum(i.minutes for i in items if not i.is_task),
        "minutes_left": sum(i.minutes for i in items if i.pk not in done and not i.is_task),
    }  # fmt: skip
    return render(request, "courses/course.html", context)


def _unit(request: HttpRequest, unit: UnitPage) -> HttpResponse:
    course = course_of(unit)
    items = [item for item in study_items(course) if item.unit_path == unit.path]
    context = {"page": unit, "course": course, "course_url": address(course), "items": items,
               "done": _finished(request, course)}  # fmt: skip
    return render(request, "courses/unit.html", context)


def _finished(request: HttpRequest, course: CoursePage) -> set[int]:
    registration = registration_for(request.user, course) if request.user.is_authenticated else None
    if registration is None:
        return set()
    rows = StudyProgress.objects.filter(registration=registration, finished_at__isnull=False)
    return set(rows.values_list("page_id", flat=True))


def _study(request: HttpRequest, page: LessonPage | TaskPage) -> HttpResponse:
    course = course_of(page)
    registration, progress = None, None
    preview = bool(getattr(request, "is_preview", False))
    if not preview:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        registration = registration_for(request.user, course)
        if registration is None and not may_read_as_staff(request.user, course):
            raise PermissionDenied("Lessons are for learners registered on this course and its staff.")
        if registration is not None:
            progress = StudyProgress.objects.filter(registration=registration, page_id=page.pk).first()
    items = study_items(course)
    place = next((n for n, item in enumerate(items) if item.pk == page.pk), None)
    shared = rendered(page, preview=preview)
    context = {
        "page": page, "course": course, "course_url": address(course), "registration": registration,
        "progress": progress, "shared": shared, "body": mark_safe(shared.body),
        "hours": _hours(page.minutes), "add_evidence_url": reverse("portfolio:evidence_new"),
        "is_task": isinstance(page, TaskPage),
        "previous": items[place - 1] if place else None,
        "next": items[place + 1] if place is not None and place + 1 < len(items) else None,
        "unit_url": address(page).rsplit("/", 2)[0] + "/", "unit_title": "This unit",
    }  # fmt: skip
    return render(request, "courses/study.html", context)


def _hours(minutes: int) -> str:
    """Minutes of work in words a busy person can plan with."""
    if minutes < 90:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours"


def _study_page(page_id: int) -> LessonPage | TaskPage:
    for model in (LessonPage, TaskPage):
        page = model.objects.filter(pk=page_id, live=True).first()
        if page is not None:
            return page
    raise Http404


def _own_registration(user: User, page: LessonPage | TaskPage) -> Registration:
    """The reader's own registration on the page's course; 404 where there is none."""
    registration = registration_for(user, course_of(page))
    if registration is None:
        raise Http404
    return registration


@require_POST
def remember(request: HttpRequest, page_id: int) -> HttpResponse:
    """The reader's script says how far they have read. Idempotent by nature: the last place stays."""
    page = _study_page(page_id)
    if not request.user.is_authenticated:
        return redirect_to_login(address(page))
    registration = _own_registration(request.user, page)
    known = dict(rendered(page).headings)
    anchor = request.POST.get("anchor", "")
    if anchor and anchor not in known:
        return JsonResponse({"error": "unknown place"}, status=400)
    now = timezone.now()
    remember_place(registration, page.pk, anchor, known.get(anchor, ""), at=now)
    return JsonResponse({"saved_at": timezone.localtime(now).strftime("%H:%M")})


@require_POST
def finish(request: HttpRequest, page_id: int) -> HttpResponse:
    """ "I have finished this": the next lesson opens. Idempotent by nature: the first time counts. Somebody whose
    session has ended comes back to the page after signing in."""
    page = _study_page(page_id)
    if not request.user.is_authenticated:
        return redirect_to_login(address(page))
    registration = _own_registration(request.user, page)
    open_page(registration, page.pk, at=timezone.now())
    finish_page(registration, page.pk, at=timezone.now())
    items = study_items(course_of(page))
    place = next(n for n, item in enumerate(items) if item.pk == page.pk)
    return redirect(items[place + 1].url if place + 1 < len(items) else "learn")
