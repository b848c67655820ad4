"""Concerns for a child's safety (rule 5): anybody raises one; the safeguarding leads of the centre alone read it."""

import re
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.domain.safeguarding import close_concern, leads_of, note_concern, raise_concern, read_concern
from courses.delivery.forms_safeguarding import ConcernForm, NoteForm
from courses.delivery.models import Registration, SafeguardingConcern
from courses.delivery.policies import centres_to_tell
from lms.accounts.models import Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

SIZE = 30
REFERENCE = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")
OPENED = "safeguarding-opened"  # which concerns were opened in this session; reading them is written down then
AWAY = "no-store"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Raises a concern. `?about=` a registration that the person may see: in whose work it arose."""
    user = cast(User, request.user)
    about = _about(request, user)
    centres = list(centres_to_tell(user).order_by("name"))
    if about is not None:
        centres = [centre for centre in centres if centre.pk == about.centre_id]
    form, reasons = ConcernForm(request.POST or None, centres=centres, about=about), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            row = raise_concern(
                form.chosen_centre, form.cleaned_data["concern"], about=form.chosen_about, by=user, at=timezone.now()
            )
            said = "" if leads_of(row.centre_id) else "&waits=1"
            return f"{reverse('safeguarding:raised')}?reference={row.reference}{said}"

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"form": form, "reasons": reasons, "about": about, "centres": centres}
    return render(request, "delivery/safeguarding_new.html", context, status=422 if reasons or form.errors else 200)


def _about(request: HttpRequest, user: User) -> Registration | None:
    asked = request.POST.get("about", "") if request.method == "POST" else request.GET.get("about", "")
    if not asked:
        return None
    rows = Registration.objects.visible_to(user).select_related("learner", "centre")
    try:
        return get_object_or_404(rows, ref=asked)
    except ValidationError:
        return None


@login_required
@require_safe
def raised(request: HttpRequest) -> HttpResponse:
    """What happens now, with the reference to quote. The concern itself cannot be read back."""
    reference = request.GET.get("reference", "")
    context = {"reference": reference if REFERENCE.fullmatch(reference) else "", "waits": "waits" in request.GET}
    return render(request, "delivery/safeguarding_raised.html", context)


def _lead(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not user.has_role(Role.SAFEGUARDING_LEAD):
        raise PermissionDenied("This page is for the safeguarding leads of a centre.")
    return user


def _concern(request: HttpRequest, ref: UUID) -> SafeguardingConcern:
    rows = SafeguardingConcern.objects.visible_to(_lead(request))
    return get_object_or_404(rows.select_related("centre", "raised_by", "about__learner", "closed_by"), ref=ref)


@login_required
@require_safe
def concerns(request: HttpRequest) -> HttpResponse:
    """The concerns of the lead's centre that are open, and with `?show=closed` those that are closed."""
    user, closed = _lead(request), request.GET.get("show") == "closed"
    rows = SafeguardingConcern.objects.visible_to(user).filter(closed_at__isnull=not closed)
    rows = rows.select_related("raised_by", "centre").defer("concern")
    page = keyset(request, rows, ["-closed_at", "-pk"] if closed else ["raised_at", "pk"], size=SIZE)
    return render(request, "delivery/safeguarding_list.html", {"page": page, "closed": closed})


@login_required
@require_safe
def concern(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A concern: its words once the lead has opened it in this session, which is written down; else a cover."""
    return _page(request, _concern(request, ref), NoteForm())


def _page(request: HttpRequest, row: SafeguardingConcern, form: NoteForm, reasons: list[Refused] | None = None,
          status: int = 200) -> HttpResponse:  # fmt: skip
    is_open = str(row.ref) in request.session.get(OPENED, [])
    notes = list(row.notes.select_related("written_by").order_by("pk")) if is_open else []
    context = {"concern": row, "is_read": is_open, "notes": notes, "form": form, "reasons": reasons or []}
    response = render(request, "delivery/safeguarding_concern.html", context, status=status)
    response["Cache-Control"] = AWAY
    return response


@login_required
@require_POST
def read(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The lead opens a concern to read it; that they did is written down each time."""
    row = _concern(request, ref)

    def act() -> str:
        read_concern(row, by=cast(User, request.user), at=timezone.now())
        request.session[OPENED] = [*request.session.get(OPENED, [])[-20:], str(row.ref)]
        return reverse("safeguarding:concern", args=[ref])

    return act_once(request, act)


@login_required
@require_POST
def note(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Adds what was done about a concern."""
    return _write(request, ref, note_concern, "Your note is kept.")


@login_required
@require_POST
def close(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Closes a concern, with a last note."""
    return _write(request, ref, close_concern, "Closed. It stays on record.")


def _write(request: HttpRequest, ref: UUID, change: Callable[..., Any], said: str) -> HttpResponse:
    row, form = _concern(request, ref), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)

    def act() -> str:
        change(row, form.cleaned_data["text"], by=cast(User, request.user), at=timezone.now())
        messages.success(request, said)
        return reverse("safeguarding:concern", args=[ref])

    try:
        return act_once(request, act)
    except Refused as refusal:
        return _page(request, row, form, reasons_of(refusal), status=422)
