"""What a reader does on a lesson or task: answers its questions, reaches its end, prints its sheets."""

from dataclasses import replace
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST, require_safe

from content.answering import given
from content.pieces import Live
from courses.delivery.api import Registration, StudyAnswer, StudyProgress, answer_block, mark_comments_read, reach_end
from lms.accounts.api import User
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.device import is_late
from lms.common.errors import Refused

from .models import StudyPage, TaskPage
from .policies import authority_of, registration_for
from .queries import Rendered, address, course_of, rendered, study_items
from .reading import left_of, live_for, reader_of
from .views import RefusedAnswers, admit, own_registration, shown_again, study_page

GONE = "This part is no longer on the page. Reload the page to see what is there now."
LINES_ON_A_SHEET = 24


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _wants_block(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _to_sign_in(request: HttpRequest, back: str) -> HttpResponse:
    """A script that swaps a block in is told to go there; it would put the sign-in page into the lesson otherwise."""
    answer = redirect_to_login(back)
    return HttpResponse(headers={"HX-Redirect": answer.url}) if _wants_block(request) else answer


@require_POST
def answer(request: HttpRequest, page_id: int, block_id: UUID) -> HttpResponse:
    """An answer to a block of a page, by its learner. A form gets the page at that block; htmx the block; who accepts
    JSON {"saved_at", "is_right", "tries", "done"} with, for a text, its new base, or a refusal (lms.common.conflicts).
    `then=portfolio`: goes on to make evidence of a reflection. Idempotent by nature: the same answer is not another
    try."""
    page = study_page(page_id)
    here = f"{address(page)}#block-{block_id}"
    if not request.user.is_authenticated:
        return _to_sign_in(request, here)
    registration, shared = own_registration(request.user, page), rendered(page)
    live = next((live for live in shared.live if live.block == str(block_id) and live.made), None)
    try:
        if live is None:
            raise Refused("block-gone", GONE, fix_url=address(page))
        row = _keep(request, registration, page, live, shared)
    except Refused as refusal:
        if _wants_json(request):
            return refused_answer(refusal)
        if live is None:
            raise
        return _refused(request, registration, page, live, refusal)
    if _wants_json(request):
        return _saved(request, row)
    if _wants_block(request):
        return HttpResponse(_block(request, registration, page, live, row) + what_is_left(registration, page, shared))
    if request.POST.get("then") == "portfolio":
        return redirect("portfolio:from_reflection", page_id=page.pk, block_id=block_id)
    return redirect(here)


def _keep(request: HttpRequest, registration: Registration, page: StudyPage, live: Live,
          shared: Rendered) -> StudyAnswer:  # fmt: skip
    return answer_block(
        registration, page.pk, UUID(live.block), live.kind,
        lambda saved: given(live.kind, live.made, request.POST, saved),
        at=timezone.now(), bases=bases_in(request.POST), to_finish=shared.to_finish,
        late_over=request.POST.get("over", "") if is_late(request) else None,
    )  # fmt: skip


def _saved(request: HttpRequest, row: StudyAnswer) -> JsonResponse:
    time = timezone.localtime(row.saved_at).strftime("%H:%M")
    if "text" in row.value and bases_in(request.POST):
        return saved_answer(time, {"text": row.value["text"]})
    facts: dict[str, object] = {"is_right": row.is_right, "tries": row.tries, "done": row.done_at is not None}
    return JsonResponse({"saved_at": time, **facts})


def _refused(request: HttpRequest, registration: Registration, page: StudyPage, live: Live,
             refusal: Refused) -> HttpResponse:  # fmt: skip
    """Shows what was sent, with why it was not kept, where it was sent from."""
    refused = {live.block: (refusal, request.POST)}
    if not _wants_block(request):
        return shown_again(request, page, refused)
    row = StudyAnswer.objects.filter(registration=registration, page_id=page.pk, block=live.block).first()
    return HttpResponse(_block(request, registration, page, live, row, refused), status=422)


def _block(request: HttpRequest, registration: Registration, page: StudyPage, live: Live,
           row: StudyAnswer | None, refused: RefusedAnswers | None = None) -> str:  # fmt: skip
    one = Rendered(pieces=(), headings=(), statements=())
    reader = replace(reader_of(page, one, registration), token=get_token(request), refused=refused or {},
                     answers={live.block: row} if row else {}, by_script=True)  # fmt: skip
    return live_for(live, reader)


def what_is_left(registration: Registration, page: StudyPage, shared: Rendered) -> str:
    """What is left on the page, to be put in place of what the page said."""
    rows = StudyAnswer.objects.filter(registration=registration, page_id=page.pk)
    progress = StudyProgress.objects.filter(registration=registration, page_id=page.pk).first()
    left = left_of(shared, {str(row.block): row for row in rows})
    is_task = isinstance(page, TaskPage)
    return render_to_string(
        "courses/_left.html", {"left": left, "progress": progress, "is_task": is_task, "again": True}
    )


@require_POST
def finish(request: HttpRequest, page_id: int) -> HttpResponse:
    """ "I have finished this": goes on to the next page in any case, and says what is still open. Idempotent by nature:
    the first time counts. A script that saw the end come into view accepts JSON, gets {"finished", "left"} and stays.
    Somebody whose session has ended comes back to the page after signing in."""
    page = study_page(page_id)
    if not request.user.is_authenticated:
        return redirect_to_login(address(page))
    registration, shared = own_registration(request.user, page), rendered(page)
    now = timezone.now()
    finished = reach_end(registration, page.pk, shared.to_finish, at=now)
    if any(live.kind == "draft" for live in shared.live):
        mark_comments_read(registration, page.pk, at=now)
    if _wants_json(request):
        return JsonResponse({"finished": finished, "left": what_is_left(registration, page, shared)})
    rows = StudyAnswer.objects.filter(registration=registration, page_id=page.pk)
    left = left_of(shared, {str(row.block): row for row in rows})
    if left:
        messages.info(request, _still_open(page, left))
    items = study_items(course_of(page), authority_of(registration))
    place = next(n for n, item in enumerate(items) if item.pk == page.pk)
    return redirect(items[place + 1].url if place + 1 < len(items) else "learn")


def _still_open(page: StudyPage, left: list[Live]) -> str:
    places = ((address(page), one.block, one.label) for one in left)
    links = format_html_join(", ", '<a href="{}#block-{}">{}</a>', places)
    one = "One question is" if len(left) == 1 else f"{len(left)} questions are"
    return format_html("{} still open in “{}”: {}. You can come back whenever you like.", one, page.title, links)


@login_required
@require_safe
def sheet(request: HttpRequest, page_id: int, block_id: UUID) -> HttpResponse:
    """The printable sheet of an "In your setting" activity, for whoever may read its page: headings with ruled room."""
    page = study_page(page_id)
    course, user = course_of(page), cast(User, request.user)
    admit(user, page, course, registration_for(user, course))
    block = next((child for child in page.body if child.id == str(block_id) and child.block_type == "activity"), None)
    if block is None or not block.value["sheet"]:
        raise Http404
    headings = list(block.value["sheet"])
    context = {
        "page": page, "value": block.value, "headings": headings, "back": f"{address(page)}#block-{block_id}",
        "lines": range(max(3, LINES_ON_A_SHEET // len(headings))), "course": course,
    }  # fmt: skip
    return render(request, "courses/sheet.html", context)
