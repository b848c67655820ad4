"""Sending pictures, sound, films and files of lessons: every byte goes through the check here."""

from pathlib import PurePath
from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe
from wagtail.documents.models import Document
from wagtail.images.models import Image, Rendition

from content.uploads import CAPTIONS, FILM, SOUND
from lms.accounts.api import User
from lms.common.serving import sealed, send

from .files import may_choose, may_fetch

# A person's own browser may keep what a lesson shows while they read it again; another's session never gets it.
KEEP_FOR = 3600
IN_PAGE = {*SOUND, *FILM, CAPTIONS.removeprefix(".")}
PICTURES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}


def user_of(request: HttpRequest) -> User:
    """The signed-in person."""
    return cast(User, request.user)


@login_required
@require_safe
@xframe_options_sameorigin
@sealed
def document(request: HttpRequest, document_id: int, document_filename: str) -> HttpResponseBase:
    """A file of a lesson for whoever may fetch it; 404 for anybody else. Sound, films and captions play in the page,
    in parts as a player asks for them; everything else is saved."""
    file = get_object_or_404(Document.objects.select_related("collection"), pk=document_id)
    if file.filename != document_filename or not may_fetch(user_of(request), file):
        raise Http404
    inline = file.file_extension.lower() in IN_PAGE
    return send(request, default_storage, file.file.name, name=file.filename, content_type=file.content_type,
                inline=inline, keep_for=KEEP_FOR)  # fmt: skip


@login_required
@require_safe
@xframe_options_sameorigin
@sealed
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture by the name under which it is stored. What lessons show are renditions, without what a camera wrote
    into the original; the original is for whoever may choose it. 404 for anybody else and anything else."""
    content_type = PICTURES.get(PurePath(name).suffix.lower().removeprefix("."))
    rendition = Rendition.objects.filter(file=name).select_related("image__collection").first()
    original = None if rendition else Image.objects.filter(file=name).select_related("collection").first()
    allowed = (rendition and may_fetch(user_of(request), rendition.image)) or (
        original and may_choose(user_of(request), original)
    )
    if not allowed or content_type is None:
        raise Http404
    return send(request, default_storage, name, name=PurePath(name).name, content_type=content_type, inline=True,
                keep_for=KEEP_FOR)  # fmt: skip
