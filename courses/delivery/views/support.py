"""Where an authority records which of its Area SENCOs supports which setting."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from courses.delivery.domain.support import end_support, record_support, set_role_title
from courses.delivery.forms_support import EndSupportForm, SupportFilter, SupportForm, TitleForm
from courses.delivery.models import SettingSupport
from courses.delivery.queries_support import authorities_run_by, numbers_by_person, settings_of
from lms.accounts.api import Organisation, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset

SIZE = 100
METHODS = ["GET", "HEAD", "POST"]


def _authority(request: HttpRequest) -> tuple[Organisation, list[Organisation]]:
    """The authority that the page is about, and all that the person runs. ?authority= names one of several."""
    mine = authorities_run_by(cast(User, request.user))
    if not mine:
        raise PermissionDenied("Only an authority’s cohort managers see this page.")
    asked = request.GET.get("authority", "")
    chosen = next((one for one in mine if str(one.pk) == asked), None) if asked else mine[0]
    if chosen is None:
        raise Http404
    return chosen, mine


def _page(request: HttpRequest, authority: Organisation) -> str:
    """The list again, with the filters that were in force."""
    query = request.GET.urlencode()
    return reverse("delivery:support") + (f"?{query}" if query else "")


@login_required
@require_http_methods(METHODS)
def support(request: HttpRequest) -> HttpResponse:
    """The authority's settings and who supports each; several can be given to somebody at once. Raises
    PermissionDenied for everybody but its cohort managers."""
    user = cast(User, request.user)
    authority, mine = _authority(request)
    numbers = numbers_by_person(authority)
    narrow = SupportFilter(request.GET, [(str(row["pk"]), row["name"]) for row in numbers])
    chosen = narrow.chosen
    rows = settings_of(authority, words=chosen.get("q", ""), person=chosen.get("person", ""))
    form, reasons = SupportForm(authority, request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data

        def act() -> str:
            made = record_support(authority, sent["settings"], sent["person"], starts_on=sent["starts_on"], by=user,
                                  at=timezone.now())  # fmt: skip
            places = made[0].setting.name if len(made) == 1 else f"{len(made)} settings"
            passed = len(sent["settings"]) - len(made)
            also = f" {passed} of those you ticked they supported already." if passed else ""
            messages.success(request, f"{sent['person'].name} supports {places} "
                             f"from {sent['starts_on']:%-d %B %Y}.{also}")  # fmt: skip
            return _page(request, authority)

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {
        "authority": authority, "authorities": mine, "numbers": numbers, "narrow": narrow, "chosen": chosen,
        "page": keyset(request, rows, ["name", "pk"], size=SIZE), "form": form, "reasons": reasons,
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "delivery/support.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(METHODS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends somebody's support of a setting on a day. 404 for another authority's."""
    user = cast(User, request.user)
    _, mine = _authority(request)
    row = get_object_or_404(SettingSupport.objects.select_related("authority", "setting", "user"), pk=pk,
                            authority__in=mine)  # fmt: skip
    form, reasons = EndSupportForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["ends_on"]

        def act() -> str:
            end_support(row, ends_on=day, by=user, at=timezone.now())
            messages.success(request, f"{row.user.name}’s support of {row.setting.name} ends on {day:%-d %B %Y}.")
            return _page(request, row.authority)

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"row": row, "form": form, "reasons": reasons}
    return render(request, "delivery/support_end.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_http_methods(METHODS)
def title(request: HttpRequest) -> HttpResponse:
    """What the authority calls its Area SENCOs, on every page that its people read."""
    user = cast(User, request.user)
    authority, _ = _authority(request)
    sent = request.POST if request.method == "POST" else None
    form, reasons = TitleForm(sent, initial={"title": authority.area_senco_title}), []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            set_role_title(authority, form.cleaned_data["title"], by=user, at=timezone.now())
            authority.refresh_from_db()
            messages.success(request, f"People of {authority.name} now read “{authority.role_title}”.")
            return _page(request, authority)

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"authority": authority, "form": form, "reasons": reasons}
    return render(request, "delivery/support_title.html", context, status=422 if reasons or form.errors else 200)
