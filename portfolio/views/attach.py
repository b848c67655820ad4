"""The step of adding evidence that takes files."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lms.common.errors import Refused, reasons_of
from portfolio.domain.attach import add_file
from portfolio.files import ALLOWED, limit_text
from portfolio.forms import FilesForm
from portfolio.queries import latest_of

from .access import own_version, user_of
from .step import METHODS, if_submitted, onward, render_step
from .steps import address


@login_required
@require_http_methods(METHODS)
def add_files(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 3: files. Idempotent by nature: the same file is taken once. Each refused file gets its reason, the others
    are kept."""
    version = own_version(request, ref)
    if answer := if_submitted(request, version):
        return answer
    reasons: list[Refused] = []
    if request.method == "POST":
        for upload in request.FILES.getlist("files"):
            try:
                add_file(version, upload, by=user_of(request), at=timezone.now())
            except Refused as refusal:
                reasons += reasons_of(refusal)
        if not reasons:
            again = request.POST.get("then") == "add"
            return onward(request, version, address(version, "files" if again else "criteria"))
        version = latest_of(version.evidence)
    room = max(settings.EVIDENCE_MAX_FILES - len(version.files.all()), 0)
    context = {"form": FilesForm(room=room), "reasons": reasons, "room": room, "allowed": ALLOWED,
               "limit": limit_text(), "most": settings.EVIDENCE_MAX_FILES}  # fmt: skip
    return render_step(request, "files", version, context)
