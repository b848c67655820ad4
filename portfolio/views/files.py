"""Opening and removing evidence files. They have no address of their own: every byte goes through the check here."""

from typing import Any
from uuid import UUID

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from lms.common.once import act_once
from portfolio.domain.attach import remove_file
from portfolio.files import INLINE, store_room
from portfolio.policies import owns
from portfolio.queries import files_for

from .access import user_of

# What a file may do when the browser shows it: nothing but be seen, here or inside one of our own pages.
POLICY: dict[str, Any] = {
    "sandbox": True,
    "default-src": [NONE],
    "img-src": [SELF],
    "media-src": [SELF],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
}


@login_required
@require_safe
@xframe_options_sameorigin
@csp(POLICY)  # type: ignore[arg-type]
def download(request: HttpRequest, ref: UUID) -> FileResponse:
    """A file of a version that the person may see (rule 35), streamed from the private store; 404 for anybody else.
    Kinds that a browser shows safely open in the page, the others are saved."""
    file = get_object_or_404(files_for(user_of(request)), ref=ref)
    try:
        content = store_room().open(file.stored_as)
    except FileNotFoundError:
        raise Http404("This file is not in the store any more.") from None
    charset = "; charset=utf-8" if file.content_type.startswith("text/") else ""
    response = FileResponse(
        content, as_attachment=file.content_type not in INLINE, filename=file.name,
        content_type=f"{file.content_type}{charset}",
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def remove(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Takes a file off the learner's draft. The file is fetched inside the act: the same form posted again finds the
    first one's result, not a missing file. There is nothing typed to show again: a refusal gets its own page (409)."""

    def act() -> str:
        file = get_object_or_404(files_for(user_of(request)), ref=ref)
        if not owns(user_of(request), file.version.evidence):
            raise PermissionDenied("Only the learner can change their portfolio.")
        remove_file(file, by=user_of(request), at=timezone.now())
        messages.success(request, f"You removed “{file.name}”.")
        return reverse("portfolio:evidence_files", args=[file.version.evidence.ref])

    return act_once(request, act)
