"""The skills check: rating every outcome, what it shows, doing it again, using it as evidence."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.api import Registration, current_registration
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.domain.own_records import skills_evidence
from portfolio.domain.skills import discard_check, finish_check, missing, notes_of, rate, start_check
from portfolio.domain.snapshots import text_of_skills
from portfolio.forms_linking import errors_of
from portfolio.forms_skills import RatingForm, rating_forms
from portfolio.models import SkillsCheck
from portfolio.queries_skills import (
    Ratings,
    Result,
    SectionOutcomes,
    SectionRated,
    checks_of,
    finished,
    goals_of,
    is_rated,
    outcomes_by_section,
    own_development,
    ratings_of,
    result_of,
    suggested,
)

from .access import user_of
from .charts import average_bars, bars, marks, picture
from .step import METHODS

SHOWN = 5  # of a list; the others open with a press


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Where the learner's skills check stands, what the latest one shows, and how it changed (`?from=1&to=3` compares
    any two)."""
    registration, user = current_registration(request), user_of(request)
    checks = checks_of(registration, user)
    done = finished(checks)
    result = result_of(registration, checks, first=_number(request, "from"), last=_number(request, "to"))
    here = next((check for check in checks if not check.finished_at), None)
    context = {
        "registration": registration, "is_open": registration.state in Registration.OPEN_STATES, "checks": done,
        "here": here, "result": result, "tab": "skills", "criteria": _codes(registration),
    }  # fmt: skip
    if here:
        ratings = ratings_of(here)[here.pk]
        context |= {"rated": sum(is_rated(rating) for rating in ratings.values()),
                    "carry_on": _carry_on(registration, here, ratings),
                    "total": sum(len(part.outcomes) for part in outcomes_by_section(registration))}  # fmt: skip
    if result:
        open_gaps = {row.outcome.pk for row in suggested(result, goals_of(registration, user))}
        gaps = [(row, row.outcome.pk not in open_gaps) for row in result.gaps]
        context |= {
            "gaps": gaps[:SHOWN], "more_gaps": gaps[SHOWN:], "went_up": result.went_up[:SHOWN],
            "more_up": result.went_up[SHOWN:], "marks": marks(), "summary": _summary(result),
            "pictures": [(part, picture(bars(part.rows), _said(part))) for part in result.sections if part.rows],
        }  # fmt: skip
    return render(request, "portfolio/skills.html", context)


def _codes(registration: Registration) -> list[str]:
    return [criterion.code for criterion in own_development(registration)]


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def _said(part: SectionRated) -> str:
    return f"Ratings of the {len(part.rows)} statements of section {part.section.code}. The table below says the same."


def _summary(result: Result) -> dict:
    """The average of each section as a picture and as rows of a table."""
    rows = [
        (part.section, [(part.average(name, "before"), part.average(name, "after"))
                        for name in ("confidence", "competence")])
        for part in result.sections if part.rows
    ]  # fmt: skip
    label = "Average rating of each section. The table beside it says the same."
    return {"rows": rows, "picture": picture(average_bars(result.sections), label)}


def _carry_on(registration: Registration, check: SkillsCheck, ratings: Ratings) -> str:
    """The first section that lacks an answer, or the last step when none does."""
    for part in outcomes_by_section(registration):
        if not _is_done(part, ratings):
            return reverse("portfolio:skills_section", args=[check.number, part.section.code])
    return reverse("portfolio:skills_finish", args=[check.number])


def _is_done(part: SectionOutcomes, ratings: Ratings) -> bool:
    return all(is_rated(ratings.get(row.outcome.pk)) for row in part.outcomes)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Starts the next skills check, or goes on with the open one. There is nothing typed to show again: a refusal gets
    its own page (409)."""
    registration = current_registration(request)

    def act() -> str:
        check = start_check(registration, by=user_of(request), at=timezone.now())
        return reverse("portfolio:skills_section",
                       args=[check.number, outcomes_by_section(registration)[0].section.code])  # fmt: skip

    return act_once(request, act)


def _own_check(request: HttpRequest, number: int) -> SkillsCheck:
    """A check of the learner's registration by its number."""
    registration = current_registration(request)
    mine = SkillsCheck.objects.visible_to(user_of(request)).filter(registration=registration)
    check = get_object_or_404(mine, number=number)
    check.registration = registration
    return check


def _if_finished(request: HttpRequest, check: SkillsCheck) -> HttpResponseRedirect | None:
    """Reading a step of a finished check leads to what it shows."""
    if check.finished_at is None or request.method == "POST":
        return None
    messages.info(request, f"Skills check {check.number} is finished. You can do it again to show what is different.")
    return redirect("portfolio:skills")


def _saved(check: SkillsCheck, now: datetime) -> str:
    """When it was saved last, in words that stay true on another day."""
    when = timezone.localtime(check.saved_at)
    return f"{when:%H:%M}" if when.date() == timezone.localtime(now).date() else f"on {when.day} {when:%B, %H:%M}"


def _steps(check: SkillsCheck, ratings: Ratings, here: str) -> list[dict]:
    """The sections and the last step, for the indicator."""
    parts = outcomes_by_section(check.registration)
    found = [
        {"label": part.section.short_title, "is_done": _is_done(part, ratings), "is_here": part.section.code == here,
         "url": reverse("portfolio:skills_section", args=[check.number, part.section.code])}
        for part in parts
    ]  # fmt: skip
    last = {"label": "Finish", "is_done": False, "is_here": here == "finish",
            "url": reverse("portfolio:skills_finish", args=[check.number])}  # fmt: skip
    return [*found, last]


@login_required
@require_http_methods(METHODS)
def section(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """One section of a skills check. Idempotent by nature: the last answers stay. Nothing has to be answered now."""
    check = _own_check(request, number)
    if answer := _if_finished(request, check):
        return answer
    parts = outcomes_by_section(check.registration)
    place = next((place for place, part in enumerate(parts) if part.section.code == code), None)
    if place is None:
        raise Http404("There is no such section.")
    ratings = ratings_of(check)[check.pk]
    forms = rating_forms(parts[place], ratings, request.POST if request.method == "POST" else None)
    reasons: list[Refused] = []
    if request.method == "POST":
        try:
            check = _rate(request, check, forms)
        except Refused as refusal:
            reasons = reasons_of(refusal)
        reasons += errors_of(forms)
        if not reasons:
            return _onward(request, check, parts, place)
    context = {
        "check": check, "part": parts[place], "forms": forms, "reasons": reasons, "place": place + 1,
        "count": len(parts), "steps": _steps(check, ratings, code), "notes": notes_of(ratings),
        "saved": _saved(check, timezone.now()) if ratings else "",
    }  # fmt: skip
    return render(request, "portfolio/skills_section.html", context, status=422 if request.method == "POST" else 200)


def _rate(request: HttpRequest, check: SkillsCheck, forms: list[RatingForm]) -> SkillsCheck:
    """Saves whatever of these forms was posted and is valid."""
    said = {form.outcome.pk: answers for form in forms if (answers := form.said())}
    registration = check.registration
    check = rate(check, said, by=user_of(request), at=timezone.now(), bases=bases_in(request.POST))
    check.registration = registration
    return check


def _onward(request: HttpRequest, check: SkillsCheck, parts: list[SectionOutcomes], place: int) -> HttpResponse:
    if request.POST.get("then") == "later":
        messages.success(request, "Your answers are saved. Come back to them whenever you like.")
        return redirect("portfolio:skills")
    if place + 1 < len(parts):
        return redirect("portfolio:skills_section", number=check.number, code=parts[place + 1].section.code)
    return redirect("portfolio:skills_finish", number=check.number)


@login_required
@require_POST
def autosave(request: HttpRequest, number: int) -> JsonResponse:
    """Answers and notes saved as they are given. Idempotent by nature: the last ones stay."""
    check = _own_check(request, number)
    ratings = ratings_of(check)[check.pk]
    forms = [form for part in outcomes_by_section(check.registration)
             for form in rating_forms(part, ratings, request.POST) if form.posted]  # fmt: skip
    if wrong := errors_of(forms):
        return JsonResponse({"message": f"Not saved: {wrong[0].message}"}, status=422)
    try:
        _rate(request, check, forms)
    except Refused as refusal:
        return refused_answer(refusal)
    bases = bases_in(request.POST)
    notes = {form["note"].html_name: form.cleaned_data["note"] for form in forms if "note" in form.posted}
    time = timezone.localtime().strftime("%H:%M")
    return saved_answer(time, {name: text for name, text in notes.items() if name in bases})


@login_required
@require_http_methods(METHODS)
def finish(request: HttpRequest, number: int) -> HttpResponse:
    """The last step: what is not rated yet, with links to where it is; or finishing."""
    check = _own_check(request, number)
    if answer := _if_finished(request, check):
        return answer
    ratings = ratings_of(check)[check.pk]
    lacking = missing(check, check.registration, ratings)
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            finish_check(check, by=user_of(request), at=timezone.now())
            messages.success(request, "Your skills check is finished. Here is what it shows.")
            return reverse("portfolio:skills")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {
        "check": check, "lacking": lacking, "reasons": reasons, "steps": _steps(check, ratings, "finish"),
        "rated": sum(is_rated(rating) for rating in ratings.values()),
    }  # fmt: skip
    return render(request, "portfolio/skills_finish.html", context, status=422 if reasons else 200)


@login_required
@require_http_methods(METHODS)
def discard(request: HttpRequest, number: int) -> HttpResponse:
    """Asks, then deletes an open check with its answers. It is fetched inside the act: the same form posted again
    finds the first one's result."""
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            discard_check(_own_check(request, number), by=user_of(request), at=timezone.now())
            messages.success(request, "The skills check is deleted.")
            return reverse("portfolio:skills")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    check = _own_check(request, number)
    if answer := _if_finished(request, check):
        return answer
    context = {"check": check, "reasons": reasons}
    return render(request, "portfolio/skills_discard.html", context, status=422 if reasons else 200)


@login_required
@require_http_methods(METHODS)
def as_evidence(request: HttpRequest) -> HttpResponse:
    """Shows what the evidence would say, then makes it: a draft with the check, its change and the plan as they are
    today. `?from=` and `?to=` as on the overview."""
    registration, user, now = current_registration(request), user_of(request), timezone.now()
    first, last = _number(request, "from"), _number(request, "to")
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            version = skills_evidence(registration, first=first, last=last, by=user, at=now)
            messages.success(request, "Saved as a draft. Make the two declarations, and it is ready to submit.")
            return reverse("portfolio:evidence_declare", args=[version.evidence.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    result = result_of(registration, checks_of(registration, user), first=first, last=last)
    text = text_of_skills(result, goals_of(registration, user), at=now) if result else ""
    context = {"text": text, "reasons": reasons, "criteria": _codes(registration)}
    return render(request, "portfolio/skills_evidence.html", context, status=422 if reasons else 200)
