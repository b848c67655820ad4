"""The learner's own assessment plan, to read and to answer; and what is planned, for calendars."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from assessment.domain.calendar import end_calendar_key, make_calendar_key
from assessment.domain.plan import agree_plan, send_back_plan
from assessment.forms_plan import AnswerForm
from assessment.ics import Entry, calendar_of
from assessment.models import CalendarKey
from assessment.queries_plan import calendar_key_of, planned_for_calendar, planned_for_learner, revision
from courses.delivery.api import Registration, current_registration
from lms.accounts.api import Role, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once

from .plan import find_registration, page_of
from .workspace import person

HOST = settings.SITE_ADDRESS.split("://")[-1].split(":")[0]


@login_required
@require_safe
def my_plan(request: HttpRequest) -> HttpResponse:
    """The learner's own plan: what they are asked to agree, and what is in force."""
    return _show(request, current_registration(request))


def _show(request: HttpRequest, registration: Registration, form: AnswerForm | None = None,
          reasons: list[Refused] | None = None) -> HttpResponse:  # fmt: skip
    context = {
        "registration": registration, "page": page_of(registration, drafts=False), "form": form or AnswerForm(),
        "reasons": reasons or [], "is_open": registration.state in Registration.OPEN_STATES,
    }  # fmt: skip
    return render(request, "assessment/plan_mine.html", context, status=422 if reasons else 200)


@login_required
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """The learner agrees the plan (`answer=agree`) that the form was about (`number`), or sends it back."""
    registration = current_registration(request)
    form = AnswerForm(request.POST)
    form.is_valid()

    def act() -> str:
        number = request.POST.get("number", "")
        if not number.isdecimal():
            raise Http404
        plan = get_object_or_404(registration.plans.exclude(state="draft"), number=int(number))
        now, user = timezone.now(), person(request)
        if request.POST.get("answer") == "agree":
            agree_plan(plan, by=user, at=now)
            messages.success(request, "You have agreed the plan. Your assessor has been told.")
        else:
            send_back_plan(plan, form.cleaned_data.get("comment", ""), by=user, at=now)
            messages.success(request, "You have sent the plan back. Your assessor has been told what should change.")
        return reverse("assessment:my_plan")

    try:
        return act_once(request, act)
    except Refused as refusal:
        return _show(request, registration, form, reasons_of(refusal))


@login_required
@require_safe
def my_plan_revision(request: HttpRequest, number: int) -> HttpResponse:
    """One revision of the learner's plan, to read."""
    registration = current_registration(request)
    shown = revision(registration, number, today=timezone.localdate(), at=timezone.now(), drafts=False)
    if shown is None:
        raise Http404
    context = {"registration": registration, "shown": shown, "back": reverse("assessment:my_plan"), "is_own": True}
    return render(request, "assessment/plan_revision.html", context)


def _entries(rows: Any, user: User) -> list[Entry]:
    """Planned assessments as a person's calendar says them: what, when, where and with whom, and nothing else."""
    entries = []
    for row in rows:
        registration = row.plan.registration
        own = registration.learner_id == user.pk
        if row.is_visit:
            with_whom = f"Visit by {row.visitor or 'your assessor'}" if own else f"Visit to {registration.learner.name}"
        else:
            with_whom = "Due" if own else f"Due from {registration.learner.name}"
        page = reverse("assessment:my_plan") if own else reverse("assessment:plan", args=[registration.ref])
        entries.append(Entry(
            ref=row.ref, revision=row.plan.number, agreed_at=row.plan.answered_at, title=f"{with_whom}: {row.what}",
            day=row.due_on, starts_at=row.starts_at, minutes=row.minutes, place=row.place,
            url=f"{settings.SITE_ADDRESS}{page}",
        ))  # fmt: skip
    return entries


def _answer_with(content: bytes, filename: str = "") -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    if filename:
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _download(registration: Registration, user: User, name: str, filename: str) -> HttpResponse:
    entries = _entries(planned_for_learner([registration]), user)
    return _answer_with(calendar_of(entries, name=name, host=HOST), filename)


@login_required
@require_safe
def my_plan_calendar(request: HttpRequest) -> HttpResponse:
    """The learner's plan in force as a file for their calendar program."""
    registration = current_registration(request)
    return _download(registration, person(request), "Assessment plan", "assessment-plan.ics")


@login_required
@require_safe
def plan_calendar(request: HttpRequest, ref: Any) -> HttpResponse:
    """A learner's plan in force as a file for the assessor's calendar program."""
    registration = find_registration(request, ref)
    name = registration.learner.name
    return _download(registration, person(request), f"Assessment plan: {name}", f"{slugify(name) or 'plan'}.ics")


def check_has_calendar(user: User) -> None:
    """Only learners and assessors have anything planned. Raises PermissionDenied."""
    if not user.has_role(Role.ASSESSOR) and not Registration.objects.filter(learner=user).exists():
        raise PermissionDenied("This page is for trainees and their assessors.")


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The secret address of the person's calendar: what it gives, how to use it, how to end it."""
    user = person(request)
    check_has_calendar(user)
    key = calendar_key_of(user)
    url = request.build_absolute_uri(reverse("assessment:calendar_feed", args=[key.key])) if key else ""
    context = {"key": key, "url": url, "subscribe": f"webcal://{url.split('://')[-1]}", "is_assessor":
               user.has_role(Role.ASSESSOR)}  # fmt: skip
    return render(request, "assessment/plan_calendar.html", context)


@login_required
@require_POST
def calendar_make(request: HttpRequest) -> HttpResponse:
    """A new secret address; the one before ends."""
    user = person(request)
    check_has_calendar(user)

    def act() -> str:
        had_one = calendar_key_of(user) is not None
        make_calendar_key(user, at=timezone.now())
        messages.success(request, "Your calendar has a new address. The old one has ended." if had_one else
                         "Your calendar has an address now.")  # fmt: skip
        return reverse("assessment:calendar")

    return act_once(request, act)


@login_required
@require_POST
def calendar_end(request: HttpRequest) -> HttpResponse:
    """Ends the secret address."""
    user = person(request)
    check_has_calendar(user)

    def act() -> str:
        end_calendar_key(user)
        messages.success(request, "The address has ended. Calendars that used it get nothing more.")
        return reverse("assessment:calendar")

    return act_once(request, act)


@require_safe
def calendar_feed(request: HttpRequest, key: UUID) -> HttpResponse:
    """What a calendar program reads: without a session, for whoever holds the secret address. 404 once it has ended or
    its person has left."""
    row = get_object_or_404(CalendarKey.objects.select_related("user").filter(user__is_active=True), key=key)
    entries = _entries(planned_for_calendar(row.user, today=timezone.localdate()), row.user)
    return _answer_with(calendar_of(entries, name="SENCO Pathway", host=HOST))
