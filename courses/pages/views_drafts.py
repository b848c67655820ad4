"""Drafts for comments: the learner sends one and takes it back; the tutor's list, and the page where they comment."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.answering import given
from content.pieces import Live
from courses.delivery.api import (
    Registration,
    TutorDraft,
    answer_block,
    save_comments,
    send_comments,
    send_draft,
    take_back,
)
from courses.delivery.queries_drafts import (
    COMMENTED,
    WAITING,
    cohorts_with_drafts,
    counts_of,
    drafts_for,
    is_tutor_of,
    narrowed,
    shown,
)
from lms.accounts.api import Role, User
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

from .forms import CommentsForm, DraftFilter
from .models import StudyPage
from .queries import address, live_block, live_study_page
from .views import own_registration, shown_again, study_page

SIZE = 25
GONE = "This part is no longer on the page. What you sent is kept, and your tutor can still comment on it."


def _act(request: HttpRequest, page_id: int, block_id: UUID,
         change: Callable[[Registration, StudyPage, Live], None]) -> HttpResponse:  # fmt: skip
    """Does something with the learner's own draft and goes back to its block; a refusal is shown there."""
    page = study_page(page_id)
    here = f"{address(page)}#block-{block_id}"
    if not request.user.is_authenticated:
        return redirect_to_login(here)
    registration, live = own_registration(request.user, page), live_block(page, block_id)
    if live is None or live.kind != "draft":
        raise Refused("block-gone", GONE, fix_url=address(page))
    try:
        change(registration, page, live)
    except Refused as refusal:
        return shown_again(request, page, {str(block_id): (refusal, request.POST)})
    return redirect(here)


@require_POST
def send(request: HttpRequest, page_id: int, block_id: UUID) -> HttpResponse:
    """Saves what the learner's box says and sends it to their tutors. Idempotent by nature: a version that waits is not
    sent again."""
    now = timezone.now()

    def change(registration: Registration, page: StudyPage, live: Live) -> None:
        if "text" in request.POST and not _waits(registration, page, block_id, request.POST["text"]):
            answer_block(
                registration, page.pk, block_id, live.kind,
                lambda saved: given(live.kind, live.made, request.POST, saved), at=now, bases=bases_in(request.POST),
            )  # fmt: skip
        # What was written stays, whether it can be sent or not.
        send_draft(registration, page.pk, block_id, by=cast(User, request.user), at=now)

    return _act(request, page_id, block_id, change)


def _waits(registration: Registration, page: StudyPage, block_id: UUID, text: str) -> bool:
    """The very words have been sent and wait."""
    rows = TutorDraft.objects.filter(registration=registration, page_id=page.pk, block=block_id)
    return rows.filter(commented_at__isnull=True, text=text.replace("\r\n", "\n").strip()).exists()


@require_POST
def back(request: HttpRequest, page_id: int, block_id: UUID) -> HttpResponse:
    """Takes back the version that waits. Idempotent by nature: twice is once."""

    def change(registration: Registration, page: StudyPage, live: Live) -> None:
        take_back(registration, page.pk, block_id, by=cast(User, request.user), at=timezone.now())

    return _act(request, page_id, block_id, change)


@login_required
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """The drafts that a tutor may read: those that wait, the oldest first; `?show=commented`, the newest first. Raises
    PermissionDenied for whoever is no tutor."""
    user = cast(User, request.user)
    rows = drafts_for(user)
    cohorts = cohorts_with_drafts(user)
    if not user.has_role(Role.TUTOR) and not rows.exists():
        raise PermissionDenied("Drafts are for tutors.")
    which = COMMENTED if request.GET.get("show") == COMMENTED else WAITING
    form = DraftFilter(request.GET, cohorts)
    found = narrowed(rows, form.chosen)
    order = ["sent_at", "pk"] if which == WAITING else ["-commented_at", "-pk"]
    counts = counts_of(found)
    tabs = [("Waiting", WAITING, _query(request, ""), counts[WAITING]),
            ("Commented", COMMENTED, _query(request, COMMENTED), counts[COMMENTED])]  # fmt: skip
    context = {
        "page": keyset(request, shown(found, which), order, size=SIZE), "form": form, "chosen": form.chosen,
        "tabs": tabs, "which": which, "several": len(cohorts) > 1,
    }  # fmt: skip
    return render(request, "courses/drafts.html", context)


def _query(request: HttpRequest, show: str) -> str:
    """The list with another tab and the same filters."""
    asked = request.GET.copy()
    for name in ("after", "before", "show"):
        asked.pop(name, None)
    if show:
        asked["show"] = show
    return f"?{asked.urlencode()}"


def _draft(request: HttpRequest, ref: UUID) -> TutorDraft:
    """A draft of a learner whose tutor the person is. 404 for everybody else, its learner too: they have it in the
    lesson."""
    draft: TutorDraft = get_object_or_404(drafts_for(cast(User, request.user)), ref=ref)
    return draft


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One draft with the lesson's prompt and earlier versions beside it, and the comments. A POST sends them."""
    row, user = _draft(request, ref), cast(User, request.user)
    page = live_study_page(row.page_id)
    form = CommentsForm(request.POST if request.method == "POST" else None, initial={"comments": row.comments})
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            url = f"{address(row.page)}#block-{row.block}"
            sent = send_comments(row, form.cleaned_data["comments"], url=url, bases=bases_in(request.POST), by=user,
                                 at=timezone.now())  # fmt: skip
            messages.success(request, f"{sent.registration.learner.name} has your comments.")
            return reverse("tutor:drafts")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
            row = _draft(request, ref)
    colleague = row.commented_by if row.commented_by_id not in (None, user.pk) else None
    context = {
        "draft": row, "lesson": page, "lesson_url": address(row.page), "form": form, "reasons": reasons,
        "prompt": _prompt(page, row), "earlier": _others(row, user),
        "colleague": colleague, "is_theirs": colleague is not None and is_tutor_of(colleague, row.registration),
    }  # fmt: skip
    return render(request, "courses/draft.html", context, status=422 if reasons or form.errors else 200)


def _prompt(page: StudyPage | None, draft: TutorDraft) -> Any:
    """What the lesson asks for, as it stands today; None when it no longer does."""
    live = live_block(page, draft.block) if page is not None else None
    return live.made if live is not None and live.kind == "draft" else None


def _others(draft: TutorDraft, user: User) -> list[TutorDraft]:
    """The other versions, the latest first."""
    rows = drafts_for(user).filter(registration=draft.registration_id, page=draft.page_id, block=draft.block)
    return list(rows.exclude(pk=draft.pk).order_by("-number"))


@login_required
@require_POST
def comments(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Keeps comments as they are typed. A script posts; it gets {"saved_at", "bases"} or a refusal in JSON."""
    row = _draft(request, ref)
    now = timezone.now()
    try:
        saved = save_comments(row, request.POST.get("comments", ""), bases=bases_in(request.POST),
                              by=cast(User, request.user), at=now)  # fmt: skip
    except Refused as refusal:
        return refused_answer(refusal)
    return saved_answer(timezone.localtime(now).strftime("%H:%M"), {"comments": saved.comments})
