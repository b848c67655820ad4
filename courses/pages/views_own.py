"""What a learner keeps beside the course: bookmarks, notes, and all that they answered. Theirs alone: every address
finds its rows by the learner's own registration, so that nobody else's can be asked for. And how large the text is."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.api import (
    Bookmark,
    add_bookmark,
    beside_page,
    bookmarks_of,
    current_registration,
    notes_of,
    remove_bookmark,
    save_note,
)
from lms.accounts.api import User
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.paging import keyset

from .comfort import comfort_of, keep
from .own import answers_of
from .policies import registrations_on
from .queries import address, course_of, live_study_page, rendered
from .views import own_registration, study_page

ON_A_PAGE = 20
ALL = 1000
METHODS = ["GET", "HEAD", "POST"]


def _words(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:100]


@require_safe
@login_required
def bookmarks(request: HttpRequest) -> HttpResponse:
    """A learner's own bookmarks, the newest first. `?q=`: those whose place or page has the words."""
    registration, words = current_registration(request), _words(request)
    rows = bookmarks_of(registration, words)
    page = keyset(request, rows, ["-made_at", "-pk"], size=ON_A_PAGE)
    context = {"page": page, "q": words, "registration": registration, "tab": "bookmarks"}
    return render(request, "courses/bookmarks.html", context)


@require_safe
@login_required
def notes(request: HttpRequest) -> HttpResponse:
    """A learner's own notes, the one written last first. `?q=`: with the words; `?all=1`: all, to print."""
    registration, words = current_registration(request), _words(request)
    size = ALL if request.GET.get("all") else ON_A_PAGE
    page = keyset(request, notes_of(registration, words), ["-saved_at", "-pk"], size=size)
    context = {"page": page, "q": words, "registration": registration, "all": size == ALL, "tab": "notes"}
    return render(request, "courses/notes.html", context)


@require_safe
@login_required
def answers(request: HttpRequest) -> HttpResponse:
    """All that a learner answered, wrote and decided in the course, one unit at a time (`?unit=` its number; else the
    one in which they answered last)."""
    registration = current_registration(request)
    mine = answers_of(registration, request.GET.get("unit", ""))
    return render(request, "courses/answers.html", {"mine": mine, "registration": registration, "tab": "answers"})


@require_POST
def bookmark(request: HttpRequest, page_id: int) -> HttpResponse:
    """Marks a place of a page (`anchor`; "" is its beginning). Idempotent by nature. A place that the page does not
    have (any more) is refused in words. `back=list`: goes to the list afterwards."""
    page, asked = study_page(page_id), {**request.GET.dict(), **request.POST.dict()}
    if not request.user.is_authenticated:
        return redirect_to_login(address(page))
    registration, shared = own_registration(request.user, page), rendered(page)
    anchor = asked.get("anchor", "")
    if anchor and anchor not in shared.places:
        raise Refused("place-gone", "This place is no longer on the page, so it cannot be marked.",
                      fix_url=address(page))  # fmt: skip
    add_bookmark(registration, page.pk, anchor, shared.name_of(anchor), at=timezone.now())
    if asked.get("back") == "list":
        messages.success(request, "The bookmark is back.")
        return redirect("bookmarks")
    messages.success(request, f"Bookmarked: {shared.name_of(anchor)}.")
    return redirect(f"{address(page)}#{anchor}" if anchor else address(page))


@require_POST
@login_required
def bookmark_remove(request: HttpRequest, page_id: int) -> HttpResponse:
    """Takes one's own bookmark on a page away, with a way back. Idempotent by nature. Works for a page that is no
    longer published, too."""
    page = live_study_page(page_id)
    registration = own_registration(cast(User, request.user), page) if page else current_registration(request)
    anchor, to_list = request.POST.get("anchor", ""), request.POST.get("back") == "list"
    gone = remove_bookmark(registration, page_id, anchor)
    if gone is not None:
        back = f"?anchor={anchor}{'&back=list' if to_list else ''}"
        undo = f"undo:{reverse('study:bookmark', args=[page_id])}{back}"
        messages.success(request, f"Bookmark removed: {gone.title}.", extra_tags=undo)
    return redirect("bookmarks") if to_list or page is None else redirect(address(page))


@require_safe
def place(request: HttpRequest, page_id: int) -> HttpResponse:
    """Leads to a place that was marked (`?at=`): the paragraph, or the heading above it when the paragraph is gone."""
    page = study_page(page_id)
    anchor = request.GET.get("at", "")
    marks: list[Bookmark] = []
    if isinstance(request.user, User):
        marks = beside_page(registrations_on(request.user, course_of(page)), page.pk)[1].bookmarks
    title = next((mark.title for mark in marks if mark.anchor == anchor), "")
    found = rendered(page).nearest(anchor, title)
    return redirect(f"{address(page)}#{found}" if found else address(page))


@require_http_methods(METHODS)
@login_required
def note(request: HttpRequest, page_id: int) -> HttpResponse:
    """One's own note on a page. What cannot be saved is shown again with why; a note that was changed in another tab,
    with the other text. Idempotent by nature: the last text stays."""
    page = study_page(page_id)
    rows = registrations_on(cast(User, request.user), course_of(page))
    registration = own_registration(cast(User, request.user), page)
    reasons: list[Refused] = []
    text = request.POST.get("text", "")
    if request.method == "POST":
        try:
            save_note(registration, page.pk, text, at=timezone.now(), bases=bases_in(request.POST))
        except Refused as refusal:
            reasons = reasons_of(refusal)
        else:
            messages.success(request, "Your note is saved." if text.strip() else "Your note is empty now.")
            return redirect("notes" if request.POST.get("back") == "list" else address(page))
    kept = beside_page(rows, page.pk)[1].note
    context: dict[str, Any] = {
        "page": page, "url": address(page), "note": kept, "reasons": reasons,
        "text": text if reasons else kept.text if kept else "",
    }  # fmt: skip
    return render(request, "courses/note.html", context, status=422 if reasons else 200)


@require_POST
@login_required
def note_autosave(request: HttpRequest, page_id: int) -> JsonResponse:
    """Keeps a note as it is typed (lms.common.conflicts)."""
    page = study_page(page_id)
    registration, now = own_registration(cast(User, request.user), page), timezone.now()
    try:
        kept = save_note(registration, page.pk, request.POST.get("text", ""), at=now, bases=bases_in(request.POST))
    except Refused as refusal:
        return refused_answer(refusal)
    return saved_answer(timezone.localtime(now).strftime("%H:%M"), {"text": kept.text})


@require_http_methods(METHODS)
def comfort(request: HttpRequest) -> HttpResponse:
    """How large and wide apart the text of the course is, in this browser alone. `next`: where to go afterwards."""
    back = request.POST.get("next", "") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    back = back if safe else "/courses/"
    if request.method != "POST":
        return render(request, "courses/comfort.html", {"comfort": comfort_of(request), "back": back})
    answer = redirect(back)
    keep(answer, request.POST.get("size", ""), request.POST.get("spacing", ""))
    return answer
