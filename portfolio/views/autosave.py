"""Saving what a learner types while they type it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused
from portfolio.api import save_draft, set_links
from portfolio.domain.write import TYPED, whys
from portfolio.forms import DeclareForm, StartForm, WriteForm
from portfolio.forms_linking import LinkForm, errors_of, link_forms, typed_links
from portfolio.queries import latest_of

from .access import own_evidence, user_of

FORMS = (StartForm, WriteForm, DeclareForm)


@login_required
@require_POST
def autosave(request: HttpRequest, ref: UUID) -> JsonResponse:
    """Text saved as it is typed, from any step of adding evidence. Idempotent by nature: the last text stays.
    Answers {"saved_at": "14:02", "bases": …}; or, with 409 or 422, {"message": why not} and, when a text was changed
    elsewhere meanwhile, {"conflicts": …} with the other text (lms.common.conflicts)."""
    version = latest_of(own_evidence(request, ref))
    now, by, bases = timezone.now(), user_of(request), bases_in(request.POST)
    changes: dict[str, object] = {}
    links: list[LinkForm] = []
    for form in (kind(request.POST) for kind in FORMS):
        form.is_valid()
        posted = {
            name for name in form.fields if any(key == name or key.startswith(f"{name}_") for key in request.POST)
        }
        if {"text", "ai_used"} & posted & form.errors.keys():
            return JsonResponse({"message": "Not saved: this text holds a character that cannot be kept."}, status=422)
        changes |= {name: value for name, value in form.cleaned_data.items() if name in posted & set(TYPED)}
    try:
        if changes:
            version = save_draft(version, by=by, at=now, bases=bases, **changes)
        if any(key.startswith("link") for key in request.POST):
            links = link_forms(version, request.POST)
            version = set_links(version, typed_links(links), by=by, at=now, bases=bases)
    except Refused as refusal:
        return refused_answer(refusal)
    texts = {"text": version.text, "ai_used": version.ai_used, **whys(version.links.all())}
    time = timezone.localtime(now).strftime("%H:%M")
    if wrong := errors_of(links):
        time = f"{time}, but not all of it: {wrong[0].message}"
    return saved_answer(time, {name: text for name, text in texts.items() if name in bases})
