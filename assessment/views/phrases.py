"""The phrases library: a page to keep it, and what the workspace asks for when a phrase is inserted."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.domain.phrases import MOST, add_phrase, change_phrase, count_use, may_keep, remove_phrase
from assessment.forms_desk import PhraseFilter, PhraseForm
from assessment.models import Phrase
from assessment.queries_notes import LIBRARIES, found_phrases, phrases_for
from lms.accounts.api import Organisation, Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

from .notes import METHODS
from .workspace import person

SIZE = 25


def _reader(request: HttpRequest) -> User:
    """Who asks. Raises PermissionDenied (403) for somebody who neither assesses nor assures."""
    user = person(request)
    if not user.has_role(*LIBRARIES):
        raise PermissionDenied("The phrases are for assessors and quality assurers.")
    return user


def _kept_by(user: User) -> list[Organisation]:
    """The centres whose phrases the user keeps."""
    return list(Organisation.objects.filter(pk__in=user.organisations(Role.LEAD_IQA)).order_by("name"))


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The user's phrases and their centres', the most used first; ?q= and ?use= narrow it."""
    user = _reader(request)
    form = PhraseFilter(request.GET)
    chosen = form.chosen
    page = keyset(request, found_phrases(user, **chosen), ["-used", "title", "pk"], size=SIZE)
    rows = [(phrase, may_keep(phrase, user)) for phrase in page]
    may_add = user.has_role(Role.ASSESSOR, Role.LEAD_IQA)
    context = {"form": form, "page": page, "rows": rows, "chosen": chosen, "may_add": may_add}
    return render(request, "assessment/phrases.html", context)


@login_required
@require_safe
def as_list(request: HttpRequest) -> JsonResponse:
    """Every phrase of the user for the workspace's list, the most used first; read when it is first opened."""
    user = _reader(request)
    rows = phrases_for(user).order_by("-used", "title", "pk")[: 2 * MOST]
    found = [
        {"title": row.title, "text": row.text, "use": row.use, "own": row.owner_id == user.pk,
         "used": reverse("assessment:phrase_used", args=[row.ref])}
        for row in rows
    ]  # fmt: skip
    return JsonResponse({"phrases": found})


@login_required
@require_POST
def used(request: HttpRequest, ref: Any) -> JsonResponse:
    """A phrase was inserted: one more use. Not once-tokened: it counts how often it was asked, for the order alone."""
    count_use(get_object_or_404(phrases_for(_reader(request)), ref=ref), by=person(request), at=timezone.now())
    return JsonResponse({})


@login_required
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """Adds a phrase: the assessor's own or, by its lead IQA, the centre's."""
    user = _reader(request)
    if not user.has_role(Role.ASSESSOR, Role.LEAD_IQA):
        raise PermissionDenied("Assessors and lead internal quality assurers add phrases.")
    form = PhraseForm(_kept_by(user), own=user.has_role(Role.ASSESSOR), data=request.POST or None,
                      use=request.GET.get("use", ""))  # fmt: skip
    return _write(request, user, form, None)


@login_required
@require_http_methods(METHODS)
def change(request: HttpRequest, ref: Any) -> HttpResponse:
    """Changes a phrase. Raises PermissionDenied (403) for a centre's phrase, by others than its lead IQA."""
    user, phrase = _kept(request, ref)
    form = PhraseForm([], own=True, phrase=phrase, data=request.POST or None)
    return _write(request, user, form, phrase)


def _kept(request: HttpRequest, ref: Any) -> tuple[User, Phrase]:
    user = _reader(request)
    phrase = get_object_or_404(phrases_for(user).select_related("centre"), ref=ref)
    if not may_keep(phrase, user):
        raise PermissionDenied("The centre’s phrases are kept by its lead internal quality assurer.")
    return user, phrase


def _write(request: HttpRequest, user: User, form: PhraseForm, phrase: Phrase | None) -> HttpResponse:
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said: dict[str, Any] = {**form.values, "by": user, "at": timezone.now()}
            row = change_phrase(phrase, **said) if phrase else add_phrase(centre=form.centre, **said)
            messages.success(request, f"“{row.title}” is saved.")
            return reverse("assessment:phrases")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "phrase": phrase, "reasons": reasons}
    return render(request, "assessment/phrase.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(METHODS)
def remove(request: HttpRequest, ref: Any) -> HttpResponse:
    """Asks before a phrase is deleted (GET), then does it (POST)."""
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            user, phrase = _kept(request, ref)
            remove_phrase(phrase, by=user, at=timezone.now())
            messages.success(request, f"“{phrase.title}” is deleted. Decisions that used it keep their words.")
            return reverse("assessment:phrases")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    _, row = _kept(request, ref)
    context = {"phrase": row, "reasons": reasons}
    return render(request, "assessment/phrase_remove.html", context, status=422 if reasons else 200)
