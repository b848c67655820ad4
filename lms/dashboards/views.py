"""The homes: the public front page, the trainee's home and details, notices and help."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.api import (
    Allocation,
    LearnerNumber,
    NumberMatch,
    Registration,
    current_registration,
    give_number,
    in_force,
    registrations_of,
)
from courses.delivery.current import SESSION_KEY
from courses.delivery.identifiers import NOT_YET_KNOWN
from courses.pages.outline import words_for_minutes
from lms.accounts.api import User
from lms.common.device import keep
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from lms.notices.api import Notice, mark_read

from .forms import NumberForm
from .queries import FORECAST_FROM, months_between, senco_title, trainee_home
from .steps import next_step

FEEDBACK_SHOWN = 6
DRAFTS_SHOWN = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page for somebody who has not signed in; otherwise the first home that their roles open."""
    if not request.user.is_authenticated:
        return render(request, "dashboards/landing.html")
    homes = request.user.homes
    return redirect(homes[0].url) if homes else render(request, "dashboards/no_role.html")


@require_safe
@login_required
def learn(request: HttpRequest) -> HttpResponse:
    """The trainee's home: what next, how long, how far."""
    user = cast(User, request.user)
    now = timezone.localtime()
    registrations = registrations_of(user)
    registration = current_registration(request, registrations)
    seen = trainee_home(user, registration, today=now.date(), at=now)
    done = seen.progress.achieved
    context = {
        "greeting": f"Good {part_of_day(now.hour)}", "home": seen, "progress": seen.progress, "step": next_step(seen),
        "registrations": registrations if len(registrations) > 1 else [], "registration": registration,
        "left": words_for_minutes(seen.minutes_left) if seen.minutes_left else "", "finish": seen.finish,
        "months": max(1, months_between(registration.registered_on, seen.today)),
        "early": 0 < done < FORECAST_FROM and not seen.progress.is_complete,
        "portfolio_url": reverse("portfolio:grid"),
        "feedback": seen.feedback[:FEEDBACK_SHOWN], "more_feedback": len(seen.feedback[FEEDBACK_SHOWN:]),
        "drafts": seen.unfinished_drafts[:DRAFTS_SHOWN], "more_drafts": len(seen.unfinished_drafts[DRAFTS_SHOWN:]),
        "more_notices": seen.unread - len(seen.notices),
    }  # fmt: skip
    return keep(render(request, "dashboards/learn.html", context), "home")


def part_of_day(hour: int) -> str:
    """The word of a greeting for an hour of the day."""
    return "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"


@require_POST
@login_required
def choose_registration(request: HttpRequest) -> HttpResponse:
    """The learner turns to another of their registrations. Idempotent by nature: the last choice stays."""
    chosen = request.POST.get("registration", "")
    if chosen not in {str(row.ref) for row in registrations_of(cast(User, request.user))}:
        raise Http404("This is not one of your registrations.")
    request.session[SESSION_KEY] = chosen
    return redirect("learn")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details(request: HttpRequest) -> HttpResponse:
    """What is on record of the learner's registration; takes their unique learner number (rule 40)."""
    registration = current_registration(request)
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return act_once(request, lambda: _take_number(request, registration, form.cleaned_data["uln"]))
        except Refused as refusal:
            for reason in reasons_of(refusal):
                form.add_error("uln" if reason.code.startswith("rule-40") else None, reason.message)
    status = 422 if form.is_bound else 200
    return render(request, "dashboards/details.html", _details(registration) | {"form": form}, status=status)


def _take_number(request: HttpRequest, registration: Registration, uln: str) -> str:
    kept = give_number(registration, uln, by=cast(User, request.user), at=timezone.now())
    if not kept:
        messages.info(request, "Thank you. Your centre will check this number.")
    elif "".join(uln.split()) == NOT_YET_KNOWN:
        messages.info(request, "Thank you. You can give your number here as soon as you know it.")
    else:
        messages.success(request, "Thank you. Your number is saved.")
    return reverse("learner_details")


def _details(registration: Registration) -> dict[str, Any]:
    row = Registration.objects.select_related(
        "learner", "centre", "qualification__awarding_organisation", "cohort__local_authority"
    ).get(pk=registration.pk)
    allocations = row.allocations.filter(in_force()).select_related("user").order_by("starts_on", "pk")
    people = {str(role.label): [a.user for a in allocations if a.role == role] for role in Allocation.Role}
    placements = row.placements.filter(in_force()).select_related("setting").order_by("starts_on", "pk")
    return {
        "registration": row,
        "people": {label: found for label, found in people.items() if found},
        "settings_now": [placement.setting for placement in placements],
        "number": LearnerNumber.objects.filter(learner=row.learner).first(),
        "checking": NumberMatch.objects.filter(registration=row, settled_at__isnull=True).exists(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """What the person has been told, newest first. Reading the page changes nothing; the POST marks everything as
    read, which is idempotent by nature."""
    user = cast(User, request.user)
    if request.method == "POST":
        mark_read(user, at=timezone.now())
        return redirect("notices")
    page = keyset(request, Notice.objects.filter(user=user), ["-created_at", "-pk"], size=20)
    return render(request, "dashboards/notices.html", {"page": page})


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How things work here, in plain words. Public: people read it before they sign in."""
    senco = senco_title(request.user) if request.user.is_authenticated else ""
    return render(request, "dashboards/help.html", {"senco": senco})
