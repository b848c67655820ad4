"""Opening and removing evidence files. They have no address of their own: every byte goes through the check here."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from lms.common.errors import Refused
from lms.common.once import act_once
from portfolio.domain.attach import remove_file
from portfolio.models import EvidenceFile
from portfolio.policies import may_add_files
from portfolio.processing.kinds import INLINE
from portfolio.queries import files_for

from .access import user_of
from .attach import files_page
from .serving import sealed, send


@login_required
@require_safe
@xframe_options_sameorigin
@sealed
def download(request: HttpRequest, ref: UUID) -> HttpResponseBase:
    """A checked file of a version that the person may see (rule 35), streamed from the private store; 404 for anybody
    else. Kinds that a browser shows safely open in the page, the others are saved. What is not checked or was not
    taken is opened by nobody: whoever added it reads why (409)."""
    file = get_object_or_404(files_for(user_of(request)), ref=ref)
    if not file.is_ready:
        raise _not_ready(file) if may_add_files(user_of(request), file.version) else Http404()
    inline = file.content_type in INLINE
    return send(request, file.stored_as, name=file.name, content_type=file.content_type, inline=inline)


def _not_ready(file: EvidenceFile) -> Refused:
    if file.state == EvidenceFile.State.REFUSED:
        return Refused("file-refused", file.problem)
    return Refused("file-checking", f"“{file.name}” is still being checked: for viruses, and for what kind of file it "
                   "is. You can open it in a few minutes.")  # fmt: skip


@login_required
@require_POST
def remove(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Takes a file off a draft, or off a record that its assessor has not signed. The file is fetched inside the act:
    the same form posted again finds the first one's result, not a missing file. There is nothing typed to show again:
    a refusal gets its own page (409)."""

    def act() -> str:
        file = get_object_or_404(files_for(user_of(request)), ref=ref)
        if not may_add_files(user_of(request), file.version):
            raise PermissionDenied("Only the person whose draft it is can take files away.")
        remove_file(file, by=user_of(request), at=timezone.now())
        messages.success(request, f"You removed “{file.name}”.")
        return files_page(file.version)

    return act_once(request, act)
