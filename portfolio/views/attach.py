"""The step of adding evidence that takes files, and what shows how far each one is."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import EvidenceFile, EvidenceVersion
from portfolio.domain.attach import add_file
from portfolio.domain.upload import end
from portfolio.files import ALLOWED, limit_text
from portfolio.forms import FilesForm
from portfolio.policies import may_add_files
from portfolio.queries import latest_of
from portfolio.queries_uploads import MEGABYTE, limit_of, open_uploads, upload_of, version_for_files

from .access import own_version, user_of
from .step import METHODS, if_recorded, if_submitted, onward, render_step
from .steps import address, after

State = EvidenceFile.State


@dataclass(frozen=True)
class FileList:
    """A version's files for a page that shows how far each one is: `seen` changes when any of them does."""

    files: list[EvidenceFile]
    checking: int
    seen: str
    said: str
    pictures: int

    @classmethod
    def of(cls, version: EvidenceVersion) -> "FileList":
        """The files of a version, in the order in which they came."""
        files = sorted(version.files.all(), key=lambda file: file.pk)
        checking, refused = (sum(file.state == state for file in files) for state in (State.CHECKING, State.REFUSED))
        seen = "-".join(f"{file.pk}{file.state[0]}" for file in files) or "none"
        pictures = sum(file.is_ready and file.media == "image" for file in files)
        return cls(files, checking, seen, _said(len(files), checking, refused), pictures)


def _said(count: int, checking: int, refused: int) -> str:
    """What a screen reader is told when the list changes."""
    if not count:
        return ""
    if checking:
        return f"{checking} of {count} files {'is' if checking == 1 else 'are'} being checked."
    not_taken = f", {refused} not taken" if refused else ""
    return f"Every file is checked: {count - refused} ready{not_taken}."


def files_page(version: EvidenceVersion) -> str:
    """Where files of a draft are added and taken away: its learner's step, or the page of its recorder."""
    if version.is_recorded:
        return reverse("assessment:record", args=[version.evidence.ref])
    return address(version, "files")


def files_context(version: EvidenceVersion) -> dict:
    """What the parts of a page that takes files need: the list, uploads that wait, the form and its limits."""
    found, waiting = FileList.of(version), list(open_uploads(version, at=timezone.now()))
    room = max(settings.EVIDENCE_MAX_FILES - len(found.files), 0)
    return {
        "version": version, "evidence": version.evidence, "list": found, "waiting": waiting, "room": room,
        "form": FilesForm(room=room), "most": settings.EVIDENCE_MAX_FILES, "allowed": ALLOWED,
        "limit": f"{limit_of(version) // MEGABYTE} MB", "limit_bytes": limit_of(version), "form_limit": limit_text(),
        "part_bytes": settings.UPLOAD_PART_BYTES,
    }  # fmt: skip


@login_required
@require_http_methods(METHODS)
def add_files(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Step 3: files. Idempotent by nature: the same file is taken once. Each refused file gets its reason, the others
    are kept. Larger files come in parts (views.tus) and need no form."""
    version = own_version(request, ref)
    if answer := if_submitted(request, version) or if_recorded(request, version):
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
            return onward(request, version, address(version, "files") if again else after(version, "files"))
        version = latest_of(version.evidence)
    return render_step(request, "files", version, {"reasons": reasons, **files_context(version)})


@require_safe
def file_list(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The list of a draft's files alone, for a page that looks again while some are being checked: 204 when nothing
    has changed since `seen`. Not signed in: 401, so that no sign-in page lands inside the page."""
    if not request.user.is_authenticated:
        return HttpResponse("You have been signed out.", status=401, content_type="text/plain; charset=utf-8")
    version = version_for_files(user_of(request), ref)
    if version is None:
        raise Http404
    if not may_add_files(user_of(request), version):
        raise PermissionDenied("Only the person whose draft it is sees how far its files are.")
    found = FileList.of(version)
    if found.seen == request.GET.get("seen"):
        return HttpResponse(status=204)
    context = {"list": found, "evidence": version.evidence, "version": version, "most": settings.EVIDENCE_MAX_FILES,
               "again": True}  # fmt: skip
    return render(request, "portfolio/_file_list.html", context)


@login_required
@require_POST
def end_upload(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Throws away an upload that is not finished, from the list of those that wait. A refusal gets its own page."""

    def act() -> str:
        upload = upload_of(user_of(request), ref)
        if upload is None:
            raise Http404
        end(upload, by=user_of(request), at=timezone.now())
        messages.success(request, f"“{upload.name}” is thrown away.")
        return files_page(upload.version)

    return act_once(request, act)
