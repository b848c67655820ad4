"""Pictures of a file's pages."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portfolio.models import EvidenceFile, FileRendition
from portfolio.queries import files_for

from .access import user_of
from .serving import sealed, send


@login_required
@require_safe
@xframe_options_sameorigin
@sealed
def page(request: HttpRequest, ref: UUID, number: int) -> HttpResponseBase:
    """The picture of one page of a checked file that the person may open (rule 35); 404 for anybody else and for a
    page without a picture."""
    pages = FileRendition.objects.filter(kind=FileRendition.Kind.PAGE, number=number).exclude(stored_as="")
    readable = files_for(user_of(request)).filter(ref=ref, state=EvidenceFile.State.READY)
    found = get_object_or_404(pages.defer("text"), file__in=readable.values("pk"))
    return send(request, found.stored_as, name=f"page-{number}.webp", content_type="image/webp", inline=True)
