"""Making one document of several photographs."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import EvidenceVersion
from portfolio.domain.combine import combine_photos
from portfolio.forms_combine import CombineForm
from portfolio.policies import may_add_files
from portfolio.queries import photos_of
from portfolio.queries_uploads import version_for_files

from .access import user_of
from .attach import files_page
from .step import METHODS, if_submitted


@login_required
@require_http_methods(METHODS)
def combine(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Choose photographs of a draft and their order (GET), then have one document made of them (POST)."""
    version = _version(request, ref)
    if answer := if_submitted(request, version):
        return answer
    photos = photos_of(version)
    form = CombineForm(request.POST or None, photos=photos)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            made = combine_photos(version, form.chosen(), name=form.cleaned_data["name"], by=user_of(request),
                                  at=timezone.now())  # fmt: skip
            messages.success(request, f"“{made.name}” is being made. The photographs stay until it is ready.")
            return files_page(version)

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "photos": photos, "evidence": version.evidence, "version": version, "reasons": reasons,
               "back": files_page(version)}  # fmt: skip
    return render(request, "portfolio/combine.html", context, status=422 if reasons or form.errors else 200)


def _version(request: HttpRequest, ref: UUID) -> EvidenceVersion:
    version = version_for_files(user_of(request), ref)
    if version is None:
        raise Http404
    if not may_add_files(user_of(request), version):
        raise PermissionDenied("Only the person whose draft it is can change its files.")
    return version
